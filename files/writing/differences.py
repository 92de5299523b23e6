"""The list of what a re-loaded layer changes (清单变更), as a workbook or as CSV for Excel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["FORMATS", "require_list_place", "write_differences"]

FORMATS = (".xlsx", ".csv")
_MOST_ROWS = 1_000_000
"""A sheet of Excel holds 1,048,576."""
_KINDS = {
    "added": ("新增", "added"), "removed": ("删除", "removed"), "renamed": ("改号", "renamed"),
    "moved": ("移位", "moved"), "changed": ("改值", "changed"),
}  # fmt: skip
_TITLES = {
    "kind": ("变更", "kind", 10), "code": ("编号", "code", 24), "old_code": ("原编号", "old_code", 24),
    "column": ("列", "column", 18), "before": ("原值", "before", 24), "after": ("新值", "after", 24),
    "distance_m": ("移动（米）", "distance_m", 12), "direction_deg": ("方向（度）", "direction_deg", 12),
    "area_m2": ("不重合面积（平方米）", "area_m2", 20), "village_code": ("村（社区）编码", "village_code", 18),
    "homes_moved": ("换了网格的房屋", "homes_moved", 16), "cells_changed": ("户数变化的网格", "cells_changed", 16),
    "households_before": ("原户数", "households_before", 12), "households_after": ("新户数", "households_after", 12),
}  # fmt: skip


def require_list_place(path: Path) -> None:
    """Refuse a place where no list can go, before any work is done.

    Raises
    ------
    SchemaError
        For another ending than .xlsx or .csv, or a folder that is not there.
    """
    if path.suffix.lower() not in FORMATS:
        raise SchemaError(
            f"{path}：变更清单须以 .xlsx 或 .csv 结尾", f"{path}: the list of changes ends in .xlsx or .csv"
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise SchemaError(f"{path}：没有这个文件夹", f"{path}: there is no such folder to write to")


def write_differences(changes: pd.DataFrame, path: Path, *, effects: pd.DataFrame | None = None) -> None:
    """Write one row per difference, and what a plan loses by village where `effects` say so.

    In CSV the effects follow in a file of their own, `NAME-villages.csv`. Texts that look like formulas stay texts.

    Raises
    ------
    SchemaError
        More rows than a sheet can hold, or a place that cannot be written.
    """
    named = changes.assign(kind=[" ".join(_KINDS[kind]) for kind in changes["kind"]])
    tables = {"变更 changes": named}
    if effects is not None and len(effects):
        tables["各村 villages"] = effects
    if path.suffix.lower() == ".xlsx" and len(named) > _MOST_ROWS:
        raise SchemaError(
            f"{path}：变更 {len(named)} 行，超过 Excel 一张表的行数，请改写 .csv",
            f"{path}: {len(named)} changes are more than a sheet of Excel holds; write a .csv",
        )
    try:
        if path.suffix.lower() == ".csv":
            for number, table in enumerate(tables.values()):
                _write_csv(table, path if number == 0 else path.with_name(f"{path.stem}-villages.csv"))
        else:
            _write_book(tables, path)
    except OSError as error:
        raise SchemaError(
            f"{path} 写不进去（{error.strerror}）；如在 Excel 里打开着，请先关闭",
            f"{path} cannot be written ({error.strerror}); close it if Excel has it open",
        ) from error


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    texts = table.map(lambda value: f"'{value}" if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value)
    texts.set_axis([" ".join(_TITLES[name][:2]) for name in table.columns], axis=1).to_csv(
        path, index=False, encoding="utf-8-sig", lineterminator="\r\n", float_format="%.3f"
    )


def _write_book(tables: dict[str, pd.DataFrame], path: Path) -> None:
    book = Workbook(write_only=True)
    for tab, table in tables.items():
        sheet = book.create_sheet(tab)
        sheet.freeze_panes = "A2"
        for place, name in enumerate(table.columns, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = _TITLES[name][2]
        sheet.append([" ".join(_TITLES[name][:2]) for name in table.columns])
        for row in table.itertuples(index=False, name=None):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _cell(sheet: Any, value: Any) -> Any:
    """Give one value: texts as texts, whatever they begin with; nothing as an empty cell."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, str):
        return round(float(value), 3)
    cell = WriteOnlyCell(sheet, "".join(sign for sign in value if sign >= " " or sign in "\t\n"))
    cell.data_type = "s"
    return cell
