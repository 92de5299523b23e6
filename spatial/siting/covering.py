"""Maximal and minimal covering: which rows of a cover matrix to choose, and how good any choice can be.

Maximal covering location (Church & ReVelle 1974, doi:10.1007/BF01942293): equal columns are joined, a lazy greedy
start is improved by swaps, a Lagrangian relaxation bounds what is possible, and HiGHS proves the optimum on request.
Ties go to the lowest row; limits are counts, never the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array  # noqa: TC002 -- the doctest takes it from here

from spatial.errors import InfeasibleError, SchemaError
from spatial.siting.asked import Asked, counted
from spatial.siting.bounds import count_bound, lagrangian_bound
from spatial.siting.core import proven
from spatial.siting.problem import CoverProblem
from spatial.siting.program import relaxed
from spatial.siting.rack import Rack
from spatial.siting.search import covered_by, fewer, greedy, joined, ordered, pruned, swapped, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from spatial.arrays import Flags, Floats


__all__ = ["Cover", "maximal_cover", "minimal_cover"]

_EPS = 1e-9
_ROUNDING = 1e-6
_RELAXED, _PROVABLE = (
    150_000,
    500,
)  # the fewest: rows that a relaxation is solved for, and sites that a proof is tried for
_NEAR, _STEPS = 0.95, 150
_SOME = 1e-3  # a row of which the relaxation takes less is not looked at
_CLOSE = 1e-4  # without proof, a bound this near to what was found is near enough


@dataclass(frozen=True)
class Cover:
    """Chosen rows in the order they were chosen (fixed ones first), the weight they cover, and a bound.

    `bound` is an upper bound on the covered weight (`maximal_cover`), or a lower bound on the number of
    sites (`minimal_cover`); it equals what was found when that is proven optimal.
    """

    sites: tuple[int, ...]
    covered: float
    bound: float


def maximal_cover(
    cover: csr_array,
    weight: ArrayLike,
    count: int | None,
    *,
    fixed: Sequence[int] = (),
    cost: ArrayLike | None = None,
    budget: float | None = None,
    group: ArrayLike | None = None,
    most: ArrayLike | None = None,
    prove: bool = False,
) -> Cover:
    """Choose at most `count` rows, within `budget` where one is given, that cover the greatest weight.

    Parameters
    ----------
    cover : csr_array
        Rows are candidate sites, columns demand; a stored non-zero means that the site covers the demand.
    weight : array_like
        Weight of each column, none below zero.
    count : int or None
        Number of rows, the fixed ones included; None where the budget alone limits.
    fixed : sequence of int
        Rows that are chosen in any case; their cost counts.
    cost, budget
        Cost of each row, and the most that all chosen rows may cost together.
    group, most
        Group of each row (numbers from 0), and how many rows of a group may be chosen, fixed ones included: one
        number for all, or one for each.
    prove : bool
        Solve to proven optimality; where the limit of nodes is met, `bound` says how far it may be off.

    Raises
    ------
    SchemaError
        For weights, costs or groups that mean nothing, or neither count nor budget.
    InfeasibleError
        Where the fixed rows alone exceed the count, the budget or the room of a group.

    >>> maximal_cover(csr_array([[1, 1, 0], [0, 1, 1], [0, 0, 1]]), [1, 5, 2], 1)
    Cover(sites=(1,), covered=7.0, bound=7.0)
    """
    asked = Asked.of(cover, weight, cost, fixed, budget)
    matrix, price, purse, first = asked.matrix, asked.price, asked.purse, asked.fixed
    rack = Rack.of(len(price), group, most)
    if count is None and budget is None:
        raise SchemaError("请给出台数或预算", "give a count or a budget")
    limit = len(price) if count is None else min(counted(count), len(price))
    _afford(first, price, limit, purse, rack)
    base = covered_by(matrix, first)
    rest, value = joined(matrix, np.where(base, 0.0, asked.worth))
    left, room = purse - float(price[first].sum()), rack.after(first)
    problem = CoverProblem(rest, value, price, limit=limit - len(first), purse=left, rack=room)
    closed = np.isin(np.arange(len(price)), first) | (price > left * (1 + _EPS))
    chosen, found, bound = _best(problem, closed, room, prove=prove)
    sites, sure = (*first, *chosen), float(asked.worth[base].sum())
    return Cover(sites, *asked.covered(covered_by(matrix, sites), sure + bound, sure + found))


def _best(problem: CoverProblem, closed: Flags, rack: Rack, *, prove: bool) -> tuple[list[int], float, float]:
    """Choose among the open rows: the choice, the weight it covers, and a bound on that of any choice."""
    matrix, value, price, purse = problem.matrix, problem.value, problem.price, problem.purse
    limit = len(price) if problem.limit is None else problem.limit
    chosen = greedy(matrix, value, price, limit, purse, closed, rack)
    chosen = swapped(matrix, value, price, chosen, purse, closed, rack)
    if prove:
        chosen, bound = _proven(problem, closed, chosen)
        chosen = ordered(matrix, value, chosen)
        found = problem.worth(chosen)
    else:
        found = problem.worth(chosen)
        bound = lagrangian_bound(
            matrix, value, limit, price=price, purse=purse, closed=closed, best=found, rack=rack, close=_CLOSE
        )
    return chosen, found, found if bound <= found * (1 + _EPS) else bound  # what is left is rounding


def minimal_cover(
    cover: csr_array,
    weight: ArrayLike,
    reach: float,
    *,
    fixed: Sequence[int] = (),
    cost: ArrayLike | None = None,
    group: ArrayLike | None = None,
    most: ArrayLike | None = None,
    prove: bool = True,
) -> Cover:
    """Choose the fewest rows (the cheapest, where `cost` is given) that cover a share `reach` of all weight.

    `reach` is a share of the sum of `weight`, columns that no site covers included; 1.0 is everything. The
    bound is a lower bound on the number of sites, in either case. `group` and `most` are those of `maximal_cover`.
    With `prove` the result is proven, unless more than 500 sites are needed or the limit of nodes is met: then the
    bound says how far it may be off.

    Raises
    ------
    SchemaError
        For weights, costs or groups that mean nothing, or a share outside 0-1.
    InfeasibleError
        Where all sites together do not reach the share; the message names the share that can be had.
    """
    asked = Asked.of(cover, weight, cost, fixed)
    matrix, price, first = asked.matrix, asked.price, asked.fixed
    rack = Rack.of(len(price), group, most)
    if not 0 <= reach <= 1:
        raise SchemaError(f"覆盖目标 {reach} 应在 0 到 1 之间", f"reach {reach} must be a share between 0 and 1")
    worth = asked.worth if reach < 1 else (asked.weight > 0).astype(float)  # all of it: however little a column weighs
    total = float(worth.sum())
    need = _needed(reach * total * (1 - _EPS), worth)
    _reachable(float(worth[covered_by(matrix, range(len(price)))].sum()), need, total)
    _afford(first, price, len(price), np.inf, rack)
    base = covered_by(matrix, first)
    sure = float(worth[base].sum())
    chosen, least = list[int](), 0
    if sure < need:
        rest, value = joined(matrix, np.where(base, 0.0, worth))
        more = need - sure
        up = 1.0 if more >= 1 else float(np.ldexp(1.0, -int(np.frexp(more)[1])))  # as much of a little as of a lot
        value = np.minimum(value, more) * up  # a column that is enough by itself need not weigh more
        unit = CoverProblem(rest, value, np.ones(len(price)), need=more * up, rack=rack.after(first))
        closed = np.isin(np.arange(len(price)), first)
        chosen, least = _fewest(unit, None if cost is None else price, closed, (sure * up, total * up), prove=prove)
    sites = (*first, *chosen)
    covered = float(asked.weight[covered_by(matrix, sites)].sum())
    return Cover(sites, covered, float(len(first) + least))


def _fewest(
    unit: CoverProblem, price: Floats | None, closed: Flags, before: tuple[float, float], *, prove: bool
) -> tuple[list[int], int]:
    """Choose the fewest open rows, or the cheapest at a price; and a bound on the number of any that do."""
    cost = np.ones(len(closed)) if price is None else price
    chosen = _enough(unit, cost, closed, unit.room, before)
    rows = np.flatnonzero(~closed)
    if len(rows) > _RELAXED:
        part = unit.only(rows)
        near = max(1, int(_NEAR * len(chosen)))
        return chosen, count_bound(part.matrix, part.value, unit.need or 0.0, near, part.room, iterations=_STEPS)
    relaxation = relaxed(unit.only(rows).program())
    least = int(np.ceil(-relaxation.bound - _ROUNDING))
    if price is None:
        share = np.zeros(len(closed))
        share[rows] = relaxation.values
        chosen = _along(unit, share, chosen, least)
    if prove and len(chosen) <= _PROVABLE and (price is not None or len(chosen) > least):
        few, bound = _proven(unit, closed, chosen)
        least = int(np.ceil(-bound - _ROUNDING))
        chosen = few if price is None else _proven(replace(unit, price=cost), closed, chosen)[0]
        chosen = ordered(unit.matrix, unit.value, chosen)
    return chosen, least


def _along(unit: CoverProblem, share: Floats, chosen: list[int], least: int) -> list[int]:
    """Choose few rows among those that the relaxation takes a share of, and those chosen already."""
    rows = np.union1d(np.flatnonzero(share > _SOME), chosen)
    part, need = unit.only(rows), unit.need or 0.0
    none, start = np.zeros(len(rows), bool), np.searchsorted(rows, chosen).tolist()
    matrix, value, ones = part.matrix, part.value, np.ones(len(rows))
    keen = until(matrix, value, 1.0 / np.maximum(share[rows], _SOME), need, none, part.room)
    if part.weight(keen) >= need * (1 - _EPS):
        start = min(start, pruned(matrix, value, ones, keen, need), key=len)
    few: list[int] = rows[fewer(matrix, value, need, none, start, part.room, least)].tolist()
    return few


def _enough(unit: CoverProblem, price: Floats, closed: Flags, rack: Rack, before: tuple[float, float]) -> list[int]:
    """Find rows that cover what is needed; where groups stand in the way, the most that they let be covered."""
    need, (sure, total) = unit.need or 0.0, before
    chosen = until(unit.matrix, unit.value, price, need, closed, rack)
    if unit.weight(chosen) < need:
        widest = replace(unit, need=None, price=np.zeros(len(price)))
        chosen, found, _ = _best(widest, closed, rack, prove=True)
        _reachable(sure + found, sure + need, total)
    return pruned(unit.matrix, unit.value, price, chosen, need)


def _needed(least: float, worth: Floats) -> float:
    """Raise what is needed to a weight that a choice can cover: a whole one, or the least weight there is."""
    if least <= 0:
        return 0.0
    whole = bool((worth == np.rint(worth)).all())
    return float(np.ceil(least)) if whole else max(least, float(worth[worth > 0].min()))


def _reachable(possible: float, need: float, total: float) -> None:
    """Refuse a share that all sites together do not reach."""
    if possible < need:
        raise InfeasibleError(
            f"全部候选点位最多覆盖 {possible / total:.4f}，达不到 {need / total:.4f}；请降低目标或增加候选杆位",
            f"all candidate sites together reach {possible / total:.4f}, not {need / total:.4f}; "
            "lower the share or load more poles",
        )


def _proven(problem: CoverProblem, closed: Flags, start: list[int]) -> tuple[list[int], float]:
    """Prove a choice among the rows that are open."""
    rows = np.flatnonzero(~closed)
    chosen, bound = proven(problem.only(rows), np.searchsorted(rows, start).tolist())
    return rows[chosen].tolist(), bound


def _afford(first: list[int], price: Floats, limit: int, purse: float, rack: Rack) -> None:
    """Refuse fixed rows that exceed the count, the budget or the room of a group by themselves."""
    paid = float(price[first].sum())
    if len(first) > limit or paid > purse * (1 + _EPS):
        raise InfeasibleError(
            f"已定的 {len(first)} 个点位超出台数 {limit} 或预算",
            f"the {len(first)} fixed sites exceed the count {limit} or the budget",
        )
    if (over := np.flatnonzero(rack.after(first).room < 0)).size:
        raise InfeasibleError(
            f"已定的点位超出第 {over[0]} 组的上限 {rack.room[over[0]]}",
            f"the fixed sites exceed the limit {rack.room[over[0]]} of group {over[0]}",
        )
