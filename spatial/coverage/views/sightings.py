"""Who sees a point, at what pixel density; why the other cameras near it do not, and what is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.coverage.optics import pixels_at
from spatial.coverage.views.inventory import working

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Ints
    from spatial.coverage.sight.visibility import Walls
    from spatial.coverage.views.cameras import Views

__all__ = ["WHY", "who_sees"]

WHY = ("sees", "offline", "indoors", "turned_away", "too_near", "blocked", "hill", "too_coarse", "too_far")
"""From seeing the point to being too far from it."""

_AROUND_M = 150.0


def who_sees(
    cameras: gpd.GeoDataFrame, views: Views, standing: Walls, x: float, y: float, *, seeing: Flags | None = None,
    around_m: float = _AROUND_M,
) -> pd.DataFrame:  # fmt: skip
    """List the cameras that see a point, and those within `around_m` that do not, with the reason.

    Parameters
    ----------
    cameras, views, standing
        A camera list, its views (`camera_views`) and what stands in the way, as in a coverage state.
    x, y : float
        The point, in the metres of the list.
    seeing : ndarray of bool, optional
        Which cameras count; by default those that work.

    Returns
    -------
    DataFrame
        `camera_id`, `sees`, `why` (of `WHY`), `distance_m`, `px_per_m` (what the camera has at this distance, were it
        to look there), `building_id` and `obstacle_m` of the first building that hides the point; cameras that see it
        first, then by distance.
    """
    seeing = working(cameras) if seeing is None else seeing
    point = shapely.Point(x, y)
    shapes = views.frame.geometry.to_numpy()
    over = ~shapely.is_missing(shapes) & shapely.intersects(shapes, point)
    away = np.array([x, y]) - views.xy
    distance = np.hypot(*away.T)
    rows = np.flatnonzero(over | (distance <= around_m))
    found = pd.DataFrame({
        "camera_id": cameras["camera_id"].to_numpy()[rows],
        "sees": (over & seeing)[rows],
        "why": "sees",
        "distance_m": distance[rows],
        "px_per_m": pixels_at(views.optics, rows, distance[rows], target_m=standing.target_m),
        "building_id": None,
        "obstacle_m": np.nan,
    })  # fmt: skip
    for place, row in enumerate(rows):
        if found.loc[place, "sees"]:
            continue
        hidden = _first_obstacle(views.xy[row], point, float(views.optics.mount_m[row]), standing)
        why = (
            "offline"
            if over[row]
            else _why(views, int(row), away[row], float(distance[row]), hidden=hidden is not None)
        )
        found.loc[place, "why"] = why
        if hidden is not None and why == "blocked":
            found.loc[place, "building_id"], found.loc[place, "obstacle_m"] = standing.ids[hidden[0]], hidden[1]
    found["px_per_m"] = found["px_per_m"].where(np.isfinite(found["px_per_m"]))
    return found.sort_values(["sees", "distance_m", "camera_id"], ascending=[False, True, True], ignore_index=True)


def _why(views: Views, row: int, away: Floats, distance: float, *, hidden: bool) -> str:
    """Give the reason of one camera that does not see the point, by the sector that comes nearest to seeing it."""
    if views.indoors[row]:
        return "indoors"
    mine: Ints = np.flatnonzero(views.sectors.camera == row)
    bearing = np.degrees(np.arctan2(away[0], away[1]))
    sectors = views.sectors.take(mine)
    off = np.abs((bearing - sectors.azimuth_deg + 180.0) % 360.0 - 180.0)
    ahead = off <= sectors.hfov_deg / 2
    if not ahead.any():
        return "turned_away"
    near, far = sectors.near_m[ahead].min(), sectors.far_m[ahead].max()
    if distance > far:
        return "too_coarse" if distance <= views.optics.coarse_m[row] else "too_far"
    if distance < near:
        return "too_near"
    return "blocked" if hidden else "hill"


def _first_obstacle(eye: Floats, point: shapely.Point, mount_m: float, standing: Walls) -> tuple[int, float] | None:
    """Find the nearest building that hides a point from an eye, and how far it is."""
    line = shapely.LineString([(float(eye[0]), float(eye[1])), (point.x, point.y)])
    found = standing.tree.query(line, predicate="intersects")
    nearest: tuple[int, float] | None = None
    for building in found:
        chord = shapely.intersection(standing.footprints[building], line)
        ends = np.hypot(*(shapely.get_coordinates(chord) - eye).T)
        top = standing.heights[building]
        stretch = (mount_m - standing.target_m) / (mount_m - top) if top < mount_m else np.inf
        hides = line.length <= ends.max() * stretch
        if hides and (nearest is None or ends.min() < nearest[1]):
            nearest = int(building), float(ends.min())
    return nearest
