"""What if: every answer equals a full run with the changed list."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from spatial.coverage import cover, what_if
from spatial.errors import SchemaError
from tests.spatial.coverage.test_cover import CRS, X0, Y0, answer, points, scene

__all__ = ["answer", "scene"]  # fixtures


def whole(scene, cameras):
    return cover(**scene | {"cameras": cameras})


def assert_same(found, full):
    pd.testing.assert_frame_equal(found.table, full.table)
    left = {name: value for name, value in full.figures.items() if name not in ("gaps", "problems")}
    assert found.figures.pop("unknown") == left.pop("unknown")
    assert found.figures == pytest.approx(left)


def edited(cameras, names, **columns):
    rows = cameras["camera_id"].isin(names)
    frame = cameras.copy()
    for name, value in columns.items():
        frame.loc[rows, name] = value
    return frame


@pytest.fixture(scope="module")
def some(answer):
    """Three cameras that see something."""
    state = answer.state
    seeing = state.seeing & (state.listed.area_m2 > 0)
    return state.cameras["camera_id"][seeing].tolist()[::7][:3]


def test_cameras_that_stop_working(scene, answer, some):
    full = whole(scene, edited(scene["cameras"], some, status="offline"))
    found = what_if(answer.state, offline=some)
    assert_same(found, full)
    assert found.figures["covered_share"] < answer.figures["covered_share"]


def test_roads_that_nobody_sees_any_more_are_not_covered(scene, answer):
    assert answer.figures["road_covered_m"] > 0
    assert what_if(answer.state, offline=scene["cameras"]["camera_id"].tolist()).figures["road_covered_m"] == 0


def test_cameras_that_leave_the_list(scene, answer, some):
    cameras = scene["cameras"]
    assert_same(what_if(answer.state, removed=some), whole(scene, cameras[~cameras["camera_id"].isin(some)]))


def test_cameras_that_leave_and_others_behind_them_that_stop(scene, answer, some):
    cameras = scene["cameras"]
    left = edited(cameras[~cameras["camera_id"].isin(some[:2])], some[2:], status="offline")
    assert_same(what_if(answer.state, offline=[some[1], some[2]], removed=some[:2]), whole(scene, left))


def test_cameras_that_turn(scene, answer, some):
    full = whole(scene, edited(scene["cameras"], some, azimuth_deg=123.0))
    assert_same(what_if(answer.state, turned=dict.fromkeys(some, 123.0)), full)


def test_cameras_that_move(scene, answer, some):
    there = (X0 + 201.0, Y0 + 99.0)
    frame = scene["cameras"].copy()
    geometry = frame.geometry.to_numpy().copy()
    geometry[frame["camera_id"].isin(some)] = points([there]).geometry[0]
    assert_same(what_if(answer.state, moved=dict.fromkeys(some, there)), whole(scene, frame.set_geometry(geometry)))


def test_new_cameras_and_a_faulty_one_that_is_repaired(scene, answer):
    broken = scene["cameras"][scene["cameras"]["status"] == "offline"].head(1).assign(status="working")
    new = points([(X0 + 155.0, Y0 + 95.0)], camera_id=["NEW"], azimuth_deg=[90.0], kind=["bullet"],
                 status=["working"], networked=[True], point_class=["1"])  # fmt: skip
    changed = gpd.GeoDataFrame(pd.concat([broken, new], ignore_index=True), crs=CRS)
    rest = scene["cameras"][~scene["cameras"]["camera_id"].isin(broken["camera_id"])]
    full = whole(scene, gpd.GeoDataFrame(pd.concat([rest, changed], ignore_index=True), crs=CRS))
    assert_same(what_if(answer.state, changed=changed), full)


def test_several_changes_at_once_and_none(scene, answer, some):
    one, two, three = some
    frame = edited(edited(scene["cameras"], [one], status="offline"), [two], azimuth_deg=10.0)
    full = whole(scene, frame[frame["camera_id"] != three])
    found = what_if(answer.state, offline=[one], turned={two: 10.0}, removed=[three])
    assert_same(found, full)
    assert what_if(answer.state).figures["covered_share"] == answer.figures["covered_share"]


def test_the_state_is_left_as_it_was(answer, some):
    before = answer.state.tally.villages.copy(), answer.state.listed.counted.copy()
    what_if(answer.state, removed=some)
    assert np.array_equal(answer.state.tally.villages, before[0])
    assert np.array_equal(answer.state.listed.counted, before[1])


def test_an_unknown_camera_is_named(answer):
    with pytest.raises(SchemaError, match="NOBODY"):
        what_if(answer.state, offline=["NOBODY"])
