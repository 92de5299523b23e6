"""Seeing over low buildings: against shadows stretched by hand, wall by wall."""

from __future__ import annotations

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage.sight.sights import best_sectors, sights
from spatial.coverage.sight.visibility import walls
from spatial.coverage.views import camera_views
from tests.spatial.coverage.views.test_views import CRS, buildings_of, cameras_at, one_sector, row_houses

TARGET = 1.5


def hidden_by(eye, mount, shape, height):
    """Sweep every wall of a footprint away from the eye as far as the sight line asks: what it hides, with itself."""
    far = 60.0 if not height < mount else (mount - TARGET) / (mount - height)
    ring = shapely.get_coordinates(shape.exterior)
    swept = [
        shapely.convex_hull(shapely.MultiPoint([a, b, eye + (a - eye) * far, eye + (b - eye) * far]))
        for a, b in pairwise(ring)
    ]
    return shapely.union_all([*swept, shape])


def truth(eye, mount, whole, shapes, heights):
    near = [k for k, shape in enumerate(shapes) if shapely.distance(shape, shapely.Point(eye)) < 80]
    return whole.difference(shapely.union_all([hidden_by(eye, mount, shapes[k], heights[k]) for k in near]))


def scene(seed):
    """Row houses of one storey, of two, and of unknown height."""
    rng = np.random.default_rng(seed)
    shapes = row_houses(rng)
    return rng, shapes, rng.choice([3.0, 3.8, 6.0, np.nan], len(shapes), p=[0.4, 0.3, 0.1, 0.2])


@pytest.mark.parametrize("seed", range(8))
def test_views_over_low_houses_equal_swept_shadows(seed):
    rng, shapes, heights = scene(seed)
    standing = walls(buildings_of(shapes).assign(height_m=heights))
    for _ in range(5):
        xy = rng.uniform((0, -5), (110, 100))
        if shapely.distance(shapely.union_all(shapes), shapely.Point(xy)) < 0.2:
            continue
        mount = rng.uniform(3.2, 8.0)
        width = rng.choice([70.0, 120.0, 360.0])
        sector = one_sector(rng.uniform(0, 360), width, 0.0 if width == 360 else rng.choice([0.0, 4.0]), 55.0)
        seen = sights(xy[None], sector, standing, mount_m=np.array([mount]), step_deg=0.2)
        whole = sights(xy[None], sector, walls(None), step_deg=0.2).shapes[0]
        right = truth(xy, mount, whole, shapes, heights)
        assert seen.shapes[0].is_valid
        assert seen.shapes[0].symmetric_difference(right).area <= 1e-4 * whole.area
        assert seen.area_m2[0] == pytest.approx(right.area, rel=2e-4, abs=0.05)


def test_the_ground_beyond_a_low_wall_is_seen_again():
    wall = buildings_of([shapely.box(-50, 10, 50, 11)]).assign(height_m=3.0)
    frame = cameras_at((0, 0), azimuth_deg=[0.0], hfov_deg=[60.0], range_m=[40.0], mount_m=[5.0])
    view = camera_views(frame, buildings=wall).frame.geometry[0]
    again = 11 * (5 - TARGET) / (5 - 3)
    assert view.contains(shapely.Point(0, 9.9))
    assert not view.intersects(shapely.Point(0, again - 0.1))
    assert view.contains(shapely.Point(0, again + 0.1))


@pytest.mark.parametrize(("height", "floors"), [(np.nan, np.nan), (5.0, 1), (9.0, 1), (np.nan, 2)])
def test_unknown_and_high_walls_hide_everything_behind_them(height, floors):
    wall = buildings_of([shapely.box(-50, 10, 50, 11)]).assign(height_m=[height], floors=[floors])
    frame = cameras_at((0, 0), azimuth_deg=[0.0], hfov_deg=[60.0], range_m=[40.0], mount_m=[5.0])
    assert camera_views(frame, buildings=wall).frame.geometry[0].bounds[3] == pytest.approx(10)


def test_a_storey_is_three_metres_and_a_stated_height_wins():
    """From 5 m, a wall of 3 m hides the ground behind it up to 1.75 times its distance."""
    frame = cameras_at((0, 0), azimuth_deg=[0.0], hfov_deg=[60.0], range_m=[40.0], mount_m=[5.0])
    wall = buildings_of([shapely.box(-50, 10, 50, 11)])
    for known in ({"floors": [1]}, {"floors": [9], "height_m": [3.0]}):
        view = camera_views(frame, buildings=wall.assign(**known)).frame.geometry[0]
        assert not view.intersects(shapely.box(-2, 10.1, 2, 11 * 1.75 - 0.05))
        assert view.contains(shapely.box(-2, 11 * 1.75 + 0.05, 2, 30))


