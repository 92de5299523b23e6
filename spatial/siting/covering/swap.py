"""Improves a choice of covering rows by swapping one for another, with gains kept up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints


__all__ = ["swap"]


@kernel
def _add(columns: Ints, value: Floats, offsets: Ints, rows: Ints, sign: float, gains: Floats) -> None:
    """Add (or take) the value of some columns to the gain of every row that covers them."""
    for column in columns:
        for k in range(offsets[column], offsets[column + 1]):
            gains[rows[k]] += sign * value[column]


@kernel
def _exchange(columns: Ints, by: int, level: int, count: Ints) -> Ints:
    """Count a row in (by 1) or out (by -1); gives its columns that reached `level` by that."""
    changed = np.empty(len(columns), np.int64)
    n = 0
    for column in columns:
        count[column] += by
        if count[column] == level:
            changed[n] = column
            n += 1
    return changed[:n]


@kernel
def swap(
    offsets: Ints, columns: Ints, column_offsets: Ints, rows: Ints, value: Floats, price: Floats, spare: float,
    chosen: Ints, closed: Flags, group: Ints, room: Ints, rounds: int,
) -> Ints:  # fmt: skip
    """Replace chosen rows in turn by the row that gains most, while weight is won and `spare` pays for it.

    `offsets, columns` list the columns of each row, `column_offsets, rows` the rows of each column. At most
    `rounds` passes are made; of equals the lowest row is taken. Of each `group` at most ``room`` rows are chosen.
    """
    chosen, room = chosen.copy(), room.copy()
    count = np.zeros(len(value), np.int64)
    shut = closed.copy()
    for row in chosen:
        shut[row] = True
        room[group[row]] -= 1
        for k in range(offsets[row], offsets[row + 1]):
            count[columns[k]] += 1
    gains = np.zeros(len(offsets) - 1)
    _add(np.flatnonzero(count == 0), value, column_offsets, rows, 1.0, gains)
    for _ in range(rounds):
        better = False
        for place in range(len(chosen)):
            old = chosen[place]
            freed = _exchange(columns[offsets[old] : offsets[old + 1]], -1, 0, count)
            _add(freed, value, column_offsets, rows, 1.0, gains)
            purse = spare + price[old]
            room[group[old]] += 1
            best, gain = old, gains[old]
            for row in range(len(gains)):
                free = not shut[row] and price[row] <= purse and room[group[row]] > 0
                if free and gains[row] > gain + 1e-9 * (1.0 + gain):
                    best, gain = row, gains[row]
            room[group[best]] -= 1
            taken = _exchange(columns[offsets[best] : offsets[best + 1]], 1, 1, count)
            _add(taken, value, column_offsets, rows, -1.0, gains)
            if best != old:
                shut[old], shut[best], chosen[place], better = False, True, best, True
                spare = purse - price[best]
        if not better:
            break
    return chosen
