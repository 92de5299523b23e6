"""Rights of database roles on a project: as little as each needs, given and taken back by the project's owner.

======  =====================================================================================================
owner   made the tables; the only one who may change their form (migrations) and give rights
writer  adds, changes and deletes rows of every layer; adds to the history but never changes it; no DDL
reader  reads every layer that is not sensitive, and of the history who did what when, not the rows themselves
======  =====================================================================================================

A reader for whom sensitive layers were asked reads all layers. Sign-in links and tokens of embeds, which are among
the settings, are for writers only: a row policy hides them from readers. Another one keeps problems of sensitive
layers, which stand where a camera or a home stands, for those who may read these. Rights are renewed after each
migration.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from api.store.errors import NoRightError, StoreError
from api.store.models import CURRENT_CELLS, SETTINGS
from api.store.urls import quoted
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

__all__ = ["SECRETS", "Grant", "grant", "granted", "renew", "require_owner", "revoke"]

SECRETS = ("users", "embeds")
"""Settings that only those who may write see."""
_HISTORY_SEEN = ("fid", "id", "at", "who", "plan", "action")
_POLICY = "wangge_secrets"
_PROBLEMS_POLICY = "wangge_sensitive"
_HELD = """SELECT rolname::text, bool_or(relname = 'villages' AND privilege_type = 'INSERT'),
bool_or(relname = 'homes' AND privilege_type = 'SELECT')
FROM pg_class AS t CROSS JOIN aclexplode(t.relacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
AND relname IN ('villages', 'homes') AND a.grantee <> t.relowner GROUP BY rolname ORDER BY rolname"""
_TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
_OWNER = "SELECT pg_has_role(relowner, 'USAGE'), current_user::text FROM pg_class WHERE oid = 'villages'::regclass"
_WHO = """SELECT rolsuper OR pg_has_role(r.oid, t.relowner, 'USAGE'),
has_database_privilege(r.oid, d.oid, 'CONNECT'), d.datname::text, current_schema()::text
FROM pg_roles AS r, pg_class AS t, pg_database AS d
WHERE rolname = %s AND t.oid = 'villages'::regclass AND datname = current_database()"""
_SCHEMAS = """SELECT nspname::text, has_schema_privilege(%s, oid, 'USAGE') FROM pg_namespace
WHERE nspname = current_schema() OR oid = (SELECT extnamespace FROM pg_extension WHERE extname = 'postgis')"""


@dataclass(frozen=True)
class Grant:
    """What one role may do in a project."""

    role: str
    rights: Literal["reader", "writer"]
    sensitive: bool = False

    def as_answer(self) -> dict[str, Any]:
        """Give plain values for an answer."""
        return asdict(self)


def granted(connection: Connection) -> list[Grant]:
    """List the roles that were given rights on the project of this connection, by name; the owner aside."""
    held = connection.exec_driver_sql(_HELD)
    return [Grant(role, "writer" if writes else "reader", sensitive=bool(sees)) for role, writes, sees in held]


def grant(connection: Connection, wanted: Grant) -> None:
    """Give a role exactly these rights, whatever it had before.

    Raises
    ------
    StoreError
        Where there is no such role, or it may do everything anyway.
    NoRightError
        Where this connection is not the owner's.
    """
    schema = _require_role(connection, wanted.role)
    role, place = quoted(wanted.role), quoted(schema)
    _take(connection, wanted.role, schema)
    for name, usable in connection.exec_driver_sql(_SCHEMAS, (wanted.role,)).all():
        if not usable:
            _run(connection, f"GRANT USAGE ON SCHEMA {quoted(name)} TO {role}")
    _hide_secrets(connection)
    _run(connection, f"GRANT SELECT ON alembic_version, {CURRENT_CELLS}, {SETTINGS} TO {role}")
    there = [one for one in connection.exec_driver_sql(_TABLES).scalars() if one in LAYERS]
    if wanted.rights == "reader":
        seen = [one for one in there if wanted.sensitive or not (LAYERS[one].sensitive or one == "history")]
        _run(connection, f"GRANT SELECT ON {_listed(seen)} TO {role}")
        _run(connection, f"GRANT SELECT ({_listed(_HISTORY_SEEN)}) ON history TO {role}")
        return
    changed = [one for one in there if one != "history"]
    _run(connection, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_listed([*changed, SETTINGS])} TO {role}")
    _run(connection, f"GRANT SELECT, INSERT ON history TO {role}")
    _run(connection, f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {place} TO {role}")
    later = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {place} GRANT"
    _run(connection, f"{later} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}")
    _run(connection, f"{later} USAGE, SELECT, UPDATE ON SEQUENCES TO {role}")


def revoke(connection: Connection, role: str) -> None:
    """Take every right on the project from a role; raises what `grant` raises."""
    schema = _require_role(connection, role)
    _take(connection, role, schema)


def renew(connection: Connection) -> None:
    """Give every role its rights again, after a migration: new tables have none, and a view made anew has lost them."""
    for one in granted(connection):
        grant(connection, one)


def require_owner(connection: Connection) -> None:
    """Raise `NoRightError` unless this connection's role owns the project's tables."""
    owns, user = connection.exec_driver_sql(_OWNER).one()
    if not owns:
        raise NoRightError(
            f"账号 {user} 不是项目的库主；请用建立项目的账号连接",
            f"role {user} does not own the project; connect as the role that made it",
        )


def _take(connection: Connection, role: str, schema: str) -> None:
    """Take all rights from a role; that it may look into the schema stays where everybody may."""
    place, whom = quoted(schema), quoted(role)
    for what in ("TABLES", "SEQUENCES"):
        _run(connection, f"REVOKE ALL ON ALL {what} IN SCHEMA {place} FROM {whom}")
        _run(connection, f"ALTER DEFAULT PRIVILEGES IN SCHEMA {place} REVOKE ALL ON {what} FROM {whom}")
    _run(connection, f"REVOKE ALL ({_listed(_HISTORY_SEEN)}) ON history FROM {whom}")
    if schema != "public":
        _run(connection, f"REVOKE ALL ON SCHEMA {place} FROM {whom}")


def _hide_secrets(connection: Connection) -> None:
    """Let only those who may write the settings see the ones that open doors; problems go with their layers."""
    listed = ", ".join(f"'{key}'" for key in SECRETS)
    _run(connection, f"ALTER TABLE {SETTINGS} ENABLE ROW LEVEL SECURITY")
    _run(connection, f"DROP POLICY IF EXISTS {_POLICY} ON {SETTINGS}")
    _run(
        connection,
        f"CREATE POLICY {_POLICY} ON {SETTINGS} "
        f"USING (key NOT IN ({listed}) OR has_table_privilege(tableoid, 'INSERT')) WITH CHECK (true)",
    )
    guarded = ", ".join(f"'{name}'" for name, layer in LAYERS.items() if layer.sensitive)
    _run(connection, "ALTER TABLE problems ENABLE ROW LEVEL SECURITY")
    _run(connection, f"DROP POLICY IF EXISTS {_PROBLEMS_POLICY} ON problems")
    _run(  # 'homes'::regclass is that very table, whatever a reader calls homes
        connection,
        f"CREATE POLICY {_PROBLEMS_POLICY} ON problems USING (layer IS NULL OR layer NOT IN ({guarded}) "
        "OR has_table_privilege('homes'::regclass, 'SELECT')) WITH CHECK (true)",
    )


def _require_role(connection: Connection, role: str) -> str:
    """Give the schema, or refuse: rights are given by the owner, to somebody who exists and is not the owner."""
    require_owner(connection)
    found = connection.exec_driver_sql(_WHO, (role,)).one_or_none()
    if found is None:
        raise StoreError(
            f"数据库里没有账号 {role}；请管理员先执行 CREATE ROLE {quoted(role)} LOGIN",
            f"the database has no role {role}; ask its keeper for CREATE ROLE {quoted(role)} LOGIN",
        )
    everything, connects, database, schema = found
    if everything:
        raise StoreError(
            f"账号 {role} 是库主或超级用户，本来就有全部权限；请为服务另建账号",
            f"role {role} owns the project or is a superuser and may do everything; make a role of its own",
        )
    if not connects:
        _run(connection, f"GRANT CONNECT ON DATABASE {quoted(database)} TO {quoted(role)}")
    return str(schema)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))
