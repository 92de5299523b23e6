"""Hamlets that stay whole although a river, railway or motorway runs through them: their cell crosses it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.barred import SIDE_M2, joined_by, sides_between
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.blocks.borders import Barriers
    from spatial.planning.demand.villages import Hamlets
    from spatial.problems import Problems

__all__ = ["tell_hamlets_across"]

_PEOPLED_M2 = 50.0


def tell_hamlets_across(hamlets: Hamlets, lines: Barriers, people: gpd.GeoDataFrame, problems: Problems) -> None:
    """Write down each whole hamlet that no bridge joins over a hard line, with the households on its sides.

    A side counts where somebody lives there, or where it is more than the strip of a bank.
    """
    shapes, walls = hamlets.shapes[hamlets.whole], lines.lines[lines.hard]
    if len(shapes) == 0 or len(walls) == 0:
        return
    ids = [each for each, whole in zip(hamlets.ids, hamlets.whole, strict=True) if whole]
    homes, load = people.geometry.to_numpy(), people["households"].to_numpy(float)
    tree, over = shapely.STRtree(homes), shapely.STRtree(lines.bridges)
    hamlet, wall = shapely.STRtree(walls).query(shapes, predicate="intersects")
    for place in np.unique(hamlet):
        sides = sides_between(shapes[place], walls[wall[hamlet == place]], least_m2=_PEOPLED_M2)
        if len(sides) < 2:
            continue
        side, home = tree.query(sides, predicate="intersects")
        group = joined_by(sides, lines.bridges[over.query(shapes[place], predicate="intersects")])
        held = summed(group[side], load[home], int(group.max()) + 1)
        held = held[(held > 0) | (summed(group, shapely.area(sides), len(held)) > SIDE_M2)]
        if len(held) > 1:
            point = sides[int(np.argmin(shapely.area(sides)))].representative_point()
            problems.add("hamlet-across-barrier", code=ids[place], geometry=point,
                         sides=" + ".join(f"{each:.0f}" for each in sorted(held, reverse=True)))  # fmt: skip
