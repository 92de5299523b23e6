"""What may be chosen at one place, priced: the best set of headings for a pole, or the best heading of a camera.

A pole has room for a few cameras and is paid once; their views overlap. Both are settled place by place here, exactly,
so that a program over whole offers (`spatial.siting.offers.master`) needs neither poles nor room, and its bound is
tight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints

__all__ = ["Duals", "Offers", "Places"]


@dataclass(frozen=True)
class Duals:
    """Prices of the columns, of what is paid (per yuan, or per camera), and of one turn."""

    column: Floats
    paid: float
    turn: float


@dataclass(frozen=True)
class Places:
    """Rows (a camera in one heading) by place: each place takes at most ``room[place]`` of its rows.

    Row r pays ``cost[r]`` and the place, once, ``pole[place]``; ``turns[r]`` is 1 for a camera that is turned. Rows are
    sorted by place: those of place p are ``first[p]`` to ``first[p + 1]``.
    """

    matrix: csr_array
    weight: Floats
    place: Ints
    room: Ints
    cost: Floats
    pole: Floats
    turns: Floats

    @property
    def first(self) -> Ints:
        """Where the rows of each place begin."""
        return np.searchsorted(self.place, np.arange(len(self.room) + 1)).astype(np.int64)

    def best(self, duals: Duals) -> tuple[Offers, Floats]:
        """Give the best offer of each place that earns anything, and what each earns."""
        count = len(self.room)
        rows, place, profit = self._priced(duals, np.zeros(count), count, every=False)
        return Offers(rows, place), profit

    def above(self, duals: Duals, floor: Floats, most: int) -> Offers | None:
        """Give all offers that earn more than ``floor[place]``; None where there are more than `most` of them."""
        rows, place, _ = self._priced(duals, floor, most + 1, every=True)
        return None if len(place) > most else Offers(rows, place)

    def _priced(self, duals: Duals, floor: Floats, size: int, *, every: bool) -> tuple[Ints, Ints, Floats]:
        earned = self.matrix @ duals.column
        outlay = duals.paid * self.cost + duals.turn * self.turns
        order = np.lexsort((outlay - earned, self.place)).astype(np.int64)
        rows = np.full((size, int(self.room.max(initial=1))), -1)
        place, profit = np.zeros(size, np.int64), np.zeros(size)
        found = _price(
            self.matrix.indptr.astype(np.int64), self.matrix.indices.astype(np.int64), duals.column, order, self.first,
            earned, outlay, duals.paid * self.pole, self.room, floor, every, rows, place, profit,
        )  # fmt: skip
        return rows[:found], place[:found], profit[:found]

    def paid(self, offers: Offers) -> Floats:
        """Give what each offer costs, its pole included."""
        paid: Floats = self.pole[offers.place] + _sums(offers.rows, self.cost)
        return paid

    def turned(self, offers: Offers) -> Floats:
        """Give how many cameras each offer turns."""
        return _sums(offers.rows, self.turns)

    def seen(self, offers: Offers) -> csr_array:
        """Tell which columns each offer covers."""
        offer, slot = np.nonzero(offers.rows >= 0)
        pick = csr_array(
            (np.ones(len(offer)), (offer, offers.rows[offer, slot])), shape=(len(offers.place), len(self.place))
        )
        seen = csr_array(pick @ self.matrix)
        seen.data[:] = 1.0
        return seen


@dataclass(frozen=True)
class Offers:
    """Sets of rows, each of one place; unused slots hold -1."""

    rows: Ints
    place: Ints

    def take(self, which: Ints | Flags) -> Offers:
        """Keep some offers."""
        return Offers(self.rows[which], self.place[which])

    def with_(self, others: Offers) -> Offers:
        """Add offers that are not there yet."""
        rows = np.sort(np.concatenate([self.rows, others.rows]), axis=1)
        _, first = np.unique(rows, axis=0, return_index=True)
        first = np.sort(first)
        return Offers(rows[first], np.concatenate([self.place, others.place])[first])


def _sums(rows: Ints, value: Floats) -> Floats:
    sums: Floats = np.where(rows >= 0, value[rows], 0.0).sum(axis=1)
    return sums


@kernel
def _price(
    offsets: Ints, columns: Ints, price: Floats, order: Ints, first: Ints, earned: Floats, outlay: Floats,
    pole: Floats, room: Ints, floor: Floats, every: bool, rows: Ints, place: Ints, profit: Floats,
) -> int:  # fmt: skip
    """Search the sets of rows of each place depth first; sets that cannot earn more than the floor are left out.

    `order` sorts the rows of a place by what they earn less their outlay. Gives the number found.
    """
    seen = np.zeros(len(price), np.int64)
    most = rows.shape[1]
    chosen, added = np.zeros(most, np.int64), np.zeros(most)
    found = 0
    for at in range(len(room)):
        begin, end = first[at], first[at + 1]
        upto = np.zeros(end - begin + 1)
        for k in range(begin, end):
            upto[k - begin + 1] = upto[k - begin] + max(0.0, earned[order[k]] - outlay[order[k]])
        best, value, taken, k, any_ = floor[at], -pole[at], 0, 0, False
        while True:
            last = min(k + room[at] - taken, end - begin)
            if taken < room[at] and k < end - begin and value + upto[last] - upto[k] > best:
                row = order[begin + k]
                gain = -outlay[row]
                for c in range(offsets[row], offsets[row + 1]):
                    if seen[columns[c]] == 0:
                        gain += price[columns[c]]
                    seen[columns[c]] += 1
                chosen[taken], added[taken] = k, gain
                taken += 1
                value += gain
                k += 1
                if value > best:
                    if every:
                        if found >= len(place):
                            return found
                    else:
                        best = value
                    rows[found, :] = -1
                    for t in range(taken):
                        rows[found, t] = order[begin + chosen[t]]
                    place[found], profit[found] = at, value
                    any_ = True
                    if every:
                        found += 1
            else:
                if taken == 0:
                    break
                taken -= 1
                k = chosen[taken]
                row = order[begin + k]
                for c in range(offsets[row], offsets[row + 1]):
                    seen[columns[c]] -= 1
                value -= added[taken]
                k += 1
        if any_ and not every:
            found += 1
    return found
