"""The drawing page in a real browser, over a stand-in for the service: every tool, by mouse and by keys."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely
from shapely import ops

from tests.web.conftest import boxes
from web import STATIC, MapFrames, drawing_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

VILLAGE = "211122101002"
CSP = (
    "default-src 'none'; script-src 'self' 'nonce-n1'; style-src 'self' 'nonce-n1'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


SENT = {"revision", "action", "cell", "line", "cells", "blocks", "to", "name", "text", "locked", "special", "keep"}


class Service:
    """Answers as the service does, on frames in memory; keeps what it was asked."""

    def __init__(self, frames: MapFrames, **state: Any) -> None:
        self.frames = frames
        self.cells = frames.cells
        self.asked: list[dict[str, Any]] = []
        self.foreseen: list[dict[str, Any]] = []
        self.before: list[gpd.GeoDataFrame] = []
        self.state = {
            "county": "盘山县", "plan": "p001", "status": "draft", "sample": True, "revision": 7, "saved_at": None,
            "can_edit": True, "can_undo": False, "can_redo": False, "problems": [], "figures": {}, **state,
        }  # fmt: skip

    def page(self, language: str = "zh") -> str:
        sample = bool(self.state["sample"])
        return drawing_page(self.frames, title="盘山县", state=self.state, sample=sample, language=language, nonce="n1")

    def answer(self, route: Route) -> None:
        """Serve the page, its static files and the four doors of the interface."""
        path, _, query = route.request.url.removeprefix("http://127.0.0.1").partition("?")
        if path == "/" and "lang=" in query:
            route.fulfill(body=self.page(query[-2:]), content_type="text/html; charset=utf-8")
        elif path == "/":
            route.fulfill(
                body=self.page(), content_type="text/html; charset=utf-8", headers={"content-security-policy": CSP}
            )
        elif path.startswith("/static/"):
            route.fulfill(path=str(STATIC / path.removeprefix("/static/")))
        elif path == "/api/v1/blocks.geojson":
            route.fulfill(json=json.loads(self.blocks().to_json()))
        elif query == "preview=true":
            route.fulfill(json=self.preview(json.loads(route.request.post_data or "{}")))
        elif path in {"/api/v1/edits", "/api/v1/undo"}:
            route.fulfill(**self.edit(path, json.loads(route.request.post_data or "{}")))
        elif path == "/api/v1/state":
            route.fulfill(json=self.state)
        elif path == "/api/v1/cells.geojson":
            route.fulfill(json=json.loads(self.cells.drop(columns=["cell_id", "plan"]).to_json()))
        else:
            route.fulfill(status=404)

    def blocks(self) -> gpd.GeoDataFrame:
        """Four blocks to every cell of the second village."""
        cells = self.cells[self.cells["village_code"] == VILLAGE]
        rows = []
        for cell in cells.itertuples():
            west, south, east, _ = cell.geometry.bounds
            for n, box in enumerate(boxes(2, 2, west=west, south=south, step=(east - west) / 2)):
                block = {"block_id": f"{cell.cell_code}-{n}", "cell_code": cell.cell_code, "households": 30.0}
                rows.append({**block, "geometry": shapely.intersection(box, cell.geometry)})
        return gpd.GeoDataFrame(rows, crs="EPSG:4326")

    def preview(self, body: dict[str, Any]) -> dict[str, Any]:
        """Say what an edit would do, without doing it."""
        self.foreseen.append(body)
        first = body["cells"][0] if "cells" in body else body["cell"]
        rows = [{"cell_code": first, "before": 100.0, "after": 70.0}]
        rows.append({"cell_code": VILLAGE + "009", "before": None, "after": 30.0})
        note = {"problem": "cell-over-tolerance", "severity": "warning", "message_zh": "超出容差", "message_en": "over"}
        shown = json.loads(self.cells[self.cells["cell_code"] == first].drop(columns=["cell_id", "plan"]).to_json())
        return {"preview": True, "households": rows, "moved": 30.0, "notes": [note], "cells": shown}

    def edit(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make one edit, or undo one."""
        self.asked.append(body)
        assert set(body) <= {
            "revision",
            "action",
            "cell",
            "line",
            "cells",
            "blocks",
            "to",
            "name",
            "text",
            "locked",
            "special",
            "keep",
        }
        if body["revision"] != self.state["revision"]:
            error = {"zh": "方案已变", "en": "the plan has changed"}
            return {"status": 409, "json": {"error": error, "revision": self.state["revision"]}}
        old = self.cells
        if path.endswith("undo"):
            self.cells = self.before.pop()
        else:
            self.before.append(old)
            self.cells = getattr(self, body["action"])(
                **{k: v for k, v in body.items() if k not in {"plan", "revision", "action"}}
            )
        if self.cells is None:
            self.cells = self.before.pop()
            return {
                "status": 422,
                "json": {"error": {"zh": "这条线没有穿过网格", "en": "the line does not cross the cell"}},
            }
        kept = old.merge(self.cells[["cell_code", "households"]], on=["cell_code", "households"])["cell_code"]
        kept = kept[~kept.isin({*body.get("cells", []), body.get("cell")})]
        changed = self.cells[~self.cells["cell_code"].isin(kept)].drop(columns=["cell_id", "plan"])
        self.state |= {"revision": self.state["revision"] + 1, "can_undo": bool(self.before)}
        news = {
            name: self.state[name] for name in ("revision", "can_undo", "can_redo", "problems", "figures", "saved_at")
        }
        gone = sorted(set(old["cell_code"]) - set(self.cells["cell_code"]))
        words = {"message_zh": "完成", "message_en": "done", "notes": []}
        return {"json": {**news, **words, "cells": json.loads(changed.to_json()), "removed": gone}}

    def split(self, cell: str, line: list[list[float]]) -> gpd.GeoDataFrame | None:
        cells = self.cells.set_index("cell_code", drop=False)
        parts = ops.split(cells.geometry[cell], shapely.LineString(line)).geoms
        if len(parts) != 2:
            return None
        half = cells.loc[[cell]].assign(cell_code=VILLAGE + "005", households=50.0).set_geometry([parts[1]], crs=4326)
        cells.loc[cell, ["households", "geometry"]] = [70.0, parts[0]]
        joined: gpd.GeoDataFrame = gpd.pd.concat([cells, half], ignore_index=True)
        return joined

    def merge(self, cells: list[str]) -> gpd.GeoDataFrame:
        rows = self.cells.set_index("cell_code", drop=False)
        both = rows.loc[cells]
        rows.loc[cells[0], ["households", "geometry"]] = [both["households"].sum(), both.geometry.union_all()]
        return rows.drop(index=cells[1]).reset_index(drop=True)

    def move(self, blocks: list[str], to: str) -> gpd.GeoDataFrame:
        rows = self.cells.set_index("cell_code", drop=False)
        rows.loc[to, "households"] += 30.0 * len(blocks)
        return rows.reset_index(drop=True)

    def lock(self, cells: list[str], *, locked: bool) -> gpd.GeoDataFrame:
        return self.cells.assign(locked=self.cells["locked"].where(~self.cells["cell_code"].isin(cells), locked))

    def rename(self, cell: str, name: str) -> gpd.GeoDataFrame:
        return self.cells.assign(cell=self.cells["cell"].where(self.cells["cell_code"] != cell, name))

    def remark(self, cell: str, text: str) -> gpd.GeoDataFrame:
        return self.cells.assign(note=self.cells["cell_code"].map({cell: text}))

    def rebalance(self, cells: list[str], **_: Any) -> gpd.GeoDataFrame:
        return self.cells.assign(households=self.cells["households"].where(~self.cells["cell_code"].isin(cells), 110.0))

    border = rebalance


