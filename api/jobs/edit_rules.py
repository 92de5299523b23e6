"""What every edit of a plan is held to: cells that are there, unlocked, within the scope, and as the page saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.auth import within
from api.jobs.edit_log import EDITS, later_rows
from api.jobs.revisions import PLAN_ACTIONS, input_revision, revision_now
from api.refusals import NotAllowedError, StaleRevisionError, UnknownCodeError
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.store import Project

__all__ = ["no_cell", "require_fresh", "require_reach", "require_unlocked", "village_of"]


def require_unlocked(cells: dict[str, dict[str, Any]], codes: Iterable[str]) -> None:
    """Refuse to change the extent of a locked cell."""
    for code in sorted(set(codes)):
        cell = cells.get(code)
        if cell is not None and cell["locked"] and cell["end_date"] is None:
            raise InfeasibleError(
                f"网格 {code} 已锁定，不能改变范围；请先解锁",
                f"cell {code} is locked and keeps its extent; unlock it first",
            )


def village_of(project: Project, plan: str, cell: str) -> tuple[str, bool]:
    """Give the village of a cell, and whether the cell has not ended."""
    found = project.read("cells", where={"plan": plan, "cell_code": cell}, columns=["village_code", "end_date"])
    if found.empty:
        raise no_cell(plan, cell)
    return str(found["village_code"].iloc[0]), bool(found["end_date"].isna().any())


def no_cell(plan: str, cell: str) -> UnknownCodeError:
    """Say that a plan has no such cell."""
    return UnknownCodeError(f"方案 {plan} 里没有网格 {cell}", f"there is no cell {cell} in plan {plan}")


def require_reach(project: Project, village: str, scope: tuple[str, ...]) -> None:
    """Refuse a village that is not within the scope of who asks."""
    codes = project.read(
        "villages", where={"village_code": village}, columns=["village_code", "town_code", "county_code"]
    )
    if not within(codes.to_numpy().ravel().tolist(), scope):
        raise NotAllowedError(f"村（社区）{village} 不在您的范围内", f"village {village} is outside your scope")


def require_fresh(project: Project, plan: str, village: str, revision: int | None) -> None:
    """Let an edit pass whose village nobody touched since the page read it; new input or a new plan stops all."""
    if revision is None or revision == (now := revision_now(project)):
        return
    later = later_rows(project, plan, revision, PLAN_ACTIONS)
    edits = later[later["action"].isin([*EDITS, "undo", "redo"])]
    logs = project.read("history", where={"id": edits["id"].tolist()}, columns=["after"])["after"]
    settled = len(edits) + (later["action"] == "status").sum() == len(later)
    untouched = village not in {log["village"] for log in logs}
    if revision > now or input_revision(project) > revision or not settled or not untouched:
        raise StaleRevisionError(now, village=village)