@pytest.mark.parametrize(("height", "hides"), [(TARGET, False), (TARGET + 0.01, True)])
def test_what_is_no_higher_than_the_target_hides_nothing(height, hides):
    wall = buildings_of([shapely.box(-50, 10, 50, 11)]).assign(height_m=height)
    frame = cameras_at((0, 0), azimuth_deg=[0.0], hfov_deg=[60.0], range_m=[40.0], mount_m=[TARGET])
    assert (camera_views(frame, buildings=wall).frame.geometry[0].bounds[3] < 11) == hides


@pytest.mark.parametrize(("mount", "indoors"), [(5.9, True), (6.0, False), (9.0, False)])
def test_who_hangs_no_lower_than_the_house_stands_on_its_roof(mount, indoors):
    house = buildings_of([shapely.box(-20, -20, 20, 20)]).assign(height_m=6.0)
    frame = cameras_at((0, 0), kind=["ptz"], mount_m=[mount], range_m=[90.0])
    assert camera_views(frame, buildings=house).indoors.tolist() == [indoors]


def test_a_camera_on_a_roof_does_not_see_the_ground_under_it():
    house = buildings_of([shapely.box(-20, -20, 20, 20)]).assign(height_m=6.0)
    frame = cameras_at((0, 0), kind=["ptz"], mount_m=[9.0], range_m=[90.0])
    view = camera_views(frame, buildings=house).frame.geometry[0]
    edge = 20 * (9 - TARGET) / (9 - 6)
    assert not view.intersects(shapely.box(-edge + 0.5, -edge + 0.5, edge - 0.5, edge - 0.5))
    assert view.contains(shapely.Point(edge + 1, 0))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(3.2, 9.0))
def test_a_higher_camera_sees_more_and_a_higher_house_hides_more(seed, mount):
    rng, shapes, heights = scene(seed)
    sector = one_sector(rng.uniform(0, 360), 100, 2, 60)
    xy = np.array([[rng.uniform(0, 100), 15.5]])

    def area(height, eye):
        standing = walls(buildings_of(shapes).assign(height_m=height))
        return sights(xy, sector, standing, mount_m=np.array([eye])).area_m2[0]

    here = area(heights, mount)
    assert area(heights, mount + 1) >= here - 1e-6
    assert area(heights + 0.7, mount) <= here + 1e-6
    assert area(np.full(len(shapes), np.nan), mount) <= here + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 2 * math.pi))
def test_rotating_the_scene_rotates_the_views(seed, turn):
    rng, shapes, heights = scene(seed)
    frame = gpd.GeoDataFrame(
        {"camera_id": ["A", "B"], "azimuth_deg": rng.uniform(0, 360, 2), "range_m": 60.0, "mount_m": [4.5, 2.0],
         "hfov_deg": 80.0}, geometry=[shapely.Point(30, 15.5), shapely.Point(60, 35.3)], crs=CRS,
    )  # fmt: skip
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    houses = buildings_of(shapes).assign(height_m=heights)
    turned = houses.set_geometry(shapely.transform(houses.geometry.to_numpy(), lambda p: p @ matrix), crs=CRS)
    moved = frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda p: p @ matrix), crs=CRS)
    moved["azimuth_deg"] -= math.degrees(turn)
    here, there = camera_views(frame, buildings=houses), camera_views(moved, buildings=turned)
    assert there.frame["area_m2"].to_numpy() == pytest.approx(here.frame["area_m2"].to_numpy(), rel=1e-6, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_view_never_crosses_a_wall(seed):
    rng, shapes, _ = scene(seed)
    frame = cameras_at(*rng.uniform((0, -5), (110, 100), (4, 2)), azimuth_deg=rng.uniform(0, 360, 4),
                       range_m=[60.0] * 4)  # fmt: skip
    views = camera_views(frame, buildings=buildings_of(shapes))
    inner = shapely.union_all(shapely.buffer(shapes, -0.001))
    for view in views.frame.geometry[~views.frame.geometry.isna()]:
        assert shapely.intersection(view, inner).area < 1e-4


def test_the_areas_now_and_at_the_best_heading_are_those_of_views():
    _, shapes, heights = scene(3)
    standing = walls(buildings_of(shapes).assign(height_m=heights))
    xy, mount = np.array([[30.0, 15.5]]), np.array([5.0])
    for azimuth in (0, 77, 200):
        now, heading, most = best_sectors(xy, one_sector(azimuth, 60, 0, 50), standing, mount_m=mount)[0]
        for area, at in ((now, azimuth), (most, heading)):
            sector = one_sector(at, 60, 0, 50)
            assert area == pytest.approx(sights(xy, sector, standing, mount_m=mount).area_m2[0], abs=1e-8)
