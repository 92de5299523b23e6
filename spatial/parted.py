"""Which footprints and hamlets several cells share, and whether a village border alone divides them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.arrays import Geometries

__all__ = ["TOUCH_M2", "overlapping_onward", "parted", "without_shared"]

TOUCH_M2 = 1e-3
"""Less shared ground than this is a touch."""


def overlapping_onward(
    front: NDArray[np.int64], buildings: Geometries, tree: shapely.STRtree
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give some buildings with every building that overlaps them, onward, sorted; and the pairs that overlap.

    `tree` is one of all buildings.
    """
    known = np.zeros(len(buildings), bool)
    known[front] = True
    left, right = [front[:0]], [front[:0]]
    while len(front):
        row, other = tree.query(buildings[front], predicate="intersects")
        apart = front[row] != other
        row, other = front[row[apart]], other[apart]
        overlaps = shapely.area(shapely.intersection(buildings[row], buildings[other])) > TOUCH_M2
        left.append(row[overlaps])
        right.append(other[overlaps])
        front = np.unique(other[overlaps & ~known[other]])
        known[front] = True
    return np.flatnonzero(known), np.concatenate(left), np.concatenate(right)


def without_shared(hamlets: Geometries, buildings: Geometries) -> Geometries:
    """Give hamlets without the footprints that stand in several of them, and without those that overlap such a one.

    A footprint is never cut, so that it goes whole to one of its hamlets: its ground in the others cuts none of them.

    >>> hamlets = shapely.box([0, 10], 0, [10, 20], 9)
    >>> houses = shapely.box([9, 2], [1, 1], [13, 4], [3, 3])
    >>> shapely.area(without_shared(hamlets, houses)).tolist()
    [88.0, 84.0]
    """
    hamlet, building = shapely.STRtree(buildings).query(hamlets, predicate="intersects")
    near = np.bincount(building, minlength=len(buildings))[building] > 1
    hamlet, building = hamlet[near], building[near]
    held = shapely.area(shapely.intersection(hamlets[hamlet], buildings[building])) > TOUCH_M2
    front = np.flatnonzero(np.bincount(building[held], minlength=len(buildings)) > 1)
    if len(front) == 0:
        return hamlets
    shared, _, _ = overlapping_onward(front, buildings, shapely.STRtree(buildings))
    gone = shapely.union_all(buildings[shared])
    free = hamlets.copy()
    touched = np.unique(shapely.STRtree(hamlets).query(buildings[shared], predicate="intersects")[1])
    for place in touched:
        left, low, right, high = shapely.bounds(hamlets[place])
        near = shapely.clip_by_rect(gone, left - 1, low - 1, right + 1, high + 1)
        free[place] = shapely.difference(hamlets[place], near)
    return free


def parted(
    things: Geometries,
    grounds: Geometries,
    owner: NDArray[np.object_],
    *,
    villages: gpd.GeoDataFrame,
    least_m2: float,
) -> pd.DataFrame:
    """Give the things of which two grounds or more hold above `least_m2` each, in the order of their rows.

    `owner` names the village of each ground, `villages` (`village_code` and outline) say how far it reaches: an
    outline that leaves several pieces of a thing divides it, whatever lies in each. The columns are `row` (place among
    the things), `together` (the most grounds of one owner in one such piece: 1 where only borders between owners divide
    the thing) and `owners` (how many there are).

    >>> halves = shapely.box([0, 5, 10], 0, [5, 10, 20], 9)
    >>> villages = pd.DataFrame({"village_code": ["a", "b"], "geometry": shapely.box([0, 10], 0, [10, 20], 9)})
    >>> owner = np.array(["a", "a", "b"], object)
    >>> parted(shapely.box([1, 8], 1, [9, 12], 2), halves, owner, villages=villages, least_m2=0.1).values
    array([[0, 2, 1],
           [1, 1, 2]])
    """
    thing, ground = shapely.STRtree(grounds).query(things, predicate="intersects")
    several = np.bincount(thing, minlength=len(things))[thing] > 1
    thing, ground = thing[several], ground[several]
    held = shapely.area(shapely.intersection(things[thing], grounds[ground])) > least_m2
    thing, ground = thing[held], ground[held]
    pairs = pd.DataFrame({"row": thing, "owner": owner[ground]}).groupby(["row", "owner"])
    each = pairs.size().rename("cells").reset_index()
    members = np.split(np.argsort(pairs.ngroup().to_numpy(), kind="stable"), np.cumsum(each["cells"])[:-1])
    reach = dict(zip(villages["village_code"], villages["geometry"], strict=True))
    together = each["cells"].to_numpy().copy()
    for place in np.flatnonzero(together > 1):
        mine = members[place]
        outline = reach.get(owner[ground[mine[0]]])
        together[place] = _together(things[thing[mine[0]]], grounds[ground[mine]], outline, least_m2)
    each["together"] = together
    counts = each.groupby("row").agg(together=("together", "max"), owners=("owner", "size"), cells=("cells", "sum"))
    return counts[counts["cells"] > 1].reset_index()[["row", "together", "owners"]]


def _together(thing: shapely.Geometry, grounds: Geometries, reach: shapely.Geometry | None, least_m2: float) -> int:
    """Count the most grounds of one village that hold some of one piece of a thing."""
    if reach is None or shapely.covers(reach, thing):
        return len(grounds)
    pieces = shapely.get_parts(shapely.intersection(thing, shapely.union_all([reach, *grounds])))
    shared = shapely.area(shapely.intersection(pieces[:, None], grounds[None, :])) > least_m2
    return max(1, int(shared.sum(axis=1).max()))
