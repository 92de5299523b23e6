"""Whether the storage of a project still fits together, and what programs outside changed in it.

QGIS, GDAL or a script may edit a project file. Whatever can be made anew from the rows (indexes, counts, extents,
triggers, registrations) is made anew and said; values and shapes that no layer may hold are listed with their rows.
A database refuses those itself, and only lacking tables and columns can be found there.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import shapely
from sqlalchemy import inspect

from api.store import gpkg
from api.store.codec import UNREADABLE, decode
from api.store.geometry import GEOMETRY_COLUMN, SRID
from api.store.models import RELATIONS
from spatial.layers import LAYERS, Layer
from spatial.problems import Problems

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

    from api.store.project import Project

__all__ = ["store_problems"]

_SHOWN = 20
"""Rows of a layer that are named."""
_ROUNDING_DEG = 1e-4
"""R-trees hold bounds in 32 bits, rounded outwards: 0.00003 degrees at most."""
_TYPE_IDS = {"Point": 0, "MultiLineString": 5, "MultiPolygon": 6}
_KINDS = {"text": "文本 text", "integer": "整数 whole number", "double": "数 number", "boolean": "0/1",
          "datetime": "时间 date-time", "json": "JSON"}  # fmt: skip
_WRONG = {
    "text": "typeof(\"{c}\") != 'text'",
    "integer": "typeof(\"{c}\") != 'integer'",
    "double": "typeof(\"{c}\") NOT IN ('real', 'integer')",
    "boolean": 'coalesce("{c}" NOT IN (0, 1), 1)',
    "datetime": '(typeof("{c}") != \'text\' OR julianday("{c}") ISNULL)',
    "json": 'NOT json_valid("{c}")',
}
"""What is wrong with a value of a kind, in SQLite's words."""


def store_problems(project: Project) -> Problems:
    """Find, and where nothing need be guessed mend, what does not fit in the storage of a project.

    Returns
    -------
    Problems
        `store-damaged`, `store-layer-missing`, `store-value`, `store-geometry` are errors, and reading those layers
        may be refused until they are put right; `store-mended` says what was made anew.
    """
    problems = Problems()
    lacking = _lacking(project, problems)
    if not project.is_file or lacking:
        return problems
    with project.backend.transaction(write=False) as connection:
        raw = cast("sqlite3.Connection", connection.connection.driver_connection)
        for (reason,) in raw.execute("PRAGMA integrity_check(3)").fetchall():
            if reason != "ok":
                problems.add("store-damaged", reason=reason)
        if problems.rows:
            return problems
        unfit = {name: _unfit(raw, name, problems) for name in sorted(RELATIONS)}
    stale = {name: what for name, what in unfit.items() if what}
    if stale:
        with project.backend.transaction(write=True) as connection:
            gpkg.heal(cast("sqlite3.Connection", connection.connection.driver_connection), RELATIONS)
        for name, (zh, en) in stale.items():
            problems.add("store-mended", layer=name, what_zh=zh, what_en=en)
    return problems


def _lacking(project: Project, problems: Problems) -> bool:
    """List tables and columns that are not there; tells whether any is missing."""
    with project.backend.transaction(write=False) as connection:
        asked = inspect(connection)
        there = {*asked.get_table_names(), *asked.get_view_names()}
        for name in sorted(RELATIONS):
            if name not in there:
                problems.add("store-layer-missing", code="", layer=name)
            elif name in LAYERS:
                form = LAYERS[name]
                wanted = [*form.names, *([GEOMETRY_COLUMN] if form.geometry else [])]
                held = {column["name"] for column in asked.get_columns(name)}
                for column in (one for one in wanted if one not in held):
                    problems.add("store-layer-missing", code=column, layer=name)
    return bool(problems.rows)


def _unfit(raw: sqlite3.Connection, name: str, problems: Problems) -> tuple[str, str] | None:
    """List values and shapes that a layer may not hold; gives what of its metadata does not fit, in both languages."""
    form = LAYERS.get(name)
    if form is not None:
        _check_values(raw, form, problems)
    if form is not None and form.geometry:
        fids, shapes = _check_shapes(raw, form, problems)
        if not _index_fits(raw, name, fids, shapes):
            return "空间索引", "its spatial index"
        if not _extent_fits(raw, name):
            return "范围", "its extent"
    return gpkg.unregistered(raw, name)


def _check_values(raw: sqlite3.Connection, form: Layer, problems: Problems) -> None:
    wrong = {one.name: f'("{one.name}" NOTNULL AND {_WRONG[one.kind].format(c=one.name)})' for one in form.columns}
    names = ", ".join(f'"{name}"' for name in wrong)
    rows = raw.execute(
        f'SELECT fid, {", ".join(wrong.values())}, {names} FROM "{form.name}" WHERE {" OR ".join(wrong.values())} '  # noqa: S608 - names of ours
        f"LIMIT {_SHOWN}"
    )
    for fid, *found in rows.fetchall():
        marks, values = found[: len(wrong)], found[len(wrong) :]
        for column, mark, value in zip(form.columns, marks, values, strict=True):
            if mark:
                problems.add(
                    "store-value", code=_row_name(form, fid, values), layer=form.name, column=column.name,
                    value=_short(value), kind=_KINDS[column.kind],
                )  # fmt: skip


