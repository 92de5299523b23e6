"""Where a new camera could hang, and what it would see from there: eight headings or more at every position.

Existing poles come first, then junctions, the surroundings of unseen places, and points along unseen roads; a
position within 10 m of an earlier one is left out. Nothing stands in a forbidden zone, in a building or outside
the villages. The camera is the default bullet, and its view is computed by the engine of `spatial.coverage.views`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array, vstack
from scipy.spatial import KDTree

from spatial.arrays import points_at
from spatial.coverage.optics import Sectors, optics
from spatial.coverage.optics.pixels import pixel_density
from spatial.siting.looks import looked, seen_by
from spatial.weights import Prices

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage import CoverageState
    from spatial.siting.demand import Demand

    _Looks = tuple[Ints, Floats, Geometries, csr_array]

__all__ = ["ORIGINS", "Candidates", "candidates"]

ORIGINS = ("pole", "junction", "place", "around", "road")
"""Why a position is proposed, the most wanted first."""
MOST_POSITIONS = 5000
_APART_M = 10.0
_ROUND_M = 20.0
_SHARED_M = 2.0
_AT_BORDER_M = 0.01  # a point on the border of a zone is in it, whatever rounding makes of it


@dataclass(frozen=True)
class Candidates:
    """Candidate cameras, several per position, and the demand points each would see.

    `position` numbers the rows of `table` (x, y, pole_id, pole_yuan, zone_id, origin, room): `room` is how many
    cameras more may hang there, `zone_id` a zone whose consent is needed. `views` are what the candidates would see,
    `cover` has a row per candidate and a column per demand point.
    """

    table: pd.DataFrame
    position: Ints
    sectors: Sectors
    mount_m: float
    camera_yuan: float
    views: Geometries
    cover: csr_array

    @property
    def cost(self) -> Floats:
        """Cost of each candidate with a pole of its own, in yuan."""
        yuan: Floats = self.table["pole_yuan"].to_numpy(dtype=float)[self.position] + self.camera_yuan
        return yuan


def candidates(
    state: CoverageState, demand: Demand, *, poles: gpd.GeoDataFrame | None = None, headings: int = 8,
    per_pole: int = 3, prices: Prices | None = None, reach: float | None = None,
) -> Candidates:  # fmt: skip
    """List candidates and what they see: the 5,000 positions with most demand around them, poles before others.

    Each position has `headings` cameras, evenly spread, and room for `per_pole` cameras less those that hang there.
    Where a share `reach` of all demand is asked for, twice as many positions are listed until they leave no more than
    half of what may stay unseen, or none is left; cameras that would see nothing new are not listed then.
    """
    prices = prices or Prices()
    lens = optics(pd.DataFrame({"kind": ["bullet"]}), density=pixel_density(state.options.pixels))
    near, far = float(lens.sectors.near_m[0]), float(lens.sectors.far_m[0])
    table = _roomy(_positions(state, demand, poles, prices.pole_yuan), state, per_pole)
    table, best = _worthwhile(_allowed(table, state), demand, far)
    height = float(lens.mount_m[0])

    def looks(rows: Ints) -> _Looks:
        position = np.repeat(rows, headings)
        count = len(position)
        sectors = Sectors(
            np.repeat(np.arange(len(rows)), headings), np.tile(np.arange(headings) * 360.0 / headings, len(rows)),
            np.full(count, lens.sectors.hfov_deg[0]), np.full(count, near), np.full(count, far),
        )  # fmt: skip
        xy = table[["x", "y"]].to_numpy(dtype=float)[rows]
        views = looked(state, xy, sectors, np.full(len(rows), height))
        return position, sectors.azimuth_deg, views, seen_by(views, demand.xy)

    if reach is None:
        rows = np.sort(best[:MOST_POSITIONS])
        position, azimuth, views, cover = looks(rows)
    else:
        rows, (position, azimuth, views, cover) = _until(looks, best, demand, (1.0 + reach) / 2)
    table, position = table.iloc[rows].reset_index(drop=True), np.searchsorted(rows, position)
    fixed = (np.full(len(position), value) for value in (lens.sectors.hfov_deg[0], near, far))
    sectors = Sectors(position, azimuth, *fixed)
    return Candidates(table, position, sectors, height, prices.camera_yuan, views, cover)


def _until(looks: Callable[[Ints], _Looks], best: Ints, demand: Demand, share: float) -> tuple[Ints, _Looks]:
    """Look from more and more positions, the best first, until they show the share; keep the cameras that show any."""
    parts, done, seen = list[Any](), 0, np.zeros(len(demand.xy), bool)
    while not parts or (done < len(best) and demand.seen + demand.weight[seen].sum() < share * demand.total):
        upto = min(max(2 * done, MOST_POSITIONS), len(best))
        position, azimuth, views, cover = looks(np.sort(best[done:upto]))
        some = np.flatnonzero(np.diff(cover.indptr) > 0)
        parts.append((position[some], azimuth[some], views[some], csr_array(cover[some])))
        seen[cover.indices] = True
        done = upto
    position, azimuth, views = (np.concatenate([part[k] for part in parts]) for k in range(3))
    order = np.argsort(position, kind="stable")
    cover = csr_array(csr_array(vstack([part[3] for part in parts]))[order])
    return np.unique(position), (position[order], azimuth[order], views[order], cover)


def _roomy(table: pd.DataFrame, state: CoverageState, per_pole: int) -> pd.DataFrame:
    """Take the cameras that hang at a position already off its room, and drop positions without any."""
    cameras = state.views.xy[np.isfinite(state.views.xy).all(axis=1)]
    hung = np.zeros(len(table), np.int64)
    if len(cameras) and len(table):
        tree = KDTree(cameras)
        at = table[["x", "y"]].to_numpy(dtype=float)
        hung = np.asarray(tree.query_ball_point(at, _SHARED_M, return_length=True), dtype=np.int64)
    if "pole_id" in state.cameras.columns:
        listed = table["pole_id"].map(state.cameras["pole_id"].dropna().value_counts()).fillna(0).to_numpy(dtype=int)
        hung = np.maximum(hung, listed)
    return table.assign(room=np.maximum(per_pole - hung, 0))[hung < per_pole].reset_index(drop=True)


def _positions(state: CoverageState, demand: Demand, poles: gpd.GeoDataFrame | None, pole_yuan: float) -> pd.DataFrame:
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
    origin = np.repeat(ORIGINS[1:], [len(part) for part in free])
    table = pd.DataFrame({"x": new[:, 0], "y": new[:, 1], "pole_id": None, "pole_yuan": pole_yuan, "origin": origin})
    if poles is None or not len(poles):
        return table
    poles = poles.sort_values("pole_id", kind="stable")
    yuan = poles["cost_yuan"].to_numpy(dtype=float, na_value=np.nan) if "cost_yuan" in poles else np.nan
    is_new = (poles["kind"] == "new").to_numpy(bool) if "kind" in poles else np.zeros(len(poles), bool)
    yuan = np.where(np.isnan(yuan), np.where(is_new, pole_yuan, 0.0), yuan)
    standing = pd.DataFrame({
        "x": poles.geometry.x.to_numpy(), "y": poles.geometry.y.to_numpy(),
        "pole_id": poles["pole_id"].to_numpy(dtype=object), "pole_yuan": yuan, "origin": ORIGINS[0],
    })  # fmt: skip
    stacked: pd.DataFrame = pd.concat([standing, table], ignore_index=True) if len(table) else standing
    return stacked


def _allowed(table: pd.DataFrame, state: CoverageState) -> pd.DataFrame:
    """Drop positions in forbidden zones, in or on buildings, outside the villages, or beside an earlier one."""
    xy = table[["x", "y"]].to_numpy(dtype=float)
    points = points_at(xy)
    bad = state.units.village_at(xy) == 0
    bad[state.standing.tree.query(points, predicate="dwithin", distance=0.3)[0]] = True
    consent = np.full(len(table), None, dtype=object)
    zones = state.zones
    if zones is not None and len(zones):
        zones = zones.sort_values("zone_id", kind="stable")
        for kind in ("forbidden", "consent"):
            mine = zones[zones["kind"] == kind]
            tree = shapely.STRtree(mine.geometry.to_numpy())
            point, zone = tree.query(points, predicate="dwithin", distance=_AT_BORDER_M)
            if kind == "forbidden":
                bad[point] = True
            else:
                consent[point[::-1]] = mine["zone_id"].to_numpy(dtype=object)[zone[::-1]]
    bad |= _crowded(xy, ~bad & table["pole_id"].isna().to_numpy(), ~bad)
    kept: pd.DataFrame = table.assign(zone_id=consent)[~bad].reset_index(drop=True)
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


def _worthwhile(table: pd.DataFrame, demand: Demand, far: float) -> tuple[pd.DataFrame, Ints]:
    """Order the positions by the unseen demand in reach; those without any are not given, of equals the earlier."""
    if not len(table) or not len(demand.xy):
        return table.iloc[:0], np.empty(0, np.int64)
    xy = table[["x", "y"]].to_numpy(dtype=float)
    place, point = shapely.STRtree(points_at(demand.xy)).query(points_at(xy), predicate="dwithin", distance=far)
    worth = np.bincount(place, demand.weight[point], minlength=len(table))
    worth += np.where(table["pole_id"].notna(), 0.25 * worth, 0.0)  # an existing pole goes before a new one
    best = np.argsort(-worth, kind="stable")
    return table, best[worth[best] > 0]
