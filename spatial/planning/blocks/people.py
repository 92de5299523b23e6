"""Where the households are: homes, else buildings, else the village's own total spread over its land."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Geometries, Integers
    from spatial.problems import Problems

__all__ = ["COUNTS", "lattice", "place_people", "place_points", "reconcile"]

COUNTS = ("households", "occupied_households", "residents", "party_members", "special")
"""What is counted per block; `special` households need monthly visits."""

_MISMATCH = 0.005
"""A difference from the village's own total above this share is a problem."""


def place_people(
    villages: gpd.GeoDataFrame,
    *,
    homes: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
    problems: Problems,
) -> gpd.GeoDataFrame:
    """Give points with the counts of `COUNTS` and `village` (position), from the best source each village has.

    Columns that the source lacks are missing. A home outside all villages goes to the nearest one, and one in
    another village than it declares counts where it lies; both are problems. Spread points (a village with
    nothing but a total of households or residents) are marked `spread` and lie on a lattice of about a thousand
    points per village.
    """
    tables = []
    empty = np.ones(len(villages), bool)
    if homes is not None and len(homes):
        tables.append(_from_homes(villages, homes, problems))
        empty[tables[-1]["village"].unique()] = False
    totals = _column(villages, "households")
    if empty.any() and buildings is not None and len(buildings):
        found = _from_buildings(villages, buildings, empty & (np.nan_to_num(totals) >= 0), totals)
        tables.append(found)
        empty[found["village"].unique()] = False
    stated = {name: np.nan_to_num(_column(villages, name)) for name in ("households", "residents")}
    spread = np.flatnonzero(empty & ((stated["households"] > 0) | (stated["residents"] > 0)))
    if len(spread):
        tables.append(_spread(villages, spread))
        for place in spread:
            code, told = villages["village_code"].iloc[place], stated["households"][place]
            if told > 0:
                problems.add("households-spread", code=code, households=told)
            else:
                problems.add("residents-spread", code=code, residents=stated["residents"][place])
    columns = [*COUNTS, "village", "spread", "geometry"]
    if not tables:
        return gpd.GeoDataFrame(pd.DataFrame(columns=columns), geometry="geometry", crs=villages.crs)
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True)[columns], geometry="geometry", crs=villages.crs)


def reconcile(villages: gpd.GeoDataFrame, households: Floats, *, problems: Problems) -> None:
    """Write a problem for every village whose own total differs from what was counted in it."""
    totals = _column(villages, "households")
    given = np.isfinite(totals)
    off = given & (np.abs(households - totals) > np.maximum(0.5, _MISMATCH * np.nan_to_num(totals)))
    for place in np.flatnonzero(off):
        row = villages.iloc[place]
        problems.add(
            "households-differ",
            code=row["village_code"],
            geometry=row.geometry.representative_point(),
            counted=households[place],
            declared=totals[place],
        )


def place_points(points: Geometries, areas: Geometries) -> tuple[Integers, Floats]:
    """Give every point the first area that holds it, else the nearest, and how far that is (0 inside)."""
    tree = shapely.STRtree(areas)
    point, area = tree.query(points, predicate="intersects")
    place = np.full(len(points), len(areas), np.int64)
    np.minimum.at(place, point, area)
    distance = np.zeros(len(points))
    lost = np.flatnonzero(place == len(areas))
    if len(lost) and len(areas):
        (row, near), away = tree.query_nearest(points[lost], return_distance=True, all_matches=False)
        place[lost[row]], distance[lost[row]] = near, away
    return place, distance


def lattice(villages: Geometries, spacing: Floats) -> tuple[Floats, Integers]:
    """Give points on a square lattice inside every village (x, y), and the village of each."""
    grids, owners = [], []
    for place, (shape, step) in enumerate(zip(villages, spacing, strict=True)):
        left, low, right, high = shapely.bounds(shape)
        x, y = np.meshgrid(np.arange(left + step / 2, right, step), np.arange(low + step / 2, high, step))
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x.ravel(), y.ravel())
        grids.append(np.column_stack([x.ravel()[inside], y.ravel()[inside]]))
        owners.append(np.full(int(inside.sum()), place))
    return np.concatenate(grids), np.concatenate(owners).astype(np.int64)


def _column(frame: pd.DataFrame, name: str) -> Floats:
    """Read a column of numbers that may be missing."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _from_homes(villages: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, problems: Problems) -> pd.DataFrame:
    place, away = place_points(homes.geometry.to_numpy(), villages.geometry.to_numpy())
    names = homes["home_id"].to_numpy() if "home_id" in homes else homes.index.to_numpy()
    for row in np.flatnonzero(away > 0):
        problems.add("home-outside-villages", code=str(names[row]), metres=away[row], geometry=homes.geometry.iloc[row])
    if "village_code" in homes:
        codes = villages["village_code"].to_numpy()[place]
        declared = homes["village_code"].to_numpy(dtype=object)
        for row in np.flatnonzero(homes["village_code"].notna().to_numpy() & (declared != codes)):
            problems.add(
                "home-in-other-village",
                code=str(names[row]),
                declared=declared[row],
                found=codes[row],
                geometry=homes.geometry.iloc[row],
            )
    counts = {name: _column(homes, name) for name in COUNTS}
    counts["households"] = np.nan_to_num(counts["households"], nan=1.0)
    return pd.DataFrame({**counts, "village": place, "spread": False, "geometry": homes.geometry.to_numpy()})


def _from_buildings(
    villages: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    wanted: np.ndarray[tuple[int], np.dtype[np.bool_]],
    totals: Floats,
) -> pd.DataFrame:
    """Count buildings' own households; where none has any, share the village's total by floor area."""
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    place, away = place_points(points, villages.geometry.to_numpy())
    own = np.nan_to_num(_column(buildings, "households"))
    floors = np.maximum(1, np.nan_to_num(_column(buildings, "floors"), nan=1))
    floor_area = shapely.area(buildings.geometry.to_numpy()) * floors
    counted = summed(place, own, len(villages))
    area = summed(place, floor_area, len(villages))
    share = floor_area / np.maximum(area[place], 1e-9) * np.nan_to_num(totals)[place]
    households = np.where(counted[place] > 0, own, share)
    use = wanted[place] & (households > 0) & (away == 0)
    frame = pd.DataFrame({name: np.full(int(use.sum()), np.nan) for name in COUNTS})
    return frame.assign(households=households[use], village=place[use], spread=False, geometry=points[use])


def _spread(villages: gpd.GeoDataFrame, rows: Integers) -> pd.DataFrame:
    shapes = villages.geometry.to_numpy()[rows]
    xy, owner = lattice(shapes, np.sqrt(shapely.area(shapes) / 1000))
    each = np.bincount(owner, minlength=len(rows))
    counts = {}
    for name in COUNTS:
        total = _column(villages, name)[rows]
        counts[name] = (total / np.maximum(each, 1))[owner]
    return pd.DataFrame({**counts, "village": rows[owner], "spread": True, "geometry": shapely.points(xy)})
