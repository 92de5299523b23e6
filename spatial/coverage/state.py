"""What a coverage run is asked for, and what it knows of the ground when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatial.arrays import Flags, Geometries
    from spatial.coverage.ground import Ground, Lens, Tally
    from spatial.coverage.ground.interest import Roads
    from spatial.coverage.sight.terrain import Terrain
    from spatial.coverage.sight.visibility import Walls
    from spatial.coverage.views import Views
    from spatial.coverage.views.inventory import Listed
    from spatial.units import Units

__all__ = ["CoverageOptions", "CoverageState"]


@dataclass(frozen=True)
class CoverageOptions:
    """How coverage is computed.

    `pixels` is a level (``2014:observe``, ``2025:discern``) or pixels per metre; `resolution` the side of a
    square in metres; `without` names cameras that are taken as absent; `target_m` the height of what is to be
    seen; `top_gaps` how many blind areas are kept; `threads` changes the time only.
    """

    pixels: str = "2014:observe"
    resolution: float = 0.5
    without: tuple[str, ...] = ()
    target_m: float = 1.5
    top_gaps: int = 2000
    threads: int = 2


@dataclass(frozen=True)
class CoverageState:
    """What a coverage run knows of the ground, for looking at gaps and siting."""

    options: CoverageOptions
    cameras: gpd.GeoDataFrame
    seeing: Flags
    views: Views
    standing: Walls
    roads: Roads
    targets: pd.DataFrame
    covered: Flags
    road_covered: Flags
    units: Units
    ground: Ground
    lens: Lens
    tally: Tally
    listed: Listed
    built_up: Geometries
    footprints: Geometries
    places: gpd.GeoDataFrame | None
    homes: gpd.GeoDataFrame | None
    zones: gpd.GeoDataFrame | None
    incidents: gpd.GeoDataFrame | None
    terrain: Terrain | None
