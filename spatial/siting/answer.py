"""What a choice of sites is answered with: the rows of the layer `sites`, the figures, and the curve of gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.layers import LAYERS
from spatial.siting.covering.rack import Rack
from spatial.siting.covering.search import covered_by, greedy
from spatial.siting.words import covers_text, stands_text

if TYPE_CHECKING:
    import pandas as pd

    from spatial.arrays import Floats, Geometries, Ints
    from spatial.coverage import CoverageState
    from spatial.siting.candidates import Candidates
    from spatial.siting.choice import Choice
    from spatial.siting.demand import Demand
    from spatial.siting.turns import Turning

__all__ = ["curve", "figures_of", "site_rows"]

_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_AHEAD = 200
_HALF = 0.5  # of its free ground seen, a target counts as covered: `spatial.coverage.ground`


def site_rows(
    possible: Candidates, demand: Demand, sites: tuple[int, ...], state: CoverageState, *, phases: int, run: str
) -> dict[str, Any]:
    """Build the columns of the layer `sites`, in the order of gain."""
    rows = np.array(sites, dtype=np.int64)
    place = possible.table.iloc[possible.position[rows]]
    gain, words, left = [], [], demand.weight.copy()
    for row, origin, pole, zone in zip(rows, place["origin"], *_known(place), strict=True):
        points = possible.cover.indices[possible.cover.indptr[row] : possible.cover.indptr[row + 1]]
        fresh = points[left[points] > 0]
        gain.append(float(left[fresh].sum()))
        shown = covers_text(demand, fresh, state.targets, state.places)
        stands = stands_text(origin, pole=pole, zone=zone)
        words.append(f"{shown[0]}；{stands[0]} · {shown[1]}; {stands[1]}")
        left[fresh] = 0.0
    first_here = ~place[["x", "y"]].duplicated().to_numpy()
    sectors = possible.sectors.take(rows)
    columns = {
        "run": [run] * len(rows),
        "site_id": [f"S{number + 1:04}" for number in range(len(rows))],
        "pole_id": place["pole_id"].to_numpy(dtype=object),
        "azimuth_deg": sectors.azimuth_deg,
        "hfov_deg": sectors.hfov_deg,
        "range_m": sectors.far_m,
        "gain": np.array(gain, dtype=float),
        "gain_share": np.array(gain, dtype=float) / (demand.total or 1.0),
        "cost_yuan": possible.camera_yuan + np.where(first_here, place["pole_yuan"].to_numpy(dtype=float), 0.0),
        "phase": np.arange(len(rows)) * phases // max(1, len(rows)) + 1,
        "covers": words,
    }
    names = [name for name in LAYERS["sites"].names if name in columns]
    return {name: columns[name] for name in names} | {"geometry": gpd.points_from_xy(place["x"], place["y"])}


def _known(place: pd.DataFrame) -> list[list[str | None]]:
    """Give the pole and the zone of each place, None where there is none."""
    columns = (place[name].astype(object) for name in ("pole_id", "zone_id"))
    return [column.where(column.notna(), None).tolist() for column in columns]


def figures_of(
    sites: gpd.GeoDataFrame, chosen: Choice, *, reach: bool, today: Demand, state: CoverageState,
    stake: Turning | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Sum an answer up; `today` is the demand that is open today, `gain_share` what turns and new cameras add together.

    `covered_share_after` is what was chosen for, point by point; `covered_share_counted` is what a count of coverage
    will say once all hang, where a target that is half seen counts whole.
    """
    demand, found = chosen.demand, chosen.cover
    total, before = demand.total or 1.0, today.seen
    covered = demand.seen + found.covered
    if reach:
        bound = found.bound
        gap = (len(sites) - bound) / len(sites) if len(sites) else 0.0
    else:
        bound = (demand.seen + found.bound) / total
        most = demand.seen + found.bound - before
        gap = (found.bound - found.covered) / most if most > 0 else 0.0
    return {
        "sites": len(sites),
        "gain_share": (covered - before) / total,
        "covered_share_before": before / total,
        "covered_share_after": covered / total,
        "covered_share_counted": (covered + _whole(chosen, state, stake)) / total,
        "bound": float(bound),
        "optimality_gap": float(max(gap, 0.0)),
        "cost_yuan": float(sites["cost_yuan"].sum()),
    }


