"""Small invented ground for tests: villages side by side with roads, homes and whatever a test adds."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

CRS = "EPSG:4550"
ORIGIN = np.array([500_000.0, 4_560_000.0])


@dataclass
class Ground:
    """Frames of the layers, in metres."""

    villages: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    hamlets: gpd.GeoDataFrame | None = None
    extra: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)


def villages_of(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    """Make a villages frame, codes 211122101200 onward."""
    codes = [f"2111221012{i:02d}" for i in range(len(shapes))]
    return gpd.GeoDataFrame(
        {
            "village_code": codes, "village": [f"村{i}" for i in range(len(shapes))], "town_code": "211122101",
            "town": "镇", "county_code": "211122", "county": "县", **columns,
        },
        geometry=[shapely.MultiPolygon([s]) if s.geom_type == "Polygon" else s for s in shapes], crs=CRS,
    )  # fmt: skip


def lines_of(*rows: tuple[str, str | None, bool, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Make a barriers frame of (kind, road_class, bridge, corners relative to the origin)."""
    shapes = [shapely.MultiLineString([shapely.LineString(np.array(xy) + ORIGIN)]) for *_, xy in rows]
    return gpd.GeoDataFrame(
        {
            "barrier_id": [f"L{i}" for i in range(len(rows))], "kind": [row[0] for row in rows],
            "road_class": [row[1] for row in rows], "bridge": [row[2] for row in rows],
        },
        geometry=shapes, crs=CRS,
    )  # fmt: skip


def homes_at(xy: np.ndarray, households: int | np.ndarray = 1) -> gpd.GeoDataFrame:
    """Make a homes frame of points relative to the origin."""
    points = np.asarray(xy, float) + ORIGIN
    names = [f"H{i:05d}" for i in range(len(points))]
    return gpd.GeoDataFrame(
        {"home_id": names, "households": households}, geometry=shapely.points(points), crs=CRS
    )  # fmt: skip


def scattered(seed: int, count: int, *, within: tuple[float, float, float, float]) -> np.ndarray:
    """Draw points in a box (relative to the origin), half of them in clusters."""
    rng = np.random.default_rng(seed)
    low, high = np.array(within[:2]), np.array(within[2:])
    centres = rng.uniform(low, high, (4, 2))
    near = centres[rng.integers(0, 4, count // 2)] + rng.normal(0, (high - low) / 12, (count // 2, 2))
    far = rng.uniform(low, high, (count - count // 2, 2))
    return np.clip(np.concatenate([near, far]), low + 1, high - 1)


def box(left: float, low: float, right: float, high: float) -> shapely.Polygon:
    """Give a box relative to the origin."""
    return shapely.box(left + ORIGIN[0], low + ORIGIN[1], right + ORIGIN[0], high + ORIGIN[1])


def two_villages(seed: int, homes: int = 120) -> Ground:
    """Two villages that share a border, a few roads, and homes."""
    rng = np.random.default_rng(seed)
    bend = 1000 + rng.uniform(-150, 150, 4)
    border = np.column_stack([bend, np.linspace(0, 1200, 4)])
    left = shapely.Polygon(np.vstack([[0, 0], border, [0, 1200]]) + ORIGIN)
    right = shapely.Polygon(np.vstack([border[::-1], [2000, 0], [2000, 1200]])[[0, 1, 2, 3, 4, 5]] + ORIGIN)
    roads = [
        ("road", "village", False, [(-50, y), (2050, y + rng.uniform(-200, 200))]) for y in rng.uniform(200, 1000, 2)
    ] + [("road", "county", False, [(x, -50), (x + rng.uniform(-200, 200), 1250)]) for x in rng.uniform(200, 1800, 3)]
    return Ground(
        villages_of([left, right]),
        homes_at(scattered(seed, homes, within=(0, 0, 2000, 1200))),
        lines_of(*roads),
    )


grounds = st.builds(two_villages, st.integers(0, 10_000), st.integers(40, 200))
"""Two villages with roads and homes, by seed."""
