"""What stands in the way of sight: building footprints with their heights, and how cameras hang on them.

A footprint of unknown height, and one as high as the camera or higher, hides whatever lies behind it; one known
to be lower hides the ground only as far as the sight line over its roof lets (`spatial.coverage.sight.bands`); one no
higher than the target hides nothing. The ground is level here. Walls and fences of the layer `barriers` carry no
height and hide nothing. Touching and overlapping footprints are right without uniting them first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.edges import corners
from spatial.coverage.sight.gather import Lattice, index_edges
from spatial.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Geometries


__all__ = ["Walls", "mount", "walls"]

FLOOR_M = 3.0
_CELL_M = 25.0
_MOUNT_M = 1.0  # a camera this far inside a footprint hangs on its wall: positions are no better than that
_CLEAR_M = 0.05


@dataclass(frozen=True)
class Walls:
    """Footprints with their `heights` (NaN where unknown), and their walls, sorted into square cells."""

    footprints: Geometries
    ids: Geometries
    heights: Floats
    tree: shapely.STRtree
    lattice: Lattice
    target_m: float


def walls(buildings: gpd.GeoDataFrame | None, *, target_m: float = 1.5) -> Walls:
    """Prepare footprints for looking around them; empty and missing ones are left out.

    A building whose `height_m` (else `floors` of 3 m) is known and not above `target_m` hides nothing.
    """
    if buildings is None or not len(buildings):
        return _indexed(np.empty(0, object), np.empty(0, object), np.empty(0), target_m)
    require_metres(buildings, "buildings")
    shapes = buildings.geometry.to_numpy()
    named = "building_id" in buildings.columns
    ids = buildings["building_id"].to_numpy(dtype=object) if named else np.arange(len(shapes)).astype(object)
    heights = np.full(len(shapes), np.nan)
    if "floors" in buildings.columns:
        heights = buildings["floors"].to_numpy(dtype=float, na_value=np.nan) * FLOOR_M
    if "height_m" in buildings.columns:
        stated = buildings["height_m"].to_numpy(dtype=float, na_value=np.nan)
        heights = np.where(np.isnan(stated), heights, stated)
    heights = np.where(heights > 0, heights, np.nan)
    keep = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & ~(heights <= target_m)
    return _indexed(shapes[keep], ids[keep], heights[keep], target_m)


def _indexed(shapes: Geometries, ids: Geometries, heights: Floats, target_m: float) -> Walls:
    tree = shapely.STRtree(shapes)  # first: what it needs for a while is there for the rest
    points, rings, owner = corners(shapes)
    low = points.min(axis=0) - 1 if len(points) else np.zeros(2)
    size = (points.max(axis=0) - low) // _CELL_M + 1 if len(points) else np.zeros(2)
    starts, members = index_edges(points, rings, low, _CELL_M, int(size[0]), int(size[1]))
    frame = np.array([low[0], low[1], _CELL_M, size[0], size[1]])
    lattice = Lattice(points, owner, heights, starts, members, frame)
    return Walls(shapes, ids, heights, tree, lattice, target_m)


def mount(points: Geometries, standing: Walls, *, mount_m: Floats | None = None) -> tuple[Floats, Flags]:
    """Hang cameras on the walls they touch, and find those that stand indoors.

    A point on a wall, or up to 1 m inside a footprint (lists and surveys are no better), is moved 5 cm in
    front of the nearest outer wall of the footprints that touch there. Deeper inside, a camera known to be
    higher than its building stands on the roof and stays; any other is indoors and sees nothing outside.

    Returns
    -------
    tuple
        Positions, one row ``(x, y)`` per point, and True where the camera is indoors.
    """
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    indoors = np.zeros(len(points), bool)
    camera, _ = standing.tree.query(points, predicate="dwithin", distance=_CLEAR_M)
    for row in np.unique(camera):
        near = standing.tree.query(points[row], predicate="dwithin", distance=2 * _MOUNT_M)
        block = shapely.union_all(shapely.buffer(standing.footprints[near], _CLEAR_M, join_style="mitre"))
        outline = shapely.boundary(block)
        depth = shapely.distance(points[row], outline)
        if shapely.intersects(block, points[row]) and depth > _MOUNT_M + _CLEAR_M:
            inside = near[shapely.intersects(standing.footprints[near], points[row])]
            tallest = np.max(standing.heights[inside], initial=0.0)
            height = np.nan if mount_m is None else mount_m[row]
            indoors[row] = not height >= tallest > 0
            continue
        foot = shapely.get_coordinates(shapely.shortest_line(outline, points[row]))[0]
        xy[row] = foot
    return xy, indoors
