"""How cells lie to the grids of other departments (网格对照表): a workbook, CSV for Excel, or GeoJSON of the pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook

from files.writing.layers import write_csv, write_geojson
from files.writing.words import word
from files.writing.workbook import Table, add_table

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from files.writing.options import ExportOptions

__all__ = ["FORMATS", "write_crosswalk"]

FORMATS = (".xlsx", ".csv", ".geojson")

_PAIRS = (
    "system", "overlay_id", "overlay", "cell_code", "cell", "relation", "split_cell", "households", "cell_share",
    "overlay_share", "area_m2",
)  # fmt: skip
_SYSTEMS = {
    "system": "system", "areas": "areas", "cells": "cells_met", "nested": "nested", "split": "split_cells",
    "partly": "partly", "outside": "cells_outside", "areas_nested": "areas_nested",
    "households_apart": "households_apart",
}  # fmt: skip


def write_crosswalk(
    pairs: gpd.GeoDataFrame, systems: pd.DataFrame, path: Path, *, options: ExportOptions
) -> None:  # fmt: skip
    """Write every pair of cell and area; `pairs` is a crosswalk in degrees with the names of the cells, `cell`."""
    ending = path.suffix.lower()
    if ending == ".geojson":
        write_geojson(pairs, path)
    elif ending == ".csv":
        write_csv(pd.DataFrame(pairs.drop(columns="geometry")), path)
    else:
        _workbook(pairs, systems, path, options)


def _workbook(pairs: gpd.GeoDataFrame, systems: pd.DataFrame, path: Path, options: ExportOptions) -> None:
    """Write a sheet of all systems, and one of all pairs."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    line = options.say(f"方案：{options.plan}", f"Plan: {options.plan}")
    title = options.say("网格与其他部门网格对照", "cells and the grids of other departments")
    table = pd.DataFrame(pairs.rename(columns={"name": "overlay"}))
    table["relation"] = [word(kind, options) for kind in table["relation"]]
    table["split_cell"] = [options.say(*("是", "yes") if split else ("否", "no")) for split in table["split"]]
    sheets = [
        Table(options.say("汇总", "Summary"), title, line, systems.rename(columns=_SYSTEMS)[list(_SYSTEMS.values())]),
        Table(options.say("对照", "Pairs"), title, line, table[list(_PAIRS)]),
    ]
    for sheet in sheets:
        add_table(book, sheet, options=options)
    book.save(path)
