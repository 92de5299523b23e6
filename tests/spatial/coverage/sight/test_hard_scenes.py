"""Views in scenes made to break them: courtyards, nested and equal footprints, eyes in line with walls, any sector."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage.sight.sights import best_sectors, sector_views, sights
from spatial.coverage.sight.visibility import walls
from spatial.coverage.views import camera_views
from tests.spatial.coverage.views.test_views import buildings_of, cameras_at, one_sector


def hard_scene(rng):
    """Footprints on whole metres: they touch, cross, repeat, lie in each other and in courtyards."""
    shapes = []
    for _ in range(int(rng.integers(1, 12))):
        x, y = rng.integers(-30, 30, 2).astype(float)
        w, h = rng.integers(1, 25, 2).astype(float)
        house = shapely.box(x, y, x + w, y + h)
        kind = rng.integers(0, 6)
        if kind == 0 and min(w, h) > 6:
            yard = shapely.box(x + 2, y + 2, x + w - 2, y + h - 2)
            shapes += [house.difference(yard), shapely.box(x + 3, y + 3, x + 4, y + 4)]
        elif kind == 1:
            shapes += [house, shapely.box(x, y, x + w / 2, y + h / 2), house]
        elif kind == 2:
            shapes.append(shapely.Polygon([(x, y), (x + w, y), (x + w / 2, y + h)]))
        elif kind == 3:
            shapes.append(shapely.MultiPolygon([house, shapely.box(x + w + 1, y, x + w + 3, y + h)]))
        elif kind == 4:
            shapes += [house, shapely.box(x + w, y, x + 2 * w, y + h), shapely.box(x + w, y + h, x + 2 * w, y + 2 * h)]
        else:
            shapes.append(house)
    return np.array(shapes, dtype=object)


def truth(eye, sector, shapes):
    """Cut the shadow of every edge out of the sector: nothing of the engine is in it."""
    united = shapely.union_all(shapes)
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(united)), return_index=True)
    same = ring[1:] == ring[:-1]
    shadows = []
    for a, b in zip(points[:-1][same], points[1:][same], strict=True):
        far_a, far_b = (eye + (p - eye) * (1e6 / np.hypot(*(p - eye))) for p in (a, b))
        shadows.append(shapely.make_valid(shapely.Polygon([a, b, far_b, far_a])))
    return sector.difference(shapely.union_all([*shadows, united]))


def free_eye(rng, shapes):
    """Whole and half metres (in line with walls), or anywhere; not within 20 cm of a wall, often in a courtyard."""
    united = shapely.union_all(shapes)
    while True:
        eye = rng.integers(-60, 60, 2) / 2 if rng.random() < 0.5 else rng.uniform(-30, 30, 2)
        if shapely.distance(united, shapely.Point(eye)) > 0.2:
            return eye


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_every_sector_in_every_scene_equals_shadows(seed):
    rng = np.random.default_rng(seed)
    shapes = hard_scene(rng)
    eye, standing = free_eye(rng, shapes), walls(buildings_of(shapes))
    azimuth = float(rng.choice([0.0, 1.0, 45.0, 90.0, 180.0, 270.0, 359.5, rng.uniform(0, 360)]))
    width = float(rng.choice([0.5, 30.0, 90.0, 179.0, 180.0, 181.0, 270.0, 359.0, 360.0]))
    near, far = float(rng.choice([0.0, 0.5, 6.0])), float(rng.choice([1.0, 7.0, 25.0, 60.0]))
    sector = one_sector(azimuth, width, near, far)
    found = sights(eye[None], sector, standing, step_deg=0.25)
    whole = sector_views(eye[None], sector, walls(None), step_deg=0.25)[0]
    expected = truth(eye, whole, shapes) if far > near else shapely.Polygon()
    seen = found.shapes[0]
    assert seen.is_valid
    assert seen.symmetric_difference(expected).area <= 1e-4 * whole.area + 1e-6
    assert found.area_m2[0] == pytest.approx(expected.area, rel=1e-4, abs=1e-4 * whole.area + 1e-6)
    if width < 359.5:
        now, _, best = best_sectors(eye[None], sector, standing)[0]
        assert now == pytest.approx(found.area_m2[0], abs=1e-8)
        assert best >= now * (1 - 1e-3) - 0.1


@pytest.mark.parametrize("height", [np.nan, 2.0])
def test_a_wall_that_only_touches_the_dead_zone_does_not_lie_in_it(height):
    """Seen symmetrically, the middle of the wall is just where the near circle touches it."""
    standing = walls(buildings_of([shapely.box(-20, -20, -0.5, 20)]).assign(height_m=height))
    eye, sector = np.zeros((1, 2)), one_sector(0.0, 200.0, 0.5, 1.0)
    mount = np.array([3.0])
    right = sights(eye, sector, standing, mount_m=mount).area_m2[0]
    assert best_sectors(eye, sector, standing, mount_m=mount)[0, 0] == pytest.approx(right, rel=1e-12)
    toward = one_sector(270.0, 120.0, 0.5, 1.0)  # all of it is seen through the wall: segments beyond the near circle
    beyond = sights(eye, toward, standing, mount_m=mount).area_m2[0]
    assert beyond == pytest.approx((np.sqrt(3) - np.pi / 3) / 4, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_several_headings_are_the_union_of_their_views(seed):
    rng = np.random.default_rng(seed)
    shapes = hard_scene(rng)
    eye = free_eye(rng, shapes)
    headings = rng.integers(0, 360, 3).astype(float)
    lens = {"hfov_deg": [70.0], "range_m": [40.0], "mount_m": [1.5]}
    several = cameras_at(eye, headings_deg=[";".join(map(str, headings))], **lens)
    both = camera_views(several, buildings=buildings_of(shapes))
    each = [camera_views(cameras_at(eye, azimuth_deg=[h], **lens), buildings=buildings_of(shapes)) for h in headings]
    parts = [view.frame.geometry[0] for view in each if view.frame.geometry[0] is not None]
    united = shapely.union_all(parts) if parts else shapely.Polygon()
    assert both.frame.loc[0, "area_m2"] == pytest.approx(united.area, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_no_view_enters_a_house_or_crosses_a_wall(seed):
    """Also from inside a house, on a wall, and on a corner: what is seen lies outside, in one sight line of the eye."""
    rng = np.random.default_rng(seed)
    shapes = hard_scene(rng)
    united = shapely.union_all(shapes)
    corners = shapely.get_coordinates(united)
    spots = [*corners[rng.integers(0, len(corners), 3)], *rng.integers(-30, 30, (4, 2)).astype(float)]
    frame = cameras_at(*spots, kind=["ptz"] * 7, range_m=[40.0] * 7, mount_m=[1.5] * 7)
    views = camera_views(frame, buildings=buildings_of(shapes))
    inner = united.buffer(-0.01)
    for view, at, indoors in zip(views.frame.geometry, views.xy, views.indoors, strict=True):
        if view is None:
            continue
        assert not indoors
        assert view.intersection(united).area <= 1e-6
        points = np.array([part.representative_point() for part in shapely.get_parts(view)])
        assert not shapely.intersects(shapely.linestrings([[at, (p.x, p.y)] for p in points]), inner).any()
