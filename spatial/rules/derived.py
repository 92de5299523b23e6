"""Cells are derived from blocks: a cell that was redrawn by hand elsewhere is no longer what its blocks make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.problems import Problems

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["check_derived"]

_AREA_M2 = 1.0
"""Noding and the way through degrees change less than that."""


def check_derived(cells: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, plan_blocks: pd.DataFrame) -> Problems:
    """Hold the cells of one plan against the blocks that `plan_blocks` puts into them.

    Parameters
    ----------
    cells
        Cells that have not ended, in metres.
    blocks
        Blocks of the plan, in metres.
    plan_blocks
        Columns block_id, cell_code.

    Returns
    -------
    Problems
        `cell-not-its-blocks` for a cell without blocks, blocks without a cell, another area (by more than 1 m²),
        blocks that lie outside, or another count of households.
    """
    require_metres(cells)
    problems = Problems()
    members = plan_blocks.merge(_measured(blocks), on="block_id", how="left")
    made = members.groupby("cell_code")[["area", "households"]].sum(min_count=1)
    drawn = pd.DataFrame({
        "area": cells.geometry.area.to_numpy(), "households": cells["households"].to_numpy(dtype=float),
        "shape": cells.geometry.to_numpy(),
    }, index=pd.Index(cells["cell_code"], name="cell_code"))  # fmt: skip
    both = drawn.add_suffix("_drawn").join(made.add_suffix("_made"), how="outer").sort_index()
    outside = _outside(members, drawn)
    for code, row in both.iterrows():
        said = _fault(row, int(outside.get(code, 0)))
        if said is not None:
            point = (
                shapely.point_on_surface(row["shape_drawn"])
                if isinstance(row["shape_drawn"], shapely.Geometry)
                else None
            )
            problems.add("cell-not-its-blocks", code=str(code), geometry=point, reason_zh=said[0], reason_en=said[1])
    return problems


def _measured(blocks: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "block_id": blocks["block_id"].to_numpy(), "area": blocks.geometry.area.to_numpy(),
        "households": blocks["households"].to_numpy(dtype=float), "point": blocks.geometry.representative_point(),
    })  # fmt: skip


def _outside(members: pd.DataFrame, drawn: pd.DataFrame) -> Any:
    """Count, per cell, the blocks whose representative point the cell does not cover."""
    shapes = drawn["shape"].reindex(members["cell_code"]).to_numpy()
    known = np.array([isinstance(shape, shapely.Geometry) for shape in shapes]) & members["point"].notna().to_numpy()
    shapely.prepare(shapes[known])
    inside = shapely.covers(shapes[known], members["point"].to_numpy(dtype=object)[known])
    return members.loc[known, "cell_code"][~inside].value_counts()


def _fault(row: pd.Series[Any], outside: int) -> tuple[str, str] | None:
    """Say what differs, the gravest first; None where nothing does."""
    if pd.isna(row["area_drawn"]):
        return "方案里有它的单元，却没有这个网格", "the plan has its blocks, and no such cell"
    if pd.isna(row["area_made"]):
        return "方案里没有属于它的单元", "the plan has no blocks of it"
    more = row["area_drawn"] - row["area_made"]
    if abs(more) > _AREA_M2:
        return f"面积相差 {more:+.0f} 平方米", f"its area differs by {more:+.0f} m²"
    if outside:
        return f"{outside} 个单元在它之外", f"{outside} of its blocks lie outside it"
    counted = row["households_drawn"] - row["households_made"]
    if abs(counted) >= 0.5:  # counts are whole
        return f"户数相差 {counted:+.0f}", f"its households differ by {counted:+.0f}"
    return None
