"""What ends a blind area without a new camera: one to repair, one to turn, one to give a longer lens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.coverage.sight.sights import sector_views

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Floats, Geometries, Ints
    from spatial.coverage.state import CoverageState
    from spatial.problems import Problems

__all__ = ["remedy_problems"]

MOST_LISTED = 500
_WIDE_DEG = 180.0
_COARSE = 2.5  # as in `spatial.coverage.gaps.reasons`


def remedy_problems(state: CoverageState, gaps: gpd.GeoDataFrame, problems: Problems) -> None:
    """List, for the 500 heaviest blind areas, the nearest camera that would show their middle, and what it needs.

    Repair comes before turning, turning before a longer lens; areas that only a new camera can show are not listed.
    Houses hide what is behind them, hills are not looked at.
    """
    gaps = gaps.head(MOST_LISTED)
    if not len(gaps):
        return
    points = shapely.point_on_surface(gaps.geometry.to_numpy())
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    codes, done = state.cameras["camera_id"].to_numpy(), np.zeros(len(gaps), bool)
    for kind, (near, seer) in (
        ("gap-repair", _off(state, points)), ("gap-turn", _turned(state, xy)), ("gap-lens", _coarse(state, xy)),
    ):  # fmt: skip
        far = np.hypot(*(xy[near] - state.views.xy[seer]).T)
        order = np.lexsort((seer, far, near))
        gap, camera, away = near[order], seer[order], far[order]
        nearest = np.r_[True, gap[1:] != gap[:-1]] if len(gap) else np.empty(0, bool)
        for row, at, metres in zip(gap[nearest], camera[nearest], away[nearest], strict=True):
            if not done[row]:
                east, north = xy[row] - state.views.xy[at]
                problems.add(
                    kind, code=str(codes[at]), geometry=points[row], gap=gaps["gap_id"].iloc[row],
                    rank=int(gaps["rank"].iloc[row]), metres=float(metres),
                    to=float(np.degrees(np.arctan2(east, north)) % 360),
                )  # fmt: skip
        done[gap] = True


def _off(state: CoverageState, points: Geometries) -> tuple[Ints, Ints]:
    """Cameras that do not work and would see a point."""
    shapes = state.views.frame.geometry.to_numpy()
    rows = np.flatnonzero(~state.seeing & ~shapely.is_missing(shapes))
    camera, gap = shapely.STRtree(points).query(shapes[rows], predicate="intersects")
    return gap, rows[camera]


def _pairs(state: CoverageState, xy: Floats, reach: Floats) -> tuple[Ints, Ints]:
    """Working sectors that have a point within reach, beyond their dead zone, whatever their heading."""
    sectors = state.views.sectors
    rows = np.flatnonzero(state.seeing[sectors.camera] & (sectors.far_m > sectors.near_m) & np.isfinite(reach))
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = state.views.xy[sectors.camera[rows]]
    sector, gap = shapely.STRtree(points_at(xy)).query(points_at(at), predicate="dwithin", distance=reach[rows])
    away = np.hypot(*(xy[gap] - at[sector]).T)
    near = away >= sectors.near_m[rows[sector]]
    return gap[near], rows[sector[near]]


def _turned(state: CoverageState, xy: Floats) -> tuple[Ints, Ints]:
    """Find fixed working cameras with one heading that would see a point if they looked there."""
    sectors = state.views.sectors
    gap, sector = _pairs(state, xy, sectors.far_m)
    single = np.bincount(sectors.camera, minlength=len(state.seeing)) == 1
    fixed = single[sectors.camera[sector]] & (sectors.hfov_deg[sector] < _WIDE_DEG)
    gap, sector = gap[fixed], sector[fixed]
    rows, place = np.unique(sector, return_inverse=True)
    around = sectors.take(rows)
    around = replace(around, hfov_deg=np.full(len(rows), 360.0))
    views = sector_views(state.views.xy, around, state.standing, mount_m=state.views.optics.mount_m)
    seen = np.asarray(shapely.intersects(views[place.ravel()], points_at(xy[gap])), dtype=bool)
    return gap[seen], sectors.camera[sector[seen]]


def _coarse(state: CoverageState, xy: Floats) -> tuple[Ints, Ints]:
    """Working cameras that look at a point, free of walls, with too few pixels."""
    sectors = state.views.sectors
    reach = np.fmin(state.views.optics.coarse_m[sectors.camera], _COARSE * sectors.far_m)
    gap, sector = _pairs(state, xy, reach)
    at = state.views.xy[sectors.camera[sector]]
    east, north = (xy[gap] - at).T
    off = np.abs((np.degrees(np.arctan2(east, north)) - sectors.azimuth_deg[sector] + 180.0) % 360.0 - 180.0)
    ahead = off <= sectors.hfov_deg[sector] / 2
    gap, sector, at = gap[ahead], sector[ahead], at[ahead]
    lines = shapely.linestrings(np.stack([at, xy[gap]], axis=1)) if len(gap) else np.empty(0, dtype=object)
    walled = np.zeros(len(gap), bool)
    walled[state.standing.tree.query(lines, predicate="intersects")[0]] = True
    return gap[~walled], sectors.camera[sector[~walled]]
