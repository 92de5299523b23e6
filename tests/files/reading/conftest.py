"""A small county to lay files over: nine villages of two kilometres, a road, and points within."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

WEST, SOUTH, SIDE = 121.90, 41.20, 0.02
EDGES = [WEST + SIDE * place for place in range(10)]


def county(rows: int = 3) -> gpd.GeoDataFrame:
    """Square villages that share their borders, coded as 盘山 is."""
    shapes, codes = [], []
    for down in range(rows):
        for right in range(rows):
            west, east = EDGES[right : right + 2]
            south, north = (edge - WEST + SOUTH for edge in EDGES[down : down + 2])
            shapes.append(shapely.MultiPolygon([shapely.box(west, south, east, north)]))
            codes.append(f"211122103{200 + down * rows + right}")
    return gpd.GeoDataFrame(
        {
            "village_code": codes,
            "village": [f"村{place}" for place in range(len(codes))],
            "town_code": "211122103",
            "town": "太平镇",
            "county_code": "211122",
            "county": "盘山县",
        },
        geometry=shapes,
        crs="EPSG:4490",
    )


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    return county()


@pytest.fixture
def cameras() -> gpd.GeoDataFrame:
    """Two hundred cameras anywhere in the county."""
    rng = np.random.default_rng(7)
    xy = np.column_stack([rng.uniform(WEST, WEST + 3 * SIDE, 200), rng.uniform(SOUTH, SOUTH + 3 * SIDE, 200)])
    return gpd.GeoDataFrame(
        {"camera_id": [f"C{place:04}" for place in range(200)], "kind": "bullet"},
        geometry=shapely.points(xy),
        crs="EPSG:4490",
    )


@pytest.fixture
def home_rows() -> pd.DataFrame:
    return pd.DataFrame({
        "住户编号": ["H1", "H2", "H3"], "户数": [3, 1, 12], "经度": [121.91, 121.93, 121.95],
        "纬度": [41.21, 41.22, 41.25],
    })  # fmt: skip
