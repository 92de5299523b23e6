"""Corridors (连): main roads along which whoever drives is seen again and again, not once.

A point of a main road lies in line when, along main roads, it is at most 500 m from a point that a working camera
sees: between two sightings nobody is lost for more than a kilometre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.coverage.ground.interest import Roads

__all__ = ["IN_LINE_M", "MAIN_CLASSES", "in_line"]

MAIN_CLASSES = ("motorway", "national", "provincial", "county")
IN_LINE_M = 500.0
_NODE_M = 1.0


def in_line(roads: Roads, seen: Flags) -> Flags:
    """Tell which samples of main roads lie within 500 m, along main roads, of one that is seen; others are False.

    Roads join where a line ends within a metre of the end of another; a junction inside a line is joined where the
    other line ends on it.
    """
    answer = np.zeros(len(seen), bool)
    mine = np.flatnonzero(np.isin(roads.classes[roads.sample_road], MAIN_CLASSES))
    start = seen[mine]
    if not start.any():
        return answer
    line, length = roads.sample_road[mine], roads.samples[mine, 2]
    follows = np.flatnonzero(line[1:] == line[:-1])
    step = (length[follows] + length[follows + 1]) / 2
    one, two, gap = _joints(roads, mine)
    rows = (np.r_[step, gap], (np.r_[follows, one], np.r_[follows + 1, two]))
    graph = csr_array(rows, shape=(len(mine), len(mine)))
    near = dijkstra(graph, directed=False, indices=np.flatnonzero(start), min_only=True, limit=IN_LINE_M)
    answer[mine] = np.isfinite(near)
    return answer


def _joints(roads: Roads, mine: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs of samples that lie beside a common joint: the last of a line and what it ends on."""
    line = roads.sample_road[mine]
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    last = np.r_[first[1:] - 1, len(line) - 1]
    lines = roads.lines[line[first]]
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
    sample = np.r_[first, last]
    other, this = shapely.STRtree(lines).query(shapely.points(ends), predicate="dwithin", distance=_NODE_M)[::-1]
    apart = other != this % len(first)
    this, other = this[apart], other[apart]
    tree = KDTree(roads.samples[mine, :2])
    reach = _NODE_M + roads.samples[:, 2].max(initial=0.0)
    found = []
    for end, touched in zip(this, other, strict=True):
        near = np.asarray(tree.query_ball_point(ends[end], reach), dtype=np.int64)
        near = near[(near >= first[touched]) & (near <= last[touched])]
        if len(near):
            found.append((sample[end], near[np.argmin(np.hypot(*(roads.samples[mine[near], :2] - ends[end]).T))]))
    pairs = np.unique(np.array(found, dtype=np.int64).reshape(-1, 2), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    gap = np.hypot(*(roads.samples[mine[pairs[:, 0]], :2] - roads.samples[mine[pairs[:, 1]], :2]).T)
    return pairs[:, 0], pairs[:, 1], np.maximum(gap, 1e-6)
