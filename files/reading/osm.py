"""Reads an OpenStreetMap extract: buildings, barriers, cameras, places and poles, by their tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import pandas as pd
import pyproj
import shapely

from files.reading import osm_tags
from files.reading.errors import ReadError
from files.reading.raw import Raw
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from files.reading.raw import Note

__all__ = ["read_osm"]

_FACTORY = osmium.geom.WKBFactory()


@dataclass(frozen=True)
class _Recipe:
    """The tags that lead to a layer, how they are read, and which elements count."""

    keys: tuple[str, ...]
    read: Callable[[Mapping[str, str]], dict[str, Any] | None]
    elements: frozenset[str]


_RECIPES = {
    "buildings": _Recipe(("building",), osm_tags.building, frozenset("a")),
    "barriers": _Recipe(("highway", "waterway", "railway", "barrier"), osm_tags.barrier, frozenset("w")),
    "cameras": _Recipe(("man_made",), osm_tags.camera, frozenset("n")),
    "places": _Recipe(
        ("amenity", "railway", "highway", "leisure", "place", "tourism", "shop", "office"),
        osm_tags.place,
        frozenset("na"),
    ),
    "poles": _Recipe(("highway", "power"), osm_tags.pole, frozenset("n")),
}


def read_osm(path: Path, layer: str) -> Raw:
    """Read one layer of an .osm.pbf or .osm file, keyed by element (`n` node, `w` way, `r` relation) and its number.

    Areas become points where the layer wants points. Elements whose nodes the extract lacks are left out and
    counted.

    Raises
    ------
    ReadError
        The layer cannot be had from OpenStreetMap, the file is broken, or holds none of it.
    """
    recipe = _RECIPES.get(layer)
    if recipe is None:
        known = ", ".join(_RECIPES)
        raise ReadError(
            f"OpenStreetMap 数据中取不出 {layer}；可取：{known}",
            f"{layer} cannot be had from OpenStreetMap data; it gives {known}",
        )
    try:
        rows, shapes, broken = _collect(path, recipe, LAYERS[layer].key[0])
    except RuntimeError as fault:
        reason = " ".join(str(fault).split())[:120]
        raise ReadError(f"{path.name} 读不出来：{reason}", f"{path.name} cannot be read: {reason}") from None
    if not rows:
        raise ReadError(f"{path.name} 中没有 {layer}", f"{path.name} holds no {layer}")
    notes: list[Note] = []
    if broken:
        zh, en = (
            f"{broken} 个要素的节点不在数据中，已略去",
            f"{broken} elements whose nodes are not in the extract were left out",
        )
        notes.append((zh, en))
    cells = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1))
    if layer == "places":
        notes.append(("优先级按场所类型取默认值", "priorities are the defaults of each kind of place"))
    array = np.array(shapes, dtype=object)
    if LAYERS[layer].geometry == "Point":
        array = np.where(shapely.get_dimensions(array) > 0, shapely.point_on_surface(array), array)
    return Raw(cells, array, pyproj.CRS.from_epsg(4326), settled=True, notes=notes)


def _collect(path: Path, recipe: _Recipe, key: str) -> tuple[list[dict[str, Any]], list[Any], int]:
    """Walk through the file once; give rows, shapes, and how many elements are cut."""
    tagged = osmium.filter.KeyFilter(*recipe.keys)
    processor = osmium.FileProcessor(str(path))
    processor = processor.with_areas(tagged) if "a" in recipe.elements else processor.with_locations()
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    broken = 0
    element: Any  # a union of five classes in the stubs
    for element in processor.with_filter(tagged):
        kind = "a" if element.is_area() else "w" if element.is_way() else "n" if element.is_node() else "r"
        outline = kind == "w" and "a" in recipe.elements  # comes again as an area, if the extract holds all of it
        row = recipe.read({tag.k: tag.v for tag in element.tags}) if kind in recipe.elements or outline else None
        if row is None:
            continue
        if outline:
            broken += 1
            continue
        broken -= kind == "a" and element.from_way()
        shape = _shape(element, kind)
        if shape is None:
            broken += 1
            continue
        rows.append({key: _key(element, kind), **row})
        shapes.append(shape)
    return rows, shapes, broken


def _shape(element: Any, kind: str) -> BaseGeometry | None:
    """Give the shape of an element; a way that leaves the extract in the parts that lie in it."""
    if kind == "n":
        return shapely.Point(element.location.lon, element.location.lat)
    if kind == "a":
        try:
            return shapely.from_wkb(_FACTORY.create_multipolygon(element))
        except (osmium.InvalidLocationError, RuntimeError):
            return None
    runs: list[list[tuple[float, float]]] = [[]]
    for node in element.nodes:
        if node.location.valid():
            runs[-1].append((node.location.lon, node.location.lat))
        else:
            runs.append([])
    lines = [run for run in runs if len(set(run)) > 1]
    return shapely.multilinestrings([shapely.LineString(run) for run in lines]) if lines else None


def _key(element: Any, kind: str) -> str:
    if kind != "a":
        return f"{kind}{element.id}"
    return f"{'w' if element.from_way() else 'r'}{element.orig_id()}"
