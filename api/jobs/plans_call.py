"""`wangge plans` and `wangge history`: one action of the command line on the versions of a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.desk import opened, plan_named, who
from api.jobs.edit import Lock, Remark, Rename, run_edit, run_redo, run_undo
from api.jobs.plans import listed_plans
from api.jobs.since_final import changes_since_final
from api.jobs.timeline import timeline
from api.jobs.versions import branch, restore, set_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.jobs.desk import Target
    from api.store import Project

__all__ = ["PlansCall", "run_history", "run_plans"]


_NO_WORDS = (
    "这个数据库账号只看得到谁、何时、做了什么；从什么改成什么，要库主授权 --grant-reader 加 --sensitive",
    "this database role sees who, when and what; from what to what takes --grant-reader with --sensitive, by the owner",
)
_NO_ORIGIN = (
    "这个数据库账号看不到历史细节：由 restore 得来的方案，定稿以来的步数可能偏多",
    "this database role does not see history in detail: edits since the final plan may be too many for restored plans",
)


@dataclass(frozen=True)
class PlansCall:
    """One action on plans, and what it takes."""

    action: str = "list"
    plan: str | None = None
    name: str | None = None
    at: str | None = None
    note: str | None = None
    cell: str | None = None
    cells: Sequence[str] | None = None
    text: str | None = None


def run_plans(project: Target, call: PlansCall) -> dict[str, Any]:
    """List the plans, or do one thing with one of them; `SchemaError`, `InfeasibleError` where it cannot be done."""
    with opened(project) as store:
        return {"action": call.action, **_done(store, call)}


def run_history(project: Target, *, plan: str | None = None, limit: int = 50) -> dict[str, Any]:
    """List who changed what and when, the newest first; `SchemaError` for a plan that is not there."""
    with opened(project) as store:
        name = None if plan is None else plan_named(store, plan)
        return {"plan": name, "history": timeline(store, plan=name, limit=limit), "notes": _withheld(store, _NO_WORDS)}


def _withheld(store: Project, words: tuple[str, str]) -> list[dict[str, str]]:
    """Say what a database role that may not read the whole history is not told."""
    return [] if store.tells_all else [{"zh": words[0], "en": words[1]}]


def _done(store: Project, call: PlansCall) -> dict[str, Any]:
    match call.action:
        case "list":
            return {"plans": listed_plans(store), "notes": _withheld(store, _NO_ORIGIN)}
        case "branch":
            return branch(store, who=who(), name=call.name, plan=call.plan, note=call.note)
        case "restore":
            return restore(store, at=call.at or "", who=who(), plan=call.plan, name=call.name, note=call.note)
        case "draft" | "review" | "final":
            return set_status(store, call.action, who=who(), plan=call.plan)
        case "changes":
            return changes_since_final(store, call.plan)
    return _edited(store, call)


def _edited(store: Project, call: PlansCall) -> dict[str, Any]:
    match call.action:
        case "undo":
            done = run_undo(store, who=who(), plan=call.plan)
        case "redo":
            done = run_redo(store, who=who(), plan=call.plan)
        case "remark":
            done = run_edit(store, Remark(str(call.cell), str(call.text)), who=who(), plan=call.plan)
        case "rename":
            done = run_edit(store, Rename(str(call.cell), str(call.text)), who=who(), plan=call.plan)
        case _:
            wish = Lock(tuple(call.cells or ()), locked=call.action == "lock")
            done = run_edit(store, wish, who=who(), plan=call.plan)
    return {
        "plan": done.plan, "villages": list(done.villages), "removed": list(done.removed), "message_zh": done.zh,
        "message_en": done.en,
    }  # fmt: skip
