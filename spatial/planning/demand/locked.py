"""Locked cells of an earlier plan: their blocks stay as they are, and what is left is planned around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.planning.blocks.people import place_points

if TYPE_CHECKING:
    from spatial.planning.demand.scope import Previous
    from spatial.planning.types import Flags, Integers

__all__ = ["Locked", "around_locked", "locked_cells"]

_LEFT_M2 = 1.0
"""A village that keeps less ground than this beside its locked cells has nothing left to plan."""
_TOTALS = ("households", "residents", "party_members")


@dataclass(frozen=True)
class Locked:
    """Blocks of locked cells with their `cell_code`, and by planned village how many basic cells they are."""

    blocks: gpd.GeoDataFrame
    basic: Integers
    whole: Flags

    @property
    def least(self) -> Integers:
        """Fewest cells of each village: the locked ones, and one more where ground is left."""
        return self.basic + ~self.whole

    def most(self, others: Integers | None) -> Integers:
        """Most cells of each village: the locked ones where nothing else is left, else what `others` allow."""
        cap = np.full(len(self.basic), 10**6) if others is None else others
        return np.where(self.whole, self.basic, cap).astype(np.int64)


def locked_cells(planned: gpd.GeoDataFrame, previous: Previous | None) -> Locked | None:
    """Find the locked cells of the planned villages; None where there are none."""
    if previous is None or "locked" not in previous.cells:
        return None
    shut = previous.cells[previous.cells["locked"].fillna(value=False).astype(bool)]
    shut = shut[shut["village_code"].isin(planned["village_code"])]
    if shut.empty:
        return None
    links = previous.plan_blocks[previous.plan_blocks["cell_code"].isin(shut["cell_code"])]
    blocks = previous.blocks.drop(columns="cell_code", errors="ignore").merge(
        links[["block_id", "cell_code"]], on="block_id"
    )
    blocks = blocks.sort_values("block_id", kind="stable", ignore_index=True)
    codes = planned["village_code"]
    basic = shut[shut["kind"] == "basic"]["village_code"].value_counts().reindex(codes).fillna(0).to_numpy(np.int64)
    held = blocks.area.groupby(blocks["village_code"]).sum().reindex(codes).fillna(0.0).to_numpy(float)
    return Locked(blocks, basic, planned.area.to_numpy() - held < _LEFT_M2)


def around_locked(
    planned: gpd.GeoDataFrame, people: gpd.GeoDataFrame, locked: Locked
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Take the locked ground out of villages and people; villages that are locked altogether leave.

    Their own totals lose what the locked blocks hold; `village` of the people follows the villages that stay.
    """
    shapes, codes = planned.geometry.to_numpy().copy(), planned["village_code"].to_numpy(dtype=object)
    of_block = locked.blocks["village_code"].to_numpy(dtype=object)
    for place in np.flatnonzero(np.isin(codes, of_block)):
        ground = shapely.coverage_union_all(locked.blocks.geometry.to_numpy()[of_block == codes[place]])
        parts = shapely.get_parts(shapely.difference(shapes[place], ground))
        parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > _LEFT_M2)]
        shapes[place] = shapely.multipolygons(parts)
    rest = planned.set_geometry(gpd.GeoSeries(shapes, index=planned.index, crs=planned.crs))
    sums = locked.blocks[[name for name in _TOTALS if name in locked.blocks]].apply(pd.to_numeric, errors="coerce")
    sums = sums.groupby(of_block).sum().reindex(codes).fillna(0.0)
    for name in sums:
        if name in rest:
            rest[name] = (pd.to_numeric(rest[name], errors="coerce").astype(float) - sums[name].to_numpy()).clip(
                lower=0
            )
    stays = ~locked.whole
    _, away = place_points(people.geometry.to_numpy(), locked.blocks.geometry.to_numpy())
    village = people["village"].to_numpy(np.int64)
    free = people[(away > 0) & stays[village]]
    number = np.cumsum(stays) - 1
    return (
        rest[stays].reset_index(drop=True),
        free.assign(village=number[free["village"].to_numpy(np.int64)]).reset_index(drop=True),
    )
