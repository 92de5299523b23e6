"""Plans and history over HTTP: who may do what, what a conflict answers, and the page of history."""

from __future__ import annotations

import pytest

from api.jobs.edit import Merge, Remark, run_edit
from api.server import running
from api.store import open_project
from tests.api.jobs.conftest import Hand
from tests.api.service.test_drawing import at, choose, settled

OTHER = "http://elsewhere.example"


def test_a_planner_takes_a_plan_from_draft_to_final_and_on(served) -> None:
    client, plan = served.user("planner"), served.project.current_plan()
    for status in ("review", "final"):
        assert client.post("/api/v1/plans/status", json={"status": status}).status_code == 200
    state = client.get("/api/v1/state").json()
    assert (state["status"], state["can_edit"]) == ("final", False)
    refused = client.post("/api/v1/plans/status", json={"status": "draft"})
    assert (refused.status_code, "branch" in refused.json()["error"]["en"]) == (409, True)
    code = served.project.read("cells")["cell_code"].iloc[0]
    body = {"action": "remark", "cell": code, "text": "看", "revision": state["revision"]}
    assert client.post("/api/v1/edits", json=body).status_code == 409
    made = client.post("/api/v1/plans/branch", json={"name": "b"})
    assert (made.status_code, made.json()["parent"]) == (201, plan)
    body["revision"] = client.get("/api/v1/state").json()["revision"]
    done = client.post("/api/v1/edits", json=body).json()
    assert next(each for each in done["cells"]["features"] if each["id"] == code)["properties"]["note"] == "看"
    listed = {row["plan"]: row for row in client.get("/api/v1/plans").json()}
    assert (listed["b"]["edits_since_final"], listed[plan]["status"]) == (1, "final")
    assert client.get("/api/v1/plans/changes").json()["attributes"][0]["after"] == "看"
    row = client.get("/api/v1/history", params={"plan": "b"}).json()[0]
    assert (row["who"], row["action"], row["after"]["cells"][code]) == ("planner", "remark", {"note": "看"})
    restored = client.post("/api/v1/plans/restore", json={"at": row["id"], "name": "c"})
    assert restored.status_code == 201
    assert client.get("/api/v1/state").json()["plan"] == "c"


@pytest.mark.parametrize("role", ["viewer", "security"])
def test_those_who_do_not_draw_read_without_counts_and_change_nothing(served, role) -> None:
    cell = served.project.read("cells")["cell_code"].iloc[0]
    run_edit(served.project, Remark(cell, "张三家"), who="李")
    client, rows = served.user(role), served.project.count("history")
    assert "households" not in client.get("/api/v1/plans").json()[0]
    history = client.get("/api/v1/history")
    assert (history.status_code, history.json()[0]["who"]) == (200, "李")
    for path in ("/api/v1/history", "/api/v1/cells.geojson", "/history", "/api/v1/plans"):
        assert "张三" not in client.get(path).text
    assert "data-post" not in client.get("/history").text
    row = history.json()[-1]["id"]
    for path, body in (("branch", {}), ("status", {"status": "review"}), ("restore", {"at": row})):
        assert client.post(f"/api/v1/plans/{path}", json=body).status_code == 403
    assert client.get("/api/v1/plans/changes").status_code == 403
    assert served.project.count("history") == rows


def test_a_scope_sees_its_own_edits_and_decides_on_no_whole_plan(served) -> None:
    hand = Hand(served.project)
    mine, theirs = hand.pairs()[:2]
    run_edit(served.project, Merge(*theirs), who="王")
    run_edit(served.project, Remark(mine[0], "看"), who="李")
    client = served.user("planner", (mine[0][:-3],))
    rows = client.get("/api/v1/history").json()
    assert {row["village_code"] for row in rows} == {None, mine[0][:-3]}
    assert client.get("/api/v1/plans").json()[0]["villages"] == 1
    assert client.post("/api/v1/plans/status", json={"status": "review"}).status_code == 403
    assert client.post("/api/v1/plans/branch", json={}).status_code == 403
    body = {"action": "lock", "cells": [theirs[0]], "revision": client.get("/api/v1/state").json()["revision"]}
    assert client.post("/api/v1/edits", json=body).status_code == 403


def test_only_the_services_own_pages_change_plans(served) -> None:
    client = served.user("admin")
    for path, body in (("branch", {}), ("status", {"status": "review"}), ("restore", {"at": "x"})):
        sent = client.post(f"/api/v1/plans/{path}", json=body, headers={"Origin": OTHER})
        assert sent.status_code == 403
    assert served.stranger().get("/api/v1/history").status_code == 401
    assert served.stranger().get("/history").status_code == 401


