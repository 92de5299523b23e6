"""Nodes that bend nothing: left out while blocks are made, put back into what is returned.

Earlier plans leave nodes in the borders of villages, and data have vertices on straight lines. Neither may steer
where blocks are cut, or the same ground would give other blocks; but no vertex of the input may be lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = ["Idle", "corners_kept", "left_by_cuts", "plain", "with_nodes", "without_idle_nodes"]

_IDLE_M, _SAME_M = 1e-6, 1e-5
"""A node this near to the straight line between its neighbours bends nothing: noding and degrees move it less.
Two nodes as near as the second figure are one."""

_SNAPPED_M = 2e-3
"""Noding moves no corner further than this."""


@dataclass(frozen=True)
class Idle:
    """Nodes that are left out while blocks are made, and the `corners` that blocks must have.

    `kept` go back into every border; `left` are there for the blocks of earlier plans alone, and go back into villages.
    """

    kept: Floats
    left: Floats
    corners: Floats


def plain(areas: Geometries, blocks: Geometries | None = None) -> tuple[Geometries, Idle]:
    """Leave out the idle nodes of villages, and tell those that cuts between earlier `blocks` left from all others."""
    corners = np.unique(shapely.get_coordinates(areas), axis=0)
    shapes, nodes = without_idle_nodes(areas)
    left = np.zeros(len(nodes), bool) if blocks is None else left_by_cuts(nodes, blocks)
    return shapely.normalize(shapes), Idle(nodes[~left], nodes[left], corners[~_among(corners, nodes[left])])


def without_idle_nodes(areas: Geometries, *, of: int | None = None) -> tuple[Geometries, Floats]:
    """Leave out the idle nodes of a coverage; gives the plain areas and the nodes (x, y) that are left out.

    With `of`, only the first so many areas lose nodes, and none that an area behind them has.

    Nodes where three areas, or two and the outside, meet stay, and those of a ring that would keep fewer than four
    corners: there a node stays in every ring that has it.
    """
    xy, ring, source = _corners(areas)
    if len(xy) == 0:
        return areas, np.empty((0, 2))
    before, after = _around(ring)
    idle = _height(xy, xy[before], xy[after]) <= _IDLE_M
    name = _named(xy)
    some = np.flatnonzero(np.bincount(name, idle)[name] > 0)
    idle[some] &= ~_junctions(name[some], name[before[some]], name[after[some]])
    left = np.bincount(ring, ~idle, minlength=int(ring.max()) + 1)
    idle &= left[ring] >= 4
    idle &= ~_on_curves(xy, ring, idle)
    if of is not None:
        idle &= shapely.get_parts(areas, return_index=True)[1][source[ring]] < of
    idle &= np.bincount(name, ~idle)[name] == 0
    if not idle.any():
        return areas, np.empty((0, 2))
    return _rebuilt(areas, xy, ring, idle, source), np.unique(xy[idle], axis=0)


def with_nodes(areas: Geometries, nodes: Floats, *, within: float = _SAME_M, new: bool = True) -> Geometries:
    """Put nodes back into every border they lie on; a vertex at the same place becomes the node, to the last bit.

    With `new` off that is all: no border gets a node where it has none.
    """
    if len(nodes) == 0 or len(areas) == 0:
        return areas
    spots = np.asarray(shapely.points(nodes))
    node, area = shapely.STRtree(areas).query(spots, predicate="dwithin", distance=within)
    order = np.argsort(area, kind="stable")
    places, first = np.unique(area[order], return_index=True)
    answer = areas.copy()
    for place, rows in zip(places, np.split(node[order], first[1:]), strict=True):
        parts = []
        for part in shapely.get_parts(areas[place]):
            rings = [
                _inserted(shapely.get_coordinates(line), nodes[rows], within, new=new)
                for line in (part.exterior, *part.interiors)
            ]
            parts.append(shapely.Polygon(rings[0], rings[1:]))
        answer[place] = parts[0] if areas[place].geom_type == "Polygon" else shapely.multipolygons(parts)
    return answer


def corners_kept(areas: Geometries, corners: Floats) -> Geometries:
    """Give areas of a coverage the corners of the input back that noding moved onto others, a millimetre or two away.

    Nothing is moved where that would break the coverage.
    """
    corners = np.unique(corners, axis=0)
    lost = corners[~_among(corners, shapely.get_coordinates(areas))]
    if len(lost) == 0:
        return areas
    moved = with_nodes(areas, lost, within=_SNAPPED_M)
    changed = np.flatnonzero([one is not other for one, other in zip(moved, areas, strict=True)])
    around = moved[np.unique(shapely.STRtree(areas).query(moved[changed], predicate="dwithin", distance=_SNAPPED_M)[1])]
    return moved if shapely.is_valid(moved[changed]).all() and shapely.coverage_is_valid(around) else areas


def left_by_cuts(nodes: Floats, blocks: Geometries) -> Flags:
    """Tell in which idle nodes some block bends: they are there because a border between blocks ends in them.

    >>> squares = np.array([shapely.box(0, 0, 1, 2), shapely.box(1, 0, 3, 2)])
    >>> left_by_cuts(np.array([[1.0, 0.0], [2.0, 0.0]]), squares).tolist()
    [True, False]
    """
    xy, ring, _ = _corners(blocks)
    if len(nodes) == 0 or len(xy) == 0:
        return np.zeros(len(nodes), bool)
    before, after = _around(ring)
    at = np.flatnonzero(np.isin(xy[:, 0], nodes[:, 0]))
    bent = at[_height(xy[at], xy[before[at]], xy[after[at]]) > _IDLE_M]
    return _among(nodes, xy[bent])


def _among(spots: Floats, xy: Floats) -> Flags:
    """Tell which spots occur among others, to the last bit."""
    x = np.unique(spots[:, 0])
    if len(x) == 0:
        return np.zeros(0, bool)
    xy = xy[x[np.minimum(np.searchsorted(x, xy[:, 0]), len(x) - 1)] == xy[:, 0]]
    _, name = np.unique(np.concatenate([spots, xy]), axis=0, return_inverse=True)
    return np.isin(name.ravel()[: len(spots)], name.ravel()[len(spots) :])


def _corners(areas: Geometries) -> tuple[Floats, Integers, Integers]:
    """Give the corners of all rings without the closing one, their ring, and the part that each ring belongs to."""
    rings, source = shapely.get_rings(shapely.get_parts(areas), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.append(ring[1:] != ring[:-1], True)
    return xy[~closing], ring[~closing].astype(np.int64), source.astype(np.int64)


def _around(ring: Integers) -> tuple[Integers, Integers]:
    """Give the positions of the corners before and after each, going round its ring."""
    first = np.searchsorted(ring, np.arange(ring[-1] + 2))
    place = np.arange(len(ring))
    start, end = first[ring], first[ring + 1]
    return np.where(place == start, end - 1, place - 1), np.where(place == end - 1, start, place + 1)


def _height(spot: Floats, one: Floats, other: Floats) -> Floats:
    """Give the distance of spots from the straight piece between two others."""
    run, way = other - one, spot - one
    length = np.maximum((run**2).sum(axis=1), 1e-18)
    along = np.clip((way * run).sum(axis=1) / length, 0, 1)
    away: Floats = np.hypot(*(way - along[:, None] * run).T)
    return away


def _on_curves(xy: Floats, ring: Integers, idle: Flags) -> Flags:
    """Tell the idle nodes of runs that bend after all: of curves with a node every few centimetres."""
    rows = np.flatnonzero(idle)
    curved = np.zeros(len(xy), bool)
    kept = np.flatnonzero(~idle)
    if len(rows) == 0:
        return curved
    first, end = np.searchsorted(ring[kept], ring[rows]), np.searchsorted(ring[kept], ring[rows], side="right")
    after = np.searchsorted(kept, rows)
    before = np.where(after == first, end, after) - 1
    after = np.where(after == end, first, after)
    far = _height(xy[rows], xy[kept[before]], xy[kept[after]]) > _SAME_M
    curved[rows] = np.bincount(before, far, minlength=len(kept))[before] > 0
    return curved


def _named(xy: Floats) -> Integers:
    """Give corners at the same place the same number."""
    name = np.unique(np.ascontiguousarray(xy).view(complex).ravel(), return_inverse=True)[1]
    return np.asarray(name.ravel(), np.int64)


@kernel
def _junctions(name: Integers, before: Integers, after: Integers) -> Flags:
    """Tell which corners have more than two neighbours over all areas, all being given by their places' numbers."""
    most = 0
    for k in range(len(name)):
        most = max(most, name[k] + 1)
    one, other, more = np.full(most, -1), np.full(most, -1), np.zeros(most, np.bool_)
    for k in range(len(name)):
        place = name[k]
        for near in (before[k], after[k]):
            if one[place] in (-1, near):
                one[place] = near
            elif other[place] in (-1, near):
                other[place] = near
            else:
                more[place] = True
    return more[name]


