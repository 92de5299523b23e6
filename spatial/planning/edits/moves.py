"""Blocks to another cell, and two cells into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.edits.edited import edited, known, linked, unlocked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.planning.edits.state import Edit, PlanState

__all__ = ["merge", "move_blocks"]


def move_blocks(
    state: PlanState, block_ids: Sequence[str], *, to_cell: str, allow_pieces: bool = False, start_date: str = ""
) -> Edit:
    """Move blocks to another cell of their village.

    Raises `InfeasibleError` for an unknown block or cell, for blocks that are there already, for a locked cell, where
    a cell would be left empty, or where one would fall into more pieces than it had (unless `allow_pieces`).
    """
    frame = linked(state)
    unknown = sorted(set(block_ids) - set(frame["block_id"]))
    if unknown or not block_ids:
        name = unknown[0] if unknown else "-"
        raise InfeasibleError(f"没有可移动的地块：{name} 不在本村", f"no block to move: {name} is not in this village")
    known(state, [to_cell])
    old = frame["cell_code"].to_numpy(dtype=object)
    codes = old.copy()
    codes[frame["block_id"].isin(set(block_ids)).to_numpy()] = to_cell
    moved = codes != old
    if not moved.any():
        raise InfeasibleError(
            f"没有改动：地块已经在网格 {to_cell} 里", f"nothing to change: the blocks are in cell {to_cell}"
        )
    unlocked(state, {*old[moved], *codes[moved]})
    emptied = sorted(set(old) - set(codes))
    if emptied:
        raise InfeasibleError(
            f"网格 {emptied[0]} 会变空。要取消它请用合并",
            f"cell {emptied[0]} would be left empty: merge it instead",
        )
    return edited(state, frame, codes, allow_pieces=allow_pieces, start_date=start_date)


def merge(
    state: PlanState,
    cell_a: str,
    cell_b: str,
    *,
    keep: str | None = None,
    allow_pieces: bool = False,
    start_date: str = "",
) -> Edit:
    """Merge two cells that share a border; the code `keep` stays (the lower one), the other is retired for good.

    Raises `InfeasibleError` where one is locked, where they are of different kinds, or no neighbours in this
    village (unless `allow_pieces`).
    """
    known(state, (cell_a, cell_b))
    unlocked(state, (cell_a, cell_b))
    kept, retired = sorted((cell_a, cell_b))
    if keep == retired:
        kept, retired = retired, kept
    kinds = state.cells.set_index("cell_code")["kind"]
    if kept == retired or kinds[kept] != kinds[retired] or keep not in (None, kept):
        raise InfeasibleError(
            f"{kept} 和 {retired} 不能合并：要两个同类的网格",
            f"{kept} and {retired} cannot merge: two cells of one kind are needed",
        )
    frame = linked(state)
    codes = frame["cell_code"].to_numpy(dtype=object).copy()
    shapes = frame.geometry.to_numpy()
    one, other = (shapely.boundary(shapely.coverage_union_all(shapes[codes == code])) for code in (kept, retired))
    if not allow_pieces and shapely.intersection(one, other).length <= 0:
        raise InfeasibleError(
            f"{kept} 和 {retired} 不相邻，不能合并", f"{kept} and {retired} share no border and cannot merge"
        )
    codes[np.equal(codes, retired)] = kept
    return edited(state, frame, codes, allow_pieces=allow_pieces, start_date=start_date)
