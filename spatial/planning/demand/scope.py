"""Which villages a plan is for, and what it takes over from an earlier plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from spatial.planning.types import Geometries, Integers

__all__ = ["Beside", "Previous", "beside", "noded_villages", "planned_rows"]


@dataclass(frozen=True)
class Previous:
    """An earlier plan: its blocks, plan_blocks and cells in metres, and every cell code ever used."""

    blocks: gpd.GeoDataFrame
    plan_blocks: pd.DataFrame
    cells: gpd.GeoDataFrame
    used_codes: Collection[str] = frozenset()


@dataclass(frozen=True)
class Beside:
    """Areas beside the planned ground: earlier blocks (copied into the plan) and villages without a plan."""

    blocks: gpd.GeoDataFrame | None
    rows: Integers
    geometry: Geometries


def planned_rows(villages: gpd.GeoDataFrame, scope: Sequence[str]) -> Integers:
    """Give the positions of the villages in scope (village, town or county codes); all without a scope.

    Raises `InfeasibleError` for a code that no village has.
    """
    if not scope:
        return np.arange(len(villages))
    chosen = np.zeros(len(villages), bool)
    for code in scope:
        hit = np.zeros(len(villages), bool)
        for name in ("village_code", "town_code", "county_code"):
            if name in villages:
                hit |= (villages[name] == code).to_numpy(bool)
        if not hit.any():
            raise InfeasibleError(
                f"--scope 里的代码 {code} 不是已导入的村、乡镇或县的代码，请核对",
                f"scope code {code} is no village, town or county that was loaded: check it",
            )
        chosen |= hit
    return np.flatnonzero(chosen)


def beside(
    villages: gpd.GeoDataFrame, rows: Integers, previous: Previous | None, *, locked: gpd.GeoDataFrame | None = None
) -> Beside:
    """Collect what lies beside the planned ground, so that shared borders can be noded; `locked` blocks among it."""
    rest = np.setdiff1d(np.arange(len(villages)), rows)
    kept = None
    if previous is not None and len(rest):
        codes = set(villages["village_code"].iloc[rest])
        linked = previous.blocks[previous.blocks["block_id"].isin(previous.plan_blocks["block_id"])]
        kept = linked[linked["village_code"].isin(codes)].sort_values("block_id", ignore_index=True)
        planned_before = set(kept["village_code"])
        rest = rest[[code not in planned_before for code in villages["village_code"].iloc[rest]]]
    if locked is not None:
        both = [locked] if kept is None else [kept, locked]
        kept = gpd.GeoDataFrame(pd.concat(both, ignore_index=True), geometry="geometry", crs=villages.crs)
        kept = kept.drop_duplicates("block_id").sort_values("block_id", ignore_index=True)
        rest = rest[~villages["village_code"].iloc[rest].isin(locked["village_code"]).to_numpy()]
    shapes = [villages.geometry.to_numpy()[rest]]
    if kept is not None:
        shapes.append(kept.geometry.to_numpy())
    return Beside(kept, rest, np.concatenate(shapes))


def noded_villages(
    villages: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, rest: Integers, noded: Geometries
) -> gpd.GeoDataFrame:
    """Give the villages with the nodes of their blocks' borders; `rest` are villages without blocks."""
    geometry = villages.geometry.to_numpy().copy()
    geometry[rest] = noded[: len(rest)]
    order = np.argsort(blocks["village_code"].to_numpy(dtype=str), kind="stable")
    names, first = np.unique(blocks["village_code"].to_numpy(dtype=str)[order], return_index=True)
    place = pd.Index(villages["village_code"]).get_indexer(pd.Index(names))
    shapes = blocks.geometry.to_numpy()
    for row, members in zip(place, np.split(order, first[1:]), strict=True):
        geometry[row] = shapely.coverage_union_all(shapes[members])
    single = shapely.get_type_id(geometry) == 3
    geometry[single] = shapely.multipolygons(geometry[single], indices=np.arange(int(single.sum())))
    return villages.set_geometry(gpd.GeoSeries(geometry, index=villages.index, crs=villages.crs))
