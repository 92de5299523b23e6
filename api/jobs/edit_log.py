"""What history keeps of an edit, and which edits can be taken back or made again; so a restart loses nothing.

A row of an edit holds, before and after: the village, a digest of which block was in which cell, the blocks whose
cell changed, and the columns of cells that changed (None for a cell that was not there).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.store import Project

__all__ = ["ATTRIBUTES", "EDITS", "attributes", "blocks_of", "changed", "digest", "later_rows", "replayed", "stacks",
           "touched_since"]  # fmt: skip

EDITS: dict[str, tuple[str, str]] = {
    "split": ("拆分", "split"), "merge": ("合并", "merge"), "move": ("移动", "move"), "rename": ("改名", "rename"),
    "remark": ("备注", "remark"), "lock": ("锁定", "lock"), "unlock": ("解锁", "unlock"),
    "border": ("移界", "border"), "rebalance": ("均衡", "rebalance"), "special": ("专属", "special cell"),
}  # fmt: skip
"""Actions of history that are edits of one village, and their words."""

ATTRIBUTES = ("cell", "locked", "party_group", "responsible", "note", "start_date", "end_date")
"""Columns of cells that blocks do not decide; a history row keeps those that an edit changed."""

_STEPS = (*EDITS, "undo", "redo")

Attributes = dict[str, dict[str, Any] | None]


def stacks(project: Project, plan: str | None, who: str) -> tuple[list[str], list[str]]:
    """Give the ids of the history rows that `who` can undo, and redo, in a plan; the next one last."""
    if plan is None:
        return [], []
    where = {"plan": plan, "who": who, "action": _STEPS}
    log = project.read("history", where=where, columns=["id", "action"])
    return replayed(log.itertuples(index=False, name=None))


def replayed(rows: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Replay id, action of one person: an edit can be undone and ends what could be redone.

    >>> replayed([("1", "split"), ("2", "move"), ("3", "undo")])
    (['1'], ['2'])
    >>> replayed([("1", "split"), ("2", "undo"), ("3", "merge")])
    (['3'], [])
    """
    undo: list[str] = []
    redo: list[str] = []
    for number, action in rows:
        if action == "undo":
            redo.append(undo.pop())
        elif action == "redo":
            undo.append(redo.pop())
        else:
            undo.append(number)
            redo.clear()
    return undo, redo


def later_rows(project: Project, plan: str, revision: int, actions: Iterable[str] = _STEPS) -> pd.DataFrame:
    """Give number, id, time, person and action of a plan's history rows after `revision`, oldest first."""
    where = {"plan": plan, "action": list(actions)}
    if project.newest("history", where=where) <= revision:
        return pd.DataFrame(columns=["fid", "id", "at", "who", "action"])
    rows: pd.DataFrame = project.read("history", where=where, columns=["fid", "id", "at", "who", "action"])
    return rows[rows["fid"] > revision].reset_index(drop=True)


def touched_since(project: Project, plan: str, revision: int) -> set[str]:
    """Name the villages whose cells were edited after `revision`."""
    later = later_rows(project, plan, revision)
    rows = project.read("history", where={"id": later["id"].tolist()}, columns=["after"])
    return {row["village"] for row in rows["after"]}


def digest(members: pd.DataFrame) -> str:
    """Give a short digest of which block is in which cell; the order of rows does not matter."""
    lines = sorted(f"{block}\t{cell}" for block, cell in members[["block_id", "cell_code"]].to_numpy().tolist())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def blocks_of(log: dict[str, Any]) -> pd.DataFrame:
    """Give the blocks and cells that a row of history holds."""
    return pd.DataFrame(log["blocks"], columns=["block_id", "cell_code"], dtype=object)


def attributes(cells: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Give the columns of cells that edits keep, by code, as plain values."""
    frame = pd.DataFrame(cells[["cell_code", *ATTRIBUTES]])
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for name in ATTRIBUTES:
        for code, value in zip(frame["cell_code"], frame[name], strict=True):
            found[code][name] = _plain(value)
    return dict(found)


def changed(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> tuple[Attributes, Attributes]:
    """Give what differs between the attributes of cells before and after; None for a cell that was not there.

    >>> changed({"a": {"note": None, "cell": "x"}}, {"a": {"note": "!", "cell": "x"}, "b": {"cell": "y"}})
    ({'a': {'note': None}, 'b': None}, {'a': {'note': '!'}, 'b': {'cell': 'y'}})
    """
    old: Attributes = {}
    new: Attributes = {}
    for code in sorted({*before, *after}):
        was, now = before.get(code), after.get(code)
        if was is None or now is None:
            old[code], new[code] = was, now
        elif names := [name for name in was if was[name] != now[name]]:
            old[code], new[code] = {name: was[name] for name in names}, {name: now[name] for name in names}
    return old, new


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
