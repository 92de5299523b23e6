"""Last repair: swaps and chains of units that lower the worst deviation where single moves no longer can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.partition.moves import keeps_one_piece, keeps_out_holes

if TYPE_CHECKING:
    from spatial.blocks.types import Flags, Floats, Integers

__all__ = ["polish"]


@kernel
def polish(
    label: Integers,
    start: Integers,
    adjacent: Integers,
    open_: Flags,
    weight: Floats,
    outer: Floats,
    before: Integers,
    may_move: float,
    cells: int,
    tolerance: float,
    rounds: int,
) -> Integers:
    """Shift one unit, or swap two, between neighbouring cells while a deviation beyond `tolerance` shrinks.

    Each round takes the move that lowers the sum of squared excess most; the search ends with no such move,
    or after `rounds`. Cells stay one piece and enclose no other.
    """
    label = label.copy()
    size = len(label)
    held, count, mean = np.zeros(cells), np.zeros(cells, np.int64), max(weight.sum() / cells, 1e-12)
    moved = 0.0
    for i in range(size):
        held[label[i]] += weight[i]
        count[label[i]] += 1
        if before[i] >= 0 and label[i] != before[i]:
            moved += weight[i]
    mark, queue, stamp = np.zeros(size, np.int64), np.empty(size, np.int64), 1
    for _ in range(rounds):
        best, first, second, to = -1e-12, -1, -1, -1
        for u in range(size):
            a = label[u]
            if count[a] < 2:
                continue
            for e in range(start[u], start[u + 1]):
                b = label[adjacent[e]]
                if b == a or not open_[e] or (_excess(held[a] / mean, tolerance) + _excess(held[b] / mean, tolerance)) == 0:
                    continue
                gain = _trade(held, a, b, weight[u], mean, tolerance)
                if gain < best and _allowed(u, b, before, weight, moved, may_move):
                    stamp += 2
                    if _fits(u, a, b, label, start, adjacent, open_, outer, mark, stamp, queue):
                        best, first, second, to = gain, u, -1, b
                for v in range(size):
                    if label[v] != b or weight[v] == weight[u]:
                        continue
                    gain = _trade(held, a, b, weight[u] - weight[v], mean, tolerance)
                    if gain >= best or not _touches(v, a, u, label, start, adjacent, open_):
                        continue
                    if not _allowed(u, b, before, weight, moved, may_move - weight[v]):
                        continue
                    stamp += 2
                    if not _fits(u, a, b, label, start, adjacent, open_, outer, mark, stamp, queue):
                        continue
                    label[u] = b
                    stamp += 2
                    if _fits(v, b, a, label, start, adjacent, open_, outer, mark, stamp, queue):
                        best, first, second, to = gain, u, v, b
                    label[u] = a
        if first < 0:
            break
        a = label[first]
        moved += _shifted(first, a, to, before, weight)
        label[first] = to
        held[a] -= weight[first]
        held[to] += weight[first]
        count[a] -= 1
        count[to] += 1
        if second >= 0:
            moved += _shifted(second, to, a, before, weight)
            label[second] = a
            held[to] -= weight[second]
            held[a] += weight[second]
            count[to] -= 1
            count[a] += 1
    return label


@kernel
def _excess(share: float, tolerance: float) -> float:
    over = abs(share - 1) - tolerance
    return over * over if over > 0 else 0.0


@kernel
def _trade(held: Floats, a: int, b: int, load: float, mean: float, tolerance: float) -> float:
    """Change of the squared excess when `load` goes from a to b."""
    now = _excess(held[a] / mean, tolerance) + _excess(held[b] / mean, tolerance)
    return _excess((held[a] - load) / mean, tolerance) + _excess((held[b] + load) / mean, tolerance) - now


@kernel
def _shifted(unit: int, a: int, b: int, before: Integers, weight: Floats) -> float:
    if before[unit] < 0:
        return 0.0
    return weight[unit] * (int(b != before[unit]) - int(a != before[unit]))


@kernel
def _allowed(unit: int, b: int, before: Integers, weight: Floats, moved: float, may_move: float) -> bool:
    return before[unit] < 0 or b == before[unit] or moved + weight[unit] <= may_move


@kernel
def _touches(
    unit: int, cell: int, but: int, label: Integers, start: Integers, adjacent: Integers, open_: Flags
) -> bool:
    for e in range(start[unit], start[unit + 1]):
        if open_[e] and adjacent[e] != but and label[adjacent[e]] == cell:
            return True
    return False


@kernel
def _fits(
    unit: int,
    a: int,
    b: int,
    label: Integers,
    start: Integers,
    adjacent: Integers,
    open_: Flags,
    outer: Floats,
    mark: Integers,
    stamp: int,
    queue: Integers,
) -> bool:
    """Tell whether `unit` may go from a to b: both stay one piece, and b encloses nothing."""
    if not keeps_one_piece(unit, a, label, start, adjacent, open_, mark, stamp, queue):
        return False
    return keeps_out_holes(unit, b, label, start, adjacent, outer, mark, stamp + 1, queue)
