"""Whether a unit may cross the border of two cells, and the random numbers of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.net import OPEN, OUTER, WEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.net import Net
    from spatial.planning.types import Floats, Integers

__all__ = ["draw", "encloses", "fits", "holds_together", "keeps_one_piece", "new_room", "open_ground", "shifted"]

_MARK, _QUEUE, _GROUP, _ROOT, _PENDING = 0, 1, 2, 3, 4
"""Rows of room: stamps on units (the last one used at the end), a queue, and groups of units that grow and meet."""


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
def new_room(size: int) -> Integers:
    """Make room to work in for a graph of `size` units."""
    return np.zeros((5, size + 2), np.int64)


@kernel
def fits(
    one: int, a: int, b: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats, unit: Floats,
    room: Integers,
) -> bool:  # fmt: skip
    """Tell whether unit `one` may go from a to b: both stay one piece, and b encloses nothing."""
    if not keeps_one_piece(one, a, label, start, adjacent, edge, unit, room):
        return False
    found = _sources(one, b, False, label, start, adjacent, edge, room)
    if found == 0 or (found == 1 and unit[one, OUTER] <= 0):
        return True
    return _meet_all(one, b, False, found, label, start, adjacent, edge, unit, room)


@kernel
def keeps_one_piece(
    one: int, cell: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats, unit: Floats,
    room: Integers,
) -> bool:  # fmt: skip
    """Tell whether `cell` holds together over open borders without unit `one`; False where nothing would be left."""
    found = _sources(one, cell, True, label, start, adjacent, edge, room)
    if found <= 1:
        return found == 1
    return _meet_all(one, cell, True, found, label, start, adjacent, edge, unit, room)


@kernel
def _sources(
    one: int, cell: int, within: bool, label: Integers, start: Integers, adjacent: Integers, edge: Floats,
    room: Integers,
) -> int:  # fmt: skip
    """Queue the neighbours of a unit within `cell` (over open borders), or those without; gives their number."""
    end = room.shape[1] - 1
    room[_MARK, end] += 1
    found = 0
    for e in range(start[one], start[one + 1]):
        other = adjacent[e]
        if (label[other] == cell) == within and (not within or edge[e, OPEN] > 0):
            room[_MARK, other] = room[_MARK, end]
            room[_GROUP, other] = found
            room[_ROOT, found] = found
            room[_PENDING, found] = 1
            room[_QUEUE, found] = other
            found += 1
    return found


@kernel
def _meet_all(
    one: int, cell: int, within: bool, found: int, label: Integers, start: Integers, adjacent: Integers,
    edge: Floats, unit: Floats, room: Integers,
) -> bool:  # fmt: skip
    """Grow from all queued neighbours at once until they have met, or one of them has nowhere left to go.

    Without the cell, the outside is one more place to meet, and the only one that counts where unit `one` touches it.
    What the cell enclosed before it takes the unit is not found.
    """
    stamp, hub = room[_MARK, room.shape[1] - 1], unit[one, OUTER] > 0
    out, sets, out_alone = found, found + int(not within), not within
    room[_ROOT, out] = out
    head, tail = 0, found
    while head < tail:
        here = room[_QUEUE, head]
        head += 1
        mine = _root(room, room[_GROUP, here])
        room[_PENDING, mine] -= 1
        if not within and mine == _root(room, out):
            continue
        if not within and unit[here, OUTER] > 0:
            room[_ROOT, mine] = _root(room, out)
            sets, out_alone = sets - 1, False
            if sets == 1:
                return True
            continue
        for e in range(start[here], start[here + 1]):
            other = adjacent[e]
            if other == one or (label[other] == cell) != within or (within and edge[e, OPEN] == 0):
                continue
            if room[_MARK, other] != stamp:
                room[_MARK, other] = stamp
                room[_GROUP, other] = mine
                room[_PENDING, mine] += 1
                room[_QUEUE, tail] = other
                tail += 1
                continue
            theirs = _root(room, room[_GROUP, other])
            if theirs != mine:
                room[_PENDING, theirs] += room[_PENDING, mine]
                room[_ROOT, mine] = theirs
                mine = theirs
                sets -= 1
                if sets == 1 or (sets == 2 and out_alone and not hub):
                    return True
        if room[_PENDING, mine] == 0 and (within or mine != _root(room, out)):
            return False
    return sets == 1


@kernel
def _root(room: Integers, group: int) -> int:
    while room[_ROOT, group] != group:
        group = room[_ROOT, group]
    return group


@kernel
def holds_together(seed: int, units: int, label: Integers, net: Net, room: Integers) -> bool:
    """Tell whether the cell of unit `seed`, which has so many units, is one piece over open borders."""
    end, cell, tail, seen = room.shape[1] - 1, label[seed], 1, 1
    room[_MARK, end] += 1
    stamp = room[_MARK, end]
    room[_MARK, seed], room[_QUEUE, 0] = stamp, seed
    while tail > 0:
        tail -= 1
        here = room[_QUEUE, tail]
        for e in range(net.start[here], net.start[here + 1]):
            other = net.adjacent[e]
            if label[other] == cell and room[_MARK, other] != stamp and net.edge[e, OPEN] > 0:
                room[_MARK, other] = stamp
                room[_QUEUE, tail] = other
                tail += 1
                seen += 1
    return seen == units


@kernel
def encloses(cell: int, label: Integers, net: Net, queue: Integers) -> bool:
    """Tell whether a unit of another cell is cut off from the outside by `cell`; `queue` is room to work in."""
    return bool(open_ground(cell, label, net, queue).sum() < (label != cell).sum())


@kernel
def shifted(one: int, a: int, b: int, before: Integers, unit: Floats) -> float:
    """Change of the weight away from its `before` cell when unit `one` goes from a to b."""
    if before[one] < 0:
        return 0.0
    return float(unit[one, WEIGHT] * (int(b != before[one]) - int(a != before[one])))


@kernel
def open_ground(cell: int, label: Integers, net: Net, queue: Integers) -> NDArray[np.bool_]:
    """Mark the units of other cells that reach the outside without crossing `cell`; `queue` is room to work in."""
    seen = np.zeros(len(label), np.bool_)
    start, adjacent = net.start, net.adjacent
    head, tail = 0, 0
    for i in range(len(label)):
        if label[i] != cell and net.unit[i, OUTER] > 0:
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
