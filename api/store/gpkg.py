"""GeoPackage 1.4 on stock sqlite3: metadata tables, layers, spatial indexes, and how to heal them.

Everything works on a plain `sqlite3.Connection` inside the caller's transaction. What is a layer is read from
the tables themselves (the declared type of a column), so that `heal` can register whatever a migration made.
Sources: OGC 12-128r19 (GeoPackage 1.4), its R-tree extension (annex F.3), and GDAL's `gpkg_ogr_contents`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyproj

from api.store.geometry import GEOMETRY_COLUMN, SRID
from api.store.styles import install_styles

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

__all__ = [
    "create_base",
    "drop_triggers",
    "geometry_type",
    "heal",
    "make_triggers",
    "touch",
    "unregistered",
]

_GEOMETRY_TYPES = {
    "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
}  # fmt: skip
_APPLICATION_ID = 0x47504B47  # "GPKG"
_USER_VERSION = 10400
_RTREE_SPEC = "http://www.geopackage.org/spec120/#extension_rtree"
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"

_BASE = (
    """CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT)""",
    f"""CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT ({_NOW}),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
    """CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER DEFAULT NULL)""",
)

_RTREE_TRIGGERS = (
    """CREATE TRIGGER "rtree_{t}_{c}_insert" AFTER INSERT ON "{t}"
    WHEN (new."{c}" NOT NULL AND NOT ST_IsEmpty(NEW."{c}"))
    BEGIN INSERT OR REPLACE INTO "rtree_{t}_{c}" VALUES (NEW."{i}", ST_MinX(NEW."{c}"), ST_MaxX(NEW."{c}"),
    ST_MinY(NEW."{c}"), ST_MaxY(NEW."{c}")); END""",
    """CREATE TRIGGER "rtree_{t}_{c}_update2" AFTER UPDATE ON "{t}"
    WHEN OLD."{i}" = NEW."{i}" AND (NEW."{c}" ISNULL OR ST_IsEmpty(NEW."{c}"))
    BEGIN DELETE FROM "rtree_{t}_{c}" WHERE id = OLD."{i}"; END""",
    """CREATE TRIGGER "rtree_{t}_{c}_update4" AFTER UPDATE ON "{t}"
    WHEN OLD."{i}" != NEW."{i}" AND (NEW."{c}" NOTNULL AND NOT ST_IsEmpty(NEW."{c}"))
    BEGIN DELETE FROM "rtree_{t}_{c}" WHERE id = OLD."{i}";
    INSERT OR REPLACE INTO "rtree_{t}_{c}" VALUES (NEW."{i}", ST_MinX(NEW."{c}"), ST_MaxX(NEW."{c}"),
    ST_MinY(NEW."{c}"), ST_MaxY(NEW."{c}")); END""",
    """CREATE TRIGGER "rtree_{t}_{c}_update5" AFTER UPDATE ON "{t}"
    WHEN OLD."{i}" != NEW."{i}" AND (NEW."{c}" ISNULL OR ST_IsEmpty(NEW."{c}"))
    BEGIN DELETE FROM "rtree_{t}_{c}" WHERE id IN (OLD."{i}", NEW."{i}"); END""",
    """CREATE TRIGGER "rtree_{t}_{c}_update6" AFTER UPDATE OF "{c}" ON "{t}"
    WHEN OLD."{i}" = NEW."{i}" AND (NEW."{c}" NOTNULL AND NOT ST_IsEmpty(NEW."{c}"))
    AND (OLD."{c}" NOTNULL AND NOT ST_IsEmpty(OLD."{c}"))
    BEGIN UPDATE "rtree_{t}_{c}" SET minx = ST_MinX(NEW."{c}"), maxx = ST_MaxX(NEW."{c}"),
    miny = ST_MinY(NEW."{c}"), maxy = ST_MaxY(NEW."{c}") WHERE id = NEW."{i}"; END""",
    """CREATE TRIGGER "rtree_{t}_{c}_update7" AFTER UPDATE OF "{c}" ON "{t}"
    WHEN OLD."{i}" = NEW."{i}" AND (NEW."{c}" NOTNULL AND NOT ST_IsEmpty(NEW."{c}"))
    AND (OLD."{c}" ISNULL OR ST_IsEmpty(OLD."{c}"))
    BEGIN INSERT INTO "rtree_{t}_{c}" VALUES (NEW."{i}", ST_MinX(NEW."{c}"), ST_MaxX(NEW."{c}"),
    ST_MinY(NEW."{c}"), ST_MaxY(NEW."{c}")); END""",
    """CREATE TRIGGER "rtree_{t}_{c}_delete" AFTER DELETE ON "{t}" WHEN old."{c}" NOT NULL
    BEGIN DELETE FROM "rtree_{t}_{c}" WHERE id = OLD."{i}"; END""",
)
_COUNT_TRIGGERS = (
    """CREATE TRIGGER "trigger_insert_feature_count_{t}" AFTER INSERT ON "{t}"
    BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count + 1
    WHERE lower(table_name) = lower('{t}'); END""",
    """CREATE TRIGGER "trigger_delete_feature_count_{t}" AFTER DELETE ON "{t}"
    BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count - 1
    WHERE lower(table_name) = lower('{t}'); END""",
)


