"""Edits of a plan: split, merge, move, rename, remark, lock, undo, redo; one transaction and one row of history each.

The truth of a plan is which block is in which cell; cells are derived from it anew for the village touched.
History keeps what changed before and after, so that any edit can be taken back after a restart too. Undo belongs to
a person: it takes back the last edit that this person made in the plan. What others did in other villages stays;
where somebody else changed the same village since, nothing is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.conflict import conflict_of
from api.jobs.desk import Desk, plan_named, settled
from api.jobs.edit_log import EDITS, attributes, blocks_of, changed, digest, later_rows, stacks
from api.jobs.edit_rules import no_cell, require_fresh, require_reach, require_unlocked, village_of
from api.jobs.foreseen import Foreseen, foreseen, told, worked_out
from api.jobs.rewrite import NEAR, Village, rewrite, stored_attributes, write_attributes
from api.jobs.status import require_open
from api.jobs.wishes import (
    BlockWish,
    Border,
    CellWish,
    Lock,
    Merge,
    Move,
    Rebalance,
    Remark,
    Rename,
    Special,
    Split,
    Wish,
    cells_named,
    said,
    said_of_cells,
    written,
)  # fmt: skip
from api.refusals import StaleRevisionError, UnknownCodeError
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    import pandas as pd

    from api.store import Change, Project
    from spatial.planning.edits import Edit

__all__ = [
    "Border", "Edited", "Lock", "Merge", "Move", "Rebalance", "Remark", "Rename", "Special", "Split", "preview_edit",
    "run_edit", "run_redo", "run_undo",
]  # fmt: skip


_CARRIED = ("cell", "locked", "party_group", "responsible", "note")
"""Columns of a new or renamed cell that the pure edit decides."""


@dataclass(frozen=True)
class Edited:
    """What an edit did: the plan, the villages touched, the cells that are gone, one sentence, and what to look at.

    `problems` are rows of that layer about the cells that the edit touched.
    """

    plan: str
    villages: tuple[str, ...]
    removed: tuple[str, ...]
    zh: str
    en: str
    problems: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class _Call:
    """Who asks, of which plan, having seen which revision (None: as it stands), within which scope."""

    project: Project
    plan: str
    who: str
    revision: int | None
    scope: tuple[str, ...]


def run_edit(
    project: Project, wish: Wish, *, who: str, revision: int | None = None, plan: str | None = None,
    scope: tuple[str, ...] = (),
) -> Edited:  # fmt: skip
    """Make one edit of a plan, the one made last unless `plan` names another.

    Raises
    ------
    StaleRevisionError
        Where the village in question changed after `revision`; it holds both versions.
    UnknownCodeError, NotAllowedError
        For a cell or block that is not in the plan, or not within `scope`.
    InfeasibleError
        Where the plan is final, a cell is locked, or the edit would break a cell apart, cross a village border, or
        change nothing.
    """
    call = _called(project, plan, who, revision, scope)
    try:
        with project.change(who=who, action=wish.action, plan=call.plan) as change:
            return _edit(call, change, wish)
    except StaleRevisionError as stale:
        raise _with_both_versions(call, stale, asked=wish) from None


def preview_edit(
    project: Project, wish: BlockWish, *, who: str, revision: int | None = None, plan: str | None = None,
    scope: tuple[str, ...] = (),
) -> Foreseen:  # fmt: skip
    """Say what `run_edit` would do, and store nothing; it is refused for the same reasons."""
    call = _called(project, plan, who, revision, scope)
    try:
        with project.reading():
            of = _allowed(call, wish)
            village, edit = worked_out(project, call.plan, of, wish)
            require_unlocked(
                stored_attributes(project, call.plan, of), [*edit.before["cell_code"], *edit.after["cell_code"]]
            )
            return foreseen(village, wish, edit)
    except StaleRevisionError as stale:
        raise _with_both_versions(call, stale, asked=wish) from None


def run_undo(
    project: Project, *, who: str, revision: int | None = None, plan: str | None = None, scope: tuple[str, ...] = ()
) -> Edited:
    """Take back the last edit of a plan by `who`; `InfeasibleError` where there is none, or others edited since."""
    return _again(_called(project, plan, who, revision, scope), "undo")


def run_redo(
    project: Project, *, who: str, revision: int | None = None, plan: str | None = None, scope: tuple[str, ...] = ()
) -> Edited:
    """Make again the edit that `who` took back last; `InfeasibleError` where there is none, or others edited since."""
    return _again(_called(project, plan, who, revision, scope), "redo")


def _called(project: Project, plan: str | None, who: str, revision: int | None, scope: tuple[str, ...]) -> _Call:
    with project.reading():
        return _Call(project, plan_named(project, plan), who, revision, scope)


def _edit(call: _Call, change: Change, wish: Wish) -> Edited:
    project, plan = call.project, call.plan
    of = _allowed(call, wish)
    before = stored_attributes(project, plan, of)
    if isinstance(wish, CellWish):
        return _write_cells(call, change, wish, village=of, before=before)
    village, edit = worked_out(project, plan, of, wish)
    gone, members = edit.before, edit.after
    require_unlocked(before, [*gone["cell_code"], *members["cell_code"]])
    _store_blocks(village, change, edit)
    removed = rewrite(change, village, gone=gone["block_id"], members=members[["block_id", "cell_code"]])
    shown = edit.cells[edit.cells["cell_code"].isin([*edit.created, *edit.changed["cell_code"]])]
    kept = {code: {name: row[name] for name in _CARRIED} for code, row in attributes(shown).items()}
    write_attributes(change, plan, kept, stored_attributes(project, plan, of))
    _record(call, change, village, before=before, gone=gone, members=members)
    return Edited(plan, (of,), removed, *said(wish, edit, removed), told(village.desk, edit.problems, plan=plan))


def _allowed(call: _Call, wish: Wish) -> str:
    """Give the village that a wish is about, where it may be changed at all."""
    names = cells_named(wish)
    if not names:
        raise UnknownCodeError("没有写明是哪个网格", "no cell was named")
    of, alive = village_of(call.project, call.plan, names[0])
    require_reach(call.project, of, call.scope)
    require_fresh(call.project, call.plan, of, call.revision)  # before "unknown"
    require_open(call.project, call.plan)
    if not alive:
        raise no_cell(call.plan, names[0])
    return of


def _store_blocks(village: Village, change: Change, edit: Edit) -> None:
    """Store the blocks that an edit cut; they stay when it is taken back."""
    ids = edit.blocks["block_id"].tolist()
    stored = village.desk.project.read("blocks", where={"block_id": ids}, columns=["block_id"])["block_id"]
    fresh = edit.blocks[~edit.blocks["block_id"].isin(stored)].reset_index(drop=True)
    if len(fresh):
        change.append("blocks", settled(village.desk.back(fresh), "blocks"))


def _write_cells(
    call: _Call, change: Change, wish: CellWish, *, village: str, before: dict[str, dict[str, Any]]
) -> Edited:
    """Write names, remarks or locks of cells."""
    values = written(wish)
    for code in values:
        if code not in before or before[code]["end_date"] is not None:
            raise no_cell(call.plan, code)
    write_attributes(change, call.plan, values, before)
    old, new = changed(before, stored_attributes(call.project, call.plan, village))
    if not new:
        raise InfeasibleError("没有改动：已经是这样", "nothing to change: it is so already")
    change.record(before={"village": village, "blocks": [], "cells": old},
                  after={"village": village, "blocks": [], "cells": new})  # fmt: skip
    return Edited(call.plan, (village,), (), *said_of_cells(wish))


def _again(call: _Call, action: str) -> Edited:
    try:
        with call.project.change(who=call.who, action=action, plan=call.plan) as change:
            return _replay(call, change, action)
    except StaleRevisionError as stale:
        raise _with_both_versions(call, stale, asked=action) from None


def _replay(call: _Call, change: Change, action: str) -> Edited:
    """Put the blocks and cells of one logged edit back to what they were before it, or after it."""
    project, plan = call.project, call.plan
    undo, redo = stacks(project, plan, call.who)
    stack = undo if action == "undo" else redo
    if not stack:
        raise InfeasibleError(
            *(("没有可撤销的操作：撤销只针对您自己的操作；要退回他人的改动，请从“记录”恢复",
               "you have nothing to undo; to go back behind other people's edits, restore from the history")
              if action == "undo" else ("没有可重做的操作", "there is nothing to redo"))
        )  # fmt: skip
    row = project.read("history", where={"id": stack[-1]}).iloc[0]
    gone, wanted = (row["after"], row["before"]) if action == "undo" else (row["before"], row["after"])
    of = wanted["village"]
    require_reach(project, of, call.scope)
    require_fresh(call.project, call.plan, of, call.revision)
    require_open(project, plan)
    before = stored_attributes(project, plan, of)
    moves = gone["blocks"] or wanted["blocks"]
    village = Village.read(Desk(project), plan, of, near=NEAR) if moves else None
    held = None if village is None else digest(village.state.plan_blocks)
    _require_as_left(call, gone, before, held=held, action=action)
    removed: tuple[str, ...] = ()
    if village is not None:
        require_unlocked(before, [code for _, code in (*gone["blocks"], *wanted["blocks"])])
        removed = rewrite(change, village, gone=blocks_of(gone)["block_id"], members=blocks_of(wanted))
    write_attributes(change, plan, wanted["cells"], stored_attributes(project, plan, of))
    old, new = changed(before, stored_attributes(project, plan, of))
    change.record(before={**gone, "cells": old}, after={**wanted, "cells": new})
    what_zh, what_en = EDITS[row["action"]]
    zh = f"已撤销{what_zh}" if action == "undo" else f"已重做{what_zh}"
    return Edited(plan, (of,), removed, zh, f"{what_en} {'undone' if action == 'undo' else 'made again'}")


def _record(
    call: _Call, change: Change, village: Village, *, before: dict[str, dict[str, Any]], gone: pd.DataFrame,
    members: pd.DataFrame,
) -> None:  # fmt: skip
    """Write into history what an edit of blocks changed, before and after."""
    old, new = changed(before, stored_attributes(call.project, call.plan, village.code))
    held = village.state.plan_blocks[["block_id", "cell_code"]]
    left = held[~held["block_id"].isin(gone["block_id"])]
    after = [*left.to_numpy().tolist(), *(now := members[["block_id", "cell_code"]].to_numpy().tolist())]
    was = gone[["block_id", "cell_code"]].to_numpy().tolist()
    change.record(
        before={"village": village.code, "state": digest(held), "blocks": was, "cells": old},
        after={"village": village.code, "state": digest(blocks_of({"blocks": after})), "blocks": now, "cells": new},
    )


def _require_as_left(
    call: _Call, left: dict[str, Any], now: dict[str, dict[str, Any]], *, held: str | None, action: str
) -> None:
    """Refuse to take back, or make again, an edit whose village is no longer as the edit left it."""
    same = left.get("state") == held
    for code, wanted in left["cells"].items():
        found = now.get(code)
        if wanted is None:
            same &= found is None or found["end_date"] is not None
        else:
            same &= found is not None and all(found[name] == value for name, value in wanted.items())
    if same:
        return
    others = later_rows(call.project, call.plan, 0)
    rows = others[others["who"] != call.who].iloc[::-1]
    logs = call.project.read("history", where={"id": rows["id"].tolist()[:200]}, columns=["id", "after"])
    village = left["village"]
    here = set(logs.loc[[log["village"] == village for log in logs["after"]], "id"])
    last = rows.loc[rows["id"].isin(here), "who"].tolist()
    name = last[0] if last else "?"
    zh, en = ("撤销", "undo") if action == "undo" else ("重做", "redo")
    raise InfeasibleError(
        f"不能{zh}：{name} 此后也改过村（社区）{village}；请先由他撤销，或从“记录”恢复为新方案",
        f"cannot {en}: {name} changed village {village} since; let them undo first, or restore from the history",
    )


def _with_both_versions(call: _Call, stale: StaleRevisionError, *, asked: Wish | str) -> StaleRevisionError:
    """Give the refusal with what the page saw and what is there now."""
    stale.conflict = conflict_of(call.project, call.plan, village=stale.village, seen=call.revision or 0, asked=asked)
    return stale
