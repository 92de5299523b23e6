"""A project in one GeoPackage file, opened through sqlite3 and nothing else.

POSIX locks belong to the process: closing any other handle on the file (another SQLite library, `open()`, a copy)
drops the locks of this one, and acknowledged commits get lost. So nobody but this module opens the file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import shapely
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    NullPool,
    Table,
    Text,
    bindparam,
    column,
    create_engine,
    event,
    func,
    select,
    type_coerce,
)
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError

from api.store import codec, gpkg
from api.store.column_types import Moment
from api.store.errors import StoreError, busy, missing, not_a_project
from api.store.functions import install, require_rtree
from api.store.geometry import GEOMETRY_COLUMN, SRID
from api.store.place import address, identity, is_frozen, require_same, require_still
from api.store.turns import LateTurnError, turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["GeoPackage", "connect"]

_FEW = 200
"""Up to this many rows the triggers keep the R-tree; above, it is filled from the bounds of all rows at once."""
_STRETCH_MS = 60
"""How long SQLite itself waits for the write lock before it is asked anew."""
_OUTSIDE = {
    sqlite3.SQLITE_CANTOPEN: ("打不开，请检查权限", "cannot be opened, check the permissions"),
    sqlite3.SQLITE_READONLY: ("只读，不能写入", "is read-only"),
    sqlite3.SQLITE_FULL: ("磁盘已满", "the disk is full"),
    sqlite3.SQLITE_IOERR: ("读写磁盘出错", "reading or writing the disk failed"),
    sqlite3.SQLITE_CORRUPT: ("文件已损坏", "the file is damaged"),
}
"""What the machine may refuse, by SQLite's primary result code."""


def connect(path: Path, *, busy_s: float, mode: str = "rw") -> sqlite3.Connection:
    """Open a GeoPackage file through sqlite3, with functions and pragmas; the caller ends transactions.

    Raises
    ------
    UnsupportedError
        Without R-tree support.
    MissingProjectError, NotAProjectError
        Where there is no file, or one that is no database.
    """
    require_rtree()
    if mode != "rwc" and not path.is_file():
        raise missing(path)
    connection = sqlite3.connect(address(path, mode), uri=True, timeout=busy_s, isolation_level=None)
    try:
        install(connection, busy_s=busy_s)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _translate(error, path, busy_s) from error
    return connection


