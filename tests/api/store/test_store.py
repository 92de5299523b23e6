"""One promise on two backends: every test here runs on a GeoPackage file and on PostGIS."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from api.store import (
    GeometryTypeError,
    Project,
    RepeatedKeyError,
    StoreError,
    UnknownKeyError,
    copy_project,
    open_project,
)
from spatial.errors import CrsError, SchemaError, SpatialError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from pathlib import Path

Rows = Callable[..., Any]


def same(stored: pd.DataFrame, given: pd.DataFrame) -> None:
    """Hold a stored frame to the one that was given, to the last bit."""
    if isinstance(given, gpd.GeoDataFrame):
        assert_geodataframe_equal(stored, given, check_less_precise=False)
        mine, theirs = stored.geometry.to_wkb(), given.geometry.to_wkb()
        assert mine.equals(theirs)
    else:
        assert_frame_equal(stored, given, check_exact=True)


def fill(project: Project, layer: str, frame: pd.DataFrame) -> None:
    with project.change(who="测试", action="load") as change:
        change.append(layer, frame)


_UNFIT: list[tuple[Callable[[Any], Any], type[SpatialError | StoreError], str]] = [
    (lambda f: f.assign(extra=1), SchemaError, "no columns extra"),
    (lambda f: f.drop(columns="households"), SchemaError, "lacks columns households"),
    (lambda f: f.assign(home_id=[None, "b"]), SchemaError, "row 1: home_id must not be empty"),
    (lambda f: f.assign(home_id=[1, 2]), SchemaError, "home_id must be text"),
    (lambda f: f.assign(households=[1.5, 2]), SchemaError, "1.5 is no whole number"),
    (lambda f: f.assign(households=["三", "2"]), SchemaError, "households must be integer"),
    (lambda f: f.to_crs("EPSG:4550"), CrsError, "Gauss-Kruger"),
    (lambda f: f.set_crs(None, allow_override=True), CrsError, "None"),
    (lambda f: f.set_geometry(f.buffer(0.1)), GeometryTypeError, "2 geometries are Polygon; it holds Point"),
    (lambda f: f.set_geometry(gpd.GeoSeries([shapely.Point(1, 2, 3)] * 2, crs=f.crs)), GeometryTypeError, "Z"),
    (lambda f: f.set_geometry(gpd.GeoSeries([None, f.geometry[1]], crs=f.crs)), SchemaError, "no geometry"),
    (lambda f: pd.DataFrame(f.drop(columns="geometry")), SchemaError, "no geometry"),
]
"""Ways to spoil two rows of homes, and what is then said."""


class TestRoundTrips:
    @pytest.mark.parametrize("count", [8, 500])
    def test_every_layer_comes_back_as_it_went_in(self, project: Project, rows_of: Rows, count: int) -> None:
        layers = [name for name in LAYERS if name != "history"]
        with project.change(who="a", action="load") as change:
            for name in layers:
                assert change.append(name, rows_of(name, count)) == count
        for name in layers:
            same(project.read(name), rows_of(name, count))
        assert project.layers() == {**dict.fromkeys(layers, count), "history": 1}

    def test_empty_layers_have_the_same_columns_and_types(self, project: Project, rows_of: Rows) -> None:
        for name in LAYERS:
            empty = project.read(name)
            assert len(empty) == 0
            assert empty.dtypes.to_dict() == rows_of(name).dtypes.to_dict()
        assert project.read("cells").crs == "EPSG:4490"

    def test_values_of_other_dtypes_are_taken_as_what_the_column_holds(self, project: Project) -> None:
        frame = gpd.GeoDataFrame(
            {"place_id": pd.Categorical(["a", "b"]), "place": ["x", "y"], "kind": "bank", "priority": [1.0, 2.0],
             "radius_m": pd.array([30, None], dtype="Int64"), "village_code": [np.nan, "211122103207"]},
            geometry=gpd.points_from_xy([121, 122], [41, 42]), crs="EPSG:4490",
        )  # fmt: skip
        before = frame.copy()
        fill(project, "places", frame)
        assert_geodataframe_equal(frame, before)  # the caller's frame is untouched
        stored = project.read("places")
        assert stored["priority"].tolist() == [1, 2]
        assert stored["radius_m"].iloc[0] == 30
        assert stored["radius_m"].isna().tolist() == [False, True]
        assert stored["village_code"].isna().tolist() == [True, False]

    def test_moments_are_kept_in_utc_to_the_millisecond(self, project: Project) -> None:
        moments = [
            datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(microseconds=1999),
            pd.Timestamp("2026-01-01T16:00:00+08:00"),
            datetime(2026, 1, 1, 8),  # noqa: DTZ001 - a naive moment is taken as UTC
        ]
        for at, moment in enumerate(moments):
            fill(project, "runs", pd.DataFrame({"run": [f"r{at}"], "kind": "coverage", "made_at": [moment]}))
        made = project.read("runs")["made_at"].dt.strftime("%H:%M:%S.%f").tolist()
        assert made == ["08:00:00.001000", "08:00:00.000000", "08:00:00.000000"]

    def test_single_parts_become_multi_and_empty_shapes_stay_empty(self, project: Project) -> None:
        box = shapely.box(121, 41, 122, 42)
        shapes = [box, shapely.MultiPolygon([box]), shapely.MultiPolygon(), shapely.Polygon(), None]
        frame = gpd.GeoDataFrame(
            {"run": "r", "camera_id": list("abcde")}, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490")
        )
        fill(project, "views", frame)
        stored = project.read("views").geometry
        assert stored.geom_type.tolist()[:4] == ["MultiPolygon"] * 4
        assert stored.is_empty.tolist() == [False, False, True, True, False]
        assert stored.isna().tolist() == [False] * 4 + [True]
        assert len(project.read("views", bbox=(120, 40, 123, 43))) == 2


class TestReading:
    def test_a_box_gives_the_rows_whose_bounds_meet_it(self, project: Project) -> None:
        rng = np.random.default_rng(1)
        x, y = rng.uniform(121, 122, 3000), rng.uniform(41, 42, 3000)
        frame = gpd.GeoDataFrame(
            {"incident_id": [str(i) for i in range(3000)]}, geometry=gpd.points_from_xy(x, y), crs="EPSG:4490"
        )
        fill(project, "incidents", frame)
        box = (x[7], 41.3, 121.9, y[11])  # two sides go exactly through a point
        inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
        found = project.read("incidents", bbox=box, columns=["incident_id"])
        assert found["incident_id"].tolist() == frame["incident_id"][inside].tolist()
        assert type(found) is pd.DataFrame
        assert project.read("incidents", bbox=(0, 0, 1, 1)).empty

    def test_where_takes_values_lists_and_missing(self, project: Project, rows_of: Rows) -> None:
        frame = rows_of("cameras", 40)
        fill(project, "cameras", frame)

        def ids(**where: Any) -> list[str]:
            return list(project.read("cameras", where=where)["camera_id"])

        assert ids(camera_id="camera_id-3") == ["camera_id-3"]
        assert ids(camera_id=["camera_id-5", "camera_id-3", "none"]) == ["camera_id-3", "camera_id-5"]
        assert ids(camera_id=frame["camera_id"].iloc[2:4]) == ["camera_id-2", "camera_id-3"]
        assert ids(camera_id={"camera_id-9"}, owner="nobody") == []
        assert ids(camera_id=[]) == []
        assert ids(owner=None) == frame["camera_id"][frame["owner"].isna()].tolist()
        assert (
            ids(owner=[None, "NULL"]) == frame["camera_id"][frame["owner"].isna() | (frame["owner"] == "NULL")].tolist()
        )
        assert ids(networked=True) == frame["camera_id"][frame["networked"].fillna(value=False)].tolist()
        assert ids(width_px=np.int64(7)) == frame["camera_id"][frame["width_px"].eq(7).fillna(value=False)].tolist()
        moment = frame["installed"].iloc[1]
        assert (
            ids(installed=moment)
            == ids(installed=[moment])
            == frame["camera_id"][frame["installed"] == moment].tolist()
        )
        assert project.count("cameras", where={"networked": [True, False]}) == int(frame["networked"].notna().sum())

    def test_a_list_may_be_longer_than_a_statement_has_parameters(self, project: Project, rows_of: Rows) -> None:
        fill(project, "homes", rows_of("homes", 10))
        asked = [f"home_id-{number}" for number in range(300_000)]
        assert len(project.read("homes", where={"home_id": asked})) == 10

    def test_columns_come_as_asked(self, project: Project, rows_of: Rows) -> None:
        fill(project, "homes", rows_of("homes", 3))
        assert list(project.read("homes", columns=["households", "home_id"])) == ["households", "home_id"]
        assert list(project.read("homes", columns=["fid", "geometry"])) == ["fid", "geometry"]
        assert isinstance(project.read("homes", columns=["geometry"]), gpd.GeoDataFrame)

    @pytest.mark.parametrize(
        "ask",
        [{"layer": "nothing"}, {"layer": "homes", "where": {"no": 1}}, {"layer": "homes", "columns": ["geom; --"]},
         {"layer": "plans", "bbox": (0, 0, 1, 1)}, {"layer": "homes", "where": {"geom": "x"}}],
    )  # fmt: skip
    def test_unknown_names_are_refused(self, project: Project, ask: dict[str, Any]) -> None:
        with pytest.raises(SchemaError) as refused:
            project.read(**ask)
        assert refused.value.zh

    def test_the_current_cells_are_those_in_force_of_the_plan_made_last(self, project: Project, rows_of: Rows) -> None:
        cells = rows_of("cells", 6)
        cells["plan"] = ["old", "old", "new", "new", "new", "other"]
        cells["end_date"] = pd.to_datetime([None, None, None, "2026-01-01", None, None], utc=True).as_unit("ms")
        plans = pd.DataFrame({
            "plan": ["new", "old"], "made_at": pd.to_datetime(["2026-02-01", "2026-01-01"], utc=True), "status": "draft"
        })  # fmt: skip
        assert project.current_plan() is None
        with project.change(who="a", action="plan") as change:
            change.append("cells", cells)
            change.append("plans", plans)
        shown = project.read("cells_current")
        assert shown["cell_id"].tolist() == ["cell_id-2", "cell_id-4"]
        assert shown.geometry.geom_type.unique().tolist() == ["MultiPolygon"]
        assert project.current_plan() == "new"
        assert len(project.read("cells_current", bbox=tuple(shown.total_bounds))) == 2

    def test_a_consistent_read_does_not_see_later_changes(self, project: Project, target: str, rows_of: Rows) -> None:
        fill(project, "homes", rows_of("homes", 5))
        with open_project(target) as other, project.reading():
            assert project.count("homes") == 5
            fill(other, "homes", rows_of("homes", 5, first=5))
            assert project.count("homes") == 5
            assert len(project.read("homes")) == 5
        assert project.count("homes") == 10

    def test_threads_share_a_project(self, project: Project, rows_of: Rows) -> None:
        fill(project, "homes", rows_of("homes", 300))

        def read_and_write(number: int) -> int:
            with project.change(who=str(number), action="load") as change:
                change.append("places", rows_of("places", 2, first=2 * number))
            return len(project.read("homes")) + len(
                project.read("places", where={"place_id": f"place_id-{2 * number}"})
            )

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(read_and_write, range(8))) == [301] * 8
        assert project.count("places") == 16

    def test_the_latest_run_is_found_by_kind(self, project: Project) -> None:
        made = pd.to_datetime(["2026-01-02", "2026-01-03", "2026-01-01"], utc=True)
        fill(project, "runs", pd.DataFrame({"run": list("abc"), "kind": ["coverage", "site", "site"], "made_at": made}))
        assert (project.current_run(), project.current_run("site")) == ("a", "b")


class TestChanging:
    def test_replace_touches_only_what_is_asked_for(self, project: Project, rows_of: Rows) -> None:
        blocks = rows_of("plan_blocks", 6)
        blocks["plan"] = ["p", "p", "q", "q", "q", "r"]
        fill(project, "plan_blocks", blocks)
        with project.change(who="a", action="edit") as change:
            assert change.replace("plan_blocks", blocks.iloc[[3]], where={"plan": "q"}) == 1
            assert change.delete("plan_blocks", {"plan": ["r", "s"]}) == 1
            assert project.count("plan_blocks") == 3  # the same thread sees its own writes
        assert project.read("plan_blocks")["plan"].tolist() == ["p", "p", "q"]
        with project.change(who="a", action="clear") as change:
            assert change.delete("plan_blocks") == 3
        assert project.count("plan_blocks") == 0

    @pytest.mark.parametrize("count", [6, 400])
    def test_updates_change_named_columns_by_key(self, project: Project, rows_of: Rows, count: int) -> None:
        blocks = rows_of("blocks", count)
        fill(project, "blocks", blocks)
        moved = blocks[["block_id", "workload", "geometry"]].iloc[1:3].reset_index(drop=True)
        moved["workload"] = [7.5, np.nan]
        moved["geometry"] = moved.geometry.translate(5)
        with project.change(who="a", action="edit") as change:
            assert change.update("blocks", moved) == 2
        stored = project.read("blocks")
        assert stored["workload"].iloc[1] == 7.5
        assert np.isnan(stored["workload"].iloc[2])
        assert stored["households"].equals(blocks["households"])
        assert stored.geometry.iloc[1].equals_exact(moved.geometry.iloc[0])
        assert len(project.read("blocks", bbox=(126, 41, 128, 43))) == 2  # the index moved along
        with project.change(who="a", action="edit") as change, pytest.raises(UnknownKeyError, match=r"nobody"):
            change.update("blocks", pd.DataFrame({"block_id": ["nobody"], "workload": [1.0]}))

    def test_an_update_that_names_a_row_twice_is_refused(self, project: Project, rows_of: Rows) -> None:
        fill(project, "blocks", rows_of("blocks", 3))
        twice = pd.DataFrame({"block_id": ["block_id-1", "block_id-1"], "workload": [1.0, 2.0]})
        with project.change(who="a", action="edit") as change, pytest.raises(RepeatedKeyError, match="block_id-1"):
            change.update("blocks", twice)

    def test_a_geometry_is_never_lost_with_its_frame_type(self, project: Project, rows_of: Rows) -> None:
        problems = pd.DataFrame(rows_of("problems", 4)).astype({"geometry": object})
        with pytest.raises(CrsError):
            fill(project, "problems", problems)
        fill(project, "problems", problems.assign(geometry=None))
        assert project.read("problems").geometry.isna().all()

    def test_repeated_keys_are_refused_by_name(self, project: Project, rows_of: Rows) -> None:
        homes = rows_of("homes", 4)
        fill(project, "homes", homes)
        with pytest.raises(RepeatedKeyError, match=r"homes: 2 rows repeat a stored home_id \(home_id-2, home_id-3\)"):
            fill(project, "homes", rows_of("homes", 4, first=2))
        twice = pd.concat([rows_of("homes", 2, first=9)] * 3, ignore_index=True)
        with pytest.raises(RepeatedKeyError, match="2 values of home_id occur more than once"):
            fill(project, "homes", twice)
        with pytest.raises(RepeatedKeyError, match=r"plan\+block_id"):
            fill(project, "plan_blocks", pd.concat([rows_of("plan_blocks", 1)] * 2))
        same(project.read("homes"), homes)
        assert project.count("history") == 1

    @pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
    def test_a_frame_that_does_not_fit_is_refused_whole(self, project: Project, rows_of: Rows) -> None:
        for spoil, error, says in _UNFIT:
            with pytest.raises(error, match=says) as refused:
                fill(project, "homes", spoil(rows_of("homes", 2)))
            assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.zh)
        assert project.layers() == dict.fromkeys(LAYERS, 0)

    def test_an_exception_undoes_everything(self, project: Project, rows_of: Rows) -> None:
        fill(project, "homes", rows_of("homes", 300))
        before = project.layers()

        def break_off() -> None:
            with project.change(who="a", action="load") as change:
                change.replace("homes", rows_of("homes", 900))
                change.append("cells", rows_of("cells", 3))
                change.set("sample", value=True)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            break_off()
        assert project.layers() == before
        assert project.settings == {}
        same(project.read("homes"), rows_of("homes", 300))
        assert len(project.read("homes", bbox=(121, 41, 122, 42))) == 300

    def test_a_change_inside_a_change_or_a_consistent_read_is_refused(self, project: Project) -> None:
        with project.change(who="a", action="x"), pytest.raises(RuntimeError), project.change(who="a", action="y"):
            pass
        with project.reading(), pytest.raises(RuntimeError), project.change(who="a", action="y"):
            pass

    def test_history_says_who_when_what_and_how_it_was_before(self, project: Project, rows_of: Rows) -> None:
        start = pd.Timestamp.now("UTC").floor("ms")
        fill(project, "homes", rows_of("homes", 3))
        before = {
            "blocks": {"b1": "001"},
            "share": np.float64("nan"),
            "n": np.int64(4),
            "at": pd.Timestamp(0, tz="UTC"),
        }
        with project.change(who="王", action="move", plan="p1") as change:
            change.record(before=before, after=[np.True_, None])
        rows = project.read("history")
        assert rows["who"].tolist() == ["测试", "王"]
        assert rows["after"].tolist() == [{"homes": {"added": 3}}, [True, None]]
        assert rows["before"].tolist() == [
            None, {"blocks": {"b1": "001"}, "share": None, "n": 4, "at": "1970-01-01T00:00:00+00:00"}
        ]  # fmt: skip
        assert (rows["at"] >= start).all()
        assert rows["id"].is_unique
        assert project.read("history", where={"plan": "p1"})["action"].tolist() == ["move"]
        with project.change(who="a", action="x") as change, pytest.raises(SchemaError):
            change.delete("history")

    def test_rows_copied_within_a_project_are_counted(self, project: Project, rows_of: Rows) -> None:
        fill(project, "contacts", rows_of("contacts", 5).assign(plan="p"))
        with project.change(who="a", action="branch") as change:
            assert change.copy("contacts", {"plan": "p"}, {"plan": "q"}) == 5
        assert project.read("history")["after"].iloc[-1]["contacts"]["added"] == 5

    def test_settings_are_kept_with_the_change(self, project: Project) -> None:
        assert (project.settings, project.crs) == ({}, None)
        with project.change(who="a", action="load") as change:
            change.set("measuring_crs", "EPSG:4550")
            change.set("sample", value=True)
            change.set("sample", value={"县": [1, None]})
        assert project.settings == {"measuring_crs": "EPSG:4550", "sample": {"县": [1, None]}}
        assert project.crs is not None
        assert project.crs.to_epsg() == 4550


class TestCopies:
    @pytest.mark.parametrize("to", ["file", pytest.param("database", marks=pytest.mark.postgis)])
    def test_a_copy_loses_nothing(
        self, project: Project, target: str, rows_of: Rows, to: str, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        for name in LAYERS:
            if name != "history":
                fill(project, name, rows_of(name, 12))
        with project.change(who="a", action="b", plan="p") as change:
            change.set("county", value={"code": "211122"})
            change.record(before={"a": 1}, after=["乙"])
        goal = str(tmp_path / "copy.gpkg") if to == "file" else _second_database(request)
        counts = copy_project(target, goal)
        assert counts == project.layers()
        with open_project(goal) as copied:
            assert copied.settings == project.settings
            for name in LAYERS:
                same(copied.read(name), project.read(name))
            fill(copied, "homes", rows_of("homes", 5, first=100))  # and it goes on from there
            assert copied.count("homes") == 17

    def test_a_snapshot_is_a_plain_file_of_this_moment(self, project: Project, rows_of: Rows, tmp_path: Path) -> None:
        fill(project, "cells", rows_of("cells", 4))
        snapshot = project.snapshot(tmp_path / "snap.gpkg")
        fill(project, "cells", rows_of("cells", 4, first=4))
        read = gpd.read_file(snapshot, layer="cells")
        assert len(read) == 4
        assert read.crs == "EPSG:4490"
        assert sorted(path.name for path in tmp_path.iterdir() if "snap" in path.name) == ["snap.gpkg"]


def _second_database(request: pytest.FixtureRequest) -> str:
    """Another database than `target`, also when that is one."""
    import psycopg

    server = request.getfixturevalue("postgis_server")
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS second WITH (FORCE)")
        connection.execute("CREATE DATABASE second TEMPLATE template_postgis")
    return str(server.format(name="second"))
