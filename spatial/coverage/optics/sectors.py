"""From a camera's optics to the plane sector that it resolves: headings, width, dead zone and far limit.

Pinhole camera over flat ground: ``HFOV = 2 atan(sw / 2f)``; pixels per metre at depth ``z`` along the axis are
``N f / (sw z)`` with ``z = d cos t + (H - h) sin t``; the dead zone of a target of height ``h`` ends at
``(H - h) / tan(t + VFOV/2)``; the upper edge of the image meets it at ``(H - h) / tan(t - VFOV/2)``.
Lens distortion is left out. Angles of 170 degrees and more are taken as cylindrical (``N / (HFOV d)``).

The far limit is the nearest of pixel density, upper edge, night range and stated range; a stated angle or
range wins over one that rests on defaults. What a list lacks gets the default of the camera's kind, and is named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.coverage.optics.headings import headings

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Ints


__all__ = ["DEFAULTS", "SENSORS", "Optics", "Sectors", "optics", "pixels_at"]

SENSORS: dict[str, tuple[float, float]] = {
    "1/3": (4.8, 2.7), "1/2.8": (5.37, 3.02), "1/2.7": (5.37, 3.02), "1/2.5": (5.76, 3.24),
    "1/2": (6.4, 3.6), "1/1.8": (7.18, 4.04), "2/3": (8.8, 4.95),
}  # fmt: skip
"""Width and height in mm of the 16:9 image on a sensor format."""


@dataclass(frozen=True)
class Preset:
    """What a camera of one kind is taken to be where the list is silent."""

    focal_mm: float
    mount_m: float
    tilt_deg: float
    width_px: float = 1920
    hfov_deg: float = np.nan
    vfov_deg: float = np.nan
    sensor: str = "1/2.8"


DEFAULTS: dict[str, Preset] = {
    "bullet": Preset(focal_mm=6, mount_m=5, tilt_deg=10),
    "dome": Preset(focal_mm=4, mount_m=3, tilt_deg=10),
    "ptz": Preset(focal_mm=6, mount_m=6, tilt_deg=10),
    "panorama": Preset(focal_mm=4, mount_m=5, tilt_deg=15, width_px=7680, hfov_deg=360, vfov_deg=60),
    "gate": Preset(focal_mm=12, mount_m=6, tilt_deg=8),
}
"""Defaults by kind of camera; a panorama joins four 1920 px images, a PTZ is taken at its wide end."""

_CYLINDRICAL_DEG = 170.0


@dataclass(frozen=True)
class Sectors:
    """Plane sectors, several per camera where it has several headings; degrees clockwise from north, metres."""

    camera: Ints
    azimuth_deg: Floats
    hfov_deg: Floats
    near_m: Floats
    far_m: Floats

    def take(self, rows: Ints | Flags) -> Sectors:
        """Keep some sectors."""
        return Sectors(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def widened(self, by_deg: Floats) -> Sectors:
        """Widen (or, below zero, narrow) each sector on both sides, within 0-360 degrees."""
        return replace(self, hfov_deg=np.clip(self.hfov_deg + 2 * by_deg, 0.0, 360.0))


@dataclass(frozen=True)
class Optics:
    """The sectors of a camera list, and what had to be assumed for them.

    `coarse_m` is the far limit by everything but pixel density; `turning` marks cameras that reach their
    view, but not at once; `headless` those whose heading nobody knows; `tolerance_deg` is the doubt of it;
    `mount_m` is the height of each camera, `tilt_deg` its tilt, `focal_px` its focal length in pixels.
    `assumed` holds every default that was used, by column; `resting` marks the cameras whose heading, width or
    far limit is what it is because of one.
    """

    sectors: Sectors
    coarse_m: Floats
    turning: Flags
    headless: Flags
    tolerance_deg: Floats
    assumed: dict[str, Flags]
    resting: Flags
    mount_m: Floats
    tilt_deg: Floats
    focal_px: Floats


def optics(cameras: gpd.GeoDataFrame | pd.DataFrame, *, density: float = 62.5, target_m: float = 1.5) -> Optics:
    """Derive each camera's sectors for a target `target_m` above ground at `density` pixels per metre.

    A camera of unknown kind is a bullet. A PTZ reaches a full disc, a panorama sees one. A fixed camera
    without heading gets one sector at azimuth 0 and is marked `headless`. An empty frame gives no sectors.

    >>> one = pd.DataFrame({"kind": ["bullet"], "azimuth_deg": [90.0]})
    >>> sectors = optics(one).sectors
    >>> round(float(sectors.near_m[0]), 1), round(float(sectors.far_m[0]), 1)
    (7.8, 34.2)
    """
    lens = _lens(cameras)
    assumed = {name: lens.pop(f"assumed_{name}").astype(bool) for name in _ASSUMABLE}
    turning, around = lens["turning"].astype(bool), lens["around"].astype(bool)
    near, far, coarse, guessed = _limits(lens, density, target_m, turning)
    number, heading, width = _headings(cameras, lens["hfov"])
    full = (turning | around)[number]
    first = np.r_[True, number[1:] != number[:-1]] if len(number) else np.empty(0, bool)
    keep = ~full | first
    headless = np.isnan(heading)
    assumed["azimuth_deg"] = np.zeros(len(near), bool)
    assumed["azimuth_deg"][number[headless & ~full]] = True
    width = np.where(turning[number], 360.0, width)
    heading = np.where(headless | full, 0.0, heading)
    sectors = Sectors(number, heading, width, near[number], far[number]).take(keep)
    tolerance = np.where(turning | around, 0.0, _column(cameras, "azimuth_tolerance_deg", 0.0))
    width_guessed = (assumed["focal_mm"] | assumed["sensor"]) & ~turning & ~around
    resting = guessed | width_guessed | assumed["azimuth_deg"]
    return Optics(sectors, coarse, turning, assumed["azimuth_deg"], tolerance, assumed, resting,
                  lens["mount"], lens["tilt"], _focal_px(lens))  # fmt: skip


def pixels_at(lens: Optics, camera: Ints, distance_m: Floats, *, target_m: float = 1.5) -> Floats:
    """Pixels per metre that some cameras have at a distance over the ground, were they to look there."""
    drop = np.maximum(lens.mount_m[camera] - target_m, 0.0)
    tilt = np.radians(lens.tilt_deg[camera])
    straight = distance_m * np.cos(tilt) + drop * np.sin(tilt)
    depth = np.where(lens.turning[camera], np.hypot(distance_m, drop), straight)
    return np.asarray(lens.focal_px[camera] / np.maximum(depth, 0.1))


def _focal_px(lens: dict[str, Floats]) -> Floats:
    """Pixels across the image over its width at one metre's depth."""
    hfov = np.radians(lens["hfov"])
    pinhole = 2 * np.tan(np.minimum(hfov, np.radians(_CYLINDRICAL_DEG)) / 2)
    return np.asarray(lens["pixels"] / np.where(lens["hfov"] >= _CYLINDRICAL_DEG, hfov, pinhole))


