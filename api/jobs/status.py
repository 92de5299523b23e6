"""The way of a plan: draft, in review, final. A final plan never changes again; work goes on in a branch of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from api.auth import within
from api.jobs.desk import plan_named
from api.refusals import NotAllowedError
from spatial.errors import InfeasibleError, SchemaError

if TYPE_CHECKING:
    from api.store import Project

__all__ = ["STATUSES", "final_plans", "require_open", "require_whole_reach", "set_status"]

STATUSES: dict[str, tuple[str, str]] = {
    "draft": ("草稿", "draft"), "review": ("送审", "in review"), "final": ("定稿", "final"),
}  # fmt: skip

_STEPS = {("draft", "review"), ("review", "draft"), ("review", "final")}


def set_status(
    project: Project, status: str, *, who: str, plan: str | None = None, scope: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Send a plan to review, back to draft, or make it final.

    A new final plan takes the place of the older one of the same villages, which stays stored as it was signed.
    Raises `InfeasibleError` for any other step, `SchemaError` for another word, `NotAllowedError` where the plan
    reaches beyond `scope`.
    """
    if status not in STATUSES:
        raise SchemaError(
            f"方案状态只有 draft、review、final，没有 {status}", f"a plan is draft, review or final, not {status}"
        )
    name = plan_named(project, plan)
    require_whole_reach(project, name, scope)
    with project.change(who=who, action="status", plan=name) as change:
        before = _status(project, name)
        if before != status and (before, status) not in _STEPS:
            raise _wrong_step(name, before, status)
        if before == status:
            raise InfeasibleError(
                f"方案 {name} 已经是{STATUSES[status][0]}", f"plan {name} is {STATUSES[status][1]} already"
            )
        earlier = [one for one, _ in final_plans(project)]
        change.update("plans", pd.DataFrame({"plan": [name], "status": [status]}))
        change.record(before={"status": before}, after={"status": status})
        superseded = _same_villages(project, name, earlier) if status == "final" else []
    return {"plan": name, "before": before, "status": status, "supersedes": superseded}


def require_open(project: Project, plan: str) -> None:
    """Raise `InfeasibleError` where a plan is final."""
    if _status(project, plan) == "final":
        raise InfeasibleError(
            f"方案 {plan} 已定稿，不能再改：请从它另开一个方案（wangge plans PROJECT branch 新名称 --from {plan}）",
            f"plan {plan} is final and cannot change: branch it (wangge plans PROJECT branch NAME --from {plan})",
        )


def require_whole_reach(project: Project, plan: str, scope: tuple[str, ...]) -> None:
    """Raise `NotAllowedError` where some village of a plan is beyond `scope`."""
    if not scope:
        return
    of_plan = set(project.read("cells", where={"plan": plan}, columns=["village_code"])["village_code"])
    table = project.read("villages", columns=["village_code", "town_code", "county_code"])
    reach = {row[0] for row in table.to_numpy().tolist() if within(row, scope)}
    if of_plan - reach:
        raise NotAllowedError(
            f"方案 {plan} 含有您范围以外的村（社区），只有管全部这些村的人能做",
            f"plan {plan} reaches beyond your scope",
        )


def final_plans(project: Project) -> list[tuple[str, int]]:
    """Give the final plans with the number of the history row that made each one final, the newest last."""
    finals = set(project.read("plans", where={"status": "final"}, columns=["plan"])["plan"])
    rows = project.read("history", where={"action": "status", "plan": sorted(finals)}, columns=["fid", "plan"])
    last = rows.groupby("plan")["fid"].max() if len(rows) else pd.Series(dtype="int64")
    return sorted(((plan, int(last.get(plan, 0))) for plan in finals), key=lambda one: (one[1], one[0]))


def _same_villages(project: Project, plan: str, others: list[str]) -> list[str]:
    """Name the plans that hold a village of `plan`, too."""
    cells = project.read("cells", where={"plan": [plan, *others]}, columns=["plan", "village_code"])
    mine = set(cells.loc[cells["plan"] == plan, "village_code"])
    shared = set(cells.loc[cells["village_code"].isin(mine), "plan"])
    return [other for other in others if other in shared and other != plan]


def _status(project: Project, plan: str) -> str:
    return str(project.read("plans", where={"plan": plan}, columns=["status"])["status"].iloc[0])


def _wrong_step(plan: str, before: str, wanted: str) -> InfeasibleError:
    if before == "final":
        return InfeasibleError(
            f"方案 {plan} 已定稿，状态不能再改：要继续修改，请从它另开一个方案（branch）",
            f"plan {plan} is final for good: branch it to go on",
        )
    return InfeasibleError(
        f"方案 {plan} 还是{STATUSES[before][0]}，要先送审（review）才能{STATUSES[wanted][0]}",
        f"plan {plan} is {STATUSES[before][1]}: send it to review first",
    )
