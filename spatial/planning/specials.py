"""Areas of special cells (专属网格): estates, markets, schools, hospitals, parks that a county lists as polygons.

They come with the layer `overlays`, the layer of areas that somebody else has drawn: rows whose `system` is
专属网格 (or special) are carved out of the villages before these are divided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["SYSTEMS", "special_areas"]

SYSTEMS = ("专属网格", "special")
"""Values of `system` that mark the area of a special cell."""


def special_areas(overlays: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Give the areas of special cells in order of their id; None where there are none."""
    if overlays is None or len(overlays) == 0:
        return None
    chosen = overlays[overlays["system"].astype(str).str.strip().str.lower().isin(SYSTEMS)]
    return None if chosen.empty else chosen.sort_values("overlay_id", kind="stable", ignore_index=True)
