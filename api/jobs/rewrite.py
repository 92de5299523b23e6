"""One village of a plan, and how its cells are written anew after blocks changed their cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import pandas as pd
import shapely

from api.jobs.desk import Desk, now, settled
from spatial.crs import STORAGE
from spatial.errors import InfeasibleError
from spatial.planning.cells import cells_from
from spatial.planning.edits import PlanState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.store import Change

__all__ = ["Village", "blocks_of", "rewrite"]


@dataclass(frozen=True)
class Village:
    """A village of a plan in metres: its border, blocks, cells, and the codes it ever used."""

    desk: Desk
    plan: str
    code: str
    border: gpd.GeoDataFrame
    state: PlanState
    used_codes: frozenset[str]
    today: str

    @classmethod
    def read(cls, desk: Desk, plan: str, code: str) -> Self:
        """Read a village of a plan."""
        project = desk.project
        blocks = desk.read("blocks", where={"village_code": code})
        members = project.read("plan_blocks", where={"plan": plan, "block_id": blocks["block_id"].tolist()})
        kept = blocks[blocks["block_id"].isin(members["block_id"])].reset_index(drop=True)
        cells = desk.read("cells", where={"plan": plan, "village_code": code, "end_date": None})
        used = project.read("cells", where={"village_code": code}, columns=["cell_code"])["cell_code"]
        settings = project.read("plans", where={"plan": plan}, columns=["settings"])["settings"].iloc[0] or {}
        state = PlanState(kept, members, cells, measure=_MEASURES[settings.get("balance", "households")])
        border = desk.read("villages", where={"village_code": code})
        return cls(desk, plan, code, border, state, frozenset(used), now().isoformat())

    def line(self, points: Iterable[tuple[float, float]]) -> shapely.LineString:
        """Carry a drawn line of degrees into metres. `InfeasibleError` for one without length, or with loops."""
        drawn = shapely.LineString(list(points))
        if drawn.length == 0:
            raise InfeasibleError("画的线太短", "the line drawn is too short")
        if not drawn.is_simple:  # a scribble would cut the land into thousands of pieces
            raise InfeasibleError(
                "画的线和自己相交，请重画一条不打结的线", "the line crosses itself; draw one without loops"
            )
        frame = gpd.GeoDataFrame(geometry=[drawn], crs=STORAGE)
        return shapely.LineString(shapely.get_coordinates(self.desk.door.forward(frame).geometry.to_numpy()))


def blocks_of(log: dict[str, Any]) -> pd.DataFrame:
    """Give the blocks and cells that a row of history holds."""
    return pd.DataFrame(log["blocks"], columns=["block_id", "cell_code"])


def rewrite(change: Change, village: Village, *, gone: pd.Series[str], members: pd.DataFrame) -> tuple[str, ...]:
    """Take blocks `gone` out of the plan, put `members` in, derive the village's cells anew; gives codes that ended.

    Cells that end stay in the layer with their end date (their people too, for an undo); their codes are
    never given again.
    """
    desk, plan = village.desk, village.plan
    change.delete("plan_blocks", {"plan": plan, "block_id": list(gone)})
    change.append("plan_blocks", members.assign(plan=plan))
    whole = Village.read(desk, plan, village.code).state
    cells = cells_from(
        whole.plan_blocks, whole.blocks, village.border, measure=whole.measure, plan=plan,
        start_date=village.today, previous=desk.read("cells", where={"plan": plan, "village_code": village.code}),
    )  # fmt: skip
    cells["start_date"] = pd.to_datetime(cells["start_date"], utc=True, format="mixed")
    before = set(village.state.cells["cell_code"])
    removed = tuple(sorted(before - set(cells["cell_code"])))
    change.delete("cells", {"cell_id": cells["cell_id"].tolist()})
    change.append("cells", settled(desk.back(cells.assign(end_date=None)), "cells"))
    if removed:
        ended = pd.DataFrame({"cell_id": [f"{plan}:{code}" for code in removed], "end_date": now()})
        change.update("cells", ended)
    return removed


_MEASURES = {"households": "households", "occupied": "households", "residents": "residents", "workload": "workload"}
"""Column of blocks by what a plan balances; blocks do not count occupied households, all of them stand in."""
