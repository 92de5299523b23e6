"""Rules about what a cell's border must not cut, and what a cell must not reach across.

Buildings and hamlets stay whole; rivers, railways and motorways part a cell unless a bridge joins both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.problems import Problems

__all__ = ["check_barriers", "check_cuts"]

_SIDE_M2 = 2_000.0  # a side of a barrier smaller than this is a strip of its bank
_EDGE_M = 3.0  # a barrier this near to the border of a cell is the border


def check_cuts(
    problems: Problems, kind: str, things: gpd.GeoDataFrame, key: str, cells: gpd.GeoDataFrame, *, slack_m2: float
) -> None:  # fmt: skip
    """Write down every polygon of which two cells or more hold above `slack_m2` each, as problem `kind`."""
    shapes, grounds = things.geometry.to_numpy(), cells.geometry.to_numpy()
    if not len(shapes) or not len(grounds):
        return
    tree = shapely.STRtree(grounds)
    thing, cell = tree.query(shapes, predicate="intersects")
    shared = np.bincount(thing, minlength=len(shapes))[thing] > 1
    thing, cell = thing[shared], cell[shared]
    held = shapely.area(shapely.intersection(shapes[thing], grounds[cell])) > slack_m2
    counts = np.bincount(thing[held], minlength=len(shapes))
    codes = things[key].to_numpy()
    for place in np.flatnonzero(counts > 1):
        problems.add(kind, code=str(codes[place]), count=int(counts[place]),
                     geometry=shapes[place].representative_point())  # fmt: skip


def check_barriers(problems: Problems, cells: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> None:
    """Write down every cell that a river, railway or motorway parts and no bridge joins."""
    kind = barriers["kind"].to_numpy(dtype=object)
    road_class = barriers["road_class"].to_numpy(dtype=object) if "road_class" in barriers else kind
    hard = np.isin(kind, ["river", "rail"]) | (road_class == "motorway")
    lines = barriers.geometry.to_numpy()
    bridge = barriers["bridge"].eq(True).to_numpy(dtype=bool) if "bridge" in barriers else np.zeros(len(kind), bool)
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
