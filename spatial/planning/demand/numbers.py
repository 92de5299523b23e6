"""The number of basic cells of each planned village, and villages that special cells take altogether."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.planning.demand.scope import planned_rows
from spatial.planning.demand.sizing import cells_needed
from spatial.planning.demand.villages import cap_cells, hamlet_caps, village_weights

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.demand.locked import Locked
    from spatial.planning.demand.scope import Previous
    from spatial.planning.options import PlanOptions
    from spatial.planning.types import Flags, Integers
    from spatial.problems import Problems

__all__ = ["cells_asked", "filled_villages", "for_planned"]

_LEFT_M2 = 1.0
"""A village that special areas leave less ground than this has none for a basic cell."""


def for_planned(options: PlanOptions, villages: gpd.GeoDataFrame) -> PlanOptions:
    """Pass over the rows of a county's own list of cells that name villages out of scope."""
    if options.cells_by is None or not options.scope:
        return options
    codes = villages["village_code"]
    beside = set(codes) - set(codes.iloc[planned_rows(villages, options.scope)])
    return replace(options, cells_by={code: cells for code, cells in options.cells_by.items() if code not in beside})


def filled_villages(
    planned: gpd.GeoDataFrame, specials: gpd.GeoDataFrame | None, blocks: gpd.GeoDataFrame | None
) -> Flags:
    """Tell which villages special areas take altogether: they have no basic cell.

    Of loaded blocks, which are used as they are, a special area takes those whose inner point it holds.
    """
    filled = np.zeros(len(planned), bool)
    if specials is None or len(specials) == 0:
        return filled
    areas = specials.geometry.to_numpy()
    if blocks is not None and len(blocks):
        points = shapely.point_on_surface(blocks.geometry.to_numpy())
        taken = np.zeros(len(blocks), bool)
        taken[shapely.STRtree(areas).query(points, predicate="intersects")[0]] = True
        whole = pd.Series(taken).groupby(blocks["village_code"].to_numpy()).all()
        return np.asarray(whole.reindex(planned["village_code"]).fillna(value=False), dtype=bool)
    shapes = planned.geometry.to_numpy()
    village, area = shapely.STRtree(areas).query(shapes, predicate="intersects")
    for place in np.unique(village):
        rest = shapely.difference(shapes[place], shapely.union_all(areas[area[village == place]]))
        filled[place] = rest.area < _LEFT_M2
    return filled


def cells_asked(
    planned: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame,
    hamlets: gpd.GeoDataFrame | None,
    blocks: gpd.GeoDataFrame | None,
    incidents: gpd.GeoDataFrame | None,
    specials: gpd.GeoDataFrame | None,
    *,
    previous: Previous | None,
    locked: Locked | None,
    options: PlanOptions,
    problems: Problems,
) -> Integers:
    """Give the number of basic cells of each planned village; a total is shared by those with ground for them.

    Villages that special cells take altogether are written down; they have no blocks, and their number says nothing.
    """
    filled = filled_villages(planned, specials, blocks)
    most = hamlet_caps(planned, hamlets, options=options)
    weights = village_weights(planned, people, blocks, incidents=incidents, options=options)
    least, cap = (None, most) if locked is None else (locked.least, locked.most(most))
    if options.cells is not None and filled.any():
        least = np.where(filled, 0, 1 if least is None else least)
        cap = np.where(filled, 0, 10**6 if cap is None else cap)
    had = None if previous is None else previous.cells.loc[previous.cells["kind"] == "basic", "village_code"]
    earlier = None if had is None else had.value_counts()
    needed = cells_needed(planned, weights, options=options, most=cap, least=least, earlier=earlier)
    _tell_filled(planned, needed.to_numpy().astype(np.int64), filled, problems)
    asked = cap_cells(needed.where(~filled, 1), most, options=options, problems=problems)
    return asked.to_numpy().astype(np.int64)


def _tell_filled(planned: gpd.GeoDataFrame, asked: Integers, filled: Flags, problems: Problems) -> None:
    """Say which villages have no basic cell because special cells take all their ground; `asked` is 0 in a total."""
    for place in np.flatnonzero(filled):
        code, ground = str(planned["village_code"].iloc[place]), planned.geometry.iloc[place]
        problems.add("village-all-special", code=code, asked=int(asked[place]), geometry=ground.representative_point())
