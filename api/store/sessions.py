"""One connection of a project database: always the same schema, the same limits, the same way of writing values.

What a server, a database or a role may have set otherwise (search path, time zone, digits of numbers, encoding) is
set here for every new connection, so that both backends answer alike wherever PostGIS runs.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, QueuePool, create_engine, event

from api.store.errors import UnsupportedError
from api.store.urls import quoted, schema_of, without_schema

if TYPE_CHECKING:
    from api.store.limits import Limits

__all__ = ["driver_arguments", "make_engine", "require_driver"]

_PLACE = (
    "SELECT coalesce(%s::text, current_schema()::text), "
    "(SELECT nspname::text FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = extnamespace "
    "WHERE extname = 'postgis')"
)
_SET = "set_config('{name}', %s, false)"
_VALUES = {"extra_float_digits": "1", "TimeZone": "UTC", "DateStyle": "ISO", "bytea_output": "hex"}


def require_driver() -> None:
    """Raise `UnsupportedError` unless psycopg is installed."""
    if importlib.util.find_spec("psycopg") is None:
        raise UnsupportedError(
            "打开 PostGIS 项目需要 psycopg：pip install 'wangge[postgis]'",
            "a PostGIS project needs psycopg: pip install 'wangge[postgis]'",
        )


def make_engine(url: URL, limits: Limits) -> Engine:
    """Make the pool of one project: connections are checked before they are lent, replaced when old, never leaked.

    A connection that the server closed meanwhile (a restart) is noticed before it is used and made anew.
    """
    engine = create_engine(
        without_schema(url),
        connect_args=driver_arguments(url, limits),
        poolclass=QueuePool,
        pool_size=limits.pool_size,
        max_overflow=limits.pool_overflow,
        pool_timeout=limits.pool_wait_s,
        pool_recycle=round(limits.pool_recycle_s) or -1,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    named = schema_of(url)

    def settle(connection: Any, _record: Any) -> None:
        _fix(connection, named, limits)

    event.listen(engine, "connect", settle, insert=True)  # before SQLAlchemy asks what the default schema is
    return engine


def driver_arguments(url: URL, limits: Limits) -> dict[str, Any]:
    """Give what psycopg is told besides the URL; the URL's own settings come first.

    A server that vanishes without a word is given up after about a minute instead of hours.
    """
    arguments = {
        "application_name": "wangge", "client_encoding": "utf8", "connect_timeout": max(2, round(limits.busy_s)),
        "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    }  # fmt: skip
    return {name: value for name, value in arguments.items() if name not in url.query}


def _fix(connection: Any, named: str | None, limits: Limits) -> None:
    """Set what the session keeps: where it looks for names, how long it may take, how it writes values.

    Temporary tables come last in the path, so that nobody's can stand in for a layer.
    """
    values = {
        **_VALUES,
        "statement_timeout": f"{round(limits.read_s * 1000)}",
        "lock_timeout": f"{round(limits.busy_s * 1000)}",
        "idle_in_transaction_session_timeout": f"{round(limits.idle_s * 1000)}",
    }
    before, connection.autocommit = connection.autocommit, True
    with connection.cursor() as cursor:
        schema, extension = cursor.execute(_PLACE, (named,)).fetchone()
        path = [quoted(name) for name in dict.fromkeys((schema, extension)) if name]
        values["search_path"] = ", ".join([*path, "pg_temp"])
        settings = ", ".join(_SET.format(name=name) for name in values)
        cursor.execute(f"SELECT {settings}", tuple(values.values()))
    connection.autocommit = before
