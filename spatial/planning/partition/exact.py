"""The most even partition of a small graph, found and proven by going through all that could be more even.

Cells are built one after another, each from the first unit that is left, as connected sets whose load lies within the
best deviation known; sets that leave a remainder nobody can share out are cut off early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.moves import encloses
from spatial.planning.partition.net import OPEN, WEIGHT

if TYPE_CHECKING:
    from spatial.planning.partition.net import Net
    from spatial.planning.types import Floats, Integers

__all__ = ["MOST_UNITS", "most_even"]

MOST_UNITS = 60
"""Sets of units are the bits of one number."""
_SLACK = 1e-9


@kernel
def most_even(label: Integers, net: Net, cells: int, mean: float, most_nodes: int) -> tuple[Integers, bool]:
    """Give the partition with the least largest deviation from `mean`, and whether that is proven.

    `label` is a partition to do better than. Without proof after `most_nodes` sets, the best seen is given. Cells are
    one piece over open borders and enclose no other.
    """
    best, size = label.copy(), len(label)
    near, load = _bits_of(net)
    held = np.zeros(cells)
    for i in range(size):
        held[label[i]] += load[i]
    worst = np.max(np.abs(held - mean))
    masks, queue = np.zeros(cells, np.int64), np.empty(size, np.int64)
    stack, top = np.empty((4 * size * cells + 8, 5), np.int64), 0  # level, units left, the set, its fringe, left out
    stack[0] = (0, (1 << size) - 1, 1, near[0], 0)
    top = 1
    for _ in range(most_nodes):
        if top == 0:
            return best, True
        top -= 1
        level, free, taken, fringe, out = stack[top]
        low, high = mean - worst + _SLACK * mean, mean + worst - _SLACK * mean
        weight, rest = _load(taken, load), free & ~taken
        if weight > high or weight + _load(rest & ~out, load) < low or _stranded(rest, out, near, load, low):
            continue
        if fringe != 0:
            one = fringe & -fringe
            stack[top] = (level, free, taken, fringe & ~one, out | one)
            wider = (fringe | near[_place(one)]) & free & ~taken & ~one & ~out
            stack[top + 1] = (level, free, taken | one, wider, out)
            top += 2
        if weight < low or rest == 0:
            continue
        masks[level] = taken
        if level < cells - 2:
            if _shareable(rest, cells - 1 - level, near, load, low, high):
                first = rest & -rest
                stack[top] = (level + 1, rest, first, near[_place(first)] & rest, 0)
                top += 1
        elif low <= _load(rest, load) <= high and _grown(rest & -rest, rest, near) == rest:
            masks[cells - 1] = rest
            trial = _labels(masks, cells, size)
            if not _encloses_any(trial, net, cells, queue):
                best = trial
                worst = 0.0
                for cell in range(cells):
                    worst = max(worst, abs(_load(masks[cell], load) - mean))
    return best, top == 0


@kernel
def _bits_of(net: Net) -> tuple[Integers, Floats]:
    """Give the open neighbours of each unit as bits, and its load."""
    size = len(net.unit)
    near = np.zeros(size, np.int64)
    for i in range(size):
        for e in range(net.start[i], net.start[i + 1]):
            if net.edge[e, OPEN] > 0:
                near[i] |= 1 << net.adjacent[e]
    return near, net.unit[:, WEIGHT].copy()


@kernel
def _place(bit: int) -> int:
    place = 0
    while bit > 1:
        bit >>= 1
        place += 1
    return place


@kernel
def _load(units: int, load: Floats) -> float:
    total, place = 0.0, 0
    while units != 0:
        if units & 1:
            total += load[place]
        units >>= 1
        place += 1
    return total


@kernel
def _grown(seed: int, within: int, near: Integers) -> int:
    """Give the units of `within` that hang together with `seed`."""
    reached, edge = seed, seed
    while edge != 0:
        bit = edge & -edge
        edge &= ~bit
        more = near[_place(bit)] & within & ~reached
        reached |= more
        edge |= more
    return reached


@kernel
def _stranded(rest: int, out: int, near: Integers, load: Floats, low: float) -> bool:
    """Tell whether units left out of a set hang together with too little for a cell of their own."""
    while out != 0:
        group = _grown(out & -out, rest, near)
        if _load(group, load) < low:
            return True
        out &= ~group
    return False


@kernel
def _shareable(rest: int, cells: int, near: Integers, load: Floats, low: float, high: float) -> bool:
    """Tell whether every connected group of `rest` could be a whole number of cells, `cells` in all."""
    fewest, most = 0, 0
    while rest != 0:
        group = _grown(rest & -rest, rest, near)
        rest &= ~group
        total = _load(group, load)
        least = max(1, int(np.ceil(total / high - _SLACK)))
        largest = cells if low <= 0 else int(np.floor(total / low + _SLACK))
        if least > largest:
            return False
        fewest += least
        most += largest
    return fewest <= cells <= most


@kernel
def _labels(masks: Integers, cells: int, size: int) -> Integers:
    label = np.zeros(size, np.int64)
    for cell in range(cells):
        for i in range(size):
            if (masks[cell] >> i) & 1:
                label[i] = cell
    return label


@kernel
def _encloses_any(label: Integers, net: Net, cells: int, queue: Integers) -> bool:
    for cell in range(cells):  # noqa: SIM110 -- kernels know no generators
        if encloses(cell, label, net, queue):
            return True
    return False
