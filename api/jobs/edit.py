"""Edits of the current plan: split, merge, move, undo, redo; one transaction and one row of history each.

The truth of a plan is which block is in which cell; cells are derived from it anew for the village touched.
History keeps the blocks' cells before and after, so that any edit can be taken back after a restart too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.auth import within
from api.errors import NotAllowedError, StaleRevisionError, UnknownCodeError
from api.jobs.desk import Desk
from api.jobs.edit_log import EDITS, stacks, touched_since
from api.jobs.rewrite import Village, blocks_of, rewrite
from api.settings import revision_of
from spatial.errors import InfeasibleError
from spatial.planning.edits import merge, move_blocks, split_by_line

if TYPE_CHECKING:
    import pandas as pd

    from api.store import Project
    from spatial.planning.edits import Edit

__all__ = ["Edited", "Merge", "Move", "Split", "run_edit", "run_redo", "run_undo"]


@dataclass(frozen=True)
class Split:
    """Split one cell along a line of longitude, latitude."""

    cell: str
    line: tuple[tuple[float, float], ...]
    action: str = "split"


@dataclass(frozen=True)
class Merge:
    """Merge `other` into its neighbour `keep`, whose code stays."""

    keep: str
    other: str
    action: str = "merge"


@dataclass(frozen=True)
class Move:
    """Move blocks into one cell."""

    blocks: tuple[str, ...]
    to: str
    action: str = "move"


@dataclass(frozen=True)
class Edited:
    """What an edit did: the plan, the villages touched, the cells that are gone, and one sentence."""

    plan: str
    villages: tuple[str, ...]
    removed: tuple[str, ...]
    zh: str
    en: str


def run_edit(
    project: Project, wish: Split | Merge | Move, *, revision: int, who: str, scope: tuple[str, ...] = ()
) -> Edited:
    """Make one edit of the current plan.

    Raises
    ------
    StaleRevisionError
        Where the plan's villages in question changed after `revision`.
    UnknownCodeError, NotAllowedError
        For a cell or block that is not in the plan, or not within `scope`.
    InfeasibleError
        Where the edit would break a cell apart, cross a village border, or change nothing.
    """
    plan = _current(project)
    with project.change(who=who, action=wish.action, plan=plan) as change:
        code = wish.cell if isinstance(wish, Split) else wish.keep if isinstance(wish, Merge) else wish.to
        of, alive = _village_of(project, plan, code)
        _require_reach(project, of, scope)
        _require_fresh(project, plan, revision, of)  # first: whoever draws on an old page learns that, not "unknown"
        if not alive:
            raise _no_cell(plan, code)
        village = Village.read(Desk(project), plan, of)
        edit = _made(village, wish)
        before, members = edit.before, edit.after
        if isinstance(wish, Merge):  # the pure edit keeps the lower code; here the hand that draws says which
            before = village.state.plan_blocks.query("cell_code == @wish.other")
            members = before.assign(cell_code=wish.keep)
        members = members[["block_id", "cell_code"]].reset_index(drop=True)
        removed = rewrite(change, village, gone=before["block_id"], members=members)
        change.record(before=_log(village.code, before), after=_log(village.code, members))
        return Edited(plan, (village.code,), removed, *_said(wish, edit, removed))


def run_undo(project: Project, *, revision: int, who: str, scope: tuple[str, ...] = ()) -> Edited:
    """Take back the last edit of the current plan. `InfeasibleError` where there is none."""
    return _replay(project, "undo", revision=revision, who=who, scope=scope)


def run_redo(project: Project, *, revision: int, who: str, scope: tuple[str, ...] = ()) -> Edited:
    """Make again the edit that was taken back last. `InfeasibleError` where there is none."""
    return _replay(project, "redo", revision=revision, who=who, scope=scope)


def _replay(project: Project, action: str, *, revision: int, who: str, scope: tuple[str, ...]) -> Edited:
    """Put the blocks of one logged edit back to where they were before it, or after it."""
    plan = _current(project)
    with project.change(who=who, action=action, plan=plan) as change:
        if revision != revision_of(project):
            raise StaleRevisionError(revision_of(project))
        undo, redo = stacks(project, plan)
        stack = undo if action == "undo" else redo
        if not stack:
            raise InfeasibleError(
                *(("没有可撤销的操作", "there is nothing to undo") if action == "undo" else
                  ("没有可重做的操作", "there is nothing to redo"))
            )  # fmt: skip
        row = project.read("history", where={"id": stack[-1]}).iloc[0]
        gone, wanted = (row["after"], row["before"]) if action == "undo" else (row["before"], row["after"])
        village = Village.read(Desk(project), plan, wanted["village"])
        _require_reach(project, village.code, scope)
        members = blocks_of(wanted)
        removed = rewrite(change, village, gone=blocks_of(gone)["block_id"], members=members)
        change.record(before=gone, after=wanted)
        what_zh, what_en = _NAMES[row["action"]]
        zh = f"已撤销{what_zh}" if action == "undo" else f"已重做{what_zh}"
        return Edited(plan, (village.code,), removed, zh, f"{what_en} {'undone' if action == 'undo' else 'made again'}")


_NAMES = {"split": ("拆分", "split"), "merge": ("合并", "merge"), "move": ("移动", "move")}


def _made(village: Village, wish: Split | Merge | Move) -> Edit:
    """Call the pure edit."""
    state, start = village.state, village.today
    match wish:
        case Split():
            line = village.line(wish.line)
            return split_by_line(state, wish.cell, line=line, used_codes=village.used_codes, start_date=start)
        case Merge():
            _require_cell(village, wish.other)
            return merge(state, wish.keep, wish.other, start_date=start)
        case Move():
            unknown = set(wish.blocks) - set(village.state.plan_blocks["block_id"])
            if unknown:
                first = min(unknown)
                raise UnknownCodeError(f"村 {village.code} 里没有图斑 {first}", f"no block {first} in {village.code}")
            return move_blocks(state, list(wish.blocks), to_cell=wish.to, start_date=start)


def _require_cell(village: Village, code: str) -> None:
    if code not in set(village.state.cells["cell_code"]):
        raise InfeasibleError(
            f"网格 {code} 不在同一个村（社区）里，不能合并",
            f"cell {code} is not in the same village; cells of two villages cannot be merged",
        )


def _said(wish: Split | Merge | Move, edit: Edit, removed: tuple[str, ...]) -> tuple[str, str]:
    now = {code: after for code, (_, after) in sorted(edit.households.items()) if after is not None}
    if isinstance(wish, Merge):
        now = {wish.keep: sum(now.values())}
    zh = "，".join(f"{code[-3:]} 格 {count:.0f} 户" for code, count in now.items())
    en = ", ".join(f"{code[-3:]}: {count:.0f} households" for code, count in now.items())
    gone = ("，停用 " + "、".join(code[-3:] for code in removed)) if removed else ""
    return f"已{_NAMES[wish.action][0]}：{zh}{gone}", f"{_NAMES[wish.action][1]} done: {en}"


def _log(village: str, members: pd.DataFrame) -> dict[str, Any]:
    rows = members[["block_id", "cell_code"]].to_numpy().tolist()
    return {"village": village, "blocks": rows}


def _current(project: Project) -> str:
    plan = project.current_plan()
    if plan is None:
        raise InfeasibleError("项目里还没有网格方案", "the project holds no plan yet")
    return plan


def _village_of(project: Project, plan: str, cell: str) -> tuple[str, bool]:
    """Give the village of a cell, and whether the cell has not ended."""
    found = project.read("cells", where={"plan": plan, "cell_code": cell}, columns=["village_code", "end_date"])
    if found.empty:
        raise _no_cell(plan, cell)
    return str(found["village_code"].iloc[0]), bool(found["end_date"].isna().any())


def _no_cell(plan: str, cell: str) -> UnknownCodeError:
    return UnknownCodeError(f"方案 {plan} 里没有网格 {cell}", f"there is no cell {cell} in plan {plan}")


def _require_reach(project: Project, village: str, scope: tuple[str, ...]) -> None:
    codes = project.read(
        "villages", where={"village_code": village}, columns=["village_code", "town_code", "county_code"]
    )
    if not within(codes.to_numpy().ravel().tolist(), scope):
        raise NotAllowedError(f"村（社区）{village} 不在您的范围内", f"village {village} is outside your scope")


def _require_fresh(project: Project, plan: str, revision: int, village: str) -> None:
    """Let an edit pass whose village nobody touched since the page read it; whoever replanned stops all."""
    now = revision_of(project)
    if revision == now:
        return
    if revision > now:
        raise StaleRevisionError(now)
    later = project.read("history", columns=["plan", "action"]).iloc[revision:]
    harmless = later["plan"].isna() & ~later["action"].str.startswith(("load", "demo"))
    edits = (later["plan"] == plan) & later["action"].isin([*EDITS, "undo", "redo"])
    if not (harmless | edits).all() or village in touched_since(project, plan, revision):
        raise StaleRevisionError(now)
