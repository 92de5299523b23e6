"""What cameras that do not hang yet, or look elsewhere, would see: past footprints and hills, as coverage counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from spatial.arrays import points_at
from spatial.coverage.sight.sights import sector_views
from spatial.coverage.sight.terrain import hidden_ground

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries
    from spatial.coverage import CoverageState
    from spatial.coverage.optics import Sectors

__all__ = ["looked", "seen_by"]


def looked(state: CoverageState, xy: Floats, sectors: Sectors, mount_m: Floats) -> Geometries:
    """Give what each sector would see; ``sectors.camera`` points into `xy` and `mount_m` (metres)."""
    views = sector_views(xy, sectors, state.standing, mount_m=mount_m, threads=state.options.threads)
    if state.terrain is None or not len(views):
        return views
    reach = np.zeros(len(xy))
    np.maximum.at(reach, sectors.camera, sectors.far_m)
    hidden = hidden_ground(
        state.terrain, xy, crs=state.cameras.crs, above_m=mount_m, reach_m=reach, target_m=state.options.target_m,
        threads=state.options.threads,
    )[sectors.camera]  # fmt: skip
    some = np.flatnonzero(~shapely.is_missing(hidden))
    views[some] = shapely.difference(views[some], hidden[some])
    return views


def seen_by(views: Geometries, xy: Floats) -> csr_array:
    """Tell which points each view holds: a row per view, a column per point."""
    shapely.prepare(views)
    row, column = shapely.STRtree(points_at(xy)).query(views, predicate="intersects")
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(views), len(xy)))
