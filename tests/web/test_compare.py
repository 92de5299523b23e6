"""The map of two plans: one file, no network, every change on it, names stay text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from spatial.planning.compare import change_map, compare_plans
from tests.web.conftest import HOSTILE, boxes
from web import ComparedPlans, compare_map
from web.compare import KINDS
from web.compare_words import COMPARE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

TOTALS = ("cells_before", "cells_after", "cells_unchanged", "cells_new", "households_moved", "kept_share")


def _plan(codes: list[str]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Cells, and plan_blocks, of a plan that gives each of four squares in a row to a cell."""
    squares = gpd.GeoDataFrame(
        {"block_id": list("abcd"), "cell_code": codes, "households": [10.0, 20.0, 30.0, 40.0]},
        geometry=boxes(4, 1, west=122.0, south=41.0, step=0.01), crs=4326,
    )  # fmt: skip
    cells = squares.dissolve("cell_code", aggfunc={"households": "sum"}).reset_index()
    return cells.assign(cell=cells["cell_code"]), squares


@pytest.fixture
def compared() -> tuple[ComparedPlans, dict[str, float]]:
    old, before = _plan(["v001", "v001", "v002", "v003"])
    new, after = _plan(["v001", "v004", "v002", "v002"])
    comparison = compare_plans(old, before, new, after, before.drop(columns="cell_code"))
    pieces = change_map(old.to_crs(4550), new.to_crs(4550), comparison).to_crs(4326)
    villages = gpd.GeoDataFrame(
        {"village_code": ["v"], "village": [HOSTILE]}, geometry=[new.union_all().convex_hull], crs=4326
    )
    return ComparedPlans(old, new, pieces, comparison.frame, villages), comparison.totals


def _carried(page: str) -> dict[str, object]:
    found = re.search(r'id="wangge-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


def test_the_page_carries_every_change(compared: tuple[ComparedPlans, dict[str, float]]) -> None:
    plans, totals = compared
    page = compare_map(plans, title=HOSTILE, plan_a="old", plan_b="new", totals=totals)
    assert "http://" not in page.replace("http://www.w3.org", "")
    data = _carried(page)
    assert {(row["old"], row["new"], row["kind"], row["households"]) for row in data["rows"]} == {
        ("v001", "v001", "kept", 10), ("v001", "v004", "split", 20), ("v003", "v002", "merged", 40),
        ("v002", "v002", "kept", 30),
    }  # fmt: skip
    assert data["about"]["kinds"] == ["kept", "split", "merged"]
    assert all(name in data["about"]["totals"] for name in TOTALS)


def test_every_kind_has_its_words() -> None:
    assert all(f"{part}_{kind}" in COMPARE for part in ("change", "mark") for kind in KINDS)


@pytest.mark.browser
def test_the_map_opens_without_a_network(
    compared: tuple[ComparedPlans, dict[str, float]], browser: Browser, tmp_path: Path
) -> None:
    plans, totals = compared
    file = tmp_path / "compare.html"
    file.write_text(compare_map(plans, title=HOSTILE, plan_a="old", plan_b="new", totals=totals), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page, faults = context.new_page(), list[str]()
    page.on("console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if request.url.startswith("http") else None)
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready=map]")
    assert page.locator(".wg-changes tbody tr").count() == 4
    page.click(".wg-changes .wg-go >> nth=0")  # the merged cell: 40 households
    assert page.evaluate("wangge.page.chosen.getLayers().length") == 1
    page.wait_for_function("wangge.page.labels.getLayers().length > 0")
    assert "并 40" in page.locator(".wg-change-mark").all_inner_texts()
    page.evaluate("wangge.page.answer({ latlng: L.latLng(41.005, 122.015) })")
    facts = page.locator(".wg-facts").inner_text()
    assert "v001 → v004" in facts
    page.uncheck("#wg-show-split")
    assert page.evaluate("wangge.page.map.hasLayer(wangge.page.groups.split)") is False
    page.click(".wg-tongue")
    assert page.locator(".wg-plan").inner_text() == COMPARE["title_compare"][1]
    assert page.evaluate("document.querySelectorAll('script').length") == page.content().count("<script")
    context.close()
    assert faults == []


@pytest.mark.browser
def test_on_a_phone_no_card_covers_another(
    compared: tuple[ComparedPlans, dict[str, float]], browser: Browser, tmp_path: Path
) -> None:
    plans, totals = compared
    file = tmp_path / "compare.html"
    file.write_text(compare_map(plans, title="盘山县", plan_a="old", plan_b="new", totals=totals), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready=map]")
    boxes = [card.bounding_box() or {} for card in page.locator(".wg-card").all()]
    page.close()
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            aside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            assert aside or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
