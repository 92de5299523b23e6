"""Last repair: swaps and chains of units that lower the worst deviation where single moves no longer can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.moves import fits, shifted

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Flags, Floats, Integers

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
    for i in range(size):
        held[label[i]] += weight[i]
        count[label[i]] += 1
    room = may_move - np.sum(weight[(before >= 0) & (label != before)])
    mark, queue = np.zeros(size, np.int64), np.empty(size, np.int64)
    stamp = np.ones(1, np.int64)
    for _ in range(rounds):
        best, first, second, to = -1e-12, -1, -1, -1
        for u in range(size):
            a = label[u]
            for e in range(start[u], start[u + 1]):
                b = label[adjacent[e]]
                if b == a or not open_[e] or count[a] < 2:
                    continue
                if _excess(held[a] / mean, tolerance) + _excess(held[b] / mean, tolerance) == 0:
                    continue
                best, v = _partner(
                    u, a, b, best, held, mean, tolerance, label, start, adjacent, open_, weight, outer, before, room,
                    mark, stamp, queue,
                )  # fmt: skip
                if v >= -1:
                    first, second, to = u, v, b
        if first < 0:
            break
        a = label[first]
        for unit, here, there in ((first, a, to), (second, to, a)):
            if unit >= 0:
                room -= shifted(unit, here, there, before, weight)
                label[unit] = there
                held[here] -= weight[unit]
                held[there] += weight[unit]
                count[here] -= 1
                count[there] += 1
    return label


@kernel
def _partner(
    u: int,
    a: int,
    b: int,
    best: float,
    held: Floats,
    mean: float,
    tolerance: float,
    label: Integers,
    start: Integers,
    adjacent: Integers,
    open_: Flags,
    weight: Floats,
    outer: Floats,
    before: Integers,
    room: float,
    mark: Integers,
    stamp: Integers,
    queue: Integers,
) -> tuple[float, int]:
    """Find what makes sending `u` from a to b better than `best`: nothing in return (-1), or a unit of b.

    Gives the best gain and that unit; -2 where nothing betters it. `stamp` counts on.
    """
    found = -2
    shift = shifted(u, a, b, before, weight)
    gain = _trade(held, a, b, weight[u], mean, tolerance)
    if gain < best and shift <= max(room, 0.0):
        stamp[0] += 2
        if fits(u, a, b, label, start, adjacent, open_, outer, mark, stamp[0], queue):
            best, found = gain, -1
    for v in range(len(label)):
        if label[v] != b or weight[v] == weight[u]:
            continue
        gain = _trade(held, a, b, weight[u] - weight[v], mean, tolerance)
        if gain >= best or shift + shifted(v, b, a, before, weight) > max(room, 0.0):
            continue
        if not _touches(v, a, u, label, start, adjacent, open_):
            continue
        stamp[0] += 2
        if not fits(u, a, b, label, start, adjacent, open_, outer, mark, stamp[0], queue):
            continue
        label[u] = b
        stamp[0] += 2
        if fits(v, b, a, label, start, adjacent, open_, outer, mark, stamp[0], queue):
            best, found = gain, v
        label[u] = a
    return best, found


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
def _touches(
    unit: int, cell: int, but: int, label: Integers, start: Integers, adjacent: Integers, open_: Flags
) -> bool:
    for e in range(start[unit], start[unit + 1]):
        if open_[e] and adjacent[e] != but and label[adjacent[e]] == cell:
            return True
    return False
