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
from spatial.siting.bounds import lagrangian_bound
from spatial.siting.core import proven
from spatial.siting.problem import CoverProblem
from spatial.siting.program import relaxed
from spatial.siting.search import covered_by, fewer, greedy, joined, ordered, pruned, swapped, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from spatial.arrays import Flags, Floats


__all__ = ["Cover", "maximal_cover", "minimal_cover"]

_EPS = 1e-9
_ROUNDING = 1e-6
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
    prove : bool
        Solve to proven optimality; where the limit of nodes is met, `bound` says how far it may be off.

    Raises
    ------
    SchemaError
        For weights or costs of another length, below zero or not finite, or neither count nor budget.
    InfeasibleError
        Where the fixed rows alone exceed the count or the budget.

    >>> maximal_cover(csr_array([[1, 1, 0], [0, 1, 1], [0, 0, 1]]), [1, 5, 2], 1)
    Cover(sites=(1,), covered=7.0, bound=7.0)
    """
    matrix, worth, price = _checked(cover, weight, cost)
    if count is None and budget is None:
        raise SchemaError("请给出台数或预算", "give a count or a budget")
    limit = matrix.shape[0] if count is None else min(int(count), matrix.shape[0])
    purse = np.inf if budget is None else float(budget)
    first = list(dict.fromkeys(int(row) for row in fixed))
    _afford(len(first), float(price[first].sum()), limit, purse)
    base = covered_by(matrix, first)
    sure = float(worth[base].sum())
    rest, value = joined(matrix, np.where(base, 0.0, worth))
    open_limit, open_purse = limit - len(first), purse - float(price[first].sum())
    closed = np.isin(np.arange(matrix.shape[0]), first)
    chosen = greedy(rest, value, price, open_limit, open_purse, closed)
    chosen = swapped(rest, value, price, chosen, open_purse, closed)
    found = float(value[covered_by(rest, chosen)].sum())
    if prove:
        problem = CoverProblem(rest, value, price, limit=open_limit, purse=open_purse)
        chosen, bound = _proven(problem, closed, chosen)
        found, chosen = problem.worth(chosen), ordered(rest, value, chosen)
    else:
        bound = lagrangian_bound(
            rest, value, open_limit, price=price, purse=open_purse, closed=closed, best=found, close=_CLOSE
        )
    closed_gap = bound <= found * (1 + _EPS)  # what is left is rounding
    return Cover((*first, *chosen), sure + found, sure + (found if closed_gap else bound))


def minimal_cover(
    cover: csr_array,
    weight: ArrayLike,
    reach: float,
    *,
    fixed: Sequence[int] = (),
    cost: ArrayLike | None = None,
    prove: bool = True,
) -> Cover:
    """Choose the fewest rows (the cheapest, where `cost` is given) that cover a share `reach` of all weight.

    `reach` is a share of the sum of `weight`, columns that no site covers included; 1.0 is everything. The
    bound is a lower bound on the number of sites, in either case.

    Raises
    ------
    SchemaError
        For weights or costs that mean nothing, or a share outside 0-1.
    InfeasibleError
        Where all sites together do not reach the share; the message names the share that can be had.
    """
    matrix, worth, price = _checked(cover, weight, cost)
    if not 0 <= reach <= 1:
        raise SchemaError(f"覆盖目标 {reach} 应在 0 到 1 之间", f"reach {reach} must be a share between 0 and 1")
    total = float(worth.sum())
    need = reach * total - _EPS * max(total, 1.0)
    possible = float(worth[covered_by(matrix, range(matrix.shape[0]))].sum())
    if possible < need:
        share = possible / total
        raise InfeasibleError(
            f"全部候选点位最多覆盖 {share:.4f}，达不到 {reach}；请降低目标或增加候选杆位",
            f"all candidate sites together reach {share:.4f}, not {reach}; lower the share or load more poles",
        )
    first = list(dict.fromkeys(int(row) for row in fixed))
    base = covered_by(matrix, first)
    sure = float(worth[base].sum())
    closed = np.isin(np.arange(matrix.shape[0]), first)
    if sure >= need:
        return Cover(tuple(first), sure, float(len(first)))
    rest, value = joined(matrix, np.where(base, 0.0, worth))
    chosen = pruned(rest, value, price, until(rest, value, price, need - sure, closed), need - sure)
    if cost is None:
        chosen = fewer(rest, value, need - sure, closed, chosen)
    unit = CoverProblem(rest, value, np.ones(len(price)), need=need - sure)
    if prove:
        few, bound = _proven(unit, closed, chosen)
        chosen = few if cost is None else _proven(replace(unit, price=price), closed, chosen)[0]
        chosen = ordered(rest, value, chosen)
    else:
        bound = relaxed(unit.only(np.flatnonzero(~closed)).program()).bound
    least = int(np.ceil(-bound - _ROUNDING))
    found = float(value[covered_by(rest, chosen)].sum())
    return Cover((*first, *chosen), sure + found, float(len(first) + least))


def _proven(problem: CoverProblem, closed: Flags, start: list[int]) -> tuple[list[int], float]:
    """Prove a choice among the rows that are open."""
    rows = np.flatnonzero(~closed)
    chosen, bound = proven(problem.only(rows), np.searchsorted(rows, start).tolist())
    return rows[chosen].tolist(), bound


def _afford(count: int, price: float, limit: int, purse: float) -> None:
    """Refuse fixed rows that exceed the count or the budget by themselves."""
    if count > limit or price > purse + _EPS:
        raise InfeasibleError(
            f"已定的 {count} 个点位（{price:g}）超出台数 {limit} 或预算 {purse:g}",
            f"the {count} fixed sites ({price:g}) exceed the count {limit} or the budget {purse:g}",
        )


def _checked(cover: csr_array, weight: ArrayLike, cost: ArrayLike | None) -> tuple[csr_array, Floats, Floats]:
    matrix = csr_array(cover).astype(float)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.data[:] = 1.0
    worth = np.asarray(weight, dtype=float)
    price = np.ones(matrix.shape[0]) if cost is None else np.asarray(cost, dtype=float)
    for name, zh, values, size in (
        ("weight", "权重", worth, matrix.shape[1]),
        ("cost", "费用", price, matrix.shape[0]),
    ):
        if values.shape != (size,) or not np.isfinite(values).all() or (values < 0).any():
            raise SchemaError(f"{zh}应为 {size} 个不小于 0 的数", f"{name} must be {size} numbers, none below zero")
    return matrix, worth, price
