"""URLs of projects in a database: `postgresql://user@host/database?schema=panshan`.

Without `schema` a project lives in the first schema of the connection's search path, as a rule `public`.
"""

from __future__ import annotations

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from api.store.errors import not_a_project

__all__ = ["check_schema", "parsed", "quoted", "schema_of", "shown", "with_schema", "without_schema"]

_NAME = re.compile(r"[^\W\d]\w*")
_LONGEST_BYTES = 63  # PostgreSQL cuts longer names off
_HARMLESS = {"host", "port", "dbname", "user", "schema"}


def parsed(url: str) -> URL:
    """Read a project's URL; one that is no URL is refused without being repeated, as it may hold a password."""
    try:
        location: URL | None = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        location = None
    if location is None or "@" in (location.host or ""):  # the rest of a password with an @ in it
        raise not_a_project(
            "postgresql://…", "地址写法不对，应为 postgresql://用户:密码@主机:端口/库名（特殊字符用 %XX）",
            "the URL is none; write postgresql://user:password@host:port/database (%XX for signs in the password)",
        )  # fmt: skip
    return location


def schema_of(url: URL) -> str | None:
    """Give the schema that a URL names, or None.

    Raises
    ------
    NotAProjectError
        For a name that is none, or that belongs to PostgreSQL.
    """
    named = url.query.get("schema")
    if named is None:
        return None
    return check_schema(named if isinstance(named, str) else ",".join(named))


def check_schema(name: str) -> str:
    """Give a schema's name back, or refuse it.

    >>> check_schema("panshan_2026"), check_schema("盘山")
    ('panshan_2026', '盘山')
    """
    ours = not name.lower().startswith("pg_") and name.lower() != "information_schema"
    if ours and _NAME.fullmatch(name) and len(name.encode()) <= _LONGEST_BYTES:
        return name
    raise not_a_project(
        f"schema={name[:80]!r}", "模式名只用文字、数字和下划线，不以数字或 pg_ 开头，不超过 63 字节",
        "the name of a schema has letters, digits and _, does not begin with a digit or pg_, and has 63 bytes at most",
    )  # fmt: skip


def with_schema(url: str, schema: str) -> str:
    """Give the URL of another schema of the same database; it keeps the password, so do not show it.

    >>> with_schema("postgresql://host/county?schema=a", "b")
    'postgresql://host/county?schema=b'
    """
    named = make_url(url).difference_update_query(["schema"]).update_query_dict({"schema": check_schema(schema)})
    return named.render_as_string(hide_password=False)


def without_schema(url: URL) -> URL:
    """Give a URL that the driver understands."""
    return url.difference_update_query(["schema"])


def shown(url: URL) -> str:
    """Write a URL for people: no password, and of the settings behind `?` only where the project is."""
    harmless = {name: value for name, value in url.query.items() if name in _HARMLESS}
    return url.set(drivername="postgresql", query=harmless).render_as_string(hide_password=True)


def quoted(name: str) -> str:
    """Quote a name for SQL.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
