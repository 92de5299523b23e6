"""What can be seen from points through sectors, around building footprints: exact polygons in the plane.

Occlusion is flat: a footprint hides whatever lies behind it, however high the camera hangs. Only buildings
known to be no higher than the target let it be seen. Walls and fences of the layer `barriers` carry no height
and hide nothing. Touching and overlapping footprints are right without uniting them first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.envelope import index_edges, sight
from spatial.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.optics import Sectors


__all__ = ["Walls", "mount", "sector_views", "walls"]

FLOOR_M = 3.0
_CELL_M = 25.0
_MOUNT_M = 1.0  # a camera this far inside a footprint hangs on its wall: positions are no better than that
_CLEAR_M = 0.05


@dataclass(frozen=True)
class Walls:
    """Footprints and their edges, sorted into square cells; `heights` are NaN where nobody knows."""

    footprints: Geometries
    heights: Floats
    tree: shapely.STRtree
    edges: Floats
    cells: Ints
    offsets: Ints
    members: Ints
    frame: Floats


def walls(buildings: gpd.GeoDataFrame | None, *, target_m: float = 1.5) -> Walls:
    """Prepare footprints for looking around them; empty and missing ones are left out.

    A building whose `height_m` (else `floors` of 3 m) is known and not above `target_m` hides nothing.
    """
    if buildings is None or not len(buildings):
        return _indexed(np.empty(0, object), np.empty(0))
    require_metres(buildings, "buildings")
    shapes = shapely.orient_polygons(buildings.geometry.to_numpy())
    heights = np.full(len(shapes), np.nan)
    if "floors" in buildings.columns:
        heights = buildings["floors"].to_numpy(dtype=float, na_value=np.nan) * FLOOR_M
    if "height_m" in buildings.columns:
        stated = buildings["height_m"].to_numpy(dtype=float, na_value=np.nan)
        heights = np.where(np.isnan(stated), heights, stated)
    heights = np.where(heights > 0, heights, np.nan)
    keep = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & ~(heights <= target_m)
    return _indexed(shapes[keep], heights[keep])


def _indexed(shapes: Geometries, heights: Floats) -> Walls:
    parts = shapely.get_parts(shapes)
    points, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    follows = ring[1:] == ring[:-1] if len(ring) else np.empty(0, bool)
    edges = np.ascontiguousarray(np.hstack([points[:-1][follows], points[1:][follows]])) if len(ring) else None
    if edges is None or not len(edges):
        edges = np.empty((0, 4))
    edges = edges[(edges[:, :2] != edges[:, 2:]).any(axis=1)]
    low = edges.reshape(-1, 2).min(axis=0) - 1 if len(edges) else np.zeros(2)
    size = (edges.reshape(-1, 2).max(axis=0) - low) // _CELL_M + 1 if len(edges) else np.zeros(2)
    cells, offsets, members = index_edges(edges, low, _CELL_M, int(size[0]), int(size[1]))
    frame = np.array([low[0], low[1], _CELL_M, size[0], size[1]])
    return Walls(shapes, heights, shapely.STRtree(shapes), edges, cells, offsets, members, frame)


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


def sector_views(xy: Floats, sectors: Sectors, standing: Walls, *, step_deg: float = 2.0) -> Geometries:
    """Give what each sector sees, as one (multi-)polygon per sector; empty where it sees nothing.

    Parameters
    ----------
    xy : ndarray
        Positions by camera number, in metres.
    sectors : Sectors
        Plane sectors; ``sectors.camera`` points into `xy`.
    standing : Walls
        What is in the way.
    step_deg : float
        Arcs are drawn as chords of at most this angle; 2 degrees lose 0.02 % of a sector's area.
    """
    full = sectors.hfov_deg >= 359.9
    width = np.radians(np.where(full, 360.0, sectors.hfov_deg))
    base = np.radians(90.0 - sectors.azimuth_deg) - width / 2
    near = np.where(full, 0.0, sectors.near_m)
    far = np.where(sectors.far_m > sectors.near_m, sectors.far_m, 0.0)
    eyes = np.column_stack([xy[sectors.camera], base, width, near, far])
    flat, offsets, owner = sight(
        eyes, standing.edges, standing.cells, standing.offsets, standing.members, standing.frame, math.radians(step_deg)
    )
    answer = np.full(len(eyes), shapely.Polygon(), dtype=object)
    if len(owner):
        rings = shapely.from_ragged_array(shapely.GeometryType.POLYGON, flat, (offsets, np.arange(len(owner) + 1)))
        answer = _collected(_mended(rings), owner, len(eyes))
    for row in np.flatnonzero(full & (sectors.near_m > 0) & (far > 0)):
        x, y = eyes[row, :2]
        blind = shapely.Point(x, y).buffer(sectors.near_m[row], quad_segs=max(8, round(90 / step_deg)))
        answer[row] = shapely.difference(answer[row], blind)
    return answer


def _mended(rings: Geometries) -> Geometries:
    """Repair the rare outline that rounding made touch itself."""
    bad = ~shapely.is_valid(rings)
    if bad.any():
        rings = rings.copy()
        rings[bad] = shapely.buffer(rings[bad], 0)
    return rings


def _collected(rings: Geometries, owner: Ints, count: int) -> Geometries:
    """Collect the rings of each owner; one ring stays a polygon."""
    answer = np.full(count, shapely.Polygon(), dtype=object)
    parts, place = shapely.get_parts(rings, return_index=True)
    owner = owner[place]
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    answer[owner[single]] = parts[single]
    if not single.all():
        rest = np.flatnonzero(~single)
        groups, first = np.unique(owner[rest], return_inverse=True)
        answer[groups] = shapely.multipolygons(parts[rest], indices=first)
    return answer
