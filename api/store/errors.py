"""What can go wrong with a project, as one tree; every error speaks Chinese and English.

::

    StoreError(Exception)
    ├── MissingProjectError    there is no such project
    ├── ProjectExistsError     something is already where a new project should go
    ├── NotAProjectError       a file or database, but no project (or a newer one)
    ├── ProjectAsInputError    the project's own file was given as input
    ├── BusyProjectError       another process is writing, and did not finish in time
    ├── RepeatedKeyError       rows whose key is there already, or twice in the frame
    ├── UnknownKeyError        rows to change whose key is not there
    ├── RowConflictError       rows that somebody else changed since they were read
    ├── StaleInputError        layers that changed while a result was computed from them
    ├── GeometryTypeError      a geometry of another type than the layer holds
    ├── NoRightError           the database role of this connection may not do that
    └── UnsupportedError       this machine's SQLite or PostgreSQL cannot hold a project

Each means that the input or the call is wrong and that the project is as it was before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

__all__ = [
    "BusyProjectError",
    "GeometryTypeError",
    "MissingProjectError",
    "NoRightError",
    "NotAProjectError",
    "ProjectAsInputError",
    "ProjectExistsError",
    "RepeatedKeyError",
    "RowConflictError",
    "StaleInputError",
    "StoreError",
    "UnknownKeyError",
    "UnsupportedError",
    "busy",
    "exists_already",
    "missing",
    "not_a_project",
    "repeated_key",
]


class StoreError(Exception):
    """A refusal of the store that names the thing, the figures and the remedy, in both languages.

    >>> error = StoreError("项目不存在", "no such project")
    >>> error.zh, str(error)
    ('项目不存在', 'no such project')
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class MissingProjectError(StoreError):
    """There is no such project."""


class ProjectExistsError(StoreError):
    """Something is already where a new project should go."""


class NotAProjectError(StoreError):
    """A file or database that is no project, or one of a newer version."""


class ProjectAsInputError(StoreError):
    """The project's own file was given as input."""


class BusyProjectError(StoreError):
    """Another process is writing, and did not finish in time."""


class RepeatedKeyError(StoreError):
    """Rows whose key is stored already, or stands twice in the frame."""


class UnknownKeyError(StoreError):
    """Rows to change whose key is not stored."""


class RowConflictError(StoreError):
    """Rows that somebody else changed or deleted since they were read; nothing was written.

    Attributes
    ----------
    layer, keys
        Which rows.
    yours
        The rows as they should have been written; None for a deletion.
    theirs
        The rows as they are stored now, whole; those that are gone are not among them.
    seen
        The rows as they were read, or None where only their versions were given.
    """

    def __init__(
        self, zh: str, en: str, *, layer: str, keys: pd.Index[Any], yours: pd.DataFrame | None,
        theirs: pd.DataFrame, seen: pd.DataFrame | None,
    ) -> None:  # fmt: skip
        super().__init__(zh, en)
        self.layer, self.keys = layer, keys
        self.yours, self.theirs, self.seen = yours, theirs, seen


class StaleInputError(StoreError):
    """Layers that changed while a result was computed from them; the result was not stored."""

    def __init__(self, layers: Iterable[str]) -> None:
        self.layers = tuple(sorted(layers))
        super().__init__(
            f"计算期间项目的数据又被改过（{'、'.join(self.layers)}），结果已作废、没有保存；请重新运行",
            f"the data changed while this was being computed ({', '.join(self.layers)}); "
            "the result is void and was not stored, run it again",
        )


class GeometryTypeError(StoreError):
    """A geometry of another type than the layer holds."""


class NoRightError(StoreError):
    """The database role of this connection may not do that."""


class UnsupportedError(StoreError):
    """The SQLite or PostgreSQL of this machine cannot hold a project."""


def missing(target: str | Path) -> MissingProjectError:
    """Say that there is no project at `target`."""
    return MissingProjectError(
        f"项目 {target} 不存在；先用 wangge load 或 wangge demo 建立，或检查路径",
        f"project {target} does not exist; make it with `wangge load` or `wangge demo`, or check the path",
    )


def exists_already(target: str | Path) -> ProjectExistsError:
    """Say that `target` is taken."""
    return ProjectExistsError(
        f"{target} 已存在；请另选一个还没有的目标", f"{target} is there already; choose a target that is not"
    )


def not_a_project(target: str | Path, zh: str, en: str) -> NotAProjectError:
    """Say why `target` cannot be opened as a project."""
    return NotAProjectError(f"{target} 不是网格项目：{zh}", f"{target} is not a wangge project: {en}")


def busy(target: str | Path, busy_s: float) -> BusyProjectError:
    """Say that another process holds `target` for longer than `busy_s` seconds."""
    return BusyProjectError(
        f"另一个进程正在写入项目 {target}（等了 {busy_s:g} 秒）；请等它结束后再试",
        f"another process is writing to project {target} (waited {busy_s:g} s); try again when it has finished",
    )


def repeated_key(layer: str, key: Iterable[str], examples: Iterable[str], count: int, *, stored: bool) -> StoreError:
    """Name the layer, its key, how many rows repeat it, and a few of them."""
    names, shown = "+".join(key), list(examples)
    few_zh, few_en = "、".join(shown), ", ".join(shown)
    more_zh, more_en = (" 等", ", …") if count > len(shown) else ("", "")
    if stored:
        return RepeatedKeyError(
            f"图层 {layer}：{count} 行的 {names} 已在项目中（{few_zh}{more_zh}）；要替换该图层请用 --replace",
            f"layer {layer}: {count} rows repeat a stored {names} ({few_en}{more_en}); "
            "use --replace to replace the layer",
        )
    return RepeatedKeyError(
        f"图层 {layer}：{count} 个 {names} 重复出现（{few_zh}{more_zh}）；每个只能出现一次",
        f"layer {layer}: {count} values of {names} occur more than once ({few_en}{more_en}); each must be unique",
    )
