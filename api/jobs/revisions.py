"""Revisions: how far a page has seen the history, and what in it changes a plan, its input, or a page.

A revision is the number of a history row, so it only grows. Whether an edit comes too late depends on the later rows
that change its village or the plan's input; signing in, embeds, coverage or another plan never stand in its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.edit_log import EDITS

if TYPE_CHECKING:
    from api.store import Project

__all__ = ["CREATIONS", "PLAN_ACTIONS", "SERVICE_ACTIONS", "input_revision", "plan_revision", "revision_now",
           "shown_revision"]  # fmt: skip

CREATIONS = ("plan", "branch", "restore", "carry")
"""Actions that make a plan; its own history begins with one of them."""

PLAN_ACTIONS = (*EDITS, "undo", "redo", "status", "adopt", *CREATIONS)
"""Actions that change a plan; assigning people, coverage and sites leave its cells as they are."""

SERVICE_ACTIONS = ("sign in", "embed", "user")
"""Actions that change nothing that a page shows."""

_INPUT = (
    *(f"load {layer}" for layer in ("villages", "homes", "buildings", "barriers", "hamlets", "blocks")),
    "demo", "carry", "adopt",
)  # fmt: skip


def revision_now(project: Project) -> int:
    """Give the number of the last history row: whoever reads the project now has seen all up to it."""
    return project.newest("history")


def plan_revision(project: Project, plan: str | None) -> int:
    """Give the number of the last history row that changed a plan or its input."""
    own = 0 if plan is None else project.newest("history", where={"plan": plan, "action": PLAN_ACTIONS})
    return max(own, input_revision(project))


def input_revision(project: Project) -> int:
    """Give the number of the last history row that changed what all plans are made from."""
    return project.newest("history", where={"plan": None, "action": _INPUT})


def shown_revision(project: Project) -> int:
    """Give a number that changes with everything that a page shows; signing in, users and embeds do not count."""
    return project.count("history") - project.count("history", where={"action": SERVICE_ACTIONS})