@pytest.fixture
def desk(browser: Browser, county_frames: MapFrames, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Service]]:
    """Open the drawing page under its content security policy; any fault on the page fails the test."""
    service, faults = Service(county_frames, **getattr(request, "param", {})), []
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.route("**/*", service.answer)
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("http://127.0.0.1/")
    page.wait_for_selector("html[data-ready=desk]")
    yield page, service
    context.close()
    refused = re.compile(r"status of 4(09|22)|ERR_FAILED")
    assert [fault for fault in faults if not refused.search(fault)] == []


def settled(page: Page) -> None:
    """Wait until the answer of an edit is on the page."""
    page.wait_for_selector("html:not([data-busy])")
    page.wait_for_selector("#wg-toast:not([hidden])")


def rows_become(page: Page, count: int) -> None:
    """Wait until the list has so many cells."""
    from playwright.sync_api import expect

    expect(page.locator("#wg-list li")).to_have_count(count)


def choose(page: Page, serial: str) -> None:
    page.select_option("#wg-village", label="新立村")
    page.locator(f"#wg-cell-{VILLAGE}{serial}").click()


def at(page: Page, lng: float, lat: float) -> tuple[float, float]:
    """Pixel of a position on the screen."""
    x, y = page.evaluate(
        "([lat, lng]) => { const p = wangge.page.map.latLngToContainerPoint([lat, lng]), "
        "b = wangge.page.map.getContainer().getBoundingClientRect(); return [p.x + b.x, p.y + b.y]; }",
        [lat, lng],
    )
    return x, y


