"""Frames to plain values and back: one place that knows which type every column has in pandas and in SQL.

Values are str, int, float, bool or None on the way in (moments and JSON as text), which both backends take as
they are. On the way out every column has the dtype of its kind, also in an empty frame.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.store.column_types import wrong_type
from spatial.crs import STORAGE
from spatial.errors import CrsError, SchemaError

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from spatial.layers import Column, Layer

__all__ = [
    "as_read",
    "check_columns",
    "column_array",
    "column_values",
    "dump_json",
    "geometry_values",
    "make_frame",
    "plain_rows",
]

_MULTI: dict[str, tuple[int, int, Any]] = {
    "MultiPolygon": (3, 6, shapely.multipolygons),
    "MultiLineString": (1, 5, shapely.multilinestrings),
}
_HOLLOW = {"MultiPolygon": shapely.MultiPolygon(), "MultiLineString": shapely.MultiLineString()}
_TYPE_IDS = {"Point": 0, "MultiLineString": 5, "MultiPolygon": 6}


def check_columns(layer: Layer, frame: pd.DataFrame) -> list[Column]:
    """Give the columns of `layer` that `frame` holds, in the layer's order; `fid` and geometry aside.

    Raises
    ------
    SchemaError
        For columns the layer does not have, required ones that are missing, or required values that are.
    """
    known = {*layer.names, "fid"} | ({"geometry"} if layer.geometry else set())
    unknown = [str(name) for name in frame.columns if name not in known]
    if unknown:
        raise SchemaError(
            f"图层 {layer.name} 没有这些列：{'、'.join(unknown)}；它的列是 {'、'.join(layer.names)}",
            f"layer {layer.name} has no columns {', '.join(unknown)}; it has {', '.join(layer.names)}",
        )
    return [column for column in layer.columns if column.name in frame.columns]


def column_values(layer: Layer, column: Column, series: pd.Series[Any]) -> list[Any]:
    """Turn one column of a frame into plain values for SQL, refusing what its kind does not allow."""
    missing = np.zeros(len(series), bool) if column.kind == "json" else series.isna().to_numpy()
    if column.required and missing.any():
        row = int(np.flatnonzero(missing)[0])
        raise SchemaError(
            f"图层 {layer.name} 第 {row + 1} 行：{column.name} 不能为空（共 {int(missing.sum())} 行）",
            f"layer {layer.name} row {row + 1}: {column.name} must not be empty ({int(missing.sum())} rows)",
        )
    try:
        values = _WRITERS[column.kind](series, missing)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"图层 {layer.name} 的列 {column.name} 应为 {column.kind}，数据是 {series.dtype}：{error}",
            f"layer {layer.name}: column {column.name} must be {column.kind}, got {series.dtype}: {error}",
        ) from error
    return values


def geometry_values(layer: Layer, frame: pd.DataFrame) -> NDArray[np.object_]:
    """Give the geometries of a frame, single parts promoted to the layer's Multi type; types are checked.

    Raises
    ------
    CrsError
        Unless the frame is in EPSG:4490 (or holds no geometry at all).
    GeometryTypeError
        For another type than the layer's, or with heights (Z).
    SchemaError
        Where the layer needs a geometry and a row has none.
    """
    geometries = np.full(len(frame), None, dtype=object)
    if "geometry" in frame.columns:
        given = frame["geometry"].to_numpy(dtype=object)
        there = ~pd.isna(given)
        geometries[there] = given[there]
        _check_crs(layer, getattr(frame["geometry"], "crs", None), geometries)
    missing = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    if layer.geometry_required and missing.any():
        row = int(np.flatnonzero(missing)[0])
        raise SchemaError(
            f"图层 {layer.name} 第 {row + 1} 行没有几何（共 {int(missing.sum())} 行）",
            f"layer {layer.name} row {row + 1} has no geometry ({int(missing.sum())} rows)",
        )
    if shapely.has_z(geometries).any():
        raise wrong_type(layer.name, str(layer.geometry), "Z", int(shapely.has_z(geometries).sum()))
    return _promote(layer, geometries)


def make_frame(layer: Layer, names: Sequence[str], columns: Sequence[Sequence[Any]], shapes: Any) -> pd.DataFrame:
    """Build the frame of a read: `columns` hold raw values per name, `shapes` the geometries where named."""
    data: dict[str, Any] = {}
    for name, values in zip(names, columns, strict=True):
        if name == "geometry":
            data[name] = gpd.GeoSeries(shapes, crs=STORAGE)
        else:
            data[name] = column_array(None if name == "fid" else layer.column(name), values)
    if "geometry" in data:
        frame: pd.DataFrame = gpd.GeoDataFrame(data, geometry="geometry", crs=STORAGE)
        return frame
    return pd.DataFrame(data)


def as_read(layer: Layer, frame: pd.DataFrame) -> Any:
    """Give a frame as the store would give it back after storing it: all columns, their types, Multi geometries.

    Raises what storing it would raise for its columns and geometries.
    """
    given = {column.name: column_values(layer, column, frame[column.name]) for column in check_columns(layer, frame)}
    missing = [None] * len(frame)
    names = [*layer.names, *(["geometry"] if layer.geometry else [])]
    columns = [given.get(name, missing) for name in names]
    return make_frame(layer, names, columns, geometry_values(layer, frame) if layer.geometry else None)


def column_array(column: Column | None, values: Sequence[Any]) -> Any:
    """Turn raw values into an array of the column's dtype; None stands for `fid`."""
    kind = "integer" if column is None else column.kind
    if kind == "text":
        return pd.array(list(values), dtype="str")
    if kind == "integer":
        whole = column is None or column.required
        return np.array(values, dtype=np.int64) if whole else pd.array(list(values), dtype="Int64")
    if kind == "double":
        return np.array(values, dtype=np.float64)
    if kind == "boolean":
        flags = [None if value is None else bool(value) for value in values]
        return pd.array(flags, dtype="boolean")
    if kind == "datetime":
        return pd.DatetimeIndex(pd.to_datetime(list(values), utc=True, format="ISO8601")).as_unit("ms").array
    parsed = np.empty(len(values), dtype=object)
    parsed[:] = [None if value is None else json.loads(value) for value in values]
    return parsed


