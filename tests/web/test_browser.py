"""The maps in a real browser with the network cut: they open, they answer, they speak both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely

from tests.web.conftest import HOSTILE
from web import MapFrames, county_map
from web.county import VIEWS
from web.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

COLOURS_SEEN = """() => {
    const canvas = document.querySelector("canvas.wg-sheet");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) seen.add(data.slice(i, i + 3).join());
    return seen.size;
}"""
LAYERS = ("cameras", "members", "places", "gaps", "sectors")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a page from a file with the network cut; faults and requests that the page makes fail the test."""
    faults: list[str] = []
    contexts = []

    def open_page(html: str, *, width: int = 1366, height: int = 768) -> Page:
        file = tmp_path / f"map{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url) if request.url.startswith("http") else None)
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready=map]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_view_opens_without_a_network(
    county_frames: MapFrames, opened: Callable[..., Page], view: str, language: str
) -> None:
    page = opened(county_map(county_frames, view=view, title="盘山县", sample=True, language=language))
    chosen = page.locator("[role=radio][aria-checked=true]")
    assert chosen.inner_text() == WORDS[f"view_{view}"][language == "en"]
    assert page.locator(".wg-sample").inner_text() == WORDS["sample"][language == "en"]
    colours = page.evaluate(COLOURS_SEEN)
    assert colours > 20


