"""What lies in every block: people by where they are, else by their village's own totals, incidents, and the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.planning.blocks.people import COUNTS, place_points
from spatial.planning.workload import workload
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.profiles import Profile
    from spatial.planning.types import Geometries, Integers

__all__ = ["counted", "with_work"]


def counted(
    villages: gpd.GeoDataFrame,
    geometry: Geometries,
    village: Integers,
    people: gpd.GeoDataFrame,
    *,
    incidents: Geometries | None = None,
    profile: Profile,
) -> pd.DataFrame:
    """Add up people by block; what the people lack comes from the village's own total, shared by households.

    `village` gives the position of each block's village. Columns: `COUNTS`, `incidents` and `workload`.
    """
    place, _ = place_points(people.geometry.to_numpy(), geometry)
    size = range(len(geometry))
    counts = people[list(COUNTS)].astype(float).groupby(place).sum(min_count=1).reindex(size)
    counts["households"] = counts["households"].fillna(0.0)
    held = counts["households"].groupby(village).transform("sum")
    for name in COUNTS[1:]:
        known = counts[name].groupby(village).transform("count") > 0
        own = pd.to_numeric(villages[name], errors="coerce") if name in villages else pd.Series(np.nan, villages.index)
        share = counts["households"] / held.where(held > 0) * own.to_numpy(float, na_value=np.nan)[village]
        counts[name] = counts[name].fillna(0.0).where(known, share)
    return with_work(counts.reset_index(drop=True), geometry, incidents, profile)


def with_work(
    counts: pd.DataFrame, geometry: Geometries, incidents: Geometries | None, profile: Profile
) -> pd.DataFrame:
    """Add the columns `incidents` (those within each block) and `workload`."""
    inside = np.zeros(len(geometry))
    if incidents is not None and len(incidents):
        place, away = place_points(incidents, geometry)
        inside = summed(place[away == 0], np.ones(int((away == 0).sum())), len(geometry))
    counts = counts.assign(incidents=inside)
    return counts.assign(workload=workload(counts, shapely.area(geometry), profile))
