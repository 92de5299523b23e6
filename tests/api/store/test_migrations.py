"""Migrations: the same on both backends, and never another schema than the models say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
import shapely
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers  # noqa: F401 - registers Alembic's implementation of the gpkg dialect
from sqlalchemy.orm import Session

from api.migrations.comparing import compare_type, include_name
from api.store import GeometryTypeError, MissingProjectError, NotAProjectError, Project, gpkg, open_project
from api.store.migrate import REVISION, alembic_config
from api.store.models import CURRENT_CELLS_SQL, MODELS, RELATIONS, Base
from spatial.layers import LAYERS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def difference(project: Project) -> list[Any]:
    with project.backend.transaction(write=False) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": compare_type, "include_name": include_name}
        )
        return list(compare_metadata(context, Base.metadata))


def test_the_newest_migration_is_the_one_the_store_asks_for() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == REVISION


def test_migrations_make_what_the_models_say(project: Project) -> None:
    assert difference(project) == []


def test_the_comparison_would_find_a_difference(project: Project) -> None:
    with project.backend.transaction(write=True) as connection:
        connection.execute(sa.text("ALTER TABLE places ADD COLUMN extra TEXT"))
        connection.execute(sa.text("ALTER TABLE places DROP COLUMN radius_m"))
    found = difference(project)
    assert sorted((one[0], one[3].name) for one in found) == [("add_column", "radius_m"), ("remove_column", "extra")]
    project.keep()


def test_required_columns_and_keys_are_held_by_the_database(project: Project) -> None:
    with project.backend.transaction(write=False) as connection:
        inspector = sa.inspect(connection)
        for name, form in LAYERS.items():
            columns = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
            assert [column for column in form.names if not columns[column]] == form.required
            unique = [one["column_names"] for one in inspector.get_unique_constraints(name)]
            assert unique == ([list(form.key)] if form.key else [])
            assert inspector.get_pk_constraint(name)["constrained_columns"] == ["fid"]


def test_the_view_is_the_same_in_models_and_migration(project: Project) -> None:
    with project.backend.transaction(write=False) as connection:
        (shown,) = [view for view in sa.inspect(connection).get_view_names() if view == "cells_current"]
        columns = [column["name"] for column in sa.inspect(connection).get_columns(shown)]
    assert columns == ["fid", *LAYERS["cells"].names, "geom"]
    if project.is_file:
        with project.backend.transaction(write=False) as connection:
            stored = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'cells_current'"))
        assert " ".join(stored.replace('"', "").split()) == " ".join(CURRENT_CELLS_SQL.split())


def test_going_down_and_up_again_leaves_a_sound_project(project: Project, target: str) -> None:
    with project.backend.transaction(write=True) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        if project.is_file:
            gpkg.heal(cast("sqlite3.Connection", connection.connection.driver_connection), RELATIONS)
            left = connection.execute(sa.text("SELECT table_name FROM gpkg_contents")).fetchall()
            assert left == []
    project.keep()
    with pytest.raises((NotAProjectError, MissingProjectError)):
        open_project(target)
    with project.backend.transaction(write=True) as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))


def test_a_layer_survives_native_column_changes(project: Project, rows_of: Callable[..., Any]) -> None:
    """Batch mode would copy the table and lose its registration; ADD, RENAME and DROP COLUMN do not."""
    with project.change(who="a", action="load") as change:
        change.append("places", rows_of("places", 300))
    with project.backend.transaction(write=True) as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.add_column("places", sa.Column("floor", sa.Text()))
        operations.alter_column("places", "floor", new_column_name="storey")
        operations.drop_column("places", "storey")
        if project.is_file:
            raw = cast("sqlite3.Connection", connection.connection.driver_connection)
            raw.execute("DELETE FROM rtree_places_geom")  # whatever a migration may have lost
            raw.execute("DROP TRIGGER rtree_places_geom_delete")
            gpkg.heal(raw, RELATIONS)
    assert difference(project) == []
    with project.change(who="a", action="edit") as change:
        change.delete("places", {"place_id": "place_id-7"})
    assert len(project.read("places", bbox=(121, 41, 122, 42))) == 299
    if project.is_file:
        with project.backend.transaction(write=False) as connection:
            count = connection.scalar(
                sa.text("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'places'")
            )
            assert count == connection.scalar(sa.text("SELECT count(*) FROM rtree_places_geom")) == 299


def test_models_speak_shapely_and_aware_moments(project: Project) -> None:
    place, plan = cast("Any", MODELS["places"]), cast("Any", MODELS["plans"])
    made = datetime(2026, 3, 1, 8, 30, 0, 999_999, tzinfo=UTC)
    with project.backend.transaction(write=True) as connection, Session(connection) as session:
        session.add(place(place_id="p", place="桥", kind="bridge", priority=1, geom=shapely.Point(121.5, 41.25)))
        session.add(plan(plan="x", made_at=made, status="draft", settings={"households": 400}))
        session.flush()
        session.expire_all()
        assert session.scalars(sa.select(place)).one().geom == shapely.Point(121.5, 41.25)
        stored = session.scalars(sa.select(plan).where(plan.made_at == made)).one()
        assert stored.made_at == made.replace(microsecond=999_000)
        assert stored.settings == {"households": 400}
        session.commit()
    project.keep()
    assert project.read("places", bbox=(121, 41, 122, 42))["place"].tolist() == ["桥"]
    with (
        pytest.raises((GeometryTypeError, sa.exc.StatementError), match="it holds POINT only"),
        project.backend.transaction(write=True) as connection,
    ):
        connection.execute(sa.insert(place).values(place_id="q", geom=shapely.LineString([(0, 0), (1, 1)])))
