"""`wangge sees`: which cameras see a place, at what pixel density, and what hides it from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.jobs.coverage import terrain_around
from api.jobs.desk import Desk, Stopwatch, Target, opened
from api.jobs.site import latest_coverage
from spatial.coverage.pixels import pixel_name
from spatial.coverage.sightings import who_sees
from spatial.coverage.views import camera_views
from spatial.coverage.visibility import walls
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from api.jobs.progress import Progress

__all__ = ["SeesOptions", "run_sees"]

_FAR_DEG = 0.01  # cameras farther than about a kilometre are not asked


@dataclass(frozen=True)
class SeesOptions:
    """The place, in degrees (EPSG:4490)."""

    lon: float
    lat: float


def run_sees(project: Target, options: SeesOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Ask the cameras around a place, at the pixel level of the latest coverage run; nothing is stored.

    Raises `InfeasibleError` where the project holds no cameras.
    """
    del progress
    watch = Stopwatch()
    with opened(project) as store, store.reading():
        if not store.count("cameras"):
            raise InfeasibleError(
                "项目里没有摄像机：先 wangge load PROJECT cameras FILE",
                "the project holds no cameras: first wangge load PROJECT cameras FILE",
            )
        desk, run = Desk(store), latest_coverage(store)
        low, high = np.array([options.lon, options.lat]) - _FAR_DEG, np.array([options.lon, options.lat]) + _FAR_DEG
        box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        cameras, buildings = (desk.door.forward(store.read(name, bbox=box)) for name in ("cameras", "buildings"))
        terrain = terrain_around(desk, cameras) if len(cameras) else None
    place = gpd.GeoDataFrame(geometry=[shapely.Point(options.lon, options.lat)], crs=4490)
    x, y = shapely.get_coordinates(desk.door.forward(place).geometry.to_numpy())[0]
    cameras = cameras.sort_values("camera_id", ignore_index=True)
    standing = walls(buildings)
    views = camera_views(cameras, standing=standing, pixels=run.pixels, terrain=terrain)
    found = who_sees(cameras, views, standing, float(x), float(y))
    rows = found.round({"distance_m": 1, "px_per_m": 1, "obstacle_m": 1}).astype(object)
    rows = rows.where(pd.notna(rows), None)
    return {
        "lon": options.lon, "lat": options.lat, "pixels": run.pixels, "pixel_level": pixel_name(run.pixels),
        "seen_by": int(found["sees"].sum()), "cameras": rows.to_dict("records"), "seconds": watch.seconds,
    }  # fmt: skip
