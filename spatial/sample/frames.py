"""From arrays to the frames of the layers: every column of the contract, in its order, in metres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyproj
    from numpy.typing import NDArray

__all__ = ["codes", "either", "layer_frame"]


def layer_frame(
    layer: str, columns: Mapping[str, Any], geometry: NDArray[np.object_], *, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Make the frame of a layer; columns that are not given are there and empty, single shapes become Multi*."""
    contract = LAYERS[layer]
    data: dict[str, Any] = {}
    for column in contract.columns:
        values = columns.get(column.name)
        if values is None:
            values = np.full(len(geometry), np.nan if column.kind in {"double", "integer"} else None, dtype=object)
            values = values.astype(float) if column.kind in {"double", "integer"} else values
        data[column.name] = values
    return gpd.GeoDataFrame(pd.DataFrame(data), geometry=_multi(contract.geometry, geometry), crs=crs)


def _multi(kind: str | None, geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Carry polygons and lines into their Multi* form."""
    result = geometry.copy()
    if kind == "MultiPolygon":
        one = np.flatnonzero(shapely.get_type_id(geometry) == 3)
        result[one] = shapely.multipolygons(geometry[one], indices=np.arange(len(one)))
    elif kind == "MultiLineString":
        one = np.flatnonzero(shapely.get_type_id(geometry) == 1)
        result[one] = shapely.multilinestrings(geometry[one], indices=np.arange(len(one)))
    return result


def either(mask: NDArray[np.bool_], yes: object, no: object) -> NDArray[np.object_]:
    """Choose row by row between two values or columns, of which either may be None."""
    size = len(mask)
    one, two = (np.broadcast_to(np.asarray(value, dtype=object), (size,)) for value in (yes, no))
    return np.asarray(np.where(mask, one, two), dtype=object)


def codes(prefix: str, count: int, digits: int = 6) -> NDArray[np.object_]:
    """Give codes that count from 1: `prefix` and a serial of fixed width."""
    return np.array([f"{prefix}{n:0{digits}d}" for n in range(1, count + 1)], dtype=object)