def dump_json(value: Any) -> str | None:
    """Write a value as JSON text; numpy scalars, moments and missing values become plain ones, None stays None.

    >>> dump_json({"households": np.int64(3), "share": float("nan")})
    '{"households": 3, "share": null}'
    """
    return None if value is None else json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give rows as plain values, fit for JSON; missing values are None."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _check_crs(layer: Layer, crs: pyproj.CRS | None, geometries: NDArray[np.object_]) -> None:
    if crs == STORAGE or (crs is None and shapely.is_missing(geometries).all()):
        return
    name = crs.name if crs else None
    raise CrsError(
        f"图层 {layer.name} 的坐标系是 {name}，存储需要 {STORAGE}",
        f"layer {layer.name} is in {name}; the store holds {STORAGE}",
    )


def _promote(layer: Layer, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Wrap single parts as Multi* and refuse every other type."""
    if layer.geometry == "Geometry":
        return geometries
    kinds = shapely.get_type_id(geometries)
    if layer.geometry in _MULTI:
        single, multi, wrap = _MULTI[layer.geometry]
        lone = np.flatnonzero(kinds == single)
        if len(lone):
            full = lone[~shapely.is_empty(geometries[lone])]
            parts = geometries[full]
            geometries[lone] = _HOLLOW[layer.geometry]
            geometries[full] = wrap(parts, indices=np.arange(len(full)))
            kinds[lone] = multi
    wrong = (kinds >= 0) & (kinds != _TYPE_IDS[str(layer.geometry)])
    if wrong.any():
        found = sorted({one.geom_type for one in geometries[wrong]})
        raise wrong_type(layer.name, str(layer.geometry), "/".join(found), int(wrong.sum()))
    return geometries


def _texts(series: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    values = series.astype(object).tolist()
    for row in np.flatnonzero(missing).tolist():
        values[row] = None
    if not all(isinstance(value, str) or value is None for value in values):
        wrong = next(value for value in values if not isinstance(value, str) and value is not None)
        raise TypeError(f"{wrong!r} is no text")
    return values


def _whole_numbers(series: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    if pd.api.types.is_integer_dtype(series.dtype):
        return _with_none(series, missing)
    numbers = pd.to_numeric(series[~missing])
    if pd.api.types.is_float_dtype(numbers.dtype) and not (numbers == np.floor(numbers)).all():
        raise ValueError(f"{numbers[numbers != np.floor(numbers)].iloc[0]} is no whole number")
    return _scatter(numbers.astype("int64").tolist(), missing)


def _numbers(series: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    numbers = pd.to_numeric(series[~missing]).astype("float64") + 0.0  # SQLite knows no minus zero: nobody stores one
    return _scatter(numbers.tolist(), missing)


def _flags(series: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    return _with_none(series.astype("boolean"), missing)


def _moments(series: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    moments = pd.to_datetime(series[~missing], utc=True, format="ISO8601").dt.as_unit("ms")
    return _scatter([f"{text}Z" for text in np.datetime_as_string(moments.to_numpy("datetime64[ms]"))], missing)


def _json_texts(series: pd.Series[Any], _missing: NDArray[np.bool_]) -> list[Any]:
    return [dump_json(_plain(value)) for value in series.astype(object).tolist()]


_WRITERS = {
    "text": _texts, "integer": _whole_numbers, "double": _numbers, "boolean": _flags, "datetime": _moments,
    "json": _json_texts,
}  # fmt: skip


def _with_none(series: pd.Series[Any], missing: NDArray[np.bool_]) -> list[Any]:
    values = series.astype(object).tolist()
    for row in np.flatnonzero(missing).tolist():
        values[row] = None
    return values


def _scatter(present: Iterable[Any], missing: NDArray[np.bool_]) -> list[Any]:
    """Put present values back into their rows, None into the others."""
    if not missing.any():
        return list(present)
    values = np.full(len(missing), None, dtype=object)
    values[~missing] = np.array(list(present), dtype=object)
    return values.tolist()


def _plain(value: Any) -> Any:
    """Make a value fit for JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray, pd.Series)):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value
