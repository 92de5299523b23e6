"""The layers of a project: names, columns, types and ranges, said once for every room.

The store builds its tables from this list, the readers map columns onto it, the checks hold frames to it.
A column that is not `required` may be missing or empty; the answer then counts and names what was assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LAYERS", "PLACE_KINDS", "Column", "Layer"]

Kind = Literal["text", "integer", "double", "boolean", "datetime", "json"]
Geometry = Literal["Point", "MultiLineString", "MultiPolygon", "Geometry"]


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it must hold a value, and the values it may hold."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Layer:
    """One table of a project.

    `key` names the columns that are unique together (empty: none); `sensitive` layers are never served
    to the public; `input` layers can be loaded from a file.
    """

    name: str
    geometry: Geometry | None
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    geometry_required: bool = True
    sensitive: bool = False
    input: bool = False

    @property
    def names(self) -> list[str]:
        """Names of the columns, in the order of the contract."""
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        """Names of the columns that must hold a value in every row."""
        return [column.name for column in self.columns if column.required]

    def column(self, name: str) -> Column:
        """Give one column by its name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


PLACE_KINDS = (
    "checkpoint", "government", "station", "square", "stadium", "mall", "religious", "school", "public_order",
    "main_road", "hospital", "bank", "hazardous", "museum", "waterway", "foreign", "border", "scenic", "park",
    "car_park", "bridge", "market", "village_entrance", "junction", "service_station",
)  # fmt: skip
"""GB/T 28181 PositionType and GA/T 1400, the list of State Council Order 799 article 7, and the rural additions."""

DETAILS = ("road", "corridor", "place", "priority", "cordon", "station", "household", "known")
"""What `coverage_details` breaks down: metres of road by class and of main roads in line, places by kind and by
priority, border crossings by border, households in reach of a service station and away from blind areas, and cameras
of which the list tells something."""

MEMBER_KINDS = ("lead", "full", "part", "police", "instructor", "party", "volunteer")
ROLES = MEMBER_KINDS[:5]


