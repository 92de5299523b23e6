"""What a planner should look at after an edit: crossings, hamlets, deviations and pieces of the cells it touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from spatial.cuts import check_barriers
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import geopandas as gpd

    from spatial.planning.edits.state import PlanState

__all__ = ["tell", "tell_new"]

_CUT_M2 = 1.0
_SAME = 1e-9


@dataclass
class _Sized(Problems):
    """Problems with how bad each is: cells over a hamlet, sides of a river, pieces, or the deviation."""

    sizes: list[float] = field(default_factory=list)

    def add(self, problem: str, **figures: Any) -> None:
        """Write one down with its size."""
        super().add(problem, **figures)
        self.sizes.append(
            max(abs(figures[name]) for name in ("count", "cells", "pieces", "deviation") if name in figures)
        )


def tell_new(
    problems: Problems,
    state: PlanState,
    cells: gpd.GeoDataFrame,
    came: Mapping[str, Collection[str]],
    *,
    evening: bool = False,
) -> None:
    """Write down what an edit made new or worse: not what its cells crossed, cut or weighed before it.

    `came` names, for each cell that the edit touched, the cells whose ground it took over as a whole: itself, those
    that it swallowed, and the one it was cut from. After `evening` out, what is left over tolerance is told, too.
    """
    now, before = _Sized(), _Sized()
    tell(now, state, cells, came.keys())
    if not now.rows:
        return
    suspects = {row["code"] for row in now.rows} if all(row["layer"] == "cells" for row in now.rows) else set(came)
    tell(before, state, state.cells, suspects.union(*(came.get(code, ()) for code in suspects)))
    was: dict[tuple[str, str], float] = {}
    for row, size in zip(before.rows, before.sizes, strict=True):
        was[row["problem"], row["code"]] = size
    for row, size in zip(now.rows, now.sizes, strict=True):
        kind, code = row["problem"], row["code"]
        known = came.get(code, ()) if kind == "cell-spans-barrier" else (code,)
        still = evening and kind == "cell-over-tolerance"
        if still or size > max((was.get((kind, one), 0.0) for one in known), default=0.0) + _SAME:
            problems.rows.append(row)


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
