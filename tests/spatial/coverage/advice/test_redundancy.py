"""Cameras that add nothing: exactly those that the others replace, and all of them can go together."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import cover
from spatial.coverage.advice.redundancy import LITTLE, spare_cameras

CRS = "EPSG:4550"
X, Y = 500_000.0, 4_570_000.0


def cameras(at, azimuth, **columns):
    base = {"camera_id": [f"C{k:02}" for k in range(len(at))], "azimuth_deg": azimuth, "range_m": 30.0}
    return gpd.GeoDataFrame(base | columns, geometry=[shapely.Point(X + x, Y + y) for x, y in at], crs=CRS)


def villages():
    shape = shapely.MultiPolygon([shapely.box(X - 100, Y - 100, X + 100, Y + 100)])
    codes = {"village_code": ["V1"], "village": "v", "town_code": "T", "town": "t", "county_code": "K", "county": "k"}
    return gpd.GeoDataFrame(codes, geometry=[shape], crs=CRS)


def places():
    square = {"place_id": ["P"], "place": ["p"], "kind": ["square"], "priority": [1], "radius_m": [30.0]}
    return gpd.GeoDataFrame(square, geometry=[shapely.Point(X, Y + 15)], crs=CRS)


def test_of_two_that_see_the_same_one_can_go():
    found = cover(cameras([(0, 0)] * 2 + [(0, 0)], [0.0, 0.0, 180.0]))
    rows = [row for row in found.problems.rows if row["problem"] == "camera-adds-little"]
    assert [row["code"] for row in rows] == ["C00"]
    assert "0.0%" in rows[0]["message_en"]
    heading = float(re.search(r"转向 (\d+)°", rows[0]["remedy"])[1])
    again = cover(cameras([(0, 0)] * 3, [heading, 0.0, 180.0]))
    assert not len(spare_cameras(again.state).rows)


def test_one_that_is_off_replaces_nothing():
    found = cover(cameras([(0, 0)] * 2, [0.0, 0.0], status=["working", "offline"]))
    assert not len(spare_cameras(found.state).rows)


def test_what_goes_with_them_is_counted():
    found = cover(cameras([(0, 0)] * 3, [0.0] * 3), villages=villages(), places=places())
    (row,) = [row for row in found.problems.rows if row["problem"] == "cameras-add-little"]
    share = f"{found.figures['covered_share']:.2%}"
    assert row["message_en"].startswith("2 working")
    assert row["message_en"].count(share) == 2


def test_ground_that_four_see_is_listed_by_village():
    for count, expected in ((3, []), (4, ["V1"])):
        turns = np.arange(count) * 3.0
        beams = cameras([(0, -5)] * count, turns, hfov_deg=120.0, range_m=60.0, mount_m=2.0, tilt_deg=0.0)
        found = cover(beams, villages=villages(), places=places())
        assert [row["code"] for row in found.problems.rows if row["problem"] == "area-watched-often"] == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_all_that_are_listed_go_together_and_none_is_missed(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 12))
    found = cover(cameras(rng.integers(0, 4, (count, 2)) * 4.0, rng.choice([0.0, 10.0, 20.0, 90.0], count)))
    spare = spare_cameras(found.state)
    views = found.state.views.frame.geometry.to_numpy()
    kept = np.setdiff1d(np.arange(count), spare.rows)
    for place, row in enumerate(spare.rows):
        others = np.union1d(kept, spare.rows[place + 1 :])
        own = shapely.area(shapely.difference(views[row], shapely.union_all(views[others]))) / shapely.area(views[row])
        assert own == pytest.approx(spare.share[place], abs=1e-3)
        assert own < LITTLE + 1e-3
    for row in kept:
        others = np.setdiff1d(kept, row)
        own = shapely.area(shapely.difference(views[row], shapely.union_all(views[others]))) / shapely.area(views[row])
        assert own >= LITTLE - 1e-3
