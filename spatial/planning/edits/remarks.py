"""What a planner should look at after an edit: crossings, hamlets, deviations and pieces of the cells it touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.rules.cuts import check_barriers

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd

    from spatial.planning.edits.state import PlanState
    from spatial.problems import Problems

__all__ = ["tell"]

_CUT_M2 = 1.0


def tell(problems: Problems, state: PlanState, cells: gpd.GeoDataFrame, touched: Collection[str]) -> None:
    """Write down what the touched cells cross, cut, or weigh too much or too little."""
    mine = cells[cells["cell_code"].isin(touched)].reset_index(drop=True)
    if mine.empty:
        return
    several = int((cells["kind"] == "basic").sum()) > 1
    counts = shapely.get_num_geometries(mine.geometry.to_numpy())
    had = dict(zip(state.cells["cell_code"], shapely.get_num_geometries(state.cells.geometry.to_numpy()), strict=True))
    rows = zip(mine["cell_code"], mine["deviation_share"], mine["households"], mine.geometry, counts, strict=True)
    for code, deviation, households, shape, count in rows:
        if count > max(1, had.get(code, 1)):
            problems.add("cell-in-pieces", code=code, pieces=int(count), geometry=shape.representative_point())
        if several and abs(deviation) > state.tolerance:
            problems.add(
                "cell-over-tolerance", code=code, households=float(households), deviation=float(deviation),
                tolerance=state.tolerance, geometry=shape.representative_point(),
            )  # fmt: skip
    _tell_hamlets(problems, state, cells, mine)
    if state.barriers is not None and len(state.barriers):
        near = np.unique(shapely.STRtree(state.barriers.geometry.to_numpy()).query(mine.geometry.to_numpy())[1])
        check_barriers(problems, mine, state.barriers.iloc[near])


def _tell_hamlets(problems: Problems, state: PlanState, cells: gpd.GeoDataFrame, mine: gpd.GeoDataFrame) -> None:
    """Name the hamlets that a touched cell shares with another cell."""
    if state.hamlets is None or len(state.hamlets) == 0:
        return
    shapes = state.hamlets.geometry.to_numpy()
    near = np.unique(shapely.STRtree(shapes).query(mine.geometry.to_numpy(), predicate="intersects")[1])
    hamlet, cell = shapely.STRtree(cells.geometry.to_numpy()).query(shapes[near], predicate="intersects")
    real = shapely.area(shapely.intersection(shapes[near[hamlet]], cells.geometry.to_numpy()[cell])) > _CUT_M2
    counts = np.bincount(hamlet[real], minlength=len(near))
    for row in np.flatnonzero(counts > 1):
        spot = shapely.point_on_surface(shapes[near[row]])
        name = str(state.hamlets["hamlet_id"].iloc[near[row]])
        problems.add("hamlet-cut", code=name, cells=int(counts[row]), geometry=spot)
