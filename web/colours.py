"""Five colours for cells, so that no two that touch are alike.

Saturation order (Brélaz, doi:10.1145/359094.359101) with a tabu repair (Hertz and de Werra,
doi:10.1007/BF02239976) where the greedy pass needs a sixth colour. Touching at a corner counts too; where that
cannot be had with five, cells that share a border still always differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["COLOURS", "five_colours", "touching"]

COLOURS = ("#f2df83", "#a6e6cf", "#9db5d0", "#ee9a86", "#bf9be8")
"""Five pastels that stay apart for every kind of colour vision, with dark ink readable on all of them."""

_GAP_DEG = 1e-9


def touching(areas: NDArray[np.object_] | Sequence[object]) -> NDArray[np.int64]:
    """Pairs of areas that share a border or a corner, each once, as rows of two positions, smaller first."""
    geometries = np.asarray(areas, dtype=object)
    tree = shapely.STRtree(geometries)
    left, right = tree.query(geometries, predicate="dwithin", distance=_GAP_DEG)
    once = left < right
    return np.column_stack([left[once], right[once]]).astype(np.int64)


def five_colours(areas: NDArray[np.object_] | Sequence[object]) -> NDArray[np.int64]:
    """Colour (0-4) of every area; those that touch never have the same.

    >>> cells = shapely.box([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 1, 2], [1, 1, 2, 2])
    >>> sorted(five_colours(cells).tolist())
    [0, 1, 2, 3]
    """
    geometries = np.asarray(areas, dtype=object)
    pairs = touching(geometries)
    colours = _repaired(_greedy(_neighbours(pairs, len(geometries))), pairs)
    if _clashes(colours, pairs).any():
        border = shapely.length(shapely.intersection(geometries[pairs[:, 0]], geometries[pairs[:, 1]])) > 0
        colours = _repaired(_greedy(_neighbours(pairs[border], len(geometries))), pairs[border])
    return colours


def _neighbours(pairs: NDArray[np.int64], count: int) -> list[list[int]]:
    """For every area the areas it touches."""
    beside: list[list[int]] = [[] for _ in range(count)]
    for left, right in pairs.tolist():
        beside[left].append(right)
        beside[right].append(left)
    return beside


def _greedy(beside: list[list[int]]) -> NDArray[np.int64]:
    """Colour the most constrained area first; among free colours take the one used least so far."""
    count = len(beside)
    colours = np.full(count, -1, dtype=np.int64)
    seen: list[set[int]] = [set() for _ in range(count)]
    saturation = np.zeros(count)
    order = np.array([len(near) for near in beside]) / (count + 1.0)
    used = [0] * len(COLOURS)
    for _ in range(count):
        here = int(np.argmax(np.where(colours < 0, saturation + order, -1.0)))
        free = [colour for colour in range(len(COLOURS)) if colour not in seen[here]] or list(range(len(COLOURS)))
        colour = min(free, key=lambda one: (used[one], one))
        colours[here] = colour
        used[colour] += 1
        for near in beside[here]:
            seen[near].add(colour)
            saturation[near] = len(seen[near])
    return colours


def _clashes(colours: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs whose two areas are coloured alike."""
    alike: NDArray[np.bool_] = colours[pairs[:, 0]] == colours[pairs[:, 1]]
    return alike


def _repaired(colours: NDArray[np.int64], pairs: NDArray[np.int64], rounds: int = 20_000) -> NDArray[np.int64]:
    """Move single areas to other colours until no pair clashes, or the rounds are used up."""
    if not _clashes(colours, pairs).any():
        return colours
    beside = _neighbours(pairs, len(colours))
    costs = np.zeros((len(colours), len(COLOURS)), dtype=np.int64)
    for left, right in pairs.tolist():
        costs[left, colours[right]] += 1
        costs[right, colours[left]] += 1
    colours, until = colours.copy(), np.zeros_like(costs)
    own = np.arange(len(colours))
    for turn in range(rounds):
        bad = np.flatnonzero(costs[own, colours] > 0)
        if not len(bad):
            break
        gain = costs[bad] - costs[bad, colours[bad]][:, None]
        gain = np.where((until[bad] > turn) | (np.arange(len(COLOURS)) == colours[bad][:, None]), 99, gain)
        row, new = np.unravel_index(int(np.argmin(gain)), gain.shape)
        here = int(bad[row])
        old, colours[here] = int(colours[here]), new
        until[here, old] = turn + 7 + len(bad) + turn % 5
        for near in beside[here]:
            costs[near, old] -= 1
            costs[near, new] += 1
    return colours
