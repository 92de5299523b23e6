"""A covering problem as one thing: rows to choose, columns to cover, and what limits the choice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from spatial.siting.covering.program import Program
from spatial.siting.covering.rack import Rack
from spatial.siting.covering.search import covered_by, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import sparray

    from spatial.arrays import Floats, Ints


__all__ = ["CoverProblem"]

_EPS = 1e-9


@dataclass(frozen=True)
class CoverProblem:
    """Cover the greatest weight within limits; or, where `need` is given, reach it at the least price.

    `matrix` has a row per site and a column per demand of weight `value`. At most `limit` rows may be chosen, their
    `price` may come to `purse`; `rack` limits the rows of each group. Where `turned` marks rows that turn a camera, at
    most `turns` of them may be chosen.
    """

    matrix: csr_array
    value: Floats
    price: Floats
    limit: int | None = None
    purse: float = np.inf
    need: float | None = None
    rack: Rack | None = None
    turned: Floats | None = None
    turns: float = 0.0

    @property
    def step(self) -> float:
        """By how much two different objectives differ at least: the common divisor of whole weights, else 0."""
        parts = self.value if self.need is None else self.price
        whole = np.rint(parts)
        if not len(parts) or (whole != parts).any() or whole.max(initial=0.0) >= 2**53:
            return 0.0
        return float(np.gcd.reduce(whole.astype(np.int64)))

    @property
    def room(self) -> Rack:
        """Give the limits of groups; without any, every row is a group of its own."""
        return Rack.of(len(self.price)) if self.rack is None else self.rack

    def worth(self, rows: Sequence[int]) -> float:
        """Give the objective of a choice: the covered weight, or less the price."""
        return self.weight(rows) if self.need is None else -float(self.price[list(rows)].sum())

    def weight(self, rows: Sequence[int]) -> float:
        """Give the weight that a choice covers."""
        return float(self.value[covered_by(self.matrix, rows)].sum())

    def holds(self, rows: Sequence[int]) -> bool:
        """Whether a choice keeps the budget and covers what is needed: a solver lets both be missed by a little."""
        paid = float(self.price[list(rows)].sum())
        enough = self.need is None or self.weight(rows) >= self.need * (1 - _EPS)
        return enough and (not np.isfinite(self.purse) or paid <= self.purse + _EPS * max(1.0, self.purse))

    def only(self, rows: Ints) -> Self:
        """Keep some rows; columns that only others told apart are joined."""
        matrix, value = joined(csr_array(self.matrix[rows]), self.value)
        part = replace(self, matrix=matrix, value=value, price=self.price[rows])
        part = part if self.turned is None else replace(part, turned=self.turned[rows])
        return part if self.rack is None else replace(part, rack=self.rack.only(rows))

    def program(self, *, at_least: float | None = None, one_of: Ints | None = None) -> Program:
        """Write the problem as a program of sites and columns; HiGHS' names for it are rows and columns.

        `at_least` asks for an objective not below it, `one_of` for at least one of these rows.
        """
        sites, columns = self.matrix.shape
        objective = np.zeros(sites + columns)
        if self.need is None:
            objective[sites:] = self.value
        else:
            objective[:sites] = -self.price
        rules: list[sparray] = [hstack([-self.matrix.T, eye_array(columns)])]
        upper = [np.zeros(columns)]

        def rule(over: Floats, most: float) -> None:
            rules.append(csr_array(over[None, :]))
            upper.append(np.array([most]))

        if self.limit is not None:
            rule(self._over(sites=np.ones(sites)), self.limit)
        if np.isfinite(self.purse):
            rule(self._over(sites=self.price), self.purse)
        if self.need is not None:
            rule(self._over(columns=-self.value), -self.need)
        if self.turned is not None:
            rule(self._over(sites=self.turned), self.turns)
        if self.rack is not None:
            rules.append(self._in_racks(self.rack))
            upper.append(self.rack.room[self.rack.tight].astype(float))
        if at_least is not None:
            rule(-objective, -at_least)
        if one_of is not None:
            chosen = np.zeros(sites)
            chosen[one_of] = -1.0
            rule(self._over(sites=chosen), -1.0)
        return Program(objective, csr_array(vstack(rules)), np.concatenate(upper), sites)

    def start(self, rows: Sequence[int]) -> Floats:
        """Write a choice as a solution of `program`."""
        sites = np.zeros(self.matrix.shape[0])
        sites[list(rows)] = 1.0
        return np.concatenate([sites, covered_by(self.matrix, rows).astype(float)])

    def _over(self, *, sites: Floats | None = None, columns: Floats | None = None) -> Floats:
        """Write one rule's factors; what is not named is 0."""
        count, width = self.matrix.shape
        return np.concatenate([
            np.zeros(count) if sites is None else sites,
            np.zeros(width) if columns is None else columns,
        ])  # fmt: skip

    def _in_racks(self, rack: Rack) -> sparray:
        """Count the rows of every group that has more of them than room."""
        sites, columns = self.matrix.shape
        tight = np.flatnonzero(rack.tight)
        number = np.full(len(rack.room), -1)
        number[tight] = np.arange(len(tight))
        rows = np.flatnonzero(number[rack.group] >= 0)
        held = csr_array((np.ones(len(rows)), (number[rack.group[rows]], rows)), shape=(len(tight), sites))
        return hstack([held, csr_array((len(tight), columns))])
