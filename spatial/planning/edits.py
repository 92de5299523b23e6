"""Edits by hand of one village: move blocks, split a cell by a line, merge two; the same guarantees as a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.blocks.edges import border_length, coverage_edges
from spatial.planning.blocks.faces import connected
from spatial.planning.cells import cells_from
from spatial.planning.numbering import next_code
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    from shapely.geometry import LineString

    from spatial.planning.blocks.types import Flags, Integers

__all__ = ["Edit", "PlanState", "merge", "move_blocks", "split_by_line"]


@dataclass(frozen=True)
class PlanState:
    """One village of a plan, in metres: its blocks, their cells, and the column that is balanced."""

    blocks: gpd.GeoDataFrame
    plan_blocks: pd.DataFrame
    cells: gpd.GeoDataFrame
    measure: str = "households"


@dataclass(frozen=True)
class Edit:
    """What an edit changes: plan_blocks rows before and after, the village's cells now, codes, households.

    `cells` holds every cell of the village (deviations follow the village's mean); `households` gives, by
    code, the count before and after of the cells whose blocks changed (None: no such cell).
    """

    before: pd.DataFrame
    after: pd.DataFrame
    cells: gpd.GeoDataFrame
    retired: tuple[str, ...]
    created: tuple[str, ...]
    households: dict[str, tuple[float | None, float | None]]
    problems: Problems


def move_blocks(
    state: PlanState, block_ids: Sequence[str], *, to_cell: str, allow_pieces: bool = False, start_date: str = ""
) -> Edit:
    """Move blocks to another cell of their village.

    Raises `InfeasibleError` for an unknown block or cell, where a cell would be left empty, or where one
    would fall into more pieces than it had (unless `allow_pieces`).
    """
    frame = _linked(state)
    unknown = sorted(set(block_ids) - set(frame["block_id"]))
    if unknown or not block_ids:
        name = unknown[0] if unknown else "-"
        raise InfeasibleError(f"没有可移动的地块：{name} 不在本村", f"no block to move: {name} is not in this village")
    _known(state, to_cell)
    codes = frame["cell_code"].to_numpy(dtype=object).copy()
    codes[frame["block_id"].isin(set(block_ids)).to_numpy()] = to_cell
    emptied = sorted(set(frame["cell_code"]) - set(codes))
    if emptied:
        raise InfeasibleError(
            f"网格 {emptied[0]} 会变空。要取消它请用合并",
            f"cell {emptied[0]} would be left empty: merge it instead",
        )
    return _edit(state, frame, codes, allow_pieces=allow_pieces, start_date=start_date)


def split_by_line(
    state: PlanState,
    cell_code: str,
    *,
    line: LineString,
    used_codes: Collection[str] = frozenset(),
    start_date: str = "",
) -> Edit:
    """Split a cell in two along a drawn line (metres); blocks go whole to the side that holds more of them.

    The side further west keeps the code, the other gets one above every code ever used. Pieces cut off on
    either side join the other, so that both cells are one piece. Raises `InfeasibleError` where the line does
    not part the cell's blocks.
    """
    _known(state, cell_code)
    frame = _linked(state)
    mine = np.flatnonzero((frame["cell_code"] == cell_code).to_numpy())
    shapes = frame.geometry.to_numpy()[mine]
    left = _sides(shapes, line)
    left = _two_pieces(shapes, left)
    if left.all() or not left.any():
        raise InfeasibleError(
            f"这条线没有把网格 {cell_code} 的地块分成两边。请从网格外画起，穿过整个网格",
            f"the line does not part the blocks of cell {cell_code}: draw it from outside, right across the cell",
        )
    order = [shapely.point_on_surface(shapely.coverage_union_all(shapes[side])).x for side in (left, ~left)]
    stays = left if order[0] <= order[1] else ~left
    village = str(frame["village_code"].iloc[mine[0]])
    special = bool((state.cells.set_index("cell_code")["kind"] == "special")[cell_code])
    code = next_code(village, {*used_codes, *state.cells["cell_code"]}, special=special)
    codes = frame["cell_code"].to_numpy(dtype=object).copy()
    codes[mine[~stays]] = code
    return _edit(state, frame, codes, allow_pieces=False, start_date=start_date)


def merge(state: PlanState, cell_a: str, cell_b: str, *, start_date: str = "") -> Edit:
    """Merge two cells that share a border; the lower code stays and the other is retired for good.

    Raises `InfeasibleError` where they are no neighbours in this village or of different kinds.
    """
    for code in (cell_a, cell_b):
        _known(state, code)
    kept, retired = sorted((cell_a, cell_b))
    kinds = state.cells.set_index("cell_code")["kind"]
    if kept == retired or kinds[kept] != kinds[retired]:
        raise InfeasibleError(
            f"{kept} 和 {retired} 不能合并：要两个同类的网格",
            f"{kept} and {retired} cannot merge: two cells of one kind are needed",
        )
    frame = _linked(state)
    codes = frame["cell_code"].to_numpy(dtype=object).copy()
    shapes = frame.geometry.to_numpy()
    one, other = (shapely.boundary(shapely.coverage_union_all(shapes[codes == code])) for code in (kept, retired))
    if shapely.intersection(one, other).length <= 0:
        raise InfeasibleError(
            f"{kept} 和 {retired} 不相邻，不能合并", f"{kept} and {retired} share no border and cannot merge"
        )
    codes[codes == retired] = kept
    return _edit(state, frame, codes, allow_pieces=False, start_date=start_date)


def _linked(state: PlanState) -> gpd.GeoDataFrame:
    """Give the blocks of the village that have a cell, with its code."""
    links = state.plan_blocks[["block_id", "cell_code"]]
    blocks = state.blocks.drop(columns="cell_code", errors="ignore")
    return blocks.merge(links, on="block_id").sort_values("block_id", ignore_index=True)


def _known(state: PlanState, code: str) -> None:
    if code not in set(state.cells["cell_code"]):
        raise InfeasibleError(f"本村没有网格 {code}", f"there is no cell {code} in this village")


def _edit(
    state: PlanState,
    frame: gpd.GeoDataFrame,
    codes: np.ndarray[tuple[int], np.dtype[np.object_]],
    *,
    allow_pieces: bool,
    start_date: str,
) -> Edit:
    """Check what the new codes make of the cells they touch, and write the change down."""
    old = frame["cell_code"].to_numpy(dtype=object)
    changed = old != codes
    plan = str(state.plan_blocks["plan"].iloc[0])
    rows = pd.DataFrame({"plan": plan, "block_id": frame["block_id"]})
    before, after = (rows.assign(cell_code=names)[changed].reset_index(drop=True) for names in (old, codes))
    touched = sorted(set(before["cell_code"]) | set(after["cell_code"]))
    problems = Problems()
    shapes = frame.geometry.to_numpy()
    for code in touched:
        pieces, had = (_pieces(shapes[names == code]) for names in (codes, old))
        if pieces > max(1, had):
            if not allow_pieces:
                raise InfeasibleError(
                    f"网格 {code} 会断成 {pieces} 块。请把连着的地块一起移动",
                    f"cell {code} would fall into {pieces} pieces: move the blocks between them too",
                )
            problems.add(
                "cell-in-pieces", code=code, pieces=pieces, geometry=shapely.point_on_surface(shapes[codes == code][0])
            )
    names = state.cells[["village_code"]].drop_duplicates().assign(village="")
    village = state.cells["cell"].iloc[0]
    names["village"] = str(village)[: -len("00网格")] if str(village).endswith("网格") else str(village)
    cells = cells_from(
        rows.assign(cell_code=codes),
        frame,
        names,
        measure=state.measure,
        plan=plan,
        start_date=start_date,
        previous=state.cells,
    )
    load = pd.Series(frame["households"].to_numpy(float))
    was, now = (load.groupby(values).sum().to_dict() for values in (old, codes))
    existing = set(state.cells["cell_code"])
    return Edit(
        before,
        after,
        cells,
        tuple(code for code in touched if code not in now),
        tuple(code for code in touched if code not in existing),
        {code: (was.get(code), now.get(code)) for code in touched},
        problems,
    )


def _pieces(shapes: np.ndarray[tuple[int], np.dtype[np.object_]]) -> int:
    return int(shapely.get_num_geometries(shapely.coverage_union_all(shapes))) if len(shapes) else 0


def _sides(shapes: np.ndarray[tuple[int], np.dtype[np.object_]], line: LineString) -> Flags:
    """Tell which blocks lie mostly on one side of a line that is drawn on far beyond both ends."""
    xy = shapely.get_coordinates(line)
    keep = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1)) if len(xy) else np.zeros(0, bool)
    xy = xy[keep]
    if len(xy) < 2:
        raise InfeasibleError("线至少要有两个不同的点", "a line needs two different points")
    left, low, right, high = shapely.total_bounds(shapes)
    reach = 4 * (np.hypot(right - left, high - low) + float(line.length))
    first, last = xy[0] - xy[1], xy[-1] - xy[-2]
    start, end = xy[0] + first / np.hypot(*first) * reach, xy[-1] + last / np.hypot(*last) * reach
    path = shapely.linestrings(np.vstack([start, xy, end]))
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


def _two_pieces(shapes: np.ndarray[tuple[int], np.dtype[np.object_]], left: Flags) -> Flags:
    """Let all but the largest piece of either side join the other, where that makes both one piece."""
    pairs, _, _ = border_length(coverage_edges(shapes), len(shapes))
    area = shapely.area(shapes)
    for _ in range(6):
        same = left[pairs[:, 0]] == left[pairs[:, 1]]
        piece: Integers = connected(pairs[same, 0], pairs[same, 1], len(shapes))
        held = np.bincount(piece, weights=area)
        flips = np.zeros(len(shapes), bool)
        for side in (True, False):
            mine = np.unique(piece[left == side])
            if len(mine) > 1:
                largest = mine[held[mine].argmax()]
                flips |= (left == side) & (piece != largest)
        if not flips.any():
            break
        left = left ^ flips
    return left