def _check_shapes(
    raw: sqlite3.Connection, form: Layer, problems: Problems
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """List shapes of another type or system, or that cannot be read; gives all rows and their shapes."""
    key = f'"{form.key[0]}"' if form.key else "NULL"
    rows = raw.execute(f'SELECT fid, {GEOMETRY_COLUMN}, {key} FROM "{form.name}"').fetchall()  # noqa: S608
    blobs = [row[1] for row in rows]
    shapes = _opened(blobs)
    missing = np.array([blob is None for blob in blobs], bool)
    unread = shapely.is_missing(shapes) & ~missing
    srids = np.array([SRID if blob is None else _srid(blob) for blob in blobs], dtype=np.int64)
    kinds, wanted = shapely.get_type_id(shapes), _TYPE_IDS.get(str(form.geometry))
    other = (kinds >= 0) & (kinds != wanted) if wanted is not None else np.zeros(len(rows), bool)
    high, elsewhere = shapely.has_z(shapes), ~unread & (srids != SRID)
    wrong = (missing if form.geometry_required else np.zeros(len(rows), bool)) | unread | other | high | elsewhere
    for place in np.flatnonzero(wrong)[:_SHOWN].tolist():
        kind = "" if shapes[place] is None else shapes[place].geom_type
        zh, en = (
            ("缺失", "is missing") if missing[place]
            else ("读不出来", "cannot be read") if unread[place]
            else (f"是 {kind}", f"is a {kind}") if other[place]
            else ("带高程（Z）", "has heights (Z)") if high[place]
            else (f"的坐标系是 {srids[place]}，应为 {SRID}", f"is in system {srids[place]}, not {SRID}")
        )  # fmt: skip
        problems.add(
            "store-geometry", code=str(rows[place][2] or f"fid {rows[place][0]}"), layer=form.name,
            kind=str(form.geometry), reason_zh=zh, reason_en=en,
        )  # fmt: skip
    return np.array([row[0] for row in rows], dtype=np.int64), shapes


def _opened(blobs: list[Any]) -> NDArray[np.object_]:
    """Give the shapes of blobs, none where one is no shape."""
    try:
        return decode(blobs)
    except UNREADABLE:
        shapes = np.full(len(blobs), None, dtype=object)
        for place, blob in enumerate(blobs):
            with contextlib.suppress(*UNREADABLE):
                shapes[place] = decode([blob])[0]
        return shapes


def _srid(blob: Any) -> int:
    """Give the system that a blob's header names; that of the project where it is no blob."""
    whole = isinstance(blob, bytes) and len(blob) > 8
    return int.from_bytes(blob[4:8], "little" if blob[3] & 1 else "big", signed=True) if whole else SRID


def _index_fits(raw: sqlite3.Connection, name: str, fids: NDArray[np.int64], shapes: NDArray[np.object_]) -> bool:
    """Tell whether the R-tree holds the bounds of exactly the rows that have a shape."""
    index = f"rtree_{name}_{GEOMETRY_COLUMN}"
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (index,)).fetchone():
        return False
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    order = np.argsort(fids[there])
    bounds = shapely.bounds(shapes[there])[order][:, [0, 2, 1, 3]]
    held = np.array(raw.execute(f'SELECT * FROM "{index}" ORDER BY id').fetchall(), dtype=float).reshape(-1, 5)  # noqa: S608
    if not np.array_equal(held[:, 0], fids[there][order]):
        return False
    return bool((np.abs(held[:, 1:] - bounds) <= _ROUNDING_DEG).all())


def _extent_fits(raw: sqlite3.Connection, name: str) -> bool:
    """Tell whether the stored extent holds every row; one that is missing, or too large, is allowed."""
    asked = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?"
    stored = raw.execute(asked, (name,)).fetchone()
    rtree = f'SELECT min(minx), min(miny), max(maxx), max(maxy) FROM "rtree_{name}_{GEOMETRY_COLUMN}"'  # noqa: S608
    west, south, east, north = raw.execute(rtree).fetchone()
    if stored is None or west is None or stored[0] is None:
        return True
    low, high = _ROUNDING_DEG, -_ROUNDING_DEG
    return bool(
        stored[0] <= west + low and stored[1] <= south + low and stored[2] >= east + high and stored[3] >= north + high
    )


def _row_name(form: Layer, fid: int, values: list[Any]) -> str:
    keys = [values[form.names.index(name)] for name in form.key]
    return "/".join(str(key) for key in keys) if keys and all(key is not None for key in keys) else f"fid {fid}"


def _short(value: Any) -> str:
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 30 else f"{text[:30]}…"
