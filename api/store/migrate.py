"""Bringing a project's tables to the form of this version: the same Alembic migrations on both backends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, inspect, text

from api.store import gpkg, roles
from api.store.column_types import GEOPACKAGE
from api.store.models import RELATIONS

if TYPE_CHECKING:
    import sqlite3

    from alembic.config import Config

__all__ = ["REVISION", "alembic_config", "downgrade", "own_schema", "stored_revision", "upgrade"]

REVISION = "0003"
"""The newest migration; said here so that opening a project need not load Alembic (a test compares)."""

_FOLDER = Path(__file__).parents[1] / "migrations"


def stored_revision(connection: Connection) -> str | None:
    """Give the revision of the project's tables, or None where there is no project."""
    if not inspect(connection).has_table("alembic_version", schema=own_schema(connection)):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def own_schema(connection: Connection) -> str | None:
    """Give the schema of the project, so that one in another schema of the search path is not taken for it."""
    if connection.dialect.name == GEOPACKAGE:
        return None
    schema: str | None = connection.execute(text("SELECT current_schema()::text")).scalar()
    return schema


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the missing migrations inside the caller's transaction, then heal the GeoPackage metadata."""
    from alembic import command  # noqa: PLC0415 - half a second that only a migration needs

    command.upgrade(_on(connection), revision)
    _settle(connection)


def downgrade(connection: Connection, revision: str) -> None:
    """Go back to an earlier revision (`base`: to no tables at all) inside the caller's transaction.

    What a later revision added goes; everything that the earlier one knew stays.
    """
    from alembic import command  # noqa: PLC0415 - see `upgrade`

    command.downgrade(_on(connection), revision)
    _settle(connection)


def _on(connection: Connection) -> Config:
    config = alembic_config()
    config.attributes["connection"] = connection
    config.attributes["schema"] = own_schema(connection)
    return config


def _settle(connection: Connection) -> None:
    """Bring in line what hangs on the tables: GeoPackage metadata, or the rights of roles on new tables."""
    if connection.dialect.name == GEOPACKAGE:
        gpkg.heal(cast("sqlite3.Connection", connection.connection.driver_connection), RELATIONS)
    elif inspect(connection).has_table("villages", schema=own_schema(connection)):
        roles.renew(connection)


def alembic_config() -> Config:
    """Give Alembic's configuration; the migrations lie in the package, there is no ini file."""
    from alembic.config import Config  # noqa: PLC0415 - see `upgrade`

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
