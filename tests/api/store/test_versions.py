"""Row versions: the same on both backends and in copies, and no write over what somebody else wrote."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from api.store import Project, RowConflictError, copy_project, open_project, row_versions
from api.store.frames import as_read
from spatial.errors import SchemaError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., Any]


@pytest.fixture
def filled(project: Project, rows_of: Rows) -> Project:
    """Give a project with rows in every layer."""
    with project.change(who="张", action="load cameras") as change:
        for name in LAYERS:
            if name != "history":
                change.append(name, rows_of(name, 12))
    return project


def versions(project: Project, layer: str) -> pd.Series:
    return row_versions(project.read(layer), layer)


def move(project: Project, *ids: str, who: str = "李", record: bool = True) -> None:
    """Turn cameras as somebody else does."""
    with project.change(who=who, action="edit cameras") as change:
        change.update("cameras", pd.DataFrame({"camera_id": list(ids), "azimuth_deg": 45.0}))
        if record:
            change.record(after={"layer": "cameras", "rows": {one: {"azimuth_deg": 45.0} for one in ids}})


class TestVersions:
    def test_what_goes_in_and_what_comes_back_have_one_version(self, filled: Project, rows_of: Rows) -> None:
        for name in LAYERS:
            if name != "history":
                assert versions(filled, name).tolist() == row_versions(rows_of(name, 12), name).tolist(), name

    def test_what_the_store_will_give_back_is_known_before(self, filled: Project, rows_of: Rows) -> None:
        for name, form in LAYERS.items():
            if name != "history":
                given = rows_of(name, 12).iloc[:, ::-1]
                given = given.drop(columns=[one for one in form.names if one not in form.required][:1])
                known, stored = as_read(form, given), filled.read(name)
                missing = [one for one in form.names if one not in given]
                assert known[missing].isna().all(axis=None)
                assert_frame_equal(
                    pd.DataFrame(known.drop(columns=missing)), pd.DataFrame(stored.drop(columns=missing))
                )

    def test_a_copy_has_the_same_versions(self, filled: Project, target: str, tmp_path: Path) -> None:
        copy_project(target, tmp_path / "copy.gpkg")
        with open_project(tmp_path / "copy.gpkg") as copy:
            for name in LAYERS:
                assert versions(copy, name).equals(versions(filled, name)), name

    def test_the_key_is_the_index(self, filled: Project) -> None:
        assert versions(filled, "cameras").index.tolist()[:2] == ["camera_id-0", "camera_id-1"]
        assert versions(filled, "plan_blocks").index.names == ["plan", "block_id"]
        assert versions(filled, "problems").index.tolist() == list(range(12))

    def test_every_column_and_every_coordinate_counts(self, rows_of: Rows) -> None:
        for name, form in LAYERS.items():
            frame = rows_of(name, 2)
            first = row_versions(frame, name).iloc[0]
            other = rows_of(name, 4).iloc[3:].reset_index(drop=True)
            for column in (*form.names, *(["geometry"] if form.geometry else [])):
                changed = frame.iloc[:1].copy().astype({column: object} if column != "geometry" else {})
                taken = other[column].iloc[0]
                changed[column] = pd.Series([taken], index=changed.index, dtype=frame[column].dtype)
                if column == "geometry":
                    changed = gpd.GeoDataFrame(changed, geometry=gpd.GeoSeries([taken], crs=frame.crs))
                assert row_versions(changed, name).iloc[0] != first, (name, column)

    def test_what_is_equal_has_one_version_and_the_last_bit_another(self) -> None:
        def camera(x: float, azimuth: Any) -> str:
            frame = pd.DataFrame({name: [None] for name in LAYERS["cameras"].names})
            frame = frame.assign(camera_id="c", azimuth_deg=pd.array([azimuth], dtype=object))
            points = gpd.GeoSeries([shapely.Point(x, 41)], crs="EPSG:4490")
            return str(row_versions(gpd.GeoDataFrame(frame, geometry=points), "cameras").iloc[0])

        assert camera(121, 0.0) == camera(121, -0.0) == camera(121, 0)
        assert camera(121, None) == camera(121, np.nan) == camera(121, pd.NA)
        assert camera(121, 0.0) != camera(float(np.nextafter(121, 122)), 0.0)
        assert camera(121, 0.1) != camera(121, float(np.nextafter(0.1, 1)))

    def test_part_of_a_row_has_no_version(self, rows_of: Rows) -> None:
        with pytest.raises(SchemaError, match="azimuth_deg"):
            row_versions(rows_of("cameras", 2).drop(columns="azimuth_deg"), "cameras")

    def test_no_rows_have_no_versions(self, project: Project) -> None:
        for name in LAYERS:
            assert len(versions(project, name)) == 0


class TestConflicts:
    def test_rows_that_nobody_touched_are_written(self, filled: Project) -> None:
        read = filled.read("cameras")
        move(filled, "camera_id-5")
        mine = read.loc[[1, 3], ["camera_id", "azimuth_deg"]].assign(azimuth_deg=7.0)
        with filled.change(who="a", action="edit cameras") as change:
            assert change.update("cameras", mine, expect=read) == 2
        again = row_versions(filled.read("cameras"), "cameras")
        with filled.change(who="a", action="edit cameras") as change:
            assert change.update("cameras", mine.assign(azimuth_deg=8.0), expect=again) == 2
        assert filled.read("cameras").set_index("camera_id")["azimuth_deg"]["camera_id-3"] == 8.0

    def test_a_lost_race_gives_both_versions_and_writes_nothing(self, filled: Project) -> None:
        read = filled.read("cameras")
        move(filled, "camera_id-3", "camera_id-4")
        mine = read[["camera_id", "azimuth_deg"]].assign(azimuth_deg=7.0).iloc[[1, 3]]
        with (
            pytest.raises(RowConflictError, match=r"1 rows .*camera_id-3.*last changed by 李") as lost,
            filled.change(who="a", action="edit cameras") as change,
        ):
            change.update("cameras", mine, expect=read)
        error = lost.value
        assert "李" in error.zh
        assert "camera_id-3" in error.zh
        assert (error.layer, error.keys.tolist()) == ("cameras", ["camera_id-3"])
        assert error.yours.to_dict("list") == {"camera_id": ["camera_id-3"], "azimuth_deg": [7.0]}
        assert error.theirs["azimuth_deg"].tolist() == [45.0]
        assert list(error.theirs) == list(read)
        assert error.seen["azimuth_deg"].tolist() == [read["azimuth_deg"][3]]
        assert filled.count("history") == 2
        assert 7.0 not in filled.read("cameras")["azimuth_deg"].tolist()

    def test_a_row_that_is_gone_is_a_conflict_without_their_version(self, filled: Project) -> None:
        read = filled.read("places")
        with filled.change(who="b", action="edit places") as change:
            change.delete("places", {"place_id": "place_id-2"})
        with pytest.raises(RowConflictError) as lost, filled.change(who="a", action="edit places") as change:
            change.update("places", read.iloc[[2]], expect=row_versions(read, "places"))
        assert lost.value.theirs.empty
        assert len(lost.value.yours) == 1
        assert lost.value.seen is None

    def test_keys_of_several_columns_are_compared_too(self, filled: Project) -> None:
        read = filled.read("plan_blocks")
        with filled.change(who="b", action="move") as change:
            change.update("plan_blocks", read.iloc[[4]].assign(cell_code="theirs"))
        with (
            pytest.raises(RowConflictError, match="plan-4/block_id-4") as lost,
            filled.change(who="a", action="x") as c,
        ):
            c.update("plan_blocks", read.assign(cell_code="mine"), expect=read)
        assert lost.value.theirs["cell_code"].tolist() == ["theirs"]

    def test_a_deletion_takes_exactly_the_rows_that_were_seen(self, filled: Project, rows_of: Rows) -> None:
        read = filled.read("homes", where={"village_code": None})
        with filled.change(who="b", action="load homes") as change:
            change.append("homes", rows_of("homes", 1, first=100))  # an even row: without a village, too
        with pytest.raises(RowConflictError, match="home_id-100") as lost, filled.change(who="a", action="x") as change:
            change.delete("homes", {"village_code": None}, expect=read)
        assert lost.value.yours is None
        again = filled.read("homes", where={"village_code": None})
        with filled.change(who="a", action="x") as change:
            assert change.delete("homes", {"village_code": None}, expect=again) == len(read) + 1

    def test_a_row_that_left_what_is_deleted_is_a_conflict(self, filled: Project) -> None:
        read = filled.read("homes", where={"village_code": None})
        with filled.change(who="b", action="edit homes") as change:
            change.update("homes", pd.DataFrame({"home_id": ["home_id-2"], "village_code": ["elsewhere"]}))
        with pytest.raises(RowConflictError, match="home_id-2"), filled.change(who="a", action="x") as change:
            change.delete("homes", {"village_code": None}, expect=read)

    def test_whoever_read_nothing_may_not_expect_anything(self, filled: Project) -> None:
        read = filled.read("cameras")
        with pytest.raises(SchemaError, match="read them first"), filled.change(who="a", action="x") as change:
            change.update("cameras", read[["camera_id", "owner"]], expect=read.iloc[:3])
        with pytest.raises(SchemaError, match="no key"), filled.change(who="a", action="x") as change:
            change.delete("problems", expect=filled.read("problems"))

    def test_nobody_is_blamed_for_what_an_unknown_hand_wrote(self, filled: Project) -> None:
        read = filled.read("cameras")
        move(filled, "camera_id-3", who="王")
        move(filled, "camera_id-3", who="李")
        with filled.change(who="x", action="outside") as change:
            change.update("cameras", pd.DataFrame({"camera_id": ["camera_id-3"], "azimuth_deg": [1.25]}))
        with pytest.raises(RowConflictError) as lost, filled.change(who="a", action="x") as change:
            change.update("cameras", read.iloc[[3]], expect=read)
        assert "李" not in lost.value.zh
        assert "张" in lost.value.zh  # who loaded the layer last

    def test_an_edit_by_another_program_is_seen(self, tmp_path: Path, rows_of: Rows) -> None:
        path = tmp_path / "county.gpkg"
        with open_project(path, create=True) as project:
            with project.change(who="a", action="load") as change:
                change.append("assignments", rows_of("assignments", 6))
            read = project.read("assignments")
            with closing(sqlite3.connect(path)) as outside, outside:  # as QGIS does: no history, no version column
                outside.execute("UPDATE assignments SET walk_m = 99 WHERE plan = 'plan-4'")
            with (
                pytest.raises(RowConflictError, match="history does not say") as lost,
                project.change(who="a", action="edit assignments") as change,
            ):
                change.update("assignments", read, expect=read)
            assert lost.value.theirs["walk_m"].tolist() == [99]
            assert [key[0] for key in lost.value.keys] == ["plan-4"]