def test_service_rows_are_for_admins(served) -> None:
    with served.project.change(who="service", action="sign in") as change:
        change.record(after={"user": "王"})
    actions = {
        role: {row["action"] for row in served.user(role).get("/api/v1/history").json()}
        for role in ("admin", "planner")
    }
    assert actions["admin"] - actions["planner"] == {"sign in"}


def test_a_late_edit_learns_who_was_first_and_gets_both_versions(served) -> None:
    hand = Hand(served.project)
    (keep, other), client = hand.pairs()[0], served.user("planner")
    revision = client.get("/api/v1/state").json()["revision"]
    run_edit(served.project, Merge(keep, other), who="王")
    body = {"action": "move", "blocks": ["x"], "to": other, "revision": revision}
    refused = client.post("/api/v1/edits", json=body)
    conflict = refused.json()["conflict"]
    assert refused.status_code == 409
    assert refused.json()["revision"] == conflict["now"]["revision"] == client.get("/api/v1/state").json()["revision"]
    assert {keep, other} <= {each["id"] for each in conflict["yours"]["cells"]["features"]}
    assert other not in {each["id"] for each in conflict["now"]["cells"]["features"]}
    assert conflict["yours"]["asked"]["blocks"] == ["x"]
    assert [row["who"] for row in conflict["changes"]] == ["王"]
    described = served.app.openapi()["paths"]["/api/v1/edits"]["post"]["responses"]["409"]
    assert described["content"]["application/json"]["schema"]["$ref"].endswith("Conflict")


def test_signs_that_no_database_takes_are_refused_or_left_out(served) -> None:
    client = served.user("planner")
    for path in ("/api/v1/history", "/api/v1/plans/changes", "/history"):
        assert client.get(path, params={"plan": "p\x00"}).status_code == 422
    made = client.post("/api/v1/plans/branch", json={"name": "b", "note": "给\x00镇里\x1b[31m看\n二稿"})
    assert made.status_code == 201
    assert client.get("/api/v1/plans").json()[-1]["note"] == "给 镇里 [31m看 二稿"


def test_names_and_remarks_are_text_on_the_page(served) -> None:
    code = served.project.read("cells")["cell_code"].iloc[0]
    run_edit(served.project, Remark(code, "<script>alert(1)</script>"), who='<img src="x">')
    page = served.user("planner").get("/history").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<img src="x">' not in page


@pytest.mark.browser
def test_history_is_read_on_a_narrow_window(browser, tiny_project) -> None:
    with open_project(tiny_project) as project, running(project) as link:
        run_edit(project, Remark(project.read("cells")["cell_code"].iloc[0], "与镇里商量"), who="李")
        page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
        page.goto(link)
        page.goto(f"{link.partition('/?')[0]}/history")
        words = page.locator("td:nth-child(3)").first.bounding_box()
        assert words["width"] > 300
        assert words["height"] < 100
        page.context.close()


@pytest.mark.browser
def test_what_was_drawn_outlives_a_conflict_and_history_restores(browser, tiny_project) -> None:
    with open_project(tiny_project) as project, running(project) as link:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page, faults = context.new_page(), []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(link)
        page.wait_for_selector("html[data-ready=desk]")
        hand = Hand(project)
        code = hand.cells().set_index("cell_code")["area_m2"].idxmax()
        choose(page, project, code)
        page.keyboard.press("s")
        (x, south), (_, north) = hand.line(code)
        page.mouse.click(*at(page, x, south + 0.0009))
        page.mouse.click(*at(page, x, north - 0.0009))
        run_edit(project, Remark(code, "慢一点"), who="王")
        before, rows = hand.shown(), project.count("history")
        page.keyboard.press("Enter")
        settled(page)
        toast = page.locator("#wg-toast").inner_text()
        assert "王" in toast
        assert "慢一点" in toast
        assert (hand.shown(), project.count("history")) == (before, rows)
        page.keyboard.press("Enter")
        settled(page)
        assert len(hand.shown()) == len(before) + 1
        page.click("#wg-history")
        page.locator("tbody tr", has_text="慢一点").get_by_role("button").click()
        page.locator(".wg-plans li").nth(1).wait_for()
        assert hand.shown() == before
        assert len(project.read("plans")) == 2
        context.close()
    assert faults == []
