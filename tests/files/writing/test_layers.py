"""Layers as files for other programs."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest

from files.writing.layers import write_layers
from files.writing.options import ExportOptions


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "shp", "kml", "csv"])
def test_a_column_of_empty_dates_is_written(tmp_path, kind):
    frame = gpd.GeoDataFrame(
        {"cell_id": ["p001:1"], "end_date": pd.Series([pd.NaT], dtype="datetime64[ms, UTC]")},
        geometry=gpd.points_from_xy([121.9], [41.2]),
        crs="EPSG:4490",
    )
    paths = write_layers({"cells": frame}, tmp_path, kind, options=ExportOptions(today=date(2026, 1, 1)))
    assert paths
    assert all(path.stat().st_size > 0 for path in paths)
