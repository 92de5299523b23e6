"""Polygons as lists of edges, inside on the left: what walls and the raster work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints

__all__ = ["Shapes", "edge_shapes"]


class Shapes(NamedTuple):
    """Areas as edges ``(x1, y1, x2, y2)``, inside on the left: shape `k` has rows ``offsets[k]:offsets[k + 1]``."""

    edges: Floats
    offsets: Ints


def edge_shapes(shapes: Geometries) -> Shapes:
    """List the edges of every polygon's rings, whichever way they were drawn; what is missing or empty has none."""
    polygons = np.array(shapes, dtype=object)
    polygons[shapely.is_missing(polygons) | (shapely.get_dimensions(polygons) < 2)] = shapely.Polygon()
    if not len(polygons):
        return Shapes(np.empty((0, 4)), np.zeros(1, np.int64))
    points, rings, outer, ends = _rings(polygons)
    return Shapes(_directed(points, rings, outer), (rings - np.arange(len(rings)))[ends])


@kernel
def _directed(points: Floats, rings: Ints, outer: Flags) -> Floats:
    """List the edges of all rings: outer ones anticlockwise, the others clockwise."""
    edges, n = np.empty((len(points) - len(outer), 4)), 0
    for ring in range(len(outer)):
        first, last, twice = rings[ring], rings[ring + 1] - 1, 0.0
        for k in range(first, last):
            ax, ay = points[k, 0] - points[0, 0], points[k, 1] - points[0, 1]
            twice += ax * (points[k + 1, 1] - points[0, 1]) - (points[k + 1, 0] - points[0, 0]) * ay
        one, two = (0, 1) if (twice > 0) == outer[ring] else (1, 0)
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
