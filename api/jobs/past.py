"""A plan as it stood after some row of its history, worked out by taking later edits back one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.edit_log import ATTRIBUTES, EDITS, attributes, later_rows
from api.jobs.loads import with_plan_load
from api.jobs.revisions import CREATIONS, PLAN_ACTIONS
from spatial.errors import InfeasibleError
from spatial.planning.cells import cells_from

if TYPE_CHECKING:
    import geopandas as gpd

    from api.jobs.desk import Desk
    from api.store import Project

__all__ = ["Past", "cells_then", "past_of"]


@dataclass(frozen=True)
class Past:
    """What was different: the villages edited since, which block was in which cell there, attributes of cells."""

    villages: tuple[str, ...]
    members: pd.DataFrame
    cells: dict[str, dict[str, Any] | None]


def past_of(project: Project, plan: str, *, since: int, village: str | None = None) -> Past:
    """Take back every edit of a plan after history row `since`, of one village only where it is named.

    Raises `InfeasibleError` where the plan did not exist then, or was changed since in a way that history cannot
    take back (from outside, without a log).
    """
    later = later_rows(project, plan, since, PLAN_ACTIONS)
    _require_known(plan, later)
    steps = later[later["action"].isin([*EDITS, "undo", "redo"])]
    rows = project.read("history", where={"id": steps["id"].tolist()}, columns=["id", "before", "after"])
    logs = [(row.before, row.after) for row in rows.itertuples() if village in {None, row.after["village"]}]
    villages = tuple(sorted({after["village"] for _, after in logs}))
    held = project.read("blocks", where={"village_code": list(villages)}, columns=["block_id"])["block_id"]
    now = project.read("plan_blocks", where={"plan": plan, "block_id": held.tolist()})
    cell_of = dict(zip(now["block_id"], now["cell_code"], strict=True))
    cells: dict[str, dict[str, Any] | None] = {}
    for before, after in reversed(logs):
        for block, _ in after["blocks"]:
            cell_of.pop(block, None)
        cell_of.update(map(tuple, before["blocks"]))
        for code, values in before["cells"].items():
            known = cells.get(code)
            cells[code] = None if values is None else {**(known or {}), **values}
    members = pd.DataFrame(list(cell_of.items()), columns=["block_id", "cell_code"], dtype=object)
    return Past(villages, members, cells)


def cells_then(desk: Desk, plan: str, past: Past, *, name: str | None = None) -> gpd.GeoDataFrame:
    """Derive the cells of the villages of `past` as they were, in metres, as cells of plan `name`.

    Raises `InfeasibleError` where blocks of that time are no longer stored.
    """
    project, villages = desk.project, list(past.villages)
    blocks = desk.read("blocks", where={"block_id": past.members["block_id"].tolist()})
    if len(blocks) < len(past.members):
        gone = len(past.members) - len(blocks)
        raise InfeasibleError(
            f"当时的图斑已有 {gone} 个不在项目里（重新导入过 blocks），不能恢复",
            f"{gone} blocks of that time are no longer stored (blocks were loaded anew); it cannot be restored",
        )
    settings = project.read("plans", where={"plan": plan}, columns=["settings"])["settings"].iloc[0] or {}
    stored = project.read("cells", where={"plan": plan, "village_code": villages}, columns=["cell_code", *ATTRIBUTES])
    previous = attributes(stored)
    for code, values in past.cells.items():
        if values is None:
            previous.pop(code, None)
        else:
            previous[code] = {**previous.get(code, dict.fromkeys(ATTRIBUTES)), **values}
    rows = [{"cell_code": code, **values} for code, values in previous.items()]
    borders = desk.read("villages", where={"village_code": villages})
    cells = cells_from(
        past.members, with_plan_load(desk, blocks, borders, settings), borders, measure="load", plan=name or plan,
        previous=pd.DataFrame(rows, columns=["cell_code", *ATTRIBUTES]),
    )  # fmt: skip
    for column in ("start_date", "end_date"):
        cells[column] = pd.to_datetime(cells[column], utc=True, format="ISO8601")
    return cells


def _require_known(plan: str, later: pd.DataFrame) -> None:
    """Refuse to go back before a plan was made, or behind a change that history holds no rows of."""
    for action in later["action"]:
        if action in CREATIONS:
            raise InfeasibleError(f"那时还没有方案 {plan}", f"plan {plan} did not exist then")
        if action == "adopt":
            raise InfeasibleError(
                f"方案 {plan} 此后由外部程序改过，只能恢复到那以后", f"plan {plan} was changed from outside since then"
            )
