"""The project file as others see it: a valid GeoPackage for GDAL and QGIS, and clear words for what is none."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from api.store import (
    MissingProjectError,
    NotAProjectError,
    Project,
    ProjectAsInputError,
    ProjectExistsError,
    StoreError,
    UnsupportedError,
    copy_project,
    functions,
    gpkg,
    open_project,
    refuse_project_as_input,
)
from api.store.models import RELATIONS, table_of
from files.qml import STYLED, layer_qml
from spatial.layers import LAYERS
from tests.conftest import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_VALIDATE = """
import sys
from osgeo_utils.samples.validate_gpkg import GPKGChecker
checker = GPKGChecker(sys.argv[1], abort_at_first_error=False, extra_checks=True, warning_msg=True)
checker.check()
print(*[problem[-1] if isinstance(problem, tuple) else problem for problem in checker.errors], sep="\\n")
"""
_READ_ALL = """
import json, sys, warnings
import geopandas, pyogrio
warnings.simplefilter("ignore")
found = {}
for name, kind in pyogrio.list_layers(sys.argv[1]).tolist():
    frame = geopandas.read_file(sys.argv[1], layer=name)
    crs = frame.crs.to_epsg() if kind else None
    found[name] = [len(frame), crs]
print(json.dumps(found))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "county.gpkg"


@pytest.fixture
def full(path: Path, rows_of: Callable[..., Any]) -> Iterator[Project]:
    """Give a project with rows in every layer, through bulk loads, small ones, updates and deletes."""
    with open_project(path, create=True) as project:
        with project.change(who="a", action="load") as change:
            for name in LAYERS:
                if name != "history":
                    change.append(name, rows_of(name, 300))
            plans = pd.DataFrame({"plan": ["now"], "made_at": [pd.Timestamp.now("UTC")], "status": ["draft"]})
            change.append("plans", plans)
        with project.change(who="a", action="edit") as change:
            change.append("cells", rows_of("cells", 5, first=300).assign(plan="now", end_date=pd.NaT))
            change.delete("homes", {"home_id": ["home_id-1", "home_id-2"]})
            change.update("places", rows_of("places", 9, seed=4)[["place_id", "geometry"]])
        yield project


def expected(project: Project) -> dict[str, list[int | None]]:
    counts = {name: [rows, 4490 if LAYERS[name].geometry else None] for name, rows in project.layers().items()}
    return {
        **counts,
        "cells_current": [len(project.read("cells_current")), 4490],
        "project": [0, None],
        "layer_styles": [len(STYLED), None],
    }


