"""What must hold in any scene: cells sum to villages, order changes nothing, views turn with the scene."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spatial.coverage import CoverageOptions, cover
from spatial.coverage.sight.sights import best_sectors, sights
from spatial.coverage.sight.visibility import walls
from tests.spatial.coverage.views.test_views import one_sector

CRS = "EPSG:4550"
LOW = np.array([500_000.0, 4_570_000.0])
SIDE = 260.0


def yards(rng, count):
    """Houses of any size and direction around the origin, some touching or overlapping, a third with a courtyard."""
    shapes = []
    for _ in range(count):
        size, at = rng.uniform(8, 24, 2), rng.uniform(-55, 55, 2)
        house = shapely.box(*(at - size / 2), *(at + size / 2))
        if rng.random() < 0.35:
            house = house.difference(shapely.box(*(at - size / 3), *(at + size / 3)))
        shapes.append(shapely.affinity.rotate(house, rng.uniform(0, 90)))
    row = rng.uniform(-40, 40, 2)
    return [*shapes, *(shapely.box(row[0] + 7 * k, row[1], row[0] + 7 * k + 7, row[1] + 9) for k in range(3))]


def cut(rng, shape, count):
    """Cut a polygon into the regions nearest to some points."""
    low_x, low_y, high_x, high_y = shape.bounds
    seeds = rng.uniform((low_x, low_y), (high_x, high_y), (count, 2))
    return list(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=shape)) & shape)


def county(rng):
    """Two villages of any border, three cells in each, houses, roads, cameras, places and homes in and around them."""
    villages = cut(rng, shapely.box(*LOW, *(LOW + SIDE)), 2)
    cells = [(f"21112210{k + 1}201{n + 1:03}", cell) for k, shape in enumerate(villages)
             for n, cell in enumerate(cut(rng, shape, 3))]  # fmt: skip
    houses = [shapely.affinity.translate(house, *(LOW + SIDE / 2)) for house in yards(rng, 25)]
    spots, doors = rng.uniform(-10, SIDE + 10, (2, 12, 2)) + LOW
    ends = rng.uniform(-20, SIDE + 20, (4, 2, 2)) + LOW

    def frame(key, shapes, **columns):
        return gpd.GeoDataFrame(
            {key: [f"{key[0]}{k:02}" for k in range(len(shapes))]} | columns, geometry=shapes, crs=CRS
        )

    codes = [f"21112210{k + 1}201" for k in range(2)]
    return {
        "cameras": frame("camera_id", list(shapely.points(spots)), azimuth_deg=rng.uniform(0, 360, 12),
                         range_m=rng.uniform(20, 70, 12), kind=rng.choice(["bullet", "ptz"], 12),
                         status=rng.choice(["working", "offline"], 12), networked=rng.random(12) < 0.5),
        "villages": gpd.GeoDataFrame({"village_code": codes, "town_code": [code[:9] for code in codes],
                                      "county_code": "211122"}, geometry=villages, crs=CRS),
        "cells": gpd.GeoDataFrame({"cell_code": [code for code, _ in cells]}, geometry=[c for _, c in cells], crs=CRS),
        "buildings": frame("building_id", houses),
        "barriers": frame("barrier_id", list(shapely.linestrings(ends)), kind="road",
                          road_class=rng.choice(["county", "village", "street"], 4)),
        "places": frame("place_id", list(shapely.points(doors)), kind=rng.choice(["school", "service_station"], 12),
                        priority=rng.integers(1, 4, 12)),
        "homes": frame("home_id", list(shapely.points(doors)), households=rng.integers(1, 9, 12)),
    }  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_cells_sum_to_villages_and_order_and_threads_change_nothing(seed):
    rng = np.random.default_rng(seed)
    scene = county(rng)
    found = cover(**scene, options=CoverageOptions(resolution=1.0, threads=1))
    table, details = found.table, found.details[found.details["subject"] != "cordon"]  # a border is of both its sides
    numbers = [name for name in table.columns if table[name].dtype.kind in "if" and not name.endswith("_share")]
    added = [name for name in numbers if table[name].notna().all()]  # what the list says nothing about is missing
    sums = ["total", "covered"]
    for upper, lower in (("village", "cell"), ("town", "village"), ("county", "town")):
        digits = {"village": 12, "town": 9, "county": 6}[upper]
        large, small = (table[table["level"] == level] for level in (upper, lower))
        summed = small.groupby(small["code"].str[:digits])[added].sum()
        assert summed.to_numpy(float) == pytest.approx(large.set_index("code")[added].to_numpy(float), abs=1e-6)
        large, small = (details[details["level"] == level] for level in (upper, lower))
        summed = small.groupby([small["code"].str[:digits], "subject", "item"])[sums].sum()
        pd.testing.assert_frame_equal(
            summed, large.set_index(["code", "subject", "item"])[sums].sort_index(), check_names=False
        )
    assert table.loc[table["level"] == "county", "aoi_m2"].iloc[0] > 0
    mixed = {name: layer.sample(frac=1.0, random_state=seed % 1000) for name, layer in scene.items()
             if name not in {"villages", "cells"}}  # fmt: skip
    again = cover(**scene | mixed, options=CoverageOptions(resolution=1.0, threads=3))
    pd.testing.assert_frame_equal(again.table, table)
    pd.testing.assert_frame_equal(again.details, found.details)
    pd.testing.assert_frame_equal(again.gaps, found.gaps)
    pd.testing.assert_frame_equal(again.views, found.views)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
@example(292)  # two corners in one line from the eye
def test_views_and_best_headings_turn_with_a_scene_of_courtyards(seed):
    rng = np.random.default_rng(seed)
    shapes = yards(rng, 12)
    heights = rng.choice([2.5, 4.0, np.nan], len(shapes))
    hosts = [shape for shape in shapes if shape.interiors]
    eye = np.array(hosts[0].centroid.coords[0]) if hosts and rng.random() < 0.7 else rng.uniform(-60, 60, 2)
    azimuth, width = float(rng.uniform(0, 360)), float(rng.choice([1.0, 60.0, 180.0, 250.0, 358.0]))
    turn = float(rng.integers(1, 360))

    def looked(angle):
        turned = [shapely.affinity.rotate(shape, -angle, origin=(0, 0)) for shape in shapes]  # clockwise, as headings
        frame = gpd.GeoDataFrame({"building_id": range(len(shapes)), "height_m": heights}, geometry=turned, crs=CRS)
        at = np.array(shapely.affinity.rotate(shapely.Point(eye), -angle, origin=(0, 0)).coords)
        sector = one_sector((azimuth + angle) % 360, width, 2.0, 45.0)
        seen = sights(at, sector, walls(frame), mount_m=np.array([3.2]), step_deg=0.25)
        return seen.shapes[0], seen, best_sectors(at, sector, walls(frame), mount_m=np.array([3.2]))[0]

    (before, one, best), (after, two, then) = looked(0.0), looked(turn)
    moved = shapely.affinity.rotate(before, -turn, origin=(0, 0))
    # Where rounding parts corners in one line, an arc gets points more, with slivers of 0.00001 m² and more.
    assert shapely.symmetric_difference(moved, after).area <= 1e-5 * before.area + 1e-3
    assert two.area_m2 == pytest.approx(one.area_m2, abs=1e-6)
    assert two.axis_m == pytest.approx(one.axis_m, abs=1e-6)
    assert then[0] == pytest.approx(best[0], abs=1e-6)
    # Headings within a tenth of a square metre are equals; a chord of two degrees hides up to 2e-4 of its sector.
    assert then[2] == pytest.approx(best[2], rel=2e-4, abs=0.2)
