"""The border of two cells dragged to another course: both sides follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.edits.cutting import snapped
from spatial.planning.edits.edited import edited, known, linked, unlocked
from spatial.planning.edits.lines import two_pieces

if TYPE_CHECKING:
    from shapely.geometry import LineString

    from spatial.planning.edits.state import Edit, PlanState

__all__ = ["move_border"]


def move_border(
    state: PlanState, cell_a: str, cell_b: str, *, line: LineString, start_date: str = "", snap_m: float = 15.0
) -> Edit:
    """Drag the border that two cells share to a new course `line` (metres).

    The ends of the line go to the nearest points of the old border, and the line itself onto barriers within
    `snap_m`. Every block with more than half of its ground between the two courses changes sides; blocks stay
    whole, and a piece that would be cut off goes with the side around it. Raises `InfeasibleError` where the
    cells share no border, one is locked or would be left empty, or no block lies between the courses.
    """
    known(state, (cell_a, cell_b))
    unlocked(state, (cell_a, cell_b))
    frame = linked(state)
    codes = frame["cell_code"].to_numpy(dtype=object).copy()
    mine = np.flatnonzero(np.isin(codes, [cell_a, cell_b]))
    shapes = frame.geometry.to_numpy()[mine]
    first = codes[mine] == cell_a
    kinds = state.cells.set_index("cell_code")["kind"]
    border = _border(shapes, first)
    if border.is_empty or cell_a == cell_b or kinds[cell_a] != kinds[cell_b]:
        raise InfeasibleError(
            f"{cell_a} 和 {cell_b} 没有可以拖动的共同边界", f"{cell_a} and {cell_b} share no border that could be moved"
        )
    between = _between(border, snapped(line, state, within=snap_m))
    flips = shapely.area(shapely.intersection(shapes, between)) > shapely.area(shapes) / 2
    now = two_pieces(shapes, first ^ flips)
    if (now == first).all():
        raise InfeasibleError(
            "新旧边界之间没有整块的地块，边界不变。请拖得更远一些",
            "no whole block lies between the old and the new course: drag the border further",
        )
    if now.all() or not now.any():
        gone = cell_b if now.all() else cell_a
        raise InfeasibleError(
            f"网格 {gone} 会变空。要取消它请用合并", f"cell {gone} would be left empty: merge it instead"
        )
    codes[mine] = np.where(now, cell_a, cell_b)
    return edited(state, frame, codes, start_date=start_date)


def _border(
    shapes: np.ndarray[tuple[int], np.dtype[np.object_]], first: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Any:
    """Give the line that two groups of a coverage share."""
    one, other = (shapely.boundary(shapely.coverage_union_all(shapes[side])) for side in (first, ~first))
    common = shapely.get_parts(shapely.intersection(one, other))
    return shapely.line_merge(shapely.multilinestrings(common[shapely.get_type_id(common) == 1]))


def _between(border: Any, line: LineString) -> Any:
    """Give the ground between the old course of a border and the new one, whose ends go to the old."""
    xy = shapely.get_coordinates(line)
    if len(xy) < 2:
        raise InfeasibleError("线至少要有两个不同的点", "a line needs two different points")
    ways = shapely.shortest_line(border, shapely.points(xy[[0, -1]]))
    feet = shapely.get_coordinates(ways).reshape(2, 2, 2)[:, 0]
    course = shapely.linestrings(np.vstack([feet[:1], xy, feet[1:]]))
    # A foot on the border is met surely where the way runs on a little beyond it.
    net = shapely.union_all([border, course, *_overshot(feet, xy)])
    return shapely.union_all(shapely.get_parts(shapely.polygonize(shapely.get_parts(net))))


def _overshot(feet: np.ndarray, xy: np.ndarray) -> list[Any]:
    """Draw the ways from the ends of a course to their feet on the old border a little further."""
    beyond = []
    for foot, end in zip(feet, xy[[0, -1]], strict=True):
        step = foot - end
        length = float(np.hypot(*step))
        if length > 0:
            beyond.append(shapely.linestrings(np.vstack([end, foot + step * (0.05 / length)])))
    return beyond
