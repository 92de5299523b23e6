"""Blocks, links, cells and noded villages of a plan, put together with what is copied from an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from spatial.planning.blocks.stock import Stock, block_frame
from spatial.planning.cells.derived import cells_from
from spatial.planning.demand.scope import Beside, Previous, noded_villages

if TYPE_CHECKING:
    from spatial.planning.options import PlanOptions
    from spatial.planning.types import Floats

__all__ = ["Made", "assembled"]


@dataclass(frozen=True)
class Made:
    """Blocks with their codes and what lies beside them."""

    stock: Stock
    codes: list[str]
    weight: Floats
    around: Beside
    beside_load: Floats
    specials: gpd.GeoDataFrame | None


def assembled(
    made: Made, villages: gpd.GeoDataFrame, planned: gpd.GeoDataFrame, previous: Previous | None, options: PlanOptions
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Put blocks, plan_blocks, cells and noded villages together, with what is copied from the earlier plan."""
    stock, around = made.stock, made.around
    blocks = block_frame(stock, planned)
    links = pd.DataFrame({"plan": options.name, "block_id": stock.block_id, "cell_code": made.codes})
    # The balanced load travels as a column of its own: not every measure is a column of the layer.
    loaded = blocks.assign(_load=made.weight)
    noded = stock.others[len(around.rows) :]
    if around.blocks is not None and previous is not None and len(around.blocks):
        kept = around.blocks.set_geometry(gpd.GeoSeries(noded, crs=blocks.crs))
        kept = kept.reindex(columns=blocks.columns)
        old = previous.plan_blocks[previous.plan_blocks["block_id"].isin(kept["block_id"])]
        links = pd.concat([links, old.assign(plan=options.name)[links.columns]], ignore_index=True)
        loaded = pd.concat([loaded, kept.assign(_load=made.beside_load)], ignore_index=True)
        blocks = loaded.drop(columns="_load")
    cells = cells_from(
        links,
        loaded,
        villages,
        measure="_load",
        plan=options.name,
        start_date=options.start_date,
        previous=None if previous is None else previous.cells,
    )
    cells = _named(cells, made, previous, set(planned["village_code"]))
    links = links.sort_values("block_id", kind="stable", ignore_index=True)
    blocks = blocks.sort_values("block_id", kind="stable", ignore_index=True)
    return blocks, links, cells, noded_villages(villages, blocks, around.rows, stock.others)


def _named(cells: gpd.GeoDataFrame, made: Made, previous: Previous | None, planned: set[str]) -> gpd.GeoDataFrame:
    """Name special cells after their areas, and copy what an earlier plan says of villages out of scope."""
    cells = cells.copy()
    if made.specials is not None and len(made.specials) and "name" in made.specials:
        names = made.specials["name"].to_numpy(dtype=object)
        own = dict(zip(made.codes, made.stock.faces.special, strict=True))
        cells["cell"] = [
            names[own[code]] if own.get(code, -1) >= 0 else name
            for code, name in zip(cells["cell_code"], cells["cell"], strict=True)
        ]
    if previous is not None:
        earlier = previous.cells.set_index("cell_code")["deviation_share"]
        copied = ~cells["village_code"].isin(planned) & cells["cell_code"].isin(earlier.index)
        cells.loc[copied, "deviation_share"] = earlier.reindex(cells.loc[copied, "cell_code"]).to_numpy()
    return cells
