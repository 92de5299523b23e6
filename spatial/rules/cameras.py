"""Rules a camera list must keep: ids, positions, headings, and the duties of State Council Order 799.

Device ids follow GB/T 28181 annex, rule A: 20 digits, county in 1-6, type in 11-13. A camera without an id is
not at fault; one whose id is wrong is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.coverage.optics import optics
from spatial.coverage.optics.pixels import pixel_density, pixel_name
from spatial.crs import require_metres
from spatial.datum import to_wgs84
from spatial.problems import Problems

if TYPE_CHECKING:
    from spatial.arrays import Flags, Geometries

__all__ = ["check_cameras"]

MOST_AT_ONE_PLACE = 6
RETENTION_DAYS = 30
FILED_DAYS = 30
OLD_FILED_BY = pd.Timestamp("2025-07-01", tz="UTC")
"""Until then cameras older than State Council Order 799 (1 April 2025) could be filed."""
_CAMERA_TYPES = ("131", "132")
_NEAR_TYPES = ("121", "122")
_DIVISION = r"\d{6}"


def check_cameras(
    cameras: gpd.GeoDataFrame,
    *,
    villages: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    pixels: str | float = "2014:observe",
    today: pd.Timestamp | None = None,
) -> Problems:
    """List every camera that breaks a rule; frames in metres, rows sorted by camera.

    Positions are checked against `villages` and `zones` where there are any, county digits only where the county codes
    have six digits; retention, filing and signs only where the list has these columns filled for some camera. A
    camera that need not be filed yet `today` (a moment with its zone) is not called unfiled.
    """
    require_metres(cameras, "cameras")
    cameras = cameras.sort_values("camera_id", kind="stable", ignore_index=True)
    problems = Problems()
    _ids(cameras, problems)
    _positions(cameras, villages, problems)
    _views(cameras, problems, pixels)
    _duties(cameras, problems, today)
    _zones(cameras, zones, problems)
    return problems


def _text(frame: gpd.GeoDataFrame, name: str) -> pd.Series[str]:
    """Read a column as text; empty where it is missing."""
    if name not in frame.columns:
        return pd.Series([""] * len(frame), index=frame.index, dtype=object)
    text: pd.Series[str] = frame[name].astype(object).where(frame[name].notna(), "").astype(str).str.strip()
    return text


def _mark(problems: Problems, problem: str, cameras: gpd.GeoDataFrame, rows: Flags, **values: Geometries) -> None:
    """Write one problem per marked row; `values` are per-camera figures."""
    codes, points = cameras["camera_id"].to_numpy(), cameras.geometry.to_numpy()
    for row in np.flatnonzero(rows):
        figures = {name: column[row] for name, column in values.items()}
        problems.add(problem, code=str(codes[row]), geometry=points[row], **figures)


def _ids(cameras: gpd.GeoDataFrame, problems: Problems) -> None:
    ids = _text(cameras, "gb_id")
    given = (ids != "").to_numpy(bool)
    proper = ids.str.fullmatch(r"\d{20}").to_numpy(bool)
    values = ids.to_numpy(dtype=object)
    _mark(problems, "camera-id-form", cameras, given & ~proper, value=values)
    kind = ids.str[10:13].to_numpy(dtype=object)
    near = np.isin(kind.astype(str), _NEAR_TYPES)
    _mark(problems, "camera-id-gate-type", cameras, proper & near, value=kind)
    _mark(problems, "camera-id-type", cameras, proper & ~near & ~np.isin(kind.astype(str), _CAMERA_TYPES), value=kind)
    count = ids.map(ids[given].value_counts()).fillna(0).to_numpy(dtype=int)
    first = given & (count > 1) & ~ids.duplicated().to_numpy(bool)
    _mark(problems, "camera-id-repeated", cameras, first, value=values, count=count.astype(object))


def _positions(cameras: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None, problems: Problems) -> None:
    points = cameras.geometry.to_numpy()
    placed = ~(shapely.is_missing(points) | shapely.is_empty(points))
    _mark(problems, "camera-position-missing", cameras, ~placed)
    xy = pd.DataFrame({"x": np.round(shapely.get_x(points), 2), "y": np.round(shapely.get_y(points), 2)})
    together = xy.groupby(["x", "y"])["x"].transform("size").fillna(0).to_numpy(dtype=int)
    crowd = placed & (together > MOST_AT_ONE_PLACE) & ~xy.duplicated().to_numpy(bool)
    _mark(problems, "cameras-crowded", cameras, crowd, count=together.astype(object))
    if villages is None or not len(villages):
        return
    villages = villages.sort_values("village_code", kind="stable", ignore_index=True)
    rows = np.flatnonzero(placed)
    tree = shapely.STRtree(villages.geometry.to_numpy())
    near = tree.nearest(points[rows])
    metres = np.zeros(len(points))
    metres[rows] = shapely.distance(points[rows], villages.geometry.to_numpy()[near])
    _mark(problems, "camera-outside-county", cameras, metres > 0, metres=metres.astype(object))
    _other_datum(cameras, villages, tree, metres > 0, problems)
    county = np.full(len(points), "", dtype=object)
    county[rows] = villages["county_code"].to_numpy(dtype=object)[near]
    head = _text(cameras, "gb_id").str[:6].to_numpy(dtype=object)
    known = pd.Series(head).str.fullmatch(_DIVISION) & pd.Series(county).str.fullmatch(_DIVISION)
    wrong = known.to_numpy(bool) & (head != county) & (metres == 0)
    _mark(problems, "camera-id-county", cameras, wrong, value=head, county=county)


def _other_datum(
    cameras: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, tree: shapely.STRtree, outside: Flags, problems: Problems
) -> None:
    """Find cameras outside the county that would stand in a village if their coordinates were GCJ-02 or BD-09."""
    rows = np.flatnonzero(outside)
    if not len(rows):
        return
    points = cameras.geometry.iloc[rows]
    for datum, name in (("gcj02", "GCJ-02"), ("bd09", "BD-09")):
        there = gpd.GeoSeries(to_wgs84(points.to_crs(4326).to_numpy(), datum), crs=4326).to_crs(cameras.crs)
        place, village = tree.query(there.to_numpy(), predicate="intersects")
        village = village[np.unique(place, return_index=True)[1]]
        for row, code in zip(rows[np.unique(place)], villages["village_code"].to_numpy()[village], strict=True):
            problems.add(
                "camera-datum-other", code=str(cameras["camera_id"].iloc[row]), geometry=cameras.geometry.iloc[row],
                datum=name, village=str(code),
            )  # fmt: skip
        rows, points = np.delete(rows, np.unique(place)), points.drop(points.index[np.unique(place)])


def _views(cameras: gpd.GeoDataFrame, problems: Problems, pixels: str | float) -> None:
    """Find missing headings, and views without a usable band at the level asked for."""
    lens = optics(cameras, density=pixel_density(pixels))
    _mark(problems, "camera-heading-missing", cameras, lens.headless)
    reach = np.zeros(len(cameras))
    np.maximum.at(reach, lens.sectors.camera, lens.sectors.far_m - lens.sectors.near_m)
    level = np.full(len(cameras), pixel_name(pixels), dtype=object)
    _mark(problems, "view-empty", cameras, reach <= 0, level=level)


def _duties(cameras: gpd.GeoDataFrame, problems: Problems, today: pd.Timestamp | None) -> None:
    status = _text(cameras, "status")
    off = (status.isin(["offline", "faulty"]) & (_text(cameras, "point_class") == "1")).to_numpy(bool)
    _mark(problems, "camera-class1-offline", cameras, off, value=status.to_numpy(dtype=object))
    if "retention_days" in cameras.columns:
        days = cameras["retention_days"].to_numpy(dtype=float, na_value=np.nan)
        whole = np.nan_to_num(days).astype(int).astype(object)
        _mark(problems, "camera-retention-short", cameras, days < RETENTION_DAYS, value=whole)
    if "filed" in cameras.columns and cameras["filed"].notna().any():
        early = np.zeros(len(cameras), bool) if today is None else (_due(cameras) >= today).to_numpy(dtype=bool)
        _mark(problems, "camera-unfiled", cameras, cameras["filed"].isna().to_numpy(bool) & ~early)
        _filed_late(cameras, problems)
    if "sign" in cameras.columns and cameras["sign"].notna().any():
        signed = cameras["sign"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
        _mark(problems, "camera-unsigned", cameras, ~signed)


def _filed_late(cameras: gpd.GeoDataFrame, problems: Problems) -> None:
    """Find cameras filed more than 30 days after use began; older ones than the order had three months from its day."""
    if "installed" not in cameras.columns:
        return
    begun, filed = _moments(cameras, "installed"), _moments(cameras, "filed")
    days = (filed - begun).dt.days.to_numpy(dtype=float)
    late = ((filed.dt.floor("D") > _due(cameras)) & (days > FILED_DAYS)).to_numpy(dtype=bool)
    _mark(problems, "camera-filed-late", cameras, late, days=np.nan_to_num(days).astype(int).astype(object))


def _due(cameras: gpd.GeoDataFrame) -> pd.Series[pd.Timestamp]:
    """Give the moment by which each camera must be filed; missing where nobody knows when its use began."""
    due = _moments(cameras, "installed") + pd.Timedelta(days=FILED_DAYS)
    return due.mask(due < OLD_FILED_BY, OLD_FILED_BY)


def _moments(cameras: gpd.GeoDataFrame, name: str) -> pd.Series[pd.Timestamp]:
    values = cameras[name] if name in cameras.columns else pd.Series(None, cameras.index, dtype=object)
    return pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")


def _zones(cameras: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, problems: Problems) -> None:
    if zones is None or not len(zones):
        return
    zones = zones.sort_values("zone_id", kind="stable", ignore_index=True)
    for kind, problem in (("forbidden", "camera-forbidden"), ("consent", "camera-consent")):
        mine = zones[zones["kind"] == kind]
        points = cameras.geometry.to_numpy()
        camera, zone = shapely.STRtree(mine.geometry.to_numpy()).query(points, predicate="intersects")
        inside = np.full(len(points), None, dtype=object)
        inside[camera[::-1]] = mine["zone_id"].to_numpy(dtype=object)[zone[::-1]]
        _mark(problems, problem, cameras, inside != np.array(None), value=inside)
