"""Where the next cameras should go: candidates, demand, and the best choice among them, with a bound.

Demand and its weights are in `spatial.siting.demand` and `spatial.weights`, candidates and their costs in
`spatial.siting.candidates`, the search in `spatial.siting.covering`, the rows and figures of the answer in
`spatial.siting.answer`. Shares are of all demand weight, what is covered today included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from spatial.coverage.advice.sweeps import sweep_problems
from spatial.errors import SchemaError
from spatial.problems import Problems
from spatial.siting.answer import curve, figures_of, site_rows
from spatial.siting.candidates import candidates
from spatial.siting.choice import choose
from spatial.siting.covering import Cover, maximal_cover, minimal_cover
from spatial.siting.demand import every_point
from spatial.siting.turns import held_by, turning

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatial.arrays import Flags
    from spatial.coverage import Coverage, CoverageState
    from spatial.siting.choice import Choice
    from spatial.siting.demand import Demand
    from spatial.siting.options import SiteOptions
    from spatial.siting.turns import Turning

    Progress = Callable[[int, int, str, str], None]

__all__ = ["Cover", "Siting", "maximal_cover", "minimal_cover", "site_cameras"]

_PROVEN = 1e-6


@dataclass(frozen=True)
class Siting:
    """Proposed sites (layer `sites`), the figures of the answer, and problems.

    `figures["bound"]` is an upper bound on the share that any choice of candidates could reach, or, with
    `reach`, a lower bound on the number of cameras; `optimality_gap` is the relative distance to it. Both are of turns
    and new cameras together. `figures["curve"]` holds what the turns and the first n cameras cover, beyond those asked
    for too.
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
    problems, state = Problems(), coverage.state
    tell(0, 4, "需求点", "demand")
    every, seen = every_point(state, options.weights)
    demand = every.only(~seen)
    _doubts(every, seen, state, problems)
    tell(1, 4, "候选点位", "candidate sites")
    possible = candidates(
        state, demand, poles=poles, headings=options.headings, per_pole=options.per_pole, prices=options.prices,
        reach=options.reach,
    )  # fmt: skip
    tell(2, 4, "现有摄像机的其他朝向", "other headings of cameras")
    stake = turning(state, options.weights, options.headings) if options.turn else None
    tell(3, 4, "选点", "choosing")
    chosen = choose(possible, demand, stake, state, options)
    if options.cameras is not None and len(chosen.cover.sites) < options.cameras:
        problems.add("site-candidates-few", count=len(chosen.cover.sites), asked=options.cameras)
    rows = site_rows(chosen.possible, chosen.demand, chosen.cover.sites, state, phases=options.phases, run=run)
    sites = gpd.GeoDataFrame(rows, geometry="geometry", crs=state.cameras.crs)
    figures = figures_of(sites, chosen, reach=options.reach is not None, today=demand, state=state, stake=stake)
    figures["cost_yuan"] += len(chosen.turns) * options.prices.turn_yuan
    figures |= {"turns": chosen.turns, "curve": curve(chosen.possible, chosen.demand, chosen.cover.sites)}
    if options.prove and figures["optimality_gap"] > _PROVEN:
        problems.add("site-not-proven", gap=figures["optimality_gap"])
    _turns(chosen, stake, state, problems)
    _sweeps(chosen, sites, state, problems)
    tell(4, 4, "完成", "done")
    return Siting(sites, figures, problems)


def _doubts(demand: Demand, seen: Flags, state: CoverageState, problems: Problems) -> None:
    """Say how much is covered today by cameras alone whose heading is uncertain.

    What such a camera sees at its nominal heading is covered, what it may see at another is not.
    """
    lens = state.views.optics
    doubtful = state.seeing & ~lens.turning & (lens.headless | (lens.tolerance_deg > 0))
    if doubtful.any() and demand.total > 0:
        lost = seen & ~held_by(state, demand, seen, state.seeing & ~doubtful)
        share = float(demand.weight[lost].sum()) / demand.total
        problems.add("site-headings-doubtful", count=int(doubtful.sum()), share=share)


def _turns(chosen: Choice, stake: Turning | None, state: CoverageState, problems: Problems) -> None:
    """List every turn, and the zones that the turned views sweep."""
    if stake is None or not len(chosen.rows):
        return
    points = state.cameras.geometry.to_numpy()
    camera = stake.camera[chosen.rows]
    for turn, row in zip(chosen.turns, camera, strict=True):
        zh, en = turn["covers"].split(" · ")
        problems.add(
            "camera-turn", code=turn["camera_id"], geometry=points[row], was=turn["from_deg"], to=turn["to_deg"],
            share=turn["gain_share"], zh=zh, en=en,
        )  # fmt: skip
    sectors = replace(stake.sectors.take(chosen.rows), camera=np.arange(len(camera)))
    sweep_problems(
        problems, "camera", np.array([turn["camera_id"] for turn in chosen.turns], dtype=object),
        stake.views[chosen.rows], sectors, xy=state.views.xy[camera], zones=state.zones, standing=state.standing,
        mount_m=state.views.optics.mount_m[camera],
    )  # fmt: skip


def _sweeps(chosen: Choice, sites: gpd.GeoDataFrame, state: CoverageState, problems: Problems) -> None:
    """List the proposed views that sweep zones, and how to turn them."""
    possible, rows = chosen.possible, np.array(chosen.cover.sites, dtype=np.int64)
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
