"""Searches for good choices of covering rows: lazy greedy, swaps, pruning; and the joining of equal columns."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from spatial.siting.covering.swap import swap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.arrays import Flags, Floats, Ints
    from spatial.siting.covering.rack import Rack

__all__ = ["classes", "covered_by", "fewer", "gain_of", "greedy", "joined", "ordered", "pruned", "swapped", "until"]

_EPS = 1e-9
_SWAP_ROUNDS = 20


def covered_by(matrix: csr_array, rows: Sequence[int] | range) -> Flags:
    """Columns that at least one of the rows covers."""
    answer = np.zeros(matrix.shape[1], bool)
    for row in rows:
        answer[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = True
    return answer


def joined(matrix: csr_array, worth: Floats) -> tuple[csr_array, Floats]:
    """Join columns that the same rows cover, and drop those of no weight or that no row covers."""
    together, value, which = classes(matrix, worth)
    order = np.argsort(np.unique(which[which >= 0], return_index=True)[1], kind="stable")
    return csr_array(together.tocsc()[:, order].tocsr()), value[order]


def classes(matrix: csr_array, worth: Floats) -> tuple[csr_array, Floats, Ints]:
    """Join columns that the same rows cover; say also which of the joined ones each column went to, -1 for none.

    The order of the joined columns depends on their rows alone.
    """
    columns = matrix.tocsc()
    keep = np.flatnonzero((worth > 0) & (np.diff(columns.indptr) > 0))
    which = np.full(matrix.shape[1], -1, np.int64)
    if not len(keep):
        return csr_array((matrix.shape[0], 0)), np.empty(0), which
    codes = np.random.default_rng(0).integers(1, 1 << 62, size=(2, matrix.shape[0]))  # fixed: a hash, not a chance
    picked = columns[:, keep]
    ends = np.cumsum(codes[:, picked.indices], axis=1, dtype=np.int64)
    sums = np.diff(np.concatenate([np.zeros((2, 1), np.int64), ends], axis=1)[:, picked.indptr], axis=1)
    keys = np.ascontiguousarray(sums.T).view([("a", np.int64), ("b", np.int64)]).ravel()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    value = np.bincount(group.ravel(), worth[keep], minlength=len(first))
    which[keep] = group.ravel()
    return csr_array(picked[:, first].tocsr()), value, which


def gain_of(matrix: csr_array, left: Floats, row: int) -> float:
    """Sum what a row of the matrix would gain of what is left."""
    return float(left[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]].sum())


def greedy(
    matrix: csr_array, value: Floats, price: Floats, limit: int, purse: float, closed: Flags, rack: Rack
) -> list[int]:
    """Take rows by gain (with a budget: the better of gain and gain per cost), lazily re-evaluated."""
    plain = _greedy_by(matrix, value, np.ones(len(price)), price, limit, purse, closed, rack)
    if not np.isfinite(purse):
        return plain
    keen = _greedy_by(matrix, value, np.maximum(price, 1e-12), price, limit, purse, closed, rack)
    worth = [float(value[covered_by(matrix, rows)].sum()) for rows in (plain, keen)]
    return keen if worth[1] > worth[0] else plain


def _greedy_by(
    matrix: csr_array, value: Floats, per: Floats, price: Floats, limit: int, purse: float, closed: Flags, rack: Rack
) -> list[int]:
    left, chosen, room = value.copy(), list[int](), rack.room.copy()
    gains = matrix @ left
    heap = [
        (-gain / per[row], row)
        for row, gain in enumerate(np.asarray(gains, dtype=float))
        if gain > 0 and not closed[row]
    ]
    heapq.heapify(heap)
    while heap and len(chosen) < limit:
        _, row = heapq.heappop(heap)
        if price[row] > purse + _EPS or room[rack.group[row]] <= 0:
            continue
        gain = gain_of(matrix, left, row)
        if gain <= 0:
            continue
        if heap and (-gain / per[row], row) > heap[0]:
            heapq.heappush(heap, (-gain / per[row], row))
            continue
        chosen.append(row)
        room[rack.group[row]] -= 1
        purse -= price[row]
        left[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = 0.0
    return chosen


def swapped(
    matrix: csr_array, value: Floats, price: Floats, chosen: list[int], purse: float, closed: Flags, rack: Rack
) -> list[int]:
    """Replace chosen rows one by one while that adds weight; at most 20 rounds over all of them."""
    if not chosen:
        return []
    columns = matrix.tocsc()
    offsets, members = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    of_column, rows_of = columns.indptr.astype(np.int64), columns.indices.astype(np.int64)
    spare = purse - float(price[chosen].sum()) if np.isfinite(purse) else np.inf
    start = np.array(chosen, dtype=np.int64)
    rows = swap(
        offsets, members, of_column, rows_of, value, price, spare, start, closed, rack.group, rack.room, _SWAP_ROUNDS
    )
    return ordered(matrix, value, rows.tolist())


def ordered(matrix: csr_array, value: Floats, rows: Sequence[int]) -> list[int]:
    """Order rows by what each adds to those before it, the greatest first; of equals the lowest row."""
    left, order = value.copy(), list[int]()
    heap = [(-gain_of(matrix, left, row), row) for row in sorted(int(row) for row in rows)]
    heapq.heapify(heap)
    while heap:
        _, row = heapq.heappop(heap)
        now = (-gain_of(matrix, left, row), row)
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        order.append(row)
        left[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = 0.0
    return order


def until(matrix: csr_array, value: Floats, price: Floats, need: float, closed: Flags, rack: Rack) -> list[int]:
    """Take rows by gain per cost until enough weight is covered."""
    per = np.maximum(price, 1e-12)
    rows = _greedy_by(matrix, value, per, np.zeros(len(price)), matrix.shape[0], np.inf, closed, rack)
    left, found = value.copy(), 0.0
    for number, row in enumerate(rows):
        found += gain_of(matrix, left, row)
        left[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = 0.0
        if found >= need - _EPS * need:
            return rows[: number + 1]
    return rows


def pruned(matrix: csr_array, value: Floats, price: Floats, rows: list[int], need: float) -> list[int]:
    """Drop rows that are not needed, the dearest first, then the last."""
    count = np.asarray(matrix[rows].sum(axis=0)).ravel()
    found, dropped = float(value[count > 0].sum()), set[int]()
    number = {row: k for k, row in enumerate(rows)}
    for row in sorted(rows, key=lambda r: (-price[r], -number[r])):
        mine = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        loss = float(value[mine][count[mine] == 1].sum())
        if found - loss >= need - _EPS * need:
            found -= loss
            count[mine] -= 1
            dropped.add(row)
    return [row for row in rows if row not in dropped]


def fewer(
    matrix: csr_array, value: Floats, need: float, closed: Flags, rows: list[int], rack: Rack, least: int = 0
) -> list[int]:
    """Leave rows out as long as swaps among the others make up for it, half of those above `least` at a time."""
    price, kept = np.ones(matrix.shape[0]), ordered(matrix, value, rows)
    step = max(1, (len(kept) - least) // 2)
    while len(kept) > least:
        trial = swapped(matrix, value, price, kept[:-step], np.inf, closed, rack)
        if float(value[covered_by(matrix, trial)].sum()) >= need - _EPS * need:
            kept, step = trial, max(1, min(step, (len(trial) - least) // 2))
        elif step == 1:
            break
        else:
            step //= 2
    return kept
