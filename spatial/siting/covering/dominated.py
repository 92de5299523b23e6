"""Rows that another row makes superfluous: it covers all that they cover, costs no more, and is always to be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.siting.covering.rack import Rack

__all__ = ["undominated"]

_MUCH = 2e8  # pairs of rows of one column: beyond, telling them apart takes longer than it saves
_PASSES, _FEW = 5, 0.01


def undominated(matrix: csr_array, price: Floats, rack: Rack) -> Ints:
    """Give the rows that some best choice can be made of, in their order; of equal rows the first.

    A row is left out for one of its own group, or for one of a group that has room for all of its rows: wherever
    the row is chosen, the other can be chosen in its place.
    """
    alive = np.arange(matrix.shape[0])
    for _ in range(_PASSES):
        part = csr_array(matrix[alive])
        kept = ~_beaten(part, price[alive], rack.group[alive], rack.room)
        alive = alive[kept]
        if kept.sum() >= (1 - _FEW) * len(kept):
            break
    return alive


def _beaten(matrix: csr_array, price: Floats, group: Ints, room: Ints) -> Flags:
    """Mark the rows that another one makes superfluous, as groups are now."""
    answer, size = np.zeros(len(price), bool), np.diff(matrix.indptr)
    if float((np.diff(matrix.tocsc().indptr).astype(float) ** 2).sum()) > _MUCH:
        return answer
    shared = (matrix @ matrix.T).tocoo()
    row, other = shared.row, shared.col
    free = np.bincount(group, minlength=len(room)) <= room
    within = (shared.data == size[row]) & (row != other) & (price[other] <= price[row])
    within &= (group[row] == group[other]) | free[group[other]]
    before = (size[other] > size[row]) | (price[other] < price[row]) | (other < row)
    answer[row[within & before]] = True
    return answer
