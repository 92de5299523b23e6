"""Households to people who each keep a few: the exact least total distance, by successive shortest paths.

There are few people and many households, so the paths run over people only: from one to another leads the
household whose change of keeper costs least, kept up to date as households move. Every household enters by a
shortest path under the prices of those before it (Jonker and Volgenant 1987, doi:10.1007/BF02278710, with one
node per person as in Kennington and Wang 1992, doi:10.1287/opre.40.3.S77). The prices prove the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Kept", "keep_nearest"]

_UNITS_PER_M = 100.0  # distances are whole centimetres inside


@dataclass(frozen=True)
class Kept:
    """The keeper of every household (-1: nobody), the total distance, and the bound below it that prices prove."""

    keeper: Ints
    total_m: float
    bound_m: float


def keep_nearest(households: Floats, people: Floats, capacity: Ints) -> Kept:
    """Give every household (x, y) a keeper: as many as the capacities allow, at the least total distance.

    Distances are straight, to the centimetre. Of equal answers the one is given that the order of rows makes.
    """
    count, room = len(households), int(capacity.sum())
    if count == 0 or room == 0:
        return Kept(np.full(count, -1, np.int64), 0.0, 0.0)
    nobody = max(0, count - room)
    limits = np.append(capacity, nobody).astype(np.int64)
    spots = np.vstack([people, [[np.nan, np.nan]]])  # the last keeps what is left over, at no cost
    keeper, price = _inserted(np.ascontiguousarray(households), np.ascontiguousarray(spots), limits)
    total, least = _proof(np.ascontiguousarray(households), np.ascontiguousarray(spots), limits, keeper, price)
    bound = least - float((price * limits).sum())
    keeper[keeper == len(people)] = -1
    return Kept(keeper, total / _UNITS_PER_M, bound / _UNITS_PER_M)


@kernel
def _cost(households: Floats, people: Floats, i: int, j: int) -> float:
    if j == len(people) - 1:
        return 0.0
    dx, dy = households[i, 0] - people[j, 0], households[i, 1] - people[j, 1]
    return float(np.rint(_UNITS_PER_M * np.sqrt(dx * dx + dy * dy)))


@kernel
def _inserted(households: Floats, people: Floats, limits: Ints) -> tuple[Ints, Floats]:
    """Let one household after the other in; gives the keepers and the prices of people (0 where there is room)."""
    n, m = len(households), len(people)
    keeper, held, price = np.full(n, -1, np.int64), np.zeros(m, np.int64), np.zeros(m)
    after, before, first = np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.full(m, -1, np.int64)
    cheap, who = np.full((m, m), np.inf), np.full((m, m), -1, np.int64)
    reach, come, done = np.empty(m), np.empty(m, np.int64), np.empty(m, np.bool_)
    for i in range(n):
        for j in range(m):
            reach[j] = _cost(households, people, i, j) + price[j] if limits[j] > 0 else np.inf
        come[:], done[:] = -1, False
        goal, best = -1, np.inf
        while goal < 0:
            j, best = -1, np.inf
            for k in range(m):
                if not done[k] and reach[k] < best:
                    j, best = k, reach[k]
            done[j] = True
            if held[j] < limits[j]:
                goal = j
                break
            for k in range(m):
                if not done[k] and best + cheap[j, k] + price[k] - price[j] < reach[k]:
                    reach[k] = best + cheap[j, k] + price[k] - price[j]
                    come[k] = j
        for k in range(m):
            if done[k] and k != goal:
                price[k] += best - reach[k]
        j = goal
        held[j] += 1
        while come[j] >= 0:
            source = come[j]
            moved = who[source, j]
            _leave(moved, source, households, people, after, before, first, cheap, who)
            _join(moved, j, households, people, limits, keeper, after, before, first, cheap, who)
            j = source
        _join(i, j, households, people, limits, keeper, after, before, first, cheap, who)
    return keeper, price


@kernel
def _join(
    i: int, j: int, households: Floats, people: Floats, limits: Ints, keeper: Ints, after: Ints, before: Ints,
    first: Ints, cheap: Floats, who: Ints,
) -> None:  # fmt: skip
    """Put a household at the head of a keeper's list, and see whom it could go to more cheaply than others."""
    keeper[i] = j
    after[i], before[i] = first[j], -1
    if first[j] >= 0:
        before[first[j]] = i
    first[j] = i
    here = _cost(households, people, i, j)
    for k in range(len(people)):
        if k != j and limits[k] > 0:
            change = _cost(households, people, i, k) - here
            if change < cheap[j, k]:
                cheap[j, k], who[j, k] = change, i


@kernel
def _leave(
    i: int, j: int, households: Floats, people: Floats, after: Ints, before: Ints, first: Ints, cheap: Floats, who: Ints
) -> None:
    """Take a household off its keeper's list, and find the next cheapest wherever it was the cheapest."""
    if before[i] >= 0:
        after[before[i]] = after[i]
    else:
        first[j] = after[i]
    if after[i] >= 0:
        before[after[i]] = before[i]
    for k in range(len(people)):
        if who[j, k] != i:
            continue
        cheap[j, k], who[j, k] = np.inf, -1
        h = first[j]
        while h >= 0:
            change = _cost(households, people, h, k) - _cost(households, people, h, j)
            if change < cheap[j, k] or (change == cheap[j, k] and h < who[j, k]):
                cheap[j, k], who[j, k] = change, h
            h = after[h]


@kernel
def _proof(households: Floats, people: Floats, limits: Ints, keeper: Ints, price: Floats) -> tuple[float, float]:
    """Add up the true cost, and what every household costs at least under the prices (the dual bound)."""
    total, least = 0.0, 0.0
    for i in range(len(households)):
        total += _cost(households, people, i, keeper[i])
        lowest = np.inf
        for j in range(len(people)):
            if limits[j] > 0:
                lowest = min(lowest, _cost(households, people, i, j) + price[j])
        least += lowest
    return total, least
