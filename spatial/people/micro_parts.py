"""Homes of one cell into parts of a micro cell's size: halved across, and cut anew in a row where that misses it.

Homes of one building stay together. The homes are halved across their longer side, by households, until every part is
near the target (recursive coordinate bisection; Berger and Bokhari 1987, doi:10.1109/TC.1987.1676942). Where a part
comes out too small or too large, the buildings are put in a row, along their longest side or along Hilbert's curve,
and cut at the best places there are (dynamic programming); the division that misses its sizes by the fewest households
is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from scipy.spatial import KDTree

from spatial.sums import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["CellHomes", "Sizes", "parted_homes"]


@dataclass(frozen=True)
class CellHomes:
    """Homes of one cell, sorted by id: coordinates, households, residents and the building of each."""

    ids: NDArray[np.object_]
    xy: Floats
    households: Floats
    residents: Floats
    building: Ints


@dataclass(frozen=True)
class Sizes:
    """Households of a micro cell: aimed at, and from half of that to five thirds of it (30 to 100 at 60)."""

    target: int

    @property
    def low(self) -> int:
        """Give the fewest."""
        return self.target // 2

    @property
    def high(self) -> int:
        """Give the most."""
        return self.target * 5 // 3

    def missed(self, held: Floats) -> Floats:
        """Give by how many households each part is too small or too large."""
        return np.maximum(np.maximum(self.low - held, held - self.high), 0.0)


def parted_homes(homes: CellHomes, sizes: Sizes) -> tuple[Ints, Ints]:
    """Label each home with its part; also give into how many stairwells each home is split (1 for most)."""
    towers = np.where(homes.households > sizes.high, np.rint(homes.households / sizes.target), 1).astype(np.int64)
    label = np.full(len(homes.ids), -1, dtype=np.int64)
    plain, tall = np.flatnonzero(towers == 1), np.flatnonzero(towers > 1)
    if len(tall) and homes.households[plain].sum() < sizes.low:  # too few for a part of their own: to the nearest tower
        label[tall] = np.arange(len(tall))
        if len(plain):
            label[plain] = KDTree(homes.xy[tall]).query(homes.xy[plain])[1]
        return label, towers
    if len(plain):
        label[plain] = _divided(homes, plain, sizes)
    label[tall] = label.max(initial=-1) + 1 + np.arange(len(tall))
    return label, towers


def _divided(homes: CellHomes, rows: Ints, sizes: Sizes) -> Ints:
    """Divide homes that are no towers, building by building."""
    unit = _units(homes, rows, sizes)
    weight = summed(unit, homes.households[rows], int(unit.max()) + 1)
    count = np.bincount(unit)
    xy = np.column_stack([np.bincount(unit, homes.xy[rows, axis]) / count for axis in (0, 1)])
    best = _halved(xy, weight, max(1, round(float(weight.sum()) / sizes.target)))
    missed = _missed(best, weight, sizes)
    if missed:
        for order in (_along(xy), _curve(xy)):
            row = _cut(weight[order], sizes)
            if (less := _missed(row, weight[order], sizes)) < missed:
                best, missed = row[np.argsort(order, kind="stable")], less
    return best[unit]


def _missed(label: Ints, weight: Floats, sizes: Sizes) -> float:
    """Add up by how many households the parts miss their size; hairs of rounding count for nothing."""
    return round(float(sizes.missed(summed(label, weight, int(label.max()) + 1)).sum()), 6)


def _units(homes: CellHomes, rows: Ints, sizes: Sizes) -> Ints:
    """Give each home the number of its building; one too large for a micro cell is parted along its own homes."""
    _, unit = np.unique(homes.building[rows], return_inverse=True)
    crowded = np.bincount(unit, homes.households[rows]) > sizes.high
    units: Ints = np.unique(np.where(crowded[unit], rows, -1 - unit), return_inverse=True)[1]
    return units


def _halved(xy: Floats, weight: Floats, parts: int) -> Ints:
    """Halve units across their longer side, by weight, into `parts` parts."""
    label = np.zeros(len(weight), dtype=np.int64)
    queue = [(np.arange(len(weight)), min(parts, len(weight)), 0)]
    while queue:
        members, count, first = queue.pop()
        if count == 1:
            label[members] = first
            continue
        left = count // 2
        order = members[_along(xy[members])]
        run = np.cumsum(weight[order])
        ideal = run[-1] * left / count
        cut = int(np.argmin(np.abs(run - ideal))) + 1
        cut = min(max(cut, left), len(order) - (count - left))
        queue += [(order[:cut], left, first), (order[cut:], count - left, first + left)]
    return label


def _along(xy: Floats) -> Ints:
    """Order points along the longest direction of their spread."""
    centred = xy - xy.mean(axis=0)
    spread = centred.T @ centred
    angle = 0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1])
    along = np.round(centred @ np.array([np.cos(angle), np.sin(angle)]), 3)
    return np.lexsort((xy[:, 1], xy[:, 0], along))


def _curve(xy: Floats) -> Ints:
    """Order points along Hilbert's curve, so that neighbours in the row are neighbours on the ground."""
    distance = gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1]).hilbert_distance().to_numpy()
    return np.lexsort((xy[:, 1], xy[:, 0], distance))


def _cut(weight: Floats, sizes: Sizes) -> Ints:
    """Cut a row of units into runs: off their size by the fewest households, then as near to the target as can be."""
    run = np.concatenate([[0.0], np.cumsum(weight)])
    best = np.full((len(run), 2), np.inf)
    best[0], back = 0.0, np.zeros(len(run), dtype=np.int64)
    for end in range(1, len(run)):
        start = np.arange(np.searchsorted(run, run[end] - 2 * sizes.high) if end > 1 else 0, end)
        start = start if len(start) else np.array([end - 1])
        held = run[end] - run[start]
        missed = best[start, 0] + sizes.missed(held)
        spread = best[start, 1] + (held - sizes.target) ** 2
        chosen = np.lexsort((spread, missed))[0]
        best[end], back[end] = (missed[chosen], spread[chosen]), start[chosen]
    cuts, end = [], len(weight)
    while end > 0:
        cuts.append(end := int(back[end]))
    return np.asarray(np.searchsorted(np.sort(cuts), np.arange(len(weight)), side="right") - 1, dtype=np.int64)
