"""Frames are held to the contract of their layer in one fast pass."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.layers import LAYERS
from spatial.schema import check_frame, faults


def homes(count: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"home_id": [f"H{place}" for place in range(count)], "households": np.ones(count, int), "village_code": "1"},
        geometry=shapely.points(np.column_stack([np.linspace(121, 122, count), np.full(count, 41.0)])),
        crs=4490,
    )


def reasons(layer: str, frame: pd.DataFrame) -> list[tuple[int, str]]:
    found = faults(layer, frame)
    return list(zip(found["row"], found["column"], strict=True))


def test_a_sound_frame_has_no_faults() -> None:
    assert check_frame("homes", homes(5)).rows == []


def test_an_empty_frame_has_no_faults() -> None:
    assert check_frame("homes", homes(5).iloc[:0]).rows == []


def test_all_faults_are_found_in_one_pass() -> None:
    frame = homes(6)
    frame["households"] = pd.Series([1, -2, None, 2.5, "x", 3], dtype=object)
    frame.loc[5, "home_id"] = "H0"
    frame.geometry = [*frame.geometry[:4], None, shapely.LineString([(0, 0), (1, 1)])]
    assert reasons("homes", frame) == [
        (0, "home_id"), (1, "households"), (2, "households"), (3, "households"), (4, "households"), (4, "geometry"),
        (5, "home_id"), (5, "geometry"),
    ]  # fmt: skip


def test_rows_are_named_by_their_index() -> None:
    frame = homes(3)
    frame["households"] = [1, -1, 1]
    frame.index = [12, 17, 30]
    assert reasons("homes", frame) == [(17, "households")]


@pytest.mark.parametrize(
    ("layer", "column", "value"),
    [("cameras", "kind", "robot"), ("cameras", "azimuth_deg", 361.0), ("cameras", "tilt_deg", -91.0),
     ("cameras", "networked", "maybe"), ("cameras", "installed", "yesterday"), ("cameras", "azimuth_deg", np.inf),
     ("cameras", "gb_id", 21112200001320000001)],
)  # fmt: skip
def test_values_no_rule_allows_are_found(layer: str, column: str, value: object) -> None:
    frame = gpd.GeoDataFrame(
        {"camera_id": ["a", "b"], column: pd.Series([None, value], dtype=object)},
        geometry=[shapely.Point(121, 41)] * 2,
        crs=4490,
    )
    assert reasons(layer, frame) == [(1, column)]


def test_areas_that_cross_themselves_are_found() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    frame = gpd.GeoDataFrame({"zone_id": ["z"], "kind": ["forbidden"]}, geometry=[bow], crs=4490)
    assert reasons("zones", frame) == [(0, "geometry")]


def test_a_missing_column_is_a_problem_with_its_layer() -> None:
    problems = check_frame("homes", homes(2).drop(columns="households"))
    assert [(row["problem"], row["layer"], row["code"]) for row in problems.rows] == [
        ("column-missing", "homes", "households")
    ]


def test_problems_name_the_key_and_are_drawn_where_the_row_is() -> None:
    frame = homes(3)
    frame["households"] = [1, -1, 1]
    (row,) = check_frame("homes", frame).rows
    assert row["code"] == "H1"
    assert row["geometry"].equals(frame.geometry[1])
    assert "-1" in row["message_en"]


def test_members_may_have_no_place() -> None:
    frame = gpd.GeoDataFrame({"member_id": ["m"], "kind": ["lead"]}, geometry=[None], crs=4490)
    assert reasons("members", frame) == []


def test_forty_thousand_cameras_take_a_tenth_of_a_second() -> None:
    count = 40_000
    frame = gpd.GeoDataFrame(
        {
            "camera_id": pd.Series([f"C{place}" for place in range(count)], dtype="str"),
            "kind": pd.Series(["bullet"] * count, dtype="str"),
            "azimuth_deg": np.linspace(0, 359, count),
            "networked": pd.array([True] * count, dtype="boolean"),
            "installed": pd.Timestamp("2024-01-01", tz="UTC"),
        },
        geometry=shapely.points(np.random.default_rng(0).random((count, 2))),
        crs=4490,
    ).reindex(columns=[*LAYERS["cameras"].names, "geometry"])
    faults("cameras", frame)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        assert faults("cameras", frame).empty
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.2  # the aim is 0.1; a loaded machine gets twice that
