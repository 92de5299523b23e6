"""Rules about what a cell's border must not cut, and what a cell must not reach across.

Buildings and hamlets stay whole; rivers, railways and motorways part a cell unless a bridge joins both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import equals
from spatial.parted import parted

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.problems import Problems

__all__ = ["check_barriers", "check_cuts"]

_SIDE_M2 = 2_000.0  # a side of a barrier smaller than this is a strip of its bank
_ROUND_M = 1e-3  # lines that miss each other by less than this meet
_EDGE_M = 3.0  # a barrier this near to the border of a cell is the border


def check_cuts(
    problems: Problems, cells: gpd.GeoDataFrame, *, buildings: gpd.GeoDataFrame | None, hamlets: gpd.GeoDataFrame | None
) -> None:  # fmt: skip
    """Write down every footprint and hamlet that two cells share; what a village border divides is no cut."""
    grounds, villages = cells.geometry.to_numpy(), cells["village_code"].to_numpy(dtype=object)
    if buildings is not None and len(buildings):
        for row, together, owners in parted(buildings.geometry.to_numpy(), grounds, villages, least_m2=0.1).to_numpy():
            spot = buildings.geometry.iloc[row].representative_point()
            for kind, so in (("building-across-border", owners > 1), ("building-cut", together > 1)):
                if so:
                    problems.add(kind, code=str(buildings["building_id"].iloc[row]), geometry=spot)
    if hamlets is not None and len(hamlets):
        for row, together, _ in parted(hamlets.geometry.to_numpy(), grounds, villages, least_m2=1.0).to_numpy():
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
    # Where a line ends at the border rounding keeps it a hair off: noded to the millimetre, the two meet.
    inside = shapely.get_parts(inner)  # and points, where a line only touches
    inside = shapely.multilinestrings(inside[shapely.get_dimensions(inside) == 1])
    noded = shapely.union(shapely.boundary(ground), inside, grid_size=_ROUND_M)
    pieces = shapely.get_parts(shapely.polygonize([shapely.node(noded)]))
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
