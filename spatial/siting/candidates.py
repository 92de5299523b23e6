"""Where a new camera could hang, and what it would see from there: eight headings at every candidate position.

Existing poles come first, then junctions, the surroundings of unseen places, and points along unseen roads; a
position within 10 m of an earlier one is left out. Nothing stands in a forbidden zone, in a building or outside
the villages. The camera is the default bullet, and its view is computed by the engine of `spatial.coverage.views`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from spatial.arrays import points_at
from spatial.coverage.optics import Sectors, optics
from spatial.coverage.pixels import pixel_density
from spatial.coverage.sights import sector_views

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage import CoverageState
    from spatial.siting.demand import Demand


__all__ = ["CAMERA_YUAN", "NEW_POLE_YUAN", "Candidates", "candidates"]

NEW_POLE_YUAN = 30_000.0
"""A new pole with power and network; budgets of counties run from 26,000 to 51,000 yuan a point."""
CAMERA_YUAN = 6_000.0
"""One more camera with its installation; an assumption, to be replaced by the county's own price."""

HEADINGS_DEG = np.arange(0.0, 360.0, 45.0)
MOST_POSITIONS = 5000
_APART_M = 10.0
_ROUND_M = 20.0


@dataclass(frozen=True)
class Candidates:
    """Candidate cameras, eight per position, and the demand points each would see.

    `position` numbers the rows of `table` (x, y, pole_id, pole_yuan, consent); `cover` has a row per candidate
    and a column per demand point.
    """

    table: pd.DataFrame
    position: Ints
    sectors: Sectors
    cover: csr_array

    @property
    def cost(self) -> Floats:
        """Cost of each candidate with a pole of its own, in yuan."""
        yuan: Floats = self.table["pole_yuan"].to_numpy(dtype=float)[self.position] + CAMERA_YUAN
        return yuan


def candidates(state: CoverageState, demand: Demand, *, poles: gpd.GeoDataFrame | None = None) -> Candidates:
    """List candidates and what they see; at most 5,000 positions, poles first, then by the demand in reach."""
    lens = optics(pd.DataFrame({"kind": ["bullet"]}), density=pixel_density(state.options.pixels))
    near, far = float(lens.sectors.near_m[0]), float(lens.sectors.far_m[0])
    table = _allowed(_positions(state, demand, poles), state)
    table = _worthwhile(table, demand, far)
    position = np.repeat(np.arange(len(table)), len(HEADINGS_DEG))
    count = len(position)
    sectors = Sectors(
        position, np.tile(HEADINGS_DEG, len(table)), np.full(count, lens.sectors.hfov_deg[0]),
        np.full(count, near), np.full(count, far),
    )  # fmt: skip
    views = sector_views(table[["x", "y"]].to_numpy(dtype=float), sectors, state.standing)
    return Candidates(table, position, sectors, _seen_by(views, demand.xy))


def _seen_by(views: Geometries, xy: Floats) -> csr_array:
    shapely.prepare(views)
    row, column = shapely.STRtree(points_at(xy)).query(views, predicate="intersects")
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(views), len(xy)))


def _positions(state: CoverageState, demand: Demand, poles: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Stack poles, junctions, surroundings of places and road points, in this order of preference."""
    aims = state.targets
    centre = aims[["x", "y"]].to_numpy(dtype=float)
    kind = aims["kind"].to_numpy()
    open_ = ~state.covered
    angle = np.radians(np.arange(45, 360, 90))
    spots = centre[open_ & (kind != "junction")]
    around = (spots[:, None] + _ROUND_M * np.column_stack([np.cos(angle), np.sin(angle)])[None]).reshape(-1, 2)
    free = [centre[open_ & (kind == "junction")], spots, around, demand.xy[demand.kind == "road"]]
    new = np.concatenate(free)
    table = pd.DataFrame({"x": new[:, 0], "y": new[:, 1], "pole_id": None, "pole_yuan": NEW_POLE_YUAN})
    if poles is None or not len(poles):
        return table
    poles = poles.sort_values("pole_id", kind="stable")
    yuan = poles["cost_yuan"].to_numpy(dtype=float, na_value=np.nan) if "cost_yuan" in poles else np.nan
    is_new = (poles["kind"] == "new").to_numpy(bool) if "kind" in poles else np.zeros(len(poles), bool)
    yuan = np.where(np.isnan(yuan), np.where(is_new, NEW_POLE_YUAN, 0.0), yuan)
    standing = pd.DataFrame({
        "x": poles.geometry.x.to_numpy(), "y": poles.geometry.y.to_numpy(),
        "pole_id": poles["pole_id"].to_numpy(dtype=object), "pole_yuan": yuan,
    })  # fmt: skip
    stacked: pd.DataFrame = pd.concat([standing, table], ignore_index=True) if len(table) else standing
    return stacked


def _allowed(table: pd.DataFrame, state: CoverageState) -> pd.DataFrame:
    """Drop positions in forbidden zones, in or on buildings, outside the villages, or beside an earlier one."""
    xy = table[["x", "y"]].to_numpy(dtype=float)
    points = points_at(xy)
    bad = state.units.village_at(xy) == 0
    bad[state.standing.tree.query(points, predicate="dwithin", distance=0.3)[0]] = True
    consent = np.zeros(len(table), bool)
    zones = state.zones
    if zones is not None and len(zones):
        for kind, marked in (("forbidden", bad), ("consent", consent)):
            shapes = zones.geometry.to_numpy()[(zones["kind"] == kind).to_numpy(bool)]
            marked[shapely.STRtree(shapes).query(points, predicate="intersects")[0]] = True
    bad |= _crowded(xy, ~bad & table["pole_id"].isna().to_numpy(), ~bad)
    kept: pd.DataFrame = table.assign(consent=consent)[~bad].reset_index(drop=True)
    return kept


def _crowded(xy: Floats, droppable: Flags, alive: Flags) -> Flags:
    """Mark droppable positions that have a kept, earlier one within 10 m."""
    answer = np.zeros(len(xy), bool)
    rows = np.flatnonzero(alive)
    if not len(rows):
        return answer
    pairs = rows[KDTree(xy[rows]).query_pairs(_APART_M, output_type="ndarray")]
    for first, later in pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].tolist():
        answer[later] |= droppable[later] and not answer[first]
    return answer


def _worthwhile(table: pd.DataFrame, demand: Demand, far: float) -> pd.DataFrame:
    """Keep the positions with most unseen demand in reach; of equals the earlier."""
    if not len(table) or not len(demand.xy):
        return table.iloc[:0]
    xy = table[["x", "y"]].to_numpy(dtype=float)
    place, point = shapely.STRtree(points_at(demand.xy)).query(points_at(xy), predicate="dwithin", distance=far)
    worth = np.bincount(place, demand.weight[point], minlength=len(table))
    worth += np.where(table["pole_id"].notna(), 0.25 * worth, 0.0)  # an existing pole goes before a new one
    best = np.argsort(-worth, kind="stable")[:MOST_POSITIONS]
    return table.iloc[np.sort(best[worth[best] > 0])].reset_index(drop=True)
