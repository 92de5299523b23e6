"""Blind areas: what no working camera sees, ranked by what it hides.

Unseen land is joined inside each cell (else village); pieces under 100 m² are left out. Places, junctions,
entrances and cordon points that are not covered are drawn as their discs, unseen stretches of road of 50-500 m
inside a village as strips. Of each kind the `top_gaps` heaviest are kept: every figure of coverage counts all of
them, the layer stays usable. Each is weighed by all that it hides (`spatial.coverage.gaps.hides`), and `hides` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from spatial.arrays import points_at
from spatial.coverage.figures.details import SMALLEST_M2
from spatial.coverage.gaps.hides import CLASS_FACTOR, INCIDENT, Hidden, behind, inside, target_names, words
from spatial.coverage.gaps.outlines import outlines
from spatial.coverage.gaps.reasons import reasons
from spatial.coverage.ground.unseen import BlindLand, spots
from spatial.layers import LAYERS
from spatial.weights import Weights, target_weights

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries, Ints
    from spatial.coverage.state import CoverageState


__all__ = ["land_gaps", "ranked_gaps", "target_gaps"]

SHORTEST_ROAD_M, LONGEST_ROAD_M = 50.0, 500.0
_EQUAL = (np.pi / np.sqrt(8)) ** 0.5  # an octagon of the same area as a disc: a third of the corners
_NOTHING = np.empty(0, dtype=object)


def ranked_gaps(state: CoverageState, land: BlindLand, found: list[pd.DataFrame], *, run: str = "") -> gpd.GeoDataFrame:
    """Make the layer `gaps` of what was found, rows by rank (1 is the heaviest); a gap's `gap_id` follows its rank.

    `land` is the unseen land of the state (`spatial.coverage.ground.unseen.blind_land`), `found` the tables of
    `land_gaps` and `target_gaps`.
    """
    tables = [table for table in found if len(table)]
    columns = [*LAYERS["gaps"].names, "geometry"]
    crs = state.cameras.crs
    if not tables:
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry="geometry", crs=crs)
    gaps = pd.concat(tables, ignore_index=True)
    gaps["part"] = gaps["part"].fillna(0) if "part" in gaps else 0
    gaps["weight"] = gaps["weight"].round(3)
    gaps = gaps.sort_values(["weight", "kind", "x", "y"], ascending=[False, True, True, True], ignore_index=True)
    gaps["rank"] = np.arange(1, len(gaps) + 1)
    gaps["gap_id"] = [f"G{rank:05}" for rank in gaps["rank"]]
    gaps["run"] = run
    xy = gaps[["x", "y"]].to_numpy(dtype=float)
    area = state.units
    codes = np.append(area.village_codes, "").astype(object)
    gaps["village_code"] = _named(codes, area.village_at(xy, nearest=True))
    gaps["cell_code"] = _named(np.append(area.cell_codes, "").astype(object), area.cell_at(xy, nearest=True))
    gaps["nearest_camera_m"] = _nearest(state, xy)
    gaps["reason"] = _reasons(state, land, gaps, xy)
    geometry = [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in gaps["geometry"]]
    return gpd.GeoDataFrame(gaps.drop(columns="geometry"), geometry=geometry, crs=crs)[columns]


def _named(codes: Geometries, number: Ints) -> Geometries:
    """Code of each unit number (from 1), None for 0 and for the nameless."""
    names = codes[number - 1]
    answer: Geometries = names.copy()
    answer[(number <= 0) | (names == "")] = None
    return answer


def target_gaps(state: CoverageState) -> list[pd.DataFrame]:
    """Find targets that are not covered, and unseen stretches of road; these need no blind land."""
    return [_targets(state), _roads(state)]


def land_gaps(state: CoverageState, land: BlindLand) -> pd.DataFrame:
    """Draw unseen land, joined by cell or village."""
    hidden = behind(state, land)
    kept = np.flatnonzero(land.area_m2 >= SMALLEST_M2)
    kept = np.sort(kept[np.argsort(-hidden.weight[kept], kind="stable")][: state.options.top_gaps])
    if not len(kept):
        return pd.DataFrame()
    shapes = outlines(land, kept + 1, state.footprints)
    table = _frame("area", shapes, shapely.point_on_surface(shapes), hidden.weight[kept], hidden.households[kept])
    return table.assign(area_m2=land.area_m2[kept], part=kept + 1, hides=_said(state, hidden, kept))


def _said(state: CoverageState, hidden: Hidden, kept: Ints) -> list[str]:
    """Say what each kept area hides."""
    area, target = hidden.targets
    order = np.argsort(area, kind="stable")
    names, area = target_names(state)[target[order]], area[order]
    low, high = np.searchsorted(area, kept), np.searchsorted(area, kept + 1)
    return [
        words(names[a:b], households=hidden.households[k], incidents=hidden.incidents[k], road_m=hidden.road_m[k])
        for k, a, b in zip(kept.tolist(), low.tolist(), high.tolist(), strict=True)
    ]


def _targets(state: CoverageState) -> pd.DataFrame:
    """Discs of targets that are not covered."""
    missed = state.targets[~state.covered]
    weight = target_weights(missed, Weights())
    kept = np.concatenate(
        [rows[np.argsort(-weight[rows], kind="stable")][: state.options.top_gaps] for rows in _by_kind(missed)]
        or [np.empty(0, np.int64)]
    )
    if not len(kept):
        return pd.DataFrame()
    names = target_names(state)[~state.covered][kept]
    missed = missed.iloc[kept]
    points = points_at(missed[["x", "y"]])
    discs = shapely.buffer(points, missed["radius_m"].to_numpy(dtype=float) * _EQUAL, quad_segs=2)
    households, incidents = inside(state, discs)
    table = _frame(missed["kind"].to_numpy(), discs, points, weight[kept] + INCIDENT * incidents, households)
    said = [words(np.array([name], dtype=object), households=near, incidents=known)
            for name, near, known in zip(names, households, incidents, strict=True)]  # fmt: skip
    return table.assign(area_m2=shapely.area(discs), hides=said)


def _by_kind(missed: pd.DataFrame) -> list[Ints]:
    kinds = missed["kind"].to_numpy()
    return [np.flatnonzero(kinds == kind) for kind in np.unique(kinds.astype(str))]


def _roads(state: CoverageState) -> pd.DataFrame:
    """Unseen stretches of roads of class village and above."""
    samples, line = state.roads.samples, state.roads.sample_road
    unseen = ~state.road_covered & (state.roads.classes[line] != "street")
    village = state.tally.sample_units[:, 0]
    unseen &= village > 0
    follows = (line[1:] == line[:-1]) & (village[1:] == village[:-1])
    piece = np.cumsum(samples[:, 2]) // LONGEST_ROAD_M
    starts = unseen & ~np.r_[False, unseen[:-1] & follows & (piece[1:] == piece[:-1])]
    rows = np.flatnonzero(unseen)
    stretch = np.cumsum(starts)[rows] - 1
    metres = np.bincount(stretch, samples[rows, 2]) if len(rows) else np.empty(0)
    points = np.bincount(stretch) if len(rows) else np.empty(0)
    kept = np.flatnonzero((metres >= SHORTEST_ROAD_M) & (points > 1))
    kept = np.sort(kept[np.argsort(-metres[kept], kind="stable")][: state.options.top_gaps])
    if not len(kept):
        return pd.DataFrame()
    mine = np.isin(stretch, kept)
    lines = shapely.linestrings(samples[rows[mine], :2], indices=np.searchsorted(kept, stretch[mine]))
    strips = np.asarray(shapely.buffer(shapely.simplify(lines, 1.0), 5.0, cap_style="flat"))
    middle = np.asarray(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    households, incidents = inside(state, strips)
    first = np.searchsorted(stretch, kept)
    factor = np.array([CLASS_FACTOR[name] for name in state.roads.classes[line[rows[first]]]], dtype=float)
    weight = Weights().road_m * metres[kept] * factor + INCIDENT * incidents
    table = _frame("road", strips, middle, weight, households)
    said = [words(_NOTHING, households=near, incidents=known, road_m=length)
            for near, known, length in zip(households, incidents, metres[kept], strict=True)]  # fmt: skip
    return table.assign(area_m2=shapely.area(strips), hides=said)


def _frame(
    kind: str | Geometries, shapes: Geometries, points: Geometries, weight: Floats,
    hidden: Floats,
) -> pd.DataFrame:  # fmt: skip
    return pd.DataFrame({
        "kind": kind, "geometry": shapes, "x": shapely.get_x(points), "y": shapely.get_y(points), "weight": weight,
        "households_within": hidden,
    })  # fmt: skip


def _nearest(state: CoverageState, xy: Floats) -> Floats:
    """Distance to the nearest working camera; missing where there is none."""
    at = state.views.xy[state.seeing]
    at = at[np.isfinite(at).all(axis=1)]
    return np.asarray(KDTree(at).query(xy)[0]) if len(at) else np.full(len(xy), np.nan)


def _reasons(state: CoverageState, land: BlindLand, gaps: pd.DataFrame, xy: Floats) -> Geometries:
    """Ask at the middle of each blind target and stretch, and at nine blocks of blind land."""
    rows = np.flatnonzero((gaps["kind"] == "area").to_numpy())
    other = np.flatnonzero((gaps["kind"] != "area").to_numpy())
    blocks, area = spots(land, gaps["part"].to_numpy(dtype=float)[rows].astype(np.int64))
    points, group = np.concatenate([xy[other], blocks]), np.concatenate([other, rows[area]])
    return reasons(points, group, len(gaps), views=state.views, seeing=state.seeing)
