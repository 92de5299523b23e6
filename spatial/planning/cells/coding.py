"""Codes for the cells of a plan: new ones in reading order, kept ones from an earlier plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.planning.blocks.people import place_points
from spatial.planning.cells.derived import unite
from spatial.planning.cells.numbering import number_cells

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.blocks.stock import Stock
    from spatial.planning.demand.scope import Previous
    from spatial.planning.types import Floats, Geometries, Integers

__all__ = ["code_blocks"]

_SAME = 0.5
"""A cell that holds more than this share of an earlier cell's load keeps its code."""


def code_blocks(
    stock: Stock, villages: gpd.GeoDataFrame, label: Integers, *, weight: Floats, previous: Previous | None
) -> list[str]:
    """Give every block the code of its cell; `label` numbers basic cells by village, special blocks are -1."""
    faces = stock.faces
    special = np.flatnonzero(faces.special >= 0)
    basic = np.flatnonzero(faces.special < 0)
    codes = np.empty(stock.size, object)
    for rows, name, is_special in ((basic, label, False), (special, faces.special, True)):
        key = faces.village[rows] * np.int64(1 + name.max(initial=0)) + name[rows]
        order = rows[np.argsort(key, kind="stable")]
        _, first = np.unique(np.sort(key), return_index=True)
        geometry = unite(faces.geometry[order], first)
        village = faces.village[order[first]] if len(first) else np.empty(0, np.int64)
        cell = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(order))))
        kept = _kept(stock, order, cell, len(first), weight, previous, special=is_special)
        used = set() if previous is None else {*previous.used_codes, *previous.cells["cell_code"]}
        given = _numbered(villages, geometry, village, kept, used, special=is_special)
        codes[order] = np.array(given, object)[cell] if len(given) else codes[order]
    return [str(code) for code in codes]


def _numbered(
    villages: gpd.GeoDataFrame,
    geometry: Geometries,
    village: Integers,
    kept: list[str | None],
    used: set[str],
    *,
    special: bool,
) -> list[str]:
    """Give the cells of every village their codes; `used` codes are sorted by village once."""
    names = villages["village_code"].to_numpy(dtype=str)
    by_village: dict[str, set[str]] = {}
    for code in used:
        by_village.setdefault(code[:-3], set()).add(code)
    given: list[str] = []
    for place in np.unique(village):
        rows = np.flatnonzero(village == place)
        given += number_cells(
            names[place],
            geometry[rows],
            kept=[kept[row] for row in rows],
            used=by_village.get(names[place], set()),
            special=special,
        )
    return given


def _kept(
    stock: Stock,
    order: Integers,
    cell: Integers,
    count: int,
    weight: Floats,
    previous: Previous | None,
    *,
    special: bool,
) -> list[str | None]:
    """Match new cells with the earlier cells of their village by what they share, heaviest match first."""
    kept: list[str | None] = [None] * count
    if previous is None or len(previous.cells) == 0 or len(order) == 0:
        return kept
    wanted = "special" if special else "basic"
    earlier = previous.cells[previous.cells["kind"] == wanted].sort_values("cell_code", ignore_index=True)
    if len(earlier) == 0:
        return kept
    geometry = stock.faces.geometry[order]
    place, away = place_points(shapely.point_on_surface(geometry), earlier.geometry.to_numpy())
    load = weight[order] + 1e-6 * shapely.area(geometry)
    inside = away == 0
    table = pd.DataFrame({"cell": cell[inside], "earlier": place[inside], "load": load[inside]})
    shared = table.groupby(["earlier", "cell"])["load"].sum()
    share = shared / shared.groupby("earlier").transform("sum")
    found = share[share > _SAME].reset_index().sort_values(["load", "earlier"], ascending=[False, True])
    best = found.drop_duplicates("cell")
    names = earlier["cell_code"].to_numpy(dtype=object)[best["earlier"].to_numpy(np.int64)]
    for row, code in zip(best["cell"].to_numpy(np.int64), names, strict=True):
        kept[row] = str(code)
    return kept