def query(path: Path, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


class TestAsGeoPackage:
    @pytest.mark.gdal
    def test_gdal_finds_every_layer_with_crs_and_count_while_the_project_is_open(
        self, full: Project, path: Path
    ) -> None:
        require("gdal", present=shutil.which("ogrinfo") is not None, remedy="apt-get install gdal-bin")
        with full.reading():
            full.count("homes")
            done = subprocess.run(["ogrinfo", "-al", "-so", path], capture_output=True, text=True, check=True)
        complaints = [line for line in done.stderr.splitlines() if "user_version=0x000028A0" not in line]
        assert [line for line in complaints if line.strip()] == []
        found = {}
        for part in done.stdout.split("Layer name: ")[1:]:
            crs = re.search(r'ID\["EPSG",(\d+)\]\]\nData axis', part)
            count = re.search(r"Feature Count: (\d+)", part)
            assert count
            found[part.split("\n")[0]] = [int(count[1]), int(crs[1]) if crs else None]
        assert found == expected(full)

    def test_geopandas_reads_every_layer_from_another_process_while_the_project_is_open(
        self, full: Project, path: Path
    ) -> None:
        with full.reading():
            full.count("homes")
            done = subprocess.run([sys.executable, "-c", _READ_ALL, path], capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == expected(full)

    @pytest.mark.gdal
    def test_gdals_own_checker_finds_nothing(self, full: Project, path: Path) -> None:
        """Checkers before GDAL 3.7 know no GeoPackage 1.4 and miss the two triggers that it took out."""
        pythons = [python for python in (sys.executable, "/usr/bin/python3") if _has_checker(python)]
        require("gdal", present=bool(pythons), remedy="apt-get install gdal-bin python3-gdal")
        full.close()
        done = subprocess.run([pythons[0], "-c", _VALIDATE, path], capture_output=True, text=True, check=True)
        outdated = re.compile(r"rtree_\w+_geom_update[13] trigger missing")
        assert [line for line in done.stdout.splitlines() if not outdated.fullmatch(line) and line] == []

    def test_metadata_says_what_the_tables_hold(self, full: Project, path: Path) -> None:
        assert query(path, "pragma application_id") == [(0x47504B47,)]
        assert query(path, "pragma user_version") == [(10400,)]
        assert query(path, "pragma journal_mode") == [("wal",)]
        assert query(path, "pragma integrity_check") == [("ok",)]
        assert query(path, "pragma foreign_key_check") == []
        kinds = dict(query(path, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
        kinds.pop("cells_current")
        assert kinds == {name: form.geometry.upper() for name, form in LAYERS.items() if form.geometry}
        attributes = {
            name for (name,) in query(path, "SELECT table_name FROM gpkg_contents WHERE data_type = 'attributes'")
        }
        assert attributes == {name for name, form in LAYERS.items() if not form.geometry} | {"project", "layer_styles"}
        triggers = query(path, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'homes'")
        ours = ["insert", "update2", "update4", "update5", "update6", "update7", "delete"]  # those of GeoPackage 1.4
        counting = {f"trigger_{verb}_feature_count_homes" for verb in ("insert", "delete")}
        assert {name for (name,) in triggers} == {f"rtree_homes_geom_{one}" for one in ours} | counting
        counts = dict(query(path, "SELECT table_name, feature_count FROM gpkg_ogr_contents"))
        assert counts == {**full.layers(), "project": 0, "layer_styles": len(STYLED)}

    def test_every_layer_has_an_r_tree_that_fits_its_rows(self, full: Project, path: Path) -> None:
        for name, form in LAYERS.items():
            if not form.geometry:
                continue
            frame = full.read(name, columns=["fid", "geometry"]).set_index("fid")
            frame = frame[~frame.geometry.isna()]
            rows = query(path, f"SELECT * FROM rtree_{name}_geom")  # noqa: S608 - a layer's name
            index = pd.DataFrame(rows).set_index(0).sort_index()
            bounds = frame.bounds[["minx", "maxx", "miny", "maxy"]]
            assert index.index.tolist() == frame.index.tolist()
            assert abs(index.to_numpy() - bounds.to_numpy()).max() < 1e-4  # R-trees hold 32-bit numbers
            ((west, east),) = query(path, "SELECT min_x, max_x FROM gpkg_contents WHERE table_name = ?", name)
            assert west <= bounds["minx"].min() < west + 1e-4
            assert east - 1e-4 < bounds["maxx"].max() <= east

    def test_a_box_is_answered_by_the_index(self, full: Project) -> None:
        with full.backend.transaction(write=False) as connection:
            table = table_of("homes")
            asked = select(table.c.fid).where(full.backend.intersects(table, (121, 41, 121.01, 41.01)))
            sql = str(asked.compile(full.backend.engine, compile_kwargs={"literal_binds": True}))
            seen = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
        assert any("SEARCH homes USING INTEGER PRIMARY KEY" in line for line in seen)
        assert any("VIRTUAL TABLE INDEX" in line and "rtree_homes_geom" in line.replace("SCAN ", "") for line in seen)

    def test_layers_come_with_styles_that_qgis_finds(self, full: Project) -> None:
        rows = query(
            cast("Path", full.path),
            "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault",
        )
        assert {name: qml for name, column, qml in rows if column == "geom"} == {n: layer_qml(n) for n in STYLED}
        assert {"villages", "cells", "cells_current", "homes", "buildings", "barriers", "cameras", "views", "gaps"} <= {
            row[0] for row in rows
        }

    def test_styles_of_people_stay_and_ours_are_renewed(self, full: Project, path: Path) -> None:
        with full.backend.transaction(write=True) as connection:
            raw = cast("sqlite3.Connection", connection.connection.driver_connection)
            raw.execute("UPDATE layer_styles SET styleQML = '<qgis/>' WHERE f_table_name = 'cells'")  # saved in QGIS
            raw.execute("DELETE FROM layer_styles WHERE f_table_name = 'homes'")
            gpkg.heal(raw, RELATIONS)
            gpkg.heal(raw, RELATIONS)
        asked = "SELECT styleQML FROM layer_styles WHERE f_table_name = ? ORDER BY useAsDefault DESC"
        assert query(path, asked, "cells") == [("<qgis/>",), (layer_qml("cells"),)]
        assert query(path, asked, "homes") == [(layer_qml("homes"),)]
        counted = query(path, "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'layer_styles'")
        assert counted == query(path, "SELECT count(*) FROM layer_styles") == [(len(STYLED) + 1,)]

    def test_another_table_of_that_name_is_left_alone(self, full: Project) -> None:
        with full.backend.transaction(write=True) as connection:
            raw = cast("sqlite3.Connection", connection.connection.driver_connection)
            raw.execute("DROP TABLE layer_styles")
            raw.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, styleName TEXT)")
            raw.execute("INSERT INTO layer_styles (styleName) VALUES ('网格')")
            gpkg.heal(raw, RELATIONS)
            assert raw.execute("SELECT styleName FROM layer_styles").fetchall() == [("网格",)]

    @pytest.mark.gdal
    def test_gdal_may_edit_the_file_and_the_index_follows(self, full: Project, path: Path) -> None:
        require("gdal", present=shutil.which("ogr2ogr") is not None, remedy="apt-get install gdal-bin")
        place = gpd.GeoDataFrame(
            {"place_id": ["gdal"], "place": ["银行"], "kind": ["bank"], "priority": [1]},
            geometry=[shapely.Point(10, 10)], crs="EPSG:4490",
        )  # fmt: skip
        place.to_file(path.with_name("more.geojson"))
        command = ["ogr2ogr", "-append", "-nln", "places", path, path.with_name("more.geojson")]
        subprocess.run(command, check=True, capture_output=True)
        found = full.read("places", bbox=(9, 9, 11, 11))
        assert found["place_id"].tolist() == ["gdal"]
        assert full.count("places") == 301

    def test_closing_leaves_one_file(self, full: Project, path: Path) -> None:
        full.close()
        assert [one.name for one in path.parent.iterdir()] == [path.name]


class TestMakingAndOpening:
    def test_a_new_project_that_nothing_was_committed_to_goes_again(self, path: Path) -> None:
        def fail() -> None:
            with open_project(path, create=True) as project, project.change(who="a", action="load") as change:
                change.set("a", 1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert list(path.parent.iterdir()) == []
        open_project(path, create=True).close()
        assert list(path.parent.iterdir()) == []
        with open_project(path, create=True) as project, project.change(who="a", action="load"):
            pass
        assert path.exists()

    def test_a_new_project_is_kept_when_another_used_it_meanwhile(self, path: Path) -> None:
        with open_project(path, create=True) as first:
            with open_project(path, create=True) as second, second.change(who="b", action="load") as change:
                change.set("b", 1)
            assert first.settings == {"b": 1}
        with open_project(path) as again:
            assert again.settings == {"b": 1}

    def test_an_existing_project_that_a_change_fails_on_stays(self, path: Path) -> None:
        with open_project(path, create=True) as project, project.change(who="a", action="x") as change:
            change.set("a", 1)

        def fail() -> None:
            with open_project(path, create=True) as project, project.change(who="a", action="x") as change:
                change.set("a", 2)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with open_project(path) as project:
            assert project.settings == {"a": 1}

    @pytest.mark.parametrize(
        ("make", "error", "says"),
        [
            (lambda _path: None, MissingProjectError, "does not exist"),
            (lambda path: path.write_text("村,户数\n" * 100, encoding="utf-8"), NotAProjectError, "no GeoPackage"),
            (lambda path: path.write_bytes(b""), NotAProjectError, "no GeoPackage"),
            (lambda path: path.mkdir(), NotAProjectError, "folder"),
            (lambda path: other_geopackage(path, "points"), NotAProjectError, "some other GeoPackage"),
        ],
    )
    def test_what_is_no_project_is_said_in_one_line_and_left_alone(
        self, path: Path, make: Callable[[Path], Any], error: type[StoreError], says: str
    ) -> None:
        make(path)
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(error, match=says) as refused:
            open_project(path)
        assert str(path) in refused.value.zh
        assert "\n" not in refused.value.zh + refused.value.en
        assert (path.read_bytes() if path.is_file() else None) == before
        assert {one.name for one in path.parent.iterdir()} <= {path.name}

    def test_a_new_file_needs_its_ending_and_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(NotAProjectError, match=r"\.gpkg"):
            open_project(tmp_path / "county.txt", create=True)
        with pytest.raises(MissingProjectError, match="folder"):
            open_project(tmp_path / "no" / "county.gpkg", create=True)
        with open_project(tmp_path / "county.gpkg", create=True) as project:
            for bad, error in (("copy.zip", NotAProjectError), ("no/copy.gpkg", MissingProjectError)):
                with pytest.raises(error):
                    project.snapshot(tmp_path / bad)
        assert list(tmp_path.iterdir()) == []

    def test_a_project_of_a_newer_version_is_refused(self, full: Project, path: Path) -> None:
        full.close()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(NotAProjectError, match="newer version"):
            open_project(path)

    def test_a_snapshot_becomes_a_project_that_many_can_use(self, full: Project, path: Path) -> None:
        copy = full.snapshot(path.with_name("copy.gpkg"))
        with open_project(copy) as project:
            assert project.layers() == full.layers()
        assert query(copy, "pragma journal_mode") == [("wal",)]

    def test_nothing_is_overwritten_by_a_copy(self, full: Project, path: Path) -> None:
        full.close()
        before = path.read_bytes()
        other = path.with_name("other.gpkg")
        other.write_text("mine")
        for goal in (other, path, path.parent / "." / path.name):
            with pytest.raises(ProjectExistsError, match="there already"):
                copy_project(path, goal)
        assert (other.read_text(), path.read_bytes()) == ("mine", before)
        with pytest.raises(MissingProjectError):
            copy_project(path.with_name("none.gpkg"), path.with_name("new.gpkg"))

    def test_the_project_itself_is_refused_as_input_by_any_name(self, full: Project, path: Path) -> None:
        link, twin = path.with_name("link.gpkg"), path.with_name("twin.gpkg")
        link.symlink_to(path)
        twin.hardlink_to(path)
        for name in (path, link, twin, path.parent / "." / path.name):
            with pytest.raises(ProjectAsInputError, match="is the project itself"):
                refuse_project_as_input(full, name)
        refuse_project_as_input(full, path.with_name("else.gpkg"))

    def test_a_sqlite_without_r_tree_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Bare:
            def execute(self, _sql: str) -> None:
                raise sqlite3.OperationalError("no such module: rtree")

            def close(self) -> None:
                pass

        functions.require_rtree.cache_clear()
        monkeypatch.setattr(functions.sqlite3, "connect", lambda *_: Bare())
        with pytest.raises(UnsupportedError, match="R-tree"):
            functions.require_rtree()

    def test_a_missing_database_is_said_in_one_line(self, tmp_path: Path) -> None:
        pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'wangge[postgis]'")
        with pytest.raises(MissingProjectError, match=r"cannot connect.*check host.*PGPASSWORD") as refused:
            open_project(f"postgresql://user:secret@/county?host={tmp_path}", busy_s=1)
        assert "secret" not in str(refused.value)
        assert "\n" not in str(refused.value)


def _has_checker(python: str) -> bool:
    probe = [python, "-c", "import osgeo_utils.samples.validate_gpkg"]
    return Path(python).exists() and subprocess.run(probe, check=False, capture_output=True).returncode == 0


def other_geopackage(path: Path, layer: str) -> None:
    """Write a GeoPackage that is no project, in another process: its SQLite is not ours."""
    code = (
        "import geopandas, shapely, sys; "
        "points = geopandas.GeoDataFrame(geometry=[shapely.Point(1, 2)], crs=4326); "
        "points.to_file(sys.argv[1], driver='GPKG', layer=sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, path, layer], check=True, capture_output=True)
