"""How the cells of a plan nest in the areas of other departments (警务区, 城管, 消防 …), and where they cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.planning.blocks.people import place_points
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Integers

__all__ = ["crosswalk", "crosswalk_map", "nesting"]

_SHARE = 0.005
"""Less than this share of a cell's and of an area's ground is a difference of drawing, not a crossing."""

_NESTED = ("same", "cell_within")
_SUMMARY = (
    "system", "areas", "cells", "nested", "split", "partly", "outside", "areas_nested", "households_apart",
)  # fmt: skip


def crosswalk(
    cells: gpd.GeoDataFrame, overlays: gpd.GeoDataFrame, *, homes: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Tell for every cell which areas of each system share its ground.

    Parameters
    ----------
    cells, overlays, homes : GeoDataFrame
        Layers in the same metres. Without homes, a cell's households follow its ground.

    Returns
    -------
    DataFrame
        system · overlay_id · name · cell_code · area_m2 · households · cell_share (of the cell's households, or of
        its ground where it has none) · overlay_share (of the area's ground) · relation (same, cell_within,
        overlay_within, crosses) · split (whether several areas of the system share the cell); sorted by system,
        cell and area. Cells that no area of a system touches are left out.
    """
    require_metres(cells, "cells")
    require_metres(overlays, "overlays")
    cells = cells.sort_values("cell_code", ignore_index=True)
    overlays = overlays.sort_values("overlay_id", ignore_index=True)
    shapes, areas = cells.geometry.to_numpy(), overlays.geometry.to_numpy()
    area, cell = shapely.STRtree(shapes).query(areas, predicate="intersects")
    common = shapely.intersection(areas[area], shapes[cell])
    system = pd.factorize(overlays["system"])[0]
    ground = shapely.area(common)
    of_cell, of_area = ground / shapely.area(shapes)[cell], ground / shapely.area(areas)[area]
    real = (of_cell > _SHARE) | (of_area > _SHARE)
    area, cell, common, ground = area[real], cell[real], common[real], ground[real]
    of_cell, of_area = of_cell[real], of_area[real]
    held, inside = _households(cells, cell, of_cell, common, homes, system=system[area])
    table = pd.DataFrame({
        "system": overlays["system"].to_numpy(dtype=object)[area],
        "overlay_id": overlays["overlay_id"].to_numpy(dtype=object)[area],
        "name": overlays["name"].to_numpy(dtype=object)[area],
        "cell_code": cells["cell_code"].to_numpy(dtype=object)[cell],
        "area_m2": ground,
        "households": inside,
        "cell_share": np.where(held > 0, inside / np.where(held > 0, held, 1), of_cell),
        "overlay_share": of_area,
        "relation": _relations(of_cell, of_area),
    })  # fmt: skip
    table["split"] = table.groupby(["system", "cell_code"])["overlay_id"].transform("size") > 1
    return table.sort_values(["system", "cell_code", "overlay_id"], ignore_index=True)


def nesting(table: pd.DataFrame, cells: gpd.GeoDataFrame, overlays: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sum a crosswalk up, one row per system.

    Parameters
    ----------
    table : DataFrame
        What `crosswalk` gave for these cells and areas.
    cells, overlays : GeoDataFrame
        The layers it was made from.

    Returns
    -------
    DataFrame
        system · areas · cells (that some area touches) · nested (cells whose ground lies in one area) · split (cells
        that several areas share) · partly (cells in one area that does not reach over all of them) · outside (cells
        that no area touches) · areas_nested (areas that cut through no cell) · households_apart (households of split
        cells away from the area that has most of them), sorted by system.
    """
    rows = []
    for system, areas in overlays.groupby("system", sort=True):
        found = table[table["system"] == system]
        by_cell = found.groupby("cell_code")
        shared, whole = by_cell["split"].any(), by_cell["relation"].agg(lambda kinds: kinds.isin(_NESTED).all())
        cut = found.loc[~found["relation"].isin(_NESTED), "overlay_id"].nunique()
        apart = by_cell["households"].agg(lambda held: held.sum() - held.max())[shared]
        rows.append({
            "system": system, "areas": len(areas), "cells": len(shared), "nested": int((whole & ~shared).sum()),
            "split": int(shared.sum()), "partly": int((~whole & ~shared).sum()), "outside": len(cells) - len(shared),
            "areas_nested": found["overlay_id"].nunique() - cut, "households_apart": float(apart.sum()),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(_SUMMARY))


def crosswalk_map(
    table: pd.DataFrame, cells: gpd.GeoDataFrame, overlays: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:  # fmt: skip
    """Draw the ground that each pair of a crosswalk shares: the rows of `table` with multipolygons, in metres."""
    shapes = cells.set_index("cell_code").geometry.reindex(table["cell_code"]).to_numpy()
    areas = overlays.set_index("overlay_id").geometry.reindex(table["overlay_id"]).to_numpy()
    pieces = [_ground(shape) for shape in shapely.intersection(shapes, areas)]
    drawn: gpd.GeoDataFrame = gpd.GeoDataFrame(table, geometry=pieces, crs=cells.crs)
    return drawn


def _ground(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Keep what has an area of an intersection."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(list(shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])))


def _households(
    cells: gpd.GeoDataFrame, cell: Integers, share: Floats, common: np.ndarray, homes: gpd.GeoDataFrame | None, *,
    system: Integers,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Give the households of each pair's cell, and those of them on the ground that the pair shares."""
    if homes is None or len(homes) == 0:
        total = pd.to_numeric(cells["households"], errors="coerce").fillna(0.0).to_numpy(float)[cell]
        return total, total * share
    points = homes.geometry.to_numpy()
    count = pd.to_numeric(homes["households"], errors="coerce").fillna(0.0).to_numpy(float)
    place, away = place_points(points, cells.geometry.to_numpy())
    total = summed(place[away == 0], count[away == 0], len(cells))
    tree = shapely.STRtree(points)
    pair, home = tree.query(common, predicate="intersects")
    mine = (place[home] == cell[pair]) & (away[home] == 0)
    pair, home = pair[mine], home[mine]
    # A home on a border between two areas counts in the first only, as it lies in one cell only.
    order = np.lexsort((pair, home, system[pair]))
    pair, home = pair[order], home[order]
    again = np.zeros(len(pair), dtype=bool)
    again[1:] = (home[1:] == home[:-1]) & (system[pair[1:]] == system[pair[:-1]])
    on_border = shapely.touches(common[pair], points[home])
    keep = ~(again & on_border)
    return total[cell], summed(pair[keep], count[home[keep]], len(cell))


def _relations(of_cell: Floats, of_area: Floats) -> np.ndarray:
    """Name how a cell and an area lie to one another."""
    whole_cell, whole_area = of_cell > 1 - _SHARE, of_area > 1 - _SHARE
    return np.select(
        [whole_cell & whole_area, whole_cell, whole_area], ["same", "cell_within", "overlay_within"], "crosses"
    ).astype(object)