_ASSUMABLE = ("kind", "focal_mm", "sensor", "vfov_deg", "width_px", "mount_m", "tilt_deg")


def _column(frame: pd.DataFrame, name: str, default: float = np.nan) -> Floats:
    """Read a column of numbers; missing columns and values give the default."""
    if name not in frame.columns:
        return np.full(len(frame), default)
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(values), default, values)


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame.columns:
        return [""] * len(frame)
    return frame[name].astype(object).where(frame[name].notna(), "").astype(str).str.strip().tolist()


def _lens(cameras: pd.DataFrame) -> dict[str, Floats]:
    """Gather angles, pixels and mount of every camera, with `assumed_*` flags for what was a default."""
    kinds = _texts(cameras, "kind")
    unknown = np.array([kind not in DEFAULTS for kind in kinds], dtype=bool)
    kind = np.array([name if name in DEFAULTS else "bullet" for name in kinds], dtype=object)

    def preset(name: str) -> Floats:
        table = {key: getattr(value, name) for key, value in DEFAULTS.items()}
        return np.array([table[key] for key in kind], dtype=float)

    focal, pixels = _column(cameras, "focal_mm"), _column(cameras, "width_px")
    focal, pixels = np.where(focal > 0, focal, np.nan), np.where(pixels > 0, pixels, np.nan)
    hfov, vfov = _column(cameras, "hfov_deg"), _column(cameras, "vfov_deg")
    hfov, vfov = np.where(hfov > 0, hfov, np.nan), np.where(vfov > 0, vfov, np.nan)
    sw, sh, no_sensor = _sensors(cameras)
    mount, tilt = _column(cameras, "mount_m"), _column(cameras, "tilt_deg")
    f = np.where(np.isnan(focal), preset("focal_mm"), focal)
    by_lens = np.degrees(2 * np.arctan(sw / (2 * f)))
    hfov_known = ~np.isnan(hfov)
    fixed = preset("hfov_deg")
    lensless = np.isnan(focal)
    width = np.where(hfov_known, hfov, np.where(lensless & ~np.isnan(fixed), fixed, by_lens))
    by_aspect = np.degrees(2 * np.arctan(np.tan(np.radians(np.minimum(width, 120.0)) / 2) * _aspect(cameras)))
    by_height = np.degrees(2 * np.arctan(sh / (2 * f)))
    preset_v = preset("vfov_deg")
    derived = np.where(lensless & hfov_known, by_aspect, by_height)
    derived = np.where(lensless & ~np.isnan(preset_v), preset_v, derived)
    turning = kind == "ptz"
    steep = ~turning & np.isnan(vfov)
    return {
        "hfov": np.clip(width, 0.1, 360.0),
        "vfov": np.where(np.isnan(vfov), derived, vfov),
        "pixels": np.where(np.isnan(pixels), preset("width_px"), pixels),
        "mount": np.where(np.isnan(mount), preset("mount_m"), mount),
        "tilt": np.where(np.isnan(tilt), preset("tilt_deg"), tilt),
        "range": _column(cameras, "range_m"),
        "night": _column(cameras, "night_m"),
        "known_pixels": (~np.isnan(pixels) & (hfov_known | (~lensless & ~no_sensor))).astype(float),
        "known_tilt": (~np.isnan(tilt)).astype(float),
        "known_mount": (~np.isnan(mount)).astype(float),
        "turning": turning.astype(float),
        "around": (width >= 359.9).astype(float),
        "assumed_kind": unknown.astype(float),
        "assumed_focal_mm": (lensless & ~hfov_known).astype(float),
        "assumed_sensor": (no_sensor & ~hfov_known).astype(float),
        "assumed_vfov_deg": (steep & lensless & hfov_known).astype(float),
        "assumed_width_px": np.isnan(pixels).astype(float),
        "assumed_mount_m": np.isnan(mount).astype(float),
        "assumed_tilt_deg": (np.isnan(tilt) & ~turning).astype(float),
    }  # fmt: skip


