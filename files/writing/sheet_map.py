"""Areas and lines of a map on a PDF page: from metres to points, clipped, in one path per style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from reportlab.pdfgen.pathobject import PDFPathObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["MapWindow", "Stroke", "borders", "draw_areas", "draw_lines", "fit_window"]

_METRES_PER_POINT = 0.0254 / 72
_ROUND_SCALES = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)


@dataclass(frozen=True)
class MapWindow:
    """A rectangle of the page in points (x, y, width, height) and the ground in metres that it shows."""

    x: float
    y: float
    width: float
    height: float
    centre_x_m: float
    centre_y_m: float
    scale: float  # 1 : scale

    @property
    def points_per_m(self) -> float:
        """Points of paper per metre of ground."""
        return 1 / (self.scale * _METRES_PER_POINT)

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """Bounds of the shown ground in metres: x low, y low, x high, y high."""
        half_x, half_y = self.width / 2 / self.points_per_m, self.height / 2 / self.points_per_m
        return (self.centre_x_m - half_x, self.centre_y_m - half_y, self.centre_x_m + half_x, self.centre_y_m + half_y)

    def to_page(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Carry coordinates in metres to points of the page."""
        middle = np.array([self.x + self.width / 2, self.y + self.height / 2])
        moved = middle + (xy - np.array([self.centre_x_m, self.centre_y_m])) * self.points_per_m
        return np.asarray(moved, dtype=np.float64)

    def to_ground(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Carry points of the page to coordinates in metres."""
        middle = np.array([self.x + self.width / 2, self.y + self.height / 2])
        moved = np.array([self.centre_x_m, self.centre_y_m]) + (points - middle) / self.points_per_m
        return np.asarray(moved, dtype=np.float64)


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: colour, width in points, dashes in points, and a casing below it."""

    colour: str
    width: float
    dash: tuple[float, ...] = ()
    casing: str = ""
    casing_width: float = 0.0


def fit_window(
    rectangle: tuple[float, float, float, float], bounds: Sequence[float], *, margin: float = 0.05
) -> MapWindow:  # fmt: skip
    """Choose the largest round scale at which `bounds` (metres) fit the rectangle (points)."""
    x, y, width, height = rectangle
    span_x, span_y = (max(bounds[2 + axis] - bounds[axis], 1.0) * (1 + 2 * margin) for axis in (0, 1))
    needed = max(span_x / width, span_y / height) / _METRES_PER_POINT
    power = 10.0 ** np.floor(np.log10(needed))
    scale = next(factor * power for factor in _ROUND_SCALES if factor * power >= needed * 0.999)
    return MapWindow(x, y, width, height, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, float(scale))


def draw_areas(page: Any, window: MapWindow, areas: NDArray[np.object_], *, fill: str) -> None:
    """Fill polygons, holes left open; polygons outside the window cost nothing."""
    shown = _clipped(window, areas)
    if not len(shown):
        return
    page.setFillColor(fill)
    rings = shapely.get_rings(shapely.get_parts(shown))
    page.drawPath(_path(window, rings, close=True), stroke=0, fill=1, fillMode=0)


def draw_lines(page: Any, window: MapWindow, lines: NDArray[np.object_], stroke: Stroke) -> None:
    """Draw lines with their casing below."""
    shown = shapely.get_parts(_clipped(window, lines))
    if not len(shown):
        return
    page.setLineJoin(1)
    page.setLineCap(1 if not stroke.dash else 0)
    if stroke.casing:
        page.setStrokeColor(stroke.casing)
        page.setLineWidth(stroke.casing_width)
        page.drawPath(_path(window, shown), stroke=1, fill=0)
    page.setStrokeColor(stroke.colour)
    page.setLineWidth(stroke.width)
    page.setDash(list(stroke.dash))
    page.drawPath(_path(window, shown), stroke=1, fill=0)
    page.setDash([])


def borders(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the borders of areas as lines, each stretch once, however many areas share it: dashes then stay dashes."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(areas)), return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    pairs = np.where(turned[:, None], np.hstack([end, start]), np.hstack([start, end]))
    pairs = np.unique(pairs, axis=0)
    if not len(pairs):
        return np.empty(0, dtype=object)
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(pairs.reshape(-1, 2, 2)), dtype=object)
    merged = shapely.line_merge(shapely.multilinestrings(lines))
    return np.asarray(shapely.get_parts(merged), dtype=object)


def _clipped(window: MapWindow, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes that touch the window, cut a little beyond it and without detail that ink cannot show."""
    if not len(shapes):
        return shapes
    low_x, low_y, high_x, high_y = window.ground
    edge = (high_x - low_x) * 0.02
    bounds = shapely.bounds(shapes)
    near = (bounds[:, 0] < high_x) & (bounds[:, 2] > low_x) & (bounds[:, 1] < high_y) & (bounds[:, 3] > low_y)
    cut = shapely.clip_by_rect(shapes[near], low_x - edge, low_y - edge, high_x + edge, high_y + edge)
    return np.asarray(cut[~shapely.is_empty(cut)], dtype=object)


def _path(window: MapWindow, lines: NDArray[np.object_], *, close: bool = False) -> PDFPathObject:
    """Write lines or rings as one path; vertices that fall on the tenth of a point of the last are left out."""
    xy, index = shapely.get_coordinates(lines, return_index=True)
    tenths = np.rint(window.to_page(xy) * 10)
    first = np.ones(len(index), dtype=bool)
    first[1:] = index[1:] != index[:-1]
    moved = first.copy()
    moved[1:] |= (tenths[1:] != tenths[:-1]).any(axis=1)
    operators = np.where(first[moved], "m", "l").tolist()
    code = [
        f"{x:.1f} {y:.1f} {operator}" for (x, y), operator in zip((tenths[moved] / 10).tolist(), operators, strict=True)
    ]
    if close:  # the operator h closes a ring; it stands before each next ring and at the end
        code = [f"h {step}" if step.endswith("m") else step for step in code]
        code[0] = code[0].removeprefix("h ")
        code.append("h")
    return PDFPathObject(code=code)
