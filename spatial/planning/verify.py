"""What must hold of every plan, measured on the finished cells: tiling, footprints, pieces, balance, shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.parted import parted, without_shared
from spatial.planning.blocks.borders import NEAR_BARRIER_M
from spatial.planning.blocks.edges import coverage_edges, near_length
from spatial.planning.blocks.people import place_points
from spatial.planning.blocks.workers import in_order
from spatial.planning.cells import compactness
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from spatial.planning.types import Flags, Geometries

__all__ = ["verify_plan"]

_TILING_M2 = 1.0
_CUT_M2 = 0.05
_HAMLET_CUT_M2 = 1.0


def verify_plan(
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    *,
    homes: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    hamlets: gpd.GeoDataFrame | None = None,
) -> tuple[dict[str, Any], Problems]:
    """Measure a plan by the formulas of its contract, in metres, and write down what does not hold.

    Gives the figures of `plan --json` (cells, special, villages, households, max_deviation_share,
    mean_compactness, min_compactness, barrier_share, contiguous, exact_tiling, buildings_cut, hamlets_cut,
    homes_once) and the problems. A footprint across a village border is a problem of its own, not a cut.
    """
    require_metres(cells, "cells")
    problems = Problems()
    shapes = cells.geometry.to_numpy()
    basic = (cells["kind"] == "basic").to_numpy()
    several = pd.Series(basic).groupby(cells["village_code"].to_numpy()).transform("sum").to_numpy() >= 2
    deviation = np.abs(cells["deviation_share"].to_numpy(float))[basic & several]
    shape = compactness(shapes[basic])
    figures: dict[str, Any] = {
        "cells": int(basic.sum()),
        "special": int((~basic).sum()),
        "villages": int(cells["village_code"].nunique()),
        "households": float(cells["households"].sum()),
        "max_deviation_share": float(np.max(deviation, initial=0.0)),
        "mean_compactness": float(shape.mean()) if len(shape) else 0.0,
        "min_compactness": float(shape.min()) if len(shape) else 0.0,
    }
    measures: dict[str, Callable[[Problems], Any]] = {
        "barrier_share": lambda _: _barrier_share(cells, barriers),
        "contiguous": lambda told: _contiguous(villages, cells, told),
        "exact_tiling": lambda told: _tiling(villages, cells, told),
        "buildings_cut": lambda told: _buildings_cut(villages, cells, buildings, told),
        "hamlets_cut": lambda told: _hamlets_cut(villages, cells, hamlets, buildings, told),
    }
    if homes is not None and len(homes):
        measures["homes_once"] = lambda _: _homes_once(villages, cells, homes)
    told = [Problems() for _ in measures]
    found = in_order(lambda job: job[0](job[1]), list(zip(measures.values(), told, strict=True)))
    figures |= dict(zip(measures, found, strict=True))
    for mine in told:
        problems.extend(mine)
    _tell_empty(cells, shapes, basic, problems)
    _tell_holes(cells, shapes, basic, problems)
    return figures, problems


def _homes_once(villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> bool:
    """Every home in a planned village lies in a cell."""
    points = homes.geometry.to_numpy()
    mine = villages[villages["village_code"].isin(cells["village_code"])].geometry.to_numpy()
    points = points[np.unique(shapely.STRtree(mine).query(points, predicate="intersects")[0])]
    return bool((place_points(points, cells.geometry.to_numpy())[1] == 0).all())


def _tell_empty(cells: gpd.GeoDataFrame, shapes: Geometries, basic: Flags, problems: Problems) -> None:
    """Say which basic cells have no households; said once where nobody knows of any, nor of residents."""
    households = cells["households"].fillna(0).to_numpy()
    if basic.any() and households.sum() <= 0:
        if cells["residents"].fillna(0).sum() <= 0:
            problems.add("households-unknown", count=int(basic.sum()))
        return
    for place in np.flatnonzero(basic & (households <= 0)):
        code = str(cells["cell_code"].iloc[place])
        problems.add("cell-without-households", code=code, geometry=shapes[place].representative_point())


def _tell_holes(cells: gpd.GeoDataFrame, shapes: Geometries, basic: Flags, problems: Problems) -> None:
    """Say which basic cells enclose another one of their village; a special cell is all that a hole may hold."""
    codes, village = cells["cell_code"].to_numpy(dtype=object), cells["village_code"].to_numpy(dtype=object)
    parts, cell = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    inner = np.append(False, part[1:] == part[:-1])
    holes, around = shapely.polygons(rings[inner]), cell[part[inner]]
    hole, within = shapely.STRtree(shapely.point_on_surface(shapes)).query(holes, predicate="intersects")
    outer = around[hole]
    for place in np.unique(outer[basic[within] & basic[outer] & (village[outer] == village[within])]):
        problems.add("cell-with-hole", code=codes[place], geometry=shapes[place].representative_point())


def _barrier_share(cells: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame | None) -> float:
    """Share of the borders between two cells of one village that lies within 3 m of a barrier."""
    village = pd.factorize(cells["village_code"])[0]
    edges = coverage_edges(cells.geometry.to_numpy())
    edges = edges.take(edges.inner & (village[edges.left] == village[edges.right]))
    total = edges.length.sum()
    if barriers is None or len(barriers) == 0 or total == 0:
        return 0.0
    return float(near_length(edges, barriers.geometry.to_numpy(), distance=NEAR_BARRIER_M).sum() / total)


def _contiguous(villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, problems: Problems) -> bool:
    """Every cell is one piece, but for whole parts of its village (exclaves, islands) that joined it."""
    shapes = cells.geometry.to_numpy()
    pieces = shapely.get_num_geometries(shapes)
    parts = pd.Series(shapely.get_num_geometries(villages.geometry.to_numpy()), villages["village_code"].to_numpy())
    ground = dict(zip(villages["village_code"], villages.geometry, strict=True))
    whole = True
    for place in np.flatnonzero(pieces > 1):
        code = cells["village_code"].iloc[place]
        allowed = 1
        if parts.get(code, 1) > 1:
            village_parts = shapely.get_parts(ground[code])
            inside = shapely.area(shapely.intersection(village_parts, shapes[place])) > _CUT_M2
            allowed = int(inside.sum())
        if pieces[place] > allowed:
            whole = False
            point = shapes[place].representative_point()
            problems.add(
                "cell-in-pieces", code=cells["cell_code"].iloc[place], pieces=int(pieces[place]), geometry=point
            )
    return whole


def _tiling(villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, problems: Problems) -> bool:
    """All cells are one valid coverage, and those of a village unite to it within 1 m2."""
    shapes = cells.geometry.to_numpy()
    exact = True
    if not shapely.coverage_is_valid(shapes):
        bad = shapely.coverage_invalid_edges(shapes)
        edges = bad[~shapely.is_empty(bad)]
        problems.add("borders-not-shared", count=len(edges), geometry=shapely.point_on_surface(edges[0]))
        exact = False
    order = np.argsort(cells["village_code"].to_numpy(dtype=str), kind="stable")
    names, first = np.unique(cells["village_code"].to_numpy(dtype=str)[order], return_index=True)
    unite = shapely.coverage_union_all if exact else shapely.union_all  # cells that overlap are no coverage to unite
    united = [unite(shapes[rows]) for rows in np.split(order, first[1:])] if len(names) else []
    ground = villages.set_index("village_code").geometry.reindex(names).to_numpy()
    off = shapely.area(shapely.symmetric_difference(np.array(united, object), ground)) if len(names) else np.zeros(0)
    for place in np.flatnonzero(~(off <= _TILING_M2)):
        spot = None if ground[place] is None else ground[place].representative_point()
        problems.add("tiling-broken", code=str(names[place]), area_m2=float(off[place]), geometry=spot)
        exact = False
    return exact


def _buildings_cut(
    villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, problems: Problems
) -> int:
    if buildings is None or len(buildings) == 0:
        return 0
    shapes = buildings.geometry.to_numpy()
    shared = _parted(villages, cells, shapes, _CUT_M2)
    names = buildings["building_id"].to_numpy(dtype=object) if "building_id" in buildings else np.arange(len(buildings))
    for row, together, owners in shared.to_numpy():
        for kind, so in (("building-across-border", owners > 1), ("building-cut", together > 1)):
            if so:
                problems.add(kind, code=str(names[row]), geometry=shapely.point_on_surface(shapes[row]))
    return int((shared["together"] > 1).sum())


def _hamlets_cut(
    villages: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    hamlets: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
    problems: Problems,
) -> int:
    if hamlets is None or len(hamlets) == 0:
        return 0
    # Projecting can cross hair-thin edges of an outline; no area of it could be trusted then.
    areas = shapely.make_valid(hamlets.geometry.to_numpy())
    ground = areas
    if buildings is not None and len(buildings):
        ground = without_shared(areas, shapely.make_valid(buildings.geometry.to_numpy()))
    shared = _parted(villages, cells, ground, _HAMLET_CUT_M2)
    cut = shared[shared["together"] > 1]
    for row, count in zip(cut["row"], cut["together"], strict=True):
        code = str(hamlets["hamlet_id"].iloc[row])
        problems.add("hamlet-cut", code=code, cells=int(count), geometry=shapely.point_on_surface(areas[row]))
    return len(cut)


def _parted(villages: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, things: Geometries, least_m2: float) -> pd.DataFrame:
    owner = cells["village_code"].to_numpy(object)
    return parted(things, cells.geometry.to_numpy(), owner, villages=villages, least_m2=least_m2)
