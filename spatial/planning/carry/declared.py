"""The village that homes, hamlets and places say they belong to, after villages merged, split or got other codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from spatial.planning.carry.changes import VillageChange

__all__ = ["declared_now"]


def declared_now(
    rows: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, changes: Sequence[VillageChange]
) -> pd.Series[str]:
    """Give the `village_code` of the rows that must say another one now, on their index.

    A village that became one other takes its rows along, wherever they lie. Rows of a village that went to several
    belong where they lie (polygons by a point inside); one outside all of those keeps a code that still exists, and
    follows its location otherwise. Rows without a code say nothing and stay so. `rows` and `villages` are in one CRS.
    """
    ways: dict[str, set[str]] = {}
    for change in changes:
        ways.setdefault(change.old_code, set()).update([change.new_code] if change.new_code else [])
    said = rows["village_code"]
    moved = rows[said.isin(list(ways)).to_numpy(bool)]
    if moved.empty:
        return pd.Series([], index=moved.index, dtype="str")
    there = set(villages["village_code"])
    cut = {one.old_code for one in changes if one.kind == "split" or (one.inferred and one.kind == "merged")}
    partly = cut & there
    here = _village_of(moved, villages)
    now = [
        _one(str(code), place, ways[str(code)] | ({str(code)} & partly), there)
        for code, place in zip(moved["village_code"], here, strict=True)
    ]
    found = pd.Series(now, index=moved.index, dtype="str")
    other: pd.Series[str] = found[found.to_numpy(object) != moved["village_code"].to_numpy(object)]
    return other


def _one(code: str, place: str | None, targets: set[str], there: set[str]) -> str:
    """Give the code of one row that says `code` and lies in village `place`."""
    if len(targets) == 1:
        return next(iter(targets))
    if place is not None and place in targets:
        return place
    return code if code in there or place is None else place


def _village_of(rows: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> list[str | None]:
    """Give the village that each row lies in, the lowest code on a border; None outside of all."""
    shapes = rows.geometry.to_numpy()
    solid = shapely.get_dimensions(shapes) == 2
    points = np.where(solid, shapely.point_on_surface(shapes), shapes)
    order = np.argsort(villages["village_code"].to_numpy(dtype=str), kind="stable")
    codes = villages["village_code"].to_numpy(object)[order]
    row, place = shapely.STRtree(villages.geometry.to_numpy()[order]).query(points, predicate="intersects")
    lowest = np.full(len(points), len(codes))
    np.minimum.at(lowest, row, place)
    return [str(codes[one]) if one < len(codes) else None for one in lowest]
