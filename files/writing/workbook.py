"""Tables as sheets that print: titles, frozen headers, widths, codes as text, nothing that runs as a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from files.writing.columns import COLUMNS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from files.writing.options import ExportOptions

__all__ = ["Table", "add_notes", "add_table"]

_A4, _A3 = 9, 8
_THIN = Side(style="thin", color="B8BFC6")
_FRAME = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", start_color="DCE6F0")
_TITLE = Font(name="黑体", size=16, bold=True)
_SMALL = Font(name="宋体", size=9, color="52606D")
_HEAD = Font(name="宋体", size=10, bold=True)
_BODY = Font(name="宋体", size=10)
_WRAP = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_RIGHT = Alignment(horizontal="right", vertical="center")
_LINE, _TALLEST = 13, 400  # points
_TEXT, _NUMBER = "wangge text", "wangge number"
_UNSAFE = str.maketrans(dict.fromkeys((*range(9), 11, 12, *range(14, 32))))


@dataclass(frozen=True)
class Table:
    """One sheet: its tab, its title, a line below the title, and a frame with columns of `COLUMNS`.

    `curve` names two columns, the second of which is drawn over the first, below the table.
    """

    tab: str
    title: str
    line: str
    frame: pd.DataFrame
    wide: bool = False
    curve: tuple[str, str] | None = None


def add_table(book: Workbook, table: Table, *, options: ExportOptions) -> None:
    """Add one sheet with its header frozen and repeated on every printed page."""
    _add_styles(book)
    sheet = book.create_sheet(table.tab)
    headings = [COLUMNS[column] for column in table.frame.columns]
    last = get_column_letter(max(1, len(headings)))
    sheet.append([_title(table.title, options)])
    sheet.append([table.line])
    sheet.append([options.say(heading.zh, heading.en) for heading in headings])
    sheet.merge_cells(f"A1:{last}1")
    sheet.merge_cells(f"A2:{last}2")
    sheet["A1"].font, sheet["A1"].alignment = _TITLE, _WRAP
    sheet["A2"].font, sheet["A2"].alignment = _SMALL, _LEFT
    for cell in sheet[3]:
        cell.font, cell.fill, cell.border, cell.alignment = _HEAD, _HEAD_FILL, _FRAME, _WRAP
    _rows(sheet, table.frame)
    for place, heading in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = heading.width + 1.5
    sheet.row_dimensions[1].height, sheet.row_dimensions[3].height = 28, 32
    sheet.freeze_panes = "C4" if len(headings) > 6 else "A4"
    if len(table.frame):
        sheet.auto_filter.ref = f"A3:{last}{len(table.frame) + 3}"
    _print_setup(sheet, last, paper=_A3 if table.wide else _A4)
    if table.curve is not None and len(table.frame) > 1:
        _draw(sheet, table, options)


def _draw(sheet: Worksheet, table: Table, options: ExportOptions) -> None:
    """Draw one column over another below the table, and widen what is printed by it."""
    chart, first, last = ScatterChart(), 4, len(table.frame) + 3
    across, up = (list(table.frame.columns).index(name) + 1 for name in table.curve or ())
    line = Series(Reference(sheet, up, first, max_row=last), Reference(sheet, across, first, max_row=last))
    line.marker.symbol, line.smooth = "circle", False
    chart.series.append(line)
    for axis, column in ((chart.x_axis, across), (chart.y_axis, up)):
        heading = COLUMNS[table.frame.columns[column - 1]]
        axis.title, axis.delete = options.say(heading.zh, heading.en), False
    chart.x_axis.scaling.min = chart.y_axis.scaling.min = 0
    chart.y_axis.number_format, chart.legend, chart.width, chart.height = "0.0%", None, 20, 10
    sheet.add_chart(chart, f"A{last + 2}")
    sheet.print_area = f"A1:{get_column_letter(max(8, len(table.frame.columns)))}{last + 24}"


def add_notes(book: Workbook, title: str, notes: list[tuple[str, str]], *, options: ExportOptions) -> None:
    """Add the first sheet: what this file is, as pairs of name and text."""
    _add_styles(book)
    sheet = book.create_sheet(options.say("说明", "About"))
    sheet.append([_title(title, options)])
    sheet.merge_cells("A1:B1")
    sheet["A1"].font, sheet["A1"].alignment = _TITLE, _WRAP
    sheet.row_dimensions[1].height = 28
    for name, text in notes:
        sheet.append([name, None])
        row = sheet.max_row
        _put(sheet, row, 2, text, "")
        sheet.cell(row, 1).font, sheet.cell(row, 2).font = _HEAD, _BODY
        sheet.cell(row, 1).alignment = sheet.cell(row, 2).alignment = _LEFT
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 84
    _print_setup(sheet, "B", paper=_A4)
    sheet.print_title_rows = None


def _title(title: str, options: ExportOptions) -> str:
    mark = options.say("（示意数据）", " (sample data, not real)") if options.sample else ""
    return f"{options.county}{title}{mark}" if options.lang == "zh" else f"{options.county} {title}{mark}".strip()


def _rows(sheet: Worksheet, frame: pd.DataFrame) -> None:
    """Write the body; texts stay texts, also those that look like formulas or numbers."""
    headings = [COLUMNS[column] for column in frame.columns]
    for row, values in enumerate(frame.itertuples(index=False, name=None), start=4):
        lines = 1
        for column, (value, heading) in enumerate(zip(values, headings, strict=True), start=1):
            _put(sheet, row, column, value, heading.number)
            if isinstance(value, str) and 2 * len(value) > heading.width:
                lines = max(lines, -(-len(value.encode("gb18030", "replace")) // int(heading.width)))
        if lines > 1:  # readers differ in whether they make room for what they wrap
            sheet.row_dimensions[row].height = min(_LINE * lines + 2, _TALLEST)


def _put(sheet: Worksheet, row: int, column: int, value: Any, number: str) -> None:
    """Write one value in the style of its kind; empty values stay empty."""
    cell = sheet.cell(row, column)
    if pd.isna(value):
        cell.style = _TEXT
    elif number and not isinstance(value, str):
        cell.value = round(float(value)) if number == "#,##0" else float(value)
        cell.style = f"{_NUMBER} {number}"
    else:
        cell.value = str(value).translate(_UNSAFE)
        cell.style, cell.data_type = _TEXT, "s"


def _add_styles(book: Workbook) -> None:
    """Name the styles of the body once; a name per cell is quicker and smaller than four properties."""
    known = set(book.named_styles)
    if _TEXT in known:
        return
    book.add_named_style(NamedStyle(_TEXT, font=_BODY, border=_FRAME, alignment=_LEFT, number_format="@"))
    for number in sorted({heading.number for heading in COLUMNS.values()} - {""}):
        style = NamedStyle(f"{_NUMBER} {number}", font=_BODY, border=_FRAME, alignment=_RIGHT, number_format=number)
        book.add_named_style(style)


def _print_setup(sheet: Worksheet, last: str, *, paper: int) -> None:
    """Landscape on A4 or A3, as wide as the page, header on every page, page numbers."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:3"
    sheet.print_area = f"A1:{last}{sheet.max_row}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P / &N"
