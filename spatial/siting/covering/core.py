"""Proof of a best cover by its core: the few rows whose reduced cost leaves room for something better.

The linear relaxation gives a bound, and for each row what the bound loses when that row is chosen. A choice that
beats the best one known can only hold rows whose loss is below the gap between the two: those are the core, some
hundred rows of thousands. It is solved in whole numbers, the cheapest rows first; what is found closes the gap, and
each further step asks only for choices with at least one new row that are no worse than what is known (Balas & Zemel
1980, doi:10.1287/opre.28.5.1130, for knapsacks; Beasley 1993, doi:10.1016/0377-2217(93)90215-5, for covering).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.siting.covering.program import Solved, relaxed, solved

if TYPE_CHECKING:
    from spatial.arrays import Ints
    from spatial.siting.covering.problem import CoverProblem

__all__ = ["proven"]

_EPS = 1e-9
_ROUNDING = 1e-6
_FIRST, _PER_SITE = 100, 3


def proven(problem: CoverProblem, start: list[int], *, nodes: int | None = None) -> tuple[list[int], float]:
    """Give the best choice of rows, `start` if nothing beats it, and an upper bound on any choice's objective.

    The two agree (but for rounding) unless the solver met its limit of nodes (`nodes`, where it is given).
    """
    best, found = list(start), problem.worth(start)
    relaxation, step = relaxed(problem.program()), problem.step
    order = np.argsort(relaxation.loss, kind="stable")
    loss = relaxation.loss[order]
    known, size = 0, max(_FIRST, _PER_SITE * len(start))
    while _on_steps(relaxation.bound, step) > found + _EPS * abs(found):
        room = relaxation.bound - found - step + _EPS * abs(found)
        last = min(int(np.searchsorted(loss, room, side="right")), known + size)
        if last <= known:
            break
        rows = np.sort(order[:last])
        answer = _solved(
            problem, rows, best, fresh=order[known:last] if known else None, goal=found + step, nodes=nodes
        )
        picked = None if answer.chosen is None else rows[answer.chosen].tolist()
        if picked is not None and problem.holds(picked) and (value := problem.worth(picked)) > found:
            best, found = picked, value
        if answer.bound > found + max(step, _ROUNDING * max(1.0, abs(found))):  # the limit of nodes was met
            beyond = relaxation.bound - loss[last] if last < len(loss) else -np.inf
            return best, min(_on_steps(relaxation.bound, step), max(answer.bound, beyond))
        known, size = last, 2 * last
    return best, found


def _solved(
    problem: CoverProblem, rows: Ints, best: list[int], *, fresh: Ints | None, goal: float, nodes: int | None
) -> Solved:
    """Solve a core; one that grew only for choices that reach the goal with a row that is new in it."""
    core = problem.only(rows)
    if fresh is not None:
        return solved(core.program(at_least=goal, one_of=np.flatnonzero(np.isin(rows, fresh))), nodes=nodes)
    inside = bool(np.isin(best, rows).all())
    return solved(
        core.program(), start=core.start(np.searchsorted(rows, best).tolist()) if inside else None, nodes=nodes
    )


def _on_steps(bound: float, step: float) -> float:
    """Lower a bound to the next value that an objective can have."""
    return bound if step == 0 else float(np.floor(bound / step + 1e-6) * step)
