"""Heights of a recorded model: the cells around an extent, and a refusal where the file is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from files.reading.errors import ReadError
from files.reading.terrain import model_around, read_terrain

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def recorded(tmp_path: Path):
    """Record a model of 40 x 30 cells whose heights say where they are; one cell has none."""
    heights = np.add.outer(np.arange(30.0) * 100, np.arange(40.0))
    heights[14, 20] = -9999.0
    place = rasterio.Affine(0.01, 0.0, 121.0, 0.0, -0.01, 41.3)
    profile = {"driver": "GTiff", "width": 40, "height": 30, "count": 1, "dtype": "float32", "nodata": -9999.0}
    with rasterio.open(tmp_path / "dem.tif", "w", crs="EPSG:4490", transform=place, **profile) as raster:
        raster.write(heights[None].astype("float32"))
    return read_terrain(tmp_path / "dem.tif").iloc[0]


def test_the_cells_around_an_extent_are_read(recorded) -> None:
    model = model_around(recorded, (121.19, 121.22), (41.14, 41.17))
    assert model.heights.shape[0] < 12
    at, _ = model.lattice(np.array([[121.205, 41.155]]), "EPSG:4490")
    row, column = np.round(at[0]).astype(int)
    assert np.isnan(model.heights[row, column])
    assert model.heights[row + 1, column + 1] == 1521


def test_an_extent_elsewhere_has_no_heights(recorded) -> None:
    assert model_around(recorded, (110.0, 110.1), (30.0, 30.1)) is None


def test_a_file_that_changed_or_went_is_refused(recorded) -> None:
    with pytest.raises(ReadError, match="--replace"):
        model_around(recorded.replace(recorded["checksum"], "sha256:0"), (121.1, 121.2), (41.1, 41.2))
    with pytest.raises(ReadError, match="gone"):
        model_around(recorded.replace(recorded["path"], recorded["path"] + "x"), (121.1, 121.2), (41.1, 41.2))
