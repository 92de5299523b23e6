"""Lower bounds on the largest deviation of a village's cells, whatever a search does: what forces it, and by how much.

Loads are given in mean cells throughout, so 1.0 is a cell as it should be.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.planning.partition.exact import MOST_UNITS, most_even
from spatial.planning.partition.graph import make_graph

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Integers

__all__ = ["coarse_bound", "part_bound", "pocket_bound", "whole_bound"]

_NODES = 60_000
"""Sets of units looked at for a proof."""
_FINE = 1e-4
"""Step to which bounds that are found by trial are known; they are rounded down."""


def part_bound(loads: Floats, cells: int) -> float:
    """Bound the deviation where parts that no cell may span hold these loads.

    A part of load L in k cells holds a cell at least abs(L / k - 1) off. The bound is the least t for which every
    part finds a whole k within t and the counts can add up to `cells`, whichever way they are shared out.
    """
    if len(loads) < 2:
        return 0.0
    tries = np.unique(np.abs(loads[:, None] / np.arange(1, cells + 1) - 1))
    for share in tries:
        fewest = np.maximum(np.ceil(loads / (1 + share) - 1e-9), 1)
        most = np.full(len(loads), float(cells)) if share >= 1 else np.floor(loads / (1 - share) + 1e-9)
        if (fewest <= most).all() and fewest.sum() <= cells <= most.sum():
            return float(share)
    return float(tries[-1])


def whole_bound(loads: Floats, mean: float) -> float:
    """Bound the deviation where loads are whole numbers, `mean` of them to a cell: no cell can hold a fraction."""
    if mean <= 0 or not np.allclose(loads * mean, np.round(loads * mean), rtol=0, atol=1e-6):
        return 0.0
    mean = round(mean, 9)
    return float(max(np.ceil(mean) - mean, mean - np.floor(mean)) / mean)


def pocket_bound(loads: Floats, pairs: Integers) -> tuple[float, int]:
    """Bound the deviation behind a unit without which others are cut off; gives that unit too, or -1.

    `pairs` are the borders a cell may cross. Every cell but that of the unit lies wholly within one of the groups that
    are left when the unit is taken away; what is left over in each group after whole cells goes with the unit.
    """
    best, forced_by = 0.0, -1
    for unit, behind in _pockets(len(loads), np.ascontiguousarray(pairs, np.int64).tobytes()):
        held = np.bincount(behind[behind >= 0], loads[behind >= 0]).astype(np.float64)
        held = held[held > 0]
        if _fits(float(loads[unit]), held, best):
            continue
        low, high = best, max(1.0, float(loads.sum()))
        while high - low > _FINE:
            middle = (low + high) / 2
            low, high = (low, middle) if _fits(float(loads[unit]), held, middle) else (middle, high)
        best, forced_by = low, unit
    return best, forced_by


@lru_cache(maxsize=16)  # a village is bounded for many numbers of cells
def _pockets(count: int, pairs_bytes: bytes) -> list[tuple[int, Integers]]:
    """Give each unit without which others are cut off, and the group that every other unit of its part is then in."""
    pairs = np.frombuffer(pairs_bytes, np.int64).reshape(-1, 2)
    _, part = connected_components(
        coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (count, count)), directed=False
    )
    found = []
    for unit in _separators(count, pairs):
        kept = (pairs != unit).all(axis=1)
        links = coo_array((np.ones(kept.sum()), (pairs[kept, 0], pairs[kept, 1])), (count, count))
        group = connected_components(links, directed=False)[1]
        others = (part == part[unit]) & (np.arange(count) != unit)
        found.append((unit, np.where(others, group, -1).astype(np.int64)))
    return found


def coarse_bound(loads: Floats, pairs: Integers, label: Integers, cells: int) -> float:
    """Bound the deviation by going through all ways of putting units with people together; 0 without a proof.

    Units without people join all that touch them, for every cell at once: what is then most even, no plan can beat.
    `label` is the plan that was found.
    """
    peopled = np.flatnonzero(loads > 0)
    if len(peopled) > MOST_UNITS or len(peopled) < cells or len(np.unique(label[peopled])) < cells:
        return 0.0
    links = np.unique(_over_empty(loads, pairs), axis=0)
    ones = np.ones(len(peopled))
    graph = make_graph(
        links, np.ones(len(links)), np.zeros(len(links)), np.ones(len(links), bool),
        weight=loads[peopled], area=ones, outer=ones, xy=np.zeros((len(peopled), 2)),
    )  # fmt: skip
    best, proven = most_even(label[peopled].astype(np.int64), graph.net, cells, 1.0, _NODES)
    return float(np.abs(np.bincount(best, loads[peopled], cells) - 1).max()) if proven else 0.0


def _over_empty(loads: Floats, pairs: Integers) -> Integers:
    """Give the pairs of peopled units, numbered anew, that touch or have an empty stretch between them."""
    count, full = len(loads), loads > 0
    place = np.cumsum(full) - 1
    bare = pairs[~full[pairs].any(axis=1)]
    _, stretch = connected_components(
        coo_array((np.ones(len(bare)), (bare[:, 0], bare[:, 1])), (count, count)), directed=False
    )
    found = [place[pairs[full[pairs].all(axis=1)]]]
    both = np.vstack([pairs, pairs[:, ::-1]])
    shores = np.unique(both[full[both[:, 0]] & ~full[both[:, 1]]], axis=0)
    for number in np.unique(stretch[shores[:, 1]]):
        shore = np.unique(place[shores[stretch[shores[:, 1]] == number, 0]])
        one, two = np.triu_indices(len(shore), 1)
        found.append(np.column_stack([shore[one], shore[two]]))
    return np.vstack(found).astype(np.int64)


def _fits(load: float, groups: Floats, share: float) -> bool:
    """Tell whether a unit and what must go with it can stay within `share` of a mean cell."""
    whole = np.full(len(groups), np.inf) if share >= 1 else np.floor(groups / (1 - share) + 1e-9)
    return load + float(np.maximum(0.0, groups - whole * (1 + share)).sum()) <= 1 + share + 1e-9


def _separators(count: int, pairs: Integers) -> list[int]:
    """Find the units without which others are cut off (Tarjan 1972, doi:10.1137/0201010)."""
    near: list[list[int]] = [[] for _ in range(count)]
    for one, two in pairs.tolist():
        near[one].append(two)
        near[two].append(one)
    met, low, found, clock = [-1] * count, [0] * count, set(), 0
    for root in range(count):
        if met[root] >= 0:
            continue
        path, branches = [(root, -1, iter(near[root]))], 0
        met[root] = low[root] = clock
        clock += 1
        while path:
            here, above, rest = path[-1]
            for other in rest:
                if met[other] < 0:
                    met[other] = low[other] = clock
                    clock += 1
                    path.append((other, here, iter(near[other])))
                    break
                if other != above:
                    low[here] = min(low[here], met[other])
            else:
                path.pop()
                if above >= 0:
                    low[above] = min(low[above], low[here])
                    if above == root:
                        branches += 1
                    elif low[here] >= met[above]:
                        found.add(above)
        if branches > 1:
            found.add(root)
    return sorted(found)
