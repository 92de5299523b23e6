"""What a long computation was made from, so that its result is not stored once that has changed.

A job reads in one consistent read, computes for seconds or minutes while others read and write, and stores in one
short write. `Inputs` is taken with the reading and held against the project at the beginning of the write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from api.store import StaleInputError, row_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from api.jobs.progress import Progress
    from api.store import Project

__all__ = ["Inputs", "once_more"]

_Answer = TypeVar("_Answer")
_SETTINGS = ("measuring_crs", "loaded_blocks")


@dataclass(frozen=True)
class Inputs:
    """Marks of layers, the settings that steer a result, and the cells of one plan as they were read."""

    layers: tuple[str, ...]
    plan: str | None
    seen: dict[str, Any]

    @classmethod
    def read(cls, store: Project, *layers: str, plan: str | None = None) -> Self:
        """Note what is there, within the same `store.reading()` as the data itself."""
        return cls(layers, plan, _state(store, layers, plan))

    def require_unchanged(self, store: Project) -> None:
        """Raise `StaleInputError` where something was changed meanwhile; to be asked inside the write."""
        now = _state(store, self.layers, self.plan)
        changed = {name for name, mark in self.seen.items() if now[name] != mark}
        if changed:
            raise StaleInputError(changed)


def once_more(work: Callable[[], _Answer], tell: Progress) -> _Answer:
    """Do some work; where its inputs changed meanwhile do it again, with what is there now. A second time is refused.

    Raises
    ------
    StaleInputError
        Where the inputs changed again. Nothing was stored.
    """
    try:
        return work()
    except StaleInputError as stale:
        layers = stale.layers
    tell(
        0,
        1,
        f"数据刚被改过（{'、'.join(layers)}），重新计算",
        f"the data just changed ({', '.join(layers)}), computing again",
    )
    return work()


def _state(store: Project, layers: tuple[str, ...], plan: str | None) -> dict[str, Any]:
    settings = store.settings
    state: dict[str, Any] = {**store.marks(*layers), "project": [settings.get(name) for name in _SETTINGS]}
    if plan is not None:
        cells: pd.DataFrame = store.read("cells", where={"plan": plan, "end_date": None})
        state[f"cells {plan}"] = row_versions(cells, "cells").to_dict()
    return state
