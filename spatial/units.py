"""Which village and which cell a thing belongs to, and sums of figures by village, cell, town and county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.arrays import Floats, Geometries, Ints


__all__ = ["COUNTY", "Units", "units"]

_TOUCH_M = 0.01
COUNTY = "county"
"""Code of the one county row where no villages are loaded."""


@dataclass(frozen=True)
class Units:
    """Villages and cells in the order of their codes, and the town and county of each village."""

    villages: Geometries | None
    village_codes: NDArray[np.str_]
    towns: NDArray[np.str_]
    counties: NDArray[np.str_]
    cells: Geometries | None
    cell_codes: NDArray[np.str_]

    def village_at(self, xy: Floats, *, nearest: bool = False) -> Ints:
        """Give the number (from 1) of the village at each point, 0 outside all; with `nearest`, always one."""
        return _at(self.villages, xy, nearest=nearest)

    def cell_at(self, xy: Floats, *, nearest: bool = False) -> Ints:
        """Give the number (from 1) of the cell at each point, 0 outside all.

        With `nearest`, a point outside all villages counts where the nearest village begins.
        """
        if self.cells is None:
            return np.zeros(len(xy), np.int64)
        answer = _at(self.cells, xy, nearest=False)
        lost = np.flatnonzero((answer == 0) & (self.village_at(xy) == 0)) if nearest else np.empty(0, np.int64)
        if len(lost) and self.villages is not None:
            village = self.villages[self.village_at(xy[lost], nearest=True) - 1]
            feet = shapely.get_coordinates(shapely.shortest_line(village, points_at(xy[lost])))[::2]
            point, cell = shapely.STRtree(self.cells).query(points_at(feet), predicate="dwithin", distance=_TOUCH_M)
            order = np.lexsort((-cell, point))
            answer[lost[point[order]]] = cell[order] + 1
        return answer


def units(villages: gpd.GeoDataFrame | None, cells: gpd.GeoDataFrame | None) -> Units:
    """Sort villages and cells by code; without villages everything belongs to one county."""
    shapes, codes = _sorted(cells, "cell_code")
    if villages is None or not len(villages):
        return Units(None, np.array([""]), np.array([""]), np.array([COUNTY]), shapes, codes)
    order = np.argsort(villages["village_code"].to_numpy(dtype=str), kind="stable")
    village, town, county = (
        villages[name].to_numpy(dtype=str)[order] for name in ("village_code", "town_code", "county_code")
    )
    require_metres(villages, "villages")
    return Units(villages.geometry.to_numpy()[order], village, town, county, shapes, codes)


def _sorted(frame: gpd.GeoDataFrame | None, code: str) -> tuple[Geometries | None, NDArray[np.str_]]:
    if frame is None or not len(frame):
        return None, np.empty(0, dtype=str)
    require_metres(frame, "cells")
    codes = frame[code].to_numpy(dtype=str)
    order = np.argsort(codes, kind="stable")
    return frame.geometry.to_numpy()[order], codes[order]


def _at(shapes: Geometries | None, xy: Floats, *, nearest: bool) -> Ints:
    if shapes is None:
        return np.ones(len(xy), np.int64)
    answer = np.zeros(len(xy), np.int64)
    tree, points = shapely.STRtree(shapes), points_at(xy)
    point, unit = tree.query(points, predicate="intersects")
    order = np.lexsort((-unit, point))  # the lowest number is written last and wins on a shared border
    answer[point[order]] = unit[order] + 1
    if nearest and len(shapes):
        lost = np.flatnonzero(answer == 0)
        answer[lost] = tree.nearest(points[lost]) + 1
    return answer
