"""Hamlets: clusters of lanes and row houses strung along the roads of a village."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.sample.houses import boxes
from spatial.sample.lines import along, bend, lines_through, points_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from spatial.sample.roads import Roads
    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]
    _Carry = Callable[[Ints, Floats], Floats]

__all__ = ["Anchors", "Rows", "choose_anchors", "free_land", "lay_rows"]

LANE_GAP_M = 47.0
"""From lane to lane: two houses with their yards between."""
PLOT_M = 14.5
"""From house to house along a lane."""


@dataclass(frozen=True)
class Anchors:
    """Where hamlets lie on the roads: point, direction of the road, village number, households wanted."""

    xy: Floats
    tangent: Floats
    village: Ints
    households: Floats


@dataclass(frozen=True)
class Rows:
    """Lanes, and candidate houses with their cluster.

    `dividers` are the lines of the lanes drawn on across the whole cluster; the houses of one `house_column` (counted
    on from cluster to cluster) stand between two of them.
    """

    lanes: Geometries
    houses: Geometries
    house_hamlet: Ints
    house_column: Ints
    depth_m: Floats
    dividers: Geometries
    divider_cluster: Ints


def free_land(villages: Geometries, ground: Ground) -> Geometries:
    """Give the land of every village that can be built on: clear of its border, water, railway and motorway."""
    lines = np.concatenate([ground.rail, ground.motorway])
    taken = [shapely.buffer(ground.water, 14.0), *shapely.buffer(lines, 26.0, quad_segs=2)]
    blocked = shapely.union_all(taken)
    land: Geometries = shapely.difference(shapely.buffer(villages, -4.0, quad_segs=1), blocked)
    return land


def choose_anchors(
    roads: Roads, land: Geometries, *, rural: Ints, households: Floats, rng: np.random.Generator
) -> Anchors:
    """Choose the places of hamlets: on village, town and county roads, first near the village's middle."""
    usable = (roads.rank >= 1) & (roads.rank <= 4) & ~roads.bridge
    lines = roads.lines[usable]
    counts = np.maximum(1, (shapely.length(lines) / 45).astype(np.int64))
    of = np.repeat(np.arange(len(lines)), counts)
    step = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    xy, tangent = along(lines[of], (step + 0.5) / counts[of] * shapely.length(lines)[of])
    inner = shapely.buffer(land[rural], -35.0, quad_segs=1)
    spots = points_at(xy)
    which, point = shapely.STRtree(spots).query(inner, predicate="contains")
    picked: list[int] = []
    village: list[int] = []
    wanted: list[float] = []
    for number, name in enumerate(rural.tolist()):
        here = point[which == number]
        if not len(here):  # a village too narrow for a margin
            here = np.flatnonzero(shapely.intersects(land[name], spots))
        if not len(here):
            continue
        count = int(np.clip(round(households[name] / 92), 1, 9))
        chosen = _spread(xy[here], count, shapely.area(land[name]), rng)
        share = rng.dirichlet(np.full(len(chosen), 6.0)) * households[name]
        picked += here[chosen].tolist()
        village += [name] * len(chosen)
        wanted += np.sort(share)[::-1].tolist()
    return Anchors(xy[picked], tangent[picked], np.array(village), np.array(wanted))


def _spread(xy: Floats, count: int, area_m2: float, rng: np.random.Generator) -> list[int]:
    """Pick up to `count` points, the first in the middle, the others near it but apart from each other."""
    apart = float(np.clip(0.55 * np.sqrt(area_m2 / count), 170, 430))
    middle = np.median(xy, axis=0)
    score = np.hypot(*(xy - middle).T) * rng.uniform(0.6, 1.4, len(xy))
    chosen: list[int] = []
    for candidate in np.argsort(score, kind="stable").tolist():
        if not chosen or np.hypot(*(xy[chosen] - xy[candidate]).T).min() >= apart:
            chosen.append(candidate)
        if len(chosen) == count:
            break
    return chosen


def lay_rows(anchors: Anchors, land: Geometries, *, rng: np.random.Generator) -> Rows:
    """Lay lanes across the road at every anchor, close them with back lanes, and set houses along them."""
    n = len(anchors.xy)
    reach = rng.uniform(62, 150, n)
    per_lane = 2 * (2 * reach / PLOT_M - 2.0)
    count = np.clip(np.ceil(1.35 * anchors.households / per_lane), 2, 18).astype(np.int64)
    turn = rng.normal(0, 0.06, n)
    lane_of = np.repeat(np.arange(n), count)
    place = np.arange(len(lane_of)) - np.repeat(np.cumsum(count) - count, count) - (count[lane_of] - 1) // 2
    u = place * LANE_GAP_M + rng.normal(0, 2.5, len(lane_of))
    low = -reach[lane_of] * rng.uniform(0.75, 1.12, len(lane_of))
    high = reach[lane_of] * rng.uniform(0.75, 1.12, len(lane_of))
    phase = rng.random((8, 3))

    def carry(hamlet: Ints, uv: Floats) -> Floats:
        ahead = anchors.tangent[hamlet]
        c, s = np.cos(turn[hamlet]), np.sin(turn[hamlet])
        ahead = np.column_stack([c * ahead[:, 0] - s * ahead[:, 1], s * ahead[:, 0] + c * ahead[:, 1]])
        side = np.column_stack([-ahead[:, 1], ahead[:, 0]])
        xy = anchors.xy[hamlet] + uv[:, :1] * ahead + uv[:, 1:] * side
        return bend(xy, phase=phase, reach_m=9.0, wavelength_m=520.0)

    lanes, part_of = _lanes(u, low, high, place % 3 == 0, lane_of, carry)
    back = _back_lanes(lane_of, u, low, high, carry)
    all_lanes = np.concatenate([lanes, back[0]])
    all_of = np.concatenate([part_of, back[1]])
    kept, _ = _clip(all_lanes, all_of, anchors, land)
    houses, of, column, depth = _houses(lane_of, u, low, high, carry, rng)
    return Rows(kept, houses, of, column, depth, _dividers(lane_of, u, reach, carry), lane_of)


