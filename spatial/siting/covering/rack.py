"""How many rows of each group may be chosen: the cameras that a pole has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from spatial.arrays import Flags, Floats, Ints

__all__ = ["Rack"]


@dataclass(frozen=True)
class Rack:
    """Of the rows whose `group` is g, at most ``room[g]`` may be chosen."""

    group: Ints
    room: Ints

    @classmethod
    def of(cls, count: int, group: ArrayLike | None = None, most: ArrayLike | None = None) -> Self:
        """Read what a caller gave: a group for each of `count` rows, and the room of all groups, or of each.

        Without groups every row is one of its own, and nothing is limited. SchemaError for lengths that do not fit,
        numbers below zero, or one of the two without the other.
        """
        if group is None and most is None:
            return cls(np.arange(count, dtype=np.int64), np.ones(count, np.int64))
        if group is None or most is None:
            raise SchemaError("group 与 most 应一起给出", "give group and most together")
        of = np.asarray(group, dtype=np.int64)
        groups = int(of.max(initial=-1)) + 1
        room = np.asarray(most, dtype=np.int64)
        room = np.full(groups, room) if room.ndim == 0 else room
        if of.shape != (count,) or (of < 0).any() or len(room) < groups or (room < 0).any():
            raise SchemaError(
                f"group 应为 {count} 个不小于 0 的组号，most 为每组不小于 0 的上限",
                f"group must be {count} numbers from 0, and most a limit from 0 for each of them",
            )
        return cls(of, room)

    @property
    def tight(self) -> Flags:
        """Groups that have more rows than room."""
        return np.asarray(np.bincount(self.group, minlength=len(self.room)) > self.room)

    def only(self, rows: Ints) -> Self:
        """Keep some rows, and the groups they are of."""
        groups, group = np.unique(self.group[rows], return_inverse=True)
        return type(self)(group.ravel().astype(np.int64), self.room[groups])

    def used(self, rows: Sequence[int]) -> Ints:
        """Count chosen rows by group."""
        return np.bincount(self.group[np.array(list(rows), dtype=np.int64)], minlength=len(self.room))

    def after(self, rows: Sequence[int]) -> Self:
        """Take away the room that some rows need."""
        return type(self)(self.group, self.room - self.used(rows))

    def foremost(self, earned: Floats) -> Flags:
        """Mark the rows that earn most of their group, as many as there is room for; of equals the first."""
        order = np.lexsort((-earned, self.group))
        group = self.group[order]
        first = np.searchsorted(group, np.arange(len(self.room)))
        answer = np.zeros(len(earned), bool)
        answer[order] = np.arange(len(order)) - first[group] < self.room[group]
        return answer

    def even(self, price: Floats) -> bool:
        """Whether all rows of a group cost the same."""
        low, high = np.full(len(self.room), np.inf), np.full(len(self.room), -np.inf)
        np.minimum.at(low, self.group, price)
        np.maximum.at(high, self.group, price)
        return bool((low >= high).all())
