"""The camera list as an inventory: what works, is networked, filed and high-definition, by point class.

These are counts of cameras (点位计), never areas. What a list does not say is not claimed: a camera without
`networked`, `filed` or pixel columns counts as not networked, not filed, not high-definition; only `status`
is taken as working where it is missing, and counted as assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags

__all__ = ["COUNTED", "POINT_CLASSES", "inventory", "working"]

COUNTED = ("cameras", "cameras_working", "cameras_networked", "cameras_filed", "cameras_hd")
POINT_CLASSES = ("1", "2", "3", "9")
_HD_PIXELS = 1.3e6  # rural build specifications ask for 1.3 megapixels and more


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
    point_class = cameras["point_class"].astype(object).to_numpy() if given else np.full(len(cameras), None)
    for code in POINT_CLASSES:
        mine = np.array([str(value) == code for value in point_class], dtype=float)
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
