"""The table strip of a map sheet, and the pages that carry what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from files.writing.typeface import INK, draw_text, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["StripColumn", "draw_strip", "rows_that_fit"]

_ROW_HEIGHT, _LEAST_HEIGHT = 11.4, 8.4  # rows close up before they need another page
_HEAD_HEIGHT = 17.0


@dataclass(frozen=True)
class StripColumn:
    """One column: its heading, its part of the width, and how it is aligned."""

    name: str
    share: float
    align: str = "left"


def rows_that_fit(height: float) -> int:
    """How many rows stand below the head in `height` points."""
    return int((height - _HEAD_HEIGHT) // _LEAST_HEIGHT)


def draw_strip(
    page: Any, strip: tuple[float, float, float, float], columns: Sequence[StripColumn], rows: Sequence[Sequence[str]],
    *, row_height: float = _ROW_HEIGHT,
) -> None:  # fmt: skip
    """Draw a table from the top of the strip; a row of one text is a heading across all columns.

    Rows are `row_height` points high at most and close up where there are many; the type follows.
    """
    x, y, width, height = strip
    total = sum(column.share for column in columns)
    edges = [x]
    for column in columns:
        edges.append(edges[-1] + width * column.share / total)
    top = y + height
    page.setFillColor("#dce6f0")
    page.rect(x, top - _HEAD_HEIGHT, width, _HEAD_HEIGHT, stroke=0, fill=1)
    for place, column in enumerate(columns):
        draw_text(
            page, (edges[place] + edges[place + 1]) / 2, top - 12, column.name, size=8.5, bold=True, align="centre"
        )
    line = top - _HEAD_HEIGHT
    step = min(row_height, max(_LEAST_HEIGHT, (height - _HEAD_HEIGHT) / max(1, len(rows))))
    page.setLineWidth(0.35)
    for row in rows:
        line -= step
        _row(page, edges, columns, row, line=line, step=step)
        page.setStrokeColor("#c9d0d6")
        page.line(x, line, x + width, line)
    page.setStrokeColor(INK)
    page.setLineWidth(0.8)
    page.rect(x, line, width, top - line, stroke=1, fill=0)


def _row(
    page: Any, edges: list[float], columns: Sequence[StripColumn], row: Sequence[str], *, line: float, step: float
) -> None:  # fmt: skip
    """Draw the texts of one row, each cut to its column; the type follows the height of the row."""
    base, size = line + 0.27 * step, min(10.0, 0.67 * step) if step > _ROW_HEIGHT else min(7.6, 0.72 * step)
    if len(row) == 1:
        page.setFillColor("#f3f1ea")
        page.rect(edges[0], line, edges[-1] - edges[0], step, stroke=0, fill=1)
        draw_text(
            page, edges[0] + 4, base, shorten(row[0], edges[-1] - edges[0] - 8, size, bold=True), size=size, bold=True
        )
        return
    for place, (column, text) in enumerate(zip(columns, row, strict=True)):
        left, right = edges[place] + 3, edges[place + 1] - 3
        at = {"left": left, "right": right, "centre": (left + right) / 2}[column.align]
        draw_text(page, at, base, shorten(text, right - left, size), size=size, align=column.align)
