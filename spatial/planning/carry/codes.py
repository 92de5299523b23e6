"""Codes of carried cells: kept, recoded with their serial, or new ones above all that a village ever used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.planning.cells import unite
from spatial.planning.cells.numbering import number_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd

    from spatial.planning.carry.changes import VillageChange
    from spatial.planning.carry.ground import Ground
    from spatial.planning.types import Flags, Integers

__all__ = ["carried_codes"]


def carried_codes(
    ground: Ground, label: Integers, main: dict[int, int], cells: gpd.GeoDataFrame, villages: Sequence[str], *,
    used: Collection[str], changes: Sequence[VillageChange], special_pieces: Flags,
) -> list[str]:  # fmt: skip
    """Give every new cell its code, by its number in `label`; none is one that was ever used by another cell.

    `main` says, by old cell, which new one goes on for it; `changes` which villages only got a new code;
    `special_pieces` marks pieces of special cells.
    """
    order = np.argsort(label, kind="stable")
    _, first = np.unique(label[order], return_index=True)
    geometry = unite(ground.geometry[order], first)
    village = ground.village[order[first]]
    old_codes, old_villages = (cells[name].to_numpy(object) for name in ("cell_code", "village_code"))
    taken = {*used, *old_codes}
    recoded = {change.old_code: change.new_code for change in changes if change.kind == "recoded"}
    kept: list[str | None] = [None] * len(first)
    kind = np.zeros(len(first), bool)
    for old, new in sorted(main.items()):
        code, here = str(old_codes[old]), str(villages[village[new]])
        wanted = code if here == old_villages[old] else here + code[-3:]
        if here == old_villages[old] or (recoded.get(old_villages[old]) == here and wanted not in taken):
            kept[new] = wanted
    kind[label[special_pieces]] = True
    codes = np.empty(len(first), object)
    by_village: dict[str, set[str]] = {}
    for code in taken | {code for code in kept if code}:
        by_village.setdefault(code[:-3], set()).add(code)
    for place in np.unique(village):
        name = str(villages[place])
        for is_special in (False, True):
            rows = np.flatnonzero((village == place) & (kind == is_special))
            if len(rows):
                mine = [kept[row] for row in rows]
                known = by_village.get(name, set())
                codes[rows] = number_cells(name, geometry[rows], kept=mine, used=known, special=is_special)
    return [str(code) for code in codes]
