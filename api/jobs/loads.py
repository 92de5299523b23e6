"""What a plan balances, counted for stored blocks as the plan counted it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.jobs.plan import plan_profile
from spatial.planning.demand.loads import with_load

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from api.jobs.desk import Desk

__all__ = ["MEASURES", "with_plan_load"]

MEASURES = {"households": "households", "occupied": "households", "residents": "residents", "workload": "workload"}
"""Column of blocks by what a plan balances; blocks do not count occupied households, all of them stand in."""


def with_plan_load(
    desk: Desk, blocks: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, settings: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Give blocks of some villages the column `load`: what a plan with these settings balances.

    Homes, buildings and incidents are read where the measure is counted from them.
    """
    measure, profile = settings.get("balance") or "households", plan_profile(settings)
    counted = measure == "occupied" or (measure == "workload" and profile is not None)
    layers = ("homes", "buildings", "incidents") if counted else ()
    beside = {name: desk.near(name, villages) for name in layers}
    return with_load(blocks, measure=measure, villages=villages, profile=profile, **beside)[0]
