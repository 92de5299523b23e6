"""What a SQLite connection must know before it touches a project: the SQL functions its triggers call.

Stock sqlite3 knows no geometry. The R-tree triggers of GeoPackage need five functions, which are plain Python
here; no extension is loaded.
"""

from __future__ import annotations

import functools
import sqlite3
from typing import TYPE_CHECKING, Any

from api.store.codec import UNREADABLE, blob_bounds, blob_is_empty
from api.store.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install", "require_rtree"]

_BOUNDS = ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")


def install(connection: sqlite3.Connection, *, busy_s: float) -> None:
    """Register the GeoPackage functions and set the pragmas of a project connection."""
    for position, name in enumerate(_BOUNDS):
        connection.create_function(name, 1, _bound(position), deterministic=True)
    connection.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)
    connection.execute(f"pragma busy_timeout = {round(busy_s * 1000)}")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma trusted_schema = on")  # some builds forbid functions in triggers otherwise
    connection.execute("pragma temp_store = memory")
    connection.execute("pragma cache_size = -65536")


@functools.cache
def require_rtree() -> None:
    """Raise `UnsupportedError` unless this Python's SQLite was built with the R-tree module."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("create virtual table probe using rtree(id, minx, maxx, miny, maxy)")
    except sqlite3.OperationalError as error:
        raise UnsupportedError(
            f"此 Python 的 SQLite {sqlite3.sqlite_version} 不支持 R-tree，不能打开项目文件；"
            "请换用 python.org 或 Debian 的 Python",
            f"the SQLite {sqlite3.sqlite_version} of this Python has no R-tree and cannot open a project file; "
            "use the Python of python.org or Debian",
        ) from error
    finally:
        connection.close()


def _bound(position: int) -> Callable[[bytes | None], float | None]:
    def bound(blob: bytes | None) -> float | None:
        if blob is None:
            return None
        value = blob_bounds(blob)[position]
        return value if value == value else None  # noqa: PLR0124 - NaN of an empty geometry becomes NULL

    return bound


def _is_empty(blob: Any) -> int | None:
    """Tell whether a blob is empty; what is no shape at all counts as empty, so that the index leaves it out."""
    try:
        return None if blob is None else int(blob_is_empty(blob))
    except UNREADABLE:
        return 1
