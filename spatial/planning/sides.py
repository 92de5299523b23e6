"""What bounds a cell to the north, east, south and west (四至): a road, a river, another cell, or nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["SIDES", "four_sides"]

SIDES = ("north", "east", "south", "west")
_NEAR_M = 5.0  # a barrier this near to the border is the border
_STEP_M = 2.0  # how far beyond the border the neighbour is looked for


def four_sides(cells: gpd.GeoDataFrame, *, barriers: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Name what bounds each cell on each side, by the longest share of the border that faces there.

    Parameters
    ----------
    cells : GeoDataFrame
        Column `cell_code`, polygons in metres.
    barriers : GeoDataFrame, optional
        Layer `barriers` in the same metres; a barrier along the border comes before the neighbour behind it.

    Returns
    -------
    DataFrame
        cell_code · side · what (a barrier kind or road class, "cell", or "outside") · code (of the neighbour cell).
        A side that no piece of border faces is left out.
    """
    require_metres(cells, "cells")
    cells = cells.sort_values("cell_code", ignore_index=True)
    owner, middle, normal, length = _segments(cells)
    side = np.round(np.degrees(np.arctan2(normal[:, 0], normal[:, 1])) / 90).astype(int) % 4
    what = np.full(len(owner), "outside", dtype=object)
    code = np.full(len(owner), "", dtype=object)
    beyond = shapely.points(middle + _STEP_M * normal)
    point, hit = shapely.STRtree(cells.geometry.to_numpy()).query(beyond, predicate="intersects")
    other = hit != owner[point]
    what[point[other]] = "cell"
    code[point[other]] = cells["cell_code"].to_numpy(dtype=object)[hit[other]]
    if barriers is not None and len(barriers):
        point, line = shapely.STRtree(barriers.geometry.to_numpy()).query(
            shapely.points(middle), predicate="dwithin", distance=_NEAR_M
        )
        names = _barrier_names(barriers)
        what[point], code[point] = names[line], ""
    table = pd.DataFrame({"cell_code": cells["cell_code"].to_numpy()[owner], "place": side, "what": what, "code": code,
                          "length": length})  # fmt: skip
    sums = table.groupby(["cell_code", "place", "what", "code"])["length"].sum().reset_index()
    sums = sums.sort_values(["cell_code", "place", "length", "what", "code"], ascending=[True, True, False, True, True])
    longest = sums.drop_duplicates(["cell_code", "place"]).reset_index(drop=True)
    longest["side"] = np.array(SIDES, dtype=object)[longest["place"]]
    answer: pd.DataFrame = longest[["cell_code", "side", "what", "code"]]
    return answer


def _segments(
    cells: gpd.GeoDataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Border pieces of all cells: owner row, middle, outward unit normal, length in metres."""
    parts, part_owner = shapely.get_parts(cells.geometry.to_numpy(), return_index=True)
    rings, ring_part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    keep = length > 0
    along, length = along[keep], length[keep]
    normal = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None]  # counter-clockwise ring: right is outside
    owner = part_owner[ring_part][ring[:-1][same][keep]]
    return owner.astype(np.int64), (start[keep] + end[keep]) / 2, normal, length


def _barrier_names(barriers: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Road class of roads, kind of the other barriers."""
    kind = barriers["kind"].to_numpy(dtype=object)
    if "road_class" not in barriers:
        return np.asarray(kind, dtype=object)
    named = barriers["road_class"].notna().to_numpy() & (kind == "road")
    return np.asarray(np.where(named, barriers["road_class"].to_numpy(dtype=object), kind), dtype=object)
