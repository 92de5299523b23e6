"""The changes between two plans: the list (网格变更对照表) as a workbook, the ground that changed cells as GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyogrio
from openpyxl import Workbook

from files.writing.ledger_tables import change_rows
from files.writing.workbook import Table, add_table

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from files.writing.options import ExportOptions

__all__ = ["FORMATS", "write_change_map", "write_changes"]

FORMATS = (".xlsx", ".html", ".geojson", ".json")
"""Endings of files that changes go to; the page is drawn by `web.compare`."""


def write_changes(changes: pd.DataFrame, path: Path, *, options: ExportOptions) -> None:
    """Write every pair of old and new cell that changed; `changes` is the frame of a comparison."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    line = options.say(f"方案：{options.plan}", f"Plans: {options.plan}") if options.plan else ""
    table = Table(options.say("变更", "Changes"), options.say("网格变更对照表", "changes of cells"), line,
                  change_rows(changes, options))  # fmt: skip
    add_table(book, table, options=options)
    book.save(path)


def write_change_map(changes: gpd.GeoDataFrame, path: Path) -> None:
    """Write the ground of every pair of old and new cell, in degrees, as GeoJSON (RFC 7946)."""
    frame = changes.set_crs("EPSG:4326", allow_override=True)  # CGCS2000 is WGS 84 to centimetres
    pyogrio.write_dataframe(frame, path, driver="GeoJSON", layer_options={"RFC7946": "YES"})
