"""The drawing page: Folium's map of the plan with tools around it; the service serves it at ``/``."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from branca.element import CssLink, Element, JavascriptLink

from web import assets
from web.county import map_page
from web.payload import script_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from web.frames import MapFrames

__all__ = ["DESK_SCRIPTS", "drawing_page"]

_STATE = "wangge-state-goes-here"
DESK_SCRIPTS = ("neighbours", "service", "tools", "cards", "desk")  # each stands on those before it


def drawing_page(
    frames: MapFrames,
    *,
    title: str,
    state: Mapping[str, Any],
    sample: bool = False,
    language: str = "zh",
    nonce: str | None = None,
    static: str = assets.PREFIX,
    ground: str | None = None,
) -> str:
    """Build the page on which cells are split, merged, moved, evened out, locked and remarked on.

    Parameters
    ----------
    frames : MapFrames
        Layers in degrees; villages, cells, barriers, places and buildings are enough.
    title : str
        Name of the county or project.
    state : Mapping
        The service's answer to ``GET /api/v1/state``, carried by the page.
    nonce : str, optional
        Nonce of the content security policy, put on every script and style element.
    ground : str, optional
        Barriers and buildings as `ground_text` wrote them, in the place of those frames.
    """
    about = {"view": "cells", "title": title, "sample": sample, "language": language}
    chrome = files("web").joinpath("templates/desk.html").read_text(encoding="utf-8")
    carried = f'<script type="application/json" id="wangge-state">{_STATE}</script>'
    extra = (
        Element(chrome + carried),
        CssLink(f"{assets.PREFIX}/desk.css"),
        *(JavascriptLink(f"{assets.PREFIX}/{name}.js") for name in DESK_SCRIPTS),
    )
    page = map_page(frames, about, chrome="desk", extra=extra, ground=ground)
    page = assets.with_nonce(assets.linked(page, static), nonce)
    return page.replace(_STATE, script_json(state), 1)
