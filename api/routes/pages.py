"""The pages: the drawing page at `/`, the map at `/map`, plans and history at `/history`, the interface at `/docs`."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import geopandas as gpd
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Language, Nonce, ReadingDep, StateDep
from api.errors import sign_in_page
from api.jobs.current import county_title, current_frames, current_where, measured_cells
from api.jobs.map import MAP_LAYERS
from api.reading import Reading
from api.routes.plans import Named, history_of, plans_of
from api.routes.same_origin import is_https
from spatial.crs import STORAGE
from web import MapFrames, county_map, drawing_page, ground_text, history_page, interface_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.auth import Principal
    from api.settings import ServiceState

__all__ = ["prepare", "router"]

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

_HOLDER = secrets.token_urlsafe(16)
"""Stands in kept pages where each answer's own nonce goes; no name in a project can be it."""

_NOT_DRAWN_ON = ("views", "gaps")
"""Left out of the drawing page, which is half as long without them; `/map` shows them."""

_GROUND = ("barriers", "buildings")
"""What no edit changes: written once for all the pages that follow edits."""


_LISTED = 200
"""Rows of history on its page."""


@router.get("/", response_model=None)
def desk(request: Request, state: StateDep, nonce: Nonce, lang: Language, token: str | None = None) -> Response:
    """Show the drawing page; a one-time token is exchanged for a session first."""
    if token is not None:
        return _signed_in(request, state, token)
    principal = state.doorkeeper.known(request.cookies.get(state.cookie), state.project)
    if principal is None:
        return sign_in_page()
    reading = Reading(state, principal)
    if reading.plan is None:
        return RedirectResponse("/map", status_code=303)
    return HTMLResponse(_drawn_on(reading, lang).replace(_HOLDER, nonce))


def prepare(state: ServiceState, principal: Principal) -> None:
    """Make the drawing page of a user before it is asked for; the first of a large county takes seconds."""
    reading = Reading(state, principal)
    if reading.plan is not None:
        _drawn_on(reading, "zh")


def _drawn_on(reading: Reading, lang: str) -> str:
    """Give the drawing page as it is kept, without a nonce."""

    def make() -> str:
        return drawing_page(
            _frames(reading, without=(*_NOT_DRAWN_ON, *_GROUND)), ground=_ground(reading),
            title=county_title(reading.project), state=reading.page_state(),
            sample=bool(reading.project.settings.get("sample")), language=lang, nonce=_HOLDER,
        )  # fmt: skip

    return _kept(reading, ("desk", lang, reading.principal), make)


@router.get("/map", response_model=None)
def county(reading: ReadingDep, nonce: Nonce, lang: Language, view: str = "cells") -> HTMLResponse:
    """Show the map, read-only, opened at one view."""

    def make() -> str:
        return county_map(
            _frames(reading), view=view, title=county_title(reading.project), inline=False, language=lang,
            sample=bool(reading.project.settings.get("sample")), figures=reading.figures(), nonce=_HOLDER,
            desk="/" if reading.plan is not None else None,
        )  # fmt: skip

    seen_alike = (reading.principal.role, reading.principal.scope)
    return HTMLResponse(_kept(reading, ("map", view, lang, *seen_alike), make).replace(_HOLDER, nonce))


@router.get("/history", response_model=None)
def history(reading: ReadingDep, nonce: Nonce, lang: Language, plan: Named = None) -> HTMLResponse:
    """Show the plans, and who changed what and when."""
    with reading.project.reading():
        page = history_page(
            plans_of(reading), history_of(reading, plan=plan, limit=_LISTED), title=county_title(reading.project),
            plan=plan, limit=_LISTED, can_edit=reading.principal.can_edit, language=lang, nonce=nonce,
            sample=bool(reading.project.settings.get("sample")),
        )  # fmt: skip
    return HTMLResponse(page)


@router.get("/docs", response_model=None)
def interface(reading: ReadingDep, nonce: Nonce, lang: Language) -> HTMLResponse:
    """Show what the service answers to, from files of our own."""
    return HTMLResponse(interface_page(title=county_title(reading.project), language=lang, nonce=nonce))


def _kept(reading: Reading, key: tuple[Any, ...], make: Callable[[], str]) -> str:
    """Give the page kept for this revision, or make it from one consistent state."""
    with reading.project.reading():
        return reading.state.kept.get((reading.shown, reading.plan, *key), make)


def _frames(reading: Reading, *, without: tuple[str, ...] = ()) -> MapFrames:
    """Read the layers of a map that this user may see, within the scope; blind areas else as counts per cell."""
    layers = [name for name in MAP_LAYERS if reading.sees(name) and name not in without]
    frames: dict[str, Any] = current_frames(reading.project, layers, plan=reading.plan)
    frames = reading.discreet(reading.within_scope(frames))
    if "gaps" not in frames:
        frames["gaps"] = _gap_counts(reading)
    return MapFrames(**frames)


def _ground(reading: Reading) -> str:
    """Give barriers and buildings as pages carry them, kept until one of them is loaded anew."""

    def make() -> str:
        frames = reading.within_scope(current_frames(reading.project, _GROUND, plan=reading.plan))
        return ground_text(frames.get("barriers"), frames.get("buildings"))

    marks = reading.project.marks(*_GROUND, "villages")
    return reading.state.kept.get(("ground", *marks.values(), reading.principal.scope), make)


def _gap_counts(reading: Reading) -> gpd.GeoDataFrame:
    """Read in which cells blind areas lie, without their shapes."""
    where = current_where(reading.project, "gaps", plan=reading.plan)
    table = reading.project.read("gaps", where=where, columns=["cell_code"])
    measured = measured_cells(reading.project, reading.plan)
    if measured is not None:
        table = table[table["cell_code"].isin(measured)].reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=STORAGE)


def _signed_in(request: Request, state: StateDep, token: str) -> Response:
    """Exchange the token and send the browser on to the address without it."""
    session = state.doorkeeper.exchange(token, state.project)
    if session is None:
        return sign_in_page()
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(state.cookie, session, httponly=True, samesite="strict", secure=is_https(request))
    return answer
