"""What stands around a map: title, frame, north arrow, scale bar, legend, and the line with date and issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from files.writing.typeface import INK, draw_text, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from files.writing.options import ExportOptions
    from files.writing.sheet_map import MapWindow, Stroke

__all__ = ["A3", "MARGIN", "Key", "Layout", "draw_frame", "draw_key", "draw_north", "draw_scale"]

A3 = (1190.55, 841.89)  # landscape, points
MARGIN = 28.35  # 10 mm
_GREY = "#52606d"
_HEAD, _FOOT, _GAP = 46.0, 20.0, 10.0


@dataclass(frozen=True)
class Layout:
    """Rectangles of one sheet in points (x, y, width, height): map at the left, table strip at the right."""

    strip_width: float

    @property
    def map(self) -> tuple[float, float, float, float]:
        """Where the map stands."""
        width = A3[0] - 2 * MARGIN - self.strip_width - _GAP
        return (MARGIN, MARGIN + _FOOT, width, A3[1] - 2 * MARGIN - _FOOT - _HEAD)

    @property
    def strip(self) -> tuple[float, float, float, float]:
        """Where the table stands."""
        x, y, width, height = self.map
        return (x + width + _GAP, y, self.strip_width, height)


@dataclass(frozen=True)
class Key:
    """One line of the legend: a name with colours of areas, or with a line."""

    name: str
    fills: tuple[str, ...] = ()
    stroke: Stroke | None = None


def draw_frame(page: Any, layout: Layout, title: str, *, options: ExportOptions, scale: float | None, crs: str) -> None:
    """Draw title, mark of sample data, the bottom line, and the frame of the map where there is one (a scale)."""
    top = A3[1] - MARGIN
    draw_text(page, A3[0] / 2, top - 27, title, size=22, bold=True, align="centre")
    if options.sample:
        mark = options.say("示意数据 · 非真实情况", "SAMPLE DATA · NOT REAL")
        width = text_width(mark, 10, bold=True) + 14
        page.setStrokeColor("#b3261e")
        page.setLineWidth(1)
        page.roundRect(A3[0] - MARGIN - width, top - 29, width, 18, 3, stroke=1, fill=0)
        draw_text(
            page, A3[0] - MARGIN - width / 2, top - 23.6, mark, size=10, bold=True, colour="#b3261e", align="centre"
        )
    if options.plan:
        draw_text(
            page, MARGIN, top - 24, options.say(f"方案 {options.plan}", f"Plan {options.plan}"), size=10, colour=_GREY
        )
    if scale is not None:
        page.setStrokeColor(INK)
        page.setLineWidth(1.2)
        page.rect(*layout.map, stroke=1, fill=0)
    blank = "　" * 6
    left = (
        options.say("编制单位：", "Issued by: ") + (options.issuer or blank),
        options.say("编制日期：", "Date: ") + (str(options.today) if options.today else blank),
        options.say("审图号：", "Map review no.: ") + (options.review_number or blank),
    )
    draw_text(page, MARGIN, MARGIN + 5, "　　".join(left), size=9)
    right = f"1 : {scale:,.0f}".replace(",", " ") if scale else ""
    words = options.say(f"比例尺 {right}　坐标系 {crs}", f"Scale {right}   {crs}") if scale else ""
    draw_text(page, A3[0] - MARGIN, MARGIN + 5, words, size=9, colour=_GREY, align="right")


def draw_north(page: Any, window: MapWindow) -> tuple[float, float, float, float]:
    """Draw the north arrow in the upper right corner of the map; gives the box it takes."""
    x, y = window.x + window.width - 28, window.y + window.height - 62
    for side, fill in ((-1, INK), (1, "#ffffff")):
        path = page.beginPath()
        path.moveTo(x, y + 34)
        path.lineTo(x + side * 9, y)
        path.lineTo(x, y + 8)
        path.close()
        page.setStrokeColor(INK)
        page.setLineWidth(0.8)
        page.setFillColor(fill)
        page.drawPath(path, stroke=1, fill=1)
    draw_text(page, x, y + 38, "北 N", size=11, bold=True, align="centre", halo=1.2)
    return (x - 24, y - 4, x + 26, y + 54)


def draw_scale(page: Any, window: MapWindow, *, options: ExportOptions) -> tuple[float, float, float, float]:
    """Draw a scale bar of four parts in the lower right corner of the map; gives the box it takes."""
    total = _round_length(150 / window.points_per_m)
    part = total / 4 * window.points_per_m
    x, y = window.x + window.width - 4 * part - 42, window.y + 16
    box = (x - 16, y - 9, x + 4 * part + 34, y + 26)
    page.setFillColor("#ffffff")
    page.setStrokeColor("#c9d0d6")
    page.setLineWidth(0.5)
    page.roundRect(box[0], box[1], box[2] - box[0], box[3] - box[1], 3, stroke=1, fill=1)
    page.setStrokeColor(INK)
    page.setLineWidth(0.6)
    for place in range(4):
        page.setFillColor(INK if place % 2 == 0 else "#ffffff")
        page.rect(x + place * part, y, part, 5, stroke=1, fill=1)
    kilometres = total >= 2000
    unit = options.say("公里", "km") if kilometres else options.say("米", "m")
    for place in (0, 2, 4):
        length = total / 4 * place / (1000 if kilometres else 1)
        words = f"{length:g}" + (f" {unit}" if place == 4 else "")
        draw_text(page, x + place * part, y + 10, words, size=8, align="centre")
    return box


def draw_key(
    page: Any, window: MapWindow, keys: Sequence[Key], *, title: str, shown: NDArray[np.object_]
) -> tuple[float, float, float, float]:  # fmt: skip
    """Draw the legend where it hides least of the areas `shown` (metres); gives the box it takes."""
    width = max(text_width(key.name, 9) for key in keys) + 66
    height = 15 * len(keys) + 26
    x, y = _quiet_corner(window, width, height, shown)
    page.setFillColor("#ffffff")
    page.setStrokeColor("#c9d0d6")
    page.setLineWidth(0.5)
    page.roundRect(x, y, width, height, 3, stroke=1, fill=1)
    draw_text(page, x + 10, y + height - 16, title, size=10, bold=True)
    for place, key in enumerate(keys):
        line = y + height - 33 - 15 * place
        for number, fill in enumerate(key.fills):
            page.setFillColor(fill)
            page.rect(x + 10 + 7.6 * number, line, 7.6 if len(key.fills) > 1 else 38, 8, stroke=0, fill=1)
        if key.stroke is not None:
            _sample(page, key.stroke, x + 10, x + 48, line + 4)
        draw_text(page, x + 56, line + 0.8, key.name, size=9)
    return (x, y, x + width, y + height)


def _quiet_corner(window: MapWindow, width: float, height: float, shown: NDArray[np.object_]) -> tuple[float, float]:
    """Choose a corner for a box: lower left, or one of the others (beside arrow and scale) that hides less."""
    left, right = window.x + 8, window.x + window.width - width - 8
    low, high = window.y + 8, window.y + window.height - height - 8
    spots = np.array([(left, low), (left, high), (right, low + 36), (right, high - 64)])
    corners = np.column_stack([window.to_ground(spots), window.to_ground(spots + np.array([width, height]))])
    boxes = np.array([shapely.box(*corner) for corner in corners], dtype=object)
    box, area = shapely.STRtree(shown).query(boxes, predicate="intersects")
    hidden = np.bincount(box, shapely.area(shapely.intersection(boxes[box], shown[area])), minlength=len(spots))
    x, y = spots[np.argmin(np.round(hidden))]
    return float(x), float(y)


def _sample(page: Any, stroke: Stroke, x1: float, x2: float, y: float) -> None:
    """Draw a piece of line as it stands on the map, on a strip of land."""
    page.setFillColor("#efece4")
    page.rect(x1 - 1, y - 4, x2 - x1 + 2, 8, stroke=0, fill=1)
    if stroke.casing and stroke.casing != "#ffffff":
        page.setStrokeColor(stroke.casing)
        page.setLineWidth(stroke.casing_width)
        page.line(x1, y, x2, y)
    page.setStrokeColor(stroke.colour)
    page.setLineWidth(stroke.width)
    page.setDash(list(stroke.dash))
    page.line(x1, y, x2, y)
    page.setDash([])


def _round_length(metres: float) -> float:
    """Give the largest 1, 2 or 5 times a power of ten, times four, that is not above `metres`."""
    power = 10.0 ** (len(str(int(max(metres, 4) / 4))) - 1)
    return 4 * max(step for step in (power, 2 * power, 5 * power) if 4 * step <= max(metres, 4))
