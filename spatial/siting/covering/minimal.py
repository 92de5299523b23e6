"""The fewest rows that cover what is needed, or the cheapest: from a first choice to a near one, and a bound on any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from spatial.siting.covering.bounds import count_bound
from spatial.siting.covering.core import proven
from spatial.siting.covering.parts import by_parts
from spatial.siting.covering.program import relaxed
from spatial.siting.covering.search import fewer, ordered, pruned, until

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats
    from spatial.siting.covering.problem import CoverProblem

__all__ = ["fewest_rows", "proven_among"]

_EPS, _ROUNDING = 1e-9, 1e-6
_RELAXED = 10_000_000  # pairs of rows of one column: beyond, a relaxation takes minutes
_PROVABLE, _LOOKED = 500, 200  # sites, and nodes, of a proof
_SWAPPED = 30_000_000  # rows times chosen ones: beyond, swaps take longer than they are worth
_NEAR, _STEPS = 0.95, 300
_SOME = 1e-3  # a row of which the relaxation takes less is not looked at
_CLOSE = 1e-3  # unasked, a bound this near to what was found is near enough
_QUICK, _NODES = 20, 200  # nodes in each part, unasked and for a proof


def fewest_rows(
    unit: CoverProblem, price: Floats | None, closed: Flags, chosen: list[int], *, prove: bool
) -> tuple[list[int], int]:
    """Choose fewer open rows than `chosen`, or cheaper ones at a price; and a bound on the number of any that do."""
    rows = np.flatnonzero(~closed)
    part = unit.only(rows)
    degree = np.diff(part.matrix.tocsc().indptr).astype(float)
    if float(degree @ degree) > _RELAXED:
        near = max(1, int(_NEAR * len(chosen)))
        least = count_bound(part.matrix, part.value, unit.need or 0.0, near, part.room, iterations=_STEPS)
        if price is None and len(rows) * len(chosen) <= _SWAPPED:
            chosen = fewer(unit.matrix, unit.value, unit.need or 0.0, closed, chosen, unit.room, least)
        return chosen, least
    relaxation = relaxed(part.program())
    least = int(np.ceil(-relaxation.bound - _ROUNDING))
    if price is None:
        share = np.zeros(len(closed))
        share[rows] = relaxation.values
        chosen = _along(unit, share, chosen, least)
    if price is None and len(chosen) > least:
        start, nodes, close = np.searchsorted(rows, chosen).tolist(), *((_NODES, 0.0) if prove else (_QUICK, _CLOSE))
        few, bound = by_parts(part, relaxation, start, nodes=nodes, close=close)
        chosen, least = rows[few].tolist(), max(least, int(np.ceil(bound - _ROUNDING)))
    if prove and len(chosen) <= _PROVABLE and (price is not None or len(chosen) > least):
        few, bound = proven_among(unit, closed, chosen)
        least = max(least, int(np.ceil(-bound - _ROUNDING)))
        chosen = few if price is None else proven_among(replace(unit, price=price), closed, chosen)[0]
    return ordered(unit.matrix, unit.value, chosen), least


def proven_among(problem: CoverProblem, closed: Flags, start: list[int]) -> tuple[list[int], float]:
    """Prove a choice among the rows that are open."""
    rows = np.flatnonzero(~closed)
    nodes = None if problem.need is None else _LOOKED
    chosen, bound = proven(problem.only(rows), np.searchsorted(rows, start).tolist(), nodes=nodes)
    return rows[chosen].tolist(), bound


def _along(unit: CoverProblem, share: Floats, chosen: list[int], least: int) -> list[int]:
    """Choose few rows among those that the relaxation takes a share of, and those chosen already."""
    rows = np.union1d(np.flatnonzero(share > _SOME), chosen)
    part, need = unit.only(rows), unit.need or 0.0
    none, start = np.zeros(len(rows), bool), np.searchsorted(rows, chosen).tolist()
    matrix, value, ones = part.matrix, part.value, np.ones(len(rows))
    keen = until(matrix, value, 1.0 / np.maximum(share[rows], _SOME), need, none, part.room)
    if part.weight(keen) >= need * (1 - _EPS):
        start = min(start, pruned(matrix, value, ones, keen, need), key=len)
    if len(rows) * len(start) <= _SWAPPED:
        start = fewer(matrix, value, need, none, start, part.room, least)
    few: list[int] = rows[start].tolist()
    return few