UNDER_CARDS = """() => {
    const page = wangge.page, frame = page.map.getContainer().getBoundingClientRect(), lost = [];
    for (const area of page.atlas.villages.concat(page.atlas.cells)) for (const path of area.paths) {
        for (let i = 0; i < path.length; i += 2) {
            const at = page.map.latLngToContainerPoint(wangge.latLng(path[i], path[i + 1]));
            const top = document.elementFromPoint(frame.left + at.x, frame.top + at.y);
            if (!top || top.closest(".leaflet-control")) lost.push([area.name, at.x, at.y]);
        }
    }
    return lost;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (1024, 768), (390, 780)])
def test_no_ground_lies_under_a_card_until_the_reader_moves_the_map(
    county_frames: MapFrames, opened: Callable[..., Page], size: tuple[int, int]
) -> None:
    island = county_frames.villages.iloc[[0]].assign(village_code="211122101009", village="小岛村", households=1)
    island = island.set_geometry([shapely.box(121.985, 40.999, 121.988, 41.002)], crs=island.crs)
    frames = replace(county_frames, villages=pd.concat([county_frames.villages, island], ignore_index=True))
    page = opened(
        county_map(frames, title="盘山县", figures={"cells": 16, "villages": 5}), width=size[0], height=size[1]
    )
    seen = (
        "() => { const box = wangge.page.map.getBounds(); return (122.04 - 121.985) / (box.getEast() - box.getWest()) }"
    )
    for language in ("zh", "en"):
        for view in VIEWS:
            page.click(f"[data-view={view}]")
            assert page.evaluate(UNDER_CARDS) == [], (view, language)
            assert page.evaluate(seen) > 0.35
        page.click(".wg-tongue")
    page.evaluate("wangge.page.map.panBy([60, 0], {animate: false})")
    moved = page.evaluate("wangge.page.map.getCenter()")
    page.click("[data-view=cells]")
    assert page.evaluate("wangge.page.map.getCenter()") == moved


@pytest.mark.browser
def test_the_browser_decodes_what_was_encoded(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, title="盘山县"))
    centres = county_frames.cells.geometry.representative_point()
    for code, spot in zip(county_frames.cells["cell_code"], centres, strict=True):
        found = page.evaluate("([lat, lng]) => wangge.page.cellAt(L.latLng(lat, lng)).code", [spot.y, spot.x])
        assert found == code
    counts = page.evaluate(
        "names => Object.fromEntries(names.map(name => [name, wangge.page.atlas[name].length]))", LAYERS
    )
    assert counts == {"cameras": 60, "members": 20, "places": 2, "gaps": len(county_frames.gaps), "sectors": 60}


@pytest.mark.browser
def test_a_click_tells_about_a_cell_and_names_stay_text(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, title="盘山县"))
    page.evaluate("wangge.page.map.fire('click', {latlng: L.latLng(41.0155, 122.0155)})")
    heading = page.locator(".wg-facts h2").inner_text()
    assert heading.startswith("</script><script>document.title='broken'</script>{{ 7*7 }}")
    assert page.title() == "盘山县 · 基本网格"
    text = page.locator(".wg-facts").inner_text()
    assert "140 户" in text
    assert "沙岭镇 · 211122101001004" in text


@pytest.mark.browser
def test_cameras_come_as_clusters_and_the_legend_counts_them(
    county_frames: MapFrames, opened: Callable[..., Page]
) -> None:
    page = opened(county_map(county_frames, view="coverage", title="盘山县"))
    page.wait_for_selector(".wg-cluster.cameras")
    inside = sum(int(text) for text in page.locator(".wg-cluster.cameras").all_inner_texts())
    single = page.locator(".leaflet-marker-icon.wg-camera").count()
    assert inside + single == 60
    legend = page.locator(".wg-legend").inner_text()
    assert re.search(r"摄像机：正常\s*20", legend)
    assert re.search(r"摄像机：离线\s*20", legend)


_CAMERA_AT = """([lat, lng, x, y]) => {
  const map = wangge.page.map;
  if (map.getZoom() !== 19 || map.latLngToContainerPoint([lat, lng]).distanceTo([x, y]) > 1) {
    map.closePopup();
    map.setView([lat, lng], 19, {animate: false});
    return false;
  }
  return !!document.elementFromPoint(x, y)?.closest(".wg-camera");
}"""
"""Whether the map stands over a camera, whose sign lies in the middle; puts it there where it does not."""


@pytest.mark.browser
def test_a_camera_says_what_it_sees_what_hides_it_and_what_turning_brings(
    county_frames: MapFrames, opened: Callable[..., Page]
) -> None:
    page = opened(county_map(county_frames, view="coverage", title="盘山县"))

    def told(row: int) -> dict[str, str]:
        spot = county_frames.cameras.geometry.iloc[row]
        middle = page.viewport_size or {}
        at = [spot.y, spot.x, middle["width"] / 2, middle["height"] / 2]
        page.keyboard.press("Escape")
        page.wait_for_function(_CAMERA_AT, arg=at, polling=200)
        page.mouse.click(*at[2:])
        page.wait_for_function(
            "id => document.querySelector('.wg-facts p')?.textContent === id", arg=f"SECRET{row:03d}"
        )
        words, values = (page.locator(f".wg-facts {tag}").all_inner_texts() for tag in ("dt", "dd"))
        return dict(zip(words, values, strict=True))

    first, second, third = told(0), told(1), told(2)
    assert first["可视面积"] == "200 平方米"
    assert first["被建筑物遮挡"] == "50%"
    assert first["正前方首个遮挡"] == "14 米"
    assert first["转向"] == "到 80° 可看到 2.3 倍"
    assert first["按缺省值"] == "焦距、俯角"
    assert {"正前方首个遮挡", "转向", "按缺省值"}.isdisjoint(second)
    assert third["按缺省值"] == "类型"
    assert "转向" not in third  # a twentieth more is not worth the ladder


@pytest.mark.browser
def test_the_legend_shows_only_what_is_on(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, title="盘山县"))
    legend = page.locator(".wg-legend")
    assert "网格员" not in legend.inner_text()
    page.locator(".wg-choices summary").click()
    page.get_by_label("网格员").check()
    assert re.search(r"网格员\s*20", legend.inner_text())
    page.get_by_label("网格员").uncheck()
    assert "网格员" not in legend.inner_text()


@pytest.mark.browser
def test_one_button_turns_the_page_english(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, view="balance", title="Panshan", sample=True, figures={"cells": 16}))
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.locator(".wg-choices summary").click()
    shown = page.locator("body").inner_text().replace("中文", "")
    assert not re.search(r"[\u4e00-\u9fff]", shown), shown
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == "Zoom in"


@pytest.mark.browser
def test_views_change_by_keyboard(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, title="盘山县"))
    page.locator("[data-view=cells]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.view") == "balance"
    assert page.evaluate("wangge.page.sheet.view") == "balance"


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 780)])
def test_cards_do_not_cover_one_another(
    county_frames: MapFrames, opened: Callable[..., Page], width: int, height: int
) -> None:
    figures = {"cells": 844, "villages": 178, "households": 100_000, "max_deviation_share": 0.04, "covered_share": 0.5}
    html = county_map(county_frames, view="gaps", title="Panshan", sample=True, figures=figures, language="en")
    page = opened(html, width=width, height=height)
    if width < 700:
        page.locator(".wg-legend summary").click()
    cards = [box for card in page.locator(".wg-card, .leaflet-control-zoom").all() if (box := card.bounding_box())]
    assert len(cards) == 5
    for index, one in enumerate(cards):
        assert one["x"] >= 0
        assert one["x"] + one["width"] <= width
        assert one["y"] + one["height"] <= height
        for two in cards[index + 1 :]:
            apart = (
                one["x"] + one["width"] <= two["x"]
                or two["x"] + two["width"] <= one["x"]
                or one["y"] + one["height"] <= two["y"]
                or two["y"] + two["height"] <= one["y"]
            )
            assert apart, (one, two)


@pytest.mark.browser
def test_the_scale_bar_is_right(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, title="盘山县"))
    page.evaluate("wangge.page.map.setView([41.02, 122.02], 14, {animate: false})")
    bar = page.locator(".wg-scale")
    metres = float(bar.inner_text().split()[0]) * (1000 if "公里" in bar.inner_text() else 1)
    width = page.evaluate("parseFloat(document.querySelector('.wg-scale').style.width)")
    resolution = 40_075_016.7 * 0.754_5 / (256 * 2**14)  # cos 41.02°
    assert abs(metres / width - resolution) < 0.02 * resolution


@pytest.mark.browser
def test_hostile_names_do_nothing_anywhere(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    page = opened(county_map(county_frames, view="coverage", title=HOSTILE))
    page.wait_for_selector(".wg-cluster.cameras, .wg-camera")
    assert "{{ 7*7 }}" in page.locator(".wg-title h1").inner_text()
    assert page.title().startswith("</script>")


@pytest.mark.browser
def test_thousands_of_overlapping_outlines_paint_at_once(county_frames: MapFrames, opened: Callable[..., Page]) -> None:
    gaps = county_frames.gaps
    many = gaps.loc[gaps.index.repeat(1_000)].reset_index(drop=True)
    many["geometry"] = shapely.buffer(many.geometry.to_numpy(), 0.004)
    page = opened(county_map(replace(county_frames, gaps=many), view="gaps", title="盘山县"))
    seconds = page.evaluate(
        """() => { wangge.page.map.setZoom(14, {animate: false}); const start = performance.now();
        wangge.page.sheet._paint(); return (performance.now() - start) / 1000; }"""
    )
    assert seconds < 3  # one path of them all took half a minute


_WRITTEN = """(blocked) => {
  const page = wangge.page, out = [], noted = (text, x, y) => out.push([text, x, y]);
  const ctx = { measureText: (text) => ({ width: 16 * text.length }), strokeText() {}, fillText: noted };
  const [x, y] = page.sheet.toPixels(...blocked), column = [x - 10, y - 400, x + 10, y + 400];
  const get = (own, name) => name === "inTheWay" ? () => [column] : Reflect.get(own, name);
  const sheet = new Proxy(page.sheet, { get });
  wangge.labels(ctx, sheet);
  return [out, column];
}"""
"""Names as they are written with a wall of clusters across a spot of the map, and the wall."""


@pytest.mark.browser
def test_names_of_towns_step_aside_where_clusters_stand_above_and_below(
    county_frames: MapFrames, opened: Callable[..., Page]
) -> None:
    page = opened(county_map(county_frames, title="盘山县"))
    page.evaluate("wangge.page.map.setZoom(11, {animate: false})")
    anchor = page.evaluate(
        "wangge.page.atlas.towns.length ? (({x, y}) => [x, y])(wangge.page.atlas.townAnchors[0]) : null"
    )
    name = page.evaluate("wangge.page.atlas.townAnchors[0].name")
    written, (left, _, right, _) = page.evaluate(_WRITTEN, anchor)
    x = next(x for text, x, _ in written if text == name)
    half = 8 * len(name)
    assert x + half <= left or x - half >= right, (x, left, right)


_DARKEST = """([longitude, latitude]) => {
  const page = wangge.page, canvas = document.querySelector("canvas.wg-sheet"), sheet = page.sheet;
  const [x, y] = sheet.toPixels(wangge.mercatorX(longitude), wangge.mercatorY(latitude)), ratio = sheet._ratio;
  const data = canvas.getContext("2d").getImageData(x * ratio - 3, y * ratio - 3, 7, 7).data;
  let least = 255;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) least = Math.min(least, data[i]);
  return least;
}"""
"""How dark the painting is within three pixels of a place."""


@pytest.mark.browser
def test_large_cells_have_borders_and_names_at_the_scale_of_a_province(
    county_frames: MapFrames, opened: Callable[..., Page]
) -> None:
    def wide(frame):
        return frame.set_geometry(frame.geometry.affine_transform([90, 0, 0, 90, -89 * 122.02, -89 * 41.02]))

    frames = MapFrames(villages=wide(county_frames.villages), cells=wide(county_frames.cells))
    page = opened(county_map(frames, title="辽宁省"))
    assert page.evaluate("wangge.page.map.getZoom()") < 9
    mine = frames.cells[frames.cells["village_code"] == "211122102002"].geometry.to_numpy()
    border = shapely.intersection(mine[0], mine[1]).interpolate(0.4, normalized=True)
    assert page.evaluate(_DARKEST, [border.x, border.y]) < 140  # pastel fills are lighter than that
    assert page.evaluate("wangge.page.sheet.labelled") >= len(frames.cells) - 2
    phone = opened(county_map(frames, title="辽宁省"), width=390, height=844)
    west, south, east, north = frames.villages.total_bounds
    seen = phone.evaluate(
        "b => wangge.page.map.getBounds().contains(b)", [[float(south), float(west)], [float(north), float(east)]]
    )
    assert seen


@pytest.mark.browser
def test_a_project_without_a_plan_names_its_villages_and_says_what_comes_next(
    county_frames: MapFrames, opened: Callable[..., Page]
) -> None:
    page = opened(county_map(MapFrames(villages=county_frames.villages), title="盘山县"))
    assert "wangge plan" in page.locator(".wg-title").inner_text()
    page.evaluate("wangge.page.map.setZoom(15, {animate: false})")
    page.wait_for_timeout(300)
    assert page.evaluate("wangge.page.sheet.labelled") > 0
    page.evaluate("wangge.page.show('coverage')")
    assert "wangge coverage" in page.locator(".wg-title").inner_text()
    told = opened(county_map(MapFrames(villages=county_frames.villages), title="盘山县", public=True))
    assert "wangge" not in told.locator(".wg-title").inner_text()
