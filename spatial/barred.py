"""The sides on which rivers, railways and motorways leave an area, and which of them bridges join."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from spatial.arrays import Geometries

__all__ = ["SIDE_M2", "joined_by", "sides_between"]

SIDE_M2 = 2_000.0
"""A side of a barrier smaller than this is a strip of its bank, unless somebody lives there."""

_ROUND_M = 1e-3  # lines that miss each other by less than this meet
_EDGE_M = 3.0  # a barrier this near to the border of an area is the border


def sides_between(ground: BaseGeometry, walls: Geometries, *, least_m2: float = SIDE_M2) -> Geometries:
    """Cut an area in metres along lines; sides within a few metres of the border, or below `least_m2`, are none.

    >>> sides = sides_between(shapely.box(0, 0, 100, 90), shapely.linestrings([[(40, -5), (40, 95)]]))
    >>> sorted(shapely.area(sides).tolist())
    [3600.0, 5400.0]
    """
    if not shapely.intersects(walls, shapely.buffer(ground, -_EDGE_M)).any():
        return np.array([ground], dtype=object)
    inner = shapely.intersection(shapely.union_all(walls), ground)
    # Where a line ends at the border rounding keeps it a hair off: noded to the millimetre, the two meet.
    inside = shapely.get_parts(inner)  # and points, where a line only touches
    inside = shapely.multilinestrings(inside[shapely.get_dimensions(inside) == 1])
    noded = shapely.union(shapely.boundary(ground), inside, grid_size=_ROUND_M)
    pieces = shapely.get_parts(shapely.polygonize([shapely.node(noded)]))
    pieces = pieces[shapely.covers(ground, shapely.point_on_surface(pieces))]
    broad = shapely.area(shapely.buffer(pieces, -_EDGE_M)) > least_m2 / 2
    return np.asarray(pieces[broad & (shapely.area(pieces) > least_m2)])


def joined_by(sides: Geometries, bridges: Geometries) -> NDArray[np.int64]:
    """Give each side the number of its group: those that bridges join are one."""
    group = np.arange(len(sides))
    for bridge in bridges:
        touched = np.flatnonzero(shapely.intersects(sides, bridge))
        if len(touched) > 1:
            group[np.isin(group, group[touched])] = group[touched].min()
    return np.asarray(np.unique(group, return_inverse=True)[1].ravel(), dtype=np.int64)
