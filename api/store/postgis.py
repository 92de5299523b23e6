"""A project in one PostGIS database, through psycopg 3: the same schema, the same answers as a file."""

from __future__ import annotations

import importlib.util
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import (
    ARRAY,
    URL,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    create_engine,
    func,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from api.store.errors import MissingProjectError, UnsupportedError, busy, not_a_project
from api.store.gpkg import GEOMETRY_COLUMN, SRID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["PostGIS"]

_WRITER_LOCK = 0x77616E67676500  # "wangge": one writer at a time, as in a file
_LOCK_NOT_AVAILABLE, _QUERY_CANCELED = "55P03", "57014"
_NO_EXTENSION = ("0A000", "58P01", "42501")
"""Feature not supported, undefined file, insufficient privilege: what CREATE EXTENSION may answer."""


class PostGIS:
    """The backend of a project database."""

    def __init__(self, url: str, *, busy_s: float, statement_s: float) -> None:
        if importlib.util.find_spec("psycopg") is None:
            raise UnsupportedError(
                "打开 PostGIS 项目需要 psycopg：pip install 'wangge[postgis]'",
                "a PostGIS project needs psycopg: pip install 'wangge[postgis]'",
            )
        parsed = _parsed(url)
        self.target = _shown(parsed)
        self.busy_s = busy_s
        limits = f"-c statement_timeout={round(statement_s * 1000)} -c lock_timeout={round(busy_s * 1000)}"
        self.engine: Engine = create_engine(
            parsed,
            connect_args={"options": limits, "application_name": "wangge", "connect_timeout": max(2, round(busy_s))},
            pool_pre_ping=True,
            hide_parameters=True,
        )

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """Open a transaction: a repeatable read, or the one writer of the moment."""
        options = {} if write else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                if write:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
                yield connection
        except DBAPIError as error:
            raise self._translate(error, error.orig) from error

    def shape(self, table: Table) -> ColumnElement[Any]:
        """Give the geometry column as WKB."""
        return func.ST_AsBinary(table.c[GEOMETRY_COLUMN], type_=LargeBinary)

    def json(self, element: ColumnElement[Any]) -> ColumnElement[Any]:
        """Give a JSON column as the text that was written."""
        return cast(element, Text)

    def decode(self, values: Sequence[Any]) -> NDArray[np.object_]:
        """Turn WKB into geometries."""
        wkb = np.array([None if value is None else bytes(value) for value in values], dtype=object)
        return np.asarray(shapely.from_wkb(wkb), dtype=object)

    def is_one_of(self, element: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
        """Ask by one array parameter."""
        return element == any_(bindparam(None, values, ARRAY(element.type)))

    def intersects(self, table: Table, bbox: tuple[float, float, float, float]) -> ColumnElement[bool]:
        """Ask the GiST index."""
        return table.c[GEOMETRY_COLUMN].op("&&")(func.ST_MakeEnvelope(*bbox, SRID))

    def insert(
        self, connection: Connection, table: str, columns: Mapping[str, list[Any]], shapes: NDArray[np.object_] | None
    ) -> int:
        """Insert rows by COPY."""
        data: dict[str, Sequence[Any]] = dict(columns)
        if shapes is not None:
            data[GEOMETRY_COLUMN] = _ewkb(shapes)
        names = ", ".join(f'"{name}"' for name in data)
        cursor = _raw(connection).cursor()
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in zip(*data.values(), strict=True):
                copy.write_row(row)
        return int(cursor.rowcount)

    def update(
        self,
        connection: Connection,
        table: str,
        columns: Mapping[str, list[Any]],
        shapes: NDArray[np.object_] | None,
        keys: Mapping[str, list[Any]],
    ) -> int:
        """Change rows by their keys."""
        data: dict[str, Sequence[Any]] = dict(columns)
        if shapes is not None:
            data[GEOMETRY_COLUMN] = _ewkb(shapes)
        sets = ", ".join(f'"{name}" = %s' for name in data)
        match = " AND ".join(f'"{name}" = %s' for name in keys)
        cursor = _raw(connection).cursor()
        rows = zip(*data.values(), *keys.values(), strict=True)
        cursor.executemany(f'UPDATE "{table}" SET {sets} WHERE {match}', list(rows))  # noqa: S608 - names of ours
        return int(cursor.rowcount)

    def clear(self, connection: Connection, table: str) -> int:
        """Empty a table."""
        return int(connection.exec_driver_sql(f'DELETE FROM "{table}"').rowcount)  # noqa: S608 - a name of ours

    def finish(self, connection: Connection, tables: set[str]) -> None:
        """Do nothing: PostGIS keeps its own statistics."""

    def remove_unused(self) -> None:
        """Do nothing: a database was there before the project."""

    def close(self) -> None:
        """Close the pool."""
        self.engine.dispose()

    def _translate(self, error: Exception, original: BaseException | None) -> Exception:
        state = getattr(original, "sqlstate", None)
        if state == _LOCK_NOT_AVAILABLE:
            return busy(self.target, self.busy_s)
        if state == _QUERY_CANCELED:
            return UnsupportedError(
                f"项目 {self.target}：一条查询超过了时限（statement_timeout）",
                f"project {self.target}: a query took longer than its limit (statement_timeout)",
            )
        if state in _NO_EXTENSION:
            return UnsupportedError(
                f"数据库 {self.target} 里没有 PostGIS，也不能安装：请管理员执行 CREATE EXTENSION postgis",
                f"database {self.target} has no PostGIS and cannot get it: ask its owner for CREATE EXTENSION postgis",
            )
        if state is None and isinstance(error, DBAPIError) and error.statement is None:
            reason = str(original).strip().splitlines()[0] if str(original).strip() else "no answer"
            return MissingProjectError(
                f"连不上项目数据库 {self.target}：{reason}", f"cannot connect to project {self.target}: {reason}"
            )
        return error


def _parsed(url: str) -> URL:
    """Read a project's URL; one that is no URL is refused without being repeated, as it may hold a password."""
    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise not_a_project(
            "postgresql://…", "地址写法不对，应为 postgresql://用户:密码@主机:端口/库名（特殊字符用 %XX）",
            "the URL is none; write postgresql://user:password@host:port/database (%XX for signs in the password)",
        ) from None  # fmt: skip


def _shown(url: URL) -> str:
    """Write a URL for people: no password, and of the settings behind `?` only where the server is."""
    harmless = {name: value for name, value in url.query.items() if name in {"host", "port", "dbname", "user"}}
    return url.set(drivername="postgresql", query=harmless).render_as_string(hide_password=True)


def _raw(connection: Connection) -> Any:
    """Give psycopg's own connection: COPY is not in SQLAlchemy."""
    return connection.connection.driver_connection


def _ewkb(shapes: NDArray[np.object_]) -> list[str | None]:
    """Write geometries as hexadecimal EWKB, which `geometry` columns read from text."""
    return list(shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True))
