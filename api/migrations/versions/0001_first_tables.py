"""The first tables: every layer, the settings, and the view of the current cells.

The schema is written out here as it was then (later changes of `spatial.layers` are migrations of their own):
per table its geometry type, its unique key, a looked-up column, and its columns as `name:type`, `!` for NOT NULL.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from api.store.column_types import GEOPACKAGE, Json, Moment, Number, Shape

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TYPES: dict[str, Any] = {
    "text": sa.Text(), "integer": Number, "double": sa.Double(), "boolean": sa.Boolean(), "datetime": Moment(),
    "json": Json(),
}  # fmt: skip

_TABLES: dict[str, tuple[str | None, str, str | None, str]] = {
    "villages": ("MULTIPOLYGON!", "village_code", None,
        ("village_code:text! village:text! town_code:text! town:text! county_code:text! county:text! kind:text "
        "class:text households:integer residents:integer occupied_households:integer party_members:integer")),
    "homes": ("POINT!", "home_id", "village_code",
        ("home_id:text! village_code:text households:integer! occupied_households:integer residents:integer "
        "party_members:integer special:integer hamlet:text")),
    "buildings": ("MULTIPOLYGON!", "building_id", None,
        "building_id:text! floors:integer height_m:double households:integer"),
    "barriers": ("MULTILINESTRING!", "barrier_id", None,
        "barrier_id:text! kind:text! road_class:text weight:double bridge:boolean"),
    "hamlets": ("MULTIPOLYGON!", "hamlet_id", None,
        "hamlet_id:text! hamlet:text! village_code:text!"),
    "overlays": ("MULTIPOLYGON!", "overlay_id", None,
        "overlay_id:text! system:text! name:text!"),
    "members": ("POINT", "member_id", None,
        "member_id:text! member:text kind:text! capacity:integer phone:text"),
    "cameras": ("POINT!", "camera_id", None,
        ("camera_id:text! gb_id:text pole_id:text camera:text kind:text azimuth_deg:double "
        "azimuth_tolerance_deg:double headings_deg:text hfov_deg:double vfov_deg:double focal_mm:double "
        "sensor:text width_px:integer height_px:integer mount_m:double tilt_deg:double range_m:double "
        "night_m:double point_class:text status:text networked:boolean shared:boolean owner:text "
        "installed:datetime filed:datetime sign:boolean retention_days:integer")),
    "places": ("POINT!", "place_id", None,
        "place_id:text! place:text! kind:text! priority:integer! radius_m:double village_code:text"),
    "zones": ("MULTIPOLYGON!", "zone_id", None,
        "zone_id:text! kind:text! law:text"),
    "poles": ("POINT!", "pole_id", None,
        "pole_id:text! kind:text! cost_yuan:double power:boolean network:boolean"),
    "incidents": ("POINT!", "incident_id", None,
        "incident_id:text! kind:text month:text"),
    "terrain": (None, "path", None,
        "path:text! checksum:text crs:text"),
    "plans": (None, "plan", None,
        "plan:text! note:text made_at:datetime! made_by:text settings:json status:text! parent:text"),
    "blocks": ("MULTIPOLYGON!", "block_id", "village_code",
        ("block_id:text! parent_id:text village_code:text! households:double residents:double party_members:double "
        "workload:double area_m2:double")),
    "plan_blocks": (None, "plan block_id", None,
        "plan:text! block_id:text! cell_code:text!"),
    "cells": ("MULTIPOLYGON!", "cell_id", "plan",
        ("cell_id:text! plan:text! cell_code:text! cell:text kind:text! village_code:text! households:double "
        "residents:double party_members:double workload:double deviation_share:double area_m2:double "
        "compactness:double locked:boolean party_group:text responsible:text note:text start_date:datetime! "
        "end_date:datetime")),
    "assignments": (None, "plan cell_code member_id", None,
        "plan:text! cell_code:text! member_id:text! role:text! walk_m:double"),
    "micro_cells": ("MULTIPOLYGON", "plan micro_code", None,
        "plan:text! micro_code:text! cell_code:text! households:double residents:double lead_id:text"),
    "micro_homes": (None, "plan micro_code home_id", None,
        "plan:text! micro_code:text! home_id:text!"),
    "contacts": (None, "plan home_id member_id", None,
        "plan:text! home_id:text! member_id:text! distance_m:double"),
    "runs": (None, "run", None,
        "run:text! kind:text! plan:text settings:json made_at:datetime!"),
    "views": ("MULTIPOLYGON", "run camera_id", None,
        ("run:text! camera_id:text! area_m2:double sure_m2:double possible_m2:double not_at_once:boolean "
        "blocked_share:double assumed:text")),
    "coverage": (None, "run code level", None,
        ("run:text! code:text! level:text! aoi_m2:double covered_m2:double covered_share:double k2_share:double "
        "road_m:double road_covered_m:double places:integer places_covered:integer junctions:integer "
        "junctions_covered:integer entrances:integer entrances_covered:integer cameras:integer "
        "cameras_working:integer cameras_networked:integer cameras_filed:integer cameras_hd:integer "
        "cameras_1:integer cameras_working_1:integer cameras_networked_1:integer cameras_filed_1:integer "
        "cameras_hd_1:integer cameras_2:integer cameras_working_2:integer cameras_networked_2:integer "
        "cameras_filed_2:integer cameras_hd_2:integer cameras_3:integer cameras_working_3:integer "
        "cameras_networked_3:integer cameras_filed_3:integer cameras_hd_3:integer cameras_9:integer "
        "cameras_working_9:integer cameras_networked_9:integer cameras_filed_9:integer cameras_hd_9:integer")),
    "gaps": ("MULTIPOLYGON!", "run gap_id", None,
        ("run:text! gap_id:text! village_code:text cell_code:text kind:text! area_m2:double "
        "households_within:double weight:double rank:integer nearest_camera_m:double reason:text")),
    "sites": ("POINT!", "run site_id", None,
        ("run:text! site_id:text! pole_id:text azimuth_deg:double hfov_deg:double range_m:double gain:double "
        "gain_share:double cost_yuan:double phase:integer covers:text")),
    "problems": ("GEOMETRY", "", "plan",
        ("problem:text! severity:text! layer:text code:text plan:text run:text message_zh:text! message_en:text! "
        "remedy:text")),
    "history": (None, "id", "plan",
        "id:text! at:datetime! who:text! plan:text action:text! before:json after:json"),
    "project": (None, "key", None, "key:text! value:json"),
}  # fmt: skip

_CURRENT = (
    "CREATE VIEW cells_current AS SELECT fid, {columns}, geom FROM cells "
    "WHERE end_date IS NULL AND plan = (SELECT plan FROM plans ORDER BY made_at DESC, fid DESC LIMIT 1)"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _prepare_postgis()
    for name, (shape, key, looked_up, columns) in _TABLES.items():
        _create(name, shape, key.split(), columns.split())
        if looked_up:
            op.create_index(f"ix_{name}_{looked_up}", name, [looked_up])
        if shape and op.get_bind().dialect.name != GEOPACKAGE:
            op.create_index(f"idx_{name}_geom", name, ["geom"], postgresql_using="gist")
    columns = ", ".join(f'"{column.split(":")[0]}"' for column in _TABLES["cells"][3].split())
    op.execute(_CURRENT.format(columns=columns))


def downgrade() -> None:
    op.execute("DROP VIEW cells_current")
    for name in reversed(_TABLES):
        op.drop_table(name)


def _create(name: str, shape: str | None, key: list[str], columns: list[str]) -> None:
    parts: list[sa.Column[Any] | sa.Constraint] = [sa.Column("fid", Number, nullable=False)]
    for column in columns:
        title, kind = column.rstrip("!").split(":")
        parts.append(sa.Column(title, _TYPES[kind], nullable=not column.endswith("!")))
    if shape:
        parts.append(sa.Column("geom", Shape(shape.rstrip("!")), nullable=not shape.endswith("!")))
    parts.append(sa.PrimaryKeyConstraint("fid", name=f"pk_{name}"))
    if key:
        parts.append(sa.UniqueConstraint(*key, name=f"uq_{name}"))
    op.create_table(name, *parts)


def _prepare_postgis() -> None:
    """Make PostGIS and EPSG:4490 available; some builds ship without the Chinese systems."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    known = op.get_bind().scalar(sa.text("SELECT count(*) FROM spatial_ref_sys WHERE srid = 4490"))
    if not known:
        import pyproj  # noqa: PLC0415 - only needed here

        crs = pyproj.CRS.from_epsg(4490)
        op.get_bind().execute(
            sa.text("INSERT INTO spatial_ref_sys VALUES (4490, 'EPSG', 4490, :wkt, :proj)"),
            {"wkt": crs.to_wkt("WKT1_GDAL"), "proj": "+proj=longlat +ellps=GRS80 +no_defs +type=crs"},
        )
