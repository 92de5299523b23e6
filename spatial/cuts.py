"""Rules about what a cell's border must not cut, and what a cell must not reach across.

Buildings and hamlets stay whole; rivers, railways and motorways part a cell unless a bridge joins both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import equals
from spatial.barred import joined_by, sides_between
from spatial.parted import parted, without_shared

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.problems import Problems

__all__ = ["check_barriers", "check_cuts"]


def check_cuts(
    problems: Problems,
    cells: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None,
    hamlets: gpd.GeoDataFrame | None,
) -> None:
    """Write down every footprint and hamlet that two cells share; what a village border divides is no cut."""
    grounds, owner = cells.geometry.to_numpy(), cells["village_code"].to_numpy(dtype=object)
    if buildings is not None and len(buildings):
        shapes = buildings.geometry.to_numpy()
        for row, together, owners in parted(shapes, grounds, owner, villages=villages, least_m2=0.1).to_numpy():
            spot = buildings.geometry.iloc[row].representative_point()
            for kind, so in (("building-across-border", owners > 1), ("building-cut", together > 1)):
                if so:
                    problems.add(kind, code=str(buildings["building_id"].iloc[row]), geometry=spot)
    if hamlets is not None and len(hamlets):
        shapes = hamlets.geometry.to_numpy()
        if buildings is not None and len(buildings):
            shapes = without_shared(shapes, buildings.geometry.to_numpy())
        for row, together, _ in parted(shapes, grounds, owner, villages=villages, least_m2=1.0).to_numpy():
            if together > 1:
                problems.add("hamlet-cut", code=str(hamlets["hamlet_id"].iloc[row]), cells=int(together),
                             geometry=hamlets.geometry.iloc[row].representative_point())  # fmt: skip


def check_barriers(problems: Problems, cells: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> None:
    """Write down every cell that a river, railway or motorway parts and no bridge joins."""
    kind = barriers["kind"].to_numpy(dtype=object)
    hard = np.isin(kind, ["river", "rail"]) | equals(barriers, "road_class", "motorway")
    lines = barriers.geometry.to_numpy()
    bridge = equals(barriers, "bridge", value=True)
    walls, bridges = lines[hard & ~(bridge & (kind == "road"))], lines[bridge & (kind == "road") & ~hard]
    if not len(walls) or not len(cells):
        return
    grounds = cells.geometry.to_numpy()
    cell, wall = shapely.STRtree(walls).query(grounds, predicate="intersects")
    over = shapely.STRtree(bridges) if len(bridges) else None
    for place in np.unique(cell):
        sides = sides_between(grounds[place], walls[wall[cell == place]])
        if len(sides) < 2:
            continue
        group = joined_by(sides, bridges[over.query(grounds[place], predicate="intersects")] if over else bridges)
        if (joined := int(group.max()) + 1) > 1:
            problems.add("cell-spans-barrier", code=cells["cell_code"].iloc[place], count=joined,
                         geometry=sides[int(np.argmin(shapely.area(sides)))].representative_point())  # fmt: skip
