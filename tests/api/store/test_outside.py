"""Programs outside edit a project file: GDAL and QGIS as they do it, and a script that knows nothing of layers."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.jobs.check import run_check
from api.store import Project, StoreError, functions, open_project
from api.store.integrity import store_problems
from tests.conftest import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from spatial.problems import Problems


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "county.gpkg"


@pytest.fixture
def held(path: Path, rows_of: Callable[..., Any]) -> Iterator[Project]:
    """Give a project with places and buildings."""
    with open_project(path, create=True) as project:
        with project.change(who="a", action="load") as change:
            change.append("places", rows_of("places", 300))
            change.append("buildings", rows_of("buildings", 300))
        yield project


def outside(path: Path, *statements: str, plain: bool = False) -> None:
    """Do what another program does; a `plain` script has no spatial functions, QGIS and GDAL do."""
    with closing(sqlite3.connect(path)) as connection, connection:
        if not plain:
            functions.install(connection, busy_s=1)
        for statement in statements:
            connection.execute(statement)


def gdal(*command: object) -> str:
    require("gdal", present=shutil.which("ogr2ogr") is not None, remedy="apt-get install gdal-bin")
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(problems: Problems) -> list[tuple[str, str, str]]:
    return [(row["problem"], row["layer"], row["code"]) for row in problems.rows]


def test_a_project_nobody_touched_has_no_problem(project: Project, rows_of: Callable[..., Any]) -> None:
    with project.change(who="a", action="load") as change:
        for layer in ("places", "buildings", "members", "problems"):
            change.append(layer, rows_of(layer, 250))
    assert said(store_problems(project)) == []


@pytest.mark.gdal
class TestGdal:
    def test_rows_changed_added_and_deleted_are_read_back_and_indexed(self, held: Project, path: Path) -> None:
        for statement in (
            "UPDATE places SET place = '改名' WHERE place_id = 'place_id-7'",
            "UPDATE places SET geom = (SELECT geom FROM places WHERE fid = 2) WHERE place_id = 'place_id-8'",
            "DELETE FROM places WHERE place_id = 'place_id-9'",
            (
                "INSERT INTO places (place_id, place, kind, priority, geom) "
                "SELECT 'new', '村口', 'bank', 1, geom FROM places WHERE fid = 2"
            ),
        ):
            gdal("ogrinfo", path, "-sql", statement)
        places = held.read("places").set_index("place_id")
        assert places.loc["place_id-7", "place"] == "改名"
        assert "place_id-9" not in places.index
        assert held.count("places") == 300
        x, y = places.geometry["place_id-1"].coords[0]
        found = held.read("places", bbox=(x - 1e-9, y - 1e-9, x + 1e-9, y + 1e-9))
        assert set(found["place_id"]) == {"place_id-1", "place_id-8", "new"}
        assert said(store_problems(held)) == []

    def test_a_layer_updated_and_appended_by_ogr2ogr(self, held: Project, path: Path) -> None:
        more = gpd.GeoDataFrame(
            {"place_id": ["a", "b"], "place": ["甲", "乙"], "kind": "bank", "priority": [1, 2],
             "village_code": ["0012", None]},
            geometry=gpd.points_from_xy([30, 31], [40, 41]), crs="EPSG:4490",
        )  # fmt: skip
        more.to_file(path.with_name("more.geojson"))
        gdal("ogr2ogr", "-update", "-append", "-nln", "places", path, path.with_name("more.geojson"))
        found = held.read("places", bbox=(29, 39, 32, 42))
        assert found[["place_id", "place", "village_code"]].iloc[0].tolist() == ["a", "甲", "0012"]
        assert len(found) == 2
        assert said(store_problems(held)) == []
        with held.change(who="a", action="edit") as change:  # and ours go on after theirs
            change.delete("places", {"place_id": ["a", "b"]})
        seen = json.loads(gdal("ogrinfo", "-json", path, "places")) if _has_json() else None
        if seen is not None:
            layer = seen["layers"][0]
            assert layer["featureCount"] == 300
            assert layer["geometryFields"][0]["extent"][2] < 130

    def test_a_column_added_outside_stays_and_hurts_nobody(self, held: Project, path: Path) -> None:
        gdal("ogrinfo", path, "-sql", "ALTER TABLE places ADD COLUMN mine TEXT")
        outside(path, "UPDATE places SET mine = '我的' WHERE fid = 1")
        with held.change(who="a", action="edit") as change:
            change.update("places", pd.DataFrame({"place_id": ["place_id-0"], "priority": [3]}))
        assert held.read("places")["priority"][0] == 3
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT mine FROM places WHERE fid = 1").fetchone() == ("我的",)
        assert said(store_problems(held)) == []

    def test_shapes_that_a_layer_may_not_hold_are_listed(self, held: Project, path: Path) -> None:
        lines = gpd.GeoDataFrame(
            {"building_id": ["line"]}, geometry=[shapely.LineString([(1, 1), (2, 2)])], crs="EPSG:4490"
        )
        lines.to_file(path.with_name("lines.geojson"))
        gdal("ogr2ogr", "-update", "-append", "-nln", "buildings", path, path.with_name("lines.geojson"))
        assert said(store_problems(held)) == [("store-geometry", "buildings", "line")]


def _has_json() -> bool:
    """GDAL writes JSON from 3.7 on."""
    return subprocess.run(["ogrinfo", "-json", "--version"], capture_output=True, check=False).returncode == 0 and (
        "-json" in subprocess.run(["ogrinfo", "--help"], capture_output=True, text=True, check=False).stdout
    )


class TestScripts:
    def test_a_script_without_spatial_functions_cannot_change_shapes(self, held: Project, path: Path) -> None:
        blob = "X'47500001" + "8A110000" + "0101000000" + "00" * 16 + "'"
        for statement in (
            f"UPDATE places SET geom = {blob} WHERE fid = 1",  # noqa: S608
            "UPDATE places SET place = '改名' WHERE fid = 1",
            f"INSERT INTO places (place_id, place, kind, priority, geom) VALUES ('x', 'x', 'bank', 1, {blob})",  # noqa: S608
        ):
            with pytest.raises(sqlite3.OperationalError, match="ST_"):
                outside(path, statement, plain=True)
        outside(path, "DELETE FROM places WHERE fid = 2", plain=True)  # the trigger of a deletion needs none
        assert held.count("places") == 299
        assert held.read("places")["place_id"][0] == "place_id-0"
        assert said(store_problems(held)) == []

    @pytest.mark.parametrize(
        ("statements", "layer"),
        [
            (["DROP TRIGGER rtree_places_geom_delete", "DELETE FROM places WHERE fid < 100"], "places"),
            (["DELETE FROM rtree_places_geom WHERE id = 5"], "places"),
            (["DROP TABLE rtree_buildings_geom"], "buildings"),
            (["UPDATE gpkg_contents SET max_x = min_x WHERE table_name = 'places'"], "places"),
            (["UPDATE gpkg_ogr_contents SET feature_count = 7 WHERE table_name = 'places'"], "places"),
            (["DELETE FROM gpkg_geometry_columns WHERE table_name = 'places'"], "places"),
            (["UPDATE gpkg_geometry_columns SET srs_id = 4326 WHERE table_name = 'places'"], "places"),
            (["DELETE FROM gpkg_geometry_columns WHERE table_name = 'cells_current'",
              "DELETE FROM gpkg_contents WHERE table_name = 'cells_current'"], "cells_current"),
            (["DROP TRIGGER trigger_insert_feature_count_members"], "members"),
        ],
    )  # fmt: skip
    def test_what_the_rows_tell_is_made_anew_and_said(
        self, held: Project, path: Path, statements: list[str], layer: str
    ) -> None:
        outside(path, *statements)
        assert said(store_problems(held)) == [("store-mended", layer, "")]
        assert said(store_problems(held)) == []
        assert len(held.read("places", bbox=(121, 41, 122, 42))) == held.count("places")
        assert len(held.read("buildings", bbox=(121, 41, 122, 42))) == 300

    @pytest.mark.parametrize(
        ("statement", "layer", "column"),
        [
            ("UPDATE places SET priority = '三' WHERE fid = 4", "places", "priority"),
            ("UPDATE places SET radius_m = 'wide' WHERE fid = 4", "places", "radius_m"),
            ("UPDATE places SET place = X'00FF' WHERE fid = 4", "places", "place"),
            ("UPDATE history SET at = 'yesterday'", "history", "at"),
            ("UPDATE history SET after = '{half'", "history", "after"),
        ],
    )
    def test_values_of_another_kind_are_listed_and_reading_them_is_refused_in_words(
        self, held: Project, path: Path, statement: str, layer: str, column: str
    ) -> None:
        outside(path, statement)
        (row,) = store_problems(held).rows
        assert (row["problem"], row["layer"]) == ("store-value", layer)
        assert column in row["message_en"]
        answer = run_check(held)
        assert (answer["errors"], answer["list"][0]["problem"]) == (1, "store-value")
        if column != "place":  # a blob is no text, but can be read
            with pytest.raises(StoreError, match=f"layer {layer} holds values that cannot be read"):
                held.read(layer)

    def test_shapes_that_are_none_are_listed_and_the_index_leaves_them_out(self, held: Project, path: Path) -> None:
        outside(
            path,
            "DROP TRIGGER rtree_places_geom_update6",
            "UPDATE places SET geom = X'4750000100' WHERE fid = 3",
            "UPDATE places SET geom = 'POINT(1 2)' WHERE fid = 4",
        )
        found = said(store_problems(held))
        assert found[:2] == [("store-geometry", "places", f"place_id-{number}") for number in (2, 3)]
        assert found[2:] == [("store-mended", "places", "")]
        with pytest.raises(StoreError, match="cannot be read"):
            held.read("places")
        assert said(store_problems(held)) == found[:2]

    def test_tables_and_columns_that_are_gone_are_named(self, held: Project, path: Path) -> None:
        outside(path, "DROP TABLE members", "ALTER TABLE poles RENAME COLUMN power TO watt")
        assert said(store_problems(held)) == [
            ("store-layer-missing", "members", ""), ("store-layer-missing", "poles", "power"),
        ]  # fmt: skip


def test_cells_redrawn_by_hand_no_longer_match_their_blocks(tiny_project: Path) -> None:
    assert "cell-not-its-blocks" not in {row["problem"] for row in run_check(tiny_project)["list"]}
    with open_project(tiny_project) as project:
        plan = project.current_plan()
        cells = project.read("cells", where={"plan": plan, "end_date": None})
        chosen = cells.iloc[[0, 1, 2]][["cell_id", "households", "geometry"]]
        with project.change(who="qgis", action="by hand") as change:
            smaller = chosen.iloc[[0]][["cell_id", "geometry"]]
            change.update(
                "cells", smaller.set_geometry(shapely.buffer(smaller.geometry.to_numpy(), -1e-4), crs=smaller.crs)
            )
            change.update("cells", chosen.iloc[[1]][["cell_id"]].assign(households=chosen["households"].iloc[1] + 5))
            change.delete("cells", {"cell_id": chosen["cell_id"].iloc[2]})
    found = {row["code"] for row in run_check(tiny_project)["list"] if row["problem"] == "cell-not-its-blocks"}
    assert found == set(cells["cell_code"].iloc[:3])
