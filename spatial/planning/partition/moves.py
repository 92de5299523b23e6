"""Small questions the search asks of a unit on the border of two cells, and its random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.blocks.types import Flags, Floats, Integers

__all__ = ["draw", "fits", "keeps_one_piece", "keeps_out_holes", "open_ground", "shifted"]


@kernel
def draw(state: NDArray[np.uint64]) -> float:
    """Draw from [0, 1) and step the state (splitmix64, Steele et al. 2014, doi:10.1145/2714064.2660195)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@kernel
def keeps_one_piece(
    unit: int,
    cell: int,
    label: Integers,
    start: Integers,
    adjacent: Integers,
    open_: Flags,
    mark: Integers,
    stamp: int,
    queue: Integers,
) -> bool:
    """Tell whether `cell` holds together over open borders without `unit`; False where nothing would be left."""
    wanted, first = 0, -1
    for e in range(start[unit], start[unit + 1]):
        other = adjacent[e]
        if open_[e] and label[other] == cell:
            mark[other] = 2 * stamp
            wanted += 1
            first = other
    if wanted <= 1:
        return wanted == 1
    head, tail = 0, 1
    queue[0] = first
    mark[first] = 2 * stamp + 1
    wanted -= 1
    while head < tail:
        here = queue[head]
        head += 1
        for e in range(start[here], start[here + 1]):
            other = adjacent[e]
            if other == unit or not open_[e] or label[other] != cell or mark[other] == 2 * stamp + 1:
                continue
            if mark[other] == 2 * stamp:
                wanted -= 1
                if wanted == 0:
                    return True
            mark[other] = 2 * stamp + 1
            queue[tail] = other
            tail += 1
    return False


@kernel
def keeps_out_holes(
    unit: int,
    cell: int,
    label: Integers,
    start: Integers,
    adjacent: Integers,
    outer: Floats,
    mark: Integers,
    stamp: int,
    queue: Integers,
) -> bool:
    """Tell whether `cell` encloses nothing after it takes `unit`: all else still reaches the outside.

    Holds where the cell enclosed nothing before. Units with an outer border touch the outside.
    """
    hub = outer[unit] > 0
    parts, all_out, wanted = 0, True, 0
    for e in range(start[unit], start[unit + 1]):
        if label[adjacent[e]] != cell:
            mark[adjacent[e]] = 2 * stamp
            wanted += 1
    for e in range(start[unit], start[unit + 1]):
        seed = adjacent[e]
        if label[seed] == cell or mark[seed] == 2 * stamp + 1:
            continue
        parts += 1
        out = outer[seed] > 0
        head, tail = 0, 1
        queue[0] = seed
        mark[seed] = 2 * stamp + 1
        wanted -= 1
        while head < tail and not out:
            here = queue[head]
            head += 1
            for f in range(start[here], start[here + 1]):
                other = adjacent[f]
                if other == unit or label[other] == cell or mark[other] == 2 * stamp + 1:
                    continue
                if mark[other] == 2 * stamp:
                    wanted -= 1
                    if wanted == 0 and parts == 1 and not hub:
                        return True
                mark[other] = 2 * stamp + 1
                out = out or outer[other] > 0
                queue[tail] = other
                tail += 1
        # A part left early reached the outside; what it did not visit is joined to it there.
        all_out = all_out and out
    return parts == 0 or all_out or (parts == 1 and not hub)


@kernel
def fits(
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


@kernel
def shifted(unit: int, a: int, b: int, before: Integers, weight: Floats) -> float:
    """Change of the weight away from its `before` cell when `unit` goes from a to b."""
    if before[unit] < 0:
        return 0.0
    return float(weight[unit] * (int(b != before[unit]) - int(a != before[unit])))


@kernel
def open_ground(
    cell: int, label: Integers, start: Integers, adjacent: Integers, outer: Floats, queue: Integers
) -> NDArray[np.bool_]:
    """Mark the units of other cells that reach the outside without crossing `cell`; `queue` is room to work in."""
    seen = np.zeros(len(label), np.bool_)
    head, tail = 0, 0
    for i in range(len(label)):
        if label[i] != cell and outer[i] > 0:
            seen[i] = True
            queue[tail] = i
            tail += 1
    while head < tail:
        here = queue[head]
        head += 1
        for e in range(start[here], start[here + 1]):
            other = adjacent[e]
            if label[other] != cell and not seen[other]:
                seen[other] = True
                queue[tail] = other
                tail += 1
    return seen
