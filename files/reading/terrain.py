"""A height model is recorded at the door, not read: where it lies, its checksum and its CRS; its heights later."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import rasterio
from rasterio.windows import Window, intersect

from files.reading.errors import ReadError
from spatial.coverage.sight.terrain import Terrain
from spatial.errors import CrsError

__all__ = ["model_around", "read_terrain"]


def read_terrain(path: Path, *, crs: str | int | None = None) -> pd.DataFrame:
    """Give the one row of the layer `terrain` for a GeoTIFF; no pixel is loaded.

    Raises
    ------
    ReadError
        The file is no raster that GDAL can open.
    CrsError
        It has no CRS, and none is given.
    """
    try:
        with rasterio.open(path) as raster:
            found = raster.crs
    except rasterio.errors.RasterioIOError:
        raise ReadError(f"{path.name} 不是可读的 GeoTIFF", f"{path.name} is no readable GeoTIFF") from None
    if crs is None and found is None:
        raise CrsError(
            f"{path.name} 没有坐标系；请用 --crs 写明，例如 --crs 4490",
            f"{path.name} has no CRS; name it with --crs, for example --crs 4490",
        )
    known = pyproj.CRS.from_user_input(found.to_wkt() if crs is None else crs)
    return pd.DataFrame({
        "path": [str(path.resolve())], "checksum": [_checksum(path)],
        "crs": [known.to_string() if known.to_epsg() is None else f"EPSG:{known.to_epsg()}"],
    })  # fmt: skip


def model_around(row: pd.Series[str], lon: tuple[float, float], lat: tuple[float, float]) -> Terrain | None:
    """Read the heights of a recorded model around an extent in degrees (EPSG:4490); None where they do not meet.

    Raises
    ------
    ReadError
        The file is gone, is another one than was recorded, or cannot be read.
    """
    path = Path(row["path"])
    if not path.is_file() or _checksum(path) != row["checksum"]:
        raise ReadError(
            f"地形文件 {path} 不在原处或已改动；请重新 wangge load PROJECT terrain FILE --replace",
            f"the terrain file {path} is gone or has changed; wangge load PROJECT terrain FILE --replace",
        )
    change = pyproj.Transformer.from_crs(4490, row["crs"], always_xy=True)
    low_x, low_y, high_x, high_y = change.transform_bounds(lon[0], lat[0], lon[1], lat[1])
    try:
        with rasterio.open(path) as raster:
            window = raster.window(low_x, low_y, high_x, high_y).round_offsets().round_lengths()
            wide = Window(window.col_off - _MARGIN, window.row_off - _MARGIN, window.width + 2 * _MARGIN,
                          window.height + 2 * _MARGIN)  # fmt: skip
            if not intersect(wide, Window(0, 0, raster.width, raster.height)):
                return None
            wide = wide.intersection(Window(0, 0, raster.width, raster.height))
            heights = raster.read(1, window=wide, masked=True).astype(float).filled(np.nan)
            a, b, c, d, e, f = tuple(raster.transform)[:6]
    except rasterio.errors.RasterioIOError:
        raise ReadError(f"{path.name} 不是可读的 GeoTIFF", f"{path.name} is no readable GeoTIFF") from None
    x, y = c + a * wide.col_off + b * wide.row_off, f + d * wide.col_off + e * wide.row_off
    return Terrain(np.ascontiguousarray(heights), (a, b, x, d, e, y), row["crs"]) if min(heights.shape) > 1 else None


_MARGIN = 3  # cells around the extent


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"
