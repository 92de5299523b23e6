"""The balanced load of stored blocks, counted as planning counts it: what edits of a plan hold cells to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.planning.blocks.counts import counted
from spatial.planning.blocks.people import place_people
from spatial.planning.options import MEASURES
from spatial.planning.profiles import default_profile
from spatial.problems import Problems

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.profiles import Profile

__all__ = ["with_load"]


def with_load(
    blocks: gpd.GeoDataFrame,
    *,
    measure: str,
    villages: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    incidents: gpd.GeoDataFrame | None = None,
    profile: Profile | None = None,
) -> tuple[gpd.GeoDataFrame, Problems]:
    """Give blocks with a column `load`: what a plan with this `measure` balances, and what had to be assumed.

    Parameters
    ----------
    blocks, villages
        Blocks and the villages they lie in, in metres. Layers beside them may hold more ground than that.
    measure
        households, occupied, residents or workload. The columns of the blocks count; occupied households,
        which blocks do not hold, and the workload of a `profile` are counted from the homes, buildings and
        incidents as in planning. Where the measure is missing everywhere, households stand in, with a problem.
    profile
        The profile of the plan; needed where it weighs more than visits.
    """
    problems = Problems()
    column = MEASURES[measure]
    if column in blocks and not (measure == "workload" and profile is not None):
        values = pd.to_numeric(blocks[column], errors="coerce").to_numpy(float)
    else:
        values = _again(blocks, column, villages, homes, buildings, incidents, profile)
    if np.nansum(values) == 0 and measure != "households":
        problems.add("balance-assumed", code=measure, measure=column)
        values = pd.to_numeric(blocks["households"], errors="coerce").to_numpy(float)
    return blocks.assign(load=np.nan_to_num(values)), problems


def _again(
    blocks: gpd.GeoDataFrame,
    column: str,
    villages: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
    incidents: gpd.GeoDataFrame | None,
    profile: Profile | None,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Count a measure again from what lies in the villages."""
    villages = villages.sort_values("village_code", ignore_index=True)
    here = shapely.STRtree(villages.geometry.to_numpy())
    frames = [_within(here, frame) for frame in (homes, buildings, incidents)]
    people = place_people(villages, homes=frames[0], buildings=frames[1], problems=Problems())
    village = pd.Index(villages["village_code"]).get_indexer(pd.Index(blocks["village_code"]))
    table = counted(
        villages, blocks.geometry.to_numpy(), village.astype(np.int64), people,
        incidents=None if frames[2] is None else frames[2].geometry.to_numpy(),
        profile=profile or default_profile(),
    )  # fmt: skip
    return np.asarray(table[column], np.float64)


def _within(here: shapely.STRtree, frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Leave out what lies beside the villages."""
    if frame is None:
        return None
    return frame.iloc[np.unique(here.query(frame.geometry.to_numpy(), predicate="intersects")[0])]
