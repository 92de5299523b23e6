"""A project in one schema of a PostGIS database, through psycopg 3: the same tables, the same answers as a file."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.store.errors import NoRightError, StoreError, UnsupportedError
from api.store.faults import no_postgis, translated
from api.store.geometry import GEOMETRY_COLUMN, SRID
from api.store.models import SETTINGS, table_of
from api.store.sessions import make_engine, require_driver
from api.store.urls import parsed, quoted, schema_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from api.store.limits import Limits

__all__ = ["PostGIS"]

_WRITER_LOCK = 0x77616E67  # "wang", with the schema: one writer of a project at a time, as in a file
_WRITE = "SELECT pg_advisory_xact_lock(%s, hashtext(%s)), set_config('statement_timeout', %s, true)"
_GO_ON = """SELECT setval(pg_get_serial_sequence(%s, 'fid'), max(fid)) FROM "{table}" """
_SCHEMA = """SELECT current_user::text, n.oid IS NOT NULL, has_schema_privilege(n.oid, 'USAGE')
FROM (SELECT 1) AS one LEFT JOIN pg_namespace AS n ON n.nspname = %s"""
_READABLE = "SELECT name FROM unnest(%s::text[]) AS name WHERE {right}(quote_ident(name), 'SELECT')"
_ADDED = "rows added"
_MANY = 1_000
"""From so many new rows on, the planner's statistics are brought up to date in the same transaction."""


