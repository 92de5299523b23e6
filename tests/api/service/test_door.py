"""Who gets in: one-time links, sessions, roles, scopes, hosts, headers."""

from __future__ import annotations

import re

import pytest
from fastapi import Request

from api.jobs.user import UserOptions, run_user
from api.routes.same_origin import is_https

READS = ("/map", "/api/v1/state", "/api/v1/cells.geojson", "/api/v1/problems", "/api/v1/openapi.json", "/embed/cells")


@pytest.mark.parametrize("path", READS)
def test_nothing_is_shown_to_a_stranger(standing, path) -> None:
    answer = standing.stranger().get(path)
    assert answer.status_code == 401
    assert "wangge serve" in answer.json()["error"]["zh"]


def test_the_front_page_tells_a_stranger_what_to_do(standing) -> None:
    answer = standing.stranger().get("/")
    assert answer.status_code == 401
    assert "请先登录" in answer.text
    assert "盘山" not in answer.text


def test_health_and_static_files_are_open(standing) -> None:
    client = standing.stranger()
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/static/desk.js").status_code == 200


def test_a_link_works_once_and_its_token_leaves_the_address(standing) -> None:
    from api.auth import Principal

    token = standing.app.state.service.doorkeeper.invite(Principal("li", "admin"))
    first = standing.stranger()
    answer = first.get("/", params={"token": token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token not in cookie
    assert first.get("/api/v1/state").status_code == 200
    assert standing.stranger().get("/", params={"token": token}).status_code == 401


def test_a_user_of_the_project_signs_in_once(served) -> None:
    answer = run_user(served.project, UserOptions("王主任", "viewer"))
    client = served.stranger()
    assert client.get(answer["path"], follow_redirects=False).status_code == 303
    assert client.get("/api/v1/state").json()["user"] == "王主任"
    assert served.stranger().get(answer["path"]).status_code == 401
    assert answer["path"].removeprefix("/?token=") not in str(served.project.settings)


def test_a_foreign_host_name_is_refused(standing) -> None:
    answer = standing.stranger().get("/healthz", headers={"Host": "evil.example"})
    assert answer.status_code == 421


def test_pages_carry_a_policy_with_their_own_nonce_and_no_outside_address(standing) -> None:
    client = standing.user()
    for path in ("/", "/map"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy).group(1)
        scripts = re.findall(r"<script\b[^>]*>", answer.text)
        assert scripts
        assert all(f'nonce="{nonce}"' in script or "src=" in script or "json" in script for script in scripts)
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert client.get(path).headers["content-security-policy"] != policy
        assert not re.findall(r'(?:src|href)="https?://', answer.text)


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_cameras_are_for_security_officers(standing, role) -> None:
    client = standing.user(role)
    for layer in ("cameras", "views", "sites"):
        assert client.get(f"/api/v1/{layer}.geojson").status_code == 403
    assert standing.user("security").get("/api/v1/cameras.geojson").json()["features"]


@pytest.mark.parametrize("layer", ["homes", "members", "contacts", "history", "users", "incidents"])
def test_sensitive_layers_have_no_door(standing, layer) -> None:
    assert standing.user().get(f"/api/v1/{layer}.geojson").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "security"])
def test_who_may_not_draw_cannot(standing, role, state) -> None:
    client = standing.user(role)
    body = {"action": "merge", "cells": ["a", "b"], "revision": state(client)["revision"]}
    assert state(client)["can_edit"] is False
    assert client.post("/api/v1/edits", json=body).status_code == 403
    assert client.post("/api/v1/undo", json={"revision": 0}).status_code == 403


def test_a_scope_holds_reading_and_drawing(standing, state) -> None:
    everything = standing.user().get("/api/v1/cells.geojson").json()["features"]
    villages = sorted({each["properties"]["village_code"] for each in everything})
    client = standing.user("planner", (villages[0],))
    mine = client.get("/api/v1/cells.geojson").json()["features"]
    assert {each["properties"]["village_code"] for each in mine} == {villages[0]}
    others = [each["id"] for each in everything if each["properties"]["village_code"] == villages[1]]
    body = {"action": "merge", "cells": others[:2] * 2, "revision": state(client)["revision"]}
    body["cells"] = body["cells"][:2]
    assert client.post("/api/v1/edits", json=body).status_code == 403
    assert client.get("/api/v1/blocks.geojson", params={"village": villages[1]}).status_code == 404


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": ""}, {"Content-Type": "text/plain"}])
def test_a_request_forged_from_another_page_is_refused(standing, state, headers) -> None:
    client = standing.user()
    body = f'{{"revision": {state(client)["revision"]}}}'
    sent = {"Content-Type": "application/json"} | headers
    assert client.post("/api/v1/undo", content=body, headers=sent).status_code == 403


def test_a_user_who_gets_another_role_loses_the_session_of_the_old_one(served) -> None:
    client = served.stranger()
    client.get(run_user(served.project, UserOptions("li", "admin"))["path"])
    assert client.get("/api/v1/cameras.geojson").status_code == 200
    again = run_user(served.project, UserOptions("li", "viewer"))
    assert client.get("/api/v1/state").status_code == 401
    assert client.get(again["path"], follow_redirects=False).status_code == 303
    assert client.get("/api/v1/state").json()["role"] == "viewer"


def test_a_session_is_made_by_the_service_never_taken_from_the_browser(standing) -> None:
    from api.auth import Principal

    client = standing.stranger()
    cookie = standing.app.state.service.cookie
    client.cookies.set(cookie, "chosen-by-somebody-else", domain="127.0.0.1")
    token = standing.app.state.service.doorkeeper.invite(Principal("li", "admin"))
    answer = client.get("/", params={"token": token}, follow_redirects=False)
    assert "chosen" not in answer.headers["set-cookie"]
    client = standing.stranger()
    client.cookies.set(cookie, "chosen-by-somebody-else", domain="127.0.0.1")
    assert client.get("/api/v1/state").status_code == 401


@pytest.mark.parametrize(
    ("public", "origin", "taken"),
    [
        ("https://grid.example", "https://grid.example", True), ("https://grid.example/", "https://grid.example", True),
        ("", "https://grid.example", False), ("", "", False), ("https://grid.example", "", False),
        ("https://grid.example", "https://evil.example", False), ("https://grid.example", "http://grid.example", False),
    ],
)  # fmt: skip
def test_behind_a_proxy_only_the_public_origin_that_was_set_may_write(
    served, monkeypatch, public, origin, taken
) -> None:
    monkeypatch.setenv("WANGGE_PUBLIC_ORIGIN", public)
    client = served.user("admin")
    answer = client.post("/api/v1/plans/branch", json={}, headers={"Origin": origin})
    assert (answer.status_code != 403) is taken


@pytest.mark.parametrize(("host", "secure"), [("grid.example", True), ("127.0.0.1", False)])
def test_a_session_that_came_by_the_public_origin_stays_on_https(host, secure) -> None:
    request = Request({"type": "http", "scheme": "http", "path": "/", "headers": [(b"host", host.encode())]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANGGE_PUBLIC_ORIGIN", "https://grid.example/")
        assert is_https(request) is secure
    assert not is_https(request)


def test_the_page_of_the_printed_link_is_made_before_it_is_asked_for(served, monkeypatch) -> None:
    from api.auth import Principal
    from api.routes import pages

    state, made = served.app.state.service, []
    monkeypatch.setattr(pages, "drawing_page", lambda *_, **more: made.append(more["language"]) or "<page>")
    pages.prepare(state, Principal("admin", "admin"))
    assert made == ["zh"]
    assert served.user("admin").get("/").text == "<page>"
    assert made == ["zh"]
