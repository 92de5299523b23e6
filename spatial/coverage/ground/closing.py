"""Growing many footprints at once: those whose grown outline lies wholly under that of others are left out first.

Uniting 185,000 grown footprints is dear, and most of them lie in the middle of a village. A coarse lattice tells,
on the safe side, where the grown land covers everything; a footprint whose surroundings are covered all round adds
nothing to the outline of the union. Leaving it out can only open holes, which are closed again: a hole of the
union is either covered as a whole or open as a whole, because every edge of open land belongs to a kept footprint.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries

__all__ = ["grown"]

_CELL_M = 4.0
_MOST_CELLS = 4e7


def grown(shapes: Geometries, metres: float) -> Geometries:
    """Unite polygons grown by some metres; the parts of the union, in no particular order."""
    if not len(shapes):
        return np.empty(0, dtype=object)
    outer = _outermost(shapes, metres)
    kept = shapes[outer]
    pieces = np.array_split(kept[np.argsort(shapely.bounds(kept)[:, 0], kind="stable")], _STRIPS)
    with ThreadPoolExecutor(2) as pool:
        united = list(pool.map(lambda piece: shapely.disjoint_subset_union_all(shapely.buffer(piece, metres)), pieces))
    parts = shapely.get_parts(shapely.disjoint_subset_union_all(united))
    return parts if outer.all() else _filled(parts, shapes, metres)


_STRIPS = 12  # whatever the machine: the answer must not depend on it; what a strip needs is there for the next


def _outermost(shapes: Geometries, metres: float) -> Flags:
    """Mark the footprints that may touch the outline of the grown union."""
    bounds = shapely.bounds(shapes)
    low, high = bounds[:, :2].min(axis=0) - metres, bounds[:, 2:].max(axis=0) + metres
    cell = max(_CELL_M, math.sqrt(float(np.prod(high - low)) / _MOST_CELLS))
    size = np.ceil((high - low) / cell).astype(np.int64) + 1
    points = shapely.get_coordinates(shapes)
    answer: Flags = _exposed((points - low) / cell, (bounds - np.tile(low, 2)) / cell, size, metres / cell)
    return answer


@kernel
def _exposed(points: Floats, boxes: Floats, size: Floats, reach: float) -> Flags:
    """Mark the cells that lie wholly within reach of a point; a box with another cell within reach is exposed."""
    nx, ny = size[0], size[1]
    held, covered = np.zeros((ny, nx), np.bool_), np.zeros((ny, nx), np.bool_)
    for p in range(len(points)):
        held[int(points[p, 1]), int(points[p, 0])] = True
    span = int(reach)
    wide = np.full(span + 1, -1, np.int64)
    for j in range(span + 1):
        if reach * reach >= (j + 1) ** 2:
            wide[j] = int(math.sqrt(reach * reach - (j + 1) ** 2)) - 1
    for row in range(ny):
        for column in range(nx):
            if not held[row, column]:
                continue
            for j in range(-span, span + 1):
                half = wide[abs(j)]
                if half >= 0 and 0 <= row + j < ny:
                    covered[row + j, max(0, column - half) : column + half + 1] = True
    answer = np.zeros(len(boxes), np.bool_)
    for b in range(len(boxes)):
        for row in range(max(0, int(boxes[b, 1] - reach)), min(ny - 1, int(boxes[b, 3] + reach)) + 1):
            for column in range(max(0, int(boxes[b, 0] - reach)), min(nx - 1, int(boxes[b, 2] + reach)) + 1):
                if not covered[row, column]:
                    answer[b] = True
                    break
            if answer[b]:
                break
    return answer


def _filled(parts: Geometries, shapes: Geometries, metres: float) -> Geometries:
    """Close the holes that lie within reach of some footprint."""
    holes = shapely.get_num_interior_rings(parts) > 0
    rings, owner = shapely.get_rings(parts[holes], return_index=True)
    shell = np.r_[True, owner[1:] != owner[:-1]] if len(owner) else np.empty(0, bool)
    inner = np.flatnonzero(~shell)
    middle = shapely.point_on_surface(shapely.polygons(rings[inner]))
    tree = shapely.STRtree(shapes)
    near = np.unique(tree.query(middle, predicate="dwithin", distance=metres)[0])
    keep = np.ones(len(rings), bool)
    keep[inner[near]] = False
    answer = parts.copy()
    for place, part in enumerate(np.flatnonzero(holes)):
        mine = np.flatnonzero((owner == place) & keep)
        answer[part] = shapely.polygons(rings[mine[0]], rings[mine[1:]])
    return answer
