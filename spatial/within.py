"""Which cell a home lies in: one answer per home, also on shared borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["homes_in_cells"]


def homes_in_cells(homes: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> pd.Series[str]:
    """Give every home the code of the one cell it lies in.

    Parameters
    ----------
    homes : GeoDataFrame
        Points, in metres.
    cells : GeoDataFrame
        Column `cell_code`, polygons in the CRS of `homes`.

    Returns
    -------
    Series
        `cell_code` on the index of `homes`; None where a home lies in no cell or has no point. A home on a
        shared border belongs to the lowest code, so the answer does not depend on row order.
    """
    require_metres(homes, "homes")
    require_metres(cells, "cells")
    answer = pd.Series([None] * len(homes), index=homes.index, dtype=object, name="cell_code")
    if not len(homes) or not len(cells):
        return answer
    order = np.argsort(cells["cell_code"].to_numpy(dtype=str), kind="stable")
    tree = shapely.STRtree(cells.geometry.to_numpy()[order])
    home, cell = tree.query(homes.geometry.to_numpy(), predicate="intersects")
    lowest = np.full(len(homes), len(cells))
    np.minimum.at(lowest, home, cell)
    found = lowest < len(cells)
    codes = cells["cell_code"].to_numpy(dtype=object)[order]
    values = answer.to_numpy(copy=True)
    values[found] = codes[lowest[found]]
    return pd.Series(values, index=homes.index, dtype=object, name="cell_code")
