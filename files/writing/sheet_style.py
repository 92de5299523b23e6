"""How things look on a map sheet: colours, widths, order, and the legend that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from files.writing.sheet_frame import Key
from files.writing.sheet_map import MapWindow, Stroke, draw_areas, draw_lines
from web.colours import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from files.writing.options import ExportOptions

__all__ = ["draw_base", "draw_borders", "draw_cells", "keys_of"]

_PAPER, _LAND, _BUILDING, _GAP = "#fbfaf7", "#efece4", "#c9beab", "#f2b8b1"
_FADED = 0.72  # share of white in the cells of other towns
_CELL = Stroke("#5b6672", 0.8, casing="#ffffff", casing_width=2.0)
_VILLAGE = Stroke("#3a4653", 1.4, casing="#ffffff", casing_width=3.0)
_TOWN = Stroke("#1f2933", 2.2, dash=(9, 3, 2, 3), casing="#ffffff", casing_width=4.2)
_LINES: dict[str, Stroke] = {
    "wall": Stroke("#8d8375", 0.5),
    "minor": Stroke("#ffffff", 0.9, casing="#c9bda9", casing_width=1.6),
    "town": Stroke("#ffffff", 1.6, casing="#b3a58c", casing_width=2.5),
    "major": Stroke("#fbe3ae", 2.2, casing="#c9a86a", casing_width=3.3),
    "motorway": Stroke("#f2a65a", 2.6, casing="#a85b17", casing_width=4.0),
    "river": Stroke("#8dbcdc", 3.4),
    "rail": Stroke("#ffffff", 1.1, dash=(5, 5), casing="#333c45", casing_width=1.9),
}
_CLASS = {"motorway": "motorway", "national": "major", "provincial": "major", "county": "major", "town": "town",
          "village": "minor", "street": "minor"}  # fmt: skip


def draw_cells(page: Any, window: MapWindow, cells: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, *, town: str) -> None:
    """Fill the paper, the land and the cells; cells of other towns are faded."""
    page.setFillColor(_PAPER)
    page.rect(window.x, window.y, window.width, window.height, stroke=0, fill=1)
    draw_areas(page, window, villages.geometry.to_numpy(), fill=_LAND)
    if not len(cells):
        return
    here = np.ones(len(cells), bool) if not town else (cells["town_code"] == town).to_numpy(dtype=bool)
    shapes, colour = cells.geometry.to_numpy(), cells["colour"].to_numpy()
    for place, fill in enumerate(COLOURS):
        chosen = colour == place
        draw_areas(page, window, shapes[chosen & here], fill=_lighter(fill, 0.25))
        draw_areas(page, window, shapes[chosen & ~here], fill=_lighter(fill, _FADED + 0.1))


def draw_base(
    page: Any, window: MapWindow, barriers: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, *,
    gaps: gpd.GeoDataFrame | None, overview: bool,
) -> None:  # fmt: skip
    """Draw buildings, rivers, roads and railways, the small below the great."""
    if gaps is not None and len(gaps):
        draw_areas(page, window, gaps.geometry.to_numpy(), fill=_GAP)
    if buildings is not None and len(buildings):
        draw_areas(page, window, buildings.geometry.to_numpy(), fill=_BUILDING)
    if not len(barriers):
        return
    styles = _styles(barriers)
    shapes = barriers.geometry.to_numpy()
    thin = 0.6 if overview else 1.0
    for name in ("river", "wall", "minor", "town", "major", "motorway", "rail"):
        stroke = _LINES[name]
        scaled = Stroke(stroke.colour, stroke.width * thin, stroke.dash, stroke.casing, stroke.casing_width * thin)
        draw_lines(page, window, shapes[styles == name], scaled)


def draw_borders(
    page: Any, window: MapWindow, lines: Mapping[str, NDArray[np.object_]], *, overview: bool, casing: bool
) -> None:  # fmt: skip
    """Draw borders of cells, villages and towns, or the white casings that lie below rivers and roads."""
    styles = (("cell", _CELL, 0.45), ("village", _VILLAGE, 0.55), ("town", _TOWN, 0.75))
    for name, stroke, thin in styles:
        if name in lines:
            draw_lines(page, window, lines[name], _border(stroke, thin if overview else 1.0, casing=casing))


def keys_of(
    barriers: gpd.GeoDataFrame, window: MapWindow, layers: Mapping[str, gpd.GeoDataFrame], options: ExportOptions
) -> list[Key]:
    """List what is on the sheet, and only that."""
    say = options.say
    keys: list[Key] = []
    if "cells" in layers:
        light = tuple(_lighter(fill, 0.25) for fill in COLOURS)
        keys += [Key(say("网格（五色仅作区分）", "Cells (colours only tell them apart)"), fills=light),
                 Key(say("网格界", "Cell border"), stroke=_CELL)]  # fmt: skip
    if "villages" in layers:
        keys += [Key(say("村（社区）界", "Village border"), stroke=_VILLAGE),
                 Key(say("乡镇（街道）界", "Town border"), stroke=_TOWN)]  # fmt: skip
    names = {"motorway": say("高速公路", "Motorway"), "major": say("国道、省道、县道", "Main road"),
             "town": say("乡道", "Town road"), "minor": say("村道、街巷", "Village road, street"),
             "rail": say("铁路", "Railway"), "river": say("河流", "River")}  # fmt: skip
    if len(barriers):
        shown = set(_styles(barriers)[shapely.intersects(barriers.geometry.to_numpy(), shapely.box(*window.ground))])
        keys += [Key(name, stroke=_LINES[style]) for style, name in names.items() if style in shown]
    if "cells" not in layers and "gaps" in layers:
        keys.append(Key(say("盲区", "Blind area"), fills=(_GAP,)))
    return keys


def _styles(barriers: gpd.GeoDataFrame) -> Any:
    """Style of each barrier."""
    kind = barriers["kind"].to_numpy(dtype=object)
    roads = barriers["road_class"].map(_CLASS).fillna("minor").to_numpy(dtype=object)
    return np.where(kind == "road", roads, kind)


def _border(stroke: Stroke, by: float, *, casing: bool) -> Stroke:
    """Give the casing of a border alone, or its line alone."""
    if casing:
        return Stroke(stroke.casing, stroke.casing_width * by)
    return Stroke(stroke.colour, stroke.width * by, stroke.dash)


def _lighter(colour: str, white: float) -> str:
    """Mix a colour with white."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * white):02x}" for part in parts)
