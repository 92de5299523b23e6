"""Styles that QGIS takes from the project file itself: its own table `layer_styles`, registered as attributes.

A style of ours says so, with a checksum, in its description; one that somebody changed in QGIS no longer fits its
checksum, is theirs, and stays as it is.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from api.store.geometry import GEOMETRY_COLUMN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

__all__ = ["STYLES", "install_styles"]

STYLES = "layer_styles"
_COLUMNS = (
    "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML", "styleSLD",
    "useAsDefault", "description", "owner",
)  # fmt: skip
_CREATE = f"""CREATE TABLE {STYLES} (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
    styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
"""As QGIS makes it."""
_SIGN = "随 wangge 附带 · comes with wangge"


def install_styles(connection: sqlite3.Connection, relations: Collection[str]) -> None:
    """Bring the styles of a project's tables and views up to date; styles that people made are left alone."""
    columns = {row[1] for row in connection.execute(f'PRAGMA table_info("{STYLES}")')}
    if columns and not columns.issuperset(_COLUMNS):
        return  # somebody else's table of that name
    if columns:
        _take_ours_away(connection)
    _add(connection, relations, made=bool(columns))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (STYLES,)).fetchone():
        connection.execute(
            f"UPDATE gpkg_ogr_contents SET feature_count = (SELECT count(*) FROM {STYLES}) WHERE table_name = ?",  # noqa: S608
            (STYLES,),
        )


def _take_ours_away(connection: sqlite3.Connection) -> None:
    stored = connection.execute(f"SELECT id, styleQML, description FROM {STYLES}").fetchall()  # noqa: S608
    ours = [(row,) for row, qml, said in stored if qml and said == _signed(qml)]
    connection.executemany(f"DELETE FROM {STYLES} WHERE id = ?", ours)  # noqa: S608


def _add(connection: sqlite3.Connection, relations: Collection[str], *, made: bool) -> None:
    from files.qml import STYLED, layer_qml  # noqa: PLC0415 - only a new or upgraded file needs it

    wanted = [name for name in STYLED if name in relations]
    if not wanted:
        if made and not connection.execute(f"SELECT 1 FROM {STYLES}").fetchone():  # noqa: S608
            connection.execute(f"DROP TABLE {STYLES}")
            for metadata in ("gpkg_ogr_contents", "gpkg_contents"):
                connection.execute(f"DELETE FROM {metadata} WHERE table_name = ?", (STYLES,))  # noqa: S608
        return
    if not made:
        connection.execute(_CREATE)
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
        (STYLES, STYLES),
    )
    connection.execute("INSERT OR IGNORE INTO gpkg_ogr_contents VALUES (?, 0)", (STYLES,))
    theirs = {
        name
        for (name,) in connection.execute(f"SELECT f_table_name FROM {STYLES} WHERE useAsDefault")  # noqa: S608
    }
    marks = ", ".join("?" * len(_COLUMNS))
    for name in wanted:
        qml = str(layer_qml(name))
        row = ("", "", name, GEOMETRY_COLUMN, f"网格 {name}", qml, "", int(name not in theirs), _signed(qml), "wangge")
        connection.execute(f"INSERT INTO {STYLES} ({', '.join(_COLUMNS)}) VALUES ({marks})", row)  # noqa: S608


def _signed(qml: str) -> str:
    return f"{_SIGN} {zlib.crc32(qml.encode()):08x}"
