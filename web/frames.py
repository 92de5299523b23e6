"""What a map is made of, and what of it the public may see."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from spatial.errors import CrsError

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["SMALLEST_COUNT", "MapFrames", "for_the_public", "without_small_counts"]

SMALLEST_COUNT = 5
"""Counts below this are not shown to the public."""

_DEGREES = ("EPSG:4490", "EPSG:4326")
_COUNTS = ("households", "residents", "occupied_households", "workload")


@dataclass(frozen=True)
class MapFrames:
    """Frames in degrees (EPSG:4490 or 4326) with the columns of `spatial.layers`; None is not on the map.

    `cells` are those of one plan without ended ones; `views`, `gaps`, `coverage` and `sites` those of one run.
    `assignments` are only counted. Raises `CrsError` for a frame in any other reference system.
    """

    villages: gpd.GeoDataFrame | None = None
    cells: gpd.GeoDataFrame | None = None
    members: gpd.GeoDataFrame | None = None
    cameras: gpd.GeoDataFrame | None = None
    views: gpd.GeoDataFrame | None = None
    gaps: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    sites: gpd.GeoDataFrame | None = None
    coverage: DataFrame | None = None
    assignments: DataFrame | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            frame = getattr(self, field.name)
            if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
                continue
            if frame.crs is None or not any(frame.crs.equals(known) for known in _DEGREES):
                name = frame.crs.name if frame.crs is not None else None
                raise CrsError(
                    f"地图的图层 {field.name} 的坐标系是 {name}，这里需要经纬度（EPSG:4490 或 EPSG:4326）",
                    f"map layer {field.name} is in {name}; degrees (EPSG:4490 or EPSG:4326) are needed here",
                )


def for_the_public(frames: MapFrames) -> MapFrames:
    """Leave out what no stranger may see, and blank every count under five.

    Cameras, members, views, proposed sites and the shapes of blind areas go (the edge of a blind area gives the
    cameras away); blind areas stay as a number per cell.
    """
    cells, villages = without_small_counts(*(
        None if frame is None else frame.drop(columns=["party_members"], errors="ignore")
        for frame in (frames.cells, frames.villages)
    ))  # fmt: skip
    gaps = frames.gaps
    if gaps is not None:
        gaps = gaps.loc[:, ["cell_code", "geometry"]].assign(geometry=None)
    return replace(
        frames,
        cells=cells,
        villages=villages,
        gaps=gaps,
        members=None,
        cameras=None,
        views=None,
        sites=None,
        buildings=None,
        assignments=None,
        coverage=_shares_only(frames.coverage),
    )


def without_small_counts(
    cells: gpd.GeoDataFrame | None, villages: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]:
    """Blank every count under five, and what would give a blanked count back.

    That is the total of its village, and the deviation of every cell there: a cell's households and its deviation
    give the village's mean, and the mean times the cells less those that are shown gives the one that is not.
    """
    hidden: dict[str, set[str]] = {}
    if cells is not None:
        small = _small(cells)
        of = cells["village_code"]
        hidden = {str(name): set(of[small[name]]) for name in small}
        balanced = [name for name in small if name != "party_members"]
        basic = cells["kind"] != "special" if "kind" in cells else True
        derivable = of.isin(of[small[balanced].any(axis=1) & basic])  # special cells are not in the mean
        cells = _blanked(cells, small)
        if "deviation_share" in cells:
            cells["deviation_share"] = cells["deviation_share"].mask(derivable)
    if villages is not None:
        few = _small(villages)
        of = villages["village_code"]
        derived = {str(name): few[name] | of.isin(hidden.get(str(name), set())) for name in few}
        villages = _blanked(villages, few.assign(**derived))
    return cells, villages


def _small(frame: gpd.GeoDataFrame) -> DataFrame:
    """Tell which counts are under five."""
    names = [name for name in (*_COUNTS, "party_members") if name in frame]
    return pd.DataFrame({name: pd.to_numeric(frame[name]) < SMALLEST_COUNT for name in names}, index=frame.index)


def _blanked(frame: gpd.GeoDataFrame, hidden: DataFrame) -> gpd.GeoDataFrame:
    frame = frame.copy()
    for name in hidden:
        frame[name] = pd.to_numeric(frame[name]).mask(hidden[name])
    return frame


def _shares_only(coverage: DataFrame | None) -> DataFrame | None:
    """Keep the covered share and drop every count of cameras, places and metres."""
    if coverage is None:
        return None
    return coverage.loc[:, [name for name in ("run", "code", "level", "covered_share") if name in coverage]].copy()
