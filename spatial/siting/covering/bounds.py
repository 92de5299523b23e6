"""Bounds on what any choice of sites can cover, and on how many it takes: the Lagrangian relaxation of covering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from scipy.sparse import csr_array

    from spatial.arrays import Flags, Floats
    from spatial.siting.covering.rack import Rack


__all__ = ["count_bound", "lagrangian_bound"]

_ITERATIONS = 300
_EPS = 1e-9


def lagrangian_bound(
    matrix: csr_array,
    value: Floats,
    limit: int,
    *,
    price: Floats,
    purse: float,
    closed: Flags,
    best: float,
    priced: Callable[[Floats], Floats] | None = None,
    rack: Rack | None = None,
    close: float = 0.0,
    iterations: int = _ITERATIONS,
) -> float:
    """Bound the weight that `limit` open rows within `purse` can cover, by subgradient steps towards `best`.

    Every vector of prices 0 <= p <= value gives a true bound: what is left of each column, plus the rows that
    earn most of the prices. The least over some hundred vectors is returned; it is never below the optimum.
    Of each group of `rack` only the foremost rows count, where they cost the same. `priced` gives prices of rows
    that depend on what they earn. The steps end when the bound is within a share `close` of
    `best`.
    """
    if limit <= 0 or not len(value):
        return 0.0
    least = float(value[np.diff(matrix.tocsc().indptr) > 0].sum())
    across = matrix.T.tocsr()
    degree = np.maximum(np.diff(matrix.tocsc().indptr), 1)
    prices = value / np.minimum(degree, 2)
    narrow = rack if rack is not None and rack.tight.any() and rack.even(price) else None
    scale, since = 1.0, 0
    for _ in range(iterations):
        earned = matrix @ prices
        earned[closed] = 0.0
        if narrow is not None:
            earned = np.where(narrow.foremost(earned), earned, 0.0)
        share = _best_rows(earned, limit, price if priced is None else priced(earned), purse)
        bound = float((value - prices).clip(min=0).sum() + (share * earned).sum())  # not @: many threads for nothing
        if bound < least - 1e-12 * max(1.0, abs(least)):
            least, since = bound, 0
        else:
            since += 1
            if since >= 15:
                scale, since = scale / 2, 0
        if least <= best * (1 + close) or scale < 1e-4:
            break
        slope = across @ share - (prices < value)
        size = float((slope * slope).sum())
        if size <= 0:
            break
        prices = np.clip(prices - scale * max(bound - best, 1e-12) / size * slope, 0.0, value)
    return least * (1 + 1e-12)


def count_bound(matrix: csr_array, value: Floats, need: float, near: int, rack: Rack, *, iterations: int) -> int:
    """Bound the number of rows that cover `need` from below, by subgradient steps for `near` rows.

    Any prices 0 <= p <= value do: what is left of each column, and the rows that earn most, must come to the need.
    """
    across, prices = matrix.T.tocsr(), value / np.clip(np.diff(matrix.tocsc().indptr), 1, 2)
    scale, since, least, lowest = 1.0, 0, 0, np.inf
    for _ in range(iterations):
        earned = matrix @ prices
        earned = np.where(rack.foremost(earned), earned, 0.0)
        order = np.argsort(-earned, kind="stable")
        sums, rest = np.cumsum(earned[order]), float((value - prices).sum())
        least = max(least, int(np.searchsorted(sums, (need - rest) * (1 - _EPS), side="left")) + 1)
        bound = rest + float(sums[min(near, len(sums)) - 1])
        lowest, since = (bound, 0) if bound < lowest else (lowest, since + 1)
        if since >= 5:
            scale, since = scale / 2, 0
        share = np.zeros(len(earned))
        share[order[:near]] = earned[order[:near]] > 0
        slope = across @ share - (prices < value)
        size = float((slope * slope).sum())
        if size <= 0 or bound <= need:
            break
        prices = np.clip(prices - scale * (bound - need) / size * slope, 0.0, value)
    return min(least, len(value)) if need > 0 else 0


def _best_rows(earned: Floats, limit: int, price: Floats, purse: float) -> Floats:
    """Share of each row in the best (fractional) choice within the count, and then within the budget.

    With both limits the looser of the two relaxations is still a bound; the tighter one is taken.
    """
    share = np.zeros(len(earned))
    top = np.argsort(-earned, kind="stable")[:limit]
    share[top] = earned[top] > 0
    if not np.isfinite(purse) or (price[top] * share[top]).sum() <= purse:
        return share
    order = np.argsort(-earned / np.maximum(price, 1e-12), kind="stable")
    before = np.cumsum(price[order]) - price[order]
    room = np.clip((purse - before) / np.maximum(price[order], 1e-12), 0.0, 1.0)
    room[(price[order] <= 0)] = 1.0
    within = np.zeros(len(earned))
    within[order] = np.where(earned[order] > 0, room, 0.0)
    return within if (within * earned).sum() < (share * earned).sum() else share
