"""Which reference system a file's coordinates are in, and how they become storage degrees (EPSG:4490).

Degrees of WGS 84, CGCS2000 and TWD97 are taken as they are, to the last bit. Beijing 54 and Xian 80 need local
parameters that no file carries: they are refused. Survey tables give northing as X and easting as Y, and eastings
with or without the zone in front: both are seen from the size of the numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from spatial.crs import STORAGE
from spatial.datum import swapped
from spatial.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from files.reading.raw import Note

__all__ = ["parse_crs", "to_degrees"]

_AS_THEY_ARE = ("World Geodetic System 1984", "WGS", "China 2000", "China_2000", "Taiwan Datum 1997", "TWD97",
                "North American Datum 1983", "North_American_1983", "European Terrestrial Reference System 1989",
                "ETRS_1989", "D_WGS_1984", "D_China_2000")  # fmt: skip
_NEED_PARAMETERS = ("Beijing 1954", "Beijing_1954", "Xian 1980", "Xian_1980", "New Beijing", "New_Beijing")


def parse_crs(given: str | int) -> pyproj.CRS:
    """Read a CRS as a person writes it: 4550, EPSG:4550, or well-known text; CrsError where it is none.

    >>> parse_crs("4550") == parse_crs("EPSG:4550") == parse_crs(4550)
    True
    """
    text = str(given).strip()
    try:
        return pyproj.CRS.from_user_input(int(text) if text.isdigit() else text)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"不认识的坐标系 {text[:60]}；请写 EPSG 代码，例如 --crs 4550",
            f"unknown CRS {text[:60]}; write an EPSG code such as --crs 4550",
        ) from None


def to_degrees(
    shapes: NDArray[np.object_], crs: pyproj.CRS, *, name: str
) -> tuple[NDArray[np.object_], NDArray[np.bool_], list[Note]]:
    """Carry shapes to degrees; give them, which had their axes swapped, and what was done.

    Raises
    ------
    CrsError
        The CRS needs local parameters, or the numbers cannot be in it.
    """
    flat = crs.to_2d() if len(crs.axis_info) > 2 else crs
    base = flat.geodetic_crs
    datum = "" if base is None or base.datum is None else base.datum.name
    if any(word in f"{flat.name} {datum}" for word in _NEED_PARAMETERS):
        raise CrsError(
            f"{name} 的坐标系是 {flat.name}，转换需要本地参数；请先由测绘部门转换为 CGCS2000",
            f"{name} is in {flat.name}, which needs local parameters; have it converted to CGCS2000 first",
        )
    if flat.is_geographic:
        return _from_degrees(shapes, flat, datum, name)
    return _from_metres(shapes, flat, name)


def _from_degrees(
    shapes: NDArray[np.object_], crs: pyproj.CRS, datum: str, name: str
) -> tuple[NDArray[np.object_], NDArray[np.bool_], list[Note]]:
    notes: list[Note] = []
    xy = _first_vertices(shapes)
    known = np.isfinite(xy).all(axis=1)
    _refuse_metres(xy[known], name)
    turned = np.zeros(len(shapes), bool)
    turned[known] = swapped(xy[known])
    if turned.any():
        shapes = shapes.copy()
        shapes[turned] = shapely.transform(shapes[turned], lambda points: points[:, ::-1])
        count = int(turned.sum())
        notes.append((
            f"{count} 行经纬度写反，已对调", f"{count} rows had longitude and latitude swapped; they were turned round",
        ))  # fmt: skip
    if not any(datum.startswith(word) for word in _AS_THEY_ARE) and "84" not in crs.name:
        shapes = _project(shapes, crs)
        notes.append((f"已由 {crs.name} 转换为 CGCS2000", f"converted from {crs.name} to CGCS2000"))
    return shapes, turned, notes


def _from_metres(
    shapes: NDArray[np.object_], crs: pyproj.CRS, name: str
) -> tuple[NDArray[np.object_], NDArray[np.bool_], list[Note]]:
    notes: list[Note] = []
    xy = _first_vertices(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if len(xy) and np.abs(xy).max() <= 180:
        raise CrsError(
            f"{name} 的坐标是经纬度，不是 {crs.name} 的米；去掉 --crs，或写 --crs 4490",
            f"{name} holds degrees, not metres of {crs.name}; leave --crs out, or write --crs 4490",
        )
    turned = np.zeros(len(shapes), bool)
    if _is_gauss_kruger(crs) and len(xy):
        x, y = np.median(np.abs(xy), axis=0)
        if 1e6 < x < 6.5e6 and (2e5 < y < 8e5 or y > 1.3e7):  # survey convention: X is the northing
            shapes = shapely.transform(shapes, lambda points: points[:, ::-1])
            turned[:] = True
            x = y
            notes.append(("X 为纵坐标（北），已对调为 东、北", "X was the northing; turned to east, north"))
        shapes, more = _zoned(shapes, crs, float(x))
        notes += more
    shapes = _project(shapes, crs)
    last = shapely.get_coordinates(shapes)
    if not np.isfinite(last).all():
        raise CrsError(
            f"{name} 的坐标不在 {crs.name} 的范围内；请核对 --crs", f"{name} lies outside {crs.name}; check --crs"
        )
    notes.append((f"已由 {crs.name} 转换为 CGCS2000 经纬度", f"converted from {crs.name} to CGCS2000 degrees"))
    return shapes, turned, notes


def _zoned(shapes: NDArray[np.object_], crs: pyproj.CRS, easting: float) -> tuple[NDArray[np.object_], list[Note]]:
    """Add or take off the zone number in front of eastings, where the CRS says it the other way."""
    false_easting = next((item.value for item in _parameters(crs) if item.name == "False easting"), 500_000.0)
    zone, wanted = int(easting // 1_000_000), int(false_easting // 1_000_000)
    if zone == wanted or (zone and wanted):
        return shapes, []
    shift = (wanted - zone) * 1_000_000.0
    moved = shapely.transform(shapes, lambda points: points + np.array([shift, 0.0]))
    if zone:
        return moved, [(f"横坐标带有带号 {zone}，已去掉", f"eastings carry the zone number {zone}; it was taken off")]
    return moved, [(f"横坐标没有带号，已加上 {wanted}", f"eastings lack the zone number; {wanted} was put in front")]


def _is_gauss_kruger(crs: pyproj.CRS) -> bool:
    operation = crs.coordinate_operation
    return operation is not None and "Transverse Mercator" in operation.method_name


def _parameters(crs: pyproj.CRS) -> list[Any]:
    operation = crs.coordinate_operation
    return [] if operation is None else list(operation.params)


def _project(shapes: NDArray[np.object_], crs: pyproj.CRS) -> NDArray[np.object_]:
    transformer = pyproj.Transformer.from_crs(crs, STORAGE, always_xy=True)
    moved: NDArray[np.object_] = shapely.transform(
        shapes, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    )
    return moved


def _first_vertices(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give one vertex per shape, NaN where there is none."""
    xy = np.full((len(shapes), 2), np.nan)
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    first, place = np.unique(owner, return_index=True)
    xy[first] = coordinates[place]
    return xy


def _refuse_metres(xy: NDArray[np.float64], name: str) -> None:
    """Refuse numbers that are no degrees, with a guess at the CRS that a survey would have used."""
    wrong = (np.abs(xy) > 360).any(axis=1)
    if not wrong.any() or wrong.mean() < 0.5:
        return
    east = xy[wrong][0].max() if xy[wrong][0].max() > 1e7 else 0.0
    zone = int(east // 1_000_000)
    if 25 <= zone <= 45:
        hint, code = f"看来是带号 {zone} 的高斯坐标", str(4513 + zone - 25)
    elif 13 <= zone <= 23:
        hint, code = f"看来是 6 度带 {zone} 带的高斯坐标", str(4491 + zone - 13)
    else:
        hint, code = "看来是平面坐标（米）", "4550"
    first = xy[wrong][0]
    raise CrsError(
        f"{name} 的坐标 ({first[0]:.1f}, {first[1]:.1f}) 不是经纬度，{hint}；请写明坐标系，例如 --crs {code}",
        f"{name} has ({first[0]:.1f}, {first[1]:.1f}), which are no degrees; name the CRS, for example --crs {code}",
    )
