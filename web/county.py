"""The county on one Folium map: cells, balance, coverage and blind areas, in a file or served.

The page holds no tile and no address: the base is drawn from the project's own layers. The design of the colours,
the order of labels and the legend follow one palette, kept in static/sheet.js and `web.colours`.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Literal, get_args

import folium
from branca.element import Element, Figure

from spatial.errors import SchemaError
from web import assets
from web.frames import MapFrames, for_the_public
from web.painted import Painted, with_data
from web.payload import payload
from web.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VIEWS", "Language", "View", "county_map", "embed_page", "finished", "map_page"]

View = Literal["cells", "balance", "coverage", "gaps"]
Language = Literal["zh", "en"]
VIEWS: tuple[str, ...] = get_args(View)

_VIEWPORT = re.compile(r'<meta name="viewport".*?/>', re.DOTALL)
_FIGURES = (
    "cells", "villages", "households", "max_deviation_share", "covered_share", "places_share", "networked_share",
    "working_share", "filed_share", "covered_change", "places_change", "networked_change", "working_change",
    "filed_change",
)  # fmt: skip
_SENSITIVE_FIGURES = frozenset({"households", "max_deviation_share", *_FIGURES[_FIGURES.index("places_share") :]})


def county_map(
    frames: MapFrames,
    *,
    view: str = "cells",
    title: str,
    sample: bool = False,
    public: bool = False,
    inline: bool = True,
    language: str = "zh",
    figures: Mapping[str, Any] | None = None,
    nonce: str | None = None,
    static: str = assets.PREFIX,
    desk: str | None = None,
) -> str:
    """Draw a county as one HTML page.

    Parameters
    ----------
    frames : MapFrames
        Layers in degrees.
    view : {"cells", "balance", "coverage", "gaps"}
        What the page opens with; unless `public`, the reader can change it.
    title : str
        Name of the county or project.
    sample : bool
        Mark the page as generated data (示意).
    public : bool
        Leave out what no stranger may see, see `web.frames.for_the_public`.
    inline : bool
        True gives one file that opens with no network; False links the scripts under `static`.
    figures : Mapping, optional
        Totals shown under the title: cells, villages, households, and the shares of plan and coverage answers.
    nonce : str, optional
        Nonce of the content security policy, put on every script and style element.
    desk : str, optional
        Address of the drawing page, for a link to it.

    Raises
    ------
    SchemaError
        For a view or a language that does not exist.
    """
    about = {"view": view, "title": title, "sample": sample, "language": language, "desk": desk}
    chrome = "embed" if public else "map"
    page = map_page(frames, about, chrome=chrome, public=public, figures=figures)
    page = assets.inlined(page) if inline else assets.linked(page, static)
    return assets.with_nonce(page, nonce)


def embed_page(
    frames: MapFrames,
    *,
    view: str,
    title: str,
    sample: bool = False,
    language: str = "zh",
    figures: Mapping[str, Any] | None = None,
    nonce: str | None = None,
    static: str = assets.PREFIX,
) -> str:
    """Draw the page that dashboards frame: one view, nothing sensitive, no tools."""
    return county_map(
        frames,
        view=view,
        title=title,
        sample=sample,
        public=True,
        inline=False,
        language=language,
        figures=figures,
        nonce=nonce,
        static=static,
    )


def map_page(
    frames: MapFrames,
    about: Mapping[str, Any],
    *,
    chrome: str,
    public: bool = False,
    figures: Mapping[str, Any] | None = None,
    extra: tuple[Element, ...] = (),
    ground: str | None = None,
) -> str:
    """Build the Folium page with its links still in place; `extra` elements join the body before the map."""
    _check(about)
    shown = for_the_public(frames) if public else frames
    data = payload(shown, ground)
    data["about"] = {
        **about,
        "chrome": chrome,
        "offered": _offered(data, str(about["view"]), public=public),
        "layers": _layers(data),
        "figures": _shown(figures or {}, public=public),
        "bounds": _bounds(shown),
    }
    data["words"] = WORDS
    figure = Figure(title=html.escape(str(about["title"])))
    for element in extra:
        figure.html.add_child(element)
    chart = folium.Map(tiles=None, zoom_control=False, prefer_canvas=True)
    chart.options.update(max_zoom=19, min_zoom=4, zoom_snap=0.5, zoom_delta=1, wheel_px_per_zoom_level=90)
    chart.add_child(Painted("open"))
    figure.add_child(chart)
    page = finished(figure.render(), str(about["language"]))
    return with_data(page, data)


def _check(about: Mapping[str, Any]) -> None:
    """Refuse views and languages that do not exist."""
    for name, known in (("view", VIEWS), ("language", get_args(Language))):
        value = about[name]
        if value not in known:
            listed = ", ".join(known)
            raise SchemaError(f"没有 {name}={value}；可选：{listed}", f"no {name} {value!r}; choose one of {listed}")


def _offered(data: Mapping[str, Any], view: str, *, public: bool) -> list[str]:
    """Name the views that the data can show; the public gets the one it was given."""
    if public:
        return [view]
    cells, villages = data["cells"], data["villages"]
    covered = any(share is not None for share in [*cells["covered"], *villages["covered"]])
    there = {
        "cells": True,
        "balance": any(share is not None for share in cells["deviation"]),
        "coverage": covered or bool(data["sectors"]["columns"]["idle"]),
        "gaps": bool(data["gaps"]["columns"]["rank"]) or any(cells["gaps"]),
    }
    return [name for name in VIEWS if there[name] or name == view]


def _layers(data: Mapping[str, Any]) -> list[str]:
    """Layers that can be switched on, in the order of the list on the page."""
    classes = data["barriers"]["classes"]
    there = {
        "labels": True,
        "roads": bool(classes.strip("0")),
        "water": "0" in classes,
        "buildings": bool(data["buildings"]["shapes"]),
        "places": bool(data["places"]["points"]),
        "members": bool(data["members"]["points"]),
        "cameras": bool(data["cameras"]["points"]),
        "sectors": bool(data["sectors"]["shapes"]),
        "gaps": bool(data["gaps"]["shapes"]),
        "sites": bool(data["sites"]["points"]),
    }
    return [name for name, present in there.items() if present]


def _shown(figures: Mapping[str, Any], *, public: bool) -> dict[str, float | str]:
    """Figures of the title line; a total, or the largest deviation, would give a count back that was blanked."""
    names = [name for name in _FIGURES if not (public and name in _SENSITIVE_FIGURES)]
    shown: dict[str, float | str] = {name: float(figures[name]) for name in names if figures.get(name) is not None}
    if figures.get("what_if"):
        shown["what_if"] = 1.0
    return shown | ({"pixel_level": str(figures["pixel_level"])} if figures.get("pixel_level") else {})


def _bounds(frames: MapFrames) -> list[float] | None:
    """West, south, east and north of what the map is about."""
    for frame in (frames.villages, frames.cells, frames.cameras, frames.places, frames.barriers, frames.buildings):
        if frame is not None and not frame.empty:
            return [round(float(side), 6) for side in frame.total_bounds]
    return None


def finished(page: str, language: str) -> str:
    """Say the page's language, let readers zoom it, and end its body where it ends."""
    tongue = "en" if language == "en" else "zh-CN"
    page = page.replace("<html>", f'<html lang="{tongue}">', 1)
    page = _VIEWPORT.sub("", page)
    head = '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n<link rel="icon" href="data:,"/>'
    return page.replace("<head>", f"<head>\n{head}", 1)
