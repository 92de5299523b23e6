"""Views that sweep zones: the share is exact, the heading advised keeps clear, and what cannot turn is masked."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import cover
from spatial.coverage.advice.around import Others, by_direction, window
from spatial.coverage.edges import edge_shapes

CRS = "EPSG:4550"
X, Y = 500_000.0, 4_570_000.0


def cameras(**columns):
    count = len(next(iter(columns.values())))
    base = {"camera_id": [f"C{k}" for k in range(count)], "range_m": 30.0}
    return gpd.GeoDataFrame(base | columns, geometry=[shapely.Point(X, Y)] * count, crs=CRS)


def zone(kind, shape):
    return gpd.GeoDataFrame({"zone_id": ["Z"], "kind": [kind]}, geometry=[shapely.MultiPolygon([shape])], crs=CRS)


def swept(listed, zones):
    found = cover(listed, zones=zones)
    return found, [row for row in found.problems.rows if "sweeps" in row["problem"]]


def north(depth=100.0):
    return shapely.box(X - 100, Y, X + 100, Y + depth)


@pytest.mark.parametrize("kind", ["forbidden", "residential"])
def test_a_view_into_a_zone_is_listed_with_its_share_and_turned_away(kind):
    listed = cameras(azimuth_deg=[0.0, 90.0, 180.0])
    rows = swept(listed, zone(kind, north()))[1]
    assert [(row["problem"], row["code"]) for row in rows] == [(f"camera-sweeps-{kind}", "C0"),
                                                               (f"camera-sweeps-{kind}", "C1")]  # fmt: skip
    assert "100%" in rows[0]["message_zh"]
    assert "50%" in rows[1]["message_en"]
    for row in rows:
        heading = float(re.search(r"转向 (\d+)°", row["remedy"])[1])
        assert not swept(cameras(azimuth_deg=[heading]), zone(kind, north()))[1]
    assert shapely.equals(rows[0]["geometry"], shapely.Point(X, Y))


def test_where_no_heading_keeps_clear_a_mask_is_asked_for():
    rows = swept(cameras(azimuth_deg=[0.0]), zone("forbidden", shapely.Point(X, Y).buffer(100)))[1]
    assert "遮挡" in rows[0]["remedy"]
    assert "mask" in rows[0]["remedy"]


def test_what_looks_all_round_is_not_turned():
    rows = swept(cameras(kind=["panorama"], azimuth_deg=[None]), zone("forbidden", north()))[1]
    assert "转向" not in rows[0]["remedy"]


def test_cameras_that_do_not_work_and_zones_for_consent_sweep_nothing():
    assert not swept(cameras(azimuth_deg=[0.0], status=["offline"]), zone("forbidden", north()))[1]
    assert not swept(cameras(azimuth_deg=[0.0]), zone("consent", north()))[1]


def test_a_hole_in_a_zone_is_not_in_it():
    around = shapely.Point(X, Y)
    ring = shapely.difference(around.buffer(200), around.buffer(60))
    assert not swept(cameras(azimuth_deg=[0.0]), zone("forbidden", ring))[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_directions_sum_to_the_shape_and_windows_to_its_sectors(seed):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(-5, 5, (3, 2))
    shapes = np.array([shapely.Point(*at).buffer(20, quad_segs=4) for at in rng.uniform(-15, 15, (3, 2))])
    over = np.array([shapely.Point(*at).buffer(12, quad_segs=2) for at in rng.uniform(-20, 20, (4, 2))])
    parts, clean = by_direction(shapes, xy, Others(edge_shapes(over), over))
    free = shapely.area(shapely.difference(shapes, shapely.union_all(over)))
    assert parts.sum(axis=1) == pytest.approx(shapely.area(shapes), rel=5e-3)
    assert clean.sum(axis=1) == pytest.approx(free, rel=2e-2, abs=2.0)
    width = rng.choice([5.0, 45.0, 90.0, 180.0], 3)
    sums = window(parts, width)
    start = int(rng.integers(0, 72))
    for row in range(3):
        bins = (start + np.arange(round(width[row] / 5))) % 72
        assert sums[row, start] == pytest.approx(parts[row, bins].sum(), abs=1e-6)


def test_the_dead_zone_counts_neither_as_seen_nor_as_new():
    disc = shapely.Point(0, 0).buffer(20, quad_segs=400)
    east = np.array([shapely.box(3, -50, 50, 50)], dtype=object)
    shapes, xy = np.array([disc], dtype=object), np.zeros((1, 2))
    every, clean = by_direction(shapes, xy, Others(edge_shapes(east), east), blind_m=np.array([6.0]))
    ring = disc.difference(shapely.Point(0, 0).buffer(6, quad_segs=400))
    assert every.sum() == pytest.approx(ring.area, rel=1e-4)
    assert clean.sum() == pytest.approx(ring.difference(east[0]).area, rel=2e-3)
    assert (every.max(), every.min()) == pytest.approx((np.radians(5) / 2 * (400 - 36),) * 2, rel=1e-3)
