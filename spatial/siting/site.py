"""Where the next cameras should go: candidates, demand, and the best choice among them, with a bound.

Demand and its weights are in `spatial.siting.demand` and `spatial.siting.weights`, candidates and their costs in
`spatial.siting.candidates`, the search in `spatial.siting.covering`. Shares are of all demand weight, what is covered
today included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from spatial.errors import InfeasibleError, SchemaError
from spatial.layers import LAYERS
from spatial.problems import Problems
from spatial.siting.candidates import CAMERA_YUAN, Candidates, candidates
from spatial.siting.covering import Cover, maximal_cover, minimal_cover
from spatial.siting.demand import Demand, site_demand
from spatial.siting.poles import budget_cover
from spatial.siting.words import covers_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatial.coverage import Coverage

    Progress = Callable[[int, int, str, str], None]

__all__ = ["Cover", "SiteOptions", "Siting", "maximal_cover", "minimal_cover", "site_cameras"]

_PROVEN = 1e-6


@dataclass(frozen=True)
class SiteOptions:
    """What is asked for: exactly one of a number of cameras, a budget in yuan, or a share of all demand.

    `phases` splits the sites into so many steps of equal number, the most useful first; `prove` asks for the
    proven optimum.
    """

    cameras: int | None = None
    budget: float | None = None
    reach: float | None = None
    phases: int = 1
    prove: bool = False


@dataclass(frozen=True)
class Siting:
    """Proposed sites (layer `sites`), the figures of the answer, and problems.

    `figures["bound"]` is an upper bound on the share that any choice of candidates could reach, or, with
    `reach`, a lower bound on the number of cameras; `optimality_gap` is the relative distance to it.
    """

    sites: gpd.GeoDataFrame
    figures: dict[str, Any]
    problems: Problems


def site_cameras(
    coverage: Coverage,
    *,
    poles: gpd.GeoDataFrame | None = None,
    options: SiteOptions,
    run: str = "",
    progress: Progress | None = None,
) -> Siting:
    """Propose cameras that show most of what is unseen today.

    Raises
    ------
    SchemaError
        Unless exactly one of cameras, budget and reach is given, with a value that means something.
    InfeasibleError
        Where the share cannot be reached by all candidates together, or the budget buys no camera.
    """
    _check(options)
    tell = progress or (lambda *_: None)
    state = coverage.state
    tell(0, 3, "需求点", "demand")
    demand = site_demand(state)
    tell(1, 3, "候选点位", "candidate sites")
    possible = candidates(state, demand, poles=poles)
    tell(2, 3, "选点", "choosing")
    chosen = _chosen(possible, demand, options)
    problems = Problems()
    if options.cameras is not None and len(chosen.sites) < options.cameras:
        problems.add("site-candidates-few", count=len(chosen.sites), asked=options.cameras)
    frame = _frame(possible, demand, chosen.sites, options, state.targets, run)
    sites = gpd.GeoDataFrame(frame, geometry="geometry", crs=state.cameras.crs)
    figures = _figures(sites, demand, chosen, options)
    if options.prove and figures["optimality_gap"] > _PROVEN:
        problems.add("site-not-proven", gap=figures["optimality_gap"])
    tell(3, 3, "完成", "done")
    return Siting(sites, figures, problems)


def _check(options: SiteOptions) -> None:
    asked = [options.cameras, options.budget, options.reach]
    fair = (
        sum(value is not None for value in asked) == 1
        and (options.cameras is None or options.cameras >= 1)
        and (options.budget is None or options.budget > 0)
        and (options.reach is None or 0 < options.reach <= 1)
        and options.phases >= 1
    )
    if not fair:
        raise SchemaError(
            "请在台数（≥1）、预算（>0 元）、覆盖目标（0-1）中给出且只给出一项，期数不小于 1",
            "give exactly one of cameras (1 or more), budget (above 0 yuan) and reach (0-1), and 1 or more phases",
        )


def _chosen(possible: Candidates, demand: Demand, options: SiteOptions) -> Cover:
    """Run the search that was asked for."""
    if options.budget is not None:
        cheapest = float(possible.cost.min(initial=CAMERA_YUAN))
        if options.budget < cheapest:
            raise InfeasibleError(
                f"预算 {options.budget:,.0f} 元不够一台，最便宜的点位需 {cheapest:,.0f} 元",
                f"a budget of {options.budget:,.0f} yuan buys no camera; the cheapest site takes {cheapest:,.0f}",
            )
        return budget_cover(
            possible.cover, demand.weight, options.budget, position=possible.position, camera=CAMERA_YUAN,
            pole=possible.table["pole_yuan"].to_numpy(dtype=float), prove=options.prove,
        )  # fmt: skip
    if options.cameras is not None:
        return maximal_cover(possible.cover, demand.weight, options.cameras, prove=options.prove)
    return _reached(possible, demand, options)


def _reached(possible: Candidates, demand: Demand, options: SiteOptions) -> Cover:
    """Translate the share of all demand into one of what is unseen, and choose the fewest sites for it."""
    asked = options.reach or 0.0
    left = demand.total - demand.seen
    need = asked * demand.total - demand.seen
    if need <= 0 or left <= 0:
        return Cover((), 0.0, 0.0)
    seen = np.asarray(possible.cover.sum(axis=0)).ravel() > 0
    share = (demand.seen + float(demand.weight[seen].sum())) / demand.total
    if share < asked:
        raise InfeasibleError(
            f"全部候选点位最多使覆盖达到 {share:.4f}，达不到 {asked}；请降低目标或补充杆位",
            f"all candidate sites together reach {share:.4f} of the demand, not {asked}; lower it or load more poles",
        )
    return minimal_cover(possible.cover, demand.weight, min(1.0, need / left), prove=options.prove)


def _frame(
    possible: Candidates, demand: Demand, sites: tuple[int, ...], options: SiteOptions, targets: Any, run: str
) -> dict[str, Any]:
    """Build the columns of the layer `sites`, in the order of gain."""
    rows = np.array(sites, dtype=np.int64)
    place = possible.table.iloc[possible.position[rows]]
    gain, words, left = [], [], demand.weight.copy()
    for row, consent in zip(rows, place["consent"], strict=True):
        points = possible.cover.indices[possible.cover.indptr[row] : possible.cover.indptr[row + 1]]
        fresh = points[left[points] > 0]
        gain.append(float(left[fresh].sum()))
        words.append(covers_text(demand, fresh, targets, consent=bool(consent)))
        left[fresh] = 0.0
    first_here = ~place[["x", "y"]].duplicated().to_numpy()
    phase = np.arange(len(rows)) * options.phases // max(1, len(rows)) + 1
    sectors = possible.sectors.take(rows)
    columns = {
        "run": [run] * len(rows),
        "site_id": [f"S{number + 1:04}" for number in range(len(rows))],
        "pole_id": place["pole_id"].to_numpy(dtype=object),
        "azimuth_deg": sectors.azimuth_deg,
        "hfov_deg": sectors.hfov_deg,
        "range_m": sectors.far_m,
        "gain": np.array(gain, dtype=float),
        "gain_share": np.array(gain, dtype=float) / demand.total if demand.total else np.zeros(len(rows)),
        "cost_yuan": CAMERA_YUAN + np.where(first_here, place["pole_yuan"].to_numpy(dtype=float), 0.0),
        "phase": phase,
        "covers": words,
    }
    names = [name for name in LAYERS["sites"].names if name in columns]
    return {name: columns[name] for name in names} | {"geometry": gpd.points_from_xy(place["x"], place["y"])}


def _figures(sites: gpd.GeoDataFrame, demand: Demand, chosen: Cover, options: SiteOptions) -> dict[str, Any]:
    total = demand.total or 1.0
    after = (demand.seen + chosen.covered) / total
    if options.reach is None:
        bound = (demand.seen + chosen.bound) / total
        gap = (chosen.bound - chosen.covered) / chosen.bound if chosen.bound else 0.0
    else:
        bound = chosen.bound
        gap = (len(sites) - bound) / len(sites) if len(sites) else 0.0
    return {
        "sites": len(sites),
        "gain_share": chosen.covered / total,
        "covered_share_before": demand.seen / total,
        "covered_share_after": after,
        "bound": float(bound),
        "optimality_gap": float(max(gap, 0.0)),
        "cost_yuan": float(sites["cost_yuan"].sum()),
    }
