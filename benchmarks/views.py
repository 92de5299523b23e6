"""Exact views of cameras among row houses, beside shadows cut out with shapely on the same scene.

The peer is the way a GIS person would do it: every footprint near a camera casts a shadow polygon, their union is
subtracted from the sector. Areas of both are compared in the same run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.stopwatch import cpu, row
from spatial.coverage.views import camera_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CRS = "EPSG:4550"
SAMPLE = 200  # cameras that the slow peer computes


def _scene(
    rows_of_houses: int = 120, houses: int = 100, cameras: int = 4000
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Attached houses 11 m wide in rows 26 m apart, cameras in the lanes between them."""
    rng = np.random.default_rng(3)
    x = 500_000 + np.tile(np.arange(houses) * 11.0, rows_of_houses)
    y = 4_500_000 + np.repeat(np.arange(rows_of_houses) * 26.0, houses)
    footprints = shapely.box(x, y, x + 11.0, y + rng.uniform(8, 12, len(x)))
    kept = rng.random(len(x)) < 0.9
    buildings = gpd.GeoDataFrame(
        {"building_id": [f"B{number}" for number in range(kept.sum())]}, geometry=footprints[kept], crs=CRS
    )
    lane = 4_500_000 + rng.integers(0, rows_of_houses, cameras) * 26.0 + 19.0
    spots = gpd.points_from_xy(rng.uniform(500_000, 500_000 + 11.0 * houses, cameras), lane)
    inventory = {
        "camera_id": [f"C{number}" for number in range(cameras)],
        "kind": "bullet",
        "azimuth_deg": rng.uniform(0, 360, cameras),
        "hfov_deg": 60.0,
        "range_m": 100.0,
        "mount_m": 2.0,
    }
    return gpd.GeoDataFrame(inventory, geometry=spots, crs=CRS), buildings


def _shadow(eye: shapely.Point, ring: NDArray[np.float64], reach: float) -> shapely.Geometry:
    """Give what one convex footprint hides from `eye` within `reach` metres."""
    away = ring - [eye.x, eye.y]
    far = ring + away / np.linalg.norm(away, axis=1, keepdims=True) * reach * 4
    return shapely.convex_hull(shapely.multipoints(np.vstack([ring, far])))


def _with_shapely(
    cameras: gpd.GeoDataFrame, sectors: NDArray[np.object_], buildings: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    footprints = buildings.geometry.to_numpy()
    tree = shapely.STRtree(footprints)
    areas = []
    for eye, sector in zip(cameras.geometry, sectors, strict=True):
        near = footprints[tree.query(sector, predicate="intersects")]
        shadows = [_shadow(eye, shapely.get_coordinates(footprint)[:-1], 150.0) for footprint in near]
        areas.append(shapely.difference(sector, shapely.union_all(shadows)).area)
    return np.array(areas)


def rows() -> Iterator[str]:
    """Yield the rows of the table."""
    cameras, buildings = _scene()
    camera_views(cameras.head(10), buildings=buildings)  # compiles, or loads what was compiled before
    own, views = cpu(lambda: camera_views(cameras, buildings=buildings))
    few = cameras.head(SAMPLE)
    peer, areas = cpu(lambda: _with_shapely(few, views.open_views[:SAMPLE], buildings), repeat=1)
    ours = views.frame["area_m2"].to_numpy(dtype=float)[:SAMPLE]
    per_camera = own / len(cameras) * 1000
    yield row(
        f"1,000 of {len(cameras):,} views, {len(buildings):,} footprints",
        per_camera,
        "shapely shadows",
        peer / SAMPLE * 1000,
    )
    off = np.abs(ours - areas) / np.maximum(areas, 1.0)
    yield f"| largest difference of area | {off.max():.4%} | | | |"
