"""Exchanges between two cells: a few units that go against a few that come back, the pair that fits best.

What may go and what may come back is drawn apart, and every pair of them is looked at by its loads (meet in the middle:
Horowitz and Sahni 1974, doi:10.1145/321812.321823); only pairs that fit are made and looked at on the ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.brink import UNITS, turn, weigh
from spatial.planning.partition.moves import draw, holds_together, shifted
from spatial.planning.partition.net import COUNT, HELD, OPEN, WEIGHT, excess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.net import Aim, Net, Stay
    from spatial.planning.types import Floats, Integers

__all__ = [
    "ONE",
    "Exchange",
    "Groups",
    "best_exchange",
    "draw_groups",
    "leaving",
    "make",
    "new_groups",
    "square",
    "unmake",
]

ONE, FROM, TO = 0, 1, 2
"""Columns of moves: a unit, the cell it leaves, and the one it goes to."""
_NOTHING = 1e-10
_TRIES = 3
_BEHIND = 0.7
"""Odds that a group grows from within, and not by another unit on the border."""


class Groups(NamedTuple):
    """Groups of units on both sides of a border: `unit` by side, group and place, how many, and their load.

    `border` lists the units on the border by side, as many as `length` says.
    """

    unit: Integers
    many: Integers
    load: Floats
    border: Integers
    length: Integers


class Exchange(NamedTuple):
    """How many moves an exchange has, how it changes squared loads beyond the limits, and what its shapes cost."""

    moves: int
    gain: float
    bend: float


@kernel
def new_groups(size: int, groups: int, units: int) -> Groups:
    """Make room for so many groups on each side, of so many units at most, in a graph of `size` units."""
    return Groups(
        np.zeros((2, groups, units), np.int64), np.zeros((2, groups), np.int64), np.zeros((2, groups)),
        np.zeros((2, size), np.int64), np.zeros(2, np.int64),
    )  # fmt: skip


@kernel
def draw_groups(
    a: int, b: int, label: Integers, net: Net, brink: Integers, groups: Groups, state: NDArray[np.uint64]
) -> None:
    """Draw groups of units of a that may go to b, and of b that may go to a; the first group of a side is empty."""
    _list_border(a, b, label, net, brink, groups)
    for side in range(2):
        cell, length = (a if side == 0 else b), groups.length[side]
        for g in range(1, groups.unit.shape[1]):
            group, wanted = groups.unit[side, g], 1 + int(draw(state) * groups.unit.shape[2])
            many, load = 0, 0.0
            for _ in range(_TRIES * wanted):
                if many == wanted:
                    break
                one = groups.border[side, int(draw(state) * length)]
                if many > 0 and draw(state) < _BEHIND:
                    last = group[int(draw(state) * many)]
                    one = net.adjacent[net.start[last] + int(draw(state) * (net.start[last + 1] - net.start[last]))]
                if label[one] == cell and not _holds(group, many, one):
                    group[many] = one
                    load += net.unit[one, WEIGHT]
                    many += 1
            groups.many[side, g], groups.load[side, g] = many, load


@kernel
def _holds(group: Integers, many: int, one: int) -> bool:
    for k in range(many):  # noqa: SIM110 -- kernels know no generators
        if group[k] == one:
            return True
    return False


@kernel
def _list_border(a: int, b: int, label: Integers, net: Net, brink: Integers, groups: Groups) -> None:
    """List the units of cell a with an open border to b, and those of b to a."""
    groups.length[:] = 0
    for k in range(brink[UNITS, len(label)]):
        one = brink[UNITS, k]
        if label[one] not in (a, b):
            continue
        side, other = (0, b) if label[one] == a else (1, a)
        for e in range(net.start[one], net.start[one + 1]):
            if label[net.adjacent[e]] == other and net.edge[e, OPEN] > 0:
                groups.border[side, groups.length[side]] = one
                groups.length[side] += 1
                break


@kernel
def best_exchange(
    a: int, b: int, label: Integers, net: Net, aim: Aim, stay: Stay, groups: Groups, sums: Floats, room: Integers,
    spare: float, most: float, shift: bool, best: Integers,
) -> Exchange:  # fmt: skip
    """Find the exchange that lowers squared loads beyond the limits most, and bends least among equals.

    They may change by `most`; with `shift` some load has to move. The moves are written to `best`.
    """
    here, there = sums[a, HELD], sums[b, HELD]
    now = square(here, aim) + square(there, aim)
    chosen, gain, worth = 0, most, 1e300
    moves, rims = np.empty_like(best), np.empty((len(best), 2))
    for i in range(groups.unit.shape[1]):
        for j in range(groups.unit.shape[1]):
            load = groups.load[0, i] - groups.load[1, j]
            change = square(here - load, aim) + square(there + load, aim) - now
            if change > gain + _NOTHING or (shift and load == 0) or not _some(a, b, i, j, groups, sums):
                continue
            length = _moves_of(a, b, i, j, groups, moves)
            bend = make(moves[:length], rims, label, net, aim, sums)
            good = (change < gain - _NOTHING or bend < worth) and (
                _whole(a, moves[:length], label, net, sums, room) and _whole(b, moves[:length], label, net, sums, room)
            )
            unmake(moves[:length], rims, label, net, sums)
            if good and leaving(moves[:length], stay, net) <= max(spare, 0.0):
                chosen, gain, worth = length, change, bend
                best[:length] = moves[:length]
    return Exchange(chosen, gain, worth)


@kernel
def _some(a: int, b: int, i: int, j: int, groups: Groups, sums: Floats) -> bool:
    """Tell whether something moves, and neither cell gives away all it has."""
    out, back = groups.many[0, i], groups.many[1, j]
    return bool(out + back > 0 and out < sums[a, COUNT] and back < sums[b, COUNT])


@kernel
def _moves_of(a: int, b: int, i: int, j: int, groups: Groups, moves: Integers) -> int:
    """Write down the moves of group i of a and group j of b; gives their number."""
    length = 0
    for side, group in ((0, i), (1, j)):
        for k in range(groups.many[side, group]):
            moves[length, ONE] = groups.unit[side, group, k]
            moves[length, FROM], moves[length, TO] = (a, b) if side == 0 else (b, a)
            length += 1
    return length


@kernel
def leaving(moves: Integers, stay: Stay, net: Net) -> float:
    """Add up the weight that leaves its earlier cell by the moves."""
    total = 0.0
    for k in range(len(moves)):
        total += shifted(moves[k, ONE], moves[k, FROM], moves[k, TO], stay.before, net.unit)
    return total


@kernel
def make(moves: Integers, rims: Floats, label: Integers, net: Net, aim: Aim, sums: Floats) -> float:
    """Make moves, whatever becomes of the pieces, and say what their shapes and borders cost."""
    bend = 0.0
    for k in range(len(moves)):
        one, to = moves[k, ONE], moves[k, TO]
        _, more, rims[k, 0], rims[k, 1] = weigh(one, to, label, net.start, net.adjacent, net.edge, net.unit, sums, aim)
        turn(one, to, label, net.unit, sums, rims[k, 0], rims[k, 1])
        bend += more
    return bend


@kernel
def unmake(moves: Integers, rims: Floats, label: Integers, net: Net, sums: Floats) -> None:
    """Take moves back, the last one first."""
    for k in range(len(moves) - 1, -1, -1):
        turn(moves[k, ONE], moves[k, FROM], label, net.unit, sums, -rims[k, 1], -rims[k, 0])


@kernel
def _whole(cell: int, moves: Integers, label: Integers, net: Net, sums: Floats, room: Integers) -> bool:
    """Tell whether a cell is one piece after the moves; False where nothing of it is left."""
    for k in range(len(moves)):
        one = moves[k, ONE]
        if label[one] == cell:
            return holds_together(one, int(sums[cell, COUNT]), label, net, room)
        for e in range(net.start[one], net.start[one + 1]):
            if label[net.adjacent[e]] == cell:
                return holds_together(net.adjacent[e], int(sums[cell, COUNT]), label, net, room)
    return False


@kernel
def square(load: float, aim: Aim) -> float:
    """Square how far a load lies beyond the limits."""
    over = excess(load, aim)
    return over * over
