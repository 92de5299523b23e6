"""What only a database has: its index, its limits, its extension."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from api.store import StoreError, UnsupportedError, open_project
from api.store.models import table_of

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'wangge[postgis]'")
pytestmark = pytest.mark.postgis


def test_a_box_is_answered_by_the_index(postgis_url: str) -> None:
    with open_project(postgis_url, create=True) as project:
        table = table_of("homes")
        asked = sa.select(table.c.fid).where(project.backend.intersects(table, (121, 41, 121.01, 41.01)))
        sql = str(asked.compile(project.backend.engine, compile_kwargs={"literal_binds": True}))
        with project.backend.transaction(write=False) as connection:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}")]
    assert any("idx_homes_geom" in line for line in plan)


def test_a_statement_that_takes_too_long_is_stopped(postgis_url: str) -> None:
    with open_project(postgis_url, create=True):
        pass
    with (
        open_project(postgis_url, statement_s=0.1) as project,
        pytest.raises(StoreError, match="longer than its limit"),
        project.backend.transaction(write=False) as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(5)")


def test_the_chinese_system_is_added_where_postgis_lacks_it(postgis_url: str) -> None:
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute("DELETE FROM spatial_ref_sys WHERE srid = 4490")
        with open_project(postgis_url, create=True):
            pass
        row = connection.execute(
            "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = 4490"
        ).fetchone()
        assert row is not None
        assert row[:2] == ("EPSG", 4490)
        assert "China Geodetic Coordinate System 2000" in row[2]
        moved = connection.execute(
            "SELECT ST_X(ST_Transform(ST_SetSRID(ST_MakePoint(122, 41), 4490), 4326))"
        ).fetchone()
        assert moved == (pytest.approx(122),)


def test_a_database_that_cannot_have_postgis_says_what_to_ask_for(postgis_url: str) -> None:
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute("DROP EXTENSION postgis")
        connection.execute("DROP ROLE IF EXISTS planner")
        connection.execute("CREATE ROLE planner LOGIN")
        with pytest.raises(UnsupportedError, match="CREATE EXTENSION postgis"):
            open_project(postgis_url.replace("postgres@", "planner@"), create=True)
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)
