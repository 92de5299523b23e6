"""Drawing: split, merge, move, undo, redo; each is one transaction and one row of history."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from api.deps import ReadingDep
from api.jobs.edit import Edited, Merge, Move, Split, run_edit, run_redo, run_undo
from api.jobs.edit_log import touched_since
from api.reading import Reading
from api.routes.collections import cells_geojson
from api.routes.same_origin import same_origin

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["edits"], dependencies=[Depends(same_origin)])

Code = Annotated[str, Field(min_length=1, max_length=100)]
Position = tuple[Annotated[FiniteFloat, Field(ge=-180, le=180)], Annotated[FiniteFloat, Field(ge=-90, le=90)]]
Revision = Annotated[int, Field(ge=0)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    revision: Revision


class SplitBody(_Body):
    """Split a cell along a line of longitude, latitude."""

    action: Literal["split"]
    cell: Code
    line: Annotated[list[Position], Field(min_length=2, max_length=1000)]


class MergeBody(_Body):
    """Merge two neighbouring cells; the first keeps its code."""

    action: Literal["merge"]
    cells: tuple[Code, Code]


class MoveBody(_Body):
    """Move blocks into a cell of the same village."""

    action: Literal["move"]
    blocks: Annotated[list[Code], Field(min_length=1, max_length=5000)]
    to: Code


@router.post("/edits")
def edit(
    reading: ReadingDep, body: Annotated[SplitBody | MergeBody | MoveBody, Field(discriminator="action")]
) -> dict[str, Any]:
    """Change the current plan as drawn; 409 where the plan changed meanwhile, or the edit cannot be made."""
    reading.principal.require_edit()
    match body:
        case SplitBody():
            wish: Split | Merge | Move = Split(body.cell, tuple(body.line))
        case MergeBody():
            wish = Merge(*body.cells)
        case MoveBody():
            wish = Move(tuple(body.blocks), body.to)
    done = run_edit(
        reading.project, wish, revision=body.revision, who=reading.principal.name, scope=reading.principal.scope
    )
    return _answer(reading, done, since=body.revision)


@router.post("/undo")
def undo(reading: ReadingDep, body: _Body) -> dict[str, Any]:
    """Take back the last edit of the plan."""
    reading.principal.require_edit()
    principal = reading.principal
    done = run_undo(reading.project, revision=body.revision, who=principal.name, scope=principal.scope)
    return _answer(reading, done, since=body.revision)


@router.post("/redo")
def redo(reading: ReadingDep, body: _Body) -> dict[str, Any]:
    """Make again what was taken back last."""
    reading.principal.require_edit()
    principal = reading.principal
    done = run_redo(reading.project, revision=body.revision, who=principal.name, scope=principal.scope)
    return _answer(reading, done, since=body.revision)


def _answer(reading: Reading, done: Edited, *, since: int) -> dict[str, Any]:
    """Give every cell of the villages that changed since the page read them, what is gone, and the page's state.

    Others may have drawn in other villages meanwhile: a page that gets a new revision must get their cells too,
    or its next edit there would pass as fresh.
    """
    kept = ("revision", "saved_at", "problems", "figures", "can_undo", "can_redo")
    with reading.project.reading():
        state = reading.page_state()
        touched = touched_since(reading.project, done.plan, since) & set(reading.villages())
        cells = reading.project.read("cells", where={"plan": done.plan, "village_code": sorted(touched)})
    alive = cells[cells["end_date"].isna()]
    elsewhere = cells[~cells["village_code"].isin(done.villages)]
    removed = {*done.removed, *elsewhere["cell_code"]} - set(alive["cell_code"])
    return {
        **{name: state[name] for name in kept}, "cells": json.loads(cells_geojson(alive)),
        "removed": sorted(removed), "message_zh": done.zh, "message_en": done.en,
    }  # fmt: skip
