"""Problems of views: cameras that see nothing, stand indoors, face a wall, or rest on defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.advice.redundancy import redundancy_problems
from spatial.coverage.advice.sweeps import sweep_problems
from spatial.coverage.optics.pixels import pixel_name
from spatial.problems import Problems

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.coverage.state import CoverageState
    from spatial.coverage.views import Views

__all__ = ["state_problems", "view_problems"]

_BLOCKED, _HALF = 0.95, 0.5
_WORTH, _MOST = 2.0, 99.0  # turning is proposed where it at least doubles what a camera sees


def state_problems(state: CoverageState, *, threads: int = 2) -> Problems:
    """List what is wrong with views, what they sweep against the law, and which add little."""
    views = state.views
    problems = view_problems(state.cameras, views, pixels=state.options.pixels)
    sweep_problems(
        problems, "camera", state.cameras["camera_id"].to_numpy(), views.frame.geometry.to_numpy(), views.sectors,
        xy=views.xy, zones=state.zones, standing=state.standing, mount_m=views.optics.mount_m,
        rows=np.flatnonzero(state.seeing),
    )  # fmt: skip
    redundancy_problems(state, problems, threads=threads)
    if not state.tally.villages[:, 0].any():
        problems.add("coverage-of-nothing")
    return problems


def view_problems(cameras: gpd.GeoDataFrame, views: Views, *, pixels: str) -> Problems:
    """List cameras that see nothing, and why, those that would see twice as much if turned, and defaults by column."""
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
    area, best, heading = (frame[name].to_numpy(dtype=float) for name in ("area_m2", "best_m2", "best_azimuth_deg"))
    gain = np.divide(best, area, out=np.where(best > 0, _MOST, 1.0), where=area > 0)
    for row in np.flatnonzero((blocked >= _HALF) & (gain >= _WORTH)):
        times = min(float(gain[row]), _MOST)
        problems.add("view-turn", code=str(codes[row]), geometry=points[row], heading=float(heading[row]), gain=times)
    for column, rows in views.optics.assumed.items():
        if rows.any():
            problems.add("view-assumed", code=column, count=int(rows.sum()), total=len(codes))
    return problems
