"""An order of shapes that depends on nothing but themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from spatial.planning.types import Geometries, Integers

__all__ = ["order_of_shapes"]


def order_of_shapes(shapes: Geometries) -> Integers:
    """Give the positions of shapes from west to east by their boxes; what has the same box goes by all its vertices.

    >>> order_of_shapes(shapely.box([5, 1, 5], 0, [9, 2, 7], 3)).tolist()
    [1, 2, 0]
    >>> order_of_shapes(np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1, ccw=False)])).tolist()
    [1, 0]
    """
    bounds = shapely.bounds(shapes)
    order = np.lexsort(bounds.T[::-1])
    fresh = np.append(True, (bounds[order[1:]] != bounds[order[:-1]]).any(axis=1))
    group = np.cumsum(fresh) - 1
    tied = np.flatnonzero(np.bincount(group, minlength=len(order))[group] > 1)
    if len(tied):
        _, rank = np.unique(shapely.to_wkb(shapes[order[tied]]).astype(bytes), return_inverse=True)
        order[tied] = order[tied[np.lexsort((rank, group[tied]))]]
    return order.astype(np.int64)
