"""The way from new cell codes of blocks to an edit: what is refused, carried along and remarked on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatial.errors import InfeasibleError
from spatial.layers import LAYERS
from spatial.planning.cells import cells_from
from spatial.planning.cells.numbering import cell_name
from spatial.planning.edits.remarks import tell_new
from spatial.planning.edits.state import Edit, PlanState
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    Codes = NDArray[np.object_]

__all__ = ["edited", "known", "linked", "pieces", "unlocked"]


def linked(state: PlanState) -> gpd.GeoDataFrame:
    """Give the blocks of the village that have a cell, with its code, sorted by id."""
    links = state.plan_blocks[["block_id", "cell_code"]]
    blocks = state.blocks.drop(columns="cell_code", errors="ignore")
    return blocks.merge(links, on="block_id").sort_values("block_id", ignore_index=True)


def known(state: PlanState, codes: Iterable[str]) -> None:
    """Refuse codes that the village has no cell of."""
    have = set(state.cells["cell_code"])
    for code in codes:
        if code not in have:
            raise InfeasibleError(f"本村没有网格 {code}", f"there is no cell {code} in this village")


def unlocked(state: PlanState, codes: Iterable[str]) -> None:
    """Refuse to change cells that are locked."""
    shut = set(state.cells.loc[state.cells["locked"].fillna(value=False).astype(bool), "cell_code"])
    for code in sorted(shut & set(codes)):
        raise InfeasibleError(
            f"网格 {code} 已锁定，不会改动。要改请先解锁", f"cell {code} is locked and stays as it is: unlock it first"
        )


def pieces(shapes: NDArray[Any]) -> int:
    """Count the pieces that blocks of a coverage unite to."""
    return int(shapely.get_num_geometries(shapely.coverage_union_all(shapes))) if len(shapes) else 0


def edited(
    state: PlanState,
    frame: gpd.GeoDataFrame,
    codes: Codes,
    *,
    allow_pieces: bool = False,
    evening: bool = False,
    start_date: str = "",
    children: gpd.GeoDataFrame | None = None,
    renumbered: dict[str, str] | None = None,
) -> Edit:
    """Check what new codes make of the cells they touch, and write the change down.

    `frame` holds the village's blocks with their old `cell_code`; `children` among them are new, and replace
    their parents. `renumbered` gives cells another code (old to new) that keep their ground. After an edit that was
    to even cells out (`evening`), those still over tolerance are told, however far off they were.
    """
    old = frame["cell_code"].to_numpy(dtype=object)
    fresh = (
        frame["block_id"].isin(children["block_id"]).to_numpy() if children is not None else np.zeros(len(old), bool)
    )
    changed = (old != codes) | fresh
    renamed = renumbered or {}
    _require_whole(frame, old, codes, renamed, allow_pieces=allow_pieces)
    rows = pd.DataFrame({"plan": state.plan, "block_id": frame["block_id"]})
    after = rows.assign(cell_code=codes)[changed].reset_index(drop=True)
    gone = frame["block_id"].to_numpy(dtype=object)[changed & ~fresh].tolist()
    gone += [] if children is None else children["parent_id"].unique().tolist()
    links = state.plan_blocks[["plan", "block_id", "cell_code"]]
    before = links[links["block_id"].isin(gone)].sort_values("block_id", ignore_index=True)
    moved = old != codes
    touched = sorted({*old[moved], *codes[moved]})
    cells = cells_from(
        rows.assign(cell_code=codes), frame, _names(state), measure=state.measure, plan=state.plan,
        start_date=start_date, previous=_carried(state.cells, renamed),
    )  # fmt: skip
    load = pd.Series(frame["households"].to_numpy(float))
    was, now = (load.groupby(values).sum().to_dict() for values in (old, codes))
    existing = set(state.cells["cell_code"])
    problems = Problems()
    tell_new(problems, state, cells, _came(old, codes, touched), evening=evening)
    return Edit(
        before,
        after,
        cells,
        tuple(code for code in touched if code not in now),
        tuple(code for code in touched if code not in existing),
        {code: (was.get(code), now.get(code)) for code in touched},
        problems,
        _new_blocks(state, children),
    )


def _came(old: Codes, codes: Codes, touched: list[str]) -> dict[str, set[str]]:
    """Give, for each touched cell there is now, itself, the cells it swallowed, or else those it was made of."""
    left = set(codes)
    came = {}
    for code in (code for code in touched if code in left):
        sources = set(old[codes == code])
        came[code] = {one for one in sources if one == code or one not in left} if code in set(old) else sources
    return came


def _require_whole(
    frame: gpd.GeoDataFrame, old: Codes, codes: Codes, renamed: dict[str, str], *, allow_pieces: bool
) -> None:
    """Refuse a cell that falls into more pieces than it had, unless the planner says so."""
    if allow_pieces:
        return
    shapes, moved = frame.geometry.to_numpy(), old != codes
    first = {new: before for before, new in renamed.items()}
    for code in sorted({*old[moved], *codes[moved]}):
        count = pieces(shapes[codes == code])
        if count > 1 and count > max(1, pieces(shapes[old == first.get(code, code)])):
            raise InfeasibleError(
                f"网格 {code} 会断成 {count} 块。请把连着的地块一起移动",
                f"cell {code} would fall into {count} pieces: move the blocks between them too",
            )


def _names(state: PlanState) -> pd.DataFrame:
    """Give the name of the village, as the names of its cells show it."""
    code = str(state.cells["village_code"].iloc[0])
    village = code
    for cell, name in zip(state.cells["cell_code"], state.cells["cell"], strict=True):
        stem = str(name)[: -len("00网格")]
        if stem and cell_name(stem, str(cell)) == name:
            village = stem
            break
    return pd.DataFrame({"village_code": [code], "village": [village]})


def _carried(cells: gpd.GeoDataFrame, renamed: dict[str, str]) -> gpd.GeoDataFrame:
    """Let cells that get another code keep their notes and locks; a name made from the code follows it."""
    if not renamed:
        return cells
    answer = cells[cells["cell_code"].isin(renamed)].copy()
    stems = answer["cell"].astype(str).str[: -len("00网格")]
    made = [
        cell_name(stem, code) == name
        for stem, code, name in zip(stems, answer["cell_code"], answer["cell"], strict=True)
    ]
    answer["cell_code"] = answer["cell_code"].map(renamed)
    answer.loc[made, "cell"] = [
        cell_name(stem, code) for stem, code in zip(stems[made], answer.loc[made, "cell_code"], strict=True)
    ]
    everything: gpd.GeoDataFrame = pd.concat([cells, answer], ignore_index=True)
    return everything


def _new_blocks(state: PlanState, children: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Give the children in the columns of the layer, and the balanced load where that is none of them."""
    names = LAYERS["blocks"].names
    more = [state.measure] if state.measure not in names and state.measure in state.blocks else []
    some = state.blocks.iloc[:0] if children is None else children
    return some.reindex(columns=[*names, *more, "geometry"]).reset_index(drop=True)
