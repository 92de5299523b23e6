"""Polygons as lists of edges, inside on the left: what walls and the raster work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints

__all__ = ["Corners", "Shapes", "corners", "edge_shapes", "upright"]


_AT_ONCE = 8192


class Shapes(NamedTuple):
    """Areas as edges ``(x1, y1, x2, y2)``, inside on the left: shape `k` has rows ``offsets[k]:offsets[k + 1]``."""

    edges: Floats
    offsets: Ints


class Corners(NamedTuple):
    """Areas as the points of their closed rings, as they were drawn: half of what edges take.

    Ring `r` has rows ``rings[r]:rings[r + 1]``; `owner` is the shape of each point, and -1 minus it on rings that have
    their inside on the right.
    """

    points: Floats
    rings: Ints
    owner: Ints


def edge_shapes(shapes: Geometries) -> Shapes:
    """List the edges of every polygon's rings, whichever way they were drawn; what is missing or empty has none."""
    polygons = _areas(shapes)
    if not len(polygons):
        return Shapes(np.empty((0, 4)), np.zeros(1, np.int64))
    points, rings, outer, ends = _rings(polygons)
    return Shapes(_directed(points, rings, outer), (rings - np.arange(len(rings)))[ends])


def corners(shapes: Geometries) -> Corners:
    """List the points of every polygon's rings; what is missing or empty has none.

    Shapes are taken some thousands at a time: a county's footprints are held once, not three times.
    """
    room, n, rings = int(shapely.get_num_coordinates(shapes).sum()), 0, [np.zeros(1, np.int64)]
    points, owner = np.empty((room, 2)), np.empty(room, np.int32)
    for low in range(0, len(shapes), _AT_ONCE):
        part, starts, outer, ends = _rings(_areas(shapes[low : low + _AT_ONCE]))
        points[n : n + len(part)] = part
        _write_owners(part, starts, outer, ends, low, owner[n : n + len(part)])
        rings.append(n + starts[1:])
        n += len(part)
    return Corners(points[:n], np.concatenate(rings), owner[:n])


def _areas(shapes: Geometries) -> Geometries:
    """Put an empty polygon in the place of what is missing or no area."""
    polygons = np.array(shapes, dtype=object)
    polygons[shapely.is_missing(polygons) | (shapely.get_dimensions(polygons) < 2)] = shapely.Polygon()
    return polygons


@kernel
def upright(edges: Floats, e: int) -> tuple[float, float, float, float, int]:
    """Give an edge from its lower to its upper end, and what a line eastward across it meets: 1 enters, -1 leaves."""
    x1, y1, x2, y2 = edges[e]
    return (x1, y1, x2, y2, -1) if y1 < y2 else (x2, y2, x1, y1, 1)


@kernel
def _anticlockwise(points: Floats, first: int, last: int) -> bool:
    """Tell which way the ring runs that begins at `first` and is closed at `last`."""
    twice = 0.0
    for k in range(first, last):
        ax, ay = points[k, 0] - points[0, 0], points[k, 1] - points[0, 1]
        twice += ax * (points[k + 1, 1] - points[0, 1]) - (points[k + 1, 0] - points[0, 0]) * ay
    return twice > 0


@kernel
def _write_owners(points: Floats, rings: Ints, outer: Flags, ends: Ints, low: int, owner: Ints) -> None:
    """Write the shape (from `low`) of each point, -1 minus it where the inside lies on the right."""
    for shape in range(len(ends) - 1):
        for ring in range(ends[shape], ends[shape + 1]):
            first, last = rings[ring], rings[ring + 1]
            left = _anticlockwise(points, first, last - 1) == outer[ring]
            owner[first:last] = low + shape if left else -1 - low - shape


@kernel
def _directed(points: Floats, rings: Ints, outer: Flags) -> Floats:
    """List the edges of all rings: outer ones anticlockwise, the others clockwise."""
    edges, n = np.empty((len(points) - len(outer), 4)), 0
    for ring in range(len(outer)):
        first, last = rings[ring], rings[ring + 1] - 1
        one, two = (0, 1) if _anticlockwise(points, first, last) == outer[ring] else (1, 0)
        for k in range(first, last):
            edges[n, :2], edges[n, 2:] = points[k + one], points[k + two]
            n += 1
    return edges


def _rings(polygons: Geometries) -> tuple[Floats, Ints, Flags, Ints]:
    """Give the points of all rings, where each begins, which are outer ones, and the number of rings before each shape.

    Only rings of polygons with holes are looked at one by one.
    """
    parts, owner = polygons, np.arange(len(polygons))
    if (shapely.get_type_id(polygons) != shapely.GeometryType.POLYGON).any():
        parts, owner = shapely.get_parts(polygons, return_index=True)
    points, size = shapely.get_coordinates(parts), shapely.get_num_coordinates(parts)
    count = np.where(size > 0, shapely.get_num_interior_rings(parts) + 1, 0)
    before = np.r_[0, np.cumsum(count)]
    length = np.repeat(size, count)
    holed = np.flatnonzero(count > 1)
    length[np.repeat(count > 1, count)] = shapely.get_num_coordinates(shapely.get_rings(parts[holed]))
    outer = np.zeros(len(length), bool)
    outer[before[:-1][count > 0]] = True
    of_shape = np.searchsorted(owner, np.arange(len(polygons) + 1))
    return points, np.r_[0, np.cumsum(length)], outer, before[of_shape]
