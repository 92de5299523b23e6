"""What the search works on, as few arrays: units and their borders, what is aimed at, and sums by cell.

The kernels that propose and weigh single moves take these arrays one by one: handing a tuple of arrays to a function
that is called a million times costs more than what the function does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Integers

__all__ = [
    "AREA", "COST", "COUNT", "HELD", "LAND", "LENGTH", "OPEN", "OUTER", "RIM", "WEIGHT",
    "Aim", "Net", "Stay", "bulge", "cell_cost", "energy_of", "excess", "load_cost", "sums_of",
]  # fmt: skip

LENGTH, COST, OPEN = 0, 1, 2
"""Columns of `Net.edge`: border in metres, the part of it off barriers, and 1.0 where a cell may cross it."""
WEIGHT, AREA, OUTER = 0, 1, 2
"""Columns of `Net.unit`: what is balanced, land, and border to the outside."""
HELD, LAND, RIM, COUNT = 0, 1, 2, 3
"""Columns of sums by cell: weight, land, perimeter, and number of units."""
_PEAK, _EVEN = 0.1, 3e-4
"""Weights of loads beyond the limits, and of loads within them that are not even, beside squares beyond the limits."""
_THIN, _WORST = 2.5, 0.15
"""Beyond this ratio of perimeter squared to that of a circle, a cell costs by the square as well, at this weight."""


class Net(NamedTuple):
    """Units joined by borders, in compressed rows as in `Graph`; `source` is the unit each border starts from."""

    start: Integers
    source: Integers
    adjacent: Integers
    edge: Floats
    unit: Floats


class Aim(NamedTuple):
    """What a search aims at: `cells` cells whose loads lie from `low` to `high`, and what everything else costs.

    `mean` scales loads beyond these limits, `force` weighs them, `shape` weighs `bulge`, `cut`
    the border off barriers in multiples of `scale`, which is a length.
    """

    cells: int
    mean: float
    low: float
    high: float
    force: float
    shape: float
    cut: float
    scale: float


class Stay(NamedTuple):
    """Cells of an earlier plan by unit (-1: none), and how much weight may leave them."""

    before: Integers
    may_move: float


@kernel
def excess(load: float, aim: Aim) -> float:
    """Say how far a load lies beyond the limits, as a share of the mean."""
    return float(max(0.0, load - aim.high, aim.low - load) / aim.mean)


@kernel
def load_cost(load: float, aim: Aim) -> float:
    """Say what a load costs, before `force`: squared and a little plain beyond the limits, next to nothing within."""
    over = max(0.0, load - aim.high, aim.low - load) / aim.mean
    return over * over + _PEAK * over + _EVEN * abs(load - 0.5 * (aim.low + aim.high)) / aim.mean


@kernel
def bulge(rim: float, land: float) -> float:
    """Say how far a cell is from a circle: 1 / Polsby-Popper, and more for what is long and thin."""
    ratio = rim * rim / (4 * np.pi * land)
    over = max(0.0, ratio - _THIN)
    return ratio + _WORST * over * over


@kernel
def cell_cost(held: float, land: float, rim: float, aim: Aim) -> float:
    """Say what one cell costs but for its border off barriers: its load beyond the limits, and its shape."""
    return float(aim.force * load_cost(held, aim) + aim.shape * bulge(rim, land))


@kernel
def sums_of(label: Integers, net: Net, cells: int) -> tuple[Floats, float]:
    """Add up by cell weight, land, rim and units; and all border off barriers."""
    sums, cut = np.zeros((cells, 4)), 0.0
    start, adjacent, edge, unit = net.start, net.adjacent, net.edge, net.unit
    for i in range(len(label)):
        cell = label[i]
        sums[cell, HELD] += unit[i, WEIGHT]
        sums[cell, LAND] += unit[i, AREA]
        sums[cell, RIM] += unit[i, OUTER]
        sums[cell, COUNT] += 1.0
        for e in range(start[i], start[i + 1]):
            if label[adjacent[e]] != cell:
                sums[cell, RIM] += edge[e, LENGTH]
                cut += 0.5 * edge[e, COST]
    return sums, cut


@kernel
def energy_of(label: Integers, net: Net, aim: Aim) -> float:
    """Add up what a partition costs: loads beyond the limits, shape, and border off barriers."""
    sums, cut = sums_of(label, net, aim.cells)
    total = aim.cut * cut / aim.scale
    for cell in range(aim.cells):
        total += cell_cost(sums[cell, HELD], sums[cell, LAND], sums[cell, RIM], aim)
    return float(total)
