"""How tags of OpenStreetMap read in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["barrier", "building", "camera", "place", "pole"]

_ROADS = {
    "motorway": "motorway", "motorway_link": "motorway", "trunk": "national", "trunk_link": "national",
    "primary": "provincial", "primary_link": "provincial", "secondary": "county", "secondary_link": "county",
    "tertiary": "town", "tertiary_link": "town", "unclassified": "village", "track": "village", "road": "village",
    "residential": "street", "living_street": "street", "service": "street", "pedestrian": "street",
}  # fmt: skip
_PATHS = frozenset(
    {"footway", "trail", "path", "cycleway", "steps", "bridleway", "corridor", "busway", "bus_guideway", "platform"}
)
_RIVERS = frozenset({"river", "canal", "stream"})
_RAILS = frozenset({"rail", "light_rail", "narrow_gauge", "subway"})
_WALLS = frozenset({"wall", "city_wall", "retaining_wall"})
_LENSES = {"fixed": "bullet", "dome": "dome", "panning": "ptz", "panorama": "panorama", "panoramic": "panorama"}
_PLACES: dict[tuple[str, str], tuple[str, int]] = {
    ("amenity", "school"): ("school", 1), ("amenity", "kindergarten"): ("school", 1),
    ("amenity", "university"): ("school", 2), ("amenity", "college"): ("school", 2),
    ("amenity", "hospital"): ("hospital", 1), ("amenity", "clinic"): ("hospital", 2),
    ("amenity", "bank"): ("bank", 1), ("amenity", "townhall"): ("government", 1),
    ("amenity", "police"): ("government", 1),
    ("amenity", "courthouse"): ("government", 1), ("amenity", "place_of_worship"): ("religious", 2),
    ("amenity", "marketplace"): ("market", 2), ("amenity", "fuel"): ("hazardous", 1),
    ("amenity", "parking"): ("car_park", 3), ("amenity", "bus_station"): ("station", 1),
    ("amenity", "ferry_terminal"): ("station", 1), ("amenity", "nightclub"): ("public_order", 2),
    ("railway", "station"): ("station", 1), ("highway", "services"): ("service_station", 2),
    ("leisure", "stadium"): ("stadium", 2), ("leisure", "sports_centre"): ("stadium", 3),
    ("leisure", "park"): ("park", 3), ("place", "square"): ("square", 2),
    ("tourism", "museum"): ("museum", 2), ("tourism", "attraction"): ("scenic", 3),
    ("shop", "mall"): ("mall", 2), ("shop", "department_store"): ("mall", 2), ("shop", "supermarket"): ("mall", 3),
    ("office", "government"): ("government", 1), ("office", "diplomatic"): ("foreign", 1),
}  # fmt: skip


def barrier(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a road, river, railway or wall; what runs in a tunnel is in nobody's way, except a road.

    Footpaths and cycleways are of the lowest class, street: they make no junction of two of them.
    """
    highway, bridge = tags.get("highway"), tags.get("bridge", "no") != "no"
    if highway in _ROADS or highway in _PATHS:
        return {"kind": "road", "road_class": _ROADS.get(highway or "", "street"), "bridge": bridge}
    if "tunnel" in tags and tags["tunnel"] != "no":
        return None
    if tags.get("waterway") in _RIVERS:
        return {"kind": "river", "bridge": False}
    if tags.get("railway") in _RAILS:
        return {"kind": "rail", "bridge": bridge}
    if tags.get("barrier") in _WALLS:
        return {"kind": "wall", "bridge": False}
    return None


def building(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a footprint with its storeys and height."""
    if tags.get("building", "no") == "no":
        return None
    levels = _number(tags.get("building:levels"))
    return {"floors": None if levels is None else max(1, round(levels)), "height_m": _number(tags.get("height"))}


def camera(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a surveillance camera; guards and gunshot detectors are none."""
    if tags.get("man_made") != "surveillance" or tags.get("surveillance:type", "camera").lower() not in {
        "camera",
        "alpr",
    }:
        return None
    kind = "gate" if tags.get("surveillance:type", "").lower() == "alpr" else _LENSES.get(tags.get("camera:type", ""))
    return {
        "camera": tags.get("name"), "kind": kind, "owner": tags.get("operator"),
        "azimuth_deg": tags.get("camera:direction") or tags.get("direction"),
        "hfov_deg": _number(tags.get("camera:angle")),
        "mount_m": _number(tags.get("height") or tags.get("camera:height")),
    }  # fmt: skip


def place(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a place that cameras should watch; unnamed ones are called by their kind."""
    for key, value in tags.items():
        known = _PLACES.get((key, value))
        if known is not None:
            return {"place": tags.get("name:zh") or tags.get("name") or value, "kind": known[0], "priority": known[1]}
    return None


def pole(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a street lamp or power pole."""
    if tags.get("highway") == "street_lamp":
        return {"kind": "light", "power": True}
    return {"kind": "power", "power": True} if tags.get("power") in {"pole", "tower"} else None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text.removesuffix("m").strip().replace(",", "."))
    except ValueError:
        return None
