"""How cells nest in the areas of other departments."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from spatial.planning.crosswalk import crosswalk, crosswalk_map, nesting
from tests import strategies as make


def _cells() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"cell_code": ["c1", "c2", "c3"], "households": [10.0, 20.0, 0.0]},
        geometry=[make.box(0, 0, 100, 100), make.box(100, 0, 200, 100), make.box(200, 0, 300, 100)], crs=make.CRS,
    )  # fmt: skip


def _overlays() -> gpd.GeoDataFrame:
    shapes = [
        make.box(-1, -1, 100.2, 101),
        make.box(100, 0, 150, 100),
        make.box(150, 0, 400, 100),
        make.box(0, 0, 300, 100),
    ]
    return gpd.GeoDataFrame(
        {"overlay_id": list("abcd"), "system": ["警务区"] * 3 + ["消防"], "name": list("甲乙丙丁")},
        geometry=shapes, crs=make.CRS,
    )  # fmt: skip


def test_every_pair_that_shares_ground_has_a_relation() -> None:
    table = crosswalk(_cells(), _overlays())
    police = table[table["system"] == "警务区"].set_index(["cell_code", "overlay_id"])
    assert police["relation"].to_dict() == {
        ("c1", "a"): "cell_within", ("c2", "b"): "overlay_within",
        ("c2", "c"): "crosses", ("c3", "c"): "cell_within",
    }  # fmt: skip
    assert police["split"].tolist() == [False, True, True, False]
    assert police.loc[("c2", "b"), "households"] == pytest.approx(10)
    assert police.loc[("c3", "c"), "cell_share"] == pytest.approx(1)
    fire = table[table["system"] == "消防"]
    assert fire["relation"].tolist() == ["cell_within"] * 3
    assert not fire["split"].any()


def test_homes_say_where_the_households_of_a_split_cell_are() -> None:
    homes = make.homes_at(np.array([(110, 50), (120, 50), (190, 50), (50, 50)]), np.array([3, 4, 13, 10]))
    table = crosswalk(_cells(), _overlays(), homes=homes).set_index(["system", "cell_code", "overlay_id"])
    assert table.loc[("警务区", "c2", "b"), "households"] == 7
    assert table.loc[("警务区", "c2", "c"), "cell_share"] == pytest.approx(0.65)
    assert table.loc["消防", "households"].sum() == 30


def test_a_home_on_the_border_of_two_areas_counts_once() -> None:
    homes = make.homes_at(np.array([(150, 50), (120, 50)]), np.array([5, 1]))
    table = crosswalk(_cells(), _overlays(), homes=homes).set_index(["system", "cell_code", "overlay_id"])
    assert table.loc["警务区", "households"].sum() == 6
    assert table.loc[("消防", "c2", "d"), "households"] == 6


def test_a_system_is_summed_up() -> None:
    cells, overlays = _cells(), _overlays()
    short = overlays.assign(geometry=[*overlays.geometry[:3], make.box(0, 0, 150, 100)])
    homes = make.homes_at(np.array([(110, 50), (120, 50), (190, 50), (50, 50)]), np.array([3, 4, 13, 10]))
    found = nesting(crosswalk(cells, short, homes=homes), cells, short).set_index("system")
    assert found.loc["警务区"].to_dict() == {
        "areas": 3, "cells": 3, "nested": 2, "split": 1, "partly": 0, "outside": 0, "areas_nested": 1,
        "households_apart": 7,
    }  # fmt: skip
    assert found.loc["消防"].to_dict() == {
        "areas": 1, "cells": 2, "nested": 1, "split": 0, "partly": 1, "outside": 1, "areas_nested": 0,
        "households_apart": 0,
    }  # fmt: skip


def test_the_pieces_of_a_split_cell_tile_it() -> None:
    cells, overlays = _cells(), _overlays()
    drawn = crosswalk_map(crosswalk(cells, overlays), cells, overlays)
    assert set(drawn.geom_type) == {"MultiPolygon"}
    police = drawn[drawn["system"] == "警务区"]
    assert police.geometry.area.to_list() == pytest.approx(police["area_m2"].to_list())
    assert police[police["cell_code"] == "c2"].geometry.area.sum() == pytest.approx(10_000)