def _rebuilt(areas: Geometries, xy: Floats, ring: Integers, idle: Flags, source: Integers) -> Geometries:
    """Build the areas that lose corners anew."""
    owner = shapely.get_parts(areas, return_index=True)[1]
    loses = np.zeros(len(areas), bool)
    loses[owner[source[ring[idle]]]] = True
    row = np.flatnonzero(~idle & loses[owner[source[ring]]])
    lines, place = np.unique(ring[row], return_inverse=True)
    rings = np.asarray(shapely.linearrings(xy[row], indices=place.ravel()))
    parts, place = np.unique(source[lines], return_inverse=True)
    polygons = np.asarray(shapely.polygons(rings, indices=place.ravel()))
    answer = areas.copy()
    single = shapely.get_type_id(areas[owner[parts]]) == shapely.GeometryType.POLYGON
    answer[owner[parts[single]]] = polygons[single]
    several, place = np.unique(owner[parts[~single]], return_inverse=True)
    if len(several):
        answer[several] = shapely.multipolygons(polygons[~single], indices=place.ravel())
    return answer


def _inserted(xy: Floats, nodes: Floats, within: float, *, new: bool) -> Floats:
    """Insert nodes into the pieces of a closed ring that they lie on."""
    away = np.hypot(xy[:-1, None, 0] - nodes[None, :, 0], xy[:-1, None, 1] - nodes[None, :, 1])
    corner, row = away.argmin(axis=0), np.arange(len(nodes))
    there = away[corner, row] <= within
    if there.any():
        xy = xy.copy()
        xy[corner[there]] = nodes[there]
        xy[-1] = xy[0]
    nodes = nodes[~there]
    if len(nodes) == 0 or not new:
        return xy
    start, run = xy[:-1], np.diff(xy, axis=0)
    length = np.maximum((run**2).sum(axis=1), 1e-18)
    way = nodes[:, None, :] - start[None, :, :]
    along = (way * run[None, :, :]).sum(axis=2) / length
    off = np.hypot(*np.moveaxis(way - np.clip(along, 0, 1)[:, :, None] * run[None, :, :], 2, 0))
    piece, row = off.argmin(axis=1), np.arange(len(nodes))
    hit = off[row, piece] <= within
    piece, nodes, along = piece[hit], nodes[hit], along[row, piece][hit]
    order = np.lexsort((along, piece))
    return np.insert(xy, piece[order] + 1, nodes[order], axis=0)