def _whole(chosen: Choice, state: CoverageState, stake: Turning | None) -> float:
    """Weigh what stays unseen of targets that become half seen: a count afterwards takes them as whole."""
    demand, views = chosen.demand, state.views.frame.geometry.to_numpy()
    open_ = np.flatnonzero((demand.owner >= 0) & ~covered_by(chosen.possible.cover, chosen.cover.sites))
    fresh, stays = chosen.possible.views[list(chosen.cover.sites)], state.seeing.copy()
    if stake is not None:
        stays[stake.camera[chosen.rows]] = False
        fresh = np.concatenate([fresh, stake.views[chosen.rows]])
    owner = np.unique(demand.owner[open_])
    after = np.concatenate([fresh, views[stays & ~shapely.is_missing(views)]])
    half = owner[_seen_share(state, owner, after) >= _HALF]
    return float(demand.weight[open_][np.isin(demand.owner[open_], half)].sum())


def _seen_share(state: CoverageState, target: Ints, views: Geometries) -> Floats:
    """Give the share of the free ground of some targets that views show; 0 where there is no free ground."""
    aims = state.targets.iloc[target]
    discs = shapely.buffer(points_at(aims[["x", "y"]]), aims["radius_m"].to_numpy(dtype=float), quad_segs=16)
    free = shapely.difference(discs, _near(discs, state.footprints))
    free_m2 = shapely.area(free)
    seen_m2 = shapely.area(shapely.intersection(free, _near(discs, views)))
    return np.divide(seen_m2, free_m2, out=np.zeros(len(free)), where=free_m2 > 0)


def _near(discs: Geometries, shapes: Geometries) -> Geometries:
    """Unite, for every disc, the shapes that meet it."""
    answer = np.full(len(discs), shapely.Polygon(), dtype=object)
    disc, shape = shapely.STRtree(shapes).query(discs, predicate="intersects")
    order = np.argsort(disc, kind="stable")
    some, first = np.unique(disc[order], return_index=True)
    for row, start, stop in zip(some, first, [*first[1:], len(order)], strict=False):
        answer[row] = shapely.union_all(shapes[shape[order[start:stop]]])
    return answer


def curve(possible: Candidates, demand: Demand, sites: tuple[int, ...]) -> list[list[float]]:
    """Say what the first n cameras cover: pairs of n and the share, at 0, 1, 2, 5, 10 ... and at the number chosen.

    The chosen ones come in their order; those beyond them, up to 200 (or to the number chosen), are the best that
    can be added to them one by one.
    """
    left = demand.weight.copy()
    left[covered_by(possible.cover, sites)] = 0.0
    rack = Rack.of(len(possible.position), possible.position, possible.table["room"].to_numpy(dtype=np.int64))
    none, open_ = np.zeros(len(possible.position)), np.zeros(len(possible.position), bool)
    more = greedy(possible.cover, left, none, max(_AHEAD - len(sites), 0), np.inf, open_, rack.after(sites))
    left, covered = demand.weight.copy(), [demand.seen]
    for row in (*sites, *more):
        points = possible.cover.indices[possible.cover.indptr[row] : possible.cover.indptr[row + 1]]
        covered.append(covered[-1] + float(left[points].sum()))
        left[points] = 0.0
    steps = sorted({n for n in (*_STEPS, len(sites), len(covered) - 1) if n < len(covered)})
    return [[n, covered[n] / (demand.total or 1.0)] for n in steps]
