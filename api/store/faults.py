"""What PostgreSQL and the way to it may refuse, said so that a person can act on it.

Rows never appear: of a server's answer only its first line is repeated, not its details.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.store.errors import (
    BusyProjectError,
    MissingProjectError,
    NoRightError,
    RepeatedKeyError,
    StoreError,
    UnsupportedError,
    busy,
    not_a_project,
)

__all__ = ["no_postgis", "translated"]

_COLLIDED = ("40001", "40P01")  # serialization failure, deadlock
_STOPPED = ("25P03", "57P01", "57P02", "57P03")  # idle too long in a transaction, shut down, crashed, starting up
_FULL = ("53100", "53200")
_NO_TABLES = ("3F000", "42P01")
_REFUSED_VALUES = ("22", "23")  # classes: data exception, integrity violation


def translated(error: Exception, *, target: str, user: str, busy_s: float) -> Exception:
    """Turn what the driver or the pool raised into a refusal; anything unexpected is given back as it is."""
    if isinstance(error, PoolTimeout):
        return BusyProjectError(
            f"项目 {target}：所有数据库连接都在使用中；请稍后再试，或调大 WANGGE_POOL_SIZE",
            f"project {target}: every database connection is in use; try again, or raise WANGGE_POOL_SIZE",
        )
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    if state is None:
        return _unreachable(error, original, target)
    return _by_state(state, original, target=target, user=user, busy_s=busy_s) or error


def no_postgis(target: str) -> UnsupportedError:
    """Say that a database has no PostGIS and cannot get it."""
    return UnsupportedError(
        f"数据库 {target} 里没有 PostGIS，也不能安装：请管理员执行 CREATE EXTENSION postgis",
        f"database {target} has no PostGIS and cannot get it: ask its owner for CREATE EXTENSION postgis",
    )


def _by_state(state: str, original: Any, *, target: str, user: str, busy_s: float) -> StoreError | None:
    first = str(original.diag.message_primary or state)
    if state == "55P03":
        return busy(target, busy_s)
    if state in _COLLIDED:
        return BusyProjectError(
            f"项目 {target}：与另一个写入相撞，这次没有保存；请再试一次",
            f"project {target}: this write collided with another one and was not stored; try again",
        )
    if state == "57014":
        return UnsupportedError(
            f"项目 {target}：一条查询超过了时限（statement_timeout；WANGGE_READ_S、WANGGE_STATEMENT_S）",
            f"project {target}: a query took longer than its limit "
            "(statement_timeout; see WANGGE_READ_S, WANGGE_STATEMENT_S)",
        )
    if state == "42501":
        return NoRightError(
            f"账号 {user} 在 {target} 缺少权限（{first}）；请库主执行 wangge database URL --grant-reader {user}"
            f"（要读敏感图层再加 --sensitive），要修改则 --grant-writer {user}",
            f"role {user} lacks a right in {target} ({first}); ask its owner for "
            f"wangge database URL --grant-reader {user} (with --sensitive for sensitive layers), "
            f"or --grant-writer {user} to change things",
        )
    if state == "53300":
        return BusyProjectError(
            f"数据库 {target} 的连接数已满（max_connections）；请稍后再试，或调小 WANGGE_POOL_SIZE",
            f"database {target} takes no more connections (max_connections); try again, or lower WANGGE_POOL_SIZE",
        )
    if state in _STOPPED or state.startswith("08"):
        return _cut_off(target, first)
    if state in _FULL:
        return StoreError(f"数据库 {target}：磁盘或内存不足（{first}）", f"database {target} is full ({first})")
    if state in _NO_TABLES:
        return MissingProjectError(
            f"项目 {target} 的表不见了（{first}）；可能刚被删除", f"the tables of project {target} are gone ({first})"
        )
    if state == "42P07":
        return not_a_project(
            target,
            f"那里已有别的同名表（{first}）；请在地址后加 ?schema=… 另用一个模式",
            f"a table of somebody else is there ({first}); add ?schema=… to the URL to use a schema of its own",
        )
    if state == "23505":
        return RepeatedKeyError(
            f"项目 {target}：编号重复（{first}）；也许有人同时从外部写入",
            f"project {target}: a key is there twice ({first}); somebody may be writing from outside",
        )
    if state[:2] in _REFUSED_VALUES:
        return StoreError(f"项目 {target}：数据库不收这些值（{first}）", f"project {target} refuses a value ({first})")
    return None


def _unreachable(error: Exception, original: Any, target: str) -> Exception:
    """Say that there is no connection, or none any more; a fault that is neither is given back."""
    first = next(iter(str(original).strip().splitlines()), "") or "no answer"
    if isinstance(error, DBAPIError) and error.statement is None and not error.connection_invalidated:
        return MissingProjectError(
            f"连不上项目数据库 {target}：{first}。请核对地址里的主机、端口、库名、账号和密码"
            "（PGPASSWORD 或 ~/.pgpass），并确认数据库已启动、本机能访问",
            f"cannot connect to project {target}: {first}; check host, port, database and role in the address, the "
            "password (PGPASSWORD or ~/.pgpass), and that the server is up and lets this machine in",
        )
    if type(original).__name__ == "OperationalError":
        return _cut_off(target, first)
    if type(original).__name__ == "DataError":  # the driver's own refusal: a text with a NUL
        return StoreError(f"项目 {target}：数据库不收这些值（{first}）", f"project {target} refuses a value ({first})")
    return error


def _cut_off(target: str, first: str) -> MissingProjectError:
    return MissingProjectError(
        f"与项目数据库 {target} 的连接断了（{first}）；刚才的更改要么完整保存、要么没有保存，"
        "连上后请先看 wangge history 再继续",
        f"the connection to project {target} was cut ({first}); the change under way is stored whole or not at all: "
        "once it is back, wangge history tells which",
    )
