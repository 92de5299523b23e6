"""Frames → GeoJSON in one string, without a Python object per feature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

__all__ = ["CELL_PROPERTIES", "cells_geojson", "feature_collection"]

CELL_PROPERTIES = (
    "cell_code", "cell", "kind", "village_code", "households", "residents", "party_members", "deviation_share",
    "area_m2", "compactness", "locked",
)  # fmt: skip

_DECIMALS = 7  # of a degree: a centimetre on the ground


def feature_collection(frame: gpd.GeoDataFrame, *, key: str, properties: Sequence[str]) -> str:
    """Write a frame as a FeatureCollection; `key` becomes the id of its features.

    CRS: the degrees of storage (CGCS2000) are given as WGS 84, equal to centimetres. Every vertex is
    rounded alike, so that borders which were shared still are. A row without geometry has geometry null.

    >>> import geopandas as gpd
    >>> frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=gpd.points_from_xy([122.123456789], [41.0]))
    >>> feature_collection(frame, key="code", properties=["code"])[:60]
    '{"type":"FeatureCollection","features":[{"type":"Feature","i'
    """
    if frame.empty:
        return '{"type":"FeatureCollection","features":[]}'
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, _DECIMALS))
    shapes = ["null" if shape is None else shape for shape in shapely.to_geojson(rounded)]
    table = frame[list(properties)].to_json(
        orient="records", lines=True, force_ascii=False, double_precision=10, date_format="iso"
    )
    rows = table.rstrip("\n").split("\n")
    ids = [json.dumps(value, ensure_ascii=False) for value in frame[key]]
    features = ",".join(
        f'{{"type":"Feature","id":{name},"properties":{row},"geometry":{shape}}}'
        for name, row, shape in zip(ids, rows, shapes, strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'


def cells_geojson(frame: gpd.GeoDataFrame, *, remarks: bool = False) -> str:
    """Write cells as the drawing page wants them, by code; remarks are for those who draw."""
    frame = frame.sort_values("cell_code").reset_index(drop=True)
    return feature_collection(frame, key="cell_code", properties=[*CELL_PROPERTIES, *(["note"] if remarks else [])])
