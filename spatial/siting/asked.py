"""Reads what is asked of a covering: the matrix as 0 and 1, weights on a scale a solver keeps exact, rows and prices.

A solver lets a rule be broken by some 1e-6. Weights that are not whole are therefore scaled (by a power of two, which
rounds nothing) until they come to about a million; whole ones stay whole, for a proof steps from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import csr_array

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from spatial.arrays import Flags, Floats

__all__ = ["Asked", "counted", "within"]

_MUCH = 2.0**40
_SCALE = 20


@dataclass(frozen=True)
class Asked:
    """A covering as it was asked for: the matrix in 0 and 1, weights as given and to scale, prices, the fixed rows."""

    matrix: csr_array
    weight: Floats
    scaled: Floats
    factor: float
    price: Floats
    fixed: list[int]

    @classmethod
    def of(cls, cover: csr_array, weight: ArrayLike, cost: ArrayLike | None, fixed: Sequence[int]) -> Self:
        """Check what was given; SchemaError names what means nothing."""
        matrix = csr_array(cover).astype(float)
        if not np.isfinite(matrix.data).all():
            raise SchemaError("覆盖矩阵含非数值（NaN 或无穷）", "the cover matrix holds values that are no number")
        matrix.data = (matrix.data != 0).astype(float)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        matrix.data[:] = 1.0
        worth = _numbers("权重", "weight", weight, matrix.shape[1])
        price = np.ones(matrix.shape[0]) if cost is None else _numbers("费用", "cost", cost, matrix.shape[0])
        factor = _factor(worth)
        return cls(matrix, worth, worth * factor, factor, price, _rows(fixed, matrix.shape[0]))

    def covered(self, seen: Flags, bound: float, found: float) -> tuple[float, float]:
        """Give the covered weight and a bound on it, both as weights were given; equal where they are to scale."""
        weight = float(self.weight[seen].sum())
        return weight, weight if bound <= found else max(weight, bound / self.factor)


def counted(count: float) -> int:
    """Read a number of rows: whole, not below zero."""
    number = _number("count", count)
    if number != np.floor(number) or number < 0:
        raise SchemaError(f"台数 {count} 应为不小于 0 的整数", f"count {count} must be a whole number, not below zero")
    return int(number)


def within(budget: float) -> float:
    """Read a budget: a number not below zero, or infinity."""
    number = float("inf") if budget == float("inf") else _number("budget", budget)
    if number < 0:
        raise SchemaError(f"预算 {budget} 应不小于 0", f"budget {budget} must not be below zero")
    return number


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number):
        raise SchemaError(f"{name} = {value} 不是数", f"{name} = {value} is no number")
    return number


def _numbers(zh: str, name: str, given: ArrayLike, size: int) -> Floats:
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        values = np.full(size, np.nan)
    if values.shape != (size,) or not np.isfinite(values).all() or (values < 0).any():
        raise SchemaError(f"{zh}应为 {size} 个不小于 0 的数", f"{name} must be {size} numbers, none below zero")
    return values


def _rows(fixed: Sequence[int], count: int) -> list[int]:
    """Give the fixed rows once each; SchemaError for one that does not exist."""
    rows = list(dict.fromkeys(int(row) for row in fixed))
    for row in rows:
        if not 0 <= row < count:
            raise SchemaError(f"已定点位 {row} 不在 0-{count - 1} 之间", f"fixed site {row} is not among 0-{count - 1}")
    return rows


def _factor(worth: Floats) -> float:
    """Give the power of two that brings weights to scale: 1 for whole numbers of a fair size."""
    total = float((worth / max(1.0, worth.max(initial=0.0))).sum()) * max(1.0, worth.max(initial=0.0))
    fair = 1.0 <= total <= _MUCH
    if not total or (fair and bool((np.rint(worth) == worth).all())):
        return 1.0
    _, exponent = np.frexp(min(total, np.finfo(float).max))
    return float(np.ldexp(1.0, int(np.clip(_SCALE - int(exponent), -1000, 1000))))
