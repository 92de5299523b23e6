"""GCJ-02 and BD-09, there and back, and which of them a batch is in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.datum import (
    DATUMS,
    bd09_from_wgs84,
    from_wgs84,
    gcj02_from_bd09,
    gcj02_from_wgs84,
    in_china,
    swapped,
    to_wgs84,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from spatial.datum_guess import guess_datum
from spatial.errors import CrsError

DEGREE_M = 111_320.0


def metres(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distance on the ground, close enough for shifts."""
    step = (one - other) * DEGREE_M
    return np.hypot(step[:, 0] * np.cos(np.radians(one[:, 1])), step[:, 1])


def test_the_documented_pair_is_reproduced() -> None:
    shifted = gcj02_from_wgs84(np.array([[116.42079, 39.90105]]))
    assert metres(shifted, np.array([[116.42703, 39.90245]]))[0] < 1


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
     ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
     ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069))],
)  # fmt: skip
def test_the_pairs_of_the_public_test_suites_are_reproduced(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert metres(gcj02_from_wgs84(np.array([wgs])), np.array([gcj]))[0] < 1e-6


@pytest.mark.parametrize(
    ("place", "gcj_m", "bd_m"),
    [
        ((121.99, 41.24), 494, 1312),
        ((106.75, 31.87), 461, 1088),
        ((114.29, 35.74), 536, 1290),
        ((113.92, 35.30), 541, 1273),
    ],
)
def test_shifts_of_the_sample_counties(place: tuple[float, float], gcj_m: float, bd_m: float) -> None:
    point = np.array([place])
    assert metres(gcj02_from_wgs84(point), point)[0] == pytest.approx(gcj_m, abs=3)
    assert metres(bd09_from_wgs84(point), point)[0] == pytest.approx(bd_m, abs=3)


def test_round_trips_close_to_a_micrometre_all_over_china() -> None:
    rng = np.random.default_rng(0)
    xy = np.column_stack([rng.uniform(72.1, 137.7, 20_000), rng.uniform(0.9, 55.7, 20_000)])
    assert metres(wgs84_from_gcj02(gcj02_from_wgs84(xy)), xy).max() < 1e-6
    assert metres(wgs84_from_bd09(bd09_from_wgs84(xy)), xy).max() < 1e-6
    assert metres(gcj02_from_bd09(bd09_from_wgs84(xy)), gcj02_from_wgs84(xy)).max() < 1e-6


@settings(max_examples=60, deadline=None)
@given(st.floats(-180, 180), st.floats(-85, 85))
def test_a_point_outside_china_stays_to_the_last_bit(x: float, y: float) -> None:
    xy = np.array([[x, y]])
    for shift in (gcj02_from_wgs84, wgs84_from_gcj02, bd09_from_wgs84, wgs84_from_bd09):
        assert in_china(xy)[0] or (shift(xy) == xy).all()


@settings(max_examples=60, deadline=None)
@given(st.floats(73.6, 134.7), st.floats(3.5, 53.5))
def test_a_round_trip_closes_for_any_point(x: float, y: float) -> None:
    xy = np.array([[x, y]])
    assert metres(wgs84_from_gcj02(gcj02_from_wgs84(xy)), xy)[0] < 1e-6
    assert metres(wgs84_from_bd09(bd09_from_wgs84(xy)), xy)[0] < 1e-6


@pytest.mark.parametrize("datum", DATUMS)
def test_shapes_go_there_and_back(datum: str) -> None:
    shapes = np.array([shapely.box(121.9, 41.2, 121.95, 41.25), shapely.Point(121.9, 41.2), None], dtype=object)
    back = to_wgs84(from_wgs84(shapes, datum), datum)
    assert back[2] is None
    assert shapely.equals_exact(back[:2], shapes[:2], 1e-11).all()


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(CrsError, match="mars"):
        to_wgs84(np.array([shapely.Point(1, 1)], dtype=object), "mars")


def test_no_point_of_europe_or_america_is_called_swapped() -> None:
    assert not swapped(np.array([[24.9, 60.2], [-96.8, 39.0], [0.0, 0.0], [2.35, 48.85]])).any()


@pytest.fixture
def county() -> gpd.GeoDataFrame:
    edges = np.linspace(121.9, 121.96, 4)
    boxes = [shapely.box(x, y, x + 0.02, y + 0.02) for y in edges[:3] - 80.7 for x in edges[:3]]
    return gpd.GeoDataFrame({"village_code": [str(place) for place in range(9)]}, geometry=boxes, crs=4490)


def points(count: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(121.9, 121.96, count), rng.uniform(41.2, 41.26, count)])


@pytest.mark.parametrize("seed", range(6))
def test_each_datum_is_recognised(county: gpd.GeoDataFrame, seed: int) -> None:
    xy = points(300, seed)
    assert guess_datum(xy, villages=county).verdict == "fits"
    found = guess_datum(gcj02_from_wgs84(xy), villages=county)
    assert (found.verdict, found.datum) == ("shifted", "gcj02")
    found = guess_datum(bd09_from_wgs84(xy), villages=county)
    assert (found.verdict, found.datum) == ("shifted", "bd09")


def test_a_few_wrong_points_change_nothing(county: gpd.GeoDataFrame) -> None:
    xy = np.vstack([points(300), [[122.5, 41.2], [121.0, 40.9], [121.93, 41.8]]])
    assert guess_datum(xy, villages=county).verdict == "fits"


def test_points_in_the_middle_fit_any_datum_and_that_is_said(county: gpd.GeoDataFrame) -> None:
    xy = np.array([[121.93, 41.231], [121.931, 41.23]])
    assert guess_datum(xy, villages=county).verdict == "alike"


@pytest.mark.parametrize("east", [0.0, 0.004, 0.008, 0.012, 0.016])
def test_a_layer_that_reaches_beyond_the_county_is_not_shifted(county: gpd.GeoDataFrame, east: float) -> None:
    lattice = np.stack(np.meshgrid(np.arange(121.88, 121.99, 0.016), np.arange(41.18, 41.27, 0.012)), -1).reshape(-1, 2)
    assert guess_datum(lattice + np.array([east, east / 2]), villages=county).verdict != "shifted"


def test_the_village_that_a_row_names_decides(county: gpd.GeoDataFrame) -> None:
    xy = points(60)
    tree = shapely.STRtree(county.geometry.array)
    which, village = tree.query(shapely.points(xy), predicate="within")
    codes = pd.Series([None] * len(xy), dtype=object)
    codes.iloc[which] = county["village_code"].to_numpy()[village]
    inner = xy[(np.abs(xy - [121.93, 41.23]) < 0.01).all(axis=1)]
    assert len(inner) > 3
    chosen = codes[(np.abs(xy - [121.93, 41.23]) < 0.01).all(axis=1)].reset_index(drop=True)
    assert guess_datum(bd09_from_wgs84(inner), villages=county, declared=chosen).verdict in {"shifted", "unsure"}
    assert guess_datum(inner, villages=county, declared=chosen).verdict == "fits"


def test_with_nothing_to_compare_nothing_is_claimed() -> None:
    assert guess_datum(points(10)).verdict == "nothing"


def test_outside_china_there_is_nothing_to_guess() -> None:
    assert guess_datum(np.array([[24.9, 60.2]])).verdict == "fits"
