"""Covering to proven optimality, by HiGHS; limits are in nodes, never in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from spatial.errors import InfeasibleError
from spatial.siting.search import covered_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.arrays import Flags, Floats, Ints


__all__ = ["fewest", "most", "most_on_poles"]

_NODES = 50_000


def most(
    matrix: csr_array, value: Floats, limit: int, price: Floats, purse: float, closed: Flags, *,
    start: Sequence[int],
) -> tuple[list[int], float]:  # fmt: skip
    """Rows of the greatest covered weight, and a bound on it; never less than `start`, also at the node limit."""
    sites, columns = matrix.shape
    rules = [_links(matrix), LinearConstraint(_ones(np.ones(sites), columns), ub=limit)]
    if np.isfinite(purse):
        rules.append(LinearConstraint(_ones(price, columns), ub=purse + 1e-9))
    answer = _solved(np.r_[np.zeros(sites), -value], rules, sites, closed)
    return _better(answer, matrix, value, start)


def _better(answer: Any, matrix: csr_array, value: Floats, start: Sequence[int]) -> tuple[list[int], float]:
    """Take the solver's rows, or `start` where it found nothing better, with the bound that is proven."""
    rows = list(start) if answer.x is None else np.flatnonzero(answer.x[: matrix.shape[0]] > 0.5).tolist()
    found, before = (float(value[covered_by(matrix, chosen)].sum()) for chosen in (rows, list(start)))
    if before > found:
        rows, found = list(start), before
    return rows, found if answer.status == 0 else max(found, float(-answer.mip_dual_bound))


def most_on_poles(
    matrix: csr_array, value: Floats, position: Ints, camera: float, pole: Floats, purse: float, *,
    start: Sequence[int],
) -> tuple[list[int], float]:  # fmt: skip
    """Like `most`, where rows of one `position` share a pole that is paid once, and each row costs `camera`."""
    sites, columns, poles = *matrix.shape, len(pole)
    stands = csr_array((np.ones(sites), (np.arange(sites), position)), shape=(sites, poles))
    none = csr_array((columns, poles))
    on_pole = hstack([-eye_array(sites), csr_array((sites, columns)), stands])
    rules = [
        LinearConstraint(csr_array(hstack([matrix.T, -eye_array(columns), none])), lb=0.0),
        LinearConstraint(csr_array(on_pole), lb=0.0),
        LinearConstraint(csr_array(np.r_[np.full(sites, camera), np.zeros(columns), pole][None, :]), ub=purse + 1e-9),
    ]
    answer = _solved(np.r_[np.zeros(sites), -value, np.zeros(poles)], rules, sites, np.zeros(sites, bool))
    return _better(answer, matrix, value, start)


def fewest(matrix: csr_array, value: Floats, need: float, price: Floats, closed: Flags) -> list[int]:
    """Rows of least total price whose covered weight is at least `need`.

    Raises
    ------
    InfeasibleError
        If the node limit is reached before the optimum is proven.
    """
    sites, columns = matrix.shape
    enough = csr_array(np.r_[np.zeros(sites), value][None, :])
    rules = [_links(matrix), LinearConstraint(enough, lb=need)]
    answer = _solved(np.r_[price, np.zeros(columns)], rules, sites, closed)
    if answer.status != 0:
        raise InfeasibleError(
            f"在 {_NODES} 个节点内未能证明最优；请去掉 --prove",
            f"not proven optimal within {_NODES} nodes; run without --prove",
        )
    rows: list[int] = np.flatnonzero(answer.x[:sites] > 0.5).tolist()
    return rows


def _links(matrix: csr_array) -> LinearConstraint:
    """Let a column count no more than the rows that cover it."""
    columns = matrix.shape[1]
    return LinearConstraint(csr_array(hstack([matrix.T, -eye_array(columns)])), lb=0.0)


def _ones(row: Floats, columns: int) -> csr_array:
    return csr_array(np.r_[row, np.zeros(columns)][None, :])


def _solved(objective: Floats, rules: list[LinearConstraint], sites: int, closed: Flags):  # type: ignore[no-untyped-def]  # noqa: ANN202 - scipy's result has no public type
    upper = np.ones(len(objective))
    upper[:sites][closed] = 0.0
    integral = np.r_[np.ones(sites), np.zeros(len(objective) - sites)]
    return milp(
        objective, constraints=rules, bounds=Bounds(0, upper), integrality=integral,
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )  # fmt: skip
