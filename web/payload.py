"""Frames → what a map page carries: streams of coordinates and tables of columns, small enough for one file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from web.colours import COLOURS, five_colours
from web.columns import column, numbers, pointed, texts
from web.encode import points_text, shapes_text
from web.topology import topology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pandas import DataFrame

    from web.frames import MapFrames

__all__ = ["ground_text", "payload", "script_json"]

CAMERA_KINDS = ("bullet", "dome", "ptz", "panorama", "gate")
CAMERA_STATES = ("working", "faulty", "offline")
ROAD_CLASSES = ("motorway", "national", "provincial", "county", "town", "village", "street")

_WHOLE_PAGE = 5_300_000
"""Characters of data a page may carry; buildings come last and only where they still fit."""

_SHAPES = 1_200_000
"""Characters that views, or blind areas, may take; above it their outlines are made coarser."""
_METRE_DEG = 9e-6
_HOLE_DEG2 = 1_000 * _METRE_DEG**2
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def payload(frames: MapFrames, ground: str | None = None) -> dict[str, Any]:
    """Write frames as the tables and streams that static/map.js reads; `ground` stands for barriers and buildings."""
    villages, cells = _frame(frames.villages), _frame(frames.cells)
    towns, town_of = _towns(villages)
    shapes = topology(cells.geometry.to_numpy(), villages.geometry.to_numpy(), towns=town_of)
    gaps = _frame(frames.gaps)
    data: dict[str, Any] = {
        "topology": asdict(shapes),
        "palette": list(COLOURS),
        "towns": towns,
        "villages": _villages(villages, town_of, frames.coverage),
        "cells": _cells(cells, villages, frames),
        "places": _places(_frame(frames.places)),
        "cameras": _cameras(_frame(frames.cameras), _frame(frames.views)),
        "members": _members(_frame(frames.members)),
        "sectors": _sectors(_frame(frames.views), _frame(frames.cameras)),
        "gaps": _gaps(gaps[gaps.geometry.notna() & ~gaps.geometry.is_empty]),
        "sites": _sites(_frame(frames.sites)),
    }
    kept = json.loads(ground if ground is not None else ground_text(frames.barriers, frames.buildings))
    data |= {"barriers": kept["barriers"], "buildings": {"shapes": ""}}
    room = _WHOLE_PAGE - len(script_json(data))
    data["buildings"]["shapes"] = kept["buildings"] if len(kept["buildings"]) <= room else ""
    return data


def ground_text(barriers: gpd.GeoDataFrame | None, buildings: gpd.GeoDataFrame | None) -> str:
    """Write what no edit of a plan changes, for whoever keeps it from page to page."""
    return json.dumps({"barriers": _barriers(_frame(barriers)), "buildings": _buildings(_frame(buildings))})


def script_json(data: Mapping[str, Any]) -> str:
    r"""Write JSON that may stand inside a script element, whatever the names in it hold.

    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def _frame(frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Give the frame, or an empty one in its place."""
    if frame is None:
        return gpd.GeoDataFrame({"geometry": gpd.GeoSeries([], crs="EPSG:4326")})
    return frame


def _towns(villages: gpd.GeoDataFrame) -> tuple[list[dict[str, str]], NDArray[np.int64]]:
    """Towns in the order of their codes, and the town of each village by its position."""
    if villages.empty:
        return [], np.empty(0, dtype=np.int64)
    codes, names = np.array(texts(villages, "town_code")), np.array(texts(villages, "town"))
    known, first, town_of = np.unique(codes, return_index=True, return_inverse=True)
    return [{"code": str(code), "name": str(names[at])} for code, at in zip(known, first, strict=True)], town_of


def _covered(coverage: DataFrame | None, level: str, codes: list[str]) -> list[float | None]:
    """Covered share per code at one level of a run; None where the run says nothing."""
    if coverage is None or coverage.empty:
        return [None] * len(codes)
    rows = coverage[coverage["level"] == level].drop_duplicates("code").set_index("code")["covered_share"]
    return numbers(rows.reindex(codes), 4)


def _villages(villages: gpd.GeoDataFrame, town_of: NDArray[np.int64], coverage: DataFrame | None) -> dict[str, Any]:
    codes = texts(villages, "village_code")
    return {
        "code": codes,
        "name": texts(villages, "village"),
        "town": town_of.tolist(),
        "households": column(villages, "households"),
        "covered": _covered(coverage, "village", codes),
    }


def _cells(cells: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, frames: MapFrames) -> dict[str, Any]:
    codes, of = texts(cells, "cell_code"), texts(cells, "village_code")
    place = {code: index for index, code in enumerate(texts(villages, "village_code"))}
    village = [place.get(code, -1) for code in of]
    serial = [
        code[len(parent) :] if at >= 0 and code.startswith(parent) and len(code) == len(parent) + 3 else code
        for code, parent, at in zip(codes, of, village, strict=True)
    ]
    return {
        "village": village,
        "serial": serial,
        "name": texts(cells, "cell"),
        "special": [kind == "special" for kind in texts(cells, "kind")],
        "colour": five_colours(cells.geometry.to_numpy()).tolist(),
        "households": column(cells, "households"),
        "residents": column(cells, "residents"),
        "party": column(cells, "party_members"),
        "deviation": column(cells, "deviation_share", 4),
        "area": column(cells, "area_m2"),
        "compactness": column(cells, "compactness", 3),
        "locked": [value == "True" for value in texts(cells, "locked")],
        "covered": _covered(frames.coverage, "cell", codes),
        "gaps": _tally(frames.gaps, codes),
        **_staff(frames.assignments, codes),
    }


def _tally(frame: DataFrame | None, codes: list[str]) -> list[int]:
    """How many rows of a frame lie in each cell."""
    if frame is None or "cell_code" not in frame:
        return [0] * len(codes)
    counts = frame["cell_code"].value_counts()
    return [int(count) for count in counts.reindex(codes, fill_value=0)]


def _staff(assignments: DataFrame | None, codes: list[str]) -> dict[str, list[int | None]]:
    """Leads and other members per cell, as numbers only."""
    if assignments is None:
        return {"leads": [None] * len(codes), "staff": [None] * len(codes)}
    lead = assignments["role"] == "lead"
    return {"leads": [*_tally(assignments[lead], codes)], "staff": [*_tally(assignments[~lead], codes)]}


def _places(places: gpd.GeoDataFrame) -> dict[str, Any]:
    places = pointed(places)
    columns = {"name": texts(places, "place"), "kind": texts(places, "kind"), "priority": column(places, "priority")}
    return {"points": points_text(places.geometry.to_numpy()), "columns": columns}


def _cameras(cameras: gpd.GeoDataFrame, views: gpd.GeoDataFrame) -> dict[str, Any]:
    cameras = pointed(cameras)
    kinds, states = texts(cameras, "kind", "bullet"), texts(cameras, "status", "working")
    columns = {
        "id": texts(cameras, "camera_id"),
        "name": texts(cameras, "camera"),
        "kind": [CAMERA_KINDS.index(kind) if kind in CAMERA_KINDS else 0 for kind in kinds],
        "status": [CAMERA_STATES.index(state) if state in CAMERA_STATES else 0 for state in states],
        "azimuth": column(cameras, "azimuth_deg"),
    }
    seen, assumed = _seen(texts(cameras, "camera_id"), views)
    points = points_text(cameras.geometry.to_numpy())
    return {"points": points, "columns": columns | seen, "assumed": assumed}


def _seen(codes: list[str], views: gpd.GeoDataFrame) -> tuple[dict[str, Any], list[str]]:
    """Give what the run found of each camera, and the sets of defaults that it names by their place in a list."""
    if views.empty or "assumed" not in views:
        return {}, []
    found = pd.DataFrame(views.drop(columns="geometry")).drop_duplicates("camera_id").set_index("camera_id")
    found = found.reindex(codes)
    sets, names = pd.factorize(found["assumed"].astype(object))
    return {
        "area": column(found, "area_m2"), "blocked": column(found, "blocked_share", 2),
        "obstacle": column(found, "obstacle_m"), "turn": column(found, "best_azimuth_deg"),
        "turned": column(found, "best_m2"), "assumed": sets.tolist(),
    }, [str(name) for name in names]  # fmt: skip


def _members(members: gpd.GeoDataFrame) -> dict[str, Any]:
    members = pointed(members)
    return {"points": points_text(members.geometry.to_numpy()), "columns": {"kind": texts(members, "kind")}}


def _sectors(views: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame) -> dict[str, Any]:
    views = pointed(views)
    broken: set[str] = set()
    if {"camera_id", "status"} <= set(cameras.columns):
        broken = set(cameras.loc[cameras["status"].isin(CAMERA_STATES[1:]), "camera_id"])
    idle = [code in broken for code in texts(views, "camera_id")]
    return {"shapes": _fitted(views), "columns": {"idle": idle}}


_TOLD = 500
"""Of so many blind areas, the heaviest, the page says what they hide."""


def _gaps(gaps: gpd.GeoDataFrame) -> dict[str, Any]:
    if "rank" in gaps:
        gaps = gaps.sort_values("rank", kind="stable", na_position="last")
    columns = {
        "rank": column(gaps, "rank"),
        "kind": texts(gaps, "kind", "area"),
        "reason": texts(gaps, "reason"),
        "area": column(gaps, "area_m2"),
        "households": column(gaps, "households_within"),
        "nearest": column(gaps, "nearest_camera_m"),
        "hides": [text if row < _TOLD else "" for row, text in enumerate(texts(gaps, "hides"))],
    }
    return {"shapes": _fitted(gaps.set_geometry(_without_small_holes(gaps.geometry.to_numpy()))), "columns": columns}


def _without_small_holes(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Close holes the size of a house: the page paints buildings above blind areas anyway."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    outer = np.r_[True, part[1:] != part[:-1]][: len(part)]
    filled = np.asarray(shapely.polygons(rings[outer]))
    holes = np.asarray(shapely.polygons(rings))
    large = ~outer & (shapely.area(holes) > _HOLE_DEG2)
    pierced = np.unique(part[large])
    cut = shapely.multipolygons(holes[large], indices=np.searchsorted(pierced, part[large]))
    filled[pierced] = shapely.difference(filled[pierced], shapely.make_valid(cut))
    closed = shapes.copy()
    found, first, count = np.unique(owner, return_index=True, return_counts=True)
    one = count == 1
    closed[found[one]] = filled[first[one]]
    for at, start, many in zip(found[~one], first[~one], count[~one], strict=True):
        closed[at] = shapely.union_all(filled[start : start + many])
    return closed


def _fitted(frame: gpd.GeoDataFrame) -> str:
    """Shapes simplified to half a metre, or to as much more as keeps them within their share of the page."""
    shapes, tolerance = frame.geometry.to_numpy(), _METRE_DEG / 2
    text = shapes_text(shapes, tolerance_deg=tolerance)
    while len(text) > _SHAPES and tolerance < 64 * _METRE_DEG:
        tolerance *= 2
        text = shapes_text(shapes, tolerance_deg=tolerance)
    return text


def _sites(sites: gpd.GeoDataFrame) -> dict[str, Any]:
    sites = pointed(sites)
    columns = {
        "id": texts(sites, "site_id"),
        "phase": column(sites, "phase"),
        "azimuth": column(sites, "azimuth_deg"),
        "gain": column(sites, "gain_share", 5),
    }
    return {"points": points_text(sites.geometry.to_numpy()), "columns": columns}


def _barriers(barriers: gpd.GeoDataFrame) -> dict[str, Any]:
    """Lines by class, one digit each: 0 river, 1 railway, 2 wall, 3-9 roads from motorway to street."""
    barriers = pointed(barriers)
    kinds, classes = texts(barriers, "kind"), texts(barriers, "road_class", "street")
    order = {"river": 0, "rail": 1, "wall": 2}
    digits = np.array(
        [order.get(kind, 3 + ROAD_CLASSES.index(one) if one in ROAD_CLASSES else 9)
         for kind, one in zip(kinds, classes, strict=True)], dtype=np.int64,
    )  # fmt: skip
    text = shapes_text(barriers.geometry.to_numpy(), tolerance_deg=_METRE_DEG)
    return {"shapes": text, "classes": "".join(map(str, digits.tolist()))}


def _buildings(buildings: gpd.GeoDataFrame) -> str:
    """Footprints along a space-filling curve, so that differences stay short."""
    buildings = pointed(buildings)
    if buildings.empty:
        return ""
    order = np.argsort(buildings.hilbert_distance().to_numpy(), kind="stable")
    return shapes_text(buildings.geometry.to_numpy()[order])
