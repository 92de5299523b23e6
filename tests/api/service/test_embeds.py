"""Maps for other people's pages: read-only, by token, nothing sensitive on them."""

from __future__ import annotations

import pytest


def made(client, **terms):
    return client.post("/api/v1/embeds", json={"view": "cells", "layers": ["villages", "cells"], **terms})


def test_an_embed_opens_by_its_token_and_by_nothing_else(served) -> None:
    answer = made(served.user(), origin="https://board.example")
    assert answer.status_code == 201
    embed = answer.json()
    assert set(embed) == {"url", "token", "expires_at"}
    stranger = served.stranger()
    page = stranger.get(embed["url"])
    assert page.status_code == 200
    assert "frame-ancestors https://board.example" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    assert stranger.get("/embed/gaps", params={"token": embed["token"]}).status_code == 404
    assert stranger.get("/embed/cells", params={"token": "guess"}).status_code == 404
    assert stranger.get("/api/v1/state", params={"token": embed["token"]}).status_code == 401
    assert embed["token"] not in str(served.project.settings)


@pytest.mark.parametrize("layer", ["cameras", "members", "views", "sites", "assignments", "homes"])
def test_sensitive_layers_are_refused(served, layer) -> None:
    answer = made(served.user(), layers=["cells", layer])
    assert answer.status_code == 422
    assert layer in answer.json()["error"]["zh"]


def test_an_embed_is_over_when_its_minutes_are(served, monkeypatch) -> None:
    embed = made(served.user(), minutes=1).json()
    assert served.stranger().get(embed["url"]).status_code == 200
    monkeypatch.setattr("api.routes.embeds._alive", lambda _: False)
    assert served.stranger().get(embed["url"]).status_code == 404


def test_an_embed_of_one_area_shows_that_area_only(served) -> None:
    villages = served.project.read("villages")
    mine, other = villages["village_code"].iloc[0], villages["village_code"].iloc[-1]
    page = served.stranger().get(made(served.user(), areas=[mine]).json()["url"]).text
    assert mine in page
    assert other not in page
    assert made(served.user(), areas=["999"]).status_code == 404


def test_no_camera_or_member_is_in_any_embed(served) -> None:
    names = ("villages", "cells", "gaps", "places", "barriers", "buildings", "coverage")
    page = served.stranger().get(made(served.user(), view="coverage", layers=list(names)).json()["url"])
    assert page.status_code == 200, page.text
    ids = [*served.project.read("cameras")["camera_id"][:50], *served.project.read("members")["member_id"][:50]]
    assert not [each for each in ids if each in page.text]


@pytest.mark.parametrize(
    "terms", [{"view": "homes"}, {"origin": "javascript:x"}, {"minutes": 0}, {"layers": []}, {"x": 1}]
)
def test_malformed_terms_are_refused(served, terms) -> None:
    assert made(served.user(), **terms).status_code == 422


def test_an_embed_cannot_be_made_from_another_page(served) -> None:
    client = served.user()
    client.headers["Origin"] = "http://evil.example"
    assert made(client).status_code == 403
