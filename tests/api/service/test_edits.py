"""Drawing through the API: split, merge, move, undo, redo, and what cannot be done."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from api.app import create_app
from api.store import open_project
from web import ground_text


@pytest.fixture
def desk(served):
    return Desk(served)


class Desk:
    """The drawing page's side of the conversation."""

    def __init__(self, served) -> None:
        self.project = served.project
        self.client = served.user("planner")
        self.revision = self.client.get("/api/v1/state").json()["revision"]

    def post(self, path: str, **body):
        return self.client.post(f"/api/v1/{path}", json={"revision": self.revision, **body})

    def done(self, path: str, **body):
        answer = self.post(path, **body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["revision"] == self.revision + 1
        self.revision += 1
        return answer.json()

    def cells(self):
        plan = self.project.current_plan()
        return self.project.read("cells", where={"plan": plan, "end_date": None}).sort_values("cell_code")

    def neighbours(self):
        """Give two cells of one village that share a border."""
        for _, cells in self.cells().groupby("village_code"):
            for i in range(len(cells)):
                for j in range(i + 1, len(cells)):
                    if cells.geometry.iloc[i].intersection(cells.geometry.iloc[j]).length > 0:
                        return cells.cell_code.iloc[i], cells.cell_code.iloc[j]
        pytest.fail("no neighbours")
        return None

    def holds(self) -> None:
        """Hold the stored plan to what every plan must be."""
        cells, villages = self.cells(), self.project.read("villages")
        assert shapely.coverage_is_valid(cells.geometry.to_numpy())
        for code, mine in cells.groupby("village_code"):
            border = villages.loc[villages.village_code == code].geometry.iloc[0]
            assert shapely.union_all(mine.geometry.to_numpy()).symmetric_difference(border).area < 1e-10
        assert np.isclose(cells.households.sum(), self.total)

    def remember(self):
        self.total = self.cells().households.sum()
        cells = self.cells()
        return {
            code: (round(households, 6), geometry.normalize().wkb)
            for code, households, geometry in zip(cells.cell_code, cells.households, cells.geometry, strict=True)
        }


def widest(cells, code):
    """Give a line straight across a cell, through its middle."""
    west, south, east, north = cells.set_index("cell_code").geometry[code].bounds
    middle = (west + east) / 2
    return [[middle, south - 0.001], [middle, north + 0.001]]


def test_merge_undo_redo(desk) -> None:
    before = desk.remember()
    a, b = desk.neighbours()
    done = desk.done("edits", action="merge", cells=[a, b])
    assert done["removed"] == [b]
    after = desk.remember()
    assert set(before) - set(after) == {b}
    desk.holds()
    assert done["can_undo"] is True
    undone = desk.done("undo")
    assert desk.remember() == before
    assert undone["can_redo"] is True
    assert b in {each["id"] for each in undone["cells"]["features"]}
    desk.done("redo")
    assert desk.remember() == after
    desk.holds()


def test_split_gives_a_new_code_and_valid_cells(desk) -> None:
    before = desk.remember()
    code = desk.cells().sort_values("area_m2").cell_code.iloc[-1]
    done = desk.done("edits", action="split", cell=code, line=widest(desk.cells(), code))
    new = {each["id"] for each in done["cells"]["features"]} - set(before)
    assert len(new) == 1
    assert done["removed"] == []
    desk.holds()
    desk.done("undo")
    assert desk.remember() == before
    assert desk.done("redo")["removed"] == []
    desk.holds()


def test_a_code_that_ended_is_not_given_again(desk) -> None:
    a, b = desk.neighbours()
    desk.done("edits", action="merge", cells=[a, b])
    known = set(desk.project.read("cells")["cell_code"])
    done = desk.done("edits", action="split", cell=a, line=widest(desk.cells(), a))
    fresh = {each["id"] for each in done["cells"]["features"]} - set(desk.remember())
    assert not fresh
    assert (set(desk.cells().cell_code) - known).isdisjoint({b})


def test_move_blocks_across_a_border(desk) -> None:
    before = desk.remember()
    moved = None
    a, b = desk.neighbours()
    village = desk.cells().set_index("cell_code").village_code[a]
    blocks = desk.client.get("/api/v1/blocks.geojson", params={"village": village}).json()["features"]
    for block in blocks:
        if block["properties"]["cell_code"] == a:
            answer = desk.post("edits", action="move", blocks=[block["id"]], to=b)
            if answer.status_code == 200:
                moved = block["id"]
                desk.revision += 1
                break
            assert answer.status_code == 409
    assert moved is not None
    desk.holds()
    plan = desk.project.current_plan()
    where = {"plan": plan, "block_id": moved}
    assert desk.project.read("plan_blocks", where=where)["cell_code"].tolist() == [b]
    desk.done("undo")
    assert desk.remember() == before


def test_undo_survives_a_restart(desk, served, tiny_project) -> None:
    before = desk.remember()
    a, b = desk.neighbours()
    desk.done("edits", action="merge", cells=[a, b])
    served.project.close()
    with open_project(tiny_project) as again:
        served.project, served.app = again, create_app(again)
        later = Desk(served)
        assert later.client.get("/api/v1/state").json()["can_undo"] is True
        later.done("undo")
        assert later.remember() == before


def test_a_stale_page_is_told_and_nothing_changes(desk) -> None:
    a, b = desk.neighbours()
    old = desk.revision
    desk.done("edits", action="merge", cells=[a, b])
    before = desk.remember()
    stale = desk.client.post(
        "/api/v1/edits", json={"action": "split", "cell": a, "line": widest(desk.cells(), a), "revision": old}
    )
    assert stale.status_code == 409
    assert stale.json()["revision"] == desk.revision
    assert desk.client.post("/api/v1/undo", json={"revision": old}).status_code == 409
    assert desk.remember() == before


def test_two_people_in_different_villages_do_not_stop_each_other(desk) -> None:
    pairs = []
    for _, cells in desk.cells().groupby("village_code"):
        if len(cells) >= 2 and cells.geometry.iloc[0].intersection(cells.geometry.iloc[1]).length > 0:
            pairs.append(cells.cell_code.tolist()[:2])
    old = desk.revision
    desk.done("edits", action="merge", cells=pairs[0])
    answer = desk.client.post("/api/v1/edits", json={"action": "merge", "cells": pairs[1], "revision": old})
    assert answer.status_code == 200, answer.text


def test_what_cannot_be_done_is_refused_in_words(desk) -> None:
    before = desk.remember()
    cells = desk.cells()
    first = cells.cell_code.iloc[0]
    other = cells[cells.village_code != cells.village_code.iloc[0]].cell_code.iloc[0]
    cases = [
        (409, {"action": "merge", "cells": [first, other]}),
        (409, {"action": "merge", "cells": [first, first]}),
        (404, {"action": "merge", "cells": ["nope", other]}),
        (404, {"action": "move", "blocks": ["nope"], "to": first}),
        (409, {"action": "split", "cell": first, "line": [[0, 0], [1, 1]]}),
        (422, {"action": "split", "cell": first, "line": [[0, 0]]}),
        (422, {"action": "split", "cell": first, "line": [[0, 0], [999, 1]]}),
        (422, {"action": "paint", "cell": first}),
        (409, {"action": "split", "cell": first, "line": [[122, 41], [122, 41]]}),
    ]
    for status, body in cases:
        answer = desk.post("edits", **body)
        assert answer.status_code == status, (body, answer.text)
        assert answer.json()["error"]["zh"]
    assert desk.post("undo").status_code == 409
    assert desk.remember() == before


def test_history_keeps_who_what_before_and_after(desk) -> None:
    a, b = desk.neighbours()
    desk.done("edits", action="merge", cells=[a, b])
    row = desk.project.read("history").iloc[-1]
    assert (row["who"], row["action"], row["plan"]) == ("planner", "merge", desk.project.current_plan())
    assert {cell for _, cell in row["before"]["blocks"]} == {b}
    assert {cell for _, cell in row["after"]["blocks"]} == {a}


def test_a_page_that_gets_a_new_revision_gets_what_others_drew(desk) -> None:
    pairs = []
    for _, cells in desk.cells().groupby("village_code"):
        if len(cells) >= 2 and cells.geometry.iloc[0].intersection(cells.geometry.iloc[1]).length > 0:
            pairs.append(cells.cell_code.tolist()[:2])
    old = desk.revision
    desk.done("edits", action="merge", cells=pairs[0])
    answer = desk.client.post("/api/v1/edits", json={"action": "merge", "cells": pairs[1], "revision": old}).json()
    assert answer["revision"] == old + 2
    assert set(answer["removed"]) == {pairs[0][1], pairs[1][1]}
    assert {pairs[0][0], pairs[1][0]} <= {each["id"] for each in answer["cells"]["features"]}


def test_two_edits_of_one_village_at_once_end_in_one_edit_and_one_409(desk) -> None:
    from concurrent.futures import ThreadPoolExecutor

    a, b = desk.neighbours()
    before = desk.remember()
    bodies = [{"action": "merge", "cells": pair} for pair in ([a, b], [b, a])]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda body: desk.post("edits", **body), bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["revision"] == desk.revision + 1
    desk.revision += 1
    desk.holds()
    desk.done("undo")
    assert desk.remember() == before


def test_a_scribble_is_refused_at_once(desk) -> None:
    rng = np.random.default_rng(1)
    largest = desk.cells().sort_values("area_m2").iloc[-1]
    west, south, east, north = largest.geometry.bounds
    line = rng.uniform((west, south), (east, north), (300, 2)).tolist()
    answer = desk.post("edits", action="split", cell=largest.cell_code, line=line)
    assert answer.status_code == 409
    assert "相交" in answer.json()["error"]["zh"]


def test_a_preview_answers_what_would_be_and_stores_nothing(desk) -> None:
    before = desk.remember()
    a, b = desk.neighbours()
    body = {"action": "merge", "cells": [a, b]}
    seen = desk.post("edits?preview=true", **body).json()
    assert seen["preview"] is True
    assert [row["cell_code"] for row in seen["households"]] == sorted([a, b])
    assert {row["cell_code"]: row["after"] for row in seen["households"]}[b] is None
    assert desk.client.get("/api/v1/state").json()["revision"] == desk.revision
    assert desk.remember() == before
    done = desk.done("edits", **body)
    shown = {feature["id"]: feature["geometry"] for feature in done["cells"]["features"]}
    assert shown[a] == next(feature["geometry"] for feature in seen["cells"]["features"] if feature["id"] == a)
    assert [note["message_en"] for note in done["notes"]] == [note["message_en"] for note in seen["notes"]]
    assert desk.post("edits?preview=true", action="merge", cells=[a, b]).status_code in {404, 409, 422}


def test_remarks_go_to_those_who_draw_only(served, desk) -> None:
    a, _ = desk.neighbours()
    desk.done("edits", action="remark", cell=a, text="汛期每日巡查")
    assert desk.client.get("/api/v1/state").json()["remarks"] == {a: "汛期每日巡查"}
    assert served.user("viewer").get("/api/v1/state").json()["remarks"] == {}


def test_the_page_after_an_edit_shows_it_on_ground_that_is_written_once(desk, monkeypatch) -> None:
    written = []

    def counted(barriers, buildings):
        written.append((len(barriers), len(buildings)))
        return ground_text(barriers, buildings)

    monkeypatch.setattr("api.routes.pages.ground_text", counted)
    ground = desk.project.count("barriers"), desk.project.count("buildings")
    pages = [carried(desk.client.get("/").text)]
    a, b = desk.neighbours()
    desk.done("edits", action="merge", cells=[a, b])
    pages.append(carried(desk.client.get("/").text))
    assert written == [ground]
    assert pages[0]["barriers"] == pages[1]["barriers"]
    assert pages[0]["buildings"]["shapes"]
    assert pages[0]["buildings"] == pages[1]["buildings"]
    assert len(pages[1]["cells"]["serial"]) == len(pages[0]["cells"]["serial"]) - 1
    with desk.project.change(who="li", action="load barriers") as change:
        change.delete("barriers", {"barrier_id": desk.project.read("barriers")["barrier_id"].iloc[0]})
    desk.client.get("/")
    assert written == [ground, (ground[0] - 1, ground[1])]


def carried(page):
    """Give the data in a drawing page."""
    start = page.index('{"topology"')
    return json.JSONDecoder().raw_decode(page, start)[0]


def test_the_page_lists_a_hundred_problems_and_says_how_many_there_are(desk, monkeypatch) -> None:
    every = desk.client.get("/api/v1/problems").json()
    monkeypatch.setattr("api.reading._PROBLEMS_SHOWN", 1)
    state = desk.client.get("/api/v1/state").json()
    assert state["problems"] == every[:1]
    assert state["problems_total"] == len(every) > 1


def test_one_kind_of_problem_does_not_crowd_out_the_others() -> None:
    from api.reading import _foremost

    rows = [{"problem": kind, "severity": severity, "n": n} for kind, severity, count in (
        ("a", "error", 20), ("b", "warning", 200), ("c", "warning", 2)) for n in range(count)]  # fmt: skip
    shown = _foremost(rows)
    assert len(shown) == 100
    assert [row["problem"] for row in shown[:27]] == ["a"] * 20 + ["b"] * 5 + ["c"] * 2
    assert {row["problem"] for row in shown[27:]} == {"b"}