def _text(name: str, *, required: bool = False, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", required, choices)


def _count(name: str, *, required: bool = False) -> Column:
    return Column(name, "integer", required, low=0)


def _measure(name: str, low: float | None = 0, high: float | None = None) -> Column:
    return Column(name, "double", low=low, high=high)


def _share(name: str) -> Column:
    return Column(name, "double", low=0, high=1)


def _flag(name: str) -> Column:
    return Column(name, "boolean")


def _json(name: str) -> Column:
    return Column(name, "json")


def _moment(name: str, *, required: bool = False) -> Column:
    return Column(name, "datetime", required)


def _key(name: str) -> Column:
    return Column(name, "text", required=True)


_POINT_CLASSES = ("1", "2", "3", "9")
_COUNTED = ("cameras", "cameras_working", "cameras_networked", "cameras_filed", "cameras_hd")
_COVERAGE_CODES = tuple(_count(f"{name}_{code}") for code in _POINT_CLASSES for name in _COUNTED)

_VILLAGES = Layer("villages", "MultiPolygon", (
    _key("village_code"), _text("village", required=True), _text("town_code", required=True),
    _text("town", required=True), _text("county_code", required=True), _text("county", required=True),
    _text("kind", choices=("village", "community")), _text("class"),
    _count("households"), _count("residents"), _count("occupied_households"), _count("party_members"),
), ("village_code",), input=True)  # fmt: skip

_HOMES = Layer("homes", "Point", (
    _key("home_id"), _text("village_code"), _count("households", required=True), _count("occupied_households"),
    _count("residents"), _count("party_members"), _count("special"), _text("hamlet"),
), ("home_id",), sensitive=True, input=True)  # fmt: skip

_BUILDINGS = Layer("buildings", "MultiPolygon", (
    _key("building_id"), _count("floors"), _measure("height_m"), _count("households"),
), ("building_id",), input=True)  # fmt: skip

_BARRIERS = Layer("barriers", "MultiLineString", (
    _key("barrier_id"), _text("kind", required=True, choices=("road", "river", "rail", "wall")),
    _text("road_class", choices=("motorway", "national", "provincial", "county", "town", "village", "street")),
    _measure("weight"), _flag("bridge"),
), ("barrier_id",), input=True)  # fmt: skip

_HAMLETS = Layer("hamlets", "MultiPolygon", (
    _key("hamlet_id"), _text("hamlet", required=True), _text("village_code", required=True),
), ("hamlet_id",), input=True)  # fmt: skip

_OVERLAYS = Layer("overlays", "MultiPolygon", (
    _key("overlay_id"), _text("system", required=True), _text("name", required=True),
), ("overlay_id",), input=True)  # fmt: skip

_MEMBERS = Layer("members", "Point", (
    _key("member_id"), _text("member"), _text("kind", required=True, choices=MEMBER_KINDS),
    _count("capacity"), _text("phone"),
), ("member_id",), geometry_required=False, sensitive=True, input=True)  # fmt: skip

_CAMERAS = Layer("cameras", "Point", (
    _key("camera_id"), _text("gb_id"), _text("pole_id"), _text("camera"),
    _text("kind", choices=("bullet", "dome", "ptz", "panorama", "gate")),
    _measure("azimuth_deg", 0, 360), _measure("azimuth_tolerance_deg", 0, 180), _text("headings_deg"),
    _measure("hfov_deg", 0, 360), _measure("vfov_deg", 0, 180), _measure("focal_mm"), _text("sensor"),
    _count("width_px"), _count("height_px"), _measure("mount_m"), _measure("tilt_deg", -90, 90),
    _measure("range_m"), _measure("night_m"), _text("point_class", choices=_POINT_CLASSES),
    _text("status", choices=("working", "faulty", "offline")), _flag("networked"), _flag("shared"), _text("owner"),
    _moment("installed"), _moment("filed"), _flag("sign"), _count("retention_days"),
), ("camera_id",), sensitive=True, input=True)  # fmt: skip

_PLACES = Layer("places", "Point", (
    _key("place_id"), _text("place", required=True), _text("kind", required=True),
    Column("priority", "integer", required=True, low=1, high=3), _measure("radius_m"), _text("village_code"),
), ("place_id",), input=True)  # fmt: skip

_ZONES = Layer("zones", "MultiPolygon", (
    _key("zone_id"), _text("kind", required=True, choices=("forbidden", "consent", "residential")), _text("law"),
), ("zone_id",), input=True)  # fmt: skip

_POLES = Layer("poles", "Point", (
    _key("pole_id"), _text("kind", required=True, choices=("light", "power", "camera", "new")),
    _measure("cost_yuan"), _flag("power"), _flag("network"),
), ("pole_id",), input=True)  # fmt: skip

_INCIDENTS = Layer("incidents", "Point", (
    _key("incident_id"), _text("kind"), _text("month"),
), ("incident_id",), sensitive=True, input=True)  # fmt: skip

_TERRAIN = Layer("terrain", None, (_key("path"), _text("checksum"), _text("crs")), ("path",), input=True)

_PLANS = Layer("plans", None, (
    _key("plan"), _text("note"), _moment("made_at", required=True), _text("made_by"), _json("settings"),
    _text("status", required=True, choices=("draft", "review", "final")), _text("parent"),
), ("plan",))  # fmt: skip

_BLOCKS = Layer("blocks", "MultiPolygon", (
    _key("block_id"), _text("parent_id"), _text("village_code", required=True), _measure("households"),
    _measure("residents"), _measure("party_members"), _measure("workload"), _measure("area_m2"),
), ("block_id",), input=True)  # fmt: skip

_PLAN_BLOCKS = Layer("plan_blocks", None, (
    _key("plan"), _key("block_id"), _text("cell_code", required=True),
), ("plan", "block_id"))  # fmt: skip

_CELLS = Layer("cells", "MultiPolygon", (
    _key("cell_id"), _text("plan", required=True), _text("cell_code", required=True), _text("cell"),
    _text("kind", required=True, choices=("basic", "special")), _text("village_code", required=True),
    _measure("households"), _measure("residents"), _measure("party_members"), _measure("workload"),
    _measure("deviation_share", None), _measure("area_m2"), _share("compactness"), _flag("locked"),
    _text("party_group"), _text("responsible"), _text("note"), _moment("start_date", required=True),
    _moment("end_date"),
), ("cell_id",))  # fmt: skip

_ASSIGNMENTS = Layer("assignments", None, (
    _key("plan"), _key("cell_code"), _key("member_id"), _text("role", required=True, choices=ROLES),
    _measure("walk_m"),
), ("plan", "cell_code", "member_id"), sensitive=True)  # fmt: skip

_MICRO_CELLS = Layer("micro_cells", "MultiPolygon", (
    _key("plan"), _key("micro_code"), _text("cell_code", required=True), _measure("households"),
    _measure("residents"), _text("lead_id"),
), ("plan", "micro_code"), geometry_required=False)  # fmt: skip

_MICRO_HOMES = Layer("micro_homes", None, (
    _key("plan"), _key("micro_code"), _key("home_id"),
), ("plan", "micro_code", "home_id"), sensitive=True)  # fmt: skip

_CONTACTS = Layer("contacts", None, (
    _key("plan"), _key("home_id"), _key("member_id"), _measure("distance_m"),
), ("plan", "home_id", "member_id"), sensitive=True)  # fmt: skip

_RUNS = Layer("runs", None, (
    _key("run"), _text("kind", required=True, choices=("coverage", "site")), _text("plan"), _json("settings"),
    _moment("made_at", required=True),
), ("run",))  # fmt: skip

_VIEWS = Layer("views", "MultiPolygon", (
    _key("run"), _key("camera_id"), _measure("area_m2"), _measure("sure_m2"), _measure("possible_m2"),
    _flag("not_at_once"), _share("blocked_share"), _text("assumed"), _measure("obstacle_m"),
    _measure("best_azimuth_deg", 0, 360), _measure("best_m2"),
), ("run", "camera_id"), geometry_required=False, sensitive=True)  # fmt: skip

_COVERAGE = Layer("coverage", None, (
    _key("run"), _key("code"), _text("level", required=True, choices=("county", "town", "village", "cell")),
    _measure("aoi_m2"), _measure("covered_m2"), _share("covered_share"), _share("k2_share"), _measure("road_m"),
    _measure("road_covered_m"), _count("places"), _count("places_covered"), _count("junctions"),
    _count("junctions_covered"), _count("entrances"), _count("entrances_covered"),
    *(_count(name) for name in _COUNTED), *_COVERAGE_CODES,
), ("run", "code", "level"))  # fmt: skip

_COVERAGE_DETAILS = Layer("coverage_details", None, (
    _key("run"), _key("code"), _text("level", required=True, choices=("county", "town", "village", "cell")),
    _text("subject", required=True, choices=DETAILS), _key("item"), _measure("total"), _measure("covered"),
), ("run", "code", "level", "subject", "item"), sensitive=True)  # fmt: skip

_GAPS = Layer("gaps", "MultiPolygon", (
    _key("run"), _key("gap_id"), _text("village_code"), _text("cell_code"),
    _text("kind", required=True, choices=("area", "place", "junction", "entrance", "road", "cordon")),
    _measure("area_m2"), _measure("households_within"), _measure("weight"), _count("rank"),
    _measure("nearest_camera_m"), _text("reason", choices=("none", "blocked", "offline", "too_far", "too_coarse")),
    _text("hides"),
), ("run", "gap_id"))  # fmt: skip

_SITES = Layer("sites", "Point", (
    _key("run"), _key("site_id"), _text("pole_id"), _measure("azimuth_deg", 0, 360), _measure("hfov_deg", 0, 360),
    _measure("range_m"), _measure("gain"), _share("gain_share"), _measure("cost_yuan"), _count("phase"),
    _text("covers"),
), ("run", "site_id"), sensitive=True)  # fmt: skip

_PROBLEMS = Layer("problems", "Geometry", (
    _text("problem", required=True), _text("severity", required=True, choices=("error", "warning")),
    _text("layer"), _text("code"), _text("plan"), _text("run"), _text("message_zh", required=True),
    _text("message_en", required=True), _text("remedy"),
), (), geometry_required=False)  # fmt: skip

_HISTORY = Layer("history", None, (
    _key("id"), _moment("at", required=True), _text("who", required=True), _text("plan"),
    _text("action", required=True), _json("before"), _json("after"),
), ("id",))  # fmt: skip

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        _VILLAGES, _HOMES, _BUILDINGS, _BARRIERS, _HAMLETS, _OVERLAYS, _MEMBERS, _CAMERAS, _PLACES, _ZONES, _POLES,
        _INCIDENTS, _TERRAIN, _PLANS, _BLOCKS, _PLAN_BLOCKS, _CELLS, _ASSIGNMENTS, _MICRO_CELLS, _MICRO_HOMES,
        _CONTACTS, _RUNS, _VIEWS, _COVERAGE, _COVERAGE_DETAILS, _GAPS, _SITES, _PROBLEMS, _HISTORY,
    )
}  # fmt: skip
"""Every layer by its name, in the order in which a county is worked on."""