class PostGIS:
    """The backend of a project in a database; `schema` is where its tables are."""

    def __init__(self, url: str, *, limits: Limits) -> None:
        require_driver()
        import psycopg  # noqa: PLC0415 - an optional dependency

        location = parsed(url)
        self.target = shown(location)
        self.user = location.username or ""
        self.limits = limits
        self._location = location
        self._named = schema_of(location)
        self._faults = (DBAPIError, PoolTimeout, psycopg.Error)
        self.engine: Engine = make_engine(location, limits)

    @property
    def schema(self) -> str:
        """The schema that holds the project: the one the URL names, else the first of the search path."""
        if self._named is None:
            with self.transaction(write=False) as connection:
                self._named = connection.exec_driver_sql("SELECT current_schema()::text").scalar_one() or "public"
        return self._named

    def examine(self) -> bool:
        """Tell whether the schema exists.

        Raises
        ------
        NoRightError
            Where this role may not look into it.
        MissingProjectError
            Where there is no answer.
        """
        with self.transaction(write=False) as connection:
            self.user, there, allowed = connection.exec_driver_sql(_SCHEMA, (self.schema,)).one()
        if there and not allowed:
            raise NoRightError(
                f"账号 {self.user} 不能使用模式 {self.schema}；"
                f"请库主执行 wangge database URL --grant-reader {self.user}",
                f"role {self.user} may not use schema {self.schema}; ask its owner for "
                f"wangge database URL --grant-reader {self.user}",
            )
        return bool(there)

    def make_schema(self) -> bool:
        """Make the schema that the URL names where there is none; tells whether it was made."""
        if self.examine():
            return False
        with self.transaction(write=True) as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.schema)}")
        self.engine.dispose()  # a new one: the dialect has learnt another default schema, and so have connections
        self.engine = make_engine(self._location, self.limits)
        return True

    def drop_schema(self) -> None:
        """Take away a schema that `make_schema` made, unless something is in it."""
        with suppress(StoreError, *self._faults), self.transaction(write=True) as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {quoted(self.schema)}")

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """Open a transaction: a repeatable read, or the one writer of the moment."""
        options = {} if write else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                if write:
                    connection.info.pop(_ADDED, None)  # of a transaction that was taken back
                    connection.exec_driver_sql(_WRITE, (_WRITER_LOCK, self.schema, str(self._statement_ms)))
                yield connection
        except self._faults as error:
            target, busy_s = self.target, self.limits.busy_s
            raise translated(error, target=target, user=self.user, busy_s=busy_s) from error

    def prepare(self, connection: Connection) -> None:
        """Make PostGIS available before the first tables: where it is not, in `public` and not in a project's schema.

        Raises
        ------
        UnsupportedError
            Where the server has no PostGIS, this role may not add it, or the database is not in UTF-8.
        """
        if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
            raise UnsupportedError(
                f"数据库 {self.target} 的编码不是 UTF8，存不下所有汉字；请用 ENCODING 'UTF8' 新建数据库",
                f"database {self.target} is not in UTF8 and cannot hold every name; make one with ENCODING 'UTF8'",
            )
        if connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").first():
            return
        try:
            with connection.begin_nested():
                connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS public")
                connection.exec_driver_sql("CREATE EXTENSION postgis SCHEMA public")
        except DBAPIError as error:
            raise no_postgis(self.target) from error
        path = ", ".join(quoted(name) for name in dict.fromkeys((self.schema, "public")))
        connection.exec_driver_sql("SELECT set_config('search_path', %s, false)", (f"{path}, pg_temp",))

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
        """Insert rows by COPY; rows that bring their `fid` keep it, and later ones go on from there."""
        data: dict[str, Sequence[Any]] = dict(columns)
        if shapes is not None:
            data[GEOMETRY_COLUMN] = _ewkb(shapes)
        names = ", ".join(f'"{name}"' for name in data)
        cursor = _raw(connection).cursor()
        if table in {SETTINGS, "problems"}:  # COPY does not go with a row policy
            lists, given = _lists(table, data)
            cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({lists})', given)  # noqa: S608 - ours
        else:
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in zip(*data.values(), strict=True):
                    copy.write_row(row)
        if data.get("fid"):
            cursor.execute(_GO_ON.format(table=table), (f'"{table}"',))
        count = len(next(iter(data.values())))
        added = connection.info.setdefault(_ADDED, {})
        added[table] = added.get(table, 0) + count
        return count

    def update(
        self,
        connection: Connection,
        table: str,
        columns: Mapping[str, list[Any]],
        shapes: NDArray[np.object_] | None,
        keys: Mapping[str, list[Any]],
    ) -> int:
        """Change rows by their keys, in one statement.

        Not by `executemany`: after a pipeline the server forgets how long a transaction may idle.
        """
        data: dict[str, Sequence[Any]] = dict(columns)
        if shapes is not None:
            data[GEOMETRY_COLUMN] = _ewkb(shapes)
        sets = ", ".join(f'"{name}" = given."{name}"' for name in data)
        match = " AND ".join(f'"{table}"."{name}" = given."{name}"' for name in keys)
        lists, given = _lists(table, {**data, **keys})
        rows = f"unnest({lists}) AS given ({', '.join(quoted(name) for name in (*data, *keys))})"
        cursor = _raw(connection).cursor()
        cursor.execute(f'UPDATE "{table}" SET {sets} FROM {rows} WHERE {match}', given)  # noqa: S608 - names of ours
        return int(cursor.rowcount)

    def clear(self, connection: Connection, table: str) -> int:
        """Empty a table."""
        return int(connection.exec_driver_sql(f'DELETE FROM "{table}"').rowcount)  # noqa: S608 - a name of ours

    def finish(self, connection: Connection, tables: set[str]) -> None:
        """Give the planner fresh statistics of tables that grew by much; a role that may not is passed over."""
        added: dict[str, int] = connection.info.pop(_ADDED, {})
        for table in sorted(name for name, count in added.items() if count >= _MANY and name in tables):
            connection.exec_driver_sql(f'ANALYZE "{table}"')

    def readable(self, connection: Connection, tables: Iterable[str], *, whole: bool = False) -> set[str]:
        """Tell which tables this role may read at least one column of, or all columns."""
        right = "has_table_privilege" if whole else "has_any_column_privilege"
        return {name for (name,) in connection.exec_driver_sql(_READABLE.format(right=right), (list(tables),))}

    def writable(self) -> bool:
        """Tell whether this role may change plans here; a standby never lets anybody."""
        query = "SELECT NOT pg_is_in_recovery() AND has_table_privilege('history', 'INSERT')"
        with self.transaction(write=False) as connection:
            return bool(connection.exec_driver_sql(query).scalar_one())

    def remove_unused(self) -> None:
        """Do nothing: a database was there before the project."""

    def close(self) -> None:
        """Close the pool."""
        self.engine.dispose()

    @property
    def _statement_ms(self) -> int:
        return round(self.limits.statement_s * 1000)


def _raw(connection: Connection) -> Any:
    """Give psycopg's own connection: COPY is not in SQLAlchemy."""
    return connection.connection.driver_connection


def _lists(table: str, data: Mapping[str, Sequence[Any]]) -> tuple[str, list[list[Any]]]:
    """Give columns as typed array parameters for `unnest`, and their values."""
    columns, dialect = table_of(table).c, postgresql.dialect()  # type: ignore[no-untyped-call]
    lists = [f"%s::text[]::{columns[name].type.compile(dialect)}[]" for name in data]
    return ", ".join(lists), [[None if one is None else _text(one) for one in values] for values in data.values()]


def _text(value: Any) -> str:
    """Write a value as PostgreSQL reads it; the shortest digits that give a number back."""
    return value if isinstance(value, str) else str(value)


def _ewkb(shapes: NDArray[np.object_]) -> list[str | None]:
    """Write geometries as hexadecimal EWKB, which `geometry` columns read from text."""
    return list(shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True))
