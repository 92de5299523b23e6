"""What the map sheets of one county share: layers in metres, colours, borders, names of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from files.writing.sheet_map import borders
from spatial.crs import MetreDoor, measuring_crs
from spatial.errors import SchemaError
from web.colours import five_colours

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyproj
    from numpy.typing import NDArray

    from files.writing.options import ExportOptions

__all__ = ["County", "county_of"]

_SHOWN = ("villages", "cells", "barriers", "buildings", "gaps")


@dataclass(frozen=True)
class County:
    """Everything that the sheets draw, in metres, with the names of places and people."""

    layers: dict[str, gpd.GeoDataFrame]
    lines: dict[str, NDArray[np.object_]]
    leads: dict[str, str]
    crs_name: str
    options: ExportOptions

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Give a layer, or an empty one."""
        return self.layers.get(name, gpd.GeoDataFrame({"geometry": []}, geometry="geometry"))


def county_of(frames: Mapping[str, pd.DataFrame], options: ExportOptions) -> County:
    """Carry the layers into metres, colour the cells, and find the lead of each; refuses frames that draw nothing."""
    shown = {name: gpd.GeoDataFrame(frames[name]) for name in _SHOWN if name in frames and len(frames[name])}
    if not shown:
        raise SchemaError(
            "没有可以画成图的图层（村界、网格、道路、房屋）", "no layer to draw (villages, cells, roads, buildings)"
        )
    first = next(iter(shown.values()))
    middle = shapely.box(*first.total_bounds).centroid
    door = MetreDoor(options.measuring_crs or measuring_crs(middle.x, middle.y))
    layers = {name: door.forward(frame) for name, frame in shown.items()}
    if "cells" in layers:
        colours = five_colours(shown["cells"].geometry.to_numpy())
        cells = layers["cells"].assign(colour=colours).sort_values("cell_code", ignore_index=True)
        if "villages" in layers:
            names = pd.DataFrame(layers["villages"][["village_code", "village", "town_code", "town"]])
            cells = cells.merge(names, on="village_code", how="left")
        else:
            cells = cells.assign(village=cells["village_code"], town_code="", town="")
        layers["cells"] = cells
    if "barriers" in layers and "road_class" not in layers["barriers"]:
        layers["barriers"] = layers["barriers"].assign(road_class=None)
    return County(layers, _lines(layers), _leads(frames), _crs_name(door.crs, options), options)


def _lines(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, NDArray[np.object_]]:
    """Borders of villages and towns as lines, once for all sheets."""
    if "villages" not in layers:
        return {}
    villages = layers["villages"]
    towns = villages.dissolve(by="town_code", method="coverage").geometry.to_numpy()
    return {"village": borders(villages.geometry.to_numpy()), "town": borders(towns)}


def _crs_name(crs: pyproj.CRS, options: ExportOptions) -> str:
    """Name the metric system in words that stand on a Chinese map."""
    meridian = crs.name.rpartition("CM ")[2]
    if options.lang == "zh" and crs.name.startswith("CGCS2000 / 3-degree") and meridian.endswith("E"):
        return f"CGCS2000 3 度带 中央经线 {meridian[:-1]}°E"
    return crs.name


def _leads(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Name, else id, of the lead of each cell."""
    staff = frames.get("assignments")
    if staff is None:
        return {}
    staff = staff[staff["role"] == "lead"]
    names = staff["member_id"].astype(str)
    members = frames.get("members")
    if members is not None and "member" in members:
        known = members.dropna(subset=["member"]).set_index("member_id")["member"]
        named = staff["member_id"].map(known)
        names = named.where(named.notna(), names)
    return dict(zip(staff["cell_code"], names, strict=True))
