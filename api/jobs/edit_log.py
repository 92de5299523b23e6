"""Which edits of a plan can be taken back, or made again: read from its history, so restarts lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.store import Project

__all__ = ["EDITS", "replayed", "stacks", "touched_since"]

EDITS = ("split", "merge", "move")
_ACTIONS = (*EDITS, "undo", "redo")


def touched_since(project: Project, plan: str, revision: int) -> set[str]:
    """Name the villages whose cells were edited after `revision`."""
    later = project.read("history", columns=["id", "plan", "action"]).iloc[revision:]
    edits = later[(later["plan"] == plan) & later["action"].isin(_ACTIONS)]
    rows = project.read("history", where={"id": edits["id"].tolist()}, columns=["after"])
    return {row["village"] for row in rows["after"]}


def stacks(project: Project, plan: str | None) -> tuple[list[str], list[str]]:
    """Give the ids of the history rows that can be undone, and redone, the next one last."""
    if plan is None:
        return [], []
    log = project.read("history", where={"plan": plan, "action": list(_ACTIONS)}, columns=["id", "action"])
    return replayed(log.itertuples(index=False, name=None))


def replayed(rows: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Replay id, action: an edit can be undone and ends what could be redone.

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
