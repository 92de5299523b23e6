"""The pages: the drawing page at `/`, the map at `/map`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Language, Nonce, ReadingDep, StateDep
from api.errors import NotSignedInError
from api.jobs.current import county_title
from api.jobs.map import map_frames
from api.reading import Reading
from web import MapFrames, county_map, drawing_page

__all__ = ["router"]

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

_HOLDER = "WANGGE-NONCE-HOLDER"
"""Stands in kept pages where each answer's own nonce goes."""


@router.get("/", response_model=None)
def desk(request: Request, state: StateDep, nonce: Nonce, lang: Language, token: str | None = None) -> Response:
    """Show the drawing page; a one-time token is exchanged for a session first."""
    if token is not None:
        return _signed_in(request, state, token)
    principal = state.doorkeeper.known(request.cookies.get(state.cookie))
    if principal is None:
        return _please_sign_in()
    reading = Reading(state, principal)
    if reading.plan is None:
        return RedirectResponse("/map", status_code=303)
    page = drawing_page(
        _frames(reading), title=county_title(reading.project), state=reading.page_state(),
        sample=bool(reading.project.settings.get("sample")), language=lang, nonce=nonce,
    )  # fmt: skip
    return HTMLResponse(page)


@router.get("/map", response_model=None)
def county(reading: ReadingDep, nonce: Nonce, lang: Language, view: str = "cells") -> HTMLResponse:
    """Show the map, read-only, opened at one view."""
    key = ("map", reading.revision, view, lang, reading.principal.role, reading.principal.scope)

    def make() -> str:
        return county_map(
            _frames(reading), view=view, title=county_title(reading.project), inline=False, language=lang,
            sample=bool(reading.project.settings.get("sample")), figures=reading.figures(), nonce=_HOLDER,
        )  # fmt: skip

    return HTMLResponse(reading.state.kept.get(key, make).replace(_HOLDER, nonce))


def _frames(reading: Reading) -> MapFrames:
    """Read the layers of a map that this user may see, within the scope."""
    frames: dict[str, Any] = map_frames(reading.project, plan=reading.plan)
    seen = {name: frame for name, frame in frames.items() if reading.sees(name)}
    if reading.principal.scope:
        reach = reading.villages()
        for name, frame in seen.items():
            if "village_code" in frame and name in {"villages", "cells", "gaps"}:
                seen[name] = frame[frame["village_code"].isin(reach)].reset_index(drop=True)
    return MapFrames(**seen)


def _signed_in(request: Request, state: StateDep, token: str) -> Response:
    """Exchange the token and send the browser on to the address without it."""
    session = state.doorkeeper.exchange(token, state.project)
    if session is None:
        return _please_sign_in()
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(state.cookie, session, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


def _please_sign_in() -> HTMLResponse:
    said = NotSignedInError()
    return HTMLResponse(
        "<!doctype html><html lang=zh><meta charset=utf-8><title>网格</title>"
        f"<h1>请先登录</h1><p>{said.zh}。<p lang=en>{said.en}.</html>",
        status_code=401,
    )
