"""A height model is recorded, not read: where it lies, its checksum and its CRS."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pandas as pd
import pyproj
import rasterio

from files.reading.errors import ReadError
from spatial.errors import CrsError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_terrain"]


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
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return pd.DataFrame({
        "path": [str(path.resolve())], "checksum": [f"sha256:{digest.hexdigest()}"],
        "crs": [known.to_string() if known.to_epsg() is None else f"EPSG:{known.to_epsg()}"],
    })  # fmt: skip