def draw_across(page: Page) -> None:
    """Draw a line across cell 01 and wait for what it would make of it."""
    choose(page, "001")
    page.keyboard.press("s")
    for lng in (122.018, 122.025, 122.032):
        page.mouse.click(*at(page, lng, 41.004))
    page.wait_for_selector(".wg-seen")


@pytest.mark.browser
def test_a_click_on_the_map_selects_a_cell_and_its_row(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    page.mouse.click(*at(page, 122.025, 41.005))
    assert page.locator("#wg-card h2").inner_text() == "新立村 01 网格"
    assert page.locator("#wg-list [aria-selected=true]").inner_text().startswith("01 网格")


@pytest.mark.browser
def test_a_drawn_line_splits_a_cell_and_undo_mends_it(desk: tuple[Page, Service]) -> None:
    page, service = desk
    draw_across(page)
    assert page.locator(".wg-seen tr").all_inner_texts() == ["01 网格\t100\t→\t70", "新 09 网格\t—\t→\t30"]
    assert "超出容差" in page.locator(".wg-confirm").inner_text()
    assert service.asked == []
    page.keyboard.press("Enter")
    settled(page)
    sent = service.asked[-1]
    assert (sent["action"], sent["cell"], sent["revision"]) == ("split", VILLAGE + "001", 7)
    assert [round(lng, 3) for lng, _ in sent["line"]] == [122.018, 122.025, 122.032]
    rows = page.locator("#wg-list li").all_inner_texts()
    assert len(rows) == 5
    assert "70 户" in rows[0]
    colours = page.evaluate("wangge.page.atlas.cells.filter(c => c.village === 1).map(c => c.colour)")
    assert len(colours) == 5
    assert colours[0] != colours[4]
    page.keyboard.press("Control+z")
    rows_become(page, 4)
    assert "100 户" in page.locator("#wg-list li").first.inner_text()


@pytest.mark.browser
def test_two_neighbours_merge_by_keys_alone(desk: tuple[Page, Service]) -> None:
    page, service = desk
    page.select_option("#wg-village", label="新立村")
    page.locator("#wg-list").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".wg-seen")
    assert service.foreseen[-1]["cells"] == [VILLAGE + "001", VILLAGE + "002"]
    page.keyboard.press("Enter")
    settled(page)
    assert service.asked[-1]["cells"] == [VILLAGE + "001", VILLAGE + "002"]
    assert len(page.locator("#wg-list li").all()) == 3
    assert "220 户" in page.locator("#wg-card").inner_text()