class GeoPackage:
    """The backend of a project file."""

    def __init__(self, path: Path, *, busy_s: float) -> None:
        self.path = path.absolute()
        self.target = str(path)
        self.busy_s = busy_s
        self._opened = identity(self.path)
        self.engine: Engine = create_engine(
            URL.create("gpkg", database=str(self.path)),
            creator=lambda: connect(self.path, busy_s=busy_s),
            poolclass=NullPool,
            hide_parameters=True,
        )
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """Open one connection and one transaction; writers take the write lock at once, each in turn."""
        until = time.monotonic() + self.busy_s
        before = self.path.stat() if not write and self.path.exists() and is_frozen(self.path) else None
        try:
            with (
                turn(str(self.path), seconds=self.busy_s) if write else nullcontext(),
                self.engine.connect().execution_options(until=until if write else None) as connection,
                connection.begin(),
            ):
                require_same(self.path, self._opened)
                if not write:
                    connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")  # the snapshot begins here
                yield connection
                if write:
                    require_same(self.path, self._opened)  # before the commit
                if before is not None:
                    require_still(self.path, before)
        except (DBAPIError, sqlite3.DatabaseError, LateTurnError) as error:
            raise _translate(error, self.target, self.busy_s) from error

    def shape(self, table: Table) -> ColumnElement[Any]:
        """Give the geometry column as blobs."""
        return type_coerce(table.c[GEOMETRY_COLUMN], LargeBinary)

    def json(self, element: ColumnElement[Any]) -> ColumnElement[Any]:
        """Give a JSON column as the text that it is."""
        return type_coerce(element, Text)

    def decode(self, values: Sequence[Any]) -> NDArray[np.object_]:
        """Turn blobs into geometries."""
        return codec.decode(values)

    def is_one_of(self, element: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
        """Ask by one JSON array, so that no list is too long for SQLite's limit of parameters."""
        if isinstance(element.type, Moment):
            values = [element.type.process_bind_param(value, self.engine.dialect) for value in values]
        given = func.json_each(bindparam(None, json.dumps(values), Text)).table_valued("value")
        return element.in_(select(given.c.value))

    def intersects(self, table: Table, bbox: tuple[float, float, float, float]) -> ColumnElement[bool]:
        """Ask the R-tree."""
        west, south, east, north = bbox
        name = f"rtree_{'cells' if table.name == 'cells_current' else table.name}_{GEOMETRY_COLUMN}"
        index = sql_table(name, *(column(one) for one in ("id", "minx", "maxx", "miny", "maxy")))
        meets = (index.c.minx <= east, index.c.maxx >= west, index.c.miny <= north, index.c.maxy >= south)
        return table.c.fid.in_(select(index.c.id).where(*meets))

    def insert(
        self, connection: Connection, table: str, columns: Mapping[str, list[Any]], shapes: NDArray[np.object_] | None
    ) -> int:
        """Insert rows; many at once go in without triggers, and the R-tree is filled from their bounds.

        Rows that bring their `fid` keep it, others count on from the highest.
        """
        raw = _raw(connection)
        count = len(next(iter(columns.values())))
        first = raw.execute(f'SELECT coalesce(max(fid), 0) + 1 FROM "{table}"').fetchone()[0]  # noqa: S608
        fids: Sequence[int] = columns.get("fid", range(first, first + count))
        rest = {name: values for name, values in columns.items() if name != "fid"}
        data: list[Sequence[Any]] = [fids, *rest.values()]
        names = ["fid", *rest]
        if shapes is not None:
            names.append(GEOMETRY_COLUMN)
            data.append(codec.encode(shapes, SRID))
        many = count > _FEW
        if many:
            gpkg.drop_triggers(raw, table)
        marks = ", ".join("?" * len(names))
        quoted = ", ".join(f'"{name}"' for name in names)
        raw.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', zip(*data, strict=True))  # noqa: S608
        if many:
            if shapes is not None:
                _index(raw, table, np.asarray(fids), shapes)
            raw.execute(
                "UPDATE gpkg_ogr_contents SET feature_count = feature_count + ? WHERE table_name = ?", (count, table)
            )
            gpkg.make_triggers(raw, table)
        return count

    def update(
        self,
        connection: Connection,
        table: str,
        columns: Mapping[str, list[Any]],
        shapes: NDArray[np.object_] | None,
        keys: Mapping[str, list[Any]],
    ) -> int:
        """Change rows by their keys; the triggers keep the R-tree."""
        data: dict[str, Sequence[Any]] = dict(columns)
        if shapes is not None:
            data[GEOMETRY_COLUMN] = codec.encode(shapes, SRID)
        sets = ", ".join(f'"{name}" = ?' for name in data)
        match = " AND ".join(f'"{name}" = ?' for name in keys)
        rows = zip(*data.values(), *keys.values(), strict=True)
        return _raw(connection).executemany(f'UPDATE "{table}" SET {sets} WHERE {match}', rows).rowcount  # noqa: S608

    def clear(self, connection: Connection, table: str) -> int:
        """Empty a table and its R-tree without a trigger per row."""
        raw = _raw(connection)
        gpkg.drop_triggers(raw, table)
        count = raw.execute(f'DELETE FROM "{table}"').rowcount  # noqa: S608 - a name of ours
        if gpkg.geometry_type(raw, table):
            raw.execute(f'DELETE FROM "rtree_{table}_{GEOMETRY_COLUMN}"')  # noqa: S608
        raw.execute("UPDATE gpkg_ogr_contents SET feature_count = 0 WHERE table_name = ?", (table,))
        gpkg.make_triggers(raw, table)
        return count

    def readable(self, _connection: Connection, tables: Iterable[str], *, whole: bool = False) -> set[str]:  # noqa: ARG002
        """Give all: who opens the file reads all of it."""
        return set(tables)

    def writable(self) -> bool:
        """Tell whether this account may write to the file."""
        return os.access(self.path, os.W_OK)

    def finish(self, connection: Connection, tables: set[str]) -> None:
        """Refresh extents and times of change, which GDAL trusts."""
        for table in sorted(tables):
            gpkg.touch(_raw(connection), table)

    def remove_unused(self) -> None:
        """Delete the file, unless a change was committed to it or another process is writing."""
        try:
            connection = connect(self.path, busy_s=0)
        except StoreError:
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            used = connection.execute("SELECT 1 FROM history UNION ALL SELECT 1 FROM project").fetchone()
            if not used and os.name != "nt":  # inside the lock, where the system lets us
                for ending in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return  # somebody is writing: it is theirs now
        finally:
            connection.close()
        if not used:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the engine; connections are never kept."""
        self.engine.dispose()


def _begin(connection: Connection) -> None:
    """Begin to read, or take the write lock as soon as it is free.

    SQLite asks ever more seldom, at last every 100 ms, so that who waits longest is served last. Waiting in short
    stretches gives each the same chance, and still leaves the asking to SQLite, which needs no turn of Python's.
    """
    until = connection.get_execution_options().get("until")
    if until is None:
        connection.exec_driver_sql("BEGIN")
        return
    raw = _raw(connection)
    (usual_ms,) = raw.execute("pragma busy_timeout").fetchone()
    raw.execute(f"pragma busy_timeout = {min(usual_ms, _STRETCH_MS)}")
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
    raw.execute(f"pragma busy_timeout = {usual_ms}")


def _raw(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def _index(raw: sqlite3.Connection, table: str, fids: NDArray[Any], shapes: NDArray[np.object_]) -> None:
    """Fill the R-tree of new rows from their bounds."""
    bounds = shapely.bounds(shapes)
    there = ~np.isnan(bounds[:, 0])
    rows = zip(fids[there].tolist(), *(bounds[there, side].tolist() for side in (0, 2, 1, 3)), strict=True)
    raw.executemany(f'INSERT INTO "rtree_{table}_{GEOMETRY_COLUMN}" VALUES (?, ?, ?, ?, ?)', rows)  # noqa: S608


def _translate(error: Exception, path: Path | str, busy_s: float) -> Exception:
    """Turn what sqlite3 says into what a user can act on; anything unexpected is given back as it is."""
    original = getattr(error, "orig", error)
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, LateTurnError) or code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy(path, busy_s)
    if code == sqlite3.SQLITE_NOTADB:
        return not_a_project(path, "不是 GeoPackage 文件（也许是改了扩展名的文本）", "no GeoPackage (a text file?)")
    if code in _OUTSIDE:
        zh, en = _OUTSIDE[code]
        return StoreError(f"项目 {path}：{zh}（{original}）", f"project {path}: {en} ({original})")
    return error
