"""Views: exact against brute-force shadows, on free, touching and overlapping footprints."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage.optics import Sectors
from spatial.coverage.sight.sights import sector_views, sights
from spatial.coverage.sight.visibility import mount, walls
from spatial.coverage.views import camera_views

CRS = "EPSG:4550"


def buildings_of(shapes):
    shapes = [shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape for shape in shapes]
    return gpd.GeoDataFrame({"building_id": [f"B{k}" for k in range(len(shapes))]}, geometry=shapes, crs=CRS)


def cameras_at(*points, **columns):
    frame = {"camera_id": [f"C{k}" for k in range(len(points))], **columns}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*zip(*points, strict=True)), crs=CRS)


def one_sector(azimuth, hfov, near, far):
    return Sectors(np.array([0]), *(np.array([float(value)]) for value in (azimuth, hfov, near, far)))


def row_houses(rng):
    """Attached houses in rows, some overlapping their neighbour, some apart."""
    shapes = []
    for row in range(5):
        x = 0.0
        for _ in range(12):
            if rng.random() < 0.25:
                x += rng.uniform(2, 8)
                continue
            wide, deep, over = float(rng.integers(8, 13)), float(rng.integers(8, 12)), 0.7 * (rng.random() < 0.2)
            shapes.append(shapely.box(x - over, row * 20, x + wide, row * 20 + deep))
            x += wide
    return shapes


def seen_by_shadows(xy, sector, shapes):
    """Sector minus the union of every edge's shadow: slow, and independent of the engine."""
    eye = np.array(xy)
    united = shapely.union_all(shapes)
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(united)), return_index=True)
    same = ring[1:] == ring[:-1]
    shadows = []
    for a, b in zip(points[:-1][same], points[1:][same], strict=True):
        far_a, far_b = (eye + (p - eye) * (4000 / np.hypot(*(p - eye))) for p in (a, b))
        shadows.append(shapely.make_valid(shapely.Polygon([a, b, far_b, far_a])))
    return sector.difference(shapely.union_all(shadows)).difference(united)


@pytest.mark.parametrize("seed", range(6))
def test_views_equal_brute_force_shadows_on_attached_and_overlapping_houses(seed):
    rng = np.random.default_rng(seed)
    shapes = row_houses(rng)
    standing, clear = walls(buildings_of(shapes)), walls(None)
    for _ in range(5):
        xy = rng.uniform((0, -5), (110, 100))
        if shapely.distance(shapely.union_all(shapes), shapely.Point(xy)) < 0.2:
            continue
        sector = one_sector(rng.uniform(0, 360), rng.uniform(20, 170), rng.choice([0.0, 4.0, 8.0]), rng.uniform(20, 70))
        seen = sector_views(xy[None], sector, standing, step_deg=0.1)[0]
        whole = sector_views(xy[None], sector, clear, step_deg=0.1)[0]
        truth = seen_by_shadows(xy, whole, shapes)
        assert seen.area == pytest.approx(truth.area, rel=1e-4, abs=0.05)
        assert seen.symmetric_difference(truth).area <= 1e-4 * whole.area


@pytest.mark.parametrize("near", [0.0, 5.0])
def test_a_full_turn_equals_brute_force_shadows(near):
    rng = np.random.default_rng(3)
    shapes = row_houses(rng)
    xy = np.array([55.0, 15.5])
    assert shapely.distance(shapely.union_all(shapes), shapely.Point(xy)) > 0.2
    sector = one_sector(0, 360, near, 50)
    seen = sector_views(xy[None], sector, walls(buildings_of(shapes)), step_deg=0.1)[0]
    whole = sector_views(xy[None], sector, walls(None), step_deg=0.1)[0]
    truth = seen_by_shadows(xy, whole, shapes)
    assert seen.is_valid
    assert seen.area == pytest.approx(truth.area, rel=1e-4)


def test_an_open_sector_has_the_area_of_its_formula():
    sector = one_sector(90, 60, 8, 34)
    seen = sector_views(np.zeros((1, 2)), sector, walls(None), step_deg=0.5)[0]
    assert seen.area == pytest.approx(math.radians(60) / 2 * (34**2 - 8**2), rel=1e-4)
    assert seen.centroid.x > 0
    assert abs(seen.centroid.y) < 1e-6


def test_two_headings_are_united_and_counted_once():
    views = camera_views(cameras_at((0, 0), headings_deg=["90;100"], hfov_deg=[60.0], range_m=[30.0], mount_m=[1.0]))
    assert views.frame.loc[0, "area_m2"] == pytest.approx(math.radians(70) / 2 * 30**2, rel=1e-3)
    assert views.frame.geometry[0].is_valid


def test_tolerance_gives_a_smaller_sure_and_a_larger_possible_view():
    frame = cameras_at((0, 0), azimuth_deg=[90.0], azimuth_tolerance_deg=[22.5], hfov_deg=[60.0], range_m=[30.0],
                       mount_m=[1.0])  # fmt: skip
    view = camera_views(frame).frame.loc[0]
    unit = math.radians(1) / 2 * 30**2
    assert [view["sure_m2"] / unit, view["area_m2"] / unit, view["possible_m2"] / unit] == pytest.approx(
        [15, 60, 105], rel=1e-3
    )


