"""Shapes as the layers want them: flat, of one type, valid; what is mended is counted, what is not is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from spatial.layers import Layer

__all__ = ["Fitted", "fit_shapes"]

_NAMES = {"Point": ("点", "points"), "MultiLineString": ("线", "lines"), "MultiPolygon": ("面", "polygons")}
_KINDS = {0: "Point", 4: "Point", 1: "MultiLineString", 2: "MultiLineString", 5: "MultiLineString",
          3: "MultiPolygon", 6: "MultiPolygon"}  # fmt: skip


@dataclass(frozen=True)
class Fitted:
    """Shapes of the layer's type; where they were repaired or flattened, and why others cannot be taken."""

    shapes: NDArray[np.object_]
    repaired: NDArray[np.bool_]
    flattened: int
    faults: dict[int, tuple[str, str]]


def fit_shapes(shapes: NDArray[np.object_], layer: Layer) -> Fitted:
    """Bring shapes to the one type of a layer: z dropped, single parts made multi, crossing rings mended.

    `faults` says by position what stays wrong: nothing there, another type, no area left. Coordinates that need
    no mending are kept bit for bit.
    """
    high = shapely.has_z(shapes)
    flattened = 0
    if high.any():
        heights, owner = shapely.get_coordinates(shapes[high], include_z=True, return_index=True)
        flattened = len(np.unique(owner[np.nan_to_num(heights[:, 2]) != 0]))
    flat = shapely.force_2d(shapes) if high.any() else shapes.copy()
    faults: dict[int, tuple[str, str]] = {}
    missing = shapely.is_missing(flat) | shapely.is_empty(flat)
    if layer.geometry_required:
        faults |= dict.fromkeys(map(int, np.flatnonzero(missing)), ("没有图形", "has no geometry"))
    flat[missing] = None
    wrong = {int(place): _wrong_type(flat[place], layer) for place in np.flatnonzero(_other(flat, layer) & ~missing)}
    faults |= wrong
    repaired = np.zeros(len(flat), bool)
    present = ~missing
    present[list(wrong)] = False
    if layer.geometry == "Point":
        many = present & (shapely.get_type_id(flat) == 4)
        flat[many] = shapely.get_geometry(flat[many], 0)
    else:
        repaired = present & ~shapely.is_valid(flat)
        flat[repaired] = shapely.make_valid(flat[repaired])
        kind = 3 if layer.geometry == "MultiPolygon" else 1
        for place in np.flatnonzero(present & (shapely.get_type_id(flat) != kind + 3)):
            flat[place] = _multi(flat[place], kind)
        for place in np.flatnonzero(present & (shapely.is_missing(flat) | shapely.is_empty(flat))):
            faults[int(place)] = ("图形没有面积或长度", "has no area or length")
            repaired[place] = False
    return Fitted(flat, repaired, flattened, faults)


def _other(shapes: NDArray[np.object_], layer: Layer) -> NDArray[np.bool_]:
    """Say which shapes cannot become the layer's type; several points in one are no point."""
    types = shapely.get_type_id(shapes)
    other = np.array([_KINDS.get(int(kind)) != layer.geometry for kind in types], dtype=bool)
    if layer.geometry == "Point":
        other |= (types == 4) & (shapely.get_num_geometries(shapes) != 1)
    collections = np.flatnonzero(types == 7)
    for place in collections:
        kinds = {_KINDS.get(int(shapely.get_type_id(part))) for part in shapely.get_parts(shapes[place])}
        other[place] = layer.geometry == "Point" or layer.geometry not in kinds
    return other


def _wrong_type(shape: BaseGeometry, layer: Layer) -> tuple[str, str]:
    wanted = _NAMES[str(layer.geometry)]
    return f"是 {shape.geom_type}，本层需要{wanted[0]}", f"is a {shape.geom_type}; this layer needs {wanted[1]}"


def _multi(shape: BaseGeometry, kind: int) -> BaseGeometry | None:
    """Keep the parts of one kind (1 lines, 3 areas), as one multi-part shape; None where none is left."""
    parts: list[Any] = [shape]
    while any(shapely.get_type_id(part) > 3 for part in parts):
        parts = [piece for part in parts for piece in shapely.get_parts(part)]
    kept = [part for part in parts if shapely.get_type_id(part) == kind]
    if not kept:
        return None
    return shapely.MultiPolygon(kept) if kind == 3 else shapely.MultiLineString(kept)
