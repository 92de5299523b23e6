"""Which footprints and hamlets several cells share, and whether a village border alone divides them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.arrays import Geometries

__all__ = ["parted"]


def parted(things: Geometries, grounds: Geometries, owner: NDArray[np.object_], *, least_m2: float) -> pd.DataFrame:
    """Give the things of which two grounds or more hold above `least_m2` each, in the order of their rows.

    `owner` names the village of each ground. The columns are `row` (place among the things), `together` (the most
    grounds of one owner: 1 where only a border between owners divides the thing) and `owners` (how many there are).

    >>> halves = shapely.box([0, 5, 10], 0, [5, 10, 20], 9)
    >>> parted(shapely.box([1, 8], 1, [9, 12], 2), halves, np.array(["a", "a", "b"], object), least_m2=0.1).values
    array([[0, 2, 1],
           [1, 1, 2]])
    """
    thing, ground = shapely.STRtree(grounds).query(things, predicate="intersects")
    several = np.bincount(thing, minlength=len(things))[thing] > 1
    thing, ground = thing[several], ground[several]
    held = shapely.area(shapely.intersection(things[thing], grounds[ground])) > least_m2
    pairs = pd.DataFrame({"row": thing[held], "owner": owner[ground[held]]})
    each: pd.Series[int] = pairs.groupby(["row", "owner"]).size()
    counts = each.groupby("row").agg(together="max", owners="size", cells="sum").reset_index()
    return counts.loc[counts["cells"] > 1, ["row", "together", "owners"]].reset_index(drop=True)
