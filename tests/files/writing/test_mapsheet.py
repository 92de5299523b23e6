"""Map sheets: A3, one for the county and one per town, words that can be searched and stand once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pypdf import PdfReader

from files.writing.mapsheet import _strips, write_map_sheets
from files.writing.sheet_frame import Key, draw_key
from files.writing.sheet_labels import Label, place_labels
from files.writing.sheet_map import MapWindow, borders, fit_window
from files.writing.typeface import shorten, text_width
from spatial.errors import SchemaError


@pytest.fixture
def pages(frames, options, tmp_path):
    write_map_sheets(frames, tmp_path / "m.pdf", options=options)
    return PdfReader(tmp_path / "m.pdf").pages


def test_a_county_of_two_towns_has_three_sheets_of_a3(pages) -> None:
    assert len(pages) == 3
    for page in pages:
        assert [round(float(side)) for side in page.mediabox[2:]] == [1191, 842]


def test_words_are_text_and_stand_once(pages) -> None:
    text = pages[0].extract_text()
    assert "盘山县网格划分图" in text
    assert "示意数据" in text
    assert "2026-11-22" in text
    assert "县委政法委" in text
    assert "审图号：辽S〔2026〕001号" in text
    assert text.count("羊圈子村") == 1
    assert text.count("甜水镇") == 2


def test_a_town_sheet_lists_its_cells(pages) -> None:
    text = pages[1].extract_text()
    assert "盘山县太平街道网格划分图" in text
    assert "211122001001001" in text
    assert "211122103207001" not in text
    assert "张三" in text
    assert "1 : 30 000" in text


def test_only_the_vendored_fonts_are_used(pages) -> None:
    fonts = {str(font.get_object()["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}
    assert {font.split("+")[-1] for font in fonts} <= {"NotoSansSC-Regular", "NotoSansSC-Bold"}


def test_without_sample_and_people_nothing_says_so(frames, options, tmp_path) -> None:
    kept = {name: frame for name, frame in frames.items() if name not in {"assignments", "members"}}
    write_map_sheets(kept, tmp_path / "m.pdf", options=replace(options, sample=False, lang="en"))
    text = PdfReader(tmp_path / "m.pdf").pages[1].extract_text()
    assert "示意" not in text
    assert "Lead" not in text
    assert "Legend" in text


def test_roads_and_buildings_alone_make_one_sheet(frames, options, tmp_path) -> None:
    write_map_sheets({"barriers": frames["barriers"]}, tmp_path / "m.pdf", options=options)
    assert len(PdfReader(tmp_path / "m.pdf").pages) == 1
    with pytest.raises(SchemaError, match="no layer"):
        write_map_sheets({}, tmp_path / "m.pdf", options=options)


def test_a_long_table_goes_on_to_the_next_page(frames, options, tmp_path) -> None:
    villages = frames["villages"].iloc[:1]
    low_x, low_y, high_x, high_y = villages.total_bounds
    edges = np.linspace(low_x, high_x, 201)
    cells = gpd.GeoDataFrame(
        {"cell_code": [f"211122001001{i:03d}" for i in range(1, 201)], "kind": "basic", "households": 5.0,
         "village_code": "211122001001"},
        geometry=[shapely.box(a, low_y, b, high_y) for a, b in pairwise(edges)], crs="EPSG:4490",
    )  # fmt: skip
    write_map_sheets({"villages": villages, "cells": cells}, tmp_path / "m.pdf", options=options)
    pages = PdfReader(tmp_path / "m.pdf").pages
    assert len(pages) == 4
    assert "续表" in pages[2].extract_text()
    assert "211122001001200" in pages[2].extract_text()
    assert "放大图" in pages[3].extract_text()


def test_crowded_cells_are_drawn_once_more_where_their_numbers_find_room(frames, options, tmp_path) -> None:
    villages = frames["villages"].iloc[:1]
    low_x, low_y, high_x, high_y = villages.total_bounds
    small = (high_x - low_x) / 400
    corners = [(low_x + i * small, low_y + j * small) for i in range(5) for j in range(5)]
    crowd = [shapely.box(x, y, x + small, y + small) for x, y in corners]
    rest = shapely.difference(shapely.box(low_x, low_y, high_x, high_y), shapely.union_all(crowd))
    cells = gpd.GeoDataFrame(
        {"cell_code": [f"211122001001{i:03d}" for i in range(1, 27)], "kind": "basic", "households": 5.0,
         "village_code": "211122001001"},
        geometry=[rest, *crowd], crs="EPSG:4490",
    )  # fmt: skip
    write_map_sheets({"villages": villages, "cells": cells}, tmp_path / "m.pdf", options=options)
    detail = PdfReader(tmp_path / "m.pdf").pages[-1].extract_text()
    assert "放大图" in detail
    assert all(f"{i:03d}" in detail for i in range(2, 27))


def test_the_scale_is_round_and_everything_fits() -> None:
    window = fit_window((0, 0, 720, 720), (0, 0, 10_000, 4_000), margin=0)
    assert window.scale == 40_000
    corners = window.to_page(np.array([[0.0, 0.0], [10_000.0, 4_000.0]]))
    assert (corners >= 0).all()
    assert (corners <= 720).all()


def test_labels_never_meet_and_fixed_ones_are_dropped() -> None:
    class Page:
        def __getattr__(self, name):
            return lambda *_, **__: self

    window = MapWindow(0, 0, 500, 500, 0, 0, 1000)
    labels = [Label(250, 250, ("羊圈子村",), 12)] * 3 + [Label(250, 250, ("新立",), 12, movable=False)]
    dropped = place_labels(Page(), window, labels)
    assert [label.lines for label in dropped] == [("新立",)]
    outside = place_labels(Page(), window, [Label(1, 250, ("羊圈子村",), 12, movable=False)])
    assert len(outside) == 1


def test_the_legend_stands_where_it_hides_least() -> None:
    class Page:
        def __getattr__(self, name):
            return lambda *_, **__: self

    window = MapWindow(0, 0, 500, 500, 0, 0, 1000)
    low_x, low_y, high_x, high_y = window.ground
    key, third = Key("村界", fills=("#ffffff",)), (high_x - low_x) / 3
    left = shapely.box(low_x, low_y, low_x + third, high_y)
    for areas, (x, y) in (
        ([left], (1, 0)),  # all on the left: right, above the scale
        ([shapely.box(low_x, low_y, high_x, low_y + third)], (0, 1)),  # all below: above
        ([left, shapely.box(low_x, low_y, high_x, low_y + third)], (1, 1)),  # below the arrow
        ([], (0, 0)),
    ):
        box = draw_key(Page(), window, [key] * 3, title="图例", shown=np.array(areas, dtype=object))
        assert ((box[0] > 250, box[1] > 250), box[2] < 500, box[3] < 500) == ((bool(x), bool(y)), True, True)


def test_a_shared_border_is_one_line() -> None:
    lines = borders(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object))
    assert shapely.length(lines).sum() == 7


def test_texts_are_cut_to_their_column_and_unknown_signs_are_marked() -> None:
    assert text_width(shorten("羊圈子村第一网格", 40, 8), 8) <= 40
    assert shorten("羊圈", 40, 8) == "羊圈"
    assert text_width("𠀀", 10) == text_width("〓", 10)


def test_a_text_never_mixes_weights() -> None:
    assert text_width("礁溪鄉 1", 10, bold=True) == text_width("礁溪鄉 1", 10)
    assert text_width("礁溪乡 1", 10, bold=True) != text_width("礁溪乡 1", 10)


def test_a_heading_is_never_the_last_row_of_a_strip() -> None:
    rows = [["甲村"], ["1", "a"], ["2", "b"], ["乙村"], ["3", "c"]]
    assert _strips(rows, 4) == [rows[:3], rows[3:]]
    assert _strips(rows, 9) == [rows]
