"""Folium's scripts and styles, all from our own folder: rewritten once, when this module is imported.

Folium keeps the addresses of its libraries in class attributes that point to public hosts. The rewrite is
class-wide on purpose: no map made in this process can name a host. Leaflet and its marker clusters are vendored;
every other plug-in is left without scripts, so it fails on the page instead of calling out.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

import folium
import folium.plugins
from folium.elements import JSCSSMixin

__all__ = ["PREFIX", "STATIC", "inlined", "linked", "with_nonce"]

STATIC = Path(__file__).resolve().parent / "static"
"""Folder that the service mounts at /static."""

PREFIX = "/static"

_LEAFLET = "vendor/leaflet"
_CLUSTER = "vendor/leaflet.markercluster"
MAP_SCRIPTS = ("decode.js", "sheet.js", "labels.js", "panel.js", "facts.js", "fit.js", "map.js")
MAP_STYLES = ("map.css",)

_SCRIPT = re.compile(r'<script src="/static/([^"]+)"></script>')
_STYLE = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)"/?>')
_URL = re.compile(r"url\(([\"']?)(?!data:|#)([^)\"']+)\1\)")
_OPENING = re.compile(r"<(script|style)(?=[\s>])")


def _links(*names: str) -> list[tuple[str, str]]:
    """Name and address of files in the static folder, as Folium wants them."""
    return [(name, f"{PREFIX}/{name}") for name in names]


def _rewrite(kind: type[JSCSSMixin]) -> None:
    """Take the outside addresses from a class of Folium and from all below it."""
    kind.default_js = []
    kind.default_css = []
    for below in kind.__subclasses__():
        _rewrite(below)


_rewrite(JSCSSMixin)
folium.Map.default_js = _links(f"{_LEAFLET}/leaflet.js", f"{_CLUSTER}/leaflet.markercluster.js", *MAP_SCRIPTS)
folium.Map.default_css = _links(f"{_LEAFLET}/leaflet.css", f"{_CLUSTER}/MarkerCluster.css", *MAP_STYLES)
for _kind in (folium.plugins.MarkerCluster, folium.plugins.FastMarkerCluster):
    _kind.default_js = _links(f"{_CLUSTER}/leaflet.markercluster.js")
    _kind.default_css = _links(f"{_CLUSTER}/MarkerCluster.css")


def inlined(page: str) -> str:
    """Put every linked script, style and image into the page itself, so that it opens from a memory stick."""
    page = _SCRIPT.sub(lambda match: f"<script>{_script(match[1])}</script>", page)
    return _STYLE.sub(lambda match: f"<style>{_style(match[1])}</style>", page)


def linked(page: str, prefix: str) -> str:
    """Point the page's links at another mount of the static folder."""
    if prefix == PREFIX:
        return page
    page = _SCRIPT.sub(lambda match: f'<script src="{prefix}/{match[1]}"></script>', page)
    return _STYLE.sub(lambda match: f'<link rel="stylesheet" href="{prefix}/{match[1]}"/>', page)


def with_nonce(page: str, nonce: str | None) -> str:
    """Give every script and style element the nonce of the page's content security policy.

    >>> with_nonce("<script>1</script><style>b{}</style>", "n1")
    '<script nonce="n1">1</script><style nonce="n1">b{}</style>'
    """
    if nonce is None:
        return page
    return _OPENING.sub(rf'<\1 nonce="{nonce}"', page)


def _script(name: str) -> str:
    """One script's text, safe between script tags."""
    return (STATIC / name).read_text(encoding="utf-8").replace("</script", "<\\/script")


def _style(name: str) -> str:
    """One style sheet's text, its images as data."""
    folder = (STATIC / name).parent

    def data(match: re.Match[str]) -> str:
        image = base64.b64encode((folder / match[2]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    return _URL.sub(data, (STATIC / name).read_text(encoding="utf-8"))
