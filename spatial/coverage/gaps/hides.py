"""What a blind area hides, weighed and in words: places, junctions, crossings, households, incidents, roads by class.

Weights are those of `spatial.weights`, with two more that only rank: an incident is worth ten households, and
a metre of road counts by its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.coverage.figures.details import HIDES_M, home_counts
from spatial.coverage.ground.targets import FEWEST_TOLD, KIND_WORDS
from spatial.coverage.ground.unseen import part_at
from spatial.weights import Weights, target_weights

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries, Ints
    from spatial.coverage.ground.unseen import BlindLand
    from spatial.coverage.state import CoverageState

__all__ = ["CLASS_FACTOR", "INCIDENT", "Hidden", "behind", "inside", "target_names", "words"]

INCIDENT = 1.0
"""Points of one recorded incident that no camera would have seen."""
CLASS_FACTOR: dict[str, float] = {
    "motorway": 2.0, "national": 2.0, "provincial": 1.5, "county": 1.25, "town": 1.0, "village": 1.0, "street": 0.5,
}  # fmt: skip
"""How much a metre of road counts by its class."""


@dataclass(frozen=True)
class Hidden:
    """What lies behind each of some blind areas: its weight, households, incidents, metres of road, and targets.

    `targets` are pairs of a blind area and a row of the run's targets.
    """

    weight: Floats
    households: Floats
    incidents: Floats
    road_m: Floats
    targets: tuple[Ints, Ints]


def behind(state: CoverageState, land: BlindLand) -> Hidden:
    """Find what each area of unseen land hides: homes within 20 m, all else on it."""
    count, weights, reach = len(land.area_m2), Weights(), land.block_m

    def part(xy: Floats, metres: float = reach) -> Ints:
        return part_at(land, xy, metres)[0]

    xy, households = home_counts(state)
    homes = np.bincount(part(xy, HIDES_M), households, minlength=count + 1)[1:]
    incidents = np.bincount(part(_incidents(state)), minlength=count + 1)[1:].astype(float)
    missed = np.flatnonzero(~state.covered)
    at = part(state.targets[["x", "y"]].to_numpy(dtype=float)[missed], HIDES_M)
    missed, at = missed[at > 0], at[at > 0] - 1
    samples, line = state.roads.samples, state.roads.sample_road
    unseen = np.flatnonzero(~state.road_covered)
    on = part(samples[unseen, :2])
    metres = np.bincount(on, samples[unseen, 2], minlength=count + 1)[1:]
    by_class = np.bincount(on, samples[unseen, 2] * _factor(state)[line[unseen]], minlength=count + 1)[1:]
    weight = (
        weights.household * homes + weights.open_m2 * land.area_m2 + INCIDENT * incidents + weights.road_m * by_class
        + np.bincount(at, target_weights(state.targets.iloc[missed], weights), minlength=count)
    )  # fmt: skip
    return Hidden(weight, homes, incidents, metres, (at, missed))


def inside(state: CoverageState, shapes: Geometries) -> tuple[Floats, Floats]:
    """Count households within 20 m of each shape, and incidents in it."""
    xy, households = home_counts(state)
    shape, home = shapely.STRtree(points_at(xy)).query(shapes, predicate="dwithin", distance=HIDES_M)
    near = np.bincount(shape, households[home], minlength=len(shapes))
    shape, _ = shapely.STRtree(points_at(_incidents(state))).query(shapes, predicate="intersects")
    return near, np.bincount(shape, minlength=len(shapes)).astype(float)


def _incidents(state: CoverageState) -> Floats:
    if state.incidents is None or not len(state.incidents):
        return np.empty((0, 2))
    return np.column_stack([state.incidents.geometry.x, state.incidents.geometry.y])


def _factor(state: CoverageState) -> Floats:
    return np.array([CLASS_FACTOR[name] for name in state.roads.classes], dtype=float)


def target_names(state: CoverageState) -> Geometries:
    """Name the kind of every target: that of the place where it has a word of its own."""
    names: Geometries = state.targets["kind"].to_numpy(dtype=object).copy()
    if state.places is not None and "kind" in state.places:
        rows = np.flatnonzero(names == "place")
        known = state.places.set_index("place_id")["kind"].reindex(state.targets["code"].to_numpy()[rows])
        names[rows] = np.where(known.isin(list(KIND_WORDS)), known, "place")
    return names


def words(names: Geometries, *, households: float = 0, incidents: float = 0, road_m: float = 0) -> str:
    """Say what is hidden, Chinese first: ``1 所学校、34 户 · 1 school, 34 households``; incidents from five on.

    >>> words(np.array(["school", "junction", "junction"], dtype=object), households=34, incidents=2)
    '1 所学校、2 个路口、34 户 · 1 school, 2 junctions, 34 households'
    """
    said = [
        (f"{count} {zh}", f"{count} {one if count == 1 else many}")
        for name, (zh, one, many) in KIND_WORDS.items()
        if (count := int((names == name).sum()))
    ]
    said += [(f"{households:.0f} 户", f"{households:.0f} households")] if households >= 1 else []
    said += [(f"{incidents:.0f} 起警情", f"{incidents:.0f} incidents")] if incidents >= FEWEST_TOLD else []
    said += [(f"{road_m:.0f} 米道路", f"{road_m:.0f} m of road")] if road_m >= 1 else []
    return f"{'、'.join(zh for zh, _ in said)} · {', '.join(en for _, en in said)}" if said else ""
