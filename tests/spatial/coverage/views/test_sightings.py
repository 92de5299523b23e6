"""Who sees a point, and why the others do not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.coverage.sight.visibility import walls
from spatial.coverage.views import camera_views
from spatial.coverage.views.sightings import who_sees
from tests.spatial.coverage.views.test_views import CRS, cameras_at

POINT = (0.0, 30.0)
LENS = {"azimuth_deg": 0.0, "hfov_deg": 60.0, "width_px": 1920.0, "range_m": 60.0, "mount_m": 5.0, "tilt_deg": 10.0}


def asked(house=None, height=np.nan, **camera):
    frame = cameras_at((0, 0), **{name: [value] for name, value in (LENS | camera).items()})
    buildings = None
    if house is not None:
        buildings = gpd.GeoDataFrame({"building_id": ["B7"], "height_m": [height]}, geometry=[house], crs=CRS)
    standing = walls(buildings)
    views = camera_views(frame, standing=standing, pixels="40")
    return who_sees(frame, views, standing, *POINT).loc[0]


def test_a_camera_that_sees_the_point_tells_its_pixels():
    found = asked()
    assert (found["sees"], found["why"], found["distance_m"]) == (True, "sees", 30)
    depth = 30 * np.cos(np.radians(10)) + 3.5 * np.sin(np.radians(10))
    assert found["px_per_m"] == pytest.approx(1920 / (2 * np.tan(np.radians(30))) / depth)


@pytest.mark.parametrize(
    ("camera", "why"),
    [
        ({"status": "offline"}, "offline"), ({"azimuth_deg": 90.0}, "turned_away"), ({"range_m": 20.0}, "too_far"),
        ({"width_px": 640.0}, "too_coarse"), ({"tilt_deg": -14.0}, "too_near"),
    ],
)  # fmt: skip
def test_the_reason_of_a_camera_that_does_not_see_it(camera, why):
    found = asked(**camera)
    assert not found["sees"]
    assert found["why"] == why


def test_the_obstacle_is_named_unless_the_camera_looks_over_it():
    house = shapely.box(-20, 12, 20, 14)
    found = asked(house)
    assert (found["why"], found["building_id"], found["obstacle_m"]) == ("blocked", "B7", 12)
    assert asked(house, 3.0)["sees"]  # hides the ground as far as 24.5 m
    assert asked(house, 4.0)["building_id"] == "B7"


def test_what_is_listed_lies_around_the_point_and_agrees_with_the_views():
    rng = np.random.default_rng(2)
    frame = cameras_at(*rng.uniform(-300, 300, (60, 2)), azimuth_deg=rng.uniform(0, 360, 60), range_m=[90.0] * 60,
                       hfov_deg=[90.0] * 60)  # fmt: skip
    houses = gpd.GeoDataFrame({"building_id": list("abc")}, crs=CRS,
                              geometry=[shapely.box(x, 5, x + 20, 15) for x in (-60, 0, 40)])  # fmt: skip
    standing = walls(houses)
    views = camera_views(frame, standing=standing)
    found = who_sees(frame, views, standing, 10.0, 0.0)
    over = [shape is not None and shape.intersects(shapely.Point(10, 0)) for shape in views.frame.geometry]
    assert set(found.loc[found["sees"], "camera_id"]) == set(frame["camera_id"][over])
    assert (found["distance_m"] <= 150).all()
    assert found["sees"].is_monotonic_decreasing
    assert "hill" not in set(found["why"])
