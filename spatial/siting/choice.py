"""Chooses sites, and which cameras to turn, together: the offers of poles and of cameras within one limit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array, vstack

from spatial.errors import InfeasibleError
from spatial.siting.covering import Cover, minimal_cover
from spatial.siting.covering.search import covered_by, ordered
from spatial.siting.looks import seen_by
from spatial.siting.offers import Places
from spatial.siting.offers.master import best_offers
from spatial.siting.offers.reach import fewest
from spatial.siting.words import covers_text

if TYPE_CHECKING:
    from spatial.arrays import Ints
    from spatial.coverage import CoverageState
    from spatial.siting.candidates import Candidates
    from spatial.siting.demand import Demand
    from spatial.siting.options import SiteOptions
    from spatial.siting.turns import Turning

__all__ = ["Choice", "choose"]


@dataclass(frozen=True)
class Choice:
    """Chosen sites (rows of `possible`), the turns before them, and the demand that these leave open.

    `cover.bound` is one on all that turns and sites together can show, less what the turns show.
    """

    possible: Candidates
    demand: Demand
    cover: Cover
    turns: list[dict[str, Any]] = field(default_factory=list)
    rows: Ints = field(default_factory=lambda: np.empty(0, np.int64))


def choose(
    possible: Candidates, demand: Demand, turning: Turning | None, state: CoverageState, options: SiteOptions
) -> Choice:
    """Choose what was asked for. `turning` holds the demand at stake where cameras may be turned."""
    if turning is not None:
        demand = turning.demand
        possible = replace(possible, cover=seen_by(possible.views, demand.xy))
    places = _places(possible, demand, turning, options)
    if options.reach is not None:
        return _reached(places, possible, demand, turning, state, options)
    budget = float(options.cameras or 0) if options.budget is None else _affordable(possible, options)
    bought = best_offers(places, budget, float(options.turn), prove=options.prove)
    return _choice(bought.rows, bought.bound, possible, demand, turning, state)


def _places(possible: Candidates, demand: Demand, turning: Turning | None, options: SiteOptions) -> Places:
    """Put new cameras and those that may be turned side by side; a place each."""
    new = len(possible.position)
    money = options.budget is not None
    room = possible.table["room"].to_numpy(dtype=np.int64)
    pole = possible.table["pole_yuan"].to_numpy(dtype=float) if money else np.zeros(len(room))
    cost = np.full(new, options.prices.camera_yuan if money else 1.0)
    if turning is None:
        return Places(possible.cover, demand.weight, possible.position, room, cost, pole, np.zeros(new))
    order = np.argsort(turning.camera, kind="stable")
    _, number = np.unique(turning.camera[order], return_inverse=True)
    turned = (~turning.today[order]).astype(float)
    cameras = int(turning.today.sum())
    return Places(
        csr_array(vstack([possible.cover, turning.cover[order]])), demand.weight,
        np.concatenate([possible.position, len(room) + number.ravel()]),
        np.concatenate([room, np.ones(cameras, np.int64)]),
        np.concatenate([cost, turned * (options.prices.turn_yuan if money else 0.0)]),
        np.concatenate([pole, np.zeros(cameras)]), np.concatenate([np.zeros(new), turned]),
    )  # fmt: skip


def _affordable(possible: Candidates, options: SiteOptions) -> float:
    """Give the budget; refuse one that buys nothing at all."""
    budget = options.budget or 0.0
    cheapest = float(possible.cost.min(initial=np.inf)) if len(possible.cost) else options.prices.camera_yuan
    if options.turn:
        cheapest = min(cheapest, options.prices.turn_yuan)
    if budget < cheapest:
        raise InfeasibleError(
            f"预算 {budget:,.0f} 元不够一台，最便宜的点位需 {cheapest:,.0f} 元",
            f"a budget of {budget:,.0f} yuan buys no camera; the cheapest site takes {cheapest:,.0f}",
        )
    return budget


def _choice(
    rows: tuple[int, ...], bound: float, possible: Candidates, demand: Demand, turning: Turning | None,
    state: CoverageState,
) -> Choice:  # fmt: skip
    """Tell turns and sites apart, and settle what the turns leave open."""
    new = np.array([row for row in rows if row < len(possible.position)], dtype=np.int64)
    turns, turned, gained = list[dict[str, Any]](), np.empty(0, np.int64), 0.0
    if turning is not None:
        order = np.argsort(turning.camera, kind="stable")
        chosen = order[[row - len(possible.position) for row in rows if row >= len(possible.position)]]
        turns, turned, seen = _turned(turning, chosen[~turning.today[chosen]], state)
        gained = float(demand.weight[seen].sum())
        demand = demand.only(~seen)
        possible = replace(possible, cover=csr_array(possible.cover[:, np.flatnonzero(~seen)]))
    sites = tuple(ordered(possible.cover, demand.weight, new.tolist()))
    covered = float(demand.weight[covered_by(possible.cover, sites)].sum())
    return Choice(possible, demand, Cover(sites, covered, max(covered, bound - gained)), turns, turned)


def _turned(turning: Turning, rows: Ints, state: CoverageState) -> tuple[list[dict[str, Any]], Ints, Any]:
    """Turn one camera after another, the one that gains most first; say what each adds to what was shown before it."""
    cover, weight = turning.cover, turning.demand.weight
    stay = dict(zip(turning.camera[turning.today].tolist(), np.flatnonzero(turning.today).tolist(), strict=True))
    shown = np.zeros(len(weight), np.int64)
    for row in stay.values():
        shown[_points(cover, row)] += 1
    answer, order, left = list[dict[str, Any]](), list[int](), rows.tolist()

    def change(row: int) -> tuple[float, Ints]:
        old, new = _points(cover, stay[int(turning.camera[row])]), _points(cover, row)
        fresh = np.setdiff1d(new[shown[new] == 0], old)
        lost = np.setdiff1d(old[shown[old] == 1], new)
        return float(weight[fresh].sum() - weight[lost].sum()), fresh

    names = state.cameras["camera_id"].to_numpy()
    while left:
        row = max(left, key=lambda one: (change(one)[0], -one))
        gain, fresh = change(row)
        left.remove(row)
        camera = int(turning.camera[row])
        zh, en = covers_text(turning.demand, fresh, state.targets, state.places)
        answer.append({
            "camera_id": str(names[camera]), "from_deg": float(turning.sectors.azimuth_deg[stay[camera]]),
            "to_deg": float(turning.sectors.azimuth_deg[row]), "gain": gain,
            "gain_share": gain / (turning.demand.total or 1.0), "covers": f"{zh} · {en}",
        })  # fmt: skip
        order.append(row)
        shown[_points(cover, stay[camera])] -= 1
        shown[_points(cover, row)] += 1
    return answer, np.array(order, dtype=np.int64), shown > 0


def _points(cover: csr_array, row: int) -> Ints:
    points: Ints = cover.indices[cover.indptr[row] : cover.indptr[row + 1]]
    return points


def _reached(
    places: Places, possible: Candidates, demand: Demand, turning: Turning | None, state: CoverageState,
    options: SiteOptions,
) -> Choice:  # fmt: skip
    """Turn first, then choose the fewest sites for the share; then see whether fewer do where both are chosen together.

    The bound is one on turns and sites chosen together.
    """
    asked = options.reach or 0.0
    need = asked * demand.total - demand.seen
    rows: tuple[int, ...] = ()
    if turning is not None and need > 0:
        rows = best_offers(places, 0.0, float(options.turn), prove=options.prove).rows
    first = _choice(rows, 0.0, possible, demand, turning, state)
    left = first.demand.total - first.demand.seen
    more = asked * demand.total - first.demand.seen
    if more <= 0 or left <= 0:
        return replace(first, cover=Cover((), 0.0, 0.0))
    seen = np.asarray(first.possible.cover.sum(axis=0)).ravel() > 0
    share = (first.demand.seen + float(first.demand.weight[seen].sum())) / demand.total
    if share < asked:
        raise InfeasibleError(
            f"全部候选点位最多使覆盖达到 {share:.4f}，达不到 {asked}，"
            "其余在房屋背后、禁止区域内或离可设点位太远；请降低目标或补充杆位",
            f"all candidate sites together reach {share:.4f} of the demand, not {asked}: the rest is behind houses, in "
            "forbidden zones or too far from where a camera may stand; lower it or load more poles",
        )
    found = minimal_cover(
        first.possible.cover, first.demand.weight, min(1.0, more / left), group=possible.position,
        most=possible.table["room"].to_numpy(dtype=np.int64), prove=options.prove,
    )  # fmt: skip
    if turning is not None:
        better, bound = fewest(places, need, float(options.turn), len(found.sites), prove=options.prove)
        if better is not None:
            first = _choice(better, 0.0, possible, demand, turning, state)
            found = first.cover
        found = replace(found, bound=float(bound))
    return replace(first, cover=found)
