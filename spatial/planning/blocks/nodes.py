"""Nodes that bend nothing: left out while blocks are made, put back into what is returned.

Earlier plans leave nodes in the borders of villages, and data have vertices on straight lines. Neither may steer
where blocks are cut, or the same ground would give other blocks; but no vertex of the input may be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Flags, Floats, Geometries, Integers

__all__ = ["corners_kept", "with_nodes", "without_idle_nodes"]

_IDLE_M, _SAME_M = 1e-6, 1e-5
"""A node this near to the straight line between its neighbours bends nothing: noding and degrees move it less.
Two nodes as near as the second figure are one."""

_SNAPPED_M = 2e-3
"""Noding moves no corner further than this."""


def without_idle_nodes(areas: Geometries) -> tuple[Geometries, Floats]:
    """Leave out the idle nodes of a coverage; gives the plain areas and the nodes (x, y) that are left out.

    Nodes where three areas, or two and the outside, meet stay. A ring that would keep fewer than four corners
    stays as it is.
    """
    xy, ring, source = _corners(areas)
    if len(xy) == 0:
        return areas, np.empty((0, 2))
    before, after = _around(ring)
    idle = _height(xy, xy[before], xy[after]) <= _IDLE_M
    idle &= ~_junctions(xy, before, after)
    left = np.bincount(ring, ~idle, minlength=int(ring.max()) + 1)
    idle &= left[ring] >= 4
    if not idle.any():
        return areas, np.empty((0, 2))
    return _rebuilt(areas, xy, ring, idle, source), np.unique(xy[idle], axis=0)


def with_nodes(areas: Geometries, nodes: Floats, *, within: float = _SAME_M) -> Geometries:
    """Put nodes back into every border they lie on; a vertex at the same place becomes the node, to the last bit."""
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
                _inserted(shapely.get_coordinates(line), nodes[rows], within)
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


def _junctions(xy: Floats, before: Integers, after: Integers) -> Flags:
    """Tell which corners have more than two neighbours over all areas."""
    _, name = np.unique(xy, axis=0, return_inverse=True)
    name = name.ravel().astype(np.int64)
    pairs = np.unique(np.concatenate([name * len(xy) + name[before], name * len(xy) + name[after]]))
    return np.bincount(pairs // len(xy), minlength=int(name.max()) + 1)[name] > 2


def _rebuilt(areas: Geometries, xy: Floats, ring: Integers, idle: Flags, source: Integers) -> Geometries:
    """Build the areas that lose corners anew."""
    parts, owner = shapely.get_parts(areas, return_index=True)
    first = np.searchsorted(ring, np.arange(len(source) + 1))
    rings_of = np.searchsorted(source, np.arange(len(parts) + 1))
    loses = np.zeros(len(areas), bool)
    loses[owner[source[ring[idle]]]] = True
    answer = areas.copy()
    for place in np.flatnonzero(loses):
        polygons = []
        for part in np.flatnonzero(owner == place):
            lines = [
                xy[first[line] : first[line + 1]][~idle[first[line] : first[line + 1]]]
                for line in range(rings_of[part], rings_of[part + 1])
            ]
            polygons.append(shapely.Polygon(lines[0], lines[1:]))
        answer[place] = polygons[0] if areas[place].geom_type == "Polygon" else shapely.multipolygons(polygons)
    return answer


def _inserted(xy: Floats, nodes: Floats, within: float) -> Floats:
    """Insert nodes into the pieces of a closed ring that they lie on."""
    away = np.hypot(xy[:-1, None, 0] - nodes[None, :, 0], xy[:-1, None, 1] - nodes[None, :, 1])
    corner, row = away.argmin(axis=0), np.arange(len(nodes))
    there = away[corner, row] <= within
    if there.any():
        xy = xy.copy()
        xy[corner[there]] = nodes[there]
        xy[-1] = xy[0]
    nodes = nodes[~there]
    if len(nodes) == 0:
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
