"""Maximal and minimal covering: which rows of a cover matrix to choose, and how good any choice can be.

Maximal covering location (Church & ReVelle 1974, doi:10.1007/BF01942293): equal columns are joined, a lazy greedy
start is improved by swaps, a Lagrangian relaxation bounds what is possible, and HiGHS proves the optimum on request.
Ties go to the lowest row; limits are counts, never the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from spatial.errors import InfeasibleError, SchemaError
from spatial.siting.covering.asked import Asked, counted
from spatial.siting.covering.bounds import lagrangian_bound
from spatial.siting.covering.dominated import undominated
from spatial.siting.covering.minimal import fewest_rows, proven_among
from spatial.siting.covering.problem import CoverProblem
from spatial.siting.covering.rack import Rack
from spatial.siting.covering.search import covered_by, greedy, joined, ordered, pruned, swapped, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from spatial.arrays import Flags, Floats


__all__ = ["Cover", "maximal_cover", "minimal_cover"]

_EPS = 1e-9
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
        chosen, bound = proven_among(problem, closed, chosen)
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
        closed = np.ones(len(price), bool)
        open_ = np.setdiff1d(np.arange(len(price)), first)
        closed[open_[undominated(csr_array(rest[open_]), price[open_], unit.room.only(open_))]] = False
        chosen = _enough(unit, price, closed, unit.room, (sure * up, total * up))
        chosen, least = fewest_rows(unit, None if cost is None else price, closed, chosen, prove=prove)
    sites = (*first, *chosen)
    covered = float(asked.weight[covered_by(matrix, sites)].sum())
    return Cover(sites, covered, float(len(first) + least))


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
