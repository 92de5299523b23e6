"""Plans as versions and their history: list, branch, restore, status, what changed since the final plan."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ReadingDep
from api.jobs.plans import listed_plans
from api.jobs.since_final import changes_since_final
from api.jobs.timeline import timeline
from api.jobs.versions import branch, restore, set_status
from api.reading import Reading
from api.routes.same_origin import same_origin

__all__ = ["Named", "history_of", "plans_of", "router"]

router = APIRouter(prefix="/api/v1", tags=["plans"])

Name = Annotated[str, Field(min_length=1, max_length=60)]
Note = Annotated[str, Field(max_length=2000)]
Named = Annotated[str | None, Query(max_length=60, pattern=r"^[^\x00]*$")]
"""A plan in an address: no database takes the zero sign."""
_COUNTS = ("households", "max_deviation_share")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BranchBody(_Body):
    """Copy a plan (the current one, unless named) to a new draft, which becomes the current plan."""

    name: Name | None = None
    plan: Name | None = None
    note: Note | None = None


class RestoreBody(_Body):
    """Make a new plan of one as it stood after a row of history, or at a time (ISO 8601)."""

    at: Annotated[str, Field(min_length=1, max_length=60)]
    plan: Name | None = None
    name: Name | None = None
    note: Note | None = None


class StatusBody(_Body):
    """Send a plan to review, back to draft, or make it final."""

    status: Literal["draft", "review", "final"]
    plan: Name | None = None


@router.get("/plans")
def plans(reading: ReadingDep) -> list[dict[str, Any]]:
    """List the plans: status, parent, who made them and when, figures within reach, edits since the final plan."""
    return plans_of(reading)


@router.get("/plans/changes")
def changes(reading: ReadingDep, plan: Named = None) -> dict[str, Any]:
    """Give what changed since the final plan; for those who draw. 409 where no plan is final yet."""
    reading.principal.require_edit()
    found = changes_since_final(reading.project, plan)
    if reading.principal.scope:
        reach = set(reading.villages())
        for name, keys in (("cells", ("old_code", "new_code")), ("attributes", ("cell_code",))):
            found[name] = [row for row in found[name] if {(row[key] or "")[:-3] for key in keys} & reach]
        kept = ("plan", "final", "final_at", "final_by", "cells", "attributes")
        found = {name: found[name] for name in kept} | {"villages": sorted(reach & set(found["villages"]))}
    return found


@router.get("/history")
def history(
    reading: ReadingDep, plan: Named = None, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> list[dict[str, Any]]:
    """List who changed what and when, the newest first; what was before and after is for those who draw."""
    return history_of(reading, plan=plan, limit=limit)


@router.post("/plans/branch", status_code=201, dependencies=[Depends(same_origin)])
def make_branch(reading: ReadingDep, body: BranchBody) -> dict[str, Any]:
    """Copy a plan with its people to a new draft."""
    principal = reading.principal
    principal.require_edit()
    return branch(
        reading.project, who=principal.name, name=body.name, plan=body.plan, note=body.note, scope=principal.scope
    )


@router.post("/plans/restore", status_code=201, dependencies=[Depends(same_origin)])
def make_restored(reading: ReadingDep, body: RestoreBody) -> dict[str, Any]:
    """Make a new plan of an earlier state; nothing is overwritten."""
    principal = reading.principal
    principal.require_edit()
    return restore(
        reading.project, at=body.at, who=principal.name, plan=body.plan, name=body.name, note=body.note,
        scope=principal.scope,
    )  # fmt: skip


@router.post("/plans/status", dependencies=[Depends(same_origin)])
def change_status(reading: ReadingDep, body: StatusBody) -> dict[str, Any]:
    """Draft → review → final; 409 for any other step. A final plan never changes again."""
    principal = reading.principal
    principal.require_edit()
    return set_status(reading.project, body.status, who=principal.name, plan=body.plan, scope=principal.scope)


def plans_of(reading: Reading) -> list[dict[str, Any]]:
    """List the plans as one user may see them."""
    principal = reading.principal
    rows = listed_plans(reading.project, villages=frozenset(reading.villages()) if principal.scope else None)
    hidden = () if principal.can_edit else (*_COUNTS, "note")
    return [{name: value for name, value in row.items() if name not in hidden} for row in rows]


def history_of(reading: Reading, *, plan: str | None, limit: int) -> list[dict[str, Any]]:
    """List the history as one user may see it: edits within the scope, and their rows for those who draw."""
    principal = reading.principal
    reach = frozenset(reading.villages()) if principal.scope else None
    rows = timeline(reading.project, plan=plan, limit=limit, villages=reach, service=principal.role == "admin")
    for row in rows:
        action, _, layer = row["action"].partition(" ")
        if action == "edit" and not reading.sees(layer):  # positions of cameras are not for those who draw
            row |= {"before": None, "after": None}
    if principal.can_edit:
        return rows
    shown = ("id", "at", "who", "plan", "action", "village_code", "zh", "en")
    for row in rows:  # what was done, without what it was done to
        row["zh"], row["en"] = row["zh"].partition("：")[0], row["en"].partition(":")[0]
    return [{name: row[name] for name in shown} for row in rows]
