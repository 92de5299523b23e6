"""The fewest sites of a county whose villages do not see each other: part by part, at one price of what is covered.

Parts share no column and no full pole; all that ties them together is how much is to be covered in sum. The dual of
that rule in the linear relaxation is its price, and at this price every part is a small problem of its own: what it
covers, less its sites (Everett 1963, doi:10.1287/opre.11.3.399). Their bounds sum up to one that is tighter than the
relaxation, and their choices to one that covers nearly what is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csgraph, csr_array, hstack, vstack

from spatial.siting.covering.problem import CoverProblem
from spatial.siting.covering.program import Program, solved
from spatial.siting.covering.search import covered_by, ordered, pruned, until

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.siting.covering.program import Relaxed, Solved

__all__ = ["by_parts"]

_BIG = 60_000  # a part with more stored entries is not solved in whole numbers
_HALF = 0.5
_PASSES = 3
_GENEROUS = 1 + 1e-5  # of choices that are worth the same, the one that covers more: what is too much is dropped
_EPS, _ROUNDING, _NEAR = 1e-9, 1e-6, 1e-5


@dataclass(frozen=True)
class _Parts:
    """The part of each row and of each column, and what a choice of rows is worth in each at a price per weight."""

    problem: CoverProblem
    worth: Floats
    row: Ints
    column: Ints
    count: int

    @classmethod
    def of(cls, problem: CoverProblem, price: float) -> _Parts:
        """Tell the parts of a problem apart; every column has a row (`spatial.siting.covering.search.joined`)."""
        matrix, rack = problem.matrix, problem.room
        tight = np.flatnonzero(rack.tight[rack.group])
        poles = csr_array((np.ones(len(tight)), (tight, rack.group[tight])), shape=(matrix.shape[0], len(rack.room)))
        links = csr_array(hstack([matrix, poles]))
        nothing = csr_array((links.shape[1], links.shape[1]))
        square = csr_array(vstack([hstack([csr_array((links.shape[0],) * 2), links]), hstack([links.T, nothing])]))
        _, part = csgraph.connected_components(square, directed=False)
        used, row = np.unique(part[: matrix.shape[0]], return_inverse=True)
        column = np.searchsorted(used, part[matrix.shape[0] : sum(matrix.shape)])
        return cls(problem, problem.value * price, row.ravel(), column, len(used))

    def sums(self, rows: Floats, columns: Floats) -> Floats:
        """Sum numbers of rows and of columns up by part."""
        answer: Floats = np.bincount(self.row, rows, self.count) + np.bincount(self.column, columns, self.count)
        return answer

    def values(self, chosen: Flags) -> Floats:
        """Give what chosen rows are worth, less their number, by part; minus infinity where a group is too full."""
        seen = covered_by(self.problem.matrix, np.flatnonzero(chosen).tolist())
        value, rack = self.sums(-chosen.astype(float), self.worth * seen), self.problem.room
        over = rack.used(np.flatnonzero(chosen).tolist()) > rack.room
        value[self.row[over[rack.group]]] = -np.inf
        return value

    def relaxed(self, relaxation: Relaxed) -> Floats:
        """Bound what any choice is worth in each part, by the duals of the relaxation."""
        matrix, rack, duals = self.problem.matrix, self.problem.room, relaxation.duals
        column, full = duals[: matrix.shape[1]], np.zeros(len(rack.room))
        if self.problem.rack is not None:
            full[rack.tight] = duals[matrix.shape[1] + 1 :]
        rows = np.clip(matrix @ column - 1.0 - full[rack.group], 0.0, None)
        answer = self.sums(rows, np.clip(self.worth - column, 0.0, None))
        _, one = np.unique(rack.group, return_index=True)
        answer += np.bincount(self.row[one], (full * rack.room)[rack.group[one]], self.count)
        return answer

    def solved(self, mine: Ints, nodes: int) -> Solved:
        """Solve one part in whole numbers."""
        matrix = csr_array(self.problem.matrix[mine])
        columns = np.unique(matrix.indices)
        part = CoverProblem(
            csr_array(matrix[:, columns]), self.worth[columns], np.ones(len(mine)),
            rack=None if self.problem.rack is None else self.problem.rack.only(mine),
        )  # fmt: skip
        task = part.program()
        objective = np.concatenate([-np.ones(len(mine)), part.value])
        return solved(Program(objective, task.rules, task.upper, task.binary), nodes=nodes)


def by_parts(
    problem: CoverProblem, relaxation: Relaxed, start: list[int], *, nodes: int, close: float
) -> tuple[list[int], float]:
    """Give few rows that cover what is needed, `start` if nothing beats it, and a bound on the number of any.

    `relaxation` is that of ``problem.program()``, where every row costs 1; at most `nodes` are looked at in a part. A
    few prices are tried, until the bound is within a share `close`.
    """
    need, price = problem.need or 0.0, float(relaxation.duals[problem.matrix.shape[1]])
    best, bound = start, -relaxation.bound
    for _ in range(_PASSES):
        parts = _Parts.of(problem, price * _GENEROUS)
        if price <= 0 or parts.count == 1:
            break
        chosen, most = _chosen(parts, relaxation, best, nodes)
        bound = max(bound, price * _GENEROUS * need - most)
        rows = _enough(problem, chosen)
        changed = abs(problem.weight(rows) - problem.weight(np.flatnonzero(chosen).tolist()))
        if problem.weight(rows) >= need * (1 - _EPS) and len(rows) < len(best):
            best = rows
        if len(best) - np.ceil(bound - _ROUNDING) <= close * len(best) or changed <= 0:
            break
        price = abs(len(rows) - int(chosen.sum())) / changed
    return best, bound


def _chosen(parts: _Parts, relaxation: Relaxed, start: list[int], nodes: int) -> tuple[Flags, float]:
    """Choose rows in every part by what they are worth, and bound what any choice is worth, less its number."""
    chosen, found = _tried(parts, relaxation, start)
    most = np.maximum(parts.relaxed(relaxation), found)
    by_part = np.argsort(parts.row, kind="stable")
    first = np.searchsorted(parts.row[by_part], np.arange(parts.count + 1))
    size = np.bincount(parts.row, np.diff(parts.problem.matrix.indptr), parts.count)
    for part in np.flatnonzero((found < most - _NEAR) & (size <= _BIG)):
        mine = by_part[first[part] : first[part + 1]]
        answer = parts.solved(mine, nodes)
        most[part] = min(most[part], max(answer.bound, found[part]) + _ROUNDING)
        if answer.chosen is not None and answer.objective > found[part]:
            chosen[mine] = answer.chosen
    return chosen, float(most.sum())


def _tried(parts: _Parts, relaxation: Relaxed, start: list[int]) -> tuple[Flags, Floats]:
    """Take the best of some simple choices in each part: what was found, the relaxation rounded, what pays alone."""
    problem = parts.problem
    begun = np.zeros(len(parts.row), bool)
    begun[start] = True
    chosen, found = np.zeros(len(parts.row), bool), np.zeros(parts.count)
    for tried in (begun, relaxation.values > _HALF, problem.matrix @ parts.worth > 1.0):
        value = parts.values(tried)
        better = value > found
        found = np.where(better, value, found)
        chosen = np.where(better[parts.row], tried, chosen)
    return chosen, found


def _enough(problem: CoverProblem, chosen: Flags) -> list[int]:
    """Add rows by gain until enough is covered, and drop those that are not needed, the least useful first."""
    matrix, need = problem.matrix, problem.need or 0.0
    rows, ones = ordered(matrix, problem.value, np.flatnonzero(chosen).tolist()), np.ones(matrix.shape[0])
    left = problem.value.copy()
    left[covered_by(matrix, rows)] = 0.0
    more = need - problem.weight(rows)
    if more > need * _EPS:
        rows += until(matrix, left, ones, more, chosen, problem.room.after(rows))
    return pruned(matrix, problem.value, ones, rows, need)
