"""Styles for QGIS: well formed, about columns and values that the layers have."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from files.qml import STYLED, layer_qml
from spatial.layers import LAYERS

_KINDS = {"Point": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}
_GEOMETRIES = {"Point": "0", "MultiLineString": "1", "MultiPolygon": "2"}


@pytest.mark.parametrize("layer", sorted(STYLED))
def test_a_style_fits_its_layer(layer: str) -> None:
    form = LAYERS["cells" if layer == "cells_current" else layer]
    text = layer_qml(layer)
    assert text is not None
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.findtext("layerGeometryType") == _GEOMETRIES[str(form.geometry)]
    symbols = {symbol.get("name"): symbol.get("type") for symbol in root.iter("symbol")}
    assert set(symbols.values()) == {_KINDS[str(form.geometry)]}
    assert {rule.get("symbol") for rule in root.iter("rule")} == set(symbols)
    said = [rule.get("filter", "") for rule in root.iter("rule")]
    said += [text_style.get("fieldName", "") for text_style in root.iter("text-style")]
    for expression in said:
        assert set(re.findall(r'"(\w+)"', expression)) <= set(form.names)
        for column, values in re.findall(r"\"(\w+)\" (?:= |IN \()((?:'\w+'(?:, )?)+)", expression):
            assert set(re.findall(r"'(\w+)'", values)) <= set(form.column(column).choices)


def test_every_deviation_falls_into_one_rule() -> None:
    root = ET.fromstring(str(layer_qml("cells")))  # noqa: S314 - our own text
    asked = [rule.get("filter", "") for rule in root.iter("rule")]
    conditions = [one.partition("AND ")[2] for one in asked if "deviation_share" in one]
    for deviation in (-1, -0.1501, -0.15, -0.07, -0.05, 0, 0.05, 0.0501, 0.15, 0.2):
        hits = [
            eval(one.replace('"deviation_share"', str(deviation)).replace("AND", "and"), {"abs": abs})  # noqa: S307
            for one in conditions
        ]
        assert hits.count(True) == 1


def test_layers_without_shape_have_none() -> None:
    assert [name for name in LAYERS if not LAYERS[name].geometry and layer_qml(name)] == []