def _sensors(cameras: pd.DataFrame) -> tuple[Floats, Floats, Flags]:
    """Width and height of each sensor in mm, and which were not named or not known."""
    names = [text.replace('"', "").replace("″", "").replace("英寸", "").strip() for text in _texts(cameras, "sensor")]
    sizes = np.array([SENSORS.get(name, SENSORS["1/2.8"]) for name in names], dtype=float).reshape(-1, 2)
    return sizes[:, 0], sizes[:, 1], np.array([name not in SENSORS for name in names], dtype=bool)


def _aspect(cameras: pd.DataFrame) -> Floats:
    """Height over width of the image; 9:16 where the list is silent."""
    width, height = _column(cameras, "width_px"), _column(cameras, "height_px")
    known = (width > 0) & (height > 0)
    return np.asarray(np.divide(height, width, out=np.full(len(width), 9 / 16), where=known))


def _limits(
    lens: dict[str, Floats], density: float, target_m: float, turning: Flags
) -> tuple[Floats, Floats, Floats, Flags]:
    """Dead zone, far limit, and far limit without the pixel density, in metres; and whose far limit is a guess."""
    drop = np.maximum(lens["mount"] - target_m, 0.0)
    tilt, half = np.radians(lens["tilt"]), np.radians(lens["vfov"]) / 2
    depth = _focal_px(lens) / density
    straight = (depth - drop * np.sin(tilt)) / np.cos(np.minimum(tilt, np.radians(89)))
    aimed = np.sqrt(np.maximum(depth**2 - drop**2, 0.0))  # a PTZ points its axis at the target
    by_pixels = np.where(turning | (lens["hfov"] >= _CYLINDRICAL_DEG), aimed, straight)
    lower, upper = tilt + half, tilt - half
    near = np.where(lower >= np.pi / 2, 0.0, drop / np.tan(np.clip(lower, 1e-6, np.pi / 2 - 1e-9)))
    near = np.where(turning, 0.0, near)
    edge = np.where(upper > 1e-6, drop / np.tan(np.clip(upper, 1e-6, np.pi / 2 - 1e-9)), np.inf)
    edge = np.where(turning | (drop <= 0) | (lens["known_tilt"] == 0), np.inf, edge)
    stated = ~np.isnan(lens["range"])
    coarse = np.fmin(np.fmin(lens["range"], lens["night"]), edge)
    trusted = stated & (lens["known_pixels"] == 0)
    far = np.where(trusted, coarse, np.fmin(coarse, by_pixels))
    guessed = np.where(far < coarse, lens["known_pixels"] == 0, (far == edge) & (lens["known_mount"] == 0))
    return near, np.maximum(far, 0.0), coarse, guessed


def _headings(cameras: pd.DataFrame, hfov: Floats) -> tuple[Ints, Floats, Floats]:
    """Camera number, heading (NaN where unknown) and width of every sector."""
    azimuth = _column(cameras, "azimuth_deg")
    listed = [headings(text) if text else [] for text in _texts(cameras, "headings_deg")]
    known_width = ~np.isnan(_column(cameras, "hfov_deg")) | ~np.isnan(_column(cameras, "focal_mm"))
    number: list[int] = []
    heading: list[float] = []
    width: list[float] = []
    for row, several in enumerate(listed):
        for angle, span in several or [(float(azimuth[row]), None)]:
            number.append(row)
            heading.append(angle)
            width.append(float(hfov[row]) if span is None or known_width[row] else span)
    return np.array(number, dtype=np.int64), np.array(heading, dtype=float), np.array(width, dtype=float)
