"""Search by moving border units from cell to cell: simulated annealing, then repair of the worst cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.partition.moves import draw, keeps_one_piece, keeps_out_holes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.blocks.types import Flags, Floats, Integers

__all__ = ["anneal", "energy_of"]

_SHAPE, _CUT, _PEAK = 0.1, 1.0, 0.1
"""Weights of perimeter squared over area, of border off barriers, and of deviations to the first power."""


@kernel
def energy_of(
    label: Integers,
    start: Integers,
    adjacent: Integers,
    length: Floats,
    cost: Floats,
    weight: Floats,
    area: Floats,
    outer: Floats,
    cells: int,
    slack: float,
    force: float,
) -> float:
    """Add up what a partition costs: deviations beyond `slack` times `force`, shape, and border off barriers."""
    held, land, rim, cut = _sums(label, start, adjacent, length, cost, weight, area, outer, cells)
    mean = max(weight.sum() / cells, 1e-12)
    total = _CUT * cut / np.sqrt(area.sum() * cells)
    for cell in range(cells):
        over = max(0.0, abs(held[cell] / mean - 1) - slack)
        total += force * (over * over + _PEAK * over) + _SHAPE * rim[cell] ** 2 / (4 * np.pi * land[cell])
    return total


@kernel
def anneal(
    label: Integers,
    start: Integers,
    adjacent: Integers,
    length: Floats,
    cost: Floats,
    open_: Flags,
    weight: Floats,
    area: Floats,
    outer: Floats,
    before: Integers,
    may_move: float,
    cells: int,
    slack: float,
    forces: Floats,
    heats: Floats,
    steps: int,
    state: NDArray[np.uint64],
) -> Integers:
    """Move border units for `steps` proposals and give the best partition seen.

    `forces` (from, to) weigh deviations, `heats` (from, to) the temperature. Cells stay one piece and enclose
    no other. At most `may_move` of weight leaves its `before` label (-1: had none).
    """
    size = len(label)
    label = label.copy()
    held, land, rim, cut = _sums(label, start, adjacent, length, cost, weight, area, outer, cells)
    count = np.zeros(cells, np.int64)
    moved = 0.0
    for i in range(size):
        count[label[i]] += 1
        if before[i] >= 0 and label[i] != before[i]:
            moved += weight[i]
    mean, scale = max(weight.sum() / cells, 1e-12), np.sqrt(area.sum() * cells)
    source = np.repeat(np.arange(size), start[1:] - start[:-1])
    mark, queue, stamp = np.zeros(size, np.int64), np.empty(size, np.int64), 1
    best, shape, off, peak = label.copy(), 0.0, 0.0, 0.0
    for cell in range(cells):
        shape += _SHAPE * rim[cell] ** 2 / (4 * np.pi * land[cell])
        over = max(0.0, abs(held[cell] / mean - 1) - slack)
        off += over * over + _PEAK * over
    shape += _CUT * cut / scale
    lowest = shape + forces[1] * off
    force, heat = forces[0], heats[0]
    if len(adjacent) == 0 or cells < 2:
        return best
    for step in range(steps):
        if step % 256 == 0:
            heat = heats[0] * (heats[1] / heats[0]) ** (step / steps)
            force = forces[0] * (forces[1] / forces[0]) ** min(1.0, step / (0.8 * steps))
        e = int(draw(state) * len(adjacent))
        unit, b = source[e], label[adjacent[e]]
        a = label[unit]
        if a == b or not open_[e] or count[a] < 2:
            continue
        da, db, dc = -outer[unit], outer[unit], 0.0
        for f in range(start[unit], start[unit + 1]):
            cell = label[adjacent[f]]
            if cell == a:
                da += length[f]
                db += length[f]
                dc += cost[f]
            else:
                da -= length[f]
                if cell == b:
                    db -= length[f]
                    dc -= cost[f]
                else:
                    db += length[f]
        peak = 0.0
        for sign, cell, change in ((1, a, -weight[unit]), (1, b, weight[unit]), (-1, a, 0.0), (-1, b, 0.0)):
            over = max(0.0, abs((held[cell] + change) / mean - 1) - slack)
            peak += sign * (over * over + _PEAK * over)
        bend = (rim[a] + da) ** 2 / (land[a] - area[unit]) + (rim[b] + db) ** 2 / (land[b] + area[unit])
        bend = _SHAPE / (4 * np.pi) * (bend - rim[a] ** 2 / land[a] - rim[b] ** 2 / land[b]) + _CUT * dc / scale
        gain = bend + force * peak
        if gain > 0 and draw(state) >= np.exp(-gain / heat):
            continue
        leaves = weight[unit] * (int(b != before[unit]) - int(a != before[unit])) if before[unit] >= 0 else 0.0
        if leaves > 0 and moved + leaves > may_move:
            continue
        stamp += 2
        if not keeps_one_piece(unit, a, label, start, adjacent, open_, mark, stamp, queue):
            continue
        if not keeps_out_holes(unit, b, label, start, adjacent, outer, mark, stamp + 1, queue):
            continue
        label[unit] = b
        held[a] -= weight[unit]
        held[b] += weight[unit]
        land[a] -= area[unit]
        land[b] += area[unit]
        rim[a] += da
        rim[b] += db
        count[a] -= 1
        count[b] += 1
        moved += leaves
        shape += bend
        off += peak
        if step > 0.7 * steps and shape + forces[1] * off < lowest - 1e-9:
            lowest = shape + forces[1] * off
            best[:] = label
    return best


@kernel
def _sums(
    label: Integers,
    start: Integers,
    adjacent: Integers,
    length: Floats,
    cost: Floats,
    weight: Floats,
    area: Floats,
    outer: Floats,
    cells: int,
) -> tuple[Floats, Floats, Floats, float]:
    held, land, rim, cut = np.zeros(cells), np.zeros(cells), np.zeros(cells), 0.0
    for i in range(len(label)):
        held[label[i]] += weight[i]
        land[label[i]] += area[i]
        rim[label[i]] += outer[i]
        for e in range(start[i], start[i + 1]):
            if label[adjacent[e]] != label[i]:
                rim[label[i]] += length[e]
                cut += 0.5 * cost[e]
    return held, land, rim, cut
