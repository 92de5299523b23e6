"""A county of full size on both backends: 100,000 homes, 844 cells and 40,000 cameras, and every answer right."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from api.store import Project, RepeatedKeyError, RowConflictError, open_project, row_versions
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

HOMES, CELLS, CAMERAS = 100_000, 844, 40_000
_WEST, _SOUTH, _WIDE, _HIGH = 121.5, 40.7, 0.9, 0.7


def points(count: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    return gpd.points_from_xy(_WEST + rng.random(count) * _WIDE, _SOUTH + rng.random(count) * _HIGH)


def county() -> dict[str, gpd.GeoDataFrame]:
    """Make the three layers; cells are a lattice that tiles the county."""
    homes = {"home_id": [f"H{number:06d}" for number in range(HOMES)], "households": np.arange(HOMES) % 9}
    villages = pd.Series(np.arange(HOMES) % 233).map("211122{:06d}".format)
    cameras = {
        "camera_id": [f"C{number:05d}" for number in range(CAMERAS)], "azimuth_deg": np.arange(CAMERAS) % 360.0,
        "kind": "dome", "networked": pd.array(np.arange(CAMERAS) % 3 == 0, dtype="boolean"),
    }  # fmt: skip
    columns, rows = 211, 4
    shapes = [
        shapely.box(_WEST + _WIDE * x / columns, _SOUTH + _HIGH * y / rows,
                    _WEST + _WIDE * (x + 1) / columns, _SOUTH + _HIGH * (y + 1) / rows)
        for x in range(columns) for y in range(rows)
    ]  # fmt: skip
    codes = [f"211122000000{number:03d}" for number in range(CELLS)]
    cells = {"cell_id": [f"p:{code}" for code in codes], "plan": "p", "cell_code": codes, "kind": "basic"}
    required = {name: 0.0 for name in LAYERS["cells"].required if name not in cells}
    required |= {"village_code": "211122000000", "cell": "x", "start_date": "2026-01-01T00:00:00Z", "locked": False}
    fits = {name: value for name, value in required.items() if name in LAYERS["cells"].names}
    crs = "EPSG:4490"
    return {
        "homes": gpd.GeoDataFrame({**homes, "village_code": villages}, geometry=points(HOMES, 1), crs=crs),
        "cells": gpd.GeoDataFrame(cells, geometry=shapes, crs=crs).assign(**fits),
        "cameras": gpd.GeoDataFrame(cameras, geometry=points(CAMERAS, 2), crs=crs),
    }


@pytest.fixture(scope="class", params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Open a project of full size, loaded once for all questions."""
    target = str(tmp_path_factory.mktemp("size") / "county.gpkg")
    if request.param == "postgis":
        import psycopg

        server = request.getfixturevalue("postgis_server")
        name = f"size_{secrets.token_hex(6)}"
        with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_postgis")
        target = server.format(name=name)
    with open_project(target, create=True) as project:
        with project.change(who="a", action="load") as change:
            for layer, frame in county().items():
                assert change.append(layer, frame) == len(frame)
        yield project


@pytest.fixture(scope="module")
def given() -> dict[str, gpd.GeoDataFrame]:
    """Give what was loaded."""
    return county()


class TestACountyOfFullSize:
    def test_every_row_is_there_as_it_went_in(self, full: Project, given: dict[str, gpd.GeoDataFrame]) -> None:
        assert [full.count(layer) for layer in given] == [HOMES, CELLS, CAMERAS]
        for layer, frame in given.items():
            stored = full.read(layer)
            key = LAYERS[layer].key[0]
            assert stored[key].tolist() == frame[key].tolist()
            assert (shapely.to_wkb(shapely.normalize(stored.geometry.to_numpy()))
                    == shapely.to_wkb(shapely.normalize(_multi(layer, frame)))).all()  # fmt: skip
        assert full.read("homes", columns=["households"])["households"].sum() == given["homes"]["households"].sum()

    @pytest.mark.parametrize("layer", ["homes", "cells", "cameras"])
    def test_a_box_gives_the_rows_that_lie_in_it(
        self, full: Project, given: dict[str, gpd.GeoDataFrame], layer: str
    ) -> None:
        frame, key = given[layer], LAYERS[layer].key[0]
        bounds = frame.geometry.bounds
        for west, south, side in ((121.7, 40.9, 0.05), (121.51, 40.71, 0.2), (122.3, 41.3, 0.01), (0, 0, 1)):
            meets = (
                (bounds["minx"] <= west + side) & (bounds["maxx"] >= west)
                & (bounds["miny"] <= south + side) & (bounds["maxy"] >= south)
            )  # fmt: skip
            found = full.read(layer, bbox=(west, south, west + side, south + side), columns=[key])
            assert found[key].tolist() == frame.loc[meets, key].tolist()

    def test_rows_are_found_by_key_and_by_village(self, full: Project, given: dict[str, gpd.GeoDataFrame]) -> None:
        asked = [f"H{number:06d}" for number in range(0, HOMES, 3)]
        assert len(full.read("homes", where={"home_id": asked}, columns=["home_id"])) == len(asked)
        village = given["homes"]["village_code"].iloc[7]
        found = full.read("homes", where={"village_code": village}, columns=["home_id"])["home_id"].tolist()
        assert found == given["homes"].loc[given["homes"]["village_code"] == village, "home_id"].tolist()
        assert full.count("cameras", where={"networked": True}) == given["cameras"]["networked"].sum()

    def test_a_key_that_is_stored_is_found_among_all(self, full: Project, given: dict[str, gpd.GeoDataFrame]) -> None:
        last = given["homes"].tail(3_000)
        with pytest.raises(RepeatedKeyError, match="3000 rows"), full.change(who="a", action="load") as change:
            change.append("homes", last)
        assert full.count("homes") == HOMES

    def test_one_camera_that_changed_among_all_stops_the_one_who_did_not_see_it(self, full: Project) -> None:
        read = full.read("cameras")
        versions = row_versions(read, "cameras")
        assert versions.is_unique
        with full.change(who="b", action="edit cameras") as change:
            change.update("cameras", pd.DataFrame({"camera_id": ["C31234"], "owner": ["b"]}))
        with pytest.raises(RowConflictError) as lost, full.change(who="a", action="edit cameras") as change:
            change.update("cameras", read[["camera_id"]].assign(owner="a"), expect=versions)
        assert lost.value.keys.tolist() == ["C31234"]
        assert full.count("cameras", where={"owner": "a"}) == 0


def _multi(layer: str, frame: gpd.GeoDataFrame) -> Any:
    shapes = frame.geometry.to_numpy()
    return shapes if layer != "cells" else shapely.multipolygons(shapes, indices=np.arange(len(shapes)))