def test_a_camera_without_heading_faces_the_open_side_and_is_sure_of_nothing():
    house = buildings_of([shapely.box(-20, 2, 20, 12)])
    view = camera_views(cameras_at((0, 0)), buildings=house).frame.loc[0]
    assert view.geometry.centroid.y < 0
    assert view["sure_m2"] == 0
    assert view["possible_m2"] > 3 * view["area_m2"]
    assert "azimuth_deg" in view["assumed"].split()


@pytest.mark.parametrize("depth", [-0.03, 0.0, 0.02, 0.4, 0.9])
def test_a_camera_on_or_just_inside_a_wall_hangs_on_it_and_looks_out(depth):
    house = buildings_of([shapely.box(-20, 0, 20, 10)])
    frame = cameras_at((0, depth), azimuth_deg=[180.0], hfov_deg=[60.0], range_m=[30.0], mount_m=[1.0])
    views = camera_views(frame, buildings=house)
    assert views.frame.loc[0, "area_m2"] == pytest.approx(math.radians(60) / 2 * 30**2, rel=1e-3)
    back = camera_views(frame.assign(azimuth_deg=0.0), buildings=house)
    assert back.frame.loc[0, "area_m2"] < 1


def test_a_camera_on_a_party_wall_hangs_on_the_street_side():
    houses = walls(buildings_of([shapely.box(-10, 0, 0, 10), shapely.box(0, 0, 10, 10)]))
    xy, indoors = mount(np.array([shapely.Point(0, 0.5)]), houses)
    assert xy[0].tolist() == pytest.approx([0, -0.05])
    assert not indoors[0]


def test_a_camera_deep_inside_sees_nothing_unless_it_stands_on_the_roof():
    house = buildings_of([shapely.box(-20, -20, 20, 20)]).assign(height_m=6.0)
    frame = cameras_at((0, 0), (0, 0), azimuth_deg=[0.0, 0.0], mount_m=[4.0, 9.0], range_m=[60.0, 60.0])
    views = camera_views(frame, buildings=house)
    assert views.indoors.tolist() == [True, False]
    assert shapely.is_missing(views.frame.geometry.to_numpy()).tolist() == [True, False]


def test_a_building_known_to_be_lower_than_the_target_hides_nothing():
    wall = buildings_of([shapely.box(-50, 10, 50, 11)])
    frame = cameras_at((0, 0), azimuth_deg=[0.0], range_m=[30.0])
    areas = [camera_views(frame, buildings=wall.assign(height_m=h)).frame.loc[0, "area_m2"] for h in (1.0, 8.0)]
    assert areas[0] > 2 * areas[1]


def test_a_ptz_reaches_a_disc_but_not_at_once():
    view = camera_views(cameras_at((0, 0), kind=["ptz"])).frame.loc[0]
    assert view["not_at_once"]
    assert view.geometry.contains(shapely.Point(0, 0.5))


@settings(max_examples=25, deadline=None)
@given(st.floats(-3e5, 3e5), st.floats(-3e5, 3e5), st.integers(0, 1000))
def test_views_shift_with_the_scene(dx, dy, seed):
    rng = np.random.default_rng(seed)
    shapes = np.array(row_houses(rng))
    frame = cameras_at((30.0, 15.0), azimuth_deg=[float(rng.uniform(0, 360))], range_m=[60.0])
    here = camera_views(frame, buildings=buildings_of(shapes)).frame.loc[0, "area_m2"]
    moved = frame.set_geometry(frame.translate(dx, dy))
    there = camera_views(moved, buildings=buildings_of(shapely.transform(shapes, lambda p: p + np.array([dx, dy]))))
    assert there.frame.loc[0, "area_m2"] == pytest.approx(here, rel=1e-6, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_an_obstacle_never_adds_to_a_view(seed):
    rng = np.random.default_rng(seed)
    shapes = row_houses(rng)
    standing, fewer = walls(buildings_of(shapes)), walls(buildings_of(shapes[1:]))
    sector = one_sector(rng.uniform(0, 360), 120, 2, 60)
    xy = np.array([[rng.uniform(0, 100), 15.5]])
    seen, more = sights(xy, sector, standing), sights(xy, sector, fewer)
    assert seen.area_m2[0] <= more.area_m2[0] + 1e-6
    assert seen.shapes[0].area <= more.shapes[0].area + 1e-2  # chords of an arc that walls cut are finer


def test_inputs_are_left_as_they_are():
    frame, house = cameras_at((0, 0)), buildings_of([shapely.box(5, 5, 9, 9)])
    before = frame.copy(), house.copy()
    camera_views(frame, buildings=house)
    assert frame.equals(before[0])
    assert house.equals(before[1])
