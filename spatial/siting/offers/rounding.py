"""Whole choices from a relaxation: offers by their share, then what still fits, then swaps of one row for another."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from spatial.siting.covering.search import gain_of
from spatial.siting.covering.swap import swap
from spatial.siting.offers.priced import Offers

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.siting.offers.priced import Places

__all__ = ["rounded"]

_SOME = 1e-6
_PASSES, _ROUNDS = 4, 5


def rounded(places: Places, offers: Offers, share: Floats, budget: float, turns: float) -> Offers:
    """Take offers in the order of their share in the relaxation while they fit, then swap and fill up in turn."""
    paid, turned, seen = places.paid(offers), places.turned(offers), places.seen(offers)
    free, taken = np.ones(len(places.room), bool), list[int]()
    for one in np.argsort(-share, kind="stable").tolist():
        if share[one] > _SOME and free[offers.place[one]] and paid[one] <= budget and turned[one] <= turns:
            budget, turns, free[offers.place[one]] = budget - paid[one], turns - turned[one], False
            taken.append(one)
    taken += np.flatnonzero((paid <= 0) & (turned <= 0) & free[offers.place]).tolist()
    left = places.weight.copy()
    left[np.unique(seen[taken].indices)] = 0.0
    rows = offers.rows[taken]
    chosen = rows[rows >= 0]
    for _ in range(_PASSES):
        chosen, budget = _filled(places, chosen, budget, left)
        before = float(left.sum())
        chosen, budget, left = _swapped(places, chosen, budget)
        if float(left.sum()) >= before:
            break
    return _offers(places, chosen)


def _filled(places: Places, chosen: Ints, budget: float, left: Floats) -> tuple[Ints, float]:
    """Add rows by what they show more for what they cost, while they can be paid; `left` is brought up to date."""
    matrix, place = places.matrix, places.place
    room = places.room - np.bincount(place[chosen], minlength=len(places.room))
    stands = np.bincount(place[chosen], minlength=len(places.room)) > 0
    added = list[int]()

    def entry(row: int) -> tuple[float, int]:
        paid = places.cost[row] + (0.0 if stands[place[row]] else places.pole[place[row]])
        return -gain_of(matrix, left, row) / max(paid, 1e-12), row

    open_ = (places.turns == 0) & (room[place] > 0) & (places.cost <= budget)
    heap = [entry(row) for row in np.flatnonzero(open_ & (matrix @ left > 0)).tolist()]
    heapq.heapify(heap)
    while heap:
        _, row = heapq.heappop(heap)
        paid = places.cost[row] + (0.0 if stands[place[row]] else places.pole[place[row]])
        if room[place[row]] <= 0 or paid > budget:
            continue
        now = entry(row)
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
        elif now[0] < 0:
            budget -= paid
            room[place[row]] -= 1
            stands[place[row]] = True
            left[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = 0.0
            added.append(row)
    return np.concatenate([chosen, np.array(added, dtype=np.int64)]), budget


def _swapped(places: Places, chosen: Ints, budget: float) -> tuple[Ints, float, Floats]:
    """Swap rows at prices that never undercount: a pole is freed only with its one camera, and then paid anew.

    Cameras that hang already keep what was chosen for them. Gives the rows, what is left to spend, and what is left
    to show.
    """
    matrix, place = places.matrix, places.place
    held = np.bincount(place[chosen], minlength=len(places.room))
    price = places.cost + np.where(held >= 2, 0.0, places.pole)[place]
    kept = _settled(places)
    closed, moved = kept[place], chosen[~kept[place[chosen]]]
    columns = matrix.tocsc()
    value = places.weight.copy()
    value[np.unique(matrix[chosen[kept[place[chosen]]]].indices)] = 0.0
    rows = swap(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), columns.indptr.astype(np.int64),
        columns.indices.astype(np.int64), value, price, budget, moved, closed, place, places.room, _ROUNDS,
    )  # fmt: skip
    rows = np.concatenate([chosen[kept[place[chosen]]], rows])
    left = places.weight.copy()
    left[np.unique(matrix[rows].indices)] = 0.0
    return rows, budget + _outlay(places, chosen) - _outlay(places, rows), left


def _settled(places: Places) -> Flags:
    """Mark the places of cameras that hang already: those with a row that costs nothing."""
    answer = np.zeros(len(places.room), bool)
    answer[places.place[(places.cost + places.pole[places.place] <= 0) | (places.turns > 0)]] = True
    return answer


def _outlay(places: Places, rows: Ints) -> float:
    return float(places.cost[rows].sum() + places.pole[np.unique(places.place[rows])].sum())


def _offers(places: Places, rows: Ints) -> Offers:
    """Gather rows by place."""
    rows = rows[np.lexsort((rows, places.place[rows]))]
    at, first, number = np.unique(places.place[rows], return_index=True, return_inverse=True)
    slots = np.full((len(at), int(places.room.max(initial=1))), -1)
    slots[number.ravel(), np.arange(len(rows)) - first[number.ravel()]] = rows
    return Offers(slots, at)
