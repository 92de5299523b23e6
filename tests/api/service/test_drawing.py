"""Drawing by mouse in a real browser on the real service; what the page shows is what the store holds."""

from __future__ import annotations

import itertools

import pytest
import shapely

from api.server import running
from api.store import open_project
from tests.web.test_desk import at, settled


@pytest.fixture
def desk(browser, tiny_project):
    """Open the drawing page by its link; any fault on the page fails the test."""
    faults = []
    with open_project(tiny_project) as project, running(project) as link:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.on("console", lambda note: faults.append(note.text) if note.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(link[:20]) else faults.append(asked.url))
        page.goto(link)
        page.wait_for_selector("html[data-ready=desk]")
        yield page, project
        context.close()
    assert faults == []


def cells_of(project):
    where = {"plan": project.current_plan(), "end_date": None}
    return project.read("cells", where=where).sort_values("cell_code").set_index("cell_code")


def choose(page, project, code) -> None:
    """Show the village of a cell, select the cell, and draw near to it."""
    cell = cells_of(project).loc[code]
    page.select_option("#wg-village", value=page.evaluate(
        "code => { const row = document.getElementById('wg-village');"
        " for (const each of row.options) { row.value = each.value; row.dispatchEvent(new Event('change'));"
        " if (document.getElementById('wg-cell-' + code)) return each.value; } return null; }", code))  # fmt: skip
    page.locator(f"#wg-cell-{code}").click()
    west, south, east, north = cell.geometry.bounds
    page.evaluate(
        "b => wangge.page.map.fitBounds(b, {animate: false, padding: [80, 80]})", [[south, west], [north, east]]
    )
    page.wait_for_timeout(300)


def neighbours(project):
    for _, mine in cells_of(project).groupby("village_code"):
        for i, j in itertools.combinations(range(len(mine)), 2):
            if mine.geometry.iloc[i].intersection(mine.geometry.iloc[j]).length > 0:
                return mine.index[i], mine.index[j]
    raise AssertionError


@pytest.mark.browser
def test_split_merge_move_and_undo_by_mouse(desk) -> None:
    page, project = desk
    before = cells_of(project)
    code = before["area_m2"].idxmax()
    choose(page, project, code)
    west, south, east, north = before.geometry[code].bounds
    page.keyboard.press("s")
    page.mouse.click(*at(page, (west + east) / 2, south - (north - south) * 0.05))
    page.mouse.click(*at(page, (west + east) / 2, north + (north - south) * 0.05))
    page.keyboard.press("Enter")
    settled(page)
    split = cells_of(project)
    assert len(split) == len(before) + 1
    assert shapely.coverage_is_valid(split.geometry.to_numpy())
    assert split.households.sum() == pytest.approx(before.households.sum())
    undone(page, project, before)

    keep, other = neighbours(project)
    choose(page, project, keep)
    page.keyboard.press("m")
    spot = before.geometry[other].representative_point()
    show(page, before.geometry[other])
    page.mouse.click(*at(page, spot.x, spot.y))
    page.keyboard.press("Enter")
    settled(page)
    merged = cells_of(project)
    assert set(before.index) - set(merged.index) == {other}
    assert merged.households[keep] == pytest.approx(before.households[[keep, other]].sum())
    undone(page, project, before)

    choose(page, project, keep)
    with page.expect_response("**/blocks.geojson*"):
        page.keyboard.press("p")
    page.wait_for_timeout(300)
    block, spot = movable(project, keep, other)
    show(page, before.geometry[other])
    page.mouse.move(*at(page, spot.x, spot.y))
    page.mouse.down()
    page.mouse.move(*at(page, spot.x, spot.y), steps=2)
    page.mouse.up()
    settled(page)
    where = {"plan": project.current_plan(), "block_id": block}
    assert project.read("plan_blocks", where=where)["cell_code"].tolist() == [keep]
    assert shapely.coverage_is_valid(cells_of(project).geometry.to_numpy())
    undone(page, project, before)


def show(page, geometry) -> None:
    west, south, east, north = geometry.bounds
    page.evaluate(
        "b => wangge.page.map.fitBounds(b, {animate: false, padding: [80, 80]})", [[south, west], [north, east]]
    )
    page.wait_for_timeout(300)


def undone(page, project, before) -> None:
    """Take the last edit back by keys, and hold the store to what it was."""
    with page.expect_response("**/api/v1/undo"):
        page.keyboard.press("Control+z")
    page.wait_for_selector("html:not([data-busy])")
    after = cells_of(project)
    assert after.index.tolist() == before.index.tolist()
    assert after.households.tolist() == before.households.tolist()
    same = zip(after.geometry, before.geometry, strict=True)
    assert all(a.normalize().equals_exact(b.normalize(), 0) for a, b in same)


def movable(project, keep, other):
    """Find a block of `other` beside `keep` that can go without breaking `other` apart."""
    from api.jobs.desk import Desk
    from api.jobs.rewrite import Village
    from spatial.errors import InfeasibleError
    from spatial.planning.edits import move_blocks

    village = Village.read(Desk(project), project.current_plan(), cells_of(project).village_code[keep])
    blocks = project.read("blocks").set_index("block_id").geometry
    for block in village.state.plan_blocks.query("cell_code == @other")["block_id"]:
        try:
            move_blocks(village.state, [block], to_cell=keep)
        except InfeasibleError:
            continue
        return block, blocks[block].representative_point()
    raise AssertionError
