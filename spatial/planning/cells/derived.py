"""Cells from blocks: the truth of a plan is which block belongs to which cell, all else follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.layers import LAYERS
from spatial.planning.cells.numbering import FIRST_SPECIAL, cell_name

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Geometries

__all__ = ["SUMS", "cells_from", "compactness", "deviation_shares", "unite"]

SUMS = ("households", "residents", "party_members", "workload")
"""Columns of blocks that add up in cells."""

_KEPT = ("cell", "locked", "party_group", "responsible", "note", "start_date", "end_date")


def cells_from(
    plan_blocks: pd.DataFrame,
    blocks: gpd.GeoDataFrame,
    villages: pd.DataFrame,
    *,
    measure: str = "households",
    plan: str = "plan",
    start_date: str = "",
    previous: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Derive the cells of a plan, in metres: layer `cells`, sorted by code.

    Parameters
    ----------
    plan_blocks, blocks
        Which block belongs to which cell; the blocks must be a valid coverage.
    villages
        Columns `village_code` and `village`, for the names.
    measure
        Column of `blocks` that deviations are measured in.
    previous
        Earlier cells: a code that occurs there keeps its name, lock, notes and dates.
    """
    require_metres(blocks, "blocks")
    shown = blocks.drop(columns="cell_code", errors="ignore").merge(
        plan_blocks[["block_id", "cell_code"]], on="block_id", how="inner"
    )
    shown = shown.sort_values(["cell_code", "block_id"], kind="stable", ignore_index=True)
    codes, first = np.unique(shown["cell_code"].to_numpy(dtype=str), return_index=True)
    names = villages.set_index("village_code")["village"]
    frame = pd.DataFrame({"cell_code": codes.astype(object), "village_code": shown["village_code"].to_numpy()[first]})
    for name in SUMS:
        values = pd.to_numeric(shown[name], errors="coerce") if name in shown else pd.Series(np.nan, shown.index)
        frame[name] = (
            values.groupby(shown["cell_code"].to_numpy(dtype=str)).sum(min_count=1).reindex(codes).to_numpy(float)
        )
    geometry = unite(shown.geometry.to_numpy(), first)
    serial = np.array([int(code[-3:]) for code in codes], np.int64)
    frame["kind"] = np.where(serial >= FIRST_SPECIAL, "special", "basic")
    pairs = zip(frame["village_code"], codes, strict=True)
    frame["cell"] = [cell_name(str(names.get(village, village)), code) for village, code in pairs]
    frame["plan"], frame["cell_id"] = plan, [f"{plan}:{code}" for code in codes]
    frame["area_m2"] = shapely.area(geometry)
    frame["compactness"] = compactness(geometry)
    load = frame[measure] if measure in frame else shown.groupby("cell_code")[measure].sum().reindex(codes).to_numpy()
    frame["deviation_share"] = deviation_shares(
        frame["village_code"], np.asarray(load, float), frame["kind"] == "basic"
    )
    frame["locked"], frame["start_date"] = False, start_date
    for name in ("party_group", "responsible", "note", "end_date"):
        frame[name] = None
    if previous is not None and len(previous):
        frame = _with_history(frame, previous)
    columns = LAYERS["cells"].names
    return gpd.GeoDataFrame(frame[columns], geometry=_multi(geometry), crs=blocks.crs)


def unite(geometry: Geometries, first: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Geometries:
    """Unite runs of a valid coverage that begin at the positions `first`."""
    runs = np.split(np.arange(len(geometry)), first[1:]) if len(first) else []
    out = np.empty(len(runs), object)
    for place, rows in enumerate(runs):
        out[place] = geometry[rows[0]] if len(rows) == 1 else shapely.coverage_union_all(geometry[rows])
    return out


def compactness(geometry: Geometries) -> Floats:
    """Measure 4πA/P² (Polsby and Popper 1991), 1 for a circle; 0 for what has no border."""
    rim = shapely.length(geometry)
    return np.minimum(1, np.divide(4 * np.pi * shapely.area(geometry), rim**2, out=np.zeros(len(rim)), where=rim > 0))


def deviation_shares(village_codes: pd.Series[str], load: Floats, basic: pd.Series[bool]) -> Floats:
    """Give (load - mean) / mean against the village's mean over its basic cells; missing for special cells."""
    share = np.full(len(load), np.nan)
    rows = basic.to_numpy(bool)
    mean = pd.Series(load[rows]).groupby(village_codes.to_numpy()[rows]).transform("mean").to_numpy()
    share[rows] = np.divide(load[rows] - mean, mean, out=np.zeros(int(rows.sum())), where=mean > 0)
    return share


def _with_history(frame: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    earlier = previous.drop_duplicates("cell_code").set_index("cell_code")
    known = frame["cell_code"].isin(earlier.index).to_numpy()
    frame = frame.copy()
    for name in _KEPT:
        if name in earlier:
            values = frame[name].to_numpy(dtype=object, copy=True)
            values[known] = earlier[name].reindex(frame["cell_code"][known]).to_numpy(dtype=object)
            frame[name] = values
    frame["locked"] = frame["locked"].fillna(value=False).astype(bool)
    return frame


def _multi(geometry: Geometries) -> Geometries:
    """Make every area a MultiPolygon."""
    out = geometry.copy()
    single = shapely.get_type_id(geometry) == 3
    out[single] = shapely.multipolygons(geometry[single], indices=np.arange(int(single.sum())))
    return out