def create_base(connection: sqlite3.Connection) -> None:
    """Write the metadata tables and the file's identity; must be done before the file goes into WAL mode."""
    for statement in _BASE:
        connection.execute(statement)
    connection.execute(f"pragma application_id = {_APPLICATION_ID}")
    connection.execute(f"pragma user_version = {_USER_VERSION}")
    systems = [
        ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
    ]
    for code in (4326, SRID):
        crs = pyproj.CRS.from_epsg(code)
        systems.append((crs.name, code, "EPSG", code, crs.to_wkt("WKT1_GDAL"), ""))
    connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", systems)


def geometry_type(connection: sqlite3.Connection, table: str) -> str | None:
    """Give the declared geometry type of a table or registered view, or None for a table without geometry."""
    for _, name, declared, *_ in connection.execute(f'PRAGMA table_info("{table}")'):
        if name == GEOMETRY_COLUMN and declared.upper() in _GEOMETRY_TYPES:
            return str(declared.upper())
    return None


def make_triggers(connection: sqlite3.Connection, table: str) -> None:
    """Create the triggers that keep the feature count and, with a geometry, the R-tree."""
    statements = _COUNT_TRIGGERS + (_RTREE_TRIGGERS if geometry_type(connection, table) else ())
    for statement in statements:
        connection.execute(statement.format(t=table, c=GEOMETRY_COLUMN, i="fid"))


