"""Points from the cells of a table: two columns or one, decimal degrees, degrees-minutes-seconds, or metres."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from files.reading.errors import ReadError
from files.reading.values import half_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["read_angle", "read_points"]

_HEMISPHERES = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S"}
_MINUTES, _SECONDS = r"['′’‘分]", r"(?:[\"″”“秒]|''|′′|’’)"
_ANGLE = re.compile(
    r"(?P<before>[EWNS])?\s*(?P<degrees>[-+]?\d+(?:\.\d+)?)\s*"
    r"(?:[°º度d]\s*(?:(?P<minutes>\d+(?:\.\d+)?)\s*" + _MINUTES + r"\s*"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)\s*" + _SECONDS + r"?)?)?)?\s*(?P<after>[EWNS])?",
    re.IGNORECASE,
)
_UNREADABLE = ("坐标读不懂；请写成 121.9903 或 121°59′25″", "is no coordinate; write 121.9903 or 121°59′25″")
_MISSING = ("缺少坐标", "has no coordinates")


def read_points(
    cells: pd.DataFrame, sources: Mapping[str, str], *, optional: bool = False
) -> tuple[NDArray[np.object_], list[tuple[Any, str, Any, tuple[str, str]]]]:
    """Make points (or shapes, from a WKT column) of the rows of a table; x is east.

    Gives the shapes, None where there is no coordinate, and the faults: row, column, value, reason. With
    `optional`, rows without coordinates are no fault.

    Raises
    ------
    ReadError
        The table has no columns of coordinates.
    """
    if "lon" in sources and "lat" in sources:
        pairs = [cells[sources["lon"]], cells[sources["lat"]]]
        columns = [sources["lon"], sources["lat"]]
        read = [[_decimal(cell) for cell in column] for column in pairs]
        xy = np.array(read, dtype=np.float64).T.reshape(-1, 2)
    elif "both" in sources:
        columns = [sources["both"]]
        pairs = [cells[sources["both"]]]
        xy = np.array([_pair(cell) for cell in cells[sources["both"]]], dtype=np.float64).reshape(-1, 2)
    elif "wkt" in sources:
        return _read_wkt(cells[sources["wkt"]], sources["wkt"])
    elif optional:
        return np.full(len(cells), None, dtype=object), []
    else:
        names = "、".join(map(str, cells.columns[:15])) + ("…" if len(cells.columns) > 15 else "")
        raise ReadError(
            f"表中找不到坐标列；需要 经度/lon 与 纬度/lat，或 经纬度 一列。文件的列：{names}",
            f"the table has no coordinates: lon and lat (经度, 纬度), or both in one, are needed. It has: {names}",
        )
    return _points(cells.index, xy, pairs, columns, optional=optional)


def read_angle(text: str) -> float:
    """Read one angle in decimal degrees or degrees, minutes and seconds; NaN where it is none.

    >>> read_angle("121°59′24″"), read_angle("E121.99"), read_angle("东经121度59分24秒"), read_angle("3 m")
    (121.99, 121.99, 121.99, nan)
    """
    found = _angles(text)
    return found[0][0] if len(found) == 1 else float("nan")


def _points(
    rows: pd.Index, xy: NDArray[np.float64], pairs: list[pd.Series], columns: list[str], *, optional: bool
) -> tuple[NDArray[np.object_], list[tuple[Any, str, Any, tuple[str, str]]]]:
    """Make points where both numbers are there, faults where one is missing, unreadable, or both are zero."""
    good = np.isfinite(xy).all(axis=1) & ~(xy == 0).all(axis=1)
    shapes = np.full(len(xy), None, dtype=object)
    shapes[good] = shapely.points(xy[good])
    faults: list[tuple[Any, str, Any, tuple[str, str]]] = []
    for place in map(int, np.flatnonzero(~good)):
        values = [column.iloc[place] for column in pairs]
        blank = [pd.isna(value) or not str(value).strip() for value in values]
        if all(blank) and optional:
            continue
        worst = next((at for at in range(len(columns)) if blank[at] or not np.isfinite(xy[place, at])), 0)
        reason = _MISSING if blank[worst] or (xy[place] == 0).all() else _UNREADABLE
        faults.append((rows[place], columns[worst], values[worst], reason))
    return shapes, faults


def _decimal(cell: Any) -> float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = "" if cell is None or cell is pd.NA else str(cell)
    try:
        return float(text) if "_" not in text else float("nan")
    except ValueError:
        return read_angle(text)


def _pair(cell: Any) -> tuple[float, float]:
    """Read two angles from one cell; hemisphere letters decide which is which, else longitude comes first."""
    found = [] if cell is None or cell is pd.NA else _angles(re.sub(r"[()（）\[\]]", " ", str(cell)))
    if len(found) != 2:
        return float("nan"), float("nan")
    (first, letter), (second, _) = found
    return (second, first) if letter in {"N", "S"} else (first, second)


def _angles(text: str) -> list[tuple[float, str]]:
    """Read all angles of a text, with their hemisphere; nothing where anything else is in it."""
    short = half_width(text)
    for word, letter in _HEMISPHERES.items():
        short = short.replace(word, letter)
    short = re.sub(r"(经度|纬度|lon|lat|lng)\s*[:=]?", "", short, flags=re.IGNORECASE)
    found, rest = [], short
    while rest := rest.lstrip(" \t,;/、，；|:"):
        match = _ANGLE.match(rest)
        if match is None or match.end() == 0:
            return []
        letter = (match["before"] or match["after"] or "").upper()
        degrees = float(match["degrees"])
        size = abs(degrees) + float(match["minutes"] or 0) / 60 + float(match["seconds"] or 0) / 3600
        sign = -1 if degrees < 0 or letter in {"W", "S"} else 1
        found.append((sign * size, letter))
        rest = rest[match.end() :]
    return found


def _read_wkt(cells: pd.Series, column: str) -> tuple[NDArray[np.object_], list[tuple[Any, str, Any, tuple[str, str]]]]:
    texts = np.array([None if pd.isna(cell) or not str(cell).strip() else str(cell) for cell in cells], dtype=object)
    shapes = shapely.from_wkt(texts, on_invalid="ignore")
    reason = ("图形文本（WKT）缺失或读不懂", "is missing, or no well-known text")
    bad = np.flatnonzero(shapely.is_missing(shapes))
    return shapes, [(cells.index[int(at)], column, str(texts[at] or "")[:40], reason) for at in bad]
