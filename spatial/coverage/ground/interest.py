"""The area that coverage is measured over: built-up land, road corridors, surroundings of places, minus footprints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.ground.closing import grown
from spatial.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from spatial.arrays import Flags, Floats, Geometries, Ints


__all__ = ["HALF_WIDTH_M", "MINOR", "PLACE_RADIUS_M", "Roads", "built_up", "place_circles", "roads"]

CLOSE_M, GROW_M = 30.0, 20.0
PLACE_RADIUS_M = 30.0
MINOR = "street"
"""The class below village."""
HALF_WIDTH_M: dict[str, float] = {
    "motorway": 15, "national": 10, "provincial": 9, "county": 7, "town": 6, "village": 5, "street": 5,
}  # fmt: skip
"""Half the width of a road corridor by class, carriageway and verge; a road of unknown class has 5 m."""

_STRIP_M, _SAMPLE_M = 50.0, 2.0
_HALF_CHORD = np.pi / 32
"""Buffers have eight chords a quarter: they reach from the cosine of half a chord's angle to 1 of the distance."""


@dataclass(frozen=True)
class Roads:
    """Roads as lines with their class, as strips ``(x1, y1, x2, y2, half width)``, and as samples.

    `samples` are rows ``(x, y, metres)`` in the middle of pieces of at most 2 m; `sample_road` is the line of each.
    `known` is False where the class was missing; such a road counts as one of class village.
    """

    lines: Geometries
    classes: NDArray[np.str_]
    known: Flags
    bridges: Flags
    strips: Floats
    samples: Floats
    sample_road: Ints


def built_up(buildings: gpd.GeoDataFrame | None) -> Geometries:
    """Close the footprints by 30 m and grow them by 20 m; polygons without overlap, by their lowest x, then y.

    Closing grows by 30 m and shrinks by 30 m. To shrink by 10 m at once would not be the same: it bridges houses 40 m
    apart. Areas lie within about 0.1 % of those of round arcs. No buildings give no polygons.
    """
    if buildings is None or not len(buildings):
        return np.empty(0, dtype=object)
    require_metres(buildings, "buildings")
    shapes = buildings.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    closed = shapely.get_parts(shapely.buffer(grown(shapes, CLOSE_M), -CLOSE_M * (1 + np.cos(_HALF_CHORD)) / 2))
    even = np.sqrt(2 * _HALF_CHORD / np.sin(2 * _HALF_CHORD))
    land = shapely.disjoint_subset_union_all(shapely.buffer(closed, GROW_M * even))
    parts: Geometries = shapely.get_parts(land)
    parts = parts[shapely.area(parts) > 0]
    bounds = shapely.bounds(parts)
    return parts[np.lexsort((bounds[:, 1], bounds[:, 0]))]


def roads(barriers: gpd.GeoDataFrame | None) -> Roads:
    """Take the roads out of the layer `barriers`, part by part."""
    nothing = np.empty(0, dtype=object)
    if barriers is None or not len(barriers):
        return _roads(nothing, np.empty(0, str), np.empty(0, bool))
    require_metres(barriers, "barriers")
    chosen = barriers[(barriers["kind"] == "road").to_numpy(bool)]
    lines, row = shapely.get_parts(chosen.geometry.to_numpy(), return_index=True)
    names = _column(chosen, "road_class", "").astype(str)[row]
    bridges = _column(chosen, "bridge", False).astype(bool)[row]
    real = shapely.length(lines) > 0
    return _roads(lines[real], names[real], bridges[real])


def place_circles(places: gpd.GeoDataFrame | None) -> Floats:
    """Give the disc of every place, rows ``(x, y, radius)``; 30 m where `radius_m` is missing or zero."""
    if places is None or not len(places):
        return np.empty((0, 3))
    require_metres(places, "places")
    radius = np.full(len(places), PLACE_RADIUS_M)
    if "radius_m" in places.columns:
        stated = places["radius_m"].to_numpy(dtype=float, na_value=np.nan)
        radius = np.where(stated > 0, stated, PLACE_RADIUS_M)
    return np.column_stack([places.geometry.x, places.geometry.y, radius])


def _column(frame: pd.DataFrame, name: str, default: object) -> Geometries:
    if name not in frame.columns:
        return np.full(len(frame), default, dtype=object)
    values: Geometries = frame[name].astype(object).where(frame[name].notna(), default).to_numpy()
    return values


def _roads(lines: Geometries, names: NDArray[np.str_], bridges: Flags) -> Roads:
    known = np.isin(names, list(HALF_WIDTH_M))
    classes = np.where(known, names, "village")
    half = np.array([HALF_WIDTH_M[name] for name in classes], dtype=float)
    ends, line = _pieces(lines, _STRIP_M)
    samples, sample_line = _pieces(lines, _SAMPLE_M)
    middle = (samples[:, :2] + samples[:, 2:]) / 2
    metres = np.hypot(samples[:, 2] - samples[:, 0], samples[:, 3] - samples[:, 1])
    strips = np.column_stack([ends, half[line]]) if len(ends) else np.empty((0, 5))
    return Roads(lines, classes, known, bridges, strips, np.column_stack([middle, metres]), sample_line)


def _pieces(lines: Geometries, longest: float) -> tuple[Floats, Ints]:
    """Cut lines into straight pieces of at most `longest` metres: rows ``(x1, y1, x2, y2)``, and their line."""
    if not len(lines):
        return np.empty((0, 4)), np.empty(0, np.int64)
    points, line = shapely.get_coordinates(shapely.segmentize(lines, longest), return_index=True)
    same = line[1:] == line[:-1]
    return np.hstack([points[:-1][same], points[1:][same]]), line[:-1][same].astype(np.int64)
