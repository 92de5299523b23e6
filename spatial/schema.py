"""Holds a frame to the contract of its layer: every fault, found in one pass over columns.

Used at the door, where the index of the frame is the row number of the file, and by `check` on what is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.layers import LAYERS
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from spatial.layers import Column, Layer

__all__ = ["FAULT_COLUMNS", "check_frame", "faults"]

FAULT_COLUMNS = ["row", "column", "value", "reason_zh", "reason_en"]

_Reason = tuple[str, str]
_Found = tuple["NDArray[np.bool_]", str, _Reason]

_SIMPLE = {"Point": ("Point",), "MultiLineString": ("LineString", "MultiLineString"),
           "MultiPolygon": ("Polygon", "MultiPolygon")}  # fmt: skip
_TYPE_IDS = {"Point": 0, "LineString": 1, "Polygon": 3, "MultiLineString": 5, "MultiPolygon": 6}


def check_frame(layer: str, frame: pd.DataFrame) -> Problems:
    """List what is wrong with a frame of `layer` as problems, drawn where the row has a geometry.

    Missing required columns, missing values, wrong types, values out of range or not in the list, repeated
    keys, geometry missing, empty, of another type or invalid. An empty frame has no faults. KeyError for an
    unknown layer.
    """
    problems = Problems()
    contract = LAYERS[layer]
    plain = frame.reset_index(drop=True)
    for name in _missing_columns(contract, plain):
        problems.add("column-missing", code=name, layer=layer)
    found = faults(layer, plain)
    if found.empty:
        return problems
    keys = [name for name in contract.key if name in plain]
    codes = plain[keys].astype(str).agg(":".join, axis=1) if keys else pd.Series("", index=plain.index)
    shapes = plain.geometry if isinstance(plain, gpd.GeoDataFrame) else None
    for fault in found.to_dict("records"):
        row = int(fault.pop("row"))
        kind = "geometry-wrong" if fault["column"] == "geometry" else "value-wrong"
        shape = None if shapes is None else shapes[row]
        point = None if shape is None or shape.is_empty else shape.representative_point()
        problems.add(kind, code=codes[row], geometry=point, layer=layer, **{str(k): v for k, v in fault.items()})
    return problems


def faults(layer: str, frame: pd.DataFrame) -> pd.DataFrame:
    """List the faults of the values of a frame: row (its index label), column, value and the reason in both languages.

    Columns that are missing as a whole are not listed; see `check_frame`.
    """
    contract = LAYERS[layer]
    parts = [_rows(frame, mask, name, reason) for mask, name, reason in _find(contract, frame)]
    if not parts:
        return pd.DataFrame(columns=FAULT_COLUMNS)
    order = {name: place for place, name in enumerate([*contract.names, "geometry"])}
    listed = pd.concat(parts, ignore_index=True)
    listed["_order"] = listed["column"].map(order)
    return listed.sort_values(["row", "_order"], kind="stable", ignore_index=True)[FAULT_COLUMNS]


def _missing_columns(contract: Layer, frame: pd.DataFrame) -> list[str]:
    needed = [*contract.required, *(["geometry"] if contract.geometry and contract.geometry_required else [])]
    return [name for name in needed if name not in frame.columns]


def _find(contract: Layer, frame: pd.DataFrame) -> Iterator[_Found]:
    """Yield the masks of rows at fault that hold at least one row."""
    for column in contract.columns:
        if column.name in frame.columns:
            for mask, reason in _column_faults(column, frame[column.name]):
                if mask.any():
                    yield mask, column.name, reason
    keys = [name for name in contract.key if name in frame.columns]
    if keys:
        repeated = frame.duplicated(keys, keep=False).to_numpy() & frame[keys].notna().all(axis=1).to_numpy()
        if repeated.any():
            yield repeated, keys[-1], ("重复出现，必须唯一", "occurs more than once; it must be unique")
    if contract.geometry and isinstance(frame, gpd.GeoDataFrame):
        for mask, reason in _geometry_faults(contract, frame.geometry.to_numpy()):
            if mask.any():
                yield mask, "geometry", reason


def _column_faults(column: Column, values: pd.Series) -> Iterator[tuple[NDArray[np.bool_], _Reason]]:
    present = values.notna().to_numpy()
    if column.required:
        blank = ~present
        if column.kind == "text":
            blank |= (values == "").to_numpy(dtype=bool, na_value=False)
            present = present & ~blank
        yield blank, ("不能为空", "must not be empty")
    if column.kind in {"integer", "double"}:
        yield from _number_faults(column, values, present)
    elif column.kind == "text":
        if pd.api.types.infer_dtype(values[present], skipna=True) not in {"string", "empty"}:
            other = ~values.map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
            yield other & present, ("应是文本", "must be text")
        if column.choices:
            allowed = "、".join(column.choices)
            unknown = present & ~values.isin(column.choices).to_numpy()
            yield unknown, (f"只能是 {allowed} 之一", f"must be one of {', '.join(column.choices)}")
    elif column.kind == "boolean":
        yield present & ~values.isin([True, False]).to_numpy(), ("应是 是/否", "must be true or false")
    elif column.kind == "datetime" and not pd.api.types.is_datetime64_any_dtype(values):
        read = pd.to_datetime(values[present], errors="coerce", utc=True, format="ISO8601")
        wrong = np.zeros(len(values), bool)
        wrong[present] = read.isna().to_numpy()
        yield wrong, ("不是日期", "is no date")


def _number_faults(
    column: Column, values: pd.Series, present: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.bool_], _Reason]]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    strange = present & ~np.isfinite(numbers)
    yield strange, ("不是数字", "is no number")
    sound = present & ~strange
    if column.kind == "integer":
        yield sound & (numbers != np.floor(numbers)), ("应是整数", "must be a whole number")
    below = np.zeros(len(values), bool) if column.low is None else sound & (numbers < column.low)
    above = np.zeros(len(values), bool) if column.high is None else sound & (numbers > column.high)
    yield below, (f"不能小于 {column.low:g}" if column.low is not None else "", f"must be at least {column.low}")
    yield above, (f"不能大于 {column.high:g}" if column.high is not None else "", f"must be at most {column.high}")


def _geometry_faults(contract: Layer, shapes: NDArray[np.object_]) -> Iterator[tuple[NDArray[np.bool_], _Reason]]:
    missing = shapely.is_missing(shapes)
    empty = ~missing & shapely.is_empty(shapes)
    if contract.geometry_required:
        yield missing | empty, ("缺失或为空", "is missing or empty")
    present = ~missing & ~empty
    if contract.geometry is None or contract.geometry == "Geometry":
        return
    allowed = [_TYPE_IDS[name] for name in _SIMPLE[contract.geometry]]
    other = present & ~np.isin(shapely.get_type_id(shapes), allowed)
    yield other, (f"类型应是 {contract.geometry}", f"must be {contract.geometry}")
    sound = present & ~other
    if contract.geometry == "Point":
        invalid = np.zeros(len(shapes), bool)
        invalid[sound] = ~np.isfinite(shapely.get_coordinates(shapes[sound])).all(axis=1)
    else:
        invalid = sound & ~shapely.is_valid(shapes)
    yield invalid, ("无效（自相交或坐标无限）", "is invalid (crosses itself, or not finite)")


def _rows(frame: pd.DataFrame, mask: NDArray[np.bool_], name: str, reason: _Reason) -> pd.DataFrame:
    """Spell the rows at fault out."""
    values: list[Any] = ["" if name == "geometry" else str(value) for value in frame[name].to_numpy(dtype=object)[mask]]
    return pd.DataFrame({
        "row": frame.index[mask], "column": name, "value": values, "reason_zh": reason[0], "reason_en": reason[1],
    })  # fmt: skip
