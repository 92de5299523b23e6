"""Rules about the borders of cells: inside their village, no overlap, no gap, one piece.

Each rule takes frames in metres, as re-read from storage, and writes what breaks it into a list of problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.problems import Problems

__all__ = ["check_borders"]

_SLACK_M2 = 1.0  # what re-reading and rounding may leave


def check_borders(problems: Problems, cells: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> None:
    """Check validity, nesting, overlaps, gaps and pieces of cells sorted by code."""
    shapes = cells.geometry.to_numpy()
    sound = shapely.is_valid(shapes)
    for row in np.flatnonzero(~sound):
        problems.add("cell-invalid", code=cells["cell_code"].iloc[row], reason=shapely.is_valid_reason(shapes[row]),
                     geometry=shapes[row].representative_point())  # fmt: skip
    shapes = np.where(sound, shapes, shapely.make_valid(shapes))
    row = pd.Index(villages["village_code"]).get_indexer(cells["village_code"])
    outside = _nesting(problems, cells, shapes, villages, row)
    overlap = _overlaps(problems, cells, shapes)
    _gaps(problems, shapes, villages, row, shapely.area(shapes) - outside - overlap / 2)
    _pieces(problems, cells, shapes, villages, row)


def _nesting(
    problems: Problems, cells: gpd.GeoDataFrame, shapes: NDArray[np.object_], villages: gpd.GeoDataFrame,
    row: NDArray[np.intp],
) -> NDArray[np.float64]:  # fmt: skip
    """Find cells that leave their village; gives the area of each that does."""
    area = np.zeros(len(cells))
    for place in np.flatnonzero(row < 0):
        spot = shapes[place].representative_point()
        problems.add("cell-village-unknown", code=cells["cell_code"].iloc[place],
                     village=cells["village_code"].iloc[place], geometry=spot)  # fmt: skip
    known = np.flatnonzero(row >= 0)
    beyond = shapely.difference(shapes[known], villages.geometry.to_numpy()[row[known]])
    area[known] = shapely.area(beyond)
    for place, part in zip(known, beyond, strict=True):
        if area[place] > _SLACK_M2:
            problems.add("cell-outside-village", code=cells["cell_code"].iloc[place], area=float(area[place]),
                         village=cells["village_code"].iloc[place], geometry=part.representative_point())  # fmt: skip
    return area


def _overlaps(
    problems: Problems, cells: gpd.GeoDataFrame, shapes: NDArray[np.object_]
) -> NDArray[np.float64]:  # fmt: skip
    """Find cells that share ground; gives the area that each shares."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common = shapely.intersection(shapes[first], shapes[second])
    area = shapely.area(common)
    codes = cells["cell_code"].to_numpy()
    for place in np.flatnonzero(area > _SLACK_M2):
        problems.add("cells-overlap", code=codes[first[place]], other=codes[second[place]], area=float(area[place]),
                     geometry=common[place].representative_point())  # fmt: skip
    return np.asarray(np.bincount(first, area, len(shapes)) + np.bincount(second, area, len(shapes)))


def _gaps(
    problems: Problems, shapes: NDArray[np.object_], villages: gpd.GeoDataFrame, row: NDArray[np.intp],
    inside: NDArray[np.float64],
) -> None:  # fmt: skip
    """Find ground of a village that no cell has; only villages that lack area are looked at closely."""
    grounds = villages.geometry.to_numpy()
    known = row >= 0
    covered = np.bincount(row[known], inside[known], len(villages))
    served = np.bincount(row[known], minlength=len(villages)) > 0
    for place in np.flatnonzero(served & (shapely.area(grounds) - covered > _SLACK_M2 / 2)):
        left = shapely.difference(grounds[place], shapely.union_all(shapes[row == place]))
        if left.area > _SLACK_M2:
            problems.add("village-has-gaps", code=villages["village_code"].iloc[place], area=float(left.area),
                         geometry=left.representative_point())  # fmt: skip


def _pieces(
    problems: Problems, cells: gpd.GeoDataFrame, shapes: NDArray[np.object_], villages: gpd.GeoDataFrame,
    row: NDArray[np.intp],
) -> None:  # fmt: skip
    """Find cells of several pieces; a village of several pieces is a reason, and is said as one."""
    counts = shapely.get_num_geometries(shapes)
    parts = np.where(row >= 0, shapely.get_num_geometries(villages.geometry.to_numpy()[row]), 1)
    for place in np.flatnonzero(counts > 1):
        pieces = shapely.get_parts(shapes[place])
        spot = pieces[int(np.argmin(shapely.area(pieces)))].representative_point()
        code, count = cells["cell_code"].iloc[place], int(counts[place])
        if parts[place] >= counts[place]:
            problems.add("cell-follows-village-pieces", code=code, count=count, geometry=spot)
        else:
            problems.add("cell-in-pieces", code=code, pieces=count, geometry=spot)
