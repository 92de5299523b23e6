"""Bringing a project's tables to the form of this version: the same Alembic migrations on both backends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, inspect, text

from api.store import gpkg
from api.store.column_types import GEOPACKAGE
from api.store.models import RELATIONS

if TYPE_CHECKING:
    import sqlite3

    from alembic.config import Config

__all__ = ["REVISION", "alembic_config", "stored_revision", "upgrade"]

REVISION = "0001"
"""The newest migration; said here so that opening a project need not load Alembic (a test compares)."""

_FOLDER = Path(__file__).parents[1] / "migrations"


def stored_revision(connection: Connection) -> str | None:
    """Give the revision of the project's tables, or None where there is no project."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def upgrade(connection: Connection) -> None:
    """Run the missing migrations inside the caller's transaction, then heal the GeoPackage metadata."""
    from alembic import command  # noqa: PLC0415 - half a second that only a migration needs

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == GEOPACKAGE:
        gpkg.heal(cast("sqlite3.Connection", connection.connection.driver_connection), RELATIONS)


def alembic_config() -> Config:
    """Give Alembic's configuration; the migrations lie in the package, there is no ini file."""
    from alembic.config import Config  # noqa: PLC0415 - see `upgrade`

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