def _dividers(lane_of: Ints, u: Floats, reach: Floats, carry: _Carry) -> Geometries:
    """Draw the line of every lane on beyond the last house on either side."""
    v = (1.2 * reach[lane_of] + 90.0)[:, None] * np.linspace(-1, 1, 17)
    uv = np.column_stack([np.repeat(u, 17), v.ravel()])
    return lines_through(carry(np.repeat(lane_of, 17), uv).reshape(-1, 17, 2))


def _lanes(
    u: Floats, low: Floats, high: Floats, through: NDArray[np.bool_], lane_of: Ints, carry: _Carry
) -> tuple[Geometries, Ints]:
    """Draw lanes; every third meets the road, the others stop short of it and hang on the back lanes."""
    whole, half = np.flatnonzero(through), np.flatnonzero(~through)
    of = np.concatenate([whole, half, half])
    start = np.concatenate([low[whole], low[half], np.full(len(half), 13.0)])
    end = np.concatenate([high[whole], np.full(len(half), -13.0), high[half]])
    v = start[:, None] + (end - start)[:, None] * np.linspace(0, 1, 5)
    uv = np.column_stack([np.repeat(u[of], 5), v.ravel()])
    lines: Geometries = lines_through(carry(np.repeat(lane_of[of], 5), uv).reshape(-1, 5, 2))
    return lines, lane_of[of]


def _back_lanes(lane_of: Ints, u: Floats, low: Floats, high: Floats, carry: _Carry) -> tuple[Geometries, Ints]:
    """Join the ends of neighbouring lanes."""
    same = lane_of[1:] == lane_of[:-1]
    a, b = np.flatnonzero(same), np.flatnonzero(same) + 1
    uv = np.vstack([np.stack([np.column_stack([u[at], end[at]]) for at in (a, b)], axis=1).reshape(-1, 2)
                    for end in (low, high)])  # fmt: skip
    of = np.concatenate([lane_of[a], lane_of[a]])
    xy = carry(np.repeat(of, 2), uv)
    return lines_through(xy.reshape(-1, 2, 2)), of


def _clip(lanes: Geometries, of: Ints, anchors: Anchors, land: Geometries) -> tuple[Geometries, Ints]:
    """Clip lanes to the free land of their village; of a lane that falls apart the piece by the anchor stays."""
    clipped = shapely.intersection(lanes, land[anchors.village[of]])
    parts, which = shapely.get_parts(clipped, return_index=True)
    line = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 4)
    parts, which = parts[line], which[line]
    gap = shapely.distance(parts, points_at(anchors.xy[of[which]]))
    order = np.lexsort((gap, which))
    first = np.concatenate([[True], np.diff(which[order]) != 0]) if len(order) else np.empty(0, dtype=bool)
    kept = np.sort(order[first])
    return parts[kept].astype(object), which[kept]


def _houses(
    lane_of: Ints, u: Floats, low: Floats, high: Floats, carry: _Carry, rng: np.random.Generator
) -> tuple[Geometries, Ints, Ints, Floats]:
    """Set houses on both sides of every lane, turned to it, with a gap here and there."""
    count = np.maximum(0, ((high - low) / PLOT_M).astype(np.int64))
    lane = np.repeat(np.arange(len(u)), 2 * count)
    first = np.repeat(np.cumsum(2 * count) - 2 * count, 2 * count)
    number = np.arange(len(lane)) - first
    side = np.where(number % 2 == 0, 1.0, -1.0)
    v = low[lane] + (number // 2 + 0.5) * PLOT_M + rng.normal(0, 0.5, len(lane))
    keep = rng.random(len(lane)) > 0.07
    lane, side, v = lane[keep], side[keep], v[keep]
    width, depth = rng.uniform(9.0, 12.6, len(lane)), rng.uniform(7.0, 9.4, len(lane))
    at = u[lane] + side * (10.2 + rng.normal(0, 0.5, len(lane)))
    hamlet = lane_of[lane]
    middle = carry(hamlet, np.column_stack([at, v]))
    ahead = carry(hamlet, np.column_stack([at, v + 4.0])) - middle
    distance = np.hypot(at, v) * rng.uniform(0.8, 1.25, len(at))
    return boxes(middle, ahead, width, depth), hamlet, lane + hamlet + (side > 0), distance
