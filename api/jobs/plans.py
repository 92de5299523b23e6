"""The plans of a project side by side: status, parent, figures, and how many edits since they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.jobs.edit_log import EDITS, replayed
from api.jobs.revisions import CREATIONS
from api.jobs.status import final_plans

if TYPE_CHECKING:
    import pandas as pd

    from api.store import Project

__all__ = ["edit_log", "edits_since", "final_in_force", "listed_plans"]


def listed_plans(project: Project, *, villages: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """List the plans in the order in which they were made.

    Returns
    -------
    list
        Per plan `plan`, `status`, `parent`, `note`, `made_at`, `made_by`, `current`, `superseded` (a final plan that a
        later final one took the place of), `cells`, `special`, `villages`, `households`, `max_deviation_share`,
        `edits` (since it was made, those taken back not counted) and `edits_since_final` (None where the plan does
        not come from the final one). With `villages`, figures are those of these villages.
    """
    with project.reading():
        plans = project.read("plans", columns=["plan", "status", "parent", "note", "made_at", "made_by"])
        columns = ["plan", "kind", "village_code", "households", "deviation_share"]
        cells = project.read("cells", where={"end_date": None}, columns=columns)
        cells = cells if villages is None else cells[cells["village_code"].isin(villages)]
        log = edit_log(project)
        current, newest = project.current_plan(), dict(final_plans(project))
        held = {plan: set(rows["village_code"]) for plan, rows in cells.groupby("plan")}
        listed = []
        for row in plans.sort_values("made_at", kind="stable").itertuples(index=False):
            parent = row.parent if isinstance(row.parent, str) else None
            finals = [one for one in newest if held.get(one, set()) & held.get(row.plan, set())]
            base = max(finals, key=lambda one: newest[one], default=None)
            listed.append({
                "plan": row.plan, "status": row.status, "parent": parent,
                "note": row.note if isinstance(row.note, str) else None,
                "made_at": row.made_at.isoformat().replace("+00:00", "Z"), "made_by": row.made_by,
                "current": row.plan == current, "superseded": row.status == "final" and base != row.plan,
                **_figures(cells[cells["plan"] == row.plan]), "edits": edits_since(log, plans, row.plan, row.plan),
                "edits_since_final": None if base is None else edits_since(log, plans, row.plan, base),
            })  # fmt: skip
        return listed


def final_in_force(project: Project, plan: str) -> str | None:
    """Name the final plan of the same villages made final last; None where there is none. It may be `plan` itself."""
    finals = final_plans(project)
    cells = project.read("cells", where={"plan": [plan, *(one for one, _ in finals)]}, columns=["plan", "village_code"])
    held = {name: set(rows["village_code"]) for name, rows in cells.groupby("plan")}
    mine = held.get(plan, set())
    return next((one for one, _ in reversed(finals) if held.get(one, set()) & mine), None)


def edits_since(log: pd.DataFrame, plans: pd.DataFrame, plan: str, base: str) -> int | None:
    """Count the edits between `base` and a plan that comes from it; those taken back do not count."""
    parents = plans.set_index("plan")["parent"].to_dict()
    total, step, until, seen = 0, plan, None, set()
    while True:
        rows = log[log["plan"] == step]
        made = rows.loc[rows["action"].isin(CREATIONS), "since"]
        rows = rows[~rows["action"].isin(CREATIONS)]
        rows = rows if until is None else rows[rows["fid"] < until]
        if step == base and plan != base:
            return total
        for _, own in rows.groupby("who"):
            total += len(replayed(own[["id", "action"]].itertuples(index=False, name=None))[0])
        if step == base:
            return total
        seen.add(step)
        until, above = (int(made.iloc[0]) if len(made) else 0), parents.get(step)
        if not isinstance(above, str) or above in seen:
            return None
        step = above


def edit_log(project: Project) -> pd.DataFrame:
    """Give the rows of history that `edits_since` counts; `since` is where a plan parted from its parent.

    For a database role that may not see to which row a plan was restored, it parted when it was restored.
    """
    where = {"action": [*EDITS, "undo", "redo", *CREATIONS]}
    found: pd.DataFrame = project.read("history", where=where, columns=["fid", "id", "plan", "who", "action"])
    found["since"] = found["fid"]
    if not project.tells_all:
        return found
    restored = project.read("history", where={"action": "restore"}, columns=["fid", "after"])
    named = project.read("history", where={"id": [row["at"] for row in restored["after"]]}, columns=["fid", "id"])
    number = named.set_index("id")["fid"].to_dict()
    for fid, row in zip(restored["fid"], restored["after"], strict=True):
        found.loc[found["fid"] == fid, "since"] = number.get(row["at"], fid - 1) + 1
    return found


def _figures(cells: pd.DataFrame) -> dict[str, Any]:
    basic = cells[cells["kind"] == "basic"]
    several = basic.groupby("village_code")["kind"].transform("size") >= 2
    deviations = basic.loc[several, "deviation_share"].abs().dropna()
    return {
        "cells": len(basic), "special": len(cells) - len(basic), "villages": int(cells["village_code"].nunique()),
        "households": float(cells["households"].sum()),
        "max_deviation_share": float(deviations.max()) if len(deviations) else 0.0,
    }  # fmt: skip
