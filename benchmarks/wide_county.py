"""A wide county of even villages for the benchmark of whole plans: crooked borders, roads, rivers, single houses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["wide_county"]

_CRS = "EPSG:4550"
_CORNER = np.array([450_000.0, 4_500_000.0])
_SIDE_M = 1500.0
_LOT_M = 14.0


def wide_county(villages: int, *, homes: int = 640, columns: int = 20, seed: int = 0) -> dict[str, gpd.GeoDataFrame]:
    """Give villages, homes, buildings and barriers: `homes` houses a village, apart by 14 m, in clusters and alone."""
    rng = np.random.default_rng(seed)
    rows = -(-villages // columns)
    shapes = _villages(villages, columns, rows, rng)
    codes = [f"2111221{i // 20:02d}{200 + i % 20:03d}" for i in range(villages)]
    frame = gpd.GeoDataFrame(
        {
            "village_code": codes, "village": [f"村{i}" for i in range(villages)], "town_code": [c[:9] for c in codes],
            "town": "镇", "county_code": "211122", "county": "县",
        },
        geometry=[shapely.MultiPolygon([shape]) for shape in shapes], crs=_CRS,
    )  # fmt: skip
    xy = np.concatenate([_houses(shape, homes, rng) for shape in shapes])
    boxes = shapely.box(xy[:, 0] - 5, xy[:, 1] - 4, xy[:, 0] + 5, xy[:, 1] + 4)
    names = [f"{i:06d}" for i in range(len(xy))]
    return {
        "villages": frame,
        "homes": gpd.GeoDataFrame({"home_id": names, "households": 1}, geometry=shapely.points(xy), crs=_CRS),
        "buildings": gpd.GeoDataFrame(
            {"building_id": names}, geometry=[shapely.MultiPolygon([box]) for box in boxes], crs=_CRS
        ),
        "barriers": _barriers(shapes, columns, rows, rng),
    }


def _villages(count: int, columns: int, rows: int, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Draw a crooked net of quadrangles; neighbours share every vertex."""
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(rows + 1))
    spots = np.stack([x, y], axis=-1) * _SIDE_M + rng.uniform(-0.25, 0.25, (rows + 1, columns + 1, 2)) * _SIDE_M
    spots += _CORNER
    across = {(i, j): _crooked(spots[j, i], spots[j, i + 1], rng) for j in range(rows + 1) for i in range(columns)}
    along = {(i, j): _crooked(spots[j, i], spots[j + 1, i], rng) for j in range(rows) for i in range(columns + 1)}
    shapes = []
    for place in range(count):
        j, i = divmod(place, columns)
        sides = [across[i, j], along[i + 1, j], across[i, j + 1][::-1], along[i, j][::-1]]
        shapes.append(shapely.Polygon(np.vstack([sides[0], *(side[1:] for side in sides[1:])])))
    return shapes


def _crooked(start: Floats, end: Floats, rng: np.random.Generator, steps: int = 24, bend_m: float = 25) -> Floats:
    """Draw a line that wanders from one end to the other."""
    share = np.linspace(0, 1, steps + 1)[:, None]
    wander = np.cumsum(rng.normal(0, bend_m, steps + 1))
    wander -= np.linspace(wander[0], wander[-1], steps + 1)
    way = end - start
    return start + way * share + np.array([-way[1], way[0]]) / np.hypot(*way) * wander[:, None]


def _houses(shape: shapely.Polygon, count: int, rng: np.random.Generator) -> Floats:
    left, low, right, high = shape.bounds
    centres = rng.uniform([left, low], [right, high], (6, 2))
    near = centres[rng.integers(0, 6, 2 * count)] + rng.normal(0, 120, (2 * count, 2))
    xy = np.concatenate([near, rng.uniform([left, low], [right, high], (count, 2))])
    xy = (np.unique(np.floor(xy / _LOT_M), axis=0) + 0.5) * _LOT_M
    xy = xy[shapely.contains_xy(shape, xy[:, 0], xy[:, 1])]
    return xy[rng.permutation(len(xy))[:count]]


def _barriers(shapes: list[shapely.Polygon], columns: int, rows: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw four crooked roads a village, and three rivers across the county."""
    lines = []
    for shape in shapes:
        left, low, right, high = shape.bounds
        for _ in range(4):
            middle, turn = rng.uniform([left, low], [right, high]), rng.uniform(0, np.pi)
            reach = 900 * np.array([np.cos(turn), np.sin(turn)])
            lines.append(_crooked(middle - reach, middle + reach, rng, 12, 12))
    for place in range(3):
        y = _CORNER[1] + _SIDE_M * rows * (place + 1) / 4
        ends = np.array([[_CORNER[0] - 500, y], [_CORNER[0] + columns * _SIDE_M + 500, y]])
        lines.append(_crooked(ends[0], ends[1], rng, 300, 40))
    rivers = np.arange(len(lines)) >= len(lines) - 3
    return gpd.GeoDataFrame(
        {
            "barrier_id": [f"L{i}" for i in range(len(lines))], "kind": np.where(rivers, "river", "road"),
            "road_class": np.where(rivers, None, "village"), "bridge": False,
        },
        geometry=[shapely.MultiLineString([line]) for line in lines], crs=_CRS,
    )  # fmt: skip
