"""Linear programs in 0-1 variables through HiGHS: a bound with its duals, and whole solutions.

The bound is computed here from the solver's duals, which need not be exact: any duals of the right sign give a true
one (weak duality), so a solver that stopped early costs tightness, never truth. Limits are in nodes, never in seconds.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatial.arrays import Floats


__all__ = ["Program", "Relaxed", "Solved", "relaxed", "solved"]

_NODES = 2_000
_ONE = threading.Lock()


@dataclass(frozen=True)
class Program:
    """Maximise ``objective @ v`` where ``rules @ v <= upper`` and 0 <= v <= 1; the first `binary` of v are whole."""

    objective: Floats
    rules: csr_array
    upper: Floats
    binary: int


@dataclass(frozen=True)
class Relaxed:
    """An upper bound on the objective, and the solution behind it.

    `loss` is by how much the bound falls when a binary variable is made 1 (0: not at all), `duals` what one more of
    each rule is worth, `values` the binary variables, which need not be whole here.
    """

    bound: float
    loss: Floats
    duals: Floats
    values: Floats


@dataclass(frozen=True)
class Solved:
    """The best whole solution found (None: there is none), and an upper bound on all of them."""

    chosen: Floats | None
    objective: float
    bound: float


def relaxed(program: Program, *, corner: bool = False) -> Relaxed:
    """Bound a program by its linear relaxation: interior point without crossover, or a corner by the simplex method."""
    solver = _loaded(program, whole=False)
    if not corner:
        solver.setOptionValue("solver", "ipm")
        solver.setOptionValue("run_crossover", "off")
    solver.run()
    solution = solver.getSolution()
    duals = -np.array(solution.row_dual)
    if duals.shape != program.upper.shape or not np.isfinite(duals).all():
        duals = np.zeros(len(program.upper))
    duals = np.clip(duals, 0.0, None)
    rest = program.objective - program.rules.T @ duals
    bound = float(duals @ program.upper + np.clip(rest, 0.0, None).sum())
    return Relaxed(
        bound, np.clip(-rest[: program.binary], 0.0, None), duals, np.array(solution.col_value)[: program.binary]
    )


def solved(program: Program, *, start: Floats | None = None, nodes: int | None = None) -> Solved:
    """Solve a program in whole numbers, from the solution `start` where one is given."""
    import highspy  # noqa: PLC0415 - a proof needs it, plain siting does not

    solver = _loaded(program, whole=True)
    for option, value in (
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-9),
        ("mip_max_nodes", _NODES if nodes is None else nodes),
    ):
        solver.setOptionValue(option, value)
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = start.tolist()
        solver.setSolution(given)
    with _unheard():
        solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Solved(None, -np.inf, -np.inf)
    values = np.array(solver.getSolution().col_value)
    found = bool(info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible)
    return Solved(
        values[: program.binary] > 0.5 if found else None,
        -float(info.objective_function_value) if found else -np.inf,
        -float(info.mip_dual_bound),
    )  # fmt: skip


@contextmanager
def _unheard() -> Iterator[None]:
    """Send what HiGHS prints past its own switch to stderr: stdout belongs to the answer. One solver at a time."""
    with _ONE:
        sys.stdout.flush()
        try:
            kept = os.dup(1)
        except OSError:  # there is no stdout to keep clean
            yield
            return
        try:
            with suppress(OSError):
                os.dup2(2, 1)
            yield
        finally:
            with suppress(OSError, TypeError, AttributeError):
                ctypes.CDLL(None).fflush(None)
            os.dup2(kept, 1)
            os.close(kept)


def _loaded(program: Program, *, whole: bool) -> Any:
    """Hand a program to a fresh, silent solver of one thread, which always takes the same path."""
    import highspy  # noqa: PLC0415 - see `solved`

    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.objective), len(program.upper)
    model.col_cost_ = -program.objective
    model.col_lower_, model.col_upper_ = np.zeros(model.num_col_), np.ones(model.num_col_)
    model.row_lower_, model.row_upper_ = np.full(model.num_row_, -np.inf), program.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    rules = csr_array(program.rules)
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rules.indptr, rules.indices, rules.data
    if whole:
        kinds = [highspy.HighsVarType.kContinuous] * model.num_col_
        kinds[: program.binary] = [highspy.HighsVarType.kInteger] * program.binary
        model.integrality_ = kinds
    solver: Any = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver
