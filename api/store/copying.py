"""Copies of a project that is in use: a snapshot file for readers, and a project in another place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Boolean, Column, Connection, Table, select, type_coerce
from sqlalchemy.types import NullType

from api.store.column_types import Moment, Shape
from api.store.drafts import building
from api.store.errors import exists_already
from api.store.geopackage import connect
from api.store.models import SETTINGS, table_of
from api.store.opening import is_database, open_project, require_place
from spatial.layers import LAYERS

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from api.store.backend import Backend
    from api.store.project import Project

__all__ = ["copy_project", "copy_rows_of", "snapshot"]

_BUSY_S = 20.0
_BATCH = 20_000
"""Rows carried at a time, so that a county's memory does not grow with its size."""


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
        if is_database(target):
            _copy(project, target)
        else:  # built beside its place: a copy that is killed leaves nothing there
            snapshot(project, Path(target), mode="wal")
    with open_project(target, busy_s=busy_s) as copied:
        return copied.layers()


def snapshot(project: Project, path: Path, *, mode: str = "delete") -> Path:
    """Write the project's state of this moment to a new GeoPackage file; `mode` is its journal mode."""
    require_place(path)
    with building(path) as draft:
        if project.path is None:
            _copy(project, draft)
        else:
            with closing(connect(project.path, busy_s=_BUSY_S)) as source, closing(sqlite3.connect(draft)) as target:
                source.backup(target)
        with closing(sqlite3.connect(draft)) as target:
            target.execute(f"pragma journal_mode = {mode}")
    return path


def _copy(project: Project, target: str | os.PathLike[str]) -> None:
    """Copy the project as it is at one moment."""
    if not is_database(target):
        require_place(Path(target))
    with project.backend.transaction(write=False) as connection:
        copy_rows_of(project.backend, connection, target)


def copy_rows_of(backend: Backend, connection: Connection, target: str | os.PathLike[str]) -> None:
    """Copy every row that `connection` sees to a project at `target`, which is made where there is none.

    Values are carried over as they are stored, not by way of frames: row ids (`fid`), JSON as it was written, and
    every bit of every number. What a column cannot hold in the other place is refused, and the copy is taken back.
    The history is copied, not continued; nothing is written to the source.

    Raises
    ------
    ProjectExistsError
        Where the target holds rows already.
    """
    with open_project(target, create=True, busy_s=_BUSY_S) as copy:
        if any(copy.layers().values()) or copy.settings:
            raise exists_already(copy.target)
        with copy.backend.transaction(write=True) as there:
            for name in (*LAYERS, SETTINGS):
                for rows in _batches(backend, connection, table_of(name)):
                    copy.backend.insert(there, name, *rows)
            copy.backend.finish(there, {*LAYERS, SETTINGS})
        copy.keep()


def _batches(
    backend: Backend, connection: Connection, table: Table
) -> Iterator[tuple[dict[str, list[Any]], NDArray[np.object_] | None]]:
    """Give a table's rows in the order of their ids, so many at a time, each column as plain values."""
    stored = [column for column in table.c if not isinstance(column.type, Shape)]
    fetched = [_raw(backend, column) for column in stored]
    shaped = len(stored) < len(table.c)
    query = select(*fetched, *([backend.shape(table)] if shaped else [])).order_by(table.c.fid)
    for rows in connection.execute(query.execution_options(yield_per=_BATCH)).partitions():
        columns = [list(values) for values in zip(*rows, strict=True)]
        shapes = backend.decode(columns[-1]) if shaped else None
        yield {one.name: _plain(one, values) for one, values in zip(stored, columns, strict=False)}, shapes


def _raw(backend: Backend, column: Column[Any]) -> Any:
    return backend.json(column) if isinstance(column.type, JSON) else type_coerce(column, NullType())


def _plain(column: Column[Any], values: list[Any]) -> list[Any]:
    """Make what one driver gave fit for the other: true and false, and moments as ISO text."""
    if isinstance(column.type, Boolean):
        return [None if value is None else bool(value) for value in values]
    if isinstance(column.type, Moment):
        return [_iso(value) if isinstance(value, datetime) else value for value in values]
    return values


def _iso(moment: datetime) -> str:
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=digits).replace("+00:00", "Z")
