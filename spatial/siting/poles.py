"""Maximal covering within a budget where cameras share poles: a pole is paid once, however many hang on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.siting.bounds import lagrangian_bound
from spatial.siting.core import proven
from spatial.siting.covering import Cover, maximal_cover
from spatial.siting.problem import CoverProblem
from spatial.siting.rack import Rack
from spatial.siting.search import covered_by, joined, ordered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.sparse import csr_array

    from spatial.arrays import Floats, Ints

__all__ = ["budget_cover"]

_EPS = 1e-9
_ROUNDS = 8


def budget_cover(
    cover: csr_array, weight: Floats, budget: float, *, position: Ints, camera: float, pole: Floats,
    most: ArrayLike | None = None, prove: bool = False,
) -> Cover:  # fmt: skip
    """Choose the rows of greatest covered weight whose cameras and poles together cost at most `budget`.

    Row `r` is a camera at ``position[r]``; it costs `camera`, and the first one there also ``pole[position[r]]``.
    Rows are bought as if each needed its own pole; what that saves in the end is spent again until nothing more can
    be had. `most` is how many cameras a position has room for. `bound` holds for any choice, shared poles included;
    with `prove` it is the optimum.
    """
    chosen: tuple[int, ...] = ()
    for _ in range(_ROUNDS):
        price = _price_now(chosen, position, camera, pole)
        found = maximal_cover(
            cover, weight, None, fixed=chosen, cost=price, budget=budget, group=None if most is None else position,
            most=most,
        )  # fmt: skip
        if len(found.sites) == len(chosen):
            break
        chosen = found.sites
    rack = Rack.of(cover.shape[0], None if most is None else position, most)
    rest, value = joined(cover, np.asarray(weight, dtype=float))
    best = float(value[covered_by(rest, chosen)].sum())
    bound = lagrangian_bound(
        rest, value, rest.shape[0], price=np.full(rest.shape[0], camera), purse=budget, best=best,
        closed=np.zeros(rest.shape[0], bool), priced=lambda earned: _shared_price(earned, position, camera, pole),
        rack=rack, close=0.0 if prove else 1e-4,
    )  # fmt: skip
    if prove and bound > best * (1 + _EPS):
        price = np.full(rest.shape[0], float(camera))
        problem = CoverProblem(rest, value, price, purse=budget, position=position, pole=pole, rack=rack)
        rows, bound = proven(problem, list(chosen))
        chosen = tuple(ordered(rest, value, rows))
        best = float(value[covered_by(rest, chosen)].sum())
    return Cover(tuple(ordered(rest, value, chosen)), best, max(bound, best) if bound > best * (1 + _EPS) else best)


def _price_now(chosen: tuple[int, ...], position: Ints, camera: float, pole: Floats) -> Floats:
    """Price every row: chosen ones pay their pole once, others pay for a pole that does not stand yet."""
    rows = np.array(chosen, dtype=np.int64)
    standing = np.zeros(len(pole), bool)
    standing[position[rows]] = True
    price: Floats = camera + np.where(standing, 0.0, pole)[position]
    first = rows[np.unique(position[rows], return_index=True)[1]]
    price[first] += pole[position[first]]
    return price


def _shared_price(earned: Floats, position: Ints, camera: float, pole: Floats) -> Floats:
    """Spread the price of each pole over the rows that make it worth most per yuan.

    On the concave envelope of a position's choices (by cost) those rows come together, and each further one at
    the price of a camera: the fractional knapsack over these prices is a bound on any choice.
    """
    order = np.lexsort((-earned, position))
    at = position[order]
    first = np.flatnonzero(np.r_[True, at[1:] != at[:-1]])
    start = np.repeat(first, np.diff(np.r_[first, len(at)]))
    place = np.arange(len(at)) - start
    total = np.cumsum(earned[order])
    total -= (total - earned[order])[start]
    ratio = total / np.maximum(pole[at] + camera * (place + 1), 1e-12)
    best = np.maximum.reduceat(ratio, first) if len(first) else ratio
    best = np.repeat(best, np.diff(np.r_[first, len(at)]))
    last = np.minimum.reduceat(np.where(ratio >= best, place, len(at)), first) if len(first) else place
    bundled = place <= np.repeat(last, np.diff(np.r_[first, len(at)]))
    price = np.full(len(earned), float(camera))
    price[order] = np.where(bundled & (best > 0), earned[order] / np.maximum(best, 1e-300), camera)
    return price
