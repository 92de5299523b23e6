"""Reads CSV and TSV text, and Excel workbooks, into cells with the row numbers of the file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import python_calamine

from files.reading.encoding import read_text
from files.reading.errors import ReadError
from files.reading.raw import Raw
from files.reading.sheet import is_blank, table_from
from files.reading.synonyms import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from files.reading.raw import Note

__all__ = ["read_delimited", "read_workbook"]

_TITLES = {
    "villages": ("村", "村社区", "村界", "行政村"), "homes": ("住户", "户", "房屋"), "buildings": ("建筑", "建筑物"),
    "members": ("网格员", "人员", "成员"), "cameras": ("摄像机", "摄像头", "监控", "点位表", "监控点位"),
    "places": ("重点部位", "场所", "重点场所"), "poles": ("杆", "点位杆", "立杆"), "incidents": ("事件", "警情"),
}  # fmt: skip
_ENCODING_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "gb18030": "GBK / GB 18030", "utf-16": "UTF-16"}


def read_delimited(path: Path, layer: str, *, encoding: str = "auto", extra: Sequence[str] = ()) -> Raw:
    """Read a CSV or TSV file; the encoding and the delimiter are found, every cell stays text.

    Raises
    ------
    ReadError
        No text, an unknown encoding, or no rows.
    """
    text, found = read_text(path, encoding=encoding)
    notes: list[Note] = []
    if found not in {"utf-8", "utf-8-sig"}:
        name = _ENCODING_NAMES.get(found, found)
        notes.append((f"文件编码为 {name}，已转换", f"the file is in {name} and was converted"))
    delimiter = _delimiter(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as fault:
        raise ReadError(f"{path.name} 不是有效的 CSV：{fault}", f"{path.name} is not valid CSV: {fault}") from None
    cells, more = table_from(rows, layer, name=path.name, extra=extra)
    return Raw(cells, notes=notes + more)


def read_workbook(path: Path, layer: str, *, extra: Sequence[str] = ()) -> Raw:
    """Read one sheet of an Excel workbook (xlsx, xls, xlsb, ods): the one named after the layer, else the only one.

    Merged cells are filled with the value that they show.

    Raises
    ------
    ReadError
        No workbook, a protected one, no rows, or several sheets of which none is named after the layer.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.CalamineError as fault:
        raise ReadError(
            f"{path.name} 不是可读的 Excel 工作簿（{fault}）；如有密码请先去掉",
            f"{path.name} is no readable Excel workbook ({fault}); take a password off first",
        ) from None
    sheets = {name: _rows(book, name) for name in book.sheet_names}
    filled = [name for name, rows in sheets.items() if any(not is_blank(cell) for row in rows for cell in row)]
    name = _choose(filled, layer, path.name)
    cells, notes = table_from(sheets[name], layer, name=path.name, extra=extra)
    if len(sheets) > 1:
        notes.insert(0, (f"读取工作表“{name}”", f"read the sheet '{name}'"))
    return Raw(cells, notes=notes)


def _rows(book: python_calamine.CalamineWorkbook, name: str) -> list[list[Any]]:
    """Read a sheet from its first cell on, merged ranges filled with their first cell."""
    try:
        sheet = book.get_sheet_by_name(name)
    except python_calamine.CalamineError:  # a chart sheet
        return []
    rows = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * (min(right + 1, len(row)) - left)
    return rows


def _choose(filled: list[str], layer: str, name: str) -> str:
    if not filled:
        raise ReadError(f"{name} 是空的，没有任何行", f"{name} is empty: it has no rows")
    wanted = {plain(layer), *(plain(title) for title in _TITLES.get(layer, ()))}
    named = [sheet for sheet in filled if plain(sheet) in wanted]
    if len(filled) > 1 and len(named) != 1:
        raise ReadError(
            f"{name} 有 {len(filled)} 张工作表（{'、'.join(filled)}），没有一张叫 {layer}；请改名或另存为单表",
            f"{name} has {len(filled)} sheets ({', '.join(filled)}) and none is called {layer}; rename one",
        )
    return named[0] if named else filled[0]


def _delimiter(text: str) -> str:
    """Choose the sign that cuts the first lines into the most columns."""
    head = [line for line in text.splitlines()[:20] if line.strip()]
    counts = {sign: sum(line.count(sign) for line in head) for sign in (",", "\t", ";", "|")}
    return max(counts, key=lambda sign: (counts[sign], sign == ","))
