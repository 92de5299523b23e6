"""Problems of views: cameras that see nothing, stand indoors, or rest on defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.pixels import pixel_name
from spatial.problems import Problems

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.coverage.views import Views

__all__ = ["view_problems"]

_BLOCKED = 0.95


def view_problems(cameras: gpd.GeoDataFrame, views: Views, *, pixels: str) -> Problems:
    """List cameras whose view is empty, and why; and, per column, how many cameras rest on a default."""
    problems = Problems()
    codes, points = cameras["camera_id"].to_numpy(), cameras.geometry.to_numpy()
    frame, sectors = views.frame, views.sectors
    reach = np.zeros(len(codes))
    np.maximum.at(reach, sectors.camera, sectors.far_m - sectors.near_m)
    blocked = frame["blocked_share"].to_numpy()
    for row in np.flatnonzero(views.indoors):
        problems.add("camera-indoors", code=str(codes[row]), geometry=points[row])
    for row in np.flatnonzero((reach <= 0) & ~views.indoors):
        problems.add("view-empty", code=str(codes[row]), geometry=points[row], level=pixel_name(pixels))
    for row in np.flatnonzero((reach > 0) & (blocked >= _BLOCKED)):
        problems.add("view-blocked", code=str(codes[row]), geometry=points[row], share=float(blocked[row]))
    for column, rows in views.optics.assumed.items():
        if rows.any():
            problems.add("view-assumed", code=column, count=int(rows.sum()), total=len(codes))
    return problems
