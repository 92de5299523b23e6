"""Search by moving border units from cell to cell: simulated annealing, then repair of the worst cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.moves import draw, fits, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.blocks.types import Flags, Floats, Integers

__all__ = ["SHAPE", "anneal", "border_figures", "energy_of", "excess_cost"]

SHAPE, _CUT, _PEAK = 0.1, 1.0, 0.1
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
    held, land, rim, cut = border_figures(label, start, adjacent, length, cost, weight, area, outer, cells)
    mean = max(weight.sum() / cells, 1e-12)
    total = float(_CUT * cut / np.sqrt(area.sum() * cells))
    for cell in range(cells):
        total += force * excess_cost(held[cell] / mean, slack) + SHAPE * rim[cell] ** 2 / (4 * np.pi * land[cell])
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

    `forces` (from, to) weigh deviations, `heats` the temperature; `may_move` of weight may leave its `before` label.
    """
    label, best = label.copy(), label.copy()
    held, land, rim, _ = border_figures(label, start, adjacent, length, cost, weight, area, outer, cells)
    count = np.bincount(label, minlength=cells)
    moved = np.sum(weight[(before >= 0) & (label != before)])
    mean, scale = max(weight.sum() / cells, 1e-12), np.sqrt(area.sum() * cells)
    source = np.repeat(np.arange(len(label)), start[1:] - start[:-1])
    mark, queue, stamp = np.zeros(len(label), np.int64), np.empty(len(label), np.int64), 1
    true, lowest, force, heat = 0.0, 0.0, forces[0], heats[0]  # energies under the final force, the start's is zero
    for step in range(steps if cells > 1 and len(adjacent) > 0 else 0):
        if step % 256 == 0:
            heat, force = _between(heats, step / steps), _between(forces, min(1.0, step / (0.8 * steps)))
        e = int(draw(state) * len(adjacent))
        unit, b = source[e], label[adjacent[e]]
        a = label[unit]
        if a == b or not open_[e] or count[a] < 2:
            continue
        da, db, dc = _rims(unit, a, b, label, start, adjacent, length, cost, outer)
        peak = _peak(held, a, b, weight[unit], mean, slack)
        bend = _bend(rim, land, a, b, da, db, area[unit]) + _CUT * dc / scale
        gain = bend + force * peak
        if gain > 0 and draw(state) >= np.exp(-gain / heat):
            continue
        stamp, leaves = stamp + 2, shifted(unit, a, b, before, weight)
        allowed = leaves <= 0 or moved + leaves <= may_move
        if not allowed or not fits(unit, a, b, label, start, adjacent, open_, outer, mark, stamp, queue):
            continue
        label[unit] = b
        _carry(unit, a, b, weight, held)
        _carry(unit, a, b, area, land)
        rim[a], rim[b] = rim[a] + da, rim[b] + db
        count[a], count[b] = count[a] - 1, count[b] + 1
        moved += leaves
        true += bend + forces[1] * peak
        if step > 0.7 * steps and true < lowest - 1e-9:
            lowest = true
            best[:] = label
    return best


@kernel
def _between(ends: Floats, share: float) -> float:
    """Go from the first of two figures to the second by equal factors."""
    return float(ends[0] * (ends[1] / ends[0]) ** share)


@kernel
def _carry(unit: int, a: int, b: int, amount: Floats, sums: Floats) -> None:
    sums[a] -= amount[unit]
    sums[b] += amount[unit]


@kernel
def _bend(rim: Floats, land: Floats, a: int, b: int, da: float, db: float, ground: float) -> float:
    """Change of what the shapes cost when `ground` goes from a to b and their rims change by da and db."""
    new = (rim[a] + da) ** 2 / (land[a] - ground) + (rim[b] + db) ** 2 / (land[b] + ground)
    return float(SHAPE / (4 * np.pi) * (new - rim[a] ** 2 / land[a] - rim[b] ** 2 / land[b]))


@kernel
def _rims(
    unit: int,
    a: int,
    b: int,
    label: Integers,
    start: Integers,
    adjacent: Integers,
    length: Floats,
    cost: Floats,
    outer: Floats,
) -> tuple[float, float, float]:
    """Change of the rims of a and b, and of all border off barriers, when `unit` goes from a to b."""
    da, db, dc = -outer[unit], outer[unit], 0.0
    for e in range(start[unit], start[unit + 1]):
        cell = label[adjacent[e]]
        if cell == a:
            da += length[e]
            db += length[e]
            dc += cost[e]
        else:
            da -= length[e]
            if cell == b:
                db -= length[e]
                dc -= cost[e]
            else:
                db += length[e]
    return da, db, dc


@kernel
def _peak(held: Floats, a: int, b: int, load: float, mean: float, slack: float) -> float:
    """Change of what deviations cost when `load` goes from a to b."""
    change = 0.0
    for sign, value in ((1, held[a] - load), (1, held[b] + load), (-1, held[a]), (-1, held[b])):
        change += sign * excess_cost(value / mean, slack)
    return change


@kernel
def excess_cost(share: float, slack: float) -> float:
    """Say what a cell with `share` of the mean costs: its deviation beyond `slack`, squared and a little plain."""
    over = max(0.0, abs(share - 1) - slack)
    return over * over + _PEAK * over


@kernel
def border_figures(
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
    """Add up by cell the weight, the land and the rim, and all border off barriers."""
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
