"""Polygons as lists of edges, inside on the left: what walls and the raster work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries, Ints

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
    kind, points, offsets = shapely.to_ragged_array(polygons)
    rings, parts = offsets[0].astype(np.int64), offsets[1].astype(np.int64)
    of_shape = offsets[2].astype(np.int64) if kind == shapely.GeometryType.MULTIPOLYGON else np.arange(len(parts))
    ends = parts[of_shape]  # rings before each shape
    if len(points) < 2:
        return Shapes(np.empty((0, 4)), np.zeros(len(shapes) + 1, np.int64))
    inner = np.ones(len(points) - 1, bool)
    inner[rings[1:-1] - 1] = False  # from the last point of a ring to the first of the next is no edge
    edges = np.empty((int(inner.sum()), 4))
    edges[:, :2], edges[:, 2:] = points[:-1][inner], points[1:][inner]
    starts = rings - np.arange(len(rings))
    x, y = points[0]
    del points, inner
    area = (edges[:, 0] - x) * (edges[:, 3] - y)
    area -= (edges[:, 2] - x) * (edges[:, 1] - y)
    turn = np.add.reduceat(area, starts[:-1]) if len(edges) else np.empty(0)
    shell = np.zeros(len(turn), bool)
    shell[parts[:-1][np.diff(parts) > 0]] = True
    wrong = np.repeat((turn > 0) != shell, np.diff(starts))
    edges[wrong] = edges[wrong][:, [2, 3, 0, 1]]
    return Shapes(edges, starts[ends])
