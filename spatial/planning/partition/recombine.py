"""Search by joining two neighbouring cells and parting them anew along a random spanning tree.

Single units that hold much of a cell (hamlets, towers) cannot move one by one; a tree weighs every way of parting at
once (recombination: DeFord, Duchin, Solomon 2021, doi:10.1162/99608f92.eb30390f; trees: Wilson 1996,
doi:10.1145/237814.237880).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.moves import draw, encloses
from spatial.planning.partition.net import AREA, COST, LENGTH, OPEN, OUTER, WEIGHT, cell_cost, load_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.net import Aim, Net
    from spatial.planning.types import Floats, Integers

__all__ = ["recombine"]


@kernel
def recombine(
    label: Integers, net: Net, aim: Aim, heat: float, cold: float, rounds: int, state: NDArray[np.uint64]
) -> Integers:
    """Join and part pairs of cells `rounds` times and give the best partition seen.

    The temperature goes from `heat` to `cold`. Cells are one piece and enclose no other.
    """
    label, best = label.copy(), label.copy()
    parent, order = np.full(len(label), -1), np.empty(len(label), np.int64)
    below, trial = np.zeros(len(label)), label.copy()
    energy, lowest = 0.0, 0.0
    for step in range(rounds if len(net.adjacent) > 0 else 0):
        e = int(draw(state) * len(net.adjacent))
        a, b = label[net.source[e]], label[net.adjacent[e]]
        if a == b or net.edge[e, OPEN] == 0:
            continue
        now_heat = heat * (cold / heat) ** (step / rounds)
        size = _tree(net.source[e], a, b, label, net, parent, order, state)
        if size < 0:
            continue
        cut = _lightest_cut(size, order, parent, net.unit, below, aim, state)
        if cut < 0:
            continue
        trial[:] = label
        _part(cut, size, order, parent, trial, a, b)
        gain = _pair(trial, a, b, order[:size], net, aim) - _pair(label, a, b, order[:size], net, aim)
        if gain > 0 and draw(state) >= np.exp(-gain / now_heat):
            continue
        if encloses(a, trial, net, order) or encloses(b, trial, net, order):
            continue
        label[:] = trial
        energy += gain
        if energy < lowest - 1e-9:
            lowest = energy
            best[:] = label
    return best


@kernel
def _tree(
    root: int, a: int, b: int, label: Integers, net: Net, parent: Integers, order: Integers, state: NDArray[np.uint64]
) -> int:
    """Grow a uniform spanning tree over cells a and b; `order` lists units, each after its parent. Gives their count.

    Walks at random from each unit until the tree is met; loops fall away as a later step overwrites an earlier one.
    Gives -1 where a walk goes on too long, as it must if a unit has no open border inside the two cells.
    """
    start, adjacent, edge = net.start, net.adjacent, net.edge
    left = 1000 * len(label) + 10_000
    for i in range(len(label)):
        parent[i] = -2
    parent[root] = -1
    order[0], size = root, 1
    for i in range(len(label)):
        if (label[i] != a and label[i] != b) or parent[i] >= -1:
            continue
        here = i
        while parent[here] < -1:
            left -= 1
            if left < 0:
                return -1
            pick = start[here] + int(draw(state) * (start[here + 1] - start[here]))
            other = adjacent[pick]
            if edge[pick, OPEN] == 0 or (label[other] != a and label[other] != b):
                continue
            parent[here] = -3 - other
            here = other
        here, first = i, size
        while parent[here] <= -3:
            order[size] = here
            size += 1
            parent[here] = -3 - parent[here]
            here = parent[here]
        order[first:size] = order[first:size][::-1].copy()
    return size


@kernel
def _lightest_cut(
    size: int, order: Integers, parent: Integers, unit: Floats, below: Floats, aim: Aim, state: NDArray[np.uint64]
) -> int:
    """Find the unit above which a cut leaves the two sides cheapest by load; one of equals at random."""
    for k in range(size):
        below[order[k]] = unit[order[k], WEIGHT]
    for k in range(size - 1, 0, -1):
        below[parent[order[k]]] += below[order[k]]
    total, best, lowest, equals = below[order[0]], -1, 1e300, 0
    for k in range(1, size):
        part = below[order[k]]
        uneven = load_cost(part, aim) + load_cost(total - part, aim)
        if uneven < lowest - 1e-12:
            best, lowest, equals = order[k], uneven, 1
        elif uneven <= lowest + 1e-12:
            equals += 1
            if draw(state) * equals < 1:
                best = order[k]
    return best


@kernel
def _part(cut: int, size: int, order: Integers, parent: Integers, label: Integers, a: int, b: int) -> None:
    """Give the units below `cut` to b and the others to a."""
    for k in range(size):
        unit = order[k]
        label[unit] = a
        if unit == cut or (parent[unit] >= 0 and label[parent[unit]] == b):
            label[unit] = b


@kernel
def _pair(label: Integers, a: int, b: int, units: Integers, net: Net, aim: Aim) -> float:
    """Add up what two cells cost: loads, shape, and the border between them off barriers."""
    held, land, rim, cut = np.zeros(2), np.zeros(2), np.zeros(2), 0.0
    start, adjacent, edge, unit = net.start, net.adjacent, net.edge, net.unit
    for one in units:
        side = int(label[one] == b)
        held[side] += unit[one, WEIGHT]
        land[side] += unit[one, AREA]
        rim[side] += unit[one, OUTER]
        for e in range(start[one], start[one + 1]):
            cell = label[adjacent[e]]
            if cell != label[one]:
                rim[side] += edge[e, LENGTH]
                if cell in (a, b):
                    cut += 0.5 * edge[e, COST]
    total = aim.cut * cut / aim.scale
    for side in range(2):
        total += cell_cost(held[side], land[side], rim[side], aim)
    return total
