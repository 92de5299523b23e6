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
from spatial.coverage.optics.pixels import pixel_name
from spatial.coverage.sight.visibility import walls
from spatial.coverage.views import camera_views
from spatial.coverage.views.sightings import who_sees
from spatial.coverage.views.turning import with_turns
from spatial.errors import InfeasibleError, SchemaError

if TYPE_CHECKING:
    from api.jobs.progress import Progress

__all__ = ["SeesOptions", "run_sees"]

_WORTH, _MOST = 1.1, 100.0  # turning is told where a camera sees a tenth more for it
_FAR_DEG = 0.01  # cameras farther than about a kilometre are not asked


@dataclass(frozen=True)
class SeesOptions:
    """The place, in degrees (EPSG:4490)."""

    lon: float
    lat: float


def run_sees(project: Target, options: SeesOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Ask the cameras around a place, at the pixel level of the latest coverage run; nothing is stored.

    Raises `InfeasibleError` where the project holds no cameras, `SchemaError` where the place is not on earth.
    """
    del progress
    watch = Stopwatch()
    _require_place(options)
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
    views = with_turns(camera_views(cameras, standing=standing, pixels=run.pixels, terrain=terrain), standing)
    found = who_sees(cameras, views, standing, float(x), float(y))
    rows = found.round({"distance_m": 1, "px_per_m": 1, "obstacle_m": 1}).astype(object)
    rows = rows.where(pd.notna(rows), None)
    rows = rows.merge(_facts(views.frame), on="camera_id", how="left", validate="one_to_one")
    return {
        "lon": options.lon, "lat": options.lat, "pixels": run.pixels, "pixel_level": pixel_name(run.pixels),
        "seen_by": int(found["sees"].sum()), "cameras": rows.to_dict("records"), "seconds": watch.seconds,
    }  # fmt: skip


def _require_place(options: SeesOptions) -> None:
    """Refuse what is no longitude and latitude, and say so where the two may have changed places."""
    if abs(options.lon) <= 180 and abs(options.lat) <= 90:
        return
    swapped = abs(options.lat) <= 180 and abs(options.lon) <= 90
    zh, en = ("：经度在前，纬度在后", ": longitude comes first, latitude second") if swapped else ("", "")
    raise SchemaError(
        f"{options.lon:g}, {options.lat:g} 不是经纬度{zh}",
        f"{options.lon:g}, {options.lat:g} is no longitude and latitude{en}",
    )


def _facts(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give what is to know of each camera as it hangs, whatever place is asked for; None where nothing is known.

    `axis_obstacle_m` is the first building straight ahead, `turn_deg` the heading at which it would see `turn_gain`
    times as much (at most a hundred), `assumed` the inputs that the list does not tell.
    """
    area, best = (frame[name].to_numpy(dtype=float) for name in ("area_m2", "best_m2"))
    gain = np.minimum(np.divide(best, area, out=np.where(best > 0, np.inf, np.nan), where=area > 0), _MOST)
    gain[~(gain >= _WORTH)] = np.nan
    facts = pd.DataFrame({
        "camera_id": frame["camera_id"], "view_m2": area.round(1), "blocked_share": frame["blocked_share"].round(4),
        "axis_obstacle_m": frame["obstacle_m"].round(1), "turn_gain": gain.round(2),
        "turn_deg": frame["best_azimuth_deg"].where(~np.isnan(gain)), "assumed": frame["assumed"],
    }).astype(object)  # fmt: skip
    return facts.where(pd.notna(facts), None)
