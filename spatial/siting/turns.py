"""Cameras that hang already and could look another way: what each shows now, and what it would show in each heading.

Every working camera with one known heading may be turned; turned, it no longer shows what only it showed. Its present
view and its other headings are offers of one place (`spatial.siting.offers`), chosen together with the new sites. What
cameras that stay as they are show is settled beforehand. A target that is covered today counts whole while one of the
cameras that look at it stays (or the others show half of it); so does the ground around a home that is seen today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array, vstack

from spatial.arrays import points_at
from spatial.siting.demand import HOME_M, every_point, seen_points
from spatial.siting.looks import looked, seen_by

if TYPE_CHECKING:
    from spatial.arrays import Flags, Geometries, Ints
    from spatial.coverage import CoverageState
    from spatial.coverage.optics import Sectors
    from spatial.siting.demand import Demand
    from spatial.weights import Weights

__all__ = ["Turning", "held_by", "turning"]

_FIXED_DEG = 180.0  # what sees wider than this has no heading worth turning
_SAME_DEG = 1.0


@dataclass(frozen=True)
class Turning:
    """The demand that is at stake, and rows of cover over it: the present view of each camera, then its headings.

    `camera` is the row's camera, `sectors` its view's sector, `today` marks the present ones, which come first.
    """

    demand: Demand
    cover: csr_array
    camera: Ints
    sectors: Sectors
    views: Geometries
    today: Flags


def turning(state: CoverageState, weights: Weights, headings: int) -> Turning:
    """Collect the cameras that may be turned, with as many headings each, evenly spread."""
    sector = _turnable(state)
    camera = state.views.sectors.camera[sector]
    stay = state.views.frame.geometry.to_numpy()[camera]
    demand, kept = _at_stake(state, weights, camera, stay)
    tried = _tried(state, sector, headings)
    views = looked(state, state.views.xy, tried, state.views.optics.mount_m)
    both = state.views.sectors.take(sector)
    rows = {name: np.concatenate([getattr(both, name), getattr(tried, name)]) for name in vars(both)}
    return Turning(
        demand, csr_array(vstack([kept, seen_by(views, demand.xy)])), rows["camera"], replace(both, **rows),
        np.concatenate([stay, views]), np.arange(len(rows["camera"])) < len(sector),
    )  # fmt: skip


def _turnable(state: CoverageState) -> Ints:
    """Sectors of the working cameras that have one known heading."""
    sectors = state.views.sectors
    single = np.bincount(sectors.camera, minlength=len(state.seeing)) == 1
    fixed = single & state.seeing & ~state.views.optics.headless & ~state.views.indoors & ~state.views.optics.turning
    usable = (sectors.hfov_deg < _FIXED_DEG) & (sectors.far_m > sectors.near_m)
    return np.flatnonzero(fixed[sectors.camera] & usable)


def _tried(state: CoverageState, sector: Ints, headings: int) -> Sectors:
    """Give every camera's other headings."""
    steps = np.arange(headings) * 360.0 / headings
    tried = state.views.sectors.take(np.repeat(sector, headings))
    away = np.abs((np.tile(steps, len(sector)) - tried.azimuth_deg + 180.0) % 360.0 - 180.0) > _SAME_DEG
    return replace(tried, azimuth_deg=np.tile(steps, len(sector))).take(np.flatnonzero(away))


def _at_stake(state: CoverageState, weights: Weights, camera: Ints, stay: Geometries) -> tuple[Demand, csr_array]:
    """Keep the demand that cameras which cannot be turned leave open, and say what each present view shows of it.

    All present views together show exactly what is seen today.
    """
    demand, seen = every_point(state, weights)
    others = state.seeing.copy()
    others[camera] = False
    alone = held_by(state, demand, seen, others)
    kept = seen_by(stay, demand.xy)
    kept = csr_array(kept + _by_home(stay, demand) + _by_target(kept, demand, len(state.targets)))
    kept.data[:] = 1.0
    held = np.asarray(kept.sum(axis=0)).ravel() > 0
    open_ = ~seen | (held & ~alone)
    kept = csr_array(kept[:, np.flatnonzero(open_)])
    kept = csr_array(kept.multiply(seen[open_][None, :]))
    kept.eliminate_zeros()
    return demand.only(open_), kept


def held_by(state: CoverageState, demand: Demand, seen: Flags, cameras: Flags) -> Flags:
    """Tell which points of `every_point` stay covered where only some of today's cameras work."""
    alone = seen_points(state, demand.xy, cameras)
    targets = demand.owner >= 0
    half = np.bincount(demand.owner[targets], (demand.amount * alone)[targets], minlength=len(state.targets)) >= 0.5
    alone[targets] |= half[demand.owner[targets]]
    near: Flags = np.asarray(_by_home(_shapes(state, cameras), demand).sum(axis=0)).ravel() > 0
    return alone | (seen & near)


def _shapes(state: CoverageState, cameras: Flags) -> Geometries:
    shapes: Geometries = state.views.frame.geometry.to_numpy()[cameras]
    return shapes[~shapely.is_missing(shapes)]


def _by_home(stay: Geometries, demand: Demand) -> csr_array:
    """Tell which present views reach the surroundings of which homes."""
    homes = np.flatnonzero(np.isin(demand.kind, ("home", "incident")))
    camera, home = shapely.STRtree(points_at(demand.xy[homes])).query(stay, predicate="dwithin", distance=HOME_M)
    return csr_array((np.ones(len(camera)), (camera, homes[home])), shape=(len(stay), len(demand.xy)))


def _by_target(kept: csr_array, demand: Demand, count: int) -> csr_array:
    """Let a view that shows a part of a target hold all its points."""
    points = np.flatnonzero(demand.owner >= 0)
    owned = csr_array((np.ones(len(points)), (points, demand.owner[points])), shape=(len(demand.xy), count))
    return csr_array((kept @ owned) @ owned.T)
