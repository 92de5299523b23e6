"""The best offers of many places within one budget: columns generated place by place, a true bound, and a proof.

The program over offers (Dantzig & Wolfe 1960, doi:10.1287/opre.8.1.101) has at most one offer a place, what is paid,
and the number of turns. Its relaxation starts with few offers; its duals price all the others, the best of each place
are added, and so on. Any duals bound every choice there is, whether the offers that would be needed are there or not.
For the proof, all offers that could be part of something better than what was found are listed and solved in whole
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from spatial.siting.covering.program import Program, relaxed, solved
from spatial.siting.covering.scale import scaled_budget, scaled_prices, scaled_weights
from spatial.siting.covering.search import classes
from spatial.siting.offers.priced import Duals, Offers
from spatial.siting.offers.rounding import rounded

if TYPE_CHECKING:
    from spatial.arrays import Floats
    from spatial.siting.offers.priced import Places

__all__ = ["Bought", "best_offers"]

_ROUNDS = 80
_STEP = 300  # offers added in a round, beside a quarter of those that are there
_CLOSE, _TIGHT, _PROVEN = 1e-4, 1e-7, 1e-9
_MOST = 2_500  # offers in one proof
_QUICK, _NODES = 200, 2_000
_FEW, _MANY = 3_000, 6_500  # offers solved in whole numbers: unasked, and for a proof
_GOOD = 1e-3  # unless rounding comes as near as this


@dataclass(frozen=True)
class Bought:
    """Chosen rows, the weight they cover together, and an upper bound on that of any choice."""

    rows: tuple[int, ...]
    covered: float
    bound: float


@dataclass(frozen=True)
class _Priced:
    """Duals, the bound they give, and what the best offer of each place earns at them."""

    duals: Duals
    bound: float
    profit: Floats


def best_offers(places: Places, budget: float, turns: float, *, prove: bool) -> Bought:
    """Choose offers that cover the greatest weight for at most `budget`, with at most so many `turns`.

    With `prove` the bound meets what was found, unless a limit of work was met (nodes, or offers to look at).
    """
    given, (places, budget, unit) = places, _to_scale(places, budget)
    offers, priced, share = _generated(places, budget, turns, close=_TIGHT if prove else _CLOSE)
    chosen = rounded(places, offers, share, budget, turns)
    found, bound = _covered(places, chosen), priced.bound
    if bound > found * (1 + (_PROVEN if prove else _GOOD)) and len(offers.place) <= (_MANY if prove else _FEW):
        chosen, _ = _better(places, offers, chosen, budget, turns, nodes=_QUICK)
        found = _covered(places, chosen)
    if prove and bound > found * (1 + _PROVEN):
        floor = np.maximum(priced.profit, 0.0) - (bound - found) * (1 + _PROVEN)
        listed = places.above(priced.duals, floor, _MOST)
        if listed is not None:
            chosen, beyond = _better(places, chosen.with_(listed), chosen, budget, turns, nodes=_NODES)
            found = _covered(places, chosen)
            bound = min(bound, max(found, beyond))
    rows, covered = np.sort(chosen.rows[chosen.rows >= 0]), _covered(given, chosen)
    return Bought(tuple(rows.tolist()), covered, covered if bound <= found * (1 + _PROVEN) else bound * unit)


def _to_scale(places: Places, budget: float) -> tuple[Places, float, float]:
    """Bring weights and prices to scale; gives the budget in theirs, and the unit of the weights."""
    worth, count = scaled_weights(places.weight), len(places.cost)
    prices = scaled_prices(np.concatenate([places.cost, places.pole]))
    cost, pole = prices.values[:count], prices.values[count:]
    return replace(places, weight=worth.values, cost=cost, pole=pole), scaled_budget(budget, prices), worth.unit


def _better(
    places: Places, offers: Offers, chosen: Offers, budget: float, turns: float, *, nodes: int
) -> tuple[Offers, float]:
    """Solve the choice among some offers in whole numbers: the better one of it and of `chosen`, and a bound on it."""
    answer = solved(_program(places, offers, budget, turns)[0], nodes=nodes)
    if answer.chosen is None:
        return chosen, answer.bound
    other = offers.take(np.flatnonzero(answer.chosen))
    fits = places.paid(other).sum() <= budget * (1 + _PROVEN) and places.turned(other).sum() <= turns
    return (other if fits and _covered(places, other) > _covered(places, chosen) else chosen), answer.bound


def _generated(places: Places, budget: float, turns: float, *, close: float) -> tuple[Offers, _Priced, Floats]:
    """Add the best offers at the duals of those that are there, until no better bound is to be had.

    Gives the offers that the relaxation takes, as many again that it nearly takes, the best bound, and the share of
    each offer in the relaxation.
    """
    offers, before = _first(places, budget), -np.inf
    best = _bounded(places, Duals(places.weight, 0.0, 0.0), budget, turns)[1]
    for turn in range(_ROUNDS):
        program, which = _program(places, offers, budget, turns)
        relaxation = relaxed(program, corner=True)
        now = _duals(places, relaxation.duals, program, which)
        still = relaxation.bound <= before * (1 + 1e-9)
        at = now if still or not turn else _between(best.duals, now)
        fresh, priced = _bounded(places, at, budget, turns)
        best = priced if priced.bound < best.bound else best
        wider = offers.with_(_most(fresh, priced.profit, _STEP + len(offers.place) // 4))
        if best.bound <= relaxation.bound * (1 + close) or (still and len(wider.place) == len(offers.place)):
            break
        offers, before = wider, relaxation.bound
    loss = relaxation.loss[: len(offers.place)]
    order = np.argsort(loss, kind="stable")
    taken = int((loss <= 1e-9 * best.bound).sum())
    kept = np.sort(order[: 2 * taken + _STEP])
    return offers.take(kept), best, relaxation.values[kept]


def _most(offers: Offers, profit: Floats, count: int) -> Offers:
    """Keep the offers that earn most."""
    return offers.take(np.sort(np.argsort(-profit[offers.place], kind="stable")[:count]))


def _first(places: Places, budget: float) -> Offers:
    """Begin with what costs nothing, and with the rows that show most for what they cost, twice the budget of them."""
    worth = places.matrix @ places.weight
    paid = places.cost + places.pole[places.place]
    free = (paid <= 0) & (places.turns == 0)
    order = np.argsort(-worth / np.maximum(paid, 1e-12), kind="stable")
    within = np.cumsum(np.where(free, 0.0, paid)[order]) <= 2 * budget
    rows = np.unique(np.concatenate([np.flatnonzero(free), order[within & (worth[order] > 0)][:5000]]))
    slots = np.full((len(rows), int(places.room.max(initial=1))), -1)
    if len(rows):
        slots[:, 0] = rows
    return Offers(slots, places.place[rows])


def _bounded(places: Places, duals: Duals, budget: float, turns: float) -> tuple[Offers, _Priced]:
    """Price all offers; the duals' bound is what is left of each column, the limits, and the best of each place."""
    fresh, earned = places.best(duals)
    profit = np.full(len(places.room), -np.inf)
    profit[fresh.place] = earned
    bound = float(np.clip(places.weight - duals.column, 0.0, None).sum()) + float(earned.sum())
    bound += duals.paid * budget + duals.turn * turns
    return fresh, _Priced(duals, bound * (1 + 1e-12), profit)


