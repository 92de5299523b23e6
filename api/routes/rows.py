"""Cameras, places and members one by one: read with a version (ETag), changed with the version seen (If-Match)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from api.deps import ReadingDep
from api.jobs.rows import Row, change_row, read_row
from api.reading import Reading
from api.refusals import NotAllowedError, PreconditionError, UnknownCodeError
from api.routes.same_origin import same_origin

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/layers", tags=["rows"])

Layer = Literal["cameras", "places", "members"]
Key = Annotated[str, Path(min_length=1, max_length=200)]
Value = (
    Annotated[str, Field(max_length=2000)] | bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | FiniteFloat | None
)
Position = tuple[Annotated[FiniteFloat, Field(ge=-180, le=180)], Annotated[FiniteFloat, Field(ge=-90, le=90)]]


class RowChange(BaseModel):
    """Columns to write, and where the thing stands, if that changes."""

    model_config = ConfigDict(extra="forbid")

    values: Annotated[dict[str, Value], Field(max_length=50)] = {}
    position: Position | None = None


@router.get("/{layer}/{key}")
def row(reading: ReadingDep, response: Response, layer: Layer, key: Key) -> dict[str, Any]:
    """Give one row; cameras and places for security officers, members for planners."""
    found = _within_reach(reading, layer, key)
    response.headers["ETag"] = f'"{found.version}"'
    return found.answer()


@router.patch("/{layer}/{key}", dependencies=[Depends(same_origin)])
def change(
    reading: ReadingDep, response: Response, layer: Layer, key: Key, body: RowChange,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> dict[str, Any]:  # fmt: skip
    """Change one row. 428 without If-Match; 412 with both versions where somebody else changed it meanwhile."""
    seen = _within_reach(reading, layer, key)
    if body.position is not None and not reading.reaches(*body.position):
        raise NotAllowedError("新位置不在您的范围内", "the new position is outside your scope")
    if if_match is None:
        raise PreconditionError
    done = change_row(
        reading.project, seen, body.values, position=body.position, version=if_match.strip().strip('"'),
        who=reading.principal.name,
    )  # fmt: skip
    response.headers["ETag"] = f'"{done.version}"'
    return done.answer()


def _within_reach(reading: Reading, layer: Layer, key: str) -> Row:
    """Give a row that this user may see and change; one outside the scope is not known."""
    if layer == "members":
        reading.principal.require_edit()
    else:
        reading.principal.require_cameras()
    if "\x00" not in key:
        found = read_row(reading.project, layer, key)
        shape = found.frame.geometry.iloc[0]
        if not reading.principal.scope or (shape is not None and reading.reaches(shape.x, shape.y)):
            return found
    raise UnknownCodeError(f"图层 {layer} 没有这一行", f"layer {layer} has no such row")
