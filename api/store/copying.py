"""Copies of a project that is in use: a snapshot file for readers, and a project in another place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.store.drafts import building
from api.store.errors import exists_already
from api.store.frames import check_columns, column_values, dump_json, geometry_values
from api.store.geopackage import connect
from api.store.models import SETTINGS
from api.store.opening import is_database, open_project, require_place
from spatial.layers import LAYERS

if TYPE_CHECKING:
    import os

    import pandas as pd

    from api.store.backend import Backend
    from api.store.project import Project

__all__ = ["copy_project", "snapshot"]

_BUSY_S = 20.0


def copy_project(
    source: str | os.PathLike[str], target: str | os.PathLike[str], *, busy_s: float = 20.0
) -> dict[str, int]:
    """Copy a project, also while others write to it: every layer, the settings and the history.

    Returns the number of rows per layer.

    Raises
    ------
    ProjectExistsError
        Where the target is a file, or a database that holds a project with rows.
    """
    with open_project(source, busy_s=busy_s) as project:
        if project.is_file and not is_database(target):
            snapshot(project, Path(target), mode="wal")
        else:
            _copy_rows(project, target, busy_s=busy_s)
    with open_project(target, busy_s=busy_s) as copied:
        return copied.layers()


def snapshot(project: Project, path: Path, *, mode: str = "delete") -> Path:
    """Write the project's state of this moment to a new GeoPackage file; `mode` is its journal mode."""
    require_place(path)
    with building(path) as draft:
        if project.path is None:
            _copy_rows(project, draft, busy_s=_BUSY_S)
        else:
            with closing(connect(project.path, busy_s=_BUSY_S)) as source, closing(sqlite3.connect(draft)) as target:
                source.backup(target)
        with closing(sqlite3.connect(draft)) as target:
            target.execute(f"pragma journal_mode = {mode}")
    return path


def _copy_rows(project: Project, target: str | os.PathLike[str], *, busy_s: float) -> None:
    """Copy layer by layer, in one read and one write transaction; the history is copied, not continued."""
    if not is_database(target):
        require_place(Path(target))
    with open_project(target, create=True, busy_s=busy_s) as copy:
        if any(copy.layers().values()) or copy.settings:
            raise exists_already(copy.target)
        with project.reading(), copy.backend.transaction(write=True) as connection:
            for name in LAYERS:
                _insert(copy.backend, connection, name, project.read(name))
            for key, value in project.settings.items():
                row: dict[str, list[Any]] = {"key": [key], "value": [dump_json(value)]}
                copy.backend.insert(connection, SETTINGS, row, None)
            copy.backend.finish(connection, {*LAYERS, SETTINGS})
        copy.keep()


def _insert(backend: Backend, connection: Any, name: str, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    form = LAYERS[name]
    values = {column.name: column_values(form, column, frame[column.name]) for column in check_columns(form, frame)}
    backend.insert(connection, name, values, geometry_values(form, frame) if form.geometry else None)
