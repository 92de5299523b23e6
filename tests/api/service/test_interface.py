"""The page of the interface in a real browser: from our own files, under the policy, for signed-in users only."""

from __future__ import annotations

import pytest

from api.server import running
from api.store import open_project


def test_what_each_address_does_is_said_in_a_few_words(standing) -> None:
    told = standing.user("viewer").get("/api/v1/openapi.json").json()["paths"]
    assert told["/map"]["get"]["summary"] == "Show the map, read-only, opened at one view"
    assert all(one["summary"] and "\n" not in one["summary"] for path in told.values() for one in path.values())


def test_only_signed_in_users_read_the_interface(standing) -> None:
    assert standing.stranger().get("/docs").status_code == 401
    page = standing.user("viewer").get("/docs")
    assert page.status_code == 200
    assert "'nonce-" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/map", "/docs", "/history"])
def test_a_person_without_a_session_gets_a_page_and_a_program_gets_json(standing, path) -> None:
    stranger = standing.stranger()
    page = stranger.get(path, headers={"Accept": "text/html,application/xhtml+xml"})
    assert page.status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    assert "请先登录" in page.text
    assert "wangge serve" in page.text
    assert set(stranger.get(path).json()["error"]) == {"kind", "zh", "en"}


@pytest.mark.browser
def test_the_interface_opens_tries_and_asks_nobody_else(browser, tiny_project) -> None:
    faults, asked = [], []
    with open_project(tiny_project) as project, running(project) as link:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.on("console", lambda note: faults.append(note.text) if note.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(link)
        page.goto(link.partition("/?")[0] + "/docs")
        page.wait_for_selector("html[data-ready=interface]")
        assert page.locator(".opblock-summary-path", has_text="/api/v1/edits").is_visible()
        assert (page.locator(".opblock").first.bounding_box() or {})["width"] > 1000
        state = page.locator(".opblock", has=page.locator('[data-path="/api/v1/figures"]'))
        state.locator(".opblock-summary-control").click()
        state.get_by_role("button", name="Try it out").click()
        state.get_by_role("button", name="Execute").click()
        page.wait_for_selector(".live-responses-table .response-col_status")
        assert page.locator(".live-responses-table .response-col_status").last.inner_text().startswith("200")
        context.close()
    assert faults == []
    assert {url for url in asked if not url.startswith((link[:20], "data:"))} == set()
