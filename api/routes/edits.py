"""Drawing: split, merge, move, rename, remark, lock, undo, redo; each one transaction and one row of history."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from api.deps import ReadingDep
from api.geojson import cells_geojson
from api.jobs.edit import (
    Border,
    Edited,
    Lock,
    Merge,
    Move,
    Rebalance,
    Remark,
    Rename,
    Special,
    Split,
    preview_edit,
    run_edit,
    run_redo,
    run_undo,
)  # fmt: skip
from api.jobs.edit_log import touched_since
from api.jobs.foreseen import Foreseen
from api.jobs.wishes import BlockWish, Wish
from api.reading import Reading
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


class BorderBody(_Body):
    """Move the border of two cells onto a line of longitude, latitude."""

    action: Literal["border"]
    cells: tuple[Code, Code]
    line: Annotated[list[Position], Field(min_length=2, max_length=1000)]


class RebalanceBody(_Body):
    """Even out the households of neighbouring cells; `keep` is the share of households that must stay."""

    action: Literal["rebalance"]
    cells: Annotated[list[Code], Field(min_length=2, max_length=200)]
    keep: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None


class SpecialBody(_Body):
    """Make a cell a special one, or a basic one again; its code changes."""

    action: Literal["special"]
    cell: Code
    special: bool = True


class RenameBody(_Body):
    """Give a cell another name."""

    action: Literal["rename"]
    cell: Code
    name: Annotated[str, Field(min_length=1, max_length=100)]


class RemarkBody(_Body):
    """Write a remark on a cell; an empty one takes it away."""

    action: Literal["remark"]
    cell: Code
    text: Annotated[str, Field(max_length=2000)]


class LockBody(_Body):
    """Lock or unlock cells of one village."""

    action: Literal["lock"]
    cells: Annotated[list[Code], Field(min_length=1, max_length=1000)]
    locked: bool = True


EditBody = Annotated[
    SplitBody | MergeBody | MoveBody | BorderBody | RebalanceBody | SpecialBody | RenameBody | RemarkBody | LockBody,
    Field(discriminator="action"),
]


class Version(BaseModel):
    """Cells of the village in question at one revision, as GeoJSON; null where the plan did not exist then."""

    revision: int
    cells: dict[str, Any] | None
    asked: dict[str, Any] | None = None


class ConflictBody(BaseModel):
    """Both versions: what the page saw and asked, what is there now, and who changed what in between."""

    village_code: str
    plan: str
    yours: Version
    now: Version
    changes: list[dict[str, Any]]


class Conflict(BaseModel):
    """The answer 409; `revision` and `conflict` are there where somebody else changed the plan meanwhile."""

    error: dict[str, str]
    revision: int | None = None
    conflict: ConflictBody | None = None


_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"model": Conflict, "description": "The village changed since `revision`, or the edit cannot be made"}
}


@router.post("/edits", responses=_REFUSED)
def edit(reading: ReadingDep, body: EditBody, *, preview: bool = False) -> dict[str, Any]:
    """Change the current plan as drawn; 409 where its village changed meanwhile, or the edit cannot be made.

    With `preview=true` nothing is stored: the answer says what the edit would do, with the cells it would touch.
    """
    reading.principal.require_edit()
    wish, who = _wish(body), reading.principal
    if preview and isinstance(wish, BlockWish):
        seen = preview_edit(reading.project, wish, revision=body.revision, who=who.name, scope=who.scope)
        return _foreseen(seen)
    done = run_edit(reading.project, wish, revision=body.revision, who=who.name, scope=who.scope)
    return _answer(reading, done, since=body.revision)


@router.post("/undo", responses=_REFUSED)
def undo(reading: ReadingDep, body: _Body) -> dict[str, Any]:
    """Take back the last edit of the plan that this user made; what others did in other villages stays."""
    reading.principal.require_edit()
    principal = reading.principal
    done = run_undo(reading.project, revision=body.revision, who=principal.name, scope=principal.scope)
    return _answer(reading, done, since=body.revision)


@router.post("/redo", responses=_REFUSED)
def redo(reading: ReadingDep, body: _Body) -> dict[str, Any]:
    """Make again what this user took back last."""
    reading.principal.require_edit()
    principal = reading.principal
    done = run_redo(reading.project, revision=body.revision, who=principal.name, scope=principal.scope)
    return _answer(reading, done, since=body.revision)


def _wish(body: EditBody) -> Wish:
    match body:
        case SplitBody():
            return Split(body.cell, tuple(body.line))
        case MergeBody():
            return Merge(*body.cells)
        case MoveBody():
            return Move(tuple(body.blocks), body.to)
        case BorderBody():
            return Border(*body.cells, tuple(body.line))
        case RebalanceBody():
            return Rebalance(tuple(body.cells), body.keep)
        case SpecialBody():
            return Special(body.cell, special=body.special)
        case RenameBody():
            return Rename(body.cell, body.name)
        case RemarkBody():
            return Remark(body.cell, body.text)
        case LockBody():
            return Lock(tuple(body.cells), locked=body.locked)


def _foreseen(seen: Foreseen) -> dict[str, Any]:
    rows = [{"cell_code": code, "before": before, "after": after} for code, before, after in seen.households]
    return {
        "preview": True, "households": rows, "moved": seen.moved, "notes": list(seen.problems),
        "cells": json.loads(cells_geojson(seen.cells)), "message_zh": seen.zh, "message_en": seen.en,
    }  # fmt: skip


def _answer(reading: Reading, done: Edited, *, since: int) -> dict[str, Any]:
    """Give every cell of the villages that changed since the page read them, what is gone, and the page's state.

    Others may have drawn in other villages meanwhile: a page that gets a new revision must get their cells too,
    or its next edit there would pass as fresh.
    """
    kept = ("revision", "saved_at", "problems", "problems_total", "figures", "can_undo", "can_redo")
    with reading.project.reading():
        state = reading.page_state()
        touched = touched_since(reading.project, done.plan, since) & set(reading.villages())
        cells = reading.project.read("cells", where={"plan": done.plan, "village_code": sorted(touched)})
    alive = cells[cells["end_date"].isna()]
    elsewhere = cells[~cells["village_code"].isin(done.villages)]
    removed = {*done.removed, *elsewhere["cell_code"]} - set(alive["cell_code"])
    return {
        **{name: state[name] for name in kept}, "cells": json.loads(cells_geojson(alive, remarks=True)),
        "removed": sorted(removed), "message_zh": done.zh, "message_en": done.en,
        "notes": list(done.problems),
    }  # fmt: skip
