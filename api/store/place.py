"""The file of a project under its name: one name only, the same file all the time, writable or not.

SQLite names the write-ahead log after the path it opened. A file with two names (hard links) would have two logs, and
whoever opens the other one misses commits and destroys them; a file that is exchanged under its name meets the log of
the one before. Both are refused before anything is lost (sqlite.org/howtocorrupt.html, 2.4 and 2.5).
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from api.store.errors import BusyProjectError, StoreError, missing, not_a_project

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Identity", "address", "identity", "is_frozen", "require_one_name", "require_same", "require_still"]

Identity = tuple[int, int]
_LINK_S, _ASK_AGAIN_S = 2.0, 0.02
"""A new project has two names for a moment, while it is put in its place."""


def identity(path: Path) -> Identity:
    """Give what tells a file from another of the same name. `MissingProjectError` where there is none."""
    try:
        found = path.stat()
    except OSError:
        raise missing(path) from None
    return found.st_dev, found.st_ino


def require_same(path: Path, opened: Identity) -> None:
    """Raise `StoreError` where the file of this name is no longer the one that was opened."""
    if identity(path) != opened:
        raise StoreError(
            f"项目文件 {path} 在打开期间被换成了另一个文件，没有写入；请重新打开（服务请重启）",
            f"the project file {path} was exchanged for another while it was open; nothing was written, "
            "open it again (restart the service)",
        )


def require_one_name(path: Path) -> None:
    """Raise `NotAProjectError` for a file that has a second name (a hard link)."""
    until = time.monotonic() + _LINK_S
    while (names := path.stat().st_nlink) > 1:
        if time.monotonic() > until:
            raise not_a_project(
                path, f"这个文件有 {names} 个名字（硬链接），同时用会丢数据；请先复制成独立的文件（cp），再打开副本",
                f"the file has {names} names (hard links), and using both loses data; copy it (cp) and open the copy",
            )  # fmt: skip
        time.sleep(_ASK_AGAIN_S)


def address(path: Path, mode: str) -> str:
    """Give SQLite's URI of a file; where nothing can be written beside it, one that asks for no log and no locks."""
    return f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' if mode == 'rw' and is_frozen(path) else ''}"


def is_frozen(path: Path) -> bool:
    """Tell whether a file lies where no log can be made, and has none: SQLite then reads it as it lies there."""
    folder = path.absolute().resolve().parent
    return not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids) and not _log(path)


def require_still(path: Path, before: os.stat_result) -> None:
    """Raise `BusyProjectError` where a file that was read without locks was written to meanwhile."""
    now = path.stat()
    if _log(path) or (now.st_mtime_ns, now.st_size, now.st_ino) != (before.st_mtime_ns, before.st_size, before.st_ino):
        raise BusyProjectError(
            f"项目 {path} 在读取期间被别人改过，请重试",
            f"project {path} was changed by somebody while it was read; try again",
        )


def _log(path: Path) -> bool:
    real = path.absolute().resolve()
    return real.with_name(f"{real.name}-wal").exists()
