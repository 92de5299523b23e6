"""Datums of Chinese maps: WGS 84, GCJ-02, BD-09; there and back, and which one a batch of points was made in.

GCJ-02 shifts a point by 100-700 m, BD-09 by another 800 m; files rarely say so. The published formulas are used
(a reconstruction: the official ones are not public), and the inverse is iterated, because the one-step
inverse found in most snippets is wrong by up to 5 m. CGCS2000 degrees are taken as equal to WGS 84.
Coordinates are `(n, 2)` arrays of longitude and latitude in degrees; outside China's box nothing is shifted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = [
    "DATUMS", "bd09_from_gcj02", "bd09_from_wgs84", "from_wgs84", "gcj02_from_bd09", "gcj02_from_wgs84", "in_china",
    "swapped", "to_wgs84", "wgs84_from_bd09", "wgs84_from_gcj02",
]  # fmt: skip

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")

_AXIS_M = 6378245.0
_SQUARED_ECCENTRICITY = 0.00669342162296594323
_BD_TURN = np.pi * 3000 / 180
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS = 5
"""Fixed-point rounds of an inverse: 2 give centimetres, 5 the last digits of a double."""


def in_china(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which points lie in the box within which GCJ-02 is applied."""
    west, south, east, north = _BOX
    x, y = xy[:, 0], xy[:, 1]
    inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def gcj02_from_wgs84(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift WGS 84 degrees to GCJ-02; points outside China's box stay.

    >>> gcj02_from_wgs84(np.array([[121.5272106, 31.1774276]])).round(9).tolist()
    [[121.531541859, 31.175303984]]
    """
    return np.asarray(xy + _gcj_shift(xy), np.float64)


def wgs84_from_gcj02(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the shift of GCJ-02 out again; a round trip closes to 1e-6 m."""
    return _undo(gcj02_from_wgs84, xy)


def bd09_from_gcj02(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift GCJ-02 degrees to BD-09; points outside China's box stay."""
    x, y = xy[:, 0], xy[:, 1]
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURN)
    shifted = np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
    return np.where(in_china(xy)[:, None], shifted, xy)


def gcj02_from_bd09(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the shift of BD-09 out again, down to GCJ-02."""
    return _undo(bd09_from_gcj02, xy)


def bd09_from_wgs84(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift WGS 84 degrees to BD-09."""
    return bd09_from_gcj02(gcj02_from_wgs84(xy))


def wgs84_from_bd09(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take both shifts out of BD-09 degrees."""
    return wgs84_from_gcj02(gcj02_from_bd09(xy))


def to_wgs84(geometries: NDArray[np.object_], datum: str) -> NDArray[np.object_]:
    """Give geometries of degrees in `datum` as WGS 84 degrees; CrsError for an unknown datum."""
    return _carry(geometries, datum, {"gcj02": wgs84_from_gcj02, "bd09": wgs84_from_bd09})


def from_wgs84(geometries: NDArray[np.object_], datum: str) -> NDArray[np.object_]:
    """Give geometries of WGS 84 (or CGCS2000) degrees in `datum`; CrsError for an unknown datum."""
    return _carry(geometries, datum, {"gcj02": gcj02_from_wgs84, "bd09": bd09_from_wgs84})


def swapped(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which points have latitude first: no latitude exceeds 90°, and none of China's exceeds 54°.

    >>> swapped(np.array([[41.2, 122.0], [122.0, 41.2], [24.9, 60.2], [39.0, -96.8]])).tolist()
    [True, False, False, True]
    """
    x, y = xy[:, 0], xy[:, 1]
    china = (x >= 3) & (x <= 54) & (y >= 73) & (y <= 136)
    turned: NDArray[np.bool_] = china | ((np.abs(y) > 90) & (np.abs(y) <= 180) & (np.abs(x) <= 90))
    return turned


def _gcj_shift(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Difference GCJ-02 minus WGS 84 in degrees, zero outside the box."""
    x, y = xy[:, 0] - 105.0, xy[:, 1] - 35.0
    root, ripple = np.sqrt(np.abs(x)), _waves(x, (20, 6), (20, 2))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += ripple + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += ripple + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    latitude = np.radians(xy[:, 1])
    flattening = 1 - _SQUARED_ECCENTRICITY * np.sin(latitude) ** 2
    per_east = np.radians(_AXIS_M / np.sqrt(flattening) * np.cos(latitude))
    per_north = np.radians(_AXIS_M * (1 - _SQUARED_ECCENTRICITY) / flattening**1.5)
    shift = np.column_stack([east / per_east, north / per_north])
    return np.where(in_china(xy)[:, None], shift, 0.0)


def _waves(along: NDArray[np.float64], *waves: tuple[float, float]) -> NDArray[np.float64]:
    """Two thirds of a sum of sines, each given as amplitude and frequency (half turns per degree)."""
    total = np.zeros_like(along)
    for amplitude, frequency in waves:
        total += amplitude * np.sin(along * frequency * np.pi)
    return total * 2 / 3


def _undo(shift: Callable[[NDArray[np.float64]], NDArray[np.float64]], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert a small shift by fixed-point rounds; points outside China's box stay bit for bit."""
    found = xy.astype(np.float64, copy=True)
    inside = in_china(xy)
    target = found[inside]
    guess = target.copy()
    for _ in range(_ROUNDS + 1):
        guess = guess + (target - shift(guess))
    found[inside] = guess
    return found


def _carry(
    geometries: NDArray[np.object_],
    datum: str,
    shifts: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]],
) -> NDArray[np.object_]:
    """Apply the shift of `datum` to every vertex; WGS 84 and CGCS2000 come back as they are."""
    if datum not in DATUMS:
        known = ", ".join(DATUMS)
        raise CrsError(f"不认识的坐标基准 {datum}；可用：{known}", f"unknown datum {datum}; known: {known}")
    if datum not in shifts:
        return geometries
    moved: NDArray[np.object_] = shapely.transform(geometries, shifts[datum])
    return moved
