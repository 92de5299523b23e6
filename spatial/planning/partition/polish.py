"""Last repair: units sent, swapped or passed on by three cells while that lowers loads beyond the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.brink import UNITS, meet, new_brink, turn, weigh
from spatial.planning.partition.moves import fits, new_room, shifted
from spatial.planning.partition.net import COUNT, HELD, OPEN, WEIGHT, excess, sums_of

if TYPE_CHECKING:
    from spatial.planning.partition.net import Aim, Net, Stay
    from spatial.planning.types import Floats, Integers

__all__ = ["polish"]


@kernel
def polish(label: Integers, net: Net, aim: Aim, stay: Stay, rounds: int) -> Integers:
    """Send one unit across a border, swap two, or pass one on as another comes, while loads come nearer the limits.

    Each round takes the move that lowers the sum of squared excess most, at equal gain the one with the best shape;
    the search ends with no such move, or after `rounds`. Cells stay one piece and enclose no other.
    """
    label, size = label.copy(), len(label)
    sums, brink, room = sums_of(label, net, aim.cells)[0], new_brink(label, net), new_room(size)
    spare = stay.may_move - np.sum(net.unit[(stay.before >= 0) & (label != stay.before), WEIGHT])
    best = np.empty(4, np.int64)  # unit, where it goes, second unit, where that goes
    for _ in range(rounds):
        best[0] = -1
        lowest = -1e-12
        for k in range(brink[UNITS, size]):
            lowest = _try_unit(brink[UNITS, k], lowest, best, label, net, aim, stay, spare, sums, brink, room)
        if best[0] < 0:
            break
        for one, to in ((best[0], best[1]), (best[2], best[3])):
            if one >= 0:
                spare -= shifted(one, label[one], to, stay.before, net.unit)
                _, _, da, db = weigh(one, to, label, net.start, net.adjacent, net.edge, net.unit, sums, aim)
                turn(one, to, label, net.unit, sums, da, db)
                meet(one, label, net.start, net.adjacent, net.edge, brink)
    return label


@kernel
def _square(load: float, aim: Aim) -> float:
    over = excess(load, aim)
    return over * over


@kernel
def _try_unit(
    one: int, lowest: float, best: Integers, label: Integers, net: Net, aim: Aim, stay: Stay, spare: float,
    sums: Floats, brink: Integers, room: Integers,
) -> float:  # fmt: skip
    """Look for moves that begin with unit `one` and gain more than `lowest`; the best one is written to `best`."""
    start, adjacent, edge, unit, before = net.start, net.adjacent, net.edge, net.unit, stay.before
    a, load, size = label[one], net.unit[one, WEIGHT], len(label)
    if sums[a, COUNT] < 2:
        return lowest
    for e in range(start[one], start[one + 1]):
        b = label[adjacent[e]]
        if b == a or edge[e, OPEN] == 0 or _met(one, e, b, label, start, adjacent, edge):
            continue
        now = _square(sums[a, HELD], aim) + _square(sums[b, HELD], aim)
        if now == 0:
            continue
        leaves = shifted(one, a, b, before, unit)
        gain = _square(sums[a, HELD] - load, aim) + _square(sums[b, HELD] + load, aim) - now
        if gain < lowest and leaves <= max(spare, 0.0) and fits(one, a, b, label, start, adjacent, edge, unit, room):
            lowest = gain
            best[0], best[1], best[2], best[3] = one, b, -1, -1
        for k in range(brink[UNITS, size]):
            other = brink[UNITS, k]
            if label[other] != b or unit[other, WEIGHT] == 0:
                continue
            for f in range(start[other], start[other + 1]):
                c = label[adjacent[f]]
                if c == b or edge[f, OPEN] == 0 or adjacent[f] == one:
                    continue
                gain = _gain_of_two(a, b, c, load, unit[other, WEIGHT], sums, aim)
                if gain >= lowest or _met(other, f, c, label, start, adjacent, edge):
                    continue
                more = leaves + shifted(other, b, c, before, unit)
                if more <= max(spare, 0.0) and _two_fit(one, other, a, b, c, label, net, room):
                    lowest = gain
                    best[0], best[1], best[2], best[3] = one, b, other, c
    return lowest


@kernel
def _met(one: int, e: int, cell: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats) -> bool:
    """Tell whether an earlier open border of unit `one` leads to the same cell."""
    for f in range(start[one], e):  # noqa: SIM110 -- kernels know no generators
        if label[adjacent[f]] == cell and edge[f, OPEN] > 0:
            return True
    return False


@kernel
def _gain_of_two(a: int, b: int, c: int, load: float, other: float, sums: Floats, aim: Aim) -> float:
    """Change of the squared excess when `load` goes from a to b and `other` from b to c (which may be a)."""
    here, there, on = sums[a, HELD], sums[b, HELD], sums[c, HELD]
    change = _square(there + load - other, aim) - _square(there, aim) - _square(here, aim)
    if c == a:
        return change + _square(here - load + other, aim)
    return change + _square(here - load, aim) + _square(on + other, aim) - _square(on, aim)


@kernel
def _two_fit(one: int, other: int, a: int, b: int, c: int, label: Integers, net: Net, room: Integers) -> bool:
    """Tell whether unit `one` may go from a to b and then `other` from b to c."""
    if not fits(one, a, b, label, net.start, net.adjacent, net.edge, net.unit, room):
        return False
    label[one] = b
    good = fits(other, b, c, label, net.start, net.adjacent, net.edge, net.unit, room)
    label[one] = a
    return good
