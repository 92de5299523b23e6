"""Hills in the way: which cells of a height model an eye sees, by one exact ray per cell.

From the eye (interpolated ground plus its height) a ray runs to the middle of every cell within reach, at the
target's height above it. Where the ray crosses the lines of cell middles along its longer axis, the ground is
interpolated between the two middles; one crossing above the ray hides the cell. The Earth's curvature is taken off
with refraction (6/7 of it): 7 mm at 300 m, 7 cm at 1 km, where it begins to matter. Cells without a height hide
nothing and are seen. The model may have any CRS: around each eye it is taken as a plane lattice.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints

__all__ = ["Terrain", "cells_seen", "hidden_ground"]

_BEND = 6 / 7 / (2 * 6_371_000.0)
_CHUNK = 500


@dataclass(frozen=True)
class Terrain:
    """A height model: metres by row and column, and the affine map ``(a, b, c, d, e, f)`` of a GeoTIFF.

    The corner of cell (row, column) lies at ``x = a column + b row + c``, ``y = d column + e row + f`` in `crs`.
    """

    heights: Floats
    affine: tuple[float, float, float, float, float, float]
    crs: str

    def lattice(self, xy: Floats, crs: object) -> tuple[Floats, Floats]:
        """Give the row and column of positions (whole at cell middles), and metres per row and column around each.

        The second answer has rows ``(dx/drow, dx/dcolumn, dy/drow, dy/dcolumn)``.
        """
        step = 50.0
        points = np.concatenate([xy, xy + np.array([step, 0.0]), xy + np.array([0.0, step])])
        change = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(crs), self.crs, always_xy=True)
        x, y = change.transform(points[:, 0], points[:, 1])
        a, b, c, d, e, f = self.affine
        x, y, whole = np.asarray(x) - c, np.asarray(y) - f, a * e - b * d
        place = np.column_stack([(a * y - d * x) / whole - 0.5, (e * x - b * y) / whole - 0.5])
        here, east, north = np.split(place, 3)
        rows = np.stack([east - here, north - here], axis=-1) / step  # cells per metre
        metres = np.linalg.inv(rows) if len(rows) else np.empty((0, 2, 2))
        return here, metres.reshape(-1, 4)


@kernel
def _ground(heights: Floats, row: float, column: float) -> float:
    """Interpolate the ground between four cell middles; the outermost cells go on beyond the edge."""
    i = min(max(math.floor(row), 0), heights.shape[0] - 2)
    j = min(max(math.floor(column), 0), heights.shape[1] - 2)
    p, q = min(max(row - i, 0.0), 1.0), min(max(column - j, 0.0), 1.0)
    upper = heights[i, j] * (1 - q) + heights[i, j + 1] * q
    return float(upper * (1 - p) + (heights[i + 1, j] * (1 - q) + heights[i + 1, j + 1] * q) * p)


@kernel
def _sees(heights: Floats, row: float, column: float, eye: float, i: int, j: int, target: float, reach: float) -> bool:
    """Follow the ray from the eye to the middle of one cell, `reach` metres away."""
    down, across = i - row, j - column
    along = abs(down) >= abs(across)
    start, stop = (row, i) if along else (column, j)
    if start == stop:
        return True
    rise = heights[i, j] - reach * reach * _BEND + target - eye
    if math.isnan(rise):
        return True
    way = 1 if stop > start else -1
    line = math.floor(start) + 1 if way > 0 else math.ceil(start) - 1
    while line != stop:
        t = (line - start) / (stop - start)
        other = column + across * t if along else row + down * t
        k = min(max(math.floor(other), 0), heights.shape[1 if along else 0] - 2)
        share = other - k
        one, two = (heights[line, k], heights[line, k + 1]) if along else (heights[k, line], heights[k + 1, line])
        ground = one if share <= 0.0 else one * (1 - share) + two * share
        if ground - (t * reach) ** 2 * _BEND > eye + rise * t + 1e-9:
            return False
        line += way
    return True


@kernel
def _look(heights: Floats, place: Floats, metres: Floats, above: Floats, reach: Floats, target: float,
          half: int) -> Ints:  # fmt: skip
    """Mark the cells around each eye: 1 seen, 0 hidden, 2 out of reach or off the model."""
    side = 2 * half + 1
    answer = np.full((len(place), side, side), 2, np.uint8)
    for e in range(len(place)):
        row, column = place[e]
        if not (-0.5 <= row <= heights.shape[0] - 0.5 and -0.5 <= column <= heights.shape[1] - 0.5):
            continue
        row, column = min(max(row, 0.0), heights.shape[0] - 1.0), min(max(column, 0.0), heights.shape[1] - 1.0)
        eye = _ground(heights, row, column) + above[e]
        top, left = round(place[e, 0]) - half, round(place[e, 1]) - half
        for i in range(max(0, top), min(heights.shape[0], top + side)):
            for j in range(max(0, left), min(heights.shape[1], left + side)):
                down, across = i - place[e, 0], j - place[e, 1]
                dx = metres[e, 0] * down + metres[e, 1] * across
                dy = metres[e, 2] * down + metres[e, 3] * across
                distance = math.sqrt(dx * dx + dy * dy)
                if distance <= reach[e]:
                    answer[e, i - top, j - left] = _sees(heights, row, column, eye, i, j, target, distance)
    return answer


def cells_seen(
    terrain: Terrain, xy: Floats, *, crs: object, above_m: Floats, reach_m: Floats, target_m: float = 1.5
) -> tuple[Ints, Ints]:
    """Look from eyes `above_m` over the ground at the cells whose middles lie within `reach_m`.

    Gives per eye a square of cells (1 seen, 0 hidden, 2 out of reach or off the model) and the row and column of
    the square's first cell. Memory grows with eyes times cells: call it for some hundred eyes at a time.
    """
    place, metres = terrain.lattice(xy, crs)
    cell = _smallest(metres)
    half = math.ceil(np.max(reach_m, initial=0.0) / cell) + 1
    seen = _look(terrain.heights, place, metres, above_m, reach_m, target_m, half)
    return seen, np.round(place).astype(np.int64) - half


def _smallest(metres: Floats) -> float:
    """Shortest way across a cell around any of the eyes."""
    if not len(metres):
        return 1.0
    sizes = np.linalg.svd(metres.reshape(-1, 2, 2), compute_uv=False)
    return float(sizes.min())


def hidden_ground(
    terrain: Terrain, xy: Floats, *, crs: object, above_m: Floats, reach_m: Floats, target_m: float = 1.5,
    threads: int = 2,
) -> Geometries:  # fmt: skip
    """Draw the cells that hills hide from each eye, in the CRS of the eyes; None where all within reach is seen."""
    rows = np.flatnonzero(np.isfinite(xy).all(axis=1) & (reach_m > 0))
    answer = np.full(len(xy), None, dtype=object)

    def draw(mine: Ints) -> None:
        cell = _smallest(terrain.lattice(xy[mine], crs)[1])
        seen, first = cells_seen(
            terrain, xy[mine], crs=crs, above_m=above_m[mine], reach_m=reach_m[mine] + cell, target_m=target_m
        )
        place, metres = terrain.lattice(xy[mine], crs)
        some = np.flatnonzero((seen == 0).any(axis=(1, 2)))
        for k in some:
            answer[mine[k]] = _drawn(seen[k] == 0, first[k] - place[k], metres[k].reshape(2, 2), xy[mine[k]])

    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(draw, [rows[lo : lo + _CHUNK] for lo in range(0, len(rows), _CHUNK)]))
    return answer


def _drawn(hidden: Flags, first: Floats, metres: Floats, xy: Floats) -> shapely.Geometry:
    """Unite the hidden cells of one eye, run by run."""
    padded = np.pad(hidden, ((0, 0), (1, 1))).astype(np.int8)
    row, start = np.nonzero(np.diff(padded, axis=1) == 1)
    stop = np.nonzero(np.diff(padded, axis=1) == -1)[1]
    rows, left, right = row + first[0] - 0.5, start + first[1] - 0.5, stop + first[1] - 0.5
    corners = np.stack([
        np.column_stack([rows, left]), np.column_stack([rows, right]),
        np.column_stack([rows + 1, right]), np.column_stack([rows + 1, left]),
    ], axis=1)  # fmt: skip
    runs = shapely.polygons(corners @ metres.T + xy)
    return shapely.union_all(runs)
