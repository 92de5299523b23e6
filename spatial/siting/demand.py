"""What new cameras could still show: unseen ground of targets, unseen road, and unseen land near homes, as points.

Each disc's weight is spread over points of its free ground, each road sample carries its metres, and each home
its households at the nearest unseen land within 20 m; so does each incident its count, where incidents are weighed.
What is covered already (a disc at half or more counts whole) is kept as a sum: shares are of all demand, seen and
unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.coverage.ground import seen_samples
from spatial.coverage.ground.unseen import blind_land, part_at
from spatial.weights import Weights, target_weights

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage import CoverageState


__all__ = ["HOME_M", "POINT_KINDS", "Demand", "every_point", "seen_points", "site_demand"]

_ROAD_STEP = 5  # samples of 2 m: one demand point for every 10 m of road
HOME_M = 20.0
POINT_KINDS = ("road", "home", "incident")
"""Kinds of demand that are no target, in the order of `every_point`."""
_RINGS = ((0.35, 6), (0.75, 12))  # points of a disc: at 35 % and 75 % of the radius, and its centre


@dataclass(frozen=True)
class Demand:
    """Unseen demand points: position, weight, kind, what they stand for, and how much of it.

    `owner` is the row of the target (kinds of target), else -1; `amount` is a share of the target, metres of road,
    households, or incidents. `total` is the weight of all demand, `seen` of that which is covered today.
    """

    xy: Floats
    weight: Floats
    kind: Geometries
    owner: Ints
    amount: Floats
    total: float
    seen: float

    def only(self, rows: Flags) -> Demand:
        """Keep the points that are open; the others count as seen."""
        return Demand(
            self.xy[rows], self.weight[rows], self.kind[rows], self.owner[rows], self.amount[rows], self.total,
            self.seen + float(self.weight[~rows].sum()),
        )  # fmt: skip


def site_demand(state: CoverageState, weights: Weights | None = None) -> Demand:
    """Collect the demand of a county, in a fixed order."""
    every, seen = every_point(state, weights)
    return every.only(~seen)


def every_point(state: CoverageState, weights: Weights | None = None) -> tuple[Demand, Flags]:
    """Give all demand points, also those that are seen, and which are."""
    weights = weights or Weights()
    parts = [_targets(state, weights), _roads(state, weights), _homes(state, weights), _incidents(state, weights)]
    xy, weight, owner, amount, seen = (np.concatenate([part[k] for part in parts]) for k in range(5))
    names = state.targets["kind"].to_numpy(dtype=object)[parts[0][2]]
    others = (np.full(len(part[0]), name, object) for part, name in zip(parts[1:], POINT_KINDS, strict=True))
    kind = np.concatenate([names, *others])
    weight = _even(weight)
    return Demand(xy, weight, kind, owner.astype(np.int64), amount, float(weight.sum()), 0.0), seen.astype(bool)


def _even(weight: Floats) -> Floats:
    """Round weights to a common binary fraction, so that their sums are exact and the same in any order."""
    unit = np.ldexp(1.0, int(np.frexp(weight.sum())[1]) - 50)
    answer: Floats = np.rint(weight / unit) * unit
    return answer


_Part = tuple["Floats", "Floats", "Ints", "Floats", "Flags"]


def _targets(state: CoverageState, weights: Weights) -> _Part:
    """Spread every disc over nineteen points, those on free ground; a disc without any keeps its centre."""
    unit = [(0.0, 0.0)]
    for share, count in _RINGS:
        angle = 2 * np.pi * np.arange(count) / count
        unit += list(zip(share * np.cos(angle), share * np.sin(angle), strict=True))
    pattern = np.array(unit)
    aims = state.targets
    centre = aims[["x", "y"]].to_numpy(dtype=float)
    xy = (centre[:, None] + pattern[None] * aims["radius_m"].to_numpy(dtype=float)[:, None, None]).reshape(-1, 2)
    owner = np.repeat(np.arange(len(aims)), len(pattern))
    free = np.ones(len(xy), bool)
    free[state.standing.tree.query(points_at(xy), predicate="intersects")[0]] = False
    none = ~np.isin(np.arange(len(aims)), owner[free])
    free |= none[owner] & (np.arange(len(xy)) % len(pattern) == 0)
    xy, owner = xy[free], owner[free]
    amount = 1.0 / np.bincount(owner, minlength=len(aims))[owner] if len(owner) else np.empty(0)
    seen = seen_points(state, xy, state.seeing) | state.covered[owner]
    return xy, amount * target_weights(aims, weights)[owner], owner, amount, seen


def _roads(state: CoverageState, weights: Weights) -> _Part:
    """Let the middle sample of every 10 m of road stand for them; roads outside all villages do not count."""
    samples, line = state.roads.samples, state.roads.sample_road
    inside = seen_samples(state.tally, len(samples))[:, 1] > 0
    inside &= state.roads.classes[line] != "street"
    rows = np.flatnonzero(inside)
    if not len(rows):
        return _nothing()
    first = np.r_[0, np.flatnonzero(np.diff(line)) + 1]
    place = (np.arange(len(line)) - first[np.searchsorted(first, np.arange(len(line)), side="right") - 1]) // _ROAD_STEP
    keys = np.column_stack([line[rows], place[rows]])
    change = np.r_[True, (np.diff(keys, axis=0) != 0).any(axis=1)]
    group = np.cumsum(change) - 1
    metres = np.bincount(group, samples[rows, 2])
    middle = np.flatnonzero(change) + np.bincount(group) // 2
    xy = samples[rows[middle], :2]
    return xy, weights.road_m * metres, np.full(len(xy), -1), metres, state.road_covered[rows[middle]]


def _homes(state: CoverageState, weights: Weights) -> _Part:
    """Put each home's households beside it."""
    homes = state.homes
    if homes is None or not len(homes):
        return _nothing()
    households = np.ones(len(homes))
    if "households" in homes.columns:
        households = homes["households"].to_numpy(dtype=float, na_value=0.0)
    return _beside(state, np.column_stack([homes.geometry.x, homes.geometry.y]), households, weights.household)


def _incidents(state: CoverageState, weights: Weights) -> _Part:
    """Put each incident beside where it was recorded, which may be in a house; none where they are not weighed."""
    if state.incidents is None or not len(state.incidents) or weights.incident <= 0:
        return _nothing()
    xy = np.column_stack([state.incidents.geometry.x, state.incidents.geometry.y])
    return _beside(state, xy, np.ones(len(xy)), weights.incident)


def _beside(state: CoverageState, xy: Floats, amount: Floats, weight: float) -> _Part:
    """Put amounts on unseen land within 20 m, if there is any; else they count as seen."""
    part, spots = part_at(blind_land(state.ground, state.tally), xy, HOME_M)
    return spots, weight * amount, np.full(len(xy), -1), amount, part == 0


def _nothing() -> _Part:
    return np.empty((0, 2)), np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0, bool)


def seen_points(state: CoverageState, xy: Floats, cameras: Flags) -> Flags:
    """Tell which points some of the cameras see today."""
    shapes = state.views.frame.geometry.to_numpy()
    shapes = shapes[cameras & ~shapely.is_missing(shapes)]
    answer = np.zeros(len(xy), bool)
    shapely.prepare(shapes)
    answer[shapely.STRtree(points_at(xy)).query(shapes, predicate="intersects")[1]] = True
    return answer
