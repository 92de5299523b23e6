"""Blind land as exact polygons, village by village, on demand: the area of interest without what cameras see.

The same definitions as the raster's, drawn: built-up land, road corridors and discs of places inside the village,
minus footprints, minus the views of the cameras that count. Union and difference cost some 50 ms per village.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from spatial.coverage.ground.interest import HALF_WIDTH_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.arrays import Geometries
    from spatial.coverage.state import CoverageState

__all__ = ["blind_areas"]

_QUARTER = 16  # chords of a quarter circle


def blind_areas(state: CoverageState, villages: Sequence[str] | None = None, *, threads: int = 2) -> gpd.GeoDataFrame:
    """Draw what no working camera sees in some villages, or in all.

    Gives one row per village by code: `aoi_m2`, `blind_m2` and the blind land as a MultiPolygon (None where there is
    none). Without villages in the run there is one row, with the code ``county``.
    """
    area = state.units
    codes = area.village_codes if area.villages is not None else area.counties
    rows = np.flatnonzero(np.isin(codes, list(villages))) if villages is not None else np.arange(len(codes))
    sources = _Sources(state)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        found = list(pool.map(sources.village, rows))
    return gpd.GeoDataFrame(
        {
            "village_code": codes[rows].astype(object),
            "aoi_m2": [interest for interest, _ in found],
            "blind_m2": [shapely.area(blind) for _, blind in found],
        },
        geometry=[_multi(blind) for _, blind in found], crs=state.cameras.crs,
    )  # fmt: skip


class _Sources:
    """What the area of interest is made of, indexed for one village after the other."""

    def __init__(self, state: CoverageState) -> None:
        views = state.views.frame.geometry.to_numpy()
        self.views = views[state.seeing & ~shapely.is_missing(views)]
        self.villages = state.units.villages
        self.land, self.footprints, self.lines = state.built_up, state.footprints, state.roads.lines
        self.half = np.array([HALF_WIDTH_M[name] for name in state.roads.classes], dtype=float)
        places = state.targets[state.targets["kind"] == "place"]
        centres = shapely.points(places[["x", "y"]].to_numpy(dtype=float))
        self.discs = np.atleast_1d(shapely.buffer(centres, places["radius_m"].to_numpy(float), quad_segs=_QUARTER))
        self.trees = {name: shapely.STRtree(getattr(self, name)) for name in ("views", "land", "footprints", "discs")}
        self.roads = shapely.STRtree(self.lines)

    def village(self, row: int) -> tuple[float, shapely.Geometry]:
        """Area of interest of a village in square metres, and the part of it that is not seen."""
        shape = shapely.box(*shapely.total_bounds(self.land)) if self.villages is None else self.villages[row]
        low_x, low_y, high_x, high_y = shapely.bounds(shape)
        pad = max(HALF_WIDTH_M.values())
        window = shapely.box(low_x - pad, low_y - pad, high_x + pad, high_y + pad)
        lines = self.roads.query(window, predicate="intersects")
        clipped = shapely.clip_by_rect(self.lines[lines], *shapely.bounds(window))
        roads = shapely.buffer(clipped, self.half[lines], quad_segs=_QUARTER)
        parts = [self._near("land", shape), roads, self._near("discs", shape)]
        interest = shapely.intersection(shapely.union_all(np.concatenate(parts)), shape)
        free = shapely.difference(interest, shapely.disjoint_subset_union_all(self._near("footprints", shape)))
        return float(shapely.area(free)), shapely.difference(
            free, shapely.disjoint_subset_union_all(self._near("views", shape))
        )

    def _near(self, name: str, shape: shapely.Geometry) -> Geometries:
        found: Geometries = getattr(self, name)[self.trees[name].query(shape, predicate="intersects")]
        return found


def _multi(shape: shapely.Geometry) -> shapely.MultiPolygon | None:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    return shapely.MultiPolygon(parts) if parts else None
