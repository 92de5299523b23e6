"""The table of `--cells-by`: how many basic cells each village gets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_cells_by"]

_COLUMNS = ("village_code", "cells")


def read_cells_by(path: Path, *, villages: frozenset[str]) -> dict[str, int]:
    """Read village_code, cells from a CSV file (UTF-8 or GB 18030).

    Raises `SchemaError` that names file, row, column and value for a missing column, an unknown or
    repeated village, and a count that is no whole number above 0.
    """
    rows = csv.DictReader(io.StringIO(_text(path)))
    missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise SchemaError(
            f"{path}：缺少列 {'、'.join(missing)}，须有 village_code, cells",
            f"{path}: column {', '.join(missing)} is missing; village_code, cells are needed",
        )
    wanted: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        code, cells = (row["village_code"] or "").strip(), (row["cells"] or "").strip()
        if code not in villages or code in wanted:
            why, reason = ("重复", "is repeated") if code in wanted else ("不在项目里", "is not in the project")
            raise SchemaError(
                f"{path} 第 {number} 行 village_code：{code!r} {why}，请核对编码",
                f"{path} row {number} village_code: {code!r} {reason}; check the code",
            )
        if not (cells.isascii() and cells.isdecimal() and int(cells) > 0):
            raise SchemaError(
                f"{path} 第 {number} 行 cells：{cells!r} 不是正整数，请改为每村格数",
                f"{path} row {number} cells: {cells!r} is no whole number above 0; give the village's cells",
            )
        wanted[code] = int(cells)
    return wanted


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