def _between(centre: Duals, now: Duals) -> Duals:
    """Stay near the duals of the best bound: those of the solver jump about (Wentges 1997)."""
    column = (centre.column + now.column) / 2
    return Duals(column, (centre.paid + now.paid) / 2, (centre.turn + now.turn) / 2)


def _duals(places: Places, duals: Floats, program: Program, which: Floats) -> Duals:
    """Spread the duals of joined columns over the columns; one that no offer covers is worth its whole weight."""
    value = program.objective[program.binary :]
    share = np.append(np.clip(duals[: len(value)] / np.maximum(value, 1e-300), 0.0, 1.0), 1.0)
    return Duals(places.weight * share[which], float(duals[-2]), float(duals[-1]))


def _program(places: Places, offers: Offers, budget: float, turns: float) -> tuple[Program, Floats]:
    """Write the choice among some offers as a program; gives also which joined column each column is in."""
    seen, value, which = classes(places.seen(offers), places.weight)
    count, columns = len(offers.place), len(value)
    used, owner = np.unique(offers.place, return_inverse=True)
    one = csr_array((np.ones(count), (owner.ravel(), np.arange(count))), shape=(len(used), count))
    limits = csr_array(np.vstack([places.paid(offers), places.turned(offers)]))
    rules = vstack([
        hstack([-seen.T, eye_array(columns)]),
        hstack([one, csr_array((len(used), columns))]),
        hstack([limits, csr_array((2, columns))]),
    ])  # fmt: skip
    upper = np.concatenate([np.zeros(columns), np.ones(len(used)), [budget, turns]])
    return Program(np.concatenate([np.zeros(count), value]), csr_array(rules), upper, count), which


def _covered(places: Places, offers: Offers) -> float:
    rows = offers.rows[offers.rows >= 0]
    return float(places.weight[np.unique(places.matrix[rows].indices)].sum()) if len(rows) else 0.0
