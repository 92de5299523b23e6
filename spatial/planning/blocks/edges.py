"""The edges of a coverage: which straight pieces two areas share, and which lie outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.sums import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.types import Floats, Geometries, Integers

__all__ = ["Edges", "border_length", "coverage_edges", "near_length"]


@dataclass(frozen=True)
class Edges:
    """Straight pieces of the borders of areas: `left` and `right` are positions of areas, right is -1 outside."""

    left: Integers
    right: Integers
    start: Floats
    end: Floats

    @property
    def length(self) -> Floats:
        """Length of each piece, in the unit of the coordinates."""
        delta = self.end - self.start
        return np.hypot(delta[:, 0], delta[:, 1])

    @property
    def inner(self) -> NDArray[np.bool_]:
        """Whether a piece lies between two areas."""
        return self.right >= 0

    def take(self, rows: NDArray[np.bool_] | Integers) -> Edges:
        """Keep some of the pieces."""
        return Edges(self.left[rows], self.right[rows], self.start[rows], self.end[rows])


def coverage_edges(areas: Geometries) -> Edges:
    """Find the border pieces of a valid coverage by their identical end points.

    Empty input gives no pieces; where areas overlap by mistake only the first two of a piece are kept.
    """
    parts, area_of = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = area_of[part]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, area = xy[:-1][same], xy[1:][same], owner[ring[:-1][same]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    order = np.lexsort((area, high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    low, high, area = low[order], high[order], area[order]
    fresh = np.ones(len(low), bool)
    fresh[1:] = (low[1:] != low[:-1]).any(axis=1) | (high[1:] != high[:-1]).any(axis=1)
    first = np.flatnonzero(fresh)
    twice = np.diff(np.append(first, len(low))) >= 2
    right = np.full(len(first), -1, np.int64)
    right[twice] = area[first[twice] + 1]
    return Edges(area[first].astype(np.int64), right, low[first], high[first])


def border_length(edges: Edges, count: int) -> tuple[Integers, Floats, Floats]:
    """Add pieces up: pairs of areas (n, 2) with the length they share, and each area's outer length."""
    inner = edges.inner
    length = edges.length
    outer = summed(edges.left[~inner], length[~inner], count)
    key = np.minimum(edges.left, edges.right)[inner] * np.int64(count) + np.maximum(edges.left, edges.right)[inner]
    pairs, place = np.unique(key, return_inverse=True)
    shared = summed(place, length[inner], len(pairs))
    return np.column_stack([pairs // max(count, 1), pairs % max(count, 1)]).astype(np.int64), shared, outer


def near_length(edges: Edges, lines: Geometries, *, distance: float) -> Floats:
    """Measure how much of each border piece lies within `distance` of the lines.

    Exact: a piece whose ends are both near one straight piece of a line is near it all along (the
    neighbourhood of a straight piece is convex); what is left is cut with the neighbourhoods themselves.
    """
    length = edges.length
    near = np.zeros(len(length))
    if len(lines) == 0 or len(length) == 0:
        return near
    straight = _straight(lines)
    tree = shapely.STRtree(straight)
    pieces = np.asarray(shapely.linestrings(np.stack([edges.start, edges.end], axis=1)))
    piece, line = tree.query(pieces, predicate="dwithin", distance=distance)
    ends = [shapely.dwithin(shapely.points(xy[piece]), straight[line], distance) for xy in (edges.start, edges.end)]
    along = np.zeros(len(length), bool)
    along[piece[ends[0] & ends[1]]] = True
    near[along] = length[along]
    rest = ~along[piece]
    if rest.any():
        discs = np.asarray(shapely.buffer(straight[line[rest]], distance, quad_segs=16))
        groups, place = np.unique(piece[rest], return_inverse=True)
        parts = np.asarray(shapely.intersection(pieces[piece[rest]], discs))
        merged = np.empty(len(groups), object)
        alone = np.bincount(place) == 1
        merged[place[alone[place]]] = parts[alone[place]]
        for group in np.flatnonzero(~alone):
            merged[group] = shapely.union_all(parts[place == group])
        near[groups] = shapely.length(merged)
    return near


def _straight(lines: Geometries) -> Geometries:
    """Break lines into their straight pieces."""
    parts = shapely.get_parts(lines)
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    same = owner[1:] == owner[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1)))
