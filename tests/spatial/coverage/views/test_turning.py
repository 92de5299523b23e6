"""The best heading of a camera, against trying all of them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from spatial.coverage.sight.visibility import walls
from spatial.coverage.views import camera_views
from spatial.coverage.views.turning import best_headings
from tests.spatial.coverage.views.test_views import buildings_of, cameras_at, row_houses


def test_the_best_heading_equals_trying_every_degree():
    shapes = row_houses(np.random.default_rng(5))
    standing = walls(buildings_of(shapes).assign(height_m=np.random.default_rng(6).choice([3.0, 6.0], len(shapes))))
    spots = [(30.0, 15.5), (62.0, 35.3), (15.0, 55.7)]
    lens = {"range_m": [50.0] * 3, "hfov_deg": [61.0, 90.0, 30.5], "mount_m": [5.0, 3.5, 4.0]}
    found = best_headings(camera_views(cameras_at(*spots, azimuth_deg=[3.0, 100.0, 200.0], **lens), standing=standing),
                          standing)  # fmt: skip
    tried = np.array([
        camera_views(cameras_at(*spots, azimuth_deg=[float(heading)] * 3, **lens), standing=standing).frame["area_m2"]
        for heading in range(360)
    ])  # fmt: skip
    assert found["best_m2"].to_numpy() == pytest.approx(tried.max(axis=0), rel=1e-3)
    assert (found["gain"] >= 1).all()


def test_a_camera_that_faces_a_wall_is_told_to_turn_round():
    wall = walls(buildings_of([shapely.box(-50, 9, 50, 12)]))
    frame = cameras_at((0, 0), (0, 0), azimuth_deg=[0.0, 0.0], hfov_deg=[60.0, 60.0], range_m=[30.0, 30.0],
                       mount_m=[5.0, 5.0], kind=["bullet", "ptz"])  # fmt: skip
    found = best_headings(camera_views(frame, standing=wall), wall)
    assert found["camera"].tolist() == [0]
    assert 90 <= found.loc[0, "best_azimuth_deg"] <= 270
    assert found.loc[0, "gain"] > 2