@pytest.mark.browser
def test_cells_of_two_villages_do_not_merge(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    page.keyboard.press("m")
    page.mouse.click(*at(page, 122.0155, 41.0055))
    assert "网格不能跨村" in page.locator("#wg-toast").inner_text()
    assert service.asked == []


@pytest.mark.browser
def test_sweeping_moves_blocks_in_one_step(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    with page.expect_response("**/blocks.geojson*"):
        page.keyboard.press("p")
    page.wait_for_timeout(100)
    page.mouse.move(*at(page, 122.0325, 41.0075))
    page.mouse.down()
    page.mouse.move(*at(page, 122.0375, 41.0075), steps=5)
    assert "移 2 块（户数）：01 网格 100 → 160，02 网格 120 → 60" in page.locator("#wg-hint").inner_text()
    page.mouse.up()
    settled(page)
    assert sorted(service.asked[-1]["blocks"]) == [VILLAGE + "002-2", VILLAGE + "002-3"]
    assert service.asked[-1]["to"] == VILLAGE + "001"
    assert "160 户" in page.locator("#wg-card").inner_text()


@pytest.mark.browser
def test_a_refusal_is_shown_in_words_and_changes_nothing(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    choose(page, "001")
    page.keyboard.press("s")
    for lng in (122.022, 122.024):
        page.mouse.click(*at(page, lng, 41.004))
    page.keyboard.press("Enter")
    settled(page)
    assert "这条线没有穿过网格" in page.locator("#wg-toast").inner_text()
    assert len(page.locator("#wg-list li").all()) == 4


@pytest.mark.browser
def test_a_plan_changed_by_someone_else_is_loaded_again(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    service.cells = service.merge([VILLAGE + "001", VILLAGE + "002"])
    service.state["revision"] = 9
    page.keyboard.press("m")
    page.locator(".wg-choices-row button").first.click()
    page.keyboard.press("Enter")
    rows_become(page, 3)
    assert "已载入最新网格" in page.locator("#wg-toast").inner_text()
    assert page.evaluate("wangge.page.atlas.cells.length") == len(service.cells)


@pytest.mark.browser
def test_what_was_typed_is_still_there_after_somebody_elses_change(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    page.keyboard.press("e")
    page.locator("#wg-name").fill("河东网格")
    service.state["revision"] = 9
    page.keyboard.press("Enter")
    page.locator("#wg-toast", has_text="已载入最新网格").wait_for()
    page.wait_for_selector("html:not([data-busy])")
    assert page.locator("#wg-name").input_value() == "河东网格"
    with page.expect_response("**/api/v1/edits"):
        page.locator("#wg-card button.wg-main").click()
    assert service.asked[-1]["name"] == "河东网格"
    assert service.asked[-1]["revision"] == 9


@pytest.mark.browser
def test_a_line_that_the_service_did_not_hear_of_is_kept(desk: tuple[Page, Service]) -> None:
    page, service = desk
    draw_across(page)
    page.context.unroute("**/*")
    page.context.route("**/api/**", lambda route: route.abort())
    page.keyboard.press("Enter")
    page.locator("#wg-toast", has_text="连不上服务").wait_for()
    assert page.evaluate("wangge.drawing.line.length") == 3
    page.context.unroute("**/api/**")
    page.context.route("**/*", service.answer)
    page.keyboard.press("Enter")
    rows_become(page, 5)


@pytest.mark.parametrize("desk", [{"can_edit": False}], indirect=True)
@pytest.mark.browser
def test_a_viewer_can_look_and_not_change(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    choose(page, "001")
    assert page.locator("[data-tool=split]").is_disabled()
    page.keyboard.press("s")
    assert "只能查看" in page.locator("#wg-toast").inner_text()
    assert page.evaluate("document.documentElement.dataset.tool || 'select'") == "select"


@pytest.mark.browser
def test_the_desk_speaks_english_and_writes_large(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    choose(page, "001")
    before = page.evaluate("parseFloat(getComputedStyle(document.querySelector('#wg-hint')).fontSize)")
    page.locator("#wg-tongue").click()
    page.locator("#wg-large").click()
    after = page.evaluate("parseFloat(getComputedStyle(document.querySelector('#wg-hint')).fontSize)")
    assert after >= 1.2 * before
    words = " ".join(page.locator("[data-word], #wg-hint, .wg-legend, .wg-facts dt").all_inner_texts())
    assert not re.search(r"[\u4e00-\u9fff]", words), words
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


@pytest.mark.browser
def test_an_address_with_a_language_wins_over_the_one_remembered(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    page.goto("http://127.0.0.1/?lang=en")
    page.wait_for_selector("html[data-ready=desk]")
    assert page.locator("#wg-top h1").inner_text() == "Grid planning"
    assert page.locator("#wg-map").get_attribute("href") == "/map?lang=en"
    page.goto("http://127.0.0.1/")
    page.wait_for_selector("html[data-ready=desk]")
    assert page.locator("#wg-top h1").inner_text() == "Grid planning"


@pytest.mark.browser
def test_every_button_has_a_name(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    names = [button.inner_text() or button.get_attribute("aria-label") or "" for button in page.locator("button").all()]
    visible = [button.is_visible() for button in page.locator("button").all()]
    assert sum(visible) >= 9
    assert all(name.strip() for name, seen in zip(names, visible, strict=True) if seen)


@pytest.mark.browser
def test_an_edited_cell_keeps_its_coverage_and_says_that_it_is_old(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    choose(page, "001")
    covered = re.search(r"覆盖率\s*(\d+%)", page.locator("#wg-card").inner_text())
    assert covered
    page.keyboard.press("m")
    page.locator(".wg-choices-row button").first.click()
    page.keyboard.press("Enter")
    settled(page)
    assert f"{covered[1]}（旧）" in page.locator("#wg-card").inner_text()


@pytest.mark.browser
def test_a_sweep_repaints_the_tools_and_not_the_county(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    choose(page, "001")
    with page.expect_response("**/blocks.geojson*"):
        page.keyboard.press("p")
    page.wait_for_timeout(200)
    page.evaluate(
        "() => { const s = wangge.page.sheet; window.counts = {_paint: 0, _touch: 0};"
        "for (const name in counts) { const old = s[name];"
        " s[name] = function () { counts[name]++; old.call(this); }; } }"
    )
    page.mouse.move(*at(page, 122.0325, 41.0075))
    page.mouse.down()
    page.mouse.move(*at(page, 122.0375, 41.0075), steps=5)
    page.wait_for_timeout(100)
    counts = page.evaluate("window.counts")
    page.keyboard.press("Escape")
    assert counts["_paint"] == 0
    assert counts["_touch"] >= 1


@pytest.mark.browser
def test_a_cell_is_locked_by_keys_and_hatched(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    page.keyboard.press("l")
    page.keyboard.press("Enter")
    settled(page)
    assert (service.asked[-1]["action"], service.asked[-1]["locked"]) == ("lock", True)
    assert page.locator("#wg-list .wg-lock").count() == 1
    assert "已锁定" in page.locator("#wg-card h2").inner_text()
    assert "已锁定的网格" in (page.locator(".wg-legend").text_content() or "")
    page.locator("#wg-card .wg-main").click()
    page.wait_for_selector("#wg-list .wg-lock", state="detached")
    assert service.asked[-1]["locked"] is False


@pytest.mark.browser
def test_a_card_renames_a_cell_and_writes_a_remark(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    page.keyboard.press("e")
    page.fill("#wg-name", "河东网格")
    page.fill("#wg-text", "汛期<b>每日</b>巡查")
    page.locator("#wg-text").press("p")  # a letter in a field is no tool
    with page.expect_response(lambda answer: "remark" in (answer.request.post_data or "")):
        page.locator("#wg-name").press("Enter")
    page.wait_for_selector("html:not([data-busy])")
    assert [asked["action"] for asked in service.asked] == ["rename", "remark"]
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    assert "汛期<b>每日</b>巡查p" in page.locator("#wg-card .wg-remark").inner_text()
    assert page.locator("#wg-list [aria-selected=true]").inner_text().startswith("河东网格")


@pytest.mark.browser
def test_cells_are_evened_out_after_a_preview_and_not_before(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    page.keyboard.press("a")
    page.locator("#wg-list").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_selector(".wg-seen")
    assert service.foreseen[-1]["cells"] == [VILLAGE + "001", VILLAGE + "002"]
    assert "共 30 户换网格" in page.locator(".wg-confirm").inner_text()
    page.locator("#wg-keep").focus()
    page.keyboard.press("End")
    page.wait_for_timeout(500)
    assert "100%" in page.locator("#wg-keep-share").inner_text()
    assert service.foreseen[-1]["keep"] == 1
    assert service.asked == []
    page.get_by_role("button", name="取消").click()
    page.wait_for_selector(".wg-seen", state="detached")
    page.locator(f"#wg-cell-{VILLAGE}003").click()
    page.wait_for_selector(".wg-seen")
    page.get_by_role("button", name="接受").click()
    settled(page)
    assert service.asked[-1]["action"] == "rebalance"


@pytest.mark.browser
def test_a_border_is_drawn_with_the_button_held_or_by_keys(desk: tuple[Page, Service]) -> None:
    page, service = desk
    choose(page, "001")
    page.keyboard.press("b")
    page.locator(".wg-choices-row button").first.click()
    page.mouse.move(*at(page, 122.029, 41.0005))
    page.mouse.down()
    page.mouse.move(*at(page, 122.027, 41.005), steps=4)
    page.mouse.move(*at(page, 122.029, 41.0095), steps=4)
    page.mouse.up()
    page.wait_for_selector(".wg-seen")
    drawn = service.foreseen[-1]["line"]
    assert len(drawn) >= 5
    assert min(lng for lng, _ in drawn) == pytest.approx(122.027, abs=1e-4)
    page.keyboard.press("Escape")
    page.locator("#wg-list").focus()
    page.keyboard.press("ArrowDown")
    page.locator(".leaflet-container").focus()
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    settled(page)
    assert service.asked[-1]["cells"] == [VILLAGE + "001", VILLAGE + "002"]
    assert len(service.asked[-1]["line"]) == 2


_OFFLINE = {
    "problem": "camera-class1-offline", "severity": "warning", "layer": "cameras", "code": "CAM-7",
    "message_zh": "网格 211122101002001 的一类点 CAM-7 离线",
    "message_en": "class 1 camera CAM-7 of cell 211122101002001 is offline",
    "remedy": "报修 · have it mended", "at": [122.033, 41.017],
}  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("desk", [{"sample": False, "problems": [_OFFLINE]}], indirect=True)
def test_a_problem_says_what_to_do_and_leads_to_its_place(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    assert page.locator("#wg-sample").is_hidden()  # real data is not called a sample
    page.locator("#wg-problems summary").click()
    assert page.locator("#wg-problems li").inner_text() == "▲ 新立村 01 网格的一类点 CAM-7 离线\n→ 报修"
    page.locator("#wg-problems li button").click()
    assert "CAM-7" in page.locator(".leaflet-popup-content").inner_text()
    x, y = at(page, 122.033, 41.017)
    assert 68 < x < 1027
    assert 56 < y < 740
    page.locator("#wg-tongue").click()
    assert page.locator("#wg-problems li").inner_text().endswith("→ have it mended")


@pytest.mark.browser
def test_on_a_phone_the_county_and_every_button_are_seen(desk: tuple[Page, Service]) -> None:
    page, _ = desk
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("county", "plan", "status", "undo", "redo", "map", "history", "tongue"):
        box = page.locator(f"#wg-{name}").bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 390, name
    what = "document.getElementById('wg-what')"
    assert page.evaluate(f"{what}.scrollWidth") <= page.evaluate(f"{what}.clientWidth") + 1
