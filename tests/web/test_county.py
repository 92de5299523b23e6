"""The map in one file: whole, safe, small, and silent about what the public may not see."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.errors import CrsError, SchemaError
from tests.web.conftest import HOSTILE
from web import MapFrames, county_map, drawing_page, embed_page
from web.county import VIEWS
from web.encode import shapes_text
from web.frames import for_the_public
from web.payload import payload

if TYPE_CHECKING:
    from pathlib import Path

STATE = {"county": HOSTILE, "plan": "p001", "status": "draft", "revision": 1, "can_edit": True, "problems": []}


def data_of(page: str, element: str = "wangge-data") -> dict[str, Any]:
    found = re.search(rf'<script[^>]* id="{element}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("public", [False, True])
def test_no_page_names_an_outside_address(county_frames: MapFrames, view: str, public: bool) -> None:
    page = county_map(county_frames, view=view, title="盘山县", sample=True, public=public)
    assert set(re.findall(r"https?://[^\"'\s)]*", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?!data:)", page)


def test_names_are_data_and_never_code(county_frames: MapFrames) -> None:
    page = county_map(county_frames, title=HOSTILE)
    assert page.count("<script") == page.count("</script>") - page.count("<\\/script>")
    assert "document.title='broken'</script>" not in page
    assert "{{ 7*7 }}" in page[: page.index("</title>")]
    assert "\u2028" not in page[page.index("</title>") :]
    data = data_of(page)
    assert data["villages"]["name"][0] == HOSTILE
    assert data["about"]["title"] == HOSTILE
    desk = drawing_page(county_frames, title=HOSTILE, state=STATE)
    assert data_of(desk, "wangge-state")["county"] == HOSTILE


def test_every_script_and_style_carries_the_nonce(county_frames: MapFrames) -> None:
    for page in (
        county_map(county_frames, title="盘山县", inline=False, nonce="n0nce"),
        drawing_page(county_frames, title="盘山县", state=STATE, nonce="n0nce"),
        embed_page(county_frames, view="cells", title="盘山县", nonce="n0nce"),
    ):
        opened = re.findall(r"<(?:script|style)\b[^>]*>", page)
        assert len(opened) > 5
        assert all('nonce="n0nce"' in tag for tag in opened)
        assert not re.search(r"\son\w+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize(("option", "value"), [("view", "heat"), ("language", "fr")])
def test_what_does_not_exist_is_refused_with_the_choices(county_frames: MapFrames, option: str, value: str) -> None:
    with pytest.raises(SchemaError, match=f"no {option} '{value}'; choose one of") as refused:
        county_map(county_frames, title="盘山县", **{option: value})
    assert value in refused.value.zh


def test_metres_are_refused() -> None:
    places = gpd.GeoDataFrame({"place": ["x"]}, geometry=[shapely.Point(4e5, 4e6)], crs="EPSG:4550")
    with pytest.raises(CrsError, match="map layer places is in CGCS2000"):
        MapFrames(places=places)


def test_the_public_gets_nothing_sensitive(county_frames: MapFrames) -> None:
    page = embed_page(county_frames, view="coverage", title="盘山县", figures={"working_share": 0.9, "cells": 16})
    for secret in ("SECRET", "王秘密", "13900000000"):
        assert secret not in page
    data = data_of(page)
    for layer in ("cameras", "members", "sites"):
        assert data[layer]["points"] == ""
    for layer in ("sectors", "gaps", "buildings"):
        assert data[layer]["shapes"] == ""
    assert data["cameras"]["assumed"] == []
    assert not any(data["cameras"]["columns"].values())
    assert data["about"]["offered"] == ["coverage"]
    assert data["about"]["figures"] == {"cells": 16.0}
    assert set(data["cells"]["party"]) == {None}


def test_a_page_names_the_pixel_level_and_what_changed_but_shows_strangers_no_change(county_frames) -> None:
    figures = {"covered_share": 0.1, "covered_change": 0.02, "working_change": 0.1, "pixel_level": "62.5 px/m"}
    page = county_map(county_frames, view="coverage", title="盘山县", figures=figures)
    assert data_of(page)["about"]["figures"] == figures
    page = embed_page(county_frames, view="coverage", title="盘山县", figures=figures)
    assert data_of(page)["about"]["figures"] == {"covered_share": 0.1, "pixel_level": "62.5 px/m"}


def test_a_run_without_some_cameras_is_marked_even_for_strangers(county_frames) -> None:
    for public in (True, False):
        page = county_map(county_frames, view="coverage", title="县", figures={"what_if": True}, public=public)
        assert data_of(page)["about"]["figures"] == {"what_if": 1.0}


def test_small_counts_are_blank_for_the_public(county_frames: MapFrames) -> None:
    public = for_the_public(county_frames)
    cells = public.cells.set_index("cell_code")
    small = county_frames.cells.set_index("cell_code")["households"] < 5
    assert cells.loc[small, ["households", "deviation_share"]].isna().all(axis=None)
    assert cells.loc[~small, "households"].notna().all()
    totals = public.villages.set_index("village_code")["households"]
    assert totals.isna().tolist() == [True, False, False, False]


def test_a_member_on_our_own_map_has_no_name(county_frames: MapFrames) -> None:
    page = county_map(county_frames, title="盘山县")
    assert "王秘密" not in page
    assert "13900000000" not in page
    assert data_of(page)["members"]["columns"]["kind"] == ["lead"] * 20


def test_input_frames_are_left_as_they_are(county_frames: MapFrames) -> None:
    before = {
        one.name: getattr(county_frames, one.name).copy()
        for one in fields(MapFrames)
        if getattr(county_frames, one.name) is not None
    }
    county_map(county_frames, title="盘山县", public=True)
    for name, frame in before.items():
        assert getattr(county_frames, name).equals(frame), name


def test_only_what_is_there_can_be_switched(county_frames: MapFrames) -> None:
    about = data_of(county_map(MapFrames(villages=county_frames.villages), title="盘山县"))["about"]
    assert about["offered"] == ["cells"]
    assert about["layers"] == ["labels"]
    full = data_of(county_map(county_frames, title="盘山县"))["about"]
    assert full["offered"] == list(VIEWS)
    assert {"cameras", "members", "sectors", "gaps", "places", "roads", "water", "buildings"} <= set(full["layers"])


def test_a_project_with_cameras_alone_has_a_map(county_frames: MapFrames) -> None:
    about = data_of(county_map(MapFrames(cameras=county_frames.cameras), title="盘山县", view="coverage"))["about"]
    assert about["bounds"] == pytest.approx(county_frames.cameras.total_bounds, abs=1e-6)


def test_real_villages_stay_small(shared_data: Path) -> None:
    frame = gpd.read_file(shared_data / "tw/yilan_villages.geojson").to_crs(4326)
    frame = frame.assign(
        village_code=frame["VILLCODE"], village=frame["VILLNAME"], town_code=frame["TOWNCODE"], town=frame["TOWNNAME"]
    )
    frame["geometry"] = frame.geometry.make_valid()
    page = county_map(MapFrames(villages=frame), title="宜蘭縣")
    shell = county_map(MapFrames(), title="宜蘭縣")
    assert len(page) - len(shell) < 65_000


def test_buildings_give_way_where_they_do_not_fit(county_frames: MapFrames, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.payload._WHOLE_PAGE", 1_000)
    data = data_of(county_map(county_frames, title="盘山县"))
    assert data["buildings"]["shapes"] == ""
    assert data["cells"]["serial"]


def test_cells_without_their_villages_are_drawn(county_frames: MapFrames) -> None:
    data = data_of(county_map(replace(county_frames, villages=None), title="盘山县"))
    assert data["cells"]["serial"][0] == "211122101001001"


def test_houses_are_no_holes_in_a_blind_area_but_a_field_is() -> None:
    ground = shapely.box(122.0, 41.0, 122.01, 41.01)
    house = shapely.box(122.001, 41.001, 122.0011, 41.0011)
    field = shapely.box(122.004, 41.004, 122.008, 41.008)
    pierced = shapely.difference(ground, shapely.union_all([house, field]))
    gaps = gpd.GeoDataFrame({"gap_id": ["g1"], "kind": ["area"]}, geometry=[pierced], crs="EPSG:4326")
    text = payload(MapFrames(gaps=gaps))["gaps"]["shapes"]
    rings_of = {rings: shapes_text(np.array([shape]))[0] for rings, shape in ((3, pierced), (2, ground - field))}
    assert rings_of[2] != rings_of[3]
    assert text[0] == rings_of[2]
