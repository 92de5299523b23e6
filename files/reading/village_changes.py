"""Reads the table of villages that merged, split, got another name or code, or ended (村级变更对照表)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from files.reading.errors import ReadError
from files.reading.identity import read_codes
from files.reading.sources import require_file
from files.reading.synonyms import plain
from files.reading.tables import read_delimited, read_workbook
from files.reading.values import read_column, read_text_cell
from spatial.errors import SchemaError
from spatial.layers import Column
from spatial.planning.carry.changes import KINDS, VillageChange

if TYPE_CHECKING:
    from pathlib import Path

    from files.reading.raw import Note

__all__ = ["read_village_changes"]

_NAMES = {
    "old_code": ("old_code", "原代码", "原编码", "原村代码", "原村编码", "原区划代码", "变更前代码", "变更前编码",
                 "旧代码", "旧编码", "原行政区划代码", "撤销代码", "from"),
    "old_name": ("old_name", "原名称", "原村名", "原村(社区)", "变更前名称", "旧名称", "撤销村名"),
    "new_code": ("new_code", "新代码", "新编码", "新村代码", "新村编码", "新区划代码", "变更后代码", "变更后编码",
                 "现代码", "现编码", "并入代码", "并入村代码", "to"),
    "new_name": ("new_name", "新名称", "新村名", "变更后名称", "现名称", "并入村", "并入村名", "新村(社区)"),
    "kind": ("kind", "变更类型", "变更情况", "变更原因", "类型", "变更", "变动类型", "变动情况", "状态", "change"),
    "date": ("date", "变更日期", "日期", "生效日期", "批准日期", "变更时间", "时间", "撤销日期"),
}  # fmt: skip
_KINDS = {
    "merged": ("merged", "合并", "并入", "撤并", "归并"), "split": ("split", "拆分", "分设", "析置", "分立"),
    "renamed": ("renamed", "更名", "改名"),
    "recoded": ("recoded", "代码变更", "变更代码", "改码", "重编码", "编码变更", "换码"),
    "abolished": ("abolished", "撤销", "已撤销", "撤消", "注销"),
}  # fmt: skip
_TEXTS = ("kind", "old_name", "new_name")
_NO_CODE = ("没有编码", "has no code")
_SCIENTIFIC = ("被表格软件写成了科学计数，请把该列设为“文本”重新导出",
               "is in scientific notation; make the column text and export it again")  # fmt: skip
_NO_KIND = ("应为 合并、拆分、更名、代码变更、撤销", f"must be one of {', '.join(KINDS)}")


def read_village_changes(path: Path) -> tuple[list[VillageChange], list[Note]]:
    """Read a CSV file or a workbook with one row per village that changed; gives rows and what was mended.

    Columns old_code, old_name?, new_code, new_name?, kind and date? by these or their Chinese names.

    Raises
    ------
    ReadError
        No such file, none that can be read, or no column of codes.
    SchemaError
        A code that a spreadsheet ruined or that is missing, an unknown kind, a date that is none; names file,
        row, column and value.
    """
    require_file(path)
    extra = [name for names in _NAMES.values() for name in names]
    read = read_workbook if path.suffix.lower() in {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"} else read_delimited
    raw = read(path, "villages", extra=extra)
    cells = _mapped(raw.cells, path)
    old, new = (_codes(cells, name, path) for name in ("old_code", "new_code"))
    dates = _dates(cells, path)
    changes = []
    for row in cells.index:
        texts = {
            name: _text(cells.loc[row, name]) if name in cells else "" for name in ("kind", "old_name", "new_name")
        }
        kind = _kind(texts["kind"], old[row], new[row], path, row)
        if not old[row] or not (new[row] or kind == "abolished"):
            _refuse(path, row, "new_code" if old[row] else "old_code", "", _NO_CODE)
        changes.append(VillageChange(
            old[row] or "", new[row] or "", kind, dates[row], texts["old_name"], texts["new_name"], int(row)
        ))  # fmt: skip
    return changes, raw.notes


def _text(cell: Any) -> str:
    return "" if cell is None else read_text_cell(cell) or ""


def _dates(cells: pd.DataFrame, path: Path) -> dict[Any, str]:
    """Give the day of each row as ISO text, empty where there is none."""
    if "date" not in cells:
        return dict.fromkeys(cells.index, "")
    moments, faults = read_column(Column("date", "datetime"), cells["date"].astype(object))
    for row, reason in faults.items():
        _refuse(path, row, "date", cells.loc[row, "date"], reason)
    return {row: "" if pd.isna(moment) else f"{moment:%Y-%m-%d}" for row, moment in moments.items()}


def _mapped(cells: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Give our names to the columns that are known; the first of two alike counts."""
    wanted = {plain(word): name for name, words in _NAMES.items() for word in words}
    found: dict[str, str] = {}
    for column in cells.columns:
        name = wanted.get(plain(column))
        if name is not None and name not in found.values():
            found[str(column)] = name
    if "old_code" not in found.values():
        raise ReadError(
            f"{path.name}：没有“原代码 old_code”这一列；须有 old_code, new_code, kind, date",
            f"{path.name} has no column old_code; old_code, new_code, kind, date are needed",
        )
    kept = cells[list(found)].set_axis(list(found.values()), axis=1)
    return kept if "new_code" in kept else kept.assign(new_code=None)


def _codes(cells: pd.DataFrame, name: str, path: Path) -> dict[Any, str | None]:
    """Read codes as text; one that a spreadsheet ruined is refused."""
    values, bad, _ = read_codes(cells[name])
    for row, reason in bad.items():
        _refuse(path, row, name, cells.loc[row, name], reason)
    codes: dict[Any, str | None] = {row: value if isinstance(value, str) else None for row, value in values.items()}
    for row, value in codes.items():
        if value is not None and re.search(r"[eE]\+?\d", value):
            _refuse(path, row, name, value, _SCIENTIFIC)
    return codes


def _kind(text: str, old: str | None, new: str | None, path: Path, row: Any) -> str:
    """Read the kind; without one, codes say whether it is a name, an end or a merger."""
    if not text:
        return "abolished" if not new else "renamed" if old == new else "merged"
    known = {plain(word): kind for kind, words in _KINDS.items() for word in words}
    kind = known.get(plain(text))
    if kind is None:
        _refuse(path, row, "kind", text, _NO_KIND)
    if kind == "renamed" and new and new != old:
        return "recoded"
    return str(kind)


def _refuse(path: Path, row: Any, column: str, value: Any, reason: Note) -> None:
    shown = "" if value is None else str(value)[:60]
    raise SchemaError(
        f"{path.name} 第 {row} 行 {column}：{shown!r} {reason[0]}",
        f"{path.name} row {row} {column}: {shown!r} {reason[1]}",
    )
