"""What a stranger on the same network, or another page in the same browser, may try at the door."""

from __future__ import annotations

import json

import pytest

from api.store import BusyProjectError, MissingProjectError, StoreError


@pytest.mark.parametrize("path", ["rebuild.py", "vendor/VERSIONS.json", "../words.py", "%2e%2e/words.py", "vendor", ""])
def test_only_what_pages_load_is_in_the_static_folder(standing, path) -> None:
    assert standing.stranger().get(f"/static/{path}").status_code == 404


def test_static_files_are_kept_by_browsers_and_asked_for_again(standing) -> None:
    client = standing.stranger()
    first = client.get("/static/desk.js")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/static/desk.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "host",
    ["127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "localhost:1@evil", "127.0.0.1:x", ""],
)
def test_a_name_that_only_begins_like_this_machine_is_foreign(standing, host) -> None:
    assert standing.stranger().get("/healthz", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]", "[::1]:8000"])
def test_every_name_of_this_machine_is_its_own(standing, host) -> None:
    assert standing.stranger().get("/healthz", headers={"Host": host}).status_code == 200


def test_a_long_body_is_refused_before_it_is_read(standing) -> None:
    client = standing.stranger()
    long = client.post("/api/v1/undo", content=b" " * 2_000_001, headers={"Content-Type": "application/json"})
    assert long.status_code == 413
    chunks = client.post("/api/v1/undo", content=iter([b"{}"]), headers={"Content-Type": "application/json"})
    assert chunks.status_code == 411


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("embeds", '{"view":"cells","layers":["\\ud800"]}'),
        ("embeds", '{"view":"cells","layers":["cells"],"areas":["\\ud800"]}'),
        ("edits", '{"action":"\\ud800","revision":1}'),
        ("edits", '{"action":"merge","cells":["\\u0000","x"],"revision":1}'),
        ("undo", "[" * 100_000),
        ("undo", '{"revision":' + "9" * 6_000 + "}"),
        ("undo", '{"revision":' + "9" * 30 + "}"),
    ],
)
def test_what_is_not_text_or_no_number_is_refused_not_a_fault(standing, path, body) -> None:
    answer = standing.user().post(f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert {"zh", "en"} <= set(answer.json()["error"])


@pytest.mark.parametrize("kind", [BusyProjectError, MissingProjectError, StoreError])
def test_no_path_or_server_of_the_project_is_told_to_a_client(standing, monkeypatch, kind) -> None:
    def broken(*_, **__):
        raise kind("项目 /home/li/秘密.gpkg 出错", "project /home/li/secret.gpkg failed")

    monkeypatch.setattr("api.store.Project.count", broken)
    answer = standing.stranger().get("/readyz")
    assert answer.status_code == 503
    assert "/home" not in answer.text
    assert "gpkg" not in answer.text


def test_a_fault_carries_the_headers_of_every_answer(standing, monkeypatch) -> None:
    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("api.store.Project.count", broken)
    answer = standing.stranger().get("/readyz")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "origin",
    ["https://a.example\n", "https://a.example;script-src *", "https://a.example'", "https://*", "https://a,b", "*",
     "https://a.example/x", "https://u@a.example", "null", "https://:::", "https://", "data:x"],
)  # fmt: skip
def test_an_origin_cannot_write_into_the_policy(standing, origin) -> None:
    body = {"view": "cells", "layers": ["cells"], "origin": origin}
    answer = standing.user().post(
        "/api/v1/embeds", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
