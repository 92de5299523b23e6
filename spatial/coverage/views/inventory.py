"""The camera list as an inventory: what works, is networked, filed and high-definition, by point class.

These are counts of cameras (点位计), never areas. What a list does not say is not claimed, and not denied: shares of
networked and high-definition cameras are of those of which the list tells it, the others are counted as unknown. A
camera without filing date counts as not filed, since a list has no other way to say so, as long as some camera has
one. Where a list says nothing for any camera, the share is unknown, not 0. Only `status` is taken as working where it
is missing, and counted as assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Ints
    from spatial.coverage.views.cameras import Views
    from spatial.units import Units

__all__ = ["COUNTED", "POINT_CLASSES", "TOLD", "Listed", "inventory", "listed", "unknown_columns", "working"]

COUNTED = ("cameras", "cameras_working", "cameras_networked", "cameras_filed", "cameras_hd")
POINT_CLASSES = ("1", "2", "3", "9")
TOLD = ("networked", "hd")
"""What a list may tell of some cameras and not of others."""
_HD_PIXELS = 1.3e6  # rural build specifications ask for 1.3 megapixels and more


@dataclass(frozen=True)
class Listed:
    """The camera list as figures need it, row by row: what is counted, where, and how large and sure each view is.

    `camera` and `target` hold village and cell (from 1) of the cameras and of the targets; a camera or place outside
    all villages belongs to the nearest. `area_m2` is 0 for views that do not count. `silent` names the official
    columns that the list says nothing about, `told` flags per camera for which of `TOLD` it says something.
    """

    ids: pd.Index
    counted: Floats
    told: Floats
    camera: Ints
    target: Ints
    area_m2: Floats
    empty: Flags
    resting: Flags
    turning: Flags
    silent: tuple[str, ...]


def listed(cameras: gpd.GeoDataFrame, views: Views, seeing: Flags, area: Units, targets: pd.DataFrame) -> Listed:
    """Gather what figures need of a camera list."""
    aims = targets[["x", "y"]].to_numpy(dtype=float)
    camera, target = (
        np.column_stack([area.village_at(xy, nearest=True), area.cell_at(xy, nearest=True)]) for xy in (views.xy, aims)
    )
    frame = views.frame
    return Listed(
        pd.Index(cameras["camera_id"]), inventory(cameras, works=seeing).to_numpy(dtype=float), _told(cameras),
        camera, target,
        frame["area_m2"].to_numpy(dtype=float) * seeing, np.asarray(shapely.is_missing(frame.geometry.to_numpy())),
        views.optics.resting, frame["not_at_once"].to_numpy(dtype=bool), unknown_columns(cameras),
    )  # fmt: skip


def unknown_columns(cameras: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Name the official figures that the list says nothing about: it lacks the column, or every value in it."""
    columns = {"networked": "networked", "filed": "filed", "hd": "width_px"}
    return tuple(name for name, column in columns.items()
                 if len(cameras) and (column not in cameras.columns or cameras[column].isna().all()))  # fmt: skip


def inventory(cameras: gpd.GeoDataFrame, *, works: Flags | None = None) -> pd.DataFrame:
    """Give one row of ones and zeros per camera, with the counted columns of the layer `coverage`.

    `works` says which are taken as working; by default those that the list does not call faulty or offline.
    """
    works = working(cameras) if works is None else works
    flags = np.column_stack([
        np.ones(len(cameras)), works, _true(cameras, "networked"), _given(cameras, "filed"), _hd(cameras),
    ])  # fmt: skip
    table = pd.DataFrame(flags, columns=list(COUNTED))
    given = "point_class" in cameras.columns
    point_class = cameras["point_class"].astype(str).to_numpy(dtype=str) if given else np.full(len(cameras), "")
    for code in POINT_CLASSES:
        mine = (point_class == code).astype(float)
        for name in COUNTED:
            table[f"{name}_{code}"] = table[name].to_numpy() * mine
    return table


def working(cameras: gpd.GeoDataFrame) -> Flags:
    """Tell which cameras work; a missing `status` is taken as working."""
    if "status" not in cameras.columns:
        return np.ones(len(cameras), bool)
    status = cameras["status"]
    answer: Flags = (status.isna() | (status.astype(object) == "working")).to_numpy(dtype=bool)
    return answer


def _told(cameras: gpd.GeoDataFrame) -> Floats:
    """Tell of which cameras the list says something, one column per name of `TOLD`."""
    return np.column_stack([_given(cameras, name) for name in ("networked", "width_px")]).astype(float)


def _true(frame: gpd.GeoDataFrame, name: str) -> Flags:
    if name not in frame.columns:
        return np.zeros(len(frame), bool)
    return np.array([value is not None and not pd.isna(value) and bool(value) for value in frame[name]], dtype=bool)


def _given(frame: gpd.GeoDataFrame, name: str) -> Flags:
    if name not in frame.columns:
        return np.zeros(len(frame), bool)
    values = frame[name]
    answer: Flags = (values.notna() & (values.astype(object) != "")).to_numpy(dtype=bool)
    return answer


def _hd(frame: gpd.GeoDataFrame) -> Flags:
    if "width_px" not in frame.columns:
        return np.zeros(len(frame), bool)
    width = frame["width_px"].to_numpy(dtype=float, na_value=np.nan)
    height = width * 9 / 16
    if "height_px" in frame.columns:
        stated = frame["height_px"].to_numpy(dtype=float, na_value=np.nan)
        height = np.where(stated > 0, stated, height)
    return np.asarray(width * height >= _HD_PIXELS)
