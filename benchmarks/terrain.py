"""Hills: 40,000 cameras at 300 m on a real height model, every cell against its own ray, GDAL beside."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from scipy.ndimage import map_coordinates

from benchmarks.stopwatch import cpu
from spatial.coverage.sight.terrain import Terrain, cells_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CRS = "EPSG:32616"
MODEL = Path(__file__).resolve().parents[2] / "shared" / "data" / "terrain" / "jacksboro_fault_dem.npz"
CAMERAS, CHECKED, GDALS = 40_000, 300, 20
ABOVE_M, TARGET_M, REACH_M, CELL_M = 10.0, 1.5, 300.0, 12.5
_CHUNK = 500
_BEND = 6 / 7 / (2 * 6_371_000.0)


def section() -> Iterator[str]:
    """Yield the lines of the section."""
    yield "## 地形 · Terrain"
    yield ""
    heights, source = _model()
    terrain = Terrain(heights, (CELL_M, 0.0, 700_000.0, 0.0, -CELL_M, 4_070_000.0), CRS)
    rng = np.random.default_rng(1)
    margin = int(REACH_M / CELL_M) + 2
    place = rng.integers(margin, np.array(heights.shape) - margin, (CAMERAS, 2))
    xy = np.column_stack([700_000 + (place[:, 1] + 0.5) * CELL_M, 4_070_000 - (place[:, 0] + 0.5) * CELL_M])

    def look(rows: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        level = np.full(len(rows), ABOVE_M)
        return cells_seen(
            terrain, xy[rows], crs=CRS, above_m=level, reach_m=np.full(len(rows), REACH_M), target_m=TARGET_M
        )

    look(np.arange(2))
    spans = [np.arange(lo, min(lo + _CHUNK, CAMERAS)) for lo in range(0, CAMERAS, _CHUNK)]
    spent, asked = cpu(lambda: sum(int((look(rows)[0] != 2).sum()) for rows in spans), repeat=1)
    seen, first = look(np.arange(CHECKED))
    slow, wrong = cpu(lambda: sum(_wrong(heights, place[k], seen[k], first[k]) for k in range(CHECKED)), repeat=1)
    checked = int((seen != 2).sum())
    size = f"{heights.shape[0]:,} x {heights.shape[1]:,} cells of {CELL_M:g} m"
    yield f"{source}, {size}, eyes {ABOVE_M:g} m up, {REACH_M:g} m far: {asked / CAMERAS:,.0f} cells per camera."
    yield ""
    yield "| what | CPU s per 40,000 cameras | cells that differ from their own ray | aim |"
    yield "|---|---|---|---|"
    yield f"| wangge, one ray per cell | {spent:.1f} | {wrong} of {checked:,} | 15 s, 0 |"
    yield f"| the same rays in NumPy ({CHECKED} cameras) | {slow / CHECKED * CAMERAS:,.0f} | 0 | |"
    yield from _gdal(terrain, place[:GDALS], seen, first)


def _model() -> tuple[NDArray[np.float64], str]:
    """Read the real model, drawn finer to 12.5 m; hills made of waves where it is not there."""
    if not MODEL.exists():
        x, y = np.meshgrid(np.arange(1200) / 20, np.arange(1200) / 27)
        return 300 + 120 * np.sin(x) * np.cos(y) + 30 * np.sin(3.1 * x + y), "waves (the real model is not there)"
    with np.load(MODEL) as found:
        coarse = found["elevation"].astype(float)
    steps = [
        np.arange(0, (size - 1) * metres, CELL_M) / metres
        for size, metres in zip(coarse.shape, (92.5, 74.4), strict=True)
    ]
    grid = np.meshgrid(*steps, indexing="ij")
    return map_coordinates(coarse, grid, order=3), "shared/data/terrain (SRTM, 3 seconds, drawn finer by cubic splines)"


def _wrong(
    heights: NDArray[np.float64], eye: NDArray[np.int64], seen: NDArray[np.uint8], first: NDArray[np.int64]
) -> int:
    """Count the cells around one eye (on a cell middle) whose own ray says otherwise."""
    rows, columns = np.nonzero(seen != 2)
    top = heights[tuple(eye)] + ABOVE_M
    wrong = 0
    for row, column in zip(rows, columns, strict=True):
        step = np.array([row, column]) + first - eye
        longest = int(np.abs(step).max())
        reach = CELL_M * np.hypot(*step)
        t = np.arange(1, longest) / max(longest, 1)
        along, across = np.abs(step).argmax(), np.abs(step).argmin() if abs(step[0]) != abs(step[1]) else 1
        line = eye[along] + np.sign(step[along]) * np.arange(1, longest)
        other = eye[across] + step[across] * t
        low = np.minimum(np.floor(other).astype(int), heights.shape[across] - 2)
        share = other - low
        grid = heights if along == 0 else heights.T
        ground = grid[line, low] * (1 - share) + grid[line, low + 1] * share
        rise = heights[tuple(eye + step)] - reach**2 * _BEND + TARGET_M - top
        clear = bool((ground - (t * reach) ** 2 * _BEND <= top + rise * t + 1e-9).all())
        wrong += clear is not bool(seen[row, column])
    return wrong


def _gdal(
    terrain: Terrain, place: NDArray[np.int64], seen: NDArray[np.uint8], first: NDArray[np.int64]
) -> Iterator[str]:
    """Ask gdal_viewshed for a few cameras: how many cells it sees otherwise."""
    if which("gdal_viewshed") is None:
        yield "| gdal_viewshed | not installed | | |"
        return
    off = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        model, out = Path(folder, "model.tif"), Path(folder, "seen.tif")
        a, b, c, d, e, f = terrain.affine
        profile = {"driver": "GTiff", "height": terrain.heights.shape[0], "width": terrain.heights.shape[1], "count": 1}
        with rasterio.open(
            model, "w", dtype="float64", crs=CRS, transform=rasterio.Affine(a, b, c, d, e, f), **profile
        ) as raster:
            raster.write(terrain.heights[None])
        for k, (row, column) in enumerate(place):
            x, y = c + (column + 0.5) * a, f + (row + 0.5) * e
            options = ("-ox", x, "-oy", y, "-oz", ABOVE_M, "-tz", TARGET_M, "-md", REACH_M, "-cc", 6 / 7, "-ov", 128)
            subprocess.run(  # noqa: S603
                ["gdal_viewshed", "-q", *map(str, options), str(model), str(out)], check=True, capture_output=True  # noqa: S607
            )  # fmt: skip
            with rasterio.open(out) as raster:
                theirs = raster.read(1)
                shift = np.round([(f - raster.transform.f) / CELL_M, (raster.transform.c - c) / CELL_M]).astype(int)
            rows, columns = np.nonzero(seen[k] != 2)
            i, j = rows + first[k][0] - shift[0], columns + first[k][1] - shift[1]
            ok = (i >= 0) & (j >= 0) & (i < theirs.shape[0]) & (j < theirs.shape[1])
            found = theirs[i[ok], j[ok]]
            inside = found != 128
            asked += int(inside.sum())
            off += int(((found == 255) != (seen[k][rows, columns][ok] == 1))[inside].sum())
    wrong = f"{off} of {asked:,} ({off / max(asked, 1):.1%})"
    yield f"| gdal_viewshed ({len(place)} cameras, a process each: no time) | | {wrong} | |"
