"""Indexes that are used: what each backend plans to do, at the size of a county with fifty plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa

from api.store import Project, open_project
from api.store.backend import conditions
from api.store.models import table_of
from tests.cluster import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANS, VILLAGES, CELLS, EDITS, HOMES = 50, 211, 844, 5_000, 20_000
BOX = (121.50, 41.50, 121.51, 41.51)


@pytest.fixture(scope="module", params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Give a county with fifty plans of 844 cells, 5,000 edits and 20,000 homes, once per backend."""
    if request.param == "postgis":
        server = str(request.getfixturevalue("postgis_server"))
        target = f"{server.format(name='postgres')}&schema=plans"
        execute(server.format(name="postgres"), "CREATE EXTENSION IF NOT EXISTS postgis")
    else:
        target = str(tmp_path_factory.mktemp("county") / "county.gpkg")
    with open_project(target, create=True) as project:
        _fill(project)
        yield project


def _fill(project: Project) -> None:
    rng, count = np.random.default_rng(1), PLANS * CELLS
    cells = np.tile(np.arange(CELLS), PLANS)
    plans = np.repeat([f"p{number:03d}" for number in range(PLANS)], CELLS)
    villages = np.char.mod("%012d", cells % VILLAGES)
    codes = np.char.mod("%03d", cells)
    centres = rng.uniform((121, 41), (122, 42), (count, 2))
    squares = shapely.box(*(centres - 0.001).T, *(centres + 0.001).T)
    made = pd.Timestamp("2026-01-01", tz="UTC")
    frame = gpd.GeoDataFrame(
        {"cell_id": np.char.add(np.char.add(plans, ":"), codes), "plan": plans, "cell_code": codes, "kind": "basic",
         "village_code": villages, "start_date": made}, geometry=squares, crs="EPSG:4490",
    )  # fmt: skip
    homes = gpd.GeoDataFrame(
        {"home_id": np.arange(HOMES).astype(str), "households": 1, "village_code": villages[:HOMES]},
        geometry=gpd.points_from_xy(*rng.uniform((121, 41), (122, 42), (HOMES, 2)).T), crs="EPSG:4490",
    )  # fmt: skip
    members = pd.DataFrame({"plan": plans, "cell_code": codes, "member_id": "m", "role": "full"})
    with project.change(who="a", action="load") as change:
        change.append("cells", frame)
        change.append("homes", homes)
        change.append("assignments", members)
        change.append("plan_blocks", pd.DataFrame({"plan": plans, "block_id": codes, "cell_code": codes}))
        change.append("plans", pd.DataFrame({"plan": np.unique(plans), "made_at": made, "status": "draft"}))
    edits = pd.DataFrame({
        "id": np.arange(EDITS).astype(str), "at": "2026-01-01T00:00:00.000Z", "who": "a",
        "plan": rng.choice(np.unique(plans), EDITS), "action": rng.choice(["move", "split", "undo"], EDITS),
    })  # fmt: skip
    with project.backend.transaction(write=True) as connection:
        columns = {name: edits[name].tolist() for name in edits}
        project.backend.insert(connection, "history", columns, None)
        project.backend.finish(connection, {"history"})
    if not project.is_file:
        with project.backend.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")  # as the server does by itself after a while


def explained(project: Project, query: sa.Select[Any]) -> str:
    """Give what the backend is going to do, as one text."""
    asked = query.compile(project.backend.engine, compile_kwargs={"literal_binds": True})
    word = "EXPLAIN QUERY PLAN " if project.is_file else "EXPLAIN "
    with project.backend.transaction(write=False) as connection:
        rows = connection.exec_driver_sql(word + str(asked).replace("%", "%%")).all()
    return "\n".join(str(row[-1]) for row in rows)


WHERE: list[tuple[str, dict[str, Any], str]] = [
    ("homes", {"village_code": "000000000007"}, "ix_homes_village_code"),
    ("homes", {"home_id": "77"}, "uq_homes"),
    ("cells", {"plan": "p007", "end_date": None}, "ix_cells_plan"),
    ("cells", {"village_code": "000000000007"}, "ix_cells_village_code"),
    ("cells", {"plan": "p007", "village_code": "000000000007", "end_date": None}, "ix_cells_village_code"),
    ("cells", {"cell_id": "p007:008"}, "uq_cells"),
    ("assignments", {"plan": "p007", "cell_code": "008"}, "uq_assignments"),
    ("plan_blocks", {"plan": "p007"}, "uq_plan_blocks"),
    ("plan_blocks", {"plan": "p007", "block_id": ["008", "009"]}, "uq_plan_blocks"),
    ("history", {"plan": "p007"}, "ix_history_plan_action"),
    ("history", {"plan": "p007", "action": ["move", "split"]}, "ix_history_plan_action"),
    ("history", {"id": "77"}, "uq_history"),
]
"""What the program asks for, and the index that answers."""


@pytest.mark.parametrize(("layer", "where", "index"), WHERE)
def test_a_read_by_code_or_plan_uses_its_index(county: Project, layer: str, where: dict[str, Any], index: str) -> None:
    table = table_of(layer)
    query = sa.select(table.c.fid).where(*conditions(county.backend, table, where)).order_by(table.c.fid)
    plan = explained(county, query)
    name = index if not (county.is_file and index.startswith("uq_")) else f"sqlite_autoindex_{layer}"
    assert name in plan, plan
    assert "Seq Scan" not in plan
    assert not plan.startswith("SCAN")


@pytest.mark.parametrize("layer", ["cells", "homes"])
def test_a_box_is_answered_by_the_spatial_index(county: Project, layer: str) -> None:
    table = table_of(layer)
    plan = explained(county, sa.select(table.c.fid).where(county.backend.intersects(table, BOX)))
    if county.is_file:
        assert "VIRTUAL TABLE INDEX" in plan, plan
        assert f"SEARCH {layer} USING INTEGER PRIMARY KEY" in plan
    else:
        assert f"idx_{layer}_geom" in plan, plan
    found = county.read(layer, bbox=BOX)
    everything = county.read(layer)
    bounds = everything.geometry.bounds
    meets = (bounds.minx <= BOX[2]) & (bounds.maxx >= BOX[0]) & (bounds.miny <= BOX[3]) & (bounds.maxy >= BOX[1])
    assert len(found) == int(meets.sum()) > 0


def test_the_current_cells_are_found_by_their_plan(county: Project) -> None:
    plan = explained(county, sa.select(table_of("cells_current").c.fid))
    assert "ix_cells_plan" in plan, plan
    assert len(county.read("cells_current")) == CELLS


def test_without_its_index_a_read_would_be_a_scan(county: Project) -> None:
    """The plans above are no accident: a column without an index is read from end to end."""
    table = table_of("cells")
    query = sa.select(table.c.fid).where(*conditions(county.backend, table, {"note": "x"}))
    assert ("SCAN" if county.is_file else "Seq Scan") in explained(county, query)
