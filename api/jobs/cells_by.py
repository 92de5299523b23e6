"""The table of `--cells-by`: how many basic cells each village gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from files.reading.identity import read_codes
from files.reading.sources import require_file
from files.reading.synonyms import plain, synonyms_of
from files.reading.tables import read_delimited, read_workbook
from files.reading.values import half_width, read_text_cell
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["read_cells_by"]

_WORKBOOKS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
_COUNTS = ("cells", "网格数", "格数", "网格个数", "网格数量", "基本网格数", "基本网格")


def read_cells_by(path: Path, *, villages: frozenset[str]) -> dict[str, int]:
    """Read village_code, cells, or what these columns are called in Chinese, from a CSV file or a workbook.

    Raises `SchemaError` that names file, row, column and value for a missing column, an unknown or
    repeated village, and a count that is no whole number above 0; for a file that cannot be read, `ReadError`.
    """
    require_file(path)
    read = read_workbook if path.suffix.lower() in _WORKBOOKS else read_delimited
    cells = _mapped(read(path, "villages", extra=_COUNTS).cells, path)
    codes, _, _ = read_codes(cells["village_code"])
    wanted: dict[str, int] = {}
    for row, code, cell in zip(cells.index, codes, cells["cells"], strict=True):
        if code not in villages or code in wanted:
            shown = "" if code is None else str(code)
            why, reason = ("重复", "is repeated") if code in wanted else ("不在项目里", "is not in the project")
            raise SchemaError(
                f"{path} 第 {row} 行 village_code：{shown!r} {why}，请核对编码",
                f"{path} row {row} village_code: {shown!r} {reason}; check the code",
            )
        wanted[code] = _count(cell, path, row)
    return wanted


def _count(cell: Any, path: Path, row: Any) -> int:
    text = half_width(read_text_cell(cell) or "") if cell is not None else ""
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        shown = "" if cell is None else str(cell).strip()
        raise SchemaError(
            f"{path} 第 {row} 行 cells：{shown!r} 不是正整数，请改为每村格数",
            f"{path} row {row} cells: {shown!r} is no whole number above 0; give the village's cells",
        )
    return int(text)


def _mapped(cells: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Give our names to both columns; the first of two alike counts."""
    words = {"village_code": synonyms_of("villages")["village_code"], "cells": _COUNTS}
    known = {plain(word): name for name, listed in words.items() for word in listed}
    found = {}
    for column in cells.columns:
        name = known.get(plain(column))
        if name is not None and name not in found:
            found[name] = column
    missing = [name for name in words if name not in found]
    if missing:
        raise SchemaError(
            f"{path}：缺少列 {'、'.join(missing)}，须有 village_code, cells（村代码、网格数）",
            f"{path}: column {', '.join(missing)} is missing; village_code, cells are needed",
        )
    return cells[list(found.values())].set_axis(list(found), axis=1)
