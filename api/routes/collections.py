"""The layers of the project as GeoJSON: the current plan and the latest run, without ended cells."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from api.auth import digest
from api.deps import ReadingDep
from api.geojson import cells_geojson, feature_collection
from api.refusals import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.reading import Reading

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["collections"])

_OPEN = {
    "villages": ("village_code", ("village_code", "village", "town_code", "town", "kind", "households")),
    "places": ("place_id", ("place_id", "place", "kind", "priority")),
    "barriers": ("barrier_id", ("barrier_id", "kind", "road_class", "bridge")),
    "buildings": ("building_id", ("building_id", "floors")),
}
_GUARDED = {
    "gaps": ("gap_id", ("gap_id", "kind", "reason", "rank", "area_m2", "village_code", "cell_code")),
    "cameras": ("camera_id", ("camera_id", "kind", "azimuth_deg", "status")),
    "views": ("camera_id", ("camera_id", "area_m2", "blocked_share", "not_at_once")),
    "sites": ("site_id", ("site_id", "azimuth_deg", "gain_share", "cost_yuan", "phase")),
}


_THIS_PROCESS = secrets.token_urlsafe(6)
"""Part of every entity tag, so that none outlives the service."""


class GeoJSON(Response):
    """An answer of GeoJSON that is a string already."""

    media_type = "application/geo+json"


@router.get("/state")
def state(reading: ReadingDep) -> dict[str, Any]:
    """Give the plan as it stands, its figures and problems, and what this user may do."""
    return reading.page_state()


@router.get("/figures")
def figures(reading: ReadingDep) -> dict[str, Any]:
    """Give the headline figures."""
    return reading.figures()


@router.get("/problems")
def problems(reading: ReadingDep) -> list[dict[str, Any]]:
    """List the problems of the plan and the data, worst first."""
    return reading.problems()


@router.get("/cells.geojson", response_class=GeoJSON)
def cells(request: Request, reading: ReadingDep, village: str | None = None, plan: str | None = None) -> Response:
    """Give the cells of the current plan; `plan`, where given, must be that one."""
    if plan is not None and plan != reading.plan:
        raise UnknownCodeError(
            f"当前方案是 {reading.plan}，不是 {plan}", f"the current plan is {reading.plan}, not {plan}"
        )
    return _unless_known(
        request,
        reading,
        lambda: cells_geojson(reading.layer("cells", village=village), remarks=reading.principal.can_edit),
    )


@router.get("/blocks.geojson", response_class=GeoJSON)
def blocks(reading: ReadingDep, village: str) -> GeoJSON:
    """Give the blocks of one village with the cell each belongs to."""
    frame = reading.blocks(village)
    return GeoJSON(feature_collection(frame, key="block_id", properties=["block_id", "cell_code", "households"]))


@router.get("/{layer}.geojson", response_class=GeoJSON)
def layer(request: Request, reading: ReadingDep, layer: str, village: str | None = None) -> Response:
    """Give one other layer as it stands; what cameras see, or do not see, is for security officers."""
    if layer in _GUARDED:
        reading.principal.require_cameras()
    elif layer not in _OPEN:
        raise UnknownCodeError(f"没有名为 {layer} 的图层", f"there is no layer {layer}")
    key, properties = (_OPEN | _GUARDED)[layer]

    def make() -> str:
        return feature_collection(reading.layer(layer, village=village), key=key, properties=properties)

    return GeoJSON(make()) if layer in _GUARDED else _unless_known(request, reading, make)


def _unless_known(request: Request, reading: Reading, make: Callable[[], str]) -> Response:
    """Answer 304 where the browser has this revision already; what is guarded is never left in a browser's cache."""
    seen_alike = digest(f"{reading.principal.name}\n{reading.principal.role}\n{reading.principal.scope}")[:16]
    tag = f'W/"{_THIS_PROCESS}-{reading.shown}-{seen_alike}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return GeoJSON(make(), headers=headers)
