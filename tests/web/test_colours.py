"""Five colours, and what touches never has the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.conftest import boxes
from web.colours import COLOURS, five_colours, touching

if TYPE_CHECKING:
    from pathlib import Path


def alike(areas: np.ndarray) -> int:
    colours, pairs = five_colours(areas), touching(areas)
    assert set(colours.tolist()) <= set(range(len(COLOURS)))
    return int((colours[pairs[:, 0]] == colours[pairs[:, 1]]).sum())


@given(st.integers(0, 10_000), st.integers(2, 150))
@settings(max_examples=25, deadline=None)
def test_cells_that_touch_differ(seed: int, count: int) -> None:
    spots = np.random.default_rng(seed).uniform(0, 1, (count, 2))
    areas = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(spots)))
    assert alike(areas) == 0


def test_corners_count_as_touching() -> None:
    assert alike(np.array(boxes(30, 28, west=122, south=41, step=0.01))) == 0


def test_real_villages_differ(shared_data: Path) -> None:
    villages = gpd.read_file(shared_data / "tw/yilan_villages.geojson")
    assert alike(shapely.make_valid(villages.geometry.to_numpy())) == 0


def test_where_six_meet_in_a_point_those_that_share_a_border_differ() -> None:
    angles = np.radians(np.arange(0, 361, 60))
    rim = np.column_stack([np.cos(angles), np.sin(angles)])
    slices = [shapely.Polygon([(0, 0), rim[n], rim[n + 1]]) for n in range(6)]
    colours = five_colours(slices)
    assert all(colours[n] != colours[(n + 1) % 6] for n in range(6))


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(count: int) -> None:
    assert five_colours(boxes(count, 1, west=0, south=0, step=1)).tolist() == [0] * count


def test_colours_are_used_about_equally() -> None:
    counts = np.bincount(five_colours(boxes(20, 20, west=0, south=0, step=1)), minlength=5)
    assert counts.min() > 40
