"""Frames → Folium maps and pages that open with no network."""

from web.assets import STATIC
from web.colours import five_colours
from web.compare import ComparedPlans, compare_map
from web.county import county_map, embed_page
from web.frames import MapFrames, without_small_counts
from web.history import history_page
from web.interface import interface_page
from web.pages import drawing_page
from web.payload import ground_text

__all__ = [
    "STATIC", "ComparedPlans", "MapFrames", "compare_map", "county_map", "drawing_page", "embed_page",
    "five_colours", "ground_text", "history_page", "interface_page", "without_small_counts",
]  # fmt: skip
