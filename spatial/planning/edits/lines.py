"""A cell parted along a drawn line: snapped to barriers, around buildings, blocks whole or cut along it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.blocks.edges import border_length, coverage_edges
from spatial.planning.blocks.faces import connected
from spatial.planning.cells.numbering import next_code
from spatial.planning.edits.cutting import cut_along, drawn_on, snapped
from spatial.planning.edits.edited import edited, known, linked, unlocked

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray
    from shapely.geometry import LineString

    from spatial.planning.edits.state import Edit, PlanState
    from spatial.planning.types import Flags, Integers

    Shapes = NDArray[Any]

__all__ = ["sides_of", "split_by_line", "two_pieces"]


def split_by_line(
    state: PlanState,
    cell_code: str,
    *,
    line: LineString,
    used_codes: Collection[str] = frozenset(),
    start_date: str = "",
    cut_blocks: bool = False,
    snap_m: float = 15.0,
) -> Edit:
    """Split a cell in two along a drawn line (metres).

    The line moves onto barriers within `snap_m` of it. Blocks go whole to the side that holds more of them;
    with `cut_blocks` those that the line crosses well inside are cut along it, around buildings, where that
    cuts no hamlet: the children come as `Edit.blocks`, counted again from the homes.

    The side further west keeps the code, the other gets one above every code ever used. Pieces cut off on
    either side join the other, so that both cells are one piece. Raises `InfeasibleError` where the cell is
    locked, or the line does not part its blocks.
    """
    known(state, [cell_code])
    unlocked(state, [cell_code])
    frame = linked(state)
    line = snapped(line, state, within=snap_m)
    children = None
    if cut_blocks:
        frame, children = cut_along(state, frame, cell_code, line=line, least_m=snap_m)
    mine = np.flatnonzero((frame["cell_code"] == cell_code).to_numpy())
    shapes = frame.geometry.to_numpy()[mine]
    left = two_pieces(shapes, sides_of(shapes, line))
    if left.all() or not left.any():
        raise InfeasibleError(
            f"这条线没有把网格 {cell_code} 的地块分成两边。请从网格外画起，穿过整个网格",
            f"the line does not part the blocks of cell {cell_code}: draw it from outside, right across the cell",
        )
    order = [shapely.point_on_surface(shapely.coverage_union_all(shapes[side])).x for side in (left, ~left)]
    stays = left if order[0] <= order[1] else ~left
    village = str(frame["village_code"].iloc[mine[0]])
    special = bool((state.cells.set_index("cell_code")["kind"] == "special")[cell_code])
    code = next_code(village, state.every_code(used_codes), special=special)
    codes = frame["cell_code"].to_numpy(dtype=object).copy()
    codes[mine[~stays]] = code
    return edited(state, frame, codes, start_date=start_date, children=children)


def sides_of(shapes: Shapes, line: LineString) -> Flags:
    """Tell which blocks lie mostly on one side of a line that is drawn on far beyond both ends."""
    path = drawn_on(line, shapes)
    left, low, right, high = shapely.total_bounds(shapes)
    reach = 4 * (np.hypot(right - left, high - low) + float(line.length))
    disc = shapely.buffer(shapely.box(left, low, right, high), reach / 4)
    halves = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([shapely.boundary(disc), path]))))
    inner = shapely.get_coordinates(shapely.point_on_surface(halves))
    # Which half is called left does not matter; a line that crosses itself makes more than two, told by parity.
    ways = np.asarray(shapely.linestrings(np.stack([np.broadcast_to(inner[0], inner.shape), inner], axis=1)))
    crossings = np.asarray(shapely.intersection(ways, path))
    side = np.where(shapely.is_empty(crossings), 0, shapely.get_num_geometries(crossings) % 2)
    area = shapely.area(shapely.intersection(shapes[:, None], halves[None, :]))
    found: Flags = (area * side).sum(axis=1) > area.sum(axis=1) / 2
    return found


def two_pieces(shapes: Shapes, left: Flags) -> Flags:
    """Let all but the largest piece of either side join the other, where that makes both one piece."""
    pairs, _, _ = border_length(coverage_edges(shapes), len(shapes))
    area = shapely.area(shapes)
    for _ in range(6):
        same = left[pairs[:, 0]] == left[pairs[:, 1]]
        piece: Integers = connected(pairs[same, 0], pairs[same, 1], len(shapes))
        held = np.bincount(piece, weights=area)
        beside = np.zeros(len(shapes), bool)  # an island beside neither side stays where it is
        beside[piece[pairs[~same].ravel()]] = True
        flips = np.zeros(len(shapes), bool)
        for side in (True, False):
            mine = np.unique(piece[left == side])
            if len(mine) > 1:
                largest = mine[held[mine].argmax()]
                flips |= (left == side) & (piece != largest) & beside[piece]
        if not flips.any():
            break
        left = left ^ flips
    return left