def drop_triggers(connection: sqlite3.Connection, table: str) -> None:
    """Drop every trigger of a table, for a bulk load in the same transaction."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))
    for (name,) in names.fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')


def _is_registered(connection: sqlite3.Connection, name: str) -> bool:
    kind = geometry_type(connection, name)
    asked = "SELECT data_type, coalesce(srs_id, 0) FROM gpkg_contents WHERE table_name = ?"
    if connection.execute(asked, (name,)).fetchall() != [("features", SRID) if kind else ("attributes", 0)]:
        return False
    asked = "SELECT column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    return connection.execute(asked, (name,)).fetchall() == ([(GEOMETRY_COLUMN, kind, SRID)] if kind else [])


def _trigger_names(table: str, *, geometry: bool) -> list[str]:
    statements = _COUNT_TRIGGERS + (_RTREE_TRIGGERS if geometry else ())
    return [one.split('"')[1].format(t=table, c=GEOMETRY_COLUMN) for one in statements]


def touch(connection: sqlite3.Connection, table: str) -> None:
    """Refresh the extent and the time of change of a layer; GDAL trusts both."""
    extent = (
        f'(SELECT min(minx), min(miny), max(maxx), max(maxy) FROM "rtree_{table}_{GEOMETRY_COLUMN}")'  # noqa: S608
        if geometry_type(connection, table)
        else "(NULL, NULL, NULL, NULL)"
    )
    connection.execute(
        f"UPDATE gpkg_contents SET last_change = {_NOW}, (min_x, min_y, max_x, max_y) = {extent} "  # noqa: S608
        "WHERE table_name = ?",
        (table,),
    )


def unregistered(connection: sqlite3.Connection, name: str) -> tuple[str, str] | None:
    """Say, in Chinese and English, what a layer lacks of registration, triggers or count; None where all is there."""
    kind = geometry_type(connection, name)
    if not _is_registered(connection, name):
        return "登记（gpkg_contents 等）", "its registration (gpkg_contents and others)"
    if connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (name,)).fetchone() != ("table",):
        return None
    wanted = len(_COUNT_TRIGGERS) + (len(_RTREE_TRIGGERS) if kind else 0)
    asked = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    triggers = {one for (one,) in connection.execute(asked, (name,))}
    if len(triggers & set(_trigger_names(name, geometry=bool(kind)))) < wanted:
        return "触发器", "its triggers"
    asked = "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?"
    count = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a name of ours
    if connection.execute(asked, (name,)).fetchall() not in ([(count,)], [(None,)]):
        return "行数", "its count of rows"
    return None


def heal(connection: sqlite3.Connection, relations: Collection[str]) -> None:
    """Bring metadata, indexes and triggers in line with the tables that are there.

    To be called after every migration: forgets tables that are gone, registers those of `relations` (tables and
    views) that are new, rebuilds their R-trees, triggers, counts and extents, and brings the styles that come with
    them up to date. Tables of others are left alone.
    """
    registered = {name for (name,) in connection.execute("SELECT table_name FROM gpkg_contents")}
    have = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')").fetchall())
    amiss = {name for name in registered & have.keys() & set(relations) if not _is_registered(connection, name)}
    for gone in (registered - have.keys()) | amiss:
        _forget(connection, gone)
    registered -= amiss
    for name in (one for one in have if one in relations):
        if name not in registered:
            _register(connection, name, indexed=have[name] == "table")
        if have[name] == "table":
            drop_triggers(connection, name)
            _rebuild(connection, name)
            make_triggers(connection, name)
            touch(connection, name)
    install_styles(connection, [one for one in have if one in relations])


def _register(connection: sqlite3.Connection, name: str, *, indexed: bool) -> None:
    """Make a table or view a GeoPackage layer, or `attributes` where it has no geometry.

    A view has no index and no stored extent or count: GDAL then computes them from the rows of the moment.
    """
    kind = geometry_type(connection, name)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)",
        (name, "features" if kind else "attributes", name, SRID if kind else None),
    )
    column = (name, GEOMETRY_COLUMN)
    if kind:
        connection.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", (*column, kind, SRID))
    if indexed:
        connection.execute("INSERT INTO gpkg_ogr_contents VALUES (?, 0)", (name,))
    if indexed and kind:
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')", (*column, _RTREE_SPEC)
        )


def _rebuild(connection: sqlite3.Connection, table: str) -> None:
    """Build the R-tree and the feature count of a table anew from its rows."""
    if geometry_type(connection, table):
        index = f"rtree_{table}_{GEOMETRY_COLUMN}"
        connection.execute(f'DROP TABLE IF EXISTS "{index}"')
        connection.execute(f'CREATE VIRTUAL TABLE "{index}" USING rtree(id, minx, maxx, miny, maxy)')
        c = GEOMETRY_COLUMN
        connection.execute(
            f'INSERT INTO "{index}" SELECT fid, ST_MinX({c}), ST_MaxX({c}), ST_MinY({c}), ST_MaxY({c}) '  # noqa: S608
            f'FROM "{table}" WHERE {c} NOTNULL AND NOT ST_IsEmpty({c})'
        )
    connection.execute(
        f'UPDATE gpkg_ogr_contents SET feature_count = (SELECT count(*) FROM "{table}") WHERE table_name = ?',  # noqa: S608
        (table,),
    )


def _forget(connection: sqlite3.Connection, table: str) -> None:
    """Remove the metadata and the index of a table that was dropped."""
    connection.execute(f'DROP TABLE IF EXISTS "rtree_{table}_{GEOMETRY_COLUMN}"')
    for metadata in ("gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents", "gpkg_contents"):
        connection.execute(f"DELETE FROM {metadata} WHERE table_name = ?", (table,))  # noqa: S608
