"""Why a place is not seen: a wall in the way, a camera that is off, one that is too far or too coarse, or none.

In this order: `offline` - a camera that does not work would see it; `blocked` - it lies in a working camera's
sector, behind a building; `too_coarse` - in a working camera's direction and stated reach, but with too few
pixels per metre; `too_far` - in a working camera's direction, beyond its reach, within 150 m;
`none` - no camera looks this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.views import Views


__all__ = ["REASONS", "reasons"]

REASONS = ("none", "too_far", "too_coarse", "blocked", "offline")
"""From the weakest to the strongest."""

_LOOK_M = 150.0
_COARSE = 2.5  # from observe to detect: what a camera sees at 62.5 px/m it still notices at 25


def reasons(xy: Floats, group: Ints, count: int, *, views: Views, seeing: Flags) -> Geometries:
    """Give the reason of each of `count` blind areas from sample points ``xy`` that belong to area `group`.

    The reason that holds for most samples of an area is given, the stronger of equals.
    """
    strength = np.zeros(len(xy), np.int64)
    points = points_at(xy)
    _raise_to(strength, *_in_direction(xy, points, views, seeing))
    shapes = views.frame.geometry.to_numpy()
    rows = np.flatnonzero(~seeing & ~shapely.is_missing(shapes))
    strength[shapely.STRtree(points).query(shapes[rows], predicate="intersects")[1]] = len(REASONS) - 1
    votes = np.zeros((count, len(REASONS)), np.int64)
    np.add.at(votes, (group, strength), 1)
    winner = len(REASONS) - 1 - np.argmax(votes[:, ::-1], axis=1)
    return np.array(REASONS, dtype=object)[np.where(votes.sum(axis=1) > 0, winner, 0)]


def _raise_to(strength: Ints, point: Ints, level: Ints) -> None:
    np.maximum.at(strength, point, level)


def _in_direction(xy: Floats, points: Geometries, views: Views, seeing: Flags) -> tuple[Ints, Ints]:
    """Pairs of points and the weak reasons of cameras that look their way."""
    sectors = views.sectors.take(seeing[views.sectors.camera])
    if not len(sectors.camera) or not len(points):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = views.xy[sectors.camera]
    point, sector = shapely.STRtree(points_at(at)).query(points, predicate="dwithin", distance=_LOOK_M)
    delta = xy[point] - at[sector]
    distance = np.hypot(delta[:, 0], delta[:, 1])
    bearing = np.degrees(np.arctan2(delta[:, 0], delta[:, 1]))
    off = np.abs((bearing - sectors.azimuth_deg[sector] + 180.0) % 360.0 - 180.0)
    ahead = off <= sectors.hfov_deg[sector] / 2
    beyond = ahead & (distance > sectors.far_m[sector])
    hidden = ahead & (distance >= sectors.near_m[sector]) & ~beyond
    reach = np.fmin(views.optics.coarse_m[sectors.camera][sector], _COARSE * sectors.far_m[sector])
    coarse = beyond & (distance <= reach)
    level = np.where(hidden, 3, np.where(coarse, 2, 1))
    return point[beyond | hidden], level[beyond | hidden]
