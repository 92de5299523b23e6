"""Hamlets that an edit must not cut: their blocks move together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.planning.blocks.edges import coverage_edges
from spatial.planning.blocks.faces import connected
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.edits.edited import Codes
    from spatial.planning.types import Floats, Geometries, Integers

__all__ = ["joined_by_hamlets", "united"]


def joined_by_hamlets(
    shapes: Geometries, codes: Codes, weight: Floats, hamlets: Geometries, *, cells: int
) -> Integers:  # fmt: skip
    """Give each block the number of its unit: one for a hamlet that lies in one cell today, else its own.

    As in planning, a hamlet may be cut only where the village has fewer hamlets with people than cells, and only
    one that weighs more than a mean cell.
    """
    unit = np.arange(len(shapes))
    near = hamlets[np.unique(shapely.STRtree(hamlets).query(shapes, predicate="intersects")[1])]
    block, hamlet = shapely.STRtree(near).query(shapely.point_on_surface(shapes), predicate="within")
    block, first = np.unique(block, return_index=True)  # of hamlets that overlap the first counts
    hamlet = hamlet[first]
    held = summed(hamlet, weight[block], len(near))
    may_cut = ((held > 0).sum() < cells) & (held > weight.sum() / cells)
    for place in np.flatnonzero(~may_cut):
        mine = block[hamlet == place]
        if len(mine) > 1 and len(set(codes[mine])) == 1:
            unit[mine] = mine[0]
    edges = coverage_edges(shapes)
    inner = edges.inner & (unit[edges.left] == unit[edges.right])
    numbers: Integers = connected(edges.left[inner], edges.right[inner], len(shapes))  # pieces of a hamlet move apart
    return numbers


def united(shapes: Geometries, unit: Integers) -> Geometries:
    """Unite the blocks of every unit."""
    count = np.bincount(unit)
    order = np.argsort(unit, kind="stable")
    answer: Geometries = shapes[order[np.cumsum(count) - count]].copy()
    for several in np.flatnonzero(count > 1):
        answer[several] = shapely.coverage_union_all(shapes[unit == several])
    return answer
