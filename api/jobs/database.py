"""`wangge database`: what a database holds, and which roles may do what in a project of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Target, opened
from api.store.errors import NotAProjectError
from api.store.migrate import REVISION
from api.store.postgis import PostGIS
from api.store.roles import Grant, grant, granted, revoke

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.jobs.progress import Progress

__all__ = ["DatabaseOptions", "run_database"]

_PROJECTS = """SELECT nspname::text FROM pg_namespace AS n WHERE (SELECT count(*) FROM pg_class
WHERE relnamespace = n.oid AND relname IN ('alembic_version', 'plan_blocks', 'cells_current', 'project')) = 4
ORDER BY nspname"""
_SERVER = """SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'postgis'),
current_user::text, current_setting('max_connections')::int, (SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database()), pg_database_size(current_database())"""


@dataclass(frozen=True)
class DatabaseOptions:
    """Roles that get rights on the project, or lose them; `sensitive` is for readers."""

    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    sensitive: bool = False


def run_database(project: Target, options: DatabaseOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Give and take rights in one transaction, then tell what the database and the project are.

    Raises
    ------
    NotAProjectError
        For a project in a file, which has no roles.
    StoreError, NoRightError
        For a role that is not there, or rights that are not this role's to give.
    """
    del progress
    with opened(project) as store:
        backend = store.backend
        if not isinstance(backend, PostGIS):
            raise NotAProjectError(
                f"{store.target} 是文件，没有账号；wangge database 只管数据库项目，文件由操作系统的权限管（chmod）",
                f"{store.target} is a file and has no roles; wangge database is for projects in a database, "
                "files go by the permissions of the system (chmod)",
            )
        wanted = [Grant(role, "reader", options.sensitive) for role in options.readers]
        wanted += [Grant(role, "writer", sensitive=True) for role in options.writers]
        if wanted or options.revoked:
            with backend.transaction(write=True) as connection:
                for role in options.revoked:
                    revoke(connection, role)
                for one in wanted:
                    grant(connection, one)
        with backend.transaction(write=False) as connection:
            return {"project": store.target, "schema": backend.schema, "revision": REVISION, **_described(connection)}


def _described(connection: Connection) -> dict[str, Any]:
    server, postgis, user, most, now, size = connection.exec_driver_sql(_SERVER).one()
    return {
        "server": server, "postgis": postgis, "user": user, "connections": now, "max_connections": most,
        "bytes": size, "projects": list(connection.exec_driver_sql(_PROJECTS).scalars()),
        "roles": [one.as_answer() for one in granted(connection)],
    }  # fmt: skip
