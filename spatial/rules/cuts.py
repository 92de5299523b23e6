"""Rules about what a cell's border must not cut, and what a cell must not reach across.

Buildings and hamlets stay whole; rivers, railways and motorways part a cell unless a bridge joins both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.arrays import equals

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.problems import Problems

__all__ = ["check_barriers", "check_cuts"]

_SIDE_M2 = 2_000.0  # a side of a barrier smaller than this is a strip of its bank
_EDGE_M = 3.0  # a barrier this near to the border of a cell is the border


def check_cuts(
    problems: Problems, cells: gpd.GeoDataFrame, *, buildings: gpd.GeoDataFrame | None, hamlets: gpd.GeoDataFrame | None
) -> None:  # fmt: skip
    """Write down every footprint and hamlet that two cells share; a footprint over a village border is no cut."""
    if buildings is not None and len(buildings):
        row, counts, villages = _shared(buildings, cells, slack_m2=0.1)
        for place, several in zip(row, villages > 1, strict=True):
            kind = "building-across-border" if several else "building-cut"
            problems.add(kind, code=str(buildings["building_id"].iloc[place]),
                         geometry=buildings.geometry.iloc[place].representative_point())  # fmt: skip
    if hamlets is not None and len(hamlets):
        row, counts, _ = _shared(hamlets, cells, slack_m2=1.0)
        for place, count in zip(row, counts, strict=True):
            problems.add("hamlet-cut", code=str(hamlets["hamlet_id"].iloc[place]), cells=int(count),
                         geometry=hamlets.geometry.iloc[place].representative_point())  # fmt: skip


def _shared(
    things: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, *, slack_m2: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows of polygons of which two cells or more hold above `slack_m2` each; how many cells, and villages."""
    shapes, grounds = things.geometry.to_numpy(), cells.geometry.to_numpy()
    thing, cell = shapely.STRtree(grounds).query(shapes, predicate="intersects")
    several = np.bincount(thing, minlength=len(shapes))[thing] > 1
    thing, cell = thing[several], cell[several]
    held = shapely.area(shapely.intersection(shapes[thing], grounds[cell])) > slack_m2
    pairs = pd.DataFrame({"thing": thing[held], "village": cells["village_code"].to_numpy()[cell[held]]})
    counts = pairs.groupby("thing")["village"].agg(["size", "nunique"])
    counts = counts[counts["size"] > 1]
    return counts.index.to_numpy(np.intp), counts["size"].to_numpy(np.intp), counts["nunique"].to_numpy(np.intp)


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
        sides = _sides(grounds[place], walls[wall[cell == place]])
        if len(sides) < 2:
            continue
        joined = _joined(sides, bridges[over.query(grounds[place], predicate="intersects")] if over else bridges)
        if joined > 1:
            problems.add("cell-spans-barrier", code=cells["cell_code"].iloc[place], count=joined,
                         geometry=sides[int(np.argmin(shapely.area(sides)))].representative_point())  # fmt: skip


def _sides(ground: shapely.Geometry, walls: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut one cell along the lines; sides within a few metres of the border, or tiny, are none."""
    inner = shapely.intersection(shapely.union_all(walls), ground)
    core = shapely.buffer(ground, -_EDGE_M)
    if not shapely.intersects(inner, core):
        return np.array([ground], dtype=object)
    pieces = shapely.get_parts(shapely.polygonize([shapely.node(shapely.union(shapely.boundary(ground), inner))]))
    pieces = pieces[shapely.covers(ground, shapely.point_on_surface(pieces))]
    broad = shapely.area(shapely.buffer(pieces, -_EDGE_M)) > _SIDE_M2 / 2
    return np.asarray(pieces[broad & (shapely.area(pieces) > _SIDE_M2)])


def _joined(sides: NDArray[np.object_], bridges: NDArray[np.object_]) -> int:
    """Count the groups of sides that bridges leave apart."""
    group = np.arange(len(sides))
    for bridge in bridges:
        touched = np.flatnonzero(shapely.intersects(sides, bridge))
        if len(touched) > 1:
            group[np.isin(group, group[touched])] = group[touched].min()
    return len(np.unique(group))
