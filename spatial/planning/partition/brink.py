"""Units on the border of two cells, and what it changes when one of them crosses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.net import (
    AREA,
    COST,
    COUNT,
    HELD,
    LAND,
    LENGTH,
    OPEN,
    OUTER,
    RIM,
    WEIGHT,
    bulge,
    load_cost,
)

if TYPE_CHECKING:
    from spatial.planning.partition.net import Aim, Net
    from spatial.planning.types import Floats, Integers

__all__ = ["PLACE", "UNITS", "meet", "new_brink", "turn", "weigh"]

UNITS, PLACE = 0, 1
"""Rows of the list of units on a border: the units, their number at the end; and where each stands there, or -1."""


@kernel
def new_brink(label: Integers, net: Net) -> Integers:
    """List the units with an open border to another cell."""
    brink = np.full((2, len(label) + 1), -1)
    brink[UNITS, len(label)] = 0
    for unit in range(len(label)):
        _stand(unit, label, net.start, net.adjacent, net.edge, brink)
    return brink


@kernel
def meet(one: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats, brink: Integers) -> None:
    """Bring the list up to date around a unit that changed cells."""
    _stand(one, label, start, adjacent, edge, brink)
    for e in range(start[one], start[one + 1]):
        _stand(adjacent[e], label, start, adjacent, edge, brink)


@kernel
def _stand(one: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats, brink: Integers) -> None:
    """Put a unit on the list, or take it off."""
    on, end = False, len(label)
    for e in range(start[one], start[one + 1]):
        if label[adjacent[e]] != label[one] and edge[e, OPEN] > 0:
            on = True
            break
    at = brink[PLACE, one]
    if on and at < 0:
        brink[UNITS, brink[UNITS, end]] = one
        brink[PLACE, one] = brink[UNITS, end]
        brink[UNITS, end] += 1
    elif at >= 0 and not on:
        brink[UNITS, end] -= 1
        last = brink[UNITS, brink[UNITS, end]]
        brink[UNITS, at] = last
        brink[PLACE, last] = at
        brink[PLACE, one] = -1


@kernel
def weigh(
    one: int, b: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats, unit: Floats, sums: Floats,
    aim: Aim,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Say what giving unit `one` to cell b changes: costs of loads (before `force`), of shapes and borders, rims."""
    a = label[one]
    rim, own, other, cut = unit[one, OUTER], 0.0, 0.0, 0.0
    for e in range(start[one], start[one + 1]):
        cell, length = label[adjacent[e]], edge[e, LENGTH]
        rim += length
        if cell == a:
            own += length
            cut += edge[e, COST]
        elif cell == b:
            other += length
            cut -= edge[e, COST]
    da, db = 2 * own - rim, rim - 2 * other
    load, ground = unit[one, WEIGHT], unit[one, AREA]
    here, there = sums[a, HELD], sums[b, HELD]
    peak = load_cost(here - load, aim) + load_cost(there + load, aim) - load_cost(here, aim) - load_cost(there, aim)
    here, there, ra, rb = sums[a, LAND], sums[b, LAND], sums[a, RIM], sums[b, RIM]
    bend = bulge(ra + da, here - ground) + bulge(rb + db, there + ground) - bulge(ra, here) - bulge(rb, there)
    return peak, aim.shape * bend + aim.cut * cut / aim.scale, da, db


@kernel
def turn(one: int, b: int, label: Integers, unit: Floats, sums: Floats, da: float, db: float) -> None:
    """Give unit `one` to cell b; `da` and `db` change the rims of the cell it leaves and of b."""
    a = label[one]
    label[one] = b
    for column, change in ((HELD, unit[one, WEIGHT]), (LAND, unit[one, AREA]), (COUNT, 1.0)):
        sums[a, column] -= change
        sums[b, column] += change
    sums[a, RIM] += da
    sums[b, RIM] += db
