"""Plans as versions: a branch is a copy to go on from, a restored plan is an older state; nothing is overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from api.jobs.desk import Desk, new_name, now, plan_named, settled
from api.jobs.edit_log import later_rows
from api.jobs.past import Past, cells_then, past_of
from api.jobs.revisions import CREATIONS
from api.jobs.status import require_open, require_whole_reach, set_status
from api.jobs.wishes import one_line
from spatial.errors import InfeasibleError, SchemaError

if TYPE_CHECKING:
    from api.store import Change, Project

__all__ = ["branch", "require_open", "restore", "set_status"]


def branch(
    project: Project, *, who: str, name: str | None = None, plan: str | None = None, note: str | None = None,
    scope: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """Copy a plan, with its people, to a new draft to go on from; the copy becomes the current plan.

    Raises `SchemaError` for a name in use, `NotAllowedError` where the plan reaches beyond `scope`.
    """
    source = plan_named(project, plan)
    require_whole_reach(project, source, scope)
    with project.change(who=who, action="branch") as change:
        copy = change.plan = new_name(project, name)
        rows = _copy(Desk(project), change, source, copy, who=who, note=note, past=None, people=True)
        change.record(after={"plan": copy, "parent": source, **rows})
    return {"plan": copy, "parent": source, **rows}


def restore(
    project: Project, *, at: str, who: str, plan: str | None = None, name: str | None = None,
    note: str | None = None, scope: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """Make a new plan that is an earlier one as it stood after a row of history, cell by cell.

    Parameters
    ----------
    at
        The id of a history row (also the beginning of one), or a time (ISO 8601; without a zone: UTC).

    Raises
    ------
    SchemaError
        For a row that is not there, or a name in use.
    InfeasibleError
        Where the plan did not exist then, or history cannot take it back so far.
    """
    source = plan_named(project, plan)
    require_whole_reach(project, source, scope)
    with project.change(who=who, action="restore") as change:
        copy = change.plan = new_name(project, name)
        number, row = _row_at(project, source, at)
        past = past_of(project, source, since=number)
        people = later_rows(project, source, number, ("assign",)).empty
        rows = _copy(Desk(project), change, source, copy, who=who, note=note, past=past, people=people)
        change.record(after={"plan": copy, "parent": source, "at": row, **rows})
    return {
        "plan": copy,
        "parent": source,
        "at": row,
        "villages_restored": len(past.villages),
        "people": people,
        **rows,
    }


def _row_at(project: Project, plan: str, at: str) -> tuple[int, str]:
    """Find the history row that is named, or the last one of the plan at a time."""
    rows = project.read("history", columns=["fid", "id", "at", "plan", "action"])
    named = rows[rows["id"].str.startswith(at)] if at else rows.iloc[:0]
    if len(named) == 1 or (named["id"] == at).any():
        row = named[named["id"] == at].iloc[0] if len(named) > 1 else named.iloc[0]
        return _made_by_then(rows, plan, int(row["fid"])), str(row["id"])
    if len(named) > 1:
        raise SchemaError(
            f"有 {len(named)} 条记录以 {at} 开头，请写完整的编号", f"{len(named)} rows of history begin with {at}"
        )
    try:
        moment = pd.Timestamp(at)
    except ValueError:
        raise SchemaError(
            f"没有编号为 {at} 的记录，也不是时间；编号见 wangge history",
            f"{at} is neither a row of history nor a time; wangge history lists the rows",
        ) from None
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    earlier = rows[rows["at"] <= moment]
    if earlier.empty:
        raise InfeasibleError(f"那时还没有方案 {plan}", f"plan {plan} did not exist then")
    row = earlier.iloc[-1]
    return _made_by_then(rows, plan, int(row["fid"])), str(row["id"])


def _made_by_then(rows: pd.DataFrame, plan: str, number: int) -> int:
    """Refuse a row from before the plan was made."""
    own = rows[(rows["plan"] == plan) & rows["action"].isin(CREATIONS)]
    if len(own) and number < int(own["fid"].iloc[0]):
        raise InfeasibleError(f"那时还没有方案 {plan}", f"plan {plan} did not exist then")
    return number


def _copy(
    desk: Desk, change: Change, source: str, name: str, *, who: str, note: str | None, past: Past | None, people: bool
) -> dict[str, int]:
    """Write a plan that is `source`, the villages of `past` as they were then; gives the rows per layer."""
    project, villages = desk.project, () if past is None else past.villages
    plans = project.read("plans", where={"plan": source})
    change.append(
        "plans",
        plans.assign(
            plan=name, note=note and one_line(note), made_at=now(), made_by=who, status="draft", parent=source
        ),
    )
    blocks = change.copy("plan_blocks", {"plan": source}, {"plan": name})
    cells = project.read("cells", where={"plan": source, "end_date": None})
    if past is not None and villages:
        held = project.read("blocks", where={"village_code": list(villages)}, columns=["block_id"])["block_id"]
        blocks -= change.delete("plan_blocks", {"plan": name, "block_id": held.tolist()})
        blocks += change.append("plan_blocks", past.members.assign(plan=name))
        then = settled(desk.back(cells_then(desk, source, past, name=name)), "cells")
        kept = cells[~cells["village_code"].isin(villages)]
        cells = then if kept.empty else gpd.GeoDataFrame(pd.concat([kept, then]), crs=cells.crs)
        cells = cells.sort_values("cell_code", ignore_index=True)
    rows = {
        "blocks": blocks,
        "cells": change.append("cells", cells.assign(plan=name, cell_id=name + ":" + cells["cell_code"].astype(str))),
    }
    if people:
        rows |= _copy_people(project, change, source, name, cells["cell_code"].tolist())
    _copy_problems(project, change, source, name, villages)
    return rows


def _copy_people(project: Project, change: Change, source: str, name: str, alive: list[str]) -> dict[str, int]:
    """Copy people and micro-cells of the cells that the new plan has."""
    of_cells = {"plan": source, "cell_code": alive}
    micro = project.read("micro_cells", where=of_cells, columns=["micro_code"])["micro_code"].tolist()
    wheres: dict[str, dict[str, Any]] = {
        "assignments": of_cells, "micro_cells": of_cells, "micro_homes": {"plan": source, "micro_code": micro},
        "contacts": {"plan": source},
    }  # fmt: skip
    return {layer: change.copy(layer, where, {"plan": name}) for layer, where in wheres.items()}


def _copy_problems(project: Project, change: Change, source: str, name: str, villages: tuple[str, ...]) -> None:
    """Copy what is known to be wrong with a plan, but for villages that are otherwise now; `check` finds those."""
    listed = project.read("problems", where={"plan": source})
    codes = listed["code"].fillna("").astype(str)
    listed = listed[~(codes.isin(villages) | codes.str[:-3].isin(villages))]
    change.append("problems", listed.assign(plan=name).reset_index(drop=True))
