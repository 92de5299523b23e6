"""Where the next cameras should go: candidates, demand, and the best choice among them, with a bound.

Demand and its weights are in `spatial.siting.demand` and `spatial.siting.weights`, candidates and their costs in
`spatial.siting.candidates`, the search in `spatial.siting.covering`, the rows and figures of the answer in
`spatial.siting.answer`. Shares are of all demand weight, what is covered today included.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from spatial.coverage.sweeps import sweep_problems
from spatial.errors import InfeasibleError, SchemaError
from spatial.problems import Problems
from spatial.siting.answer import curve, figures_of, site_rows
from spatial.siting.candidates import Candidates, candidates
from spatial.siting.covering import Cover, maximal_cover, minimal_cover
from spatial.siting.demand import Demand, site_demand
from spatial.siting.poles import budget_cover
from spatial.siting.turns import Turned, turn_cameras
from spatial.siting.weights import Prices, Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatial.coverage import Coverage, CoverageState

    Progress = Callable[[int, int, str, str], None]

__all__ = ["Cover", "SiteOptions", "Siting", "maximal_cover", "minimal_cover", "site_cameras"]

_PROVEN = 1e-6


@dataclass(frozen=True)
class SiteOptions:
    """What is asked for: exactly one of a number of cameras, a budget in yuan, or a share of all demand.

    `phases` splits the sites into so many steps of equal number, the most useful first; `prove` asks for the
    proven optimum. Each position is tried with `headings` headings and takes at most `per_pole` cameras, those that
    hang there included. Before new cameras are placed, at most `turn` of those that work may be turned.
    """

    cameras: int | None = None
    budget: float | None = None
    reach: float | None = None
    phases: int = 1
    prove: bool = False
    headings: int = 8
    per_pole: int = 3
    turn: int = 0
    weights: Weights = field(default_factory=Weights)
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True)
class Siting:
    """Proposed sites (layer `sites`), the figures of the answer, and problems.

    `figures["bound"]` is an upper bound on the share that any choice of candidates could reach, or, with
    `reach`, a lower bound on the number of cameras; `optimality_gap` is the relative distance to it. Both are of the
    new cameras, after the turns. `figures["curve"]` holds what the first n cameras cover, beyond those asked for too.
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
    problems = Problems()
    tell(0, 4, "调整现有摄像机朝向", "turning cameras")
    turned = turn_cameras(coverage.state, options, problems) if options.turn else Turned(coverage.state)
    state = turned.state
    tell(1, 4, "需求点", "demand")
    demand = site_demand(state, options.weights)
    tell(2, 4, "候选点位", "candidate sites")
    possible = candidates(
        state, demand, poles=poles, headings=options.headings, per_pole=options.per_pole, prices=options.prices
    )
    tell(3, 4, "选点", "choosing")
    paid = len(turned.rows) * options.prices.turn_yuan
    chosen = _chosen(possible, demand, options, paid)
    if options.cameras is not None and len(chosen.sites) < options.cameras:
        problems.add("site-candidates-few", count=len(chosen.sites), asked=options.cameras)
    rows = site_rows(possible, demand, chosen.sites, state, phases=options.phases, run=run)
    sites = gpd.GeoDataFrame(rows, geometry="geometry", crs=state.cameras.crs)
    figures = figures_of(sites, demand, chosen, reach=options.reach is not None, before=turned.seen_before)
    figures["cost_yuan"] += paid
    figures |= {"turns": turned.rows, "curve": curve(possible, demand, chosen.sites)}
    if options.prove and figures["optimality_gap"] > _PROVEN:
        problems.add("site-not-proven", gap=figures["optimality_gap"])
    _sweeps(possible, chosen, sites, state, problems)
    tell(4, 4, "完成", "done")
    return Siting(sites, figures, problems)


def _sweeps(
    possible: Candidates, chosen: Cover, sites: gpd.GeoDataFrame, state: CoverageState, problems: Problems
) -> None:
    """List the proposed views that sweep zones, and how to turn them."""
    rows = np.array(chosen.sites, dtype=np.int64)
    sectors = replace(possible.sectors.take(rows), camera=np.arange(len(rows)))
    sweep_problems(
        problems, "site", sites["site_id"].to_numpy(dtype=object), possible.views[rows], sectors,
        xy=possible.table[["x", "y"]].to_numpy(dtype=float)[possible.position[rows]], zones=state.zones,
        standing=state.standing, mount_m=np.full(len(rows), possible.mount_m),
    )  # fmt: skip


def _check(options: SiteOptions) -> None:
    asked = [options.cameras, options.budget, options.reach]
    fair = (
        sum(value is not None for value in asked) == 1
        and (options.cameras is None or options.cameras >= 1)
        and (options.budget is None or options.budget > 0)
        and (options.reach is None or 0 < options.reach <= 1)
        and options.phases >= 1
        and options.headings >= 1
        and options.per_pole >= 1
        and options.turn >= 0
    )
    if not fair:
        raise SchemaError(
            "请在台数（≥1）、预算（>0 元）、覆盖目标（0-1）中给出且只给出一项，期数、朝向数、每杆台数不小于 1",
            "give exactly one of cameras (1 or more), budget (above 0 yuan) and reach (0-1), and 1 or more phases, "
            "headings and cameras a pole",
        )


def _chosen(possible: Candidates, demand: Demand, options: SiteOptions, paid: float) -> Cover:
    """Run the search that was asked for; `paid` yuan of a budget are spent on turning."""
    room = possible.table["room"].to_numpy(dtype=np.int64)
    if options.budget is not None:
        cheapest = float(possible.cost.min(initial=options.prices.camera_yuan))
        if options.budget - paid < cheapest:
            raise InfeasibleError(
                f"预算 {options.budget:,.0f} 元不够一台，最便宜的点位需 {cheapest + paid:,.0f} 元",
                f"a budget of {options.budget:,.0f} yuan buys no camera; "
                f"the cheapest site takes {cheapest + paid:,.0f}",
            )
        return budget_cover(
            possible.cover, demand.weight, options.budget - paid, position=possible.position,
            camera=options.prices.camera_yuan, pole=possible.table["pole_yuan"].to_numpy(dtype=float), most=room,
            prove=options.prove,
        )  # fmt: skip
    if options.cameras is not None:
        return maximal_cover(
            possible.cover, demand.weight, options.cameras, group=possible.position, most=room, prove=options.prove
        )
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
    return minimal_cover(
        possible.cover, demand.weight, min(1.0, need / left), group=possible.position,
        most=possible.table["room"].to_numpy(dtype=np.int64), prove=options.prove,
    )  # fmt: skip
