"""Codes of cells: serials from west to east, then north to south; kept cells keep theirs, none is used twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from spatial.planning.types import Geometries, Integers

__all__ = ["FIRST_SPECIAL", "cell_name", "next_code", "number_cells", "reading_order"]

FIRST_SPECIAL = 901
"""Serial of a village's first special cell; basic cells run from 001 to 900."""


def reading_order(geometry: Geometries) -> Integers:
    """Order areas by their representative point: x ascending to the metre, then y descending.

    The rule of DB6101/T 3185-2024 and of the Beijing unit-grid standard: from west to east, from north to south.
    """
    points = shapely.get_coordinates(shapely.point_on_surface(geometry))
    order: Integers = np.lexsort((-points[:, 1], np.round(points[:, 0])))
    return order


def number_cells(
    village_code: str,
    geometry: Geometries,
    *,
    kept: Sequence[str | None] | None = None,
    used: Collection[str] = (),
    special: bool = False,
) -> list[str]:
    """Give the cells of one village their codes, aligned with `geometry`.

    `kept` holds the earlier code of a cell that keeps it; the others are numbered in reading order with
    serials above every code in `used`. Raises `InfeasibleError` where serials run out.
    """
    codes: list[str | None] = list(kept) if kept is not None else [None] * len(geometry)
    taken = {*used, *(code for code in codes if code)}
    for place in reading_order(geometry):
        if codes[place] is None:
            codes[place] = next_code(village_code, taken, special=special)
            taken.add(str(codes[place]))
    return [str(code) for code in codes]


def next_code(village_code: str, used: Collection[str], *, special: bool = False) -> str:
    """Give the code after the highest one ever used in a village.

    >>> next_code("211122103207", {"211122103207001", "211122103207003"})
    '211122103207004'
    """
    first, last = (FIRST_SPECIAL, 999) if special else (1, FIRST_SPECIAL - 1)
    tails = [code[len(village_code) :] for code in used if code.startswith(village_code)]
    serials = [int(tail) for tail in tails if len(tail) == 3 and tail.isdigit() and first <= int(tail) <= last]
    serial = max(serials, default=first - 1) + 1
    if serial > last:
        raise InfeasibleError(
            f"村 {village_code} 的网格序号 {first:03d}-{last} 已用完",
            f"village {village_code} has used all serials {first:03d}-{last}",
        )
    return f"{village_code}{serial:03d}"


def cell_name(village: str, cell_code: str) -> str:
    """Name a cell after its village and serial.

    >>> cell_name("新立村", "211122103207004")
    '新立村04网格'
    """
    return f"{village}{int(cell_code[-3:]):02d}网格"
