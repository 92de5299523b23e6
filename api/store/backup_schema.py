"""Backups as schemas: every table of a database project copied beside it, in the transaction that changes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url, text

from api.store.backup_file import Backup
from api.store.models import CURRENT_CELLS, RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from api.store.backend import Backend

__all__ = ["PREFIX", "found", "may_create", "remove", "save"]

PREFIX = "wangge_backup_"
_LONGEST = 63
"""PostgreSQL cuts longer names off."""


def may_create(connection: Connection) -> bool:
    """Tell whether this role may make a schema in this database."""
    return bool(_scalar(connection, "SELECT has_database_privilege(current_database(), 'CREATE')"))


def save(backend: Backend, connection: Connection, *, stamp: str, reason: str) -> Backup:
    """Copy the tables of the project's schema as they are, of whatever version, with keys, indexes and sequences."""
    source = str(_scalar(connection, "SELECT current_schema()"))
    name = _free(connection, f"{PREFIX}{stamp.lower()}_{reason.replace('-', '_')}")
    at = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}Z"
    said = json.dumps({"of": source, "at": at, "reason": reason}).replace("'", "''")
    _run(connection, f"CREATE SCHEMA {_q(name)}")
    _run(connection, f"COMMENT ON SCHEMA {_q(name)} IS '{said}'")
    for table in _tables(connection, source):
        _copy_table(connection, source, name, table)
    _copy_view(connection, source, name)
    return Backup(name, _url(backend, name), at, reason, _size(connection, name))


def found(backend: Backend, connection: Connection) -> list[Backup]:
    """Give the backups of this project among the schemas of its database."""
    source = _scalar(connection, "SELECT current_schema()")
    query = text(
        "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace "
        "WHERE starts_with(nspname, :prefix) ORDER BY nspname"
    )
    backups = []
    for name, comment in connection.execute(query, {"prefix": PREFIX}).all():
        said = _read(comment)
        if said.get("of") == source:
            size = _size(connection, name)
            backups.append(Backup(name, _url(backend, name), str(said["at"]), str(said["reason"]), size))
    return backups


def remove(connection: Connection, names: Iterable[str]) -> list[str]:
    """Drop backup schemas; one that belongs to another role stays."""
    gone = []
    for name in names:
        owned = "SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = :name"
        if name.startswith(PREFIX) and _scalar(connection, owned, name=name):
            _run(connection, f"DROP SCHEMA {_q(name)} CASCADE")
            gone.append(name)
    return gone


def _copy_table(connection: Connection, source: str, target: str, table: str) -> None:
    """Copy one table: columns and rows, then constraints and indexes under their own names, then sequences."""
    old, new = f"{_q(source)}.{_q(table)}", f"{_q(target)}.{_q(table)}"
    _run(connection, f"CREATE TABLE {new} (LIKE {old} INCLUDING DEFAULTS INCLUDING STORAGE)")
    _run(connection, f"INSERT INTO {new} SELECT * FROM {old}")  # noqa: S608 - quoted names
    constraints = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = to_regclass(:table) AND contype IN ('p', 'u', 'c') ORDER BY contype, conname"
    )
    for name, definition in _rows(connection, constraints, table=old):
        _run(connection, f"ALTER TABLE {new} ADD CONSTRAINT {_q(name)} {definition}")
    indexes = (
        "SELECT pg_get_indexdef(indexrelid), n.nspname, c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = "
        "i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE i.indrelid = to_regclass(:table) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = i.indexrelid) ORDER BY 1"
    )
    quote = "SELECT format(' ON %I.%I ', CAST(:schema AS text), CAST(:table AS text))"
    for definition, schema, name in _rows(connection, indexes, table=old):
        here = str(_scalar(connection, quote, schema=schema, table=name))
        _run(connection, str(definition).replace(here, f" ON {new} ", 1))
    columns = (
        "SELECT attname, pg_get_serial_sequence(:table, attname) FROM pg_attribute "
        "WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped"
    )
    for column, sequence in _rows(connection, columns, table=old):
        if sequence is not None:
            _own_sequence(connection, f"{_q(target)}.{_q(f'{table}_{column}_seq')}", new, str(column))


def _own_sequence(connection: Connection, sequence: str, table: str, column: str) -> None:
    """Let a column count on by itself, instead of by the sequence of the table that was copied."""
    _run(connection, f"CREATE SEQUENCE {sequence} OWNED BY {table}.{_q(column)}")
    _run(connection, f"ALTER TABLE {table} ALTER COLUMN {_q(column)} SET DEFAULT nextval('{sequence}'::regclass)")
    highest = f"(SELECT coalesce(max({_q(column)}), 0) + 1 FROM {table})"  # noqa: S608 - quoted names
    _run(connection, f"SELECT setval('{sequence}', {highest}, false)")


def _copy_view(connection: Connection, source: str, target: str) -> None:
    """Make the view of the current cells anew, over the copied tables."""
    view = f"{_q(source)}.{_q(CURRENT_CELLS)}"
    definition = _scalar(connection, "SELECT pg_get_viewdef(to_regclass(:view))", view=view)
    if definition is None:
        return
    path = str(_scalar(connection, "SELECT current_setting('search_path')"))
    rest = path.partition(",")[2].strip() or "public"
    # Names in this search path are written bare, and mean the new schema once that is in front.
    _run(connection, f"SET LOCAL search_path TO {_q(target)}, {rest}")
    _run(connection, f"CREATE VIEW {_q(target)}.{_q(CURRENT_CELLS)} AS {definition}")
    _run(connection, f"SET LOCAL search_path TO {path}")


def _tables(connection: Connection, source: str) -> list[str]:
    query = (
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'p') "
        "ORDER BY relname"
    )
    ours = RELATIONS | {"alembic_version"}
    return [name for (name,) in _rows(connection, query, schema=_q(source)) if name in ours]


def _free(connection: Connection, wanted: str) -> str:
    """Give the wanted name, or one with a number where that is taken."""
    name, number = wanted[:_LONGEST], 1
    while _scalar(connection, "SELECT to_regnamespace(:name)", name=_q(name)) is not None:
        number += 1
        name = f"{wanted[: _LONGEST - 4]}_{number}"
    return name


def _size(connection: Connection, schema: str) -> int:
    query = (
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
        "WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r'"
    )
    return int(_scalar(connection, query, schema=_q(schema)) or 0)


def _url(backend: Backend, schema: str) -> str:
    return make_url(backend.target).update_query_dict({"schema": schema}).render_as_string()


def _read(comment: str | None) -> dict[str, Any]:
    """Read what a backup's comment says; a comment of somebody else says nothing."""
    try:
        said = json.loads(comment or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) and {"of", "at", "reason"} <= said.keys() else {}


def _scalar(connection: Connection, query: str, **given: Any) -> Any:
    return connection.execute(text(query), given).scalar()


def _rows(connection: Connection, query: str, **given: Any) -> Sequence[Any]:
    return connection.execute(text(query), given).all()


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _q(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'
