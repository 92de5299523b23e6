"""One village of a plan, and how its cells are written anew after blocks changed their cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import pandas as pd
import shapely

from api.jobs.desk import Desk, now, settled
from api.jobs.edit_log import ATTRIBUTES, attributes
from api.jobs.listed import once
from api.jobs.loads import with_plan_load
from spatial.crs import STORAGE
from spatial.errors import InfeasibleError
from spatial.planning.cells import cells_from
from spatial.planning.edits import PlanState
from spatial.planning.edits.remarks import tell
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.store import Change, Project

__all__ = ["NEAR", "Village", "rewrite", "stored_attributes", "write_attributes"]


@dataclass(frozen=True)
class Village:
    """A village of a plan in metres: its border, blocks, cells, and the codes it ever used.

    `own_blocks`: planning made the blocks, none was loaded; only then may a line cut them.
    """

    desk: Desk
    plan: str
    code: str
    border: gpd.GeoDataFrame
    state: PlanState
    used_codes: frozenset[str]
    own_blocks: bool
    today: str

    @classmethod
    def read(cls, desk: Desk, plan: str, code: str, *, near: Iterable[str] = ()) -> Self:
        """Read a village of a plan, with what lies in its bounds of the layers `near`."""
        project = desk.project
        border = desk.read("villages", where={"village_code": code})
        held = project.read("blocks", where={"village_code": code}, columns=["block_id"])["block_id"].tolist()
        members = project.read("plan_blocks", where={"plan": plan, "block_id": held})
        # Those of other plans stay outside: their vertices may lie in the same place but for the last bit.
        kept = desk.read("blocks", where={"block_id": members["block_id"].tolist()})
        cells = desk.read("cells", where={"plan": plan, "village_code": code, "end_date": None})
        used = project.read("cells", where={"village_code": code}, columns=["cell_code"])["cell_code"]
        settings = project.read("plans", where={"plan": plan}, columns=["settings"])["settings"].iloc[0] or {}
        kept = with_plan_load(desk, kept, border, settings)
        beside = {name: desk.near(name, border) for name in near}
        state = PlanState(kept, members, cells, measure="load", tolerance=settings.get("tolerance", 0.05),
                          used_codes=frozenset(used), **beside)  # fmt: skip
        own = not set(kept["block_id"]) & set(project.settings.get("loaded_blocks", []))
        return cls(desk, plan, code, border, state, frozenset(used), own, now().isoformat())

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
    _list_problems(change, village, cells)
    before = set(village.state.cells["cell_code"])
    removed = tuple(sorted(before - set(cells["cell_code"])))
    change.delete("cells", {"cell_id": cells["cell_id"].tolist()})
    change.append("cells", settled(desk.back(cells.assign(end_date=None)), "cells"))
    if removed:
        ended = pd.DataFrame({"cell_id": [f"{plan}:{code}" for code in removed], "end_date": now()})
        change.update("cells", ended)
    return removed


def stored_attributes(project: Project, plan: str, village: str) -> dict[str, dict[str, Any]]:
    """Give the columns that edits keep of every cell of a village, ended ones too, by code."""
    where = {"plan": plan, "village_code": village}
    return attributes(project.read("cells", where=where, columns=["cell_code", *ATTRIBUTES]))


def write_attributes(
    change: Change, plan: str, values: Mapping[str, Mapping[str, Any] | None], stored: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write columns of cells by code over what is `stored`; a cell with None, or that is not stored, is left alone."""
    rows = [
        {"cell_id": f"{plan}:{code}", **stored[code], **wanted}
        for code, wanted in values.items()
        if wanted is not None and code in stored and any(stored[code][name] != wanted[name] for name in wanted)
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows)
    for name in ("start_date", "end_date"):
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
    change.update("cells", frame)


def _list_problems(change: Change, village: Village, cells: gpd.GeoDataFrame) -> None:
    """List what the cells of a village show now, in the place of what was listed of them."""
    state, plan = village.state, village.plan
    found = Problems()
    tell(found, state, cells, set(cells["cell_code"]))
    codes = [village.code, *village.used_codes, *cells["cell_code"]]
    if state.hamlets is not None:
        codes += state.hamlets.loc[state.hamlets.intersects(village.border.geometry.iloc[0]), "hamlet_id"].tolist()
    change.delete("problems", {"plan": plan, "problem": _FOUND, "code": codes})
    if found.rows:
        change.append("problems", once(village.desk.problems(found, plan=plan)))


NEAR = ("barriers", "hamlets")
"""Layers beside a village that tell what is wrong with its cells."""

_FOUND = ("cell-spans-barrier", "hamlet-cut", "cell-over-tolerance", "over-tolerance")
"""Kinds of problems that an edit makes obsolete in its village, and finds anew."""
