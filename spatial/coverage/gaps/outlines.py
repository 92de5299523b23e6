"""Outlines of blind areas: along the blocks of the raster, without the houses in them, and as large as was counted.

Outlines follow the blocks, around holes of 50 m² and more besides houses, and are smoothed to within about a block;
footprints are cut out; then each is moved in or out by some centimetres until its area is the counted one, to a
thousandth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.coverage.ground.drawing import BLOCKS
from spatial.coverage.ground.unseen import neighbour
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.ground.unseen import BlindLand

__all__ = ["outlines"]

_HOLE_M2 = 50.0  # of a hole without its houses: these are cut out by themselves
_SMOOTH_BLOCKS = 1.25
_OFF, _STEPS = 5e-4, 6


def outlines(land: BlindLand, parts: Ints, footprints: Geometries) -> Geometries:
    """Draw some blind areas (numbers from 1), without `footprints`, as large as they were counted."""
    wanted = np.zeros(len(land.area_m2) + 1, bool)
    wanted[parts] = True
    right, above = neighbour(land.tiles, 1, 0), neighbour(land.tiles, 0, 1)
    left, below = neighbour(land.tiles, -1, 0), neighbour(land.tiles, 0, -1)
    sides = _sides(land.part, wanted, land.tiles.index, right, above, left, below)
    sides = sides[np.lexsort((sides[:, 3], sides[:, 2], sides[:, 1], sides[:, 0]))]
    points, offsets, owner = _chained(sides)
    rings = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, points * land.block_m, (offsets, np.arange(len(owner) + 1))
    )
    shells = shapely.is_ccw(shapely.get_exterior_ring(rings))
    wide = np.flatnonzero(~shells & (shapely.area(rings) >= _HOLE_M2))
    wide = wide[shapely.area(rings[wide]) - _held(rings[wide], footprints) >= _HOLE_M2]
    hole_of = owner[wide]
    order = np.argsort(hole_of, kind="stable")
    holes = shapely.get_exterior_ring(rings[wide])[order]
    bounds = np.searchsorted(hole_of[order], np.arange(len(land.area_m2) + 2))
    place = dict(zip(owner[shells].tolist(), shapely.get_exterior_ring(rings[shells]), strict=True))
    drawn = np.array(
        [shapely.polygons(place[k], holes[bounds[k] : bounds[k + 1]]) for k in parts.tolist()], dtype=object
    )
    smooth, area = _smoothed(drawn, _SMOOTH_BLOCKS * land.block_m), land.area_m2[parts - 1]
    close = _fitted(smooth, area + _held(smooth, footprints))  # cheap: no houses in it yet
    return _fitted(_without(close, footprints), area)


def _held(drawn: Geometries, footprints: Geometries) -> Floats:
    """Area of the footprints of which the middle of the bounds lies in each outline: near enough for a first fit."""
    bounds = shapely.bounds(footprints)
    middles = shapely.STRtree(points_at((bounds[:, :2] + bounds[:, 2:]) / 2))
    part, house = middles.query(drawn, predicate="contains_properly")
    return np.bincount(part, shapely.area(footprints[house]), minlength=len(drawn))


def _without(drawn: Geometries, footprints: Geometries) -> Geometries:
    """Cut footprints out of each outline; one that would vanish stays whole."""
    tree = shapely.STRtree(footprints)
    shapely.prepare(drawn)
    part, house = tree.query(drawn, predicate="intersects")
    answer = drawn.copy()
    starts = np.searchsorted(part, np.arange(len(drawn) + 1))
    for k in np.unique(part):
        houses = shapely.disjoint_subset_union_all(footprints[house[starts[k] : starts[k + 1]]])
        rest = shapely.difference(drawn[k], houses)
        answer[k] = drawn[k] if shapely.is_empty(rest) else rest
    return answer


def _fitted(drawn: Geometries, area_m2: Floats) -> Geometries:
    """Move each outline in or out until it has its area to within a thousandth, or the steps are used up."""
    answer = drawn.copy()
    shift = np.zeros(len(drawn))
    for _ in range(_STEPS):
        lack = area_m2 - shapely.area(answer)
        rows = np.flatnonzero(np.abs(lack) > _OFF * area_m2)
        if not len(rows):
            break
        shift[rows] += lack[rows] / np.maximum(shapely.length(answer[rows]), 1.0)
        answer[rows] = shapely.buffer(drawn[rows], shift[rows], join_style="mitre", mitre_limit=2.0)
    answer[shapely.is_empty(answer)] = drawn[shapely.is_empty(answer)]
    return answer


def _smoothed(drawn: Geometries, metres: float) -> Geometries:
    """Smooth the fast way; what that breaks is smoothed with care, and what even that breaks stays as it is."""
    smooth: Geometries = shapely.simplify(drawn, metres, preserve_topology=False)
    bad = shapely.is_empty(smooth) | ~shapely.is_valid(smooth)
    smooth[bad] = shapely.simplify(drawn[bad], metres)
    bad = shapely.is_empty(smooth) | ~shapely.is_valid(smooth)
    smooth[bad] = drawn[bad]
    return smooth


@kernel
def _sides(part: Ints, wanted: Flags, tiles: Ints, right: Ints, above: Ints, left: Ints,
           below: Ints) -> Ints:  # fmt: skip
    """List the outer sides of wanted areas as ``(area, x, y, direction)`` with the area on the left; 0 is east."""
    count, side = 0, BLOCKS
    out = np.empty((0, 4), np.int64)
    for turn in range(2):
        if turn == 1:
            out = np.empty((count, 4), np.int64)
            count = 0
        for t in range(len(part)):
            for row in range(side):
                for column in range(side):
                    mine = np.int64(part[t, row, column])
                    if mine == 0 or not wanted[mine]:
                        continue
                    x, y = tiles[t, 0] * side + column, tiles[t, 1] * side + row
                    for d in range(4):  # south side runs east, east side north, north side west, west side south
                        other, r, c = t, row, column
                        if d == 0:
                            other, r = (t, row - 1) if row > 0 else (below[t], side - 1)
                        elif d == 1:
                            other, c = (t, column + 1) if column < side - 1 else (right[t], 0)
                        elif d == 2:
                            other, r = (t, row + 1) if row < side - 1 else (above[t], 0)
                        else:
                            other, c = (t, column - 1) if column > 0 else (left[t], side - 1)
                        if other >= 0 and part[other, r, c] == mine:
                            continue
                        if turn == 1:
                            out[count] = (mine, x + (0 < d < 3), y + (d > 1), d)
                        count += 1
    return out


@kernel
def _chained(sides: Ints) -> tuple[Floats, Ints, Ints]:
    """Chain sorted sides into rings of their middles; where corners meet, the ring turns right."""
    n = len(sides)
    used = np.zeros(n, np.bool_)
    points, offsets, owner = np.empty((n + n // 2 + 1, 2)), [0], [0]
    step = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    total = 0
    for start in range(n):
        if used[start]:
            continue
        k = start
        first = total
        before = -1
        while not used[k]:
            used[k] = True
            x, y = sides[k, 1] + step[sides[k, 3], 0], sides[k, 2] + step[sides[k, 3], 1]
            middle_x, middle_y = (sides[k, 1] + x) / 2, (sides[k, 2] + y) / 2
            turned, before = sides[k, 3] != before, sides[k, 3]
            lo, hi = 0, n
            while lo < hi:
                middle = (lo + hi) // 2
                s = sides[middle]
                if (s[0], s[1], s[2]) < (sides[k, 0], x, y):
                    lo = middle + 1
                else:
                    hi = middle
            k = lo
            if k + 1 < n and sides[k + 1, 0] == sides[k, 0] and sides[k + 1, 1] == x and sides[k + 1, 2] == y:
                if sides[k + 1, 3] == (before + 3) % 4:
                    k += 1
            elif k >= n:
                k = start
            if turned or sides[k, 3] != before:
                points[total] = (middle_x, middle_y)
                total += 1
        points[total] = points[first]
        total += 1
        offsets.append(total)
        owner.append(sides[start, 0])
    return points[:total], np.array(offsets), np.array(owner)[1:]
