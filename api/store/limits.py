"""How much a project may ask of a database server, and for how long: one frozen set of figures.

Each figure can be set by an environment variable, which beats what the program asks for:

=========================  ====================================================================
WANGGE_POOL_SIZE           connections kept open (default 5)
WANGGE_POOL_OVERFLOW       connections opened beyond that in a rush, and closed again (10)
WANGGE_POOL_WAIT_S         how long a request waits for a free connection, seconds (30)
WANGGE_POOL_RECYCLE_S      age at which a connection is replaced, seconds (1800)
WANGGE_READ_S              `statement_timeout` of reads, seconds (600; in the service 30)
WANGGE_STATEMENT_S         `statement_timeout` of changes, seconds (600)
WANGGE_LOCK_S              `lock_timeout`: how long to wait for another writer, seconds (20)
WANGGE_IDLE_S              `idle_in_transaction_session_timeout`, seconds (300)
=========================  ====================================================================
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from api.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VARIABLES", "Limits", "limits_from"]

VARIABLES = {
    "pool_size": "WANGGE_POOL_SIZE", "pool_overflow": "WANGGE_POOL_OVERFLOW", "pool_wait_s": "WANGGE_POOL_WAIT_S",
    "pool_recycle_s": "WANGGE_POOL_RECYCLE_S", "read_s": "WANGGE_READ_S", "statement_s": "WANGGE_STATEMENT_S",
    "busy_s": "WANGGE_LOCK_S", "idle_s": "WANGGE_IDLE_S",
}  # fmt: skip
"""The environment variable of each figure."""

_LARGEST_S = 2_000_000  # PostgreSQL counts milliseconds in 32 bits


@dataclass(frozen=True)
class Limits:
    """Connections kept, and seconds granted, to one open project; 0 seconds mean no limit, as in PostgreSQL."""

    pool_size: int = 5
    pool_overflow: int = 10
    pool_wait_s: float = 30.0
    pool_recycle_s: float = 1800.0
    read_s: float = 600.0
    statement_s: float = 600.0
    busy_s: float = 20.0
    idle_s: float = 300.0


def limits_from(environment: Mapping[str, str] | None = None, **asked: float) -> Limits:
    """Give the limits that the program asks for, changed by what the environment says.

    Raises
    ------
    StoreError
        For a variable that is no number, below 0 (the pool's size: below 1) or beyond what PostgreSQL can count.

    >>> limits_from({"WANGGE_POOL_SIZE": "12"}, read_s=30.0)
    Limits(pool_size=12, pool_overflow=10, ..., read_s=30.0, statement_s=600.0, busy_s=20.0, idle_s=300.0)
    """
    given = os.environ if environment is None else environment
    figures: dict[str, Any] = dict(asked)
    for field in fields(Limits):
        text = given.get(VARIABLES[field.name], "").strip()
        if text:
            whole = isinstance(field.default, int)
            figures[field.name] = _figure(VARIABLES[field.name], text, whole=whole, least=field.name == "pool_size")
    return replace(Limits(), **figures)


def _figure(variable: str, text: str, *, whole: bool, least: int) -> float:
    try:
        figure = int(text) if whole else float(text)
    except ValueError:
        figure = -1
    if not least <= figure <= _LARGEST_S:
        kind_zh, kind_en = ("整数", "a whole number") if whole else ("秒数", "a number of seconds")
        raise StoreError(
            f"环境变量 {variable}={text!r} 应为 {int(least)} 以上的{kind_zh}",
            f"environment variable {variable}={text!r} must be {kind_en}, {int(least)} or more",
        )
    return figure
