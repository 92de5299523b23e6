"""How QGIS shows the layers of a project: QML with the colours and labels of the product's own maps.

Whoever opens a project file in QGIS sees cells by balance, roads by class and cameras by status, without a click.
The text is QGIS 3's own style format; widths and sizes are in millimetres on screen and paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STYLED", "layer_qml"]

_INK, _PAPER, _CELL_LINE = "#1f2933", "#ffffff", "#5b6672"
_TYPES = {"marker": "0", "line": "1", "fill": "2"}
"""Kind of symbol, and what QGIS calls the geometry of its layer."""

Part = tuple[str, dict[str, str]]
"""One symbol layer: QGIS's name of its class, and its properties."""


@dataclass(frozen=True)
class _Rule:
    """What some rows look like: those that `asked` (a QGIS expression) picks, all where it is empty."""

    label: str
    parts: tuple[Part, ...]
    asked: str = ""


@dataclass(frozen=True)
class _Label:
    """What stands on a row, how large (points), and up to which scale."""

    expression: str
    size: float
    smallest_scale: int
    bold: bool = False


@dataclass(frozen=True)
class _Style:
    kind: str
    rules: tuple[_Rule, ...]
    label: _Label | None = None


def layer_qml(layer: str) -> str | None:
    """Give the QML of a layer, or None for one that QGIS shows as it likes.

    >>> layer_qml("cells").count("<rule ")
    7
    >>> layer_qml("history") is None
    True
    """
    style = STYLED.get(layer)
    if style is None:
        return None
    root = ET.Element("qgis", {"version": "3.22.0", "styleCategories": "Symbology|Labeling"})
    shown = _element(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0", forceraster="0")
    rules, symbols = _element(shown, "rules", key="{wangge}"), _element(shown, "symbols")
    for number, rule in enumerate(style.rules):
        asked = {"filter": rule.asked} if rule.asked else {}
        _element(rules, "rule", key=f"{{wangge-{number}}}", symbol=str(number), label=rule.label, **asked)
        symbol = _element(
            symbols, "symbol", type=style.kind, name=str(number), alpha="1", clip_to_extent="1", force_rhr="0"
        )
        for name, properties in rule.parts:
            _map(_element(symbol, "layer", {"class": name}, enabled="1", locked="0"), properties)
    if style.label is not None:
        _add_label(root, style.label, style.kind)
    _element(root, "layerGeometryType").text = _TYPES[style.kind]
    ET.indent(root)
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{ET.tostring(root, encoding='unicode')}\n"


def _add_label(root: ET.Element, label: _Label, kind: str) -> None:
    settings = _element(_element(root, "labeling", type="simple"), "settings", calloutType="simple")
    text = _element(
        settings, "text-style", fieldName=label.expression, isExpression="1", fontSize=f"{label.size:g}",
        fontSizeUnit="Point", fontFamily="Noto Sans CJK SC", fontWeight="75" if label.bold else "50",
        textColor=_rgba(_INK), textOpacity="1", multilineHeight="1.1",
    )  # fmt: skip
    _element(text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor=_rgba(_PAPER),
             bufferOpacity="1", bufferJoinStyle="128")  # fmt: skip
    _element(settings, "text-format", multilineAlign="1", wrapChar="")
    _element(settings, "placement", placement="4" if kind == "fill" else "0", dist="1", distUnits="MM", priority="5")
    _element(settings, "rendering", drawLabels="1", scaleVisibility="1", scaleMin=str(label.smallest_scale),
             scaleMax="1", displayAll="0", obstacle="1")  # fmt: skip


def _element(parent: ET.Element, tag: str, attributes: Mapping[str, str] | None = None, /, **more: str) -> ET.Element:
    return ET.SubElement(parent, tag, {**(attributes or {}), **more})


def _map(parent: ET.Element, properties: Mapping[str, str]) -> None:
    options = _element(parent, "Option", type="Map")
    for name, value in properties.items():
        _element(options, "Option", type="QString", name=name, value=value)


def _rgba(colour: str, opacity: float = 1) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def _fill(colour: str, opacity: float, *, pattern: str = "solid") -> Part:
    return "SimpleFill", {"color": _rgba(colour, opacity), "style": pattern, "outline_style": "no"}


def _line(colour: str, width_mm: float, *, dash: str = "") -> Part:
    form = {"line_color": _rgba(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM", "joinstyle": "round"}
    dashes = {"use_custom_dash": "1", "customdash": dash, "customdash_unit": "MM"} if dash else {}
    return "SimpleLine", {**form, "capstyle": "flat" if dash else "round", **dashes}


def _marker(shape: str, colour: str, size_mm: float) -> Part:
    return "SimpleMarker", {
        "name": shape, "color": _rgba(colour), "size": f"{size_mm:g}", "size_unit": "MM",
        "outline_color": _rgba(_PAPER), "outline_width": "0.25", "outline_width_unit": "MM",
    }  # fmt: skip


def _cased(colour: str, width_mm: float, casing: str) -> tuple[Part, ...]:
    return _line(casing, width_mm + 0.35), _line(colour, width_mm)


_BALANCE = (
    ("#2b6cb0", "少 15 % 以上 · over 15 % below", '"deviation_share" < -0.15'),
    ("#9cc3e6", "少 5-15 % · 5-15 % below", '"deviation_share" >= -0.15 AND "deviation_share" < -0.05'),
    ("#f3f0e6", "±5 % 以内 · within 5 %", 'abs("deviation_share") <= 0.05'),
    ("#f2b27a", "多 5-15 % · 5-15 % above", '"deviation_share" > 0.05 AND "deviation_share" <= 0.15'),
    ("#b8431f", "多 15 % 以上 · over 15 % above", '"deviation_share" > 0.15'),
)
_BORDER = (_line(_PAPER, 0.9), _line(_CELL_LINE, 0.35))
_CELLS = _Style(
    "fill",
    (
        _Rule("专属网格 · special cell", (_fill("#bf9be8", 0.55), *_BORDER), "\"kind\" = 'special'"),
        *(
            _Rule(label, (_fill(colour, 0.55), *_BORDER), f"\"kind\" = 'basic' AND {asked}")
            for colour, label, asked in _BALANCE
        ),
        _Rule("户数不详 · not counted", (_fill(_PAPER, 0.3), *_BORDER), "ELSE"),
    ),
    _Label("right(\"cell_code\", 3) || coalesce('\\n' || \"households\" || ' 户', '')", 8, 60_000, bold=True),
)
_ROADS = (
    ("高速公路 · motorway", _cased("#f2a65a", 0.9, "#a85b17"), "\"road_class\" = 'motorway'"),
    ("国省县道 · main road", _cased("#fbe3ae", 0.75, "#c9a86a"),
     "\"road_class\" IN ('national', 'provincial', 'county')"),
    ("乡道 · town road", _cased(_PAPER, 0.55, "#b3a58c"), "\"road_class\" = 'town'"),
    ("村道、街巷 · minor road", _cased(_PAPER, 0.35, "#c9bda9"), "\"kind\" = 'road'"),
    ("河流 · river", (_line("#8dbcdc", 1.1),), "\"kind\" = 'river'"),
    ("铁路 · railway", (_line("#333c45", 0.7), _line(_PAPER, 0.4, dash="2;2")), "\"kind\" = 'rail'"),
    ("围墙 · wall", (_line("#8d8375", 0.2),), "\"kind\" = 'wall'"),
)  # fmt: skip
_MAJOR = "coalesce(\"road_class\", '') NOT IN ('motorway', 'national', 'provincial', 'county', 'town')"

STYLED: dict[str, _Style] = {
    "villages": _Style(
        "fill",
        (_Rule("村（社区） · village", (_fill("#f4f1ea", 0.35), _line(_PAPER, 1.2), _line("#3a4653", 0.55))),),
        _Label('"village"', 10, 200_000, bold=True),
    ),
    "cells": _CELLS,
    "cells_current": _CELLS,
    "buildings": _Style("fill", (_Rule("建筑 · building", (_fill("#e5ddcf", 1), _line("#b7ab98", 0.1))),)),
    "homes": _Style(
        "marker",
        (_Rule("住户 · home", (_marker("circle", "#52606d", 1.2),)),),
        _Label("\"households\" || ' 户'", 7, 3_000),
    ),
    "barriers": _Style(
        "line",
        tuple(
            _Rule(label, parts, f"{asked} AND {_MAJOR}" if label.startswith("村道") else asked)
            for label, parts, asked in _ROADS
        ),
    ),
    "cameras": _Style(
        "marker",
        (
            _Rule("故障、离线 · not working", (_marker("diamond", "#c0392b", 2.6),),
                  "\"status\" IN ('faulty', 'offline')"),
            _Rule("摄像机 · camera", (_marker("circle", "#1d5f9e", 2.2),), "ELSE"),
        ),
        _Label('coalesce("camera", "camera_id")', 7, 5_000),
    ),
    "views": _Style("fill", (_Rule("可视范围 · view", (_fill("#2f7fc1", 0.28), _line("#2f7fc1", 0.12))),)),
    "gaps": _Style(
        "fill",
        (
            _Rule("有故障机 · camera out of order",
                  (_fill("#f0b429", 0.45), _fill("#7a4b00", 0.6, pattern="b_diagonal"), _line("#7a4b00", 0.2)),
                  "\"reason\" = 'offline'"),
            _Rule("盲区 · blind area",
                  (_fill("#c0392b", 0.4), _fill("#c0392b", 0.8, pattern="f_diagonal"), _line("#c0392b", 0.2)), "ELSE"),
        ),
        _Label('"rank"', 7, 10_000),
    ),
    "sites": _Style(
        "marker",
        (_Rule("建议点位 · proposed site", (_marker("star", "#1b7f4d", 4),)),),
        _Label('"site_id"', 7, 20_000),
    ),
}  # fmt: skip
"""Layers that come with a style."""
