"""Reads what is asked of a covering: the matrix as 0 and 1, weights and prices to scale, rows and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import csr_array

from spatial.errors import SchemaError
from spatial.siting.covering.scale import scaled_budget, scaled_prices, scaled_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from spatial.arrays import Flags, Floats

__all__ = ["Asked", "counted"]

_SLACK = 1e-12


@dataclass(frozen=True)
class Asked:
    """A covering as it was asked for: the matrix in 0 and 1, weights as given, and all else to scale; the fixed rows.

    `worth` times `unit` are the weights; `price` and `purse` have a scale of their own.
    """

    matrix: csr_array
    weight: Floats
    worth: Floats
    unit: float
    price: Floats
    purse: float
    fixed: list[int]

    @classmethod
    def of(
        cls, cover: csr_array, weight: ArrayLike, cost: ArrayLike | None, fixed: Sequence[int],
        budget: float | None = None,
    ) -> Self:  # fmt: skip
        """Check what was given; SchemaError names what means nothing."""
        matrix = csr_array(cover).astype(float)
        if not np.isfinite(matrix.data).all():
            raise SchemaError("覆盖矩阵含非数值（NaN 或无穷）", "the cover matrix holds values that are no number")
        matrix.data = (matrix.data != 0).astype(float)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        matrix.data[:] = 1.0
        given = _numbers("权重", "weight", weight, matrix.shape[1])
        worth = scaled_weights(given)
        price = np.ones(matrix.shape[0]) if cost is None else _numbers("费用", "cost", cost, matrix.shape[0])
        price, purse = _priced(price, np.inf if budget is None else _within(budget))
        return cls(matrix, given, worth.values, worth.unit, price, purse, _rows(fixed, matrix.shape[0]))

    def covered(self, seen: Flags, bound: float, found: float) -> tuple[float, float]:
        """Give the covered weight and a bound on it, both as weights were given; equal where they are to scale."""
        weight = float(self.weight[seen].sum())
        return weight, weight if bound <= found else max(weight, bound * self.unit)


def counted(count: float) -> int:
    """Read a number of rows: whole, not below zero."""
    number = _number("count", count)
    if number != np.floor(number) or number < 0:
        raise SchemaError(f"台数 {count} 应为不小于 0 的整数", f"count {count} must be a whole number, not below zero")
    return int(number)


def _within(budget: float) -> float:
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


def _priced(price: Floats, budget: float) -> tuple[Floats, float]:
    """Bring prices and budget to scale; a price beyond the budget, which nobody pays, does not set the scale."""
    beyond = price > budget * (1 + _SLACK)
    prices = scaled_prices(np.where(beyond, 0.0, price))
    purse = scaled_budget(budget, prices) if prices.values.any() or budget == np.inf else 0.0
    return np.where(beyond, 2 * purse + 1, prices.values) if beyond.any() else prices.values, purse
