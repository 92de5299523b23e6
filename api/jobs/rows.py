"""One row of an inventory by its key: read with its version, changed if it is still that version."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.refusals import UnknownCodeError
from api.store import row_versions
from api.store.frames import as_read, plain_rows
from files.reading.placing import far_away
from spatial.crs import STORAGE
from spatial.errors import SchemaError
from spatial.layers import LAYERS
from spatial.schema import check_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.store import Project
    from spatial.layers import Column

__all__ = ["EDITABLE", "Row", "change_row", "read_row", "shown_rows"]

EDITABLE = ("cameras", "places", "members")
"""Layers whose rows can be changed one by one."""

_NEVER_SERVED = frozenset({"phone"})
_KINDS = {
    "text": ("文字，不含控制字符", "text without control characters"), "integer": ("整数", "a whole number"),
    "double": ("数", "a number"), "boolean": ("是或否（true、false）", "true or false"),
    "datetime": ("日期，如 2026-03-01", "a date like 2026-03-01"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row as it is stored, and its version."""

    layer: str
    key: str
    version: str
    frame: gpd.GeoDataFrame

    def answer(self) -> dict[str, Any]:
        """Give the row for people: its columns, and its place as longitude, latitude."""
        return {"layer": self.layer, "key": self.key, "version": self.version, "row": shown_rows(self.frame)[0]}


def read_row(project: Project, layer: str, key: str) -> Row:
    """Read one row. `UnknownCodeError` where the layer has no such key."""
    frame = project.read(layer, where={LAYERS[layer].key[0]: key})
    if frame.empty:
        raise UnknownCodeError(f"图层 {layer} 没有 {key}", f"layer {layer} has no {key}")
    return Row(layer, key, str(row_versions(frame, layer).iloc[0]), frame)


def change_row(
    project: Project, seen: Row, values: Mapping[str, Any], *, version: str, who: str,
    position: tuple[float, float] | None = None,
) -> Row:  # fmt: skip
    """Write some columns of one row, and its place where one is given, if its version is still the one expected.

    Raises
    ------
    RowConflictError
        Where somebody else changed the row; it holds both versions.
    SchemaError
        For a column that cannot be changed, or a value that the layer does not allow.
    """
    form = LAYERS[seen.layer]
    given = dict(values)
    fixed = [name for name in given if name not in form.names or name in form.key or name in _NEVER_SERVED]
    if fixed:
        raise SchemaError(
            f"图层 {form.name} 的列 {fixed[0]} 不能修改", f"column {fixed[0]} of {form.name} cannot be changed"
        )
    if not (given or position):
        raise SchemaError("没有写要改什么：values 或 position", "nothing to change: give values or position")
    for name, value in given.items():
        _require_kind(form.column(name), value)
    if position is not None:
        _require_near(project, position)
    frame = seen.frame.assign(**{name: pd.Series([value], index=[0], dtype=object) for name, value in given.items()})
    if position is not None:
        frame = frame.set_geometry(gpd.GeoSeries([shapely.Point(position)], crs=STORAGE))
    wanted = as_read(form, frame)
    faults = check_frame(form.name, wanted).rows
    if faults:
        raise SchemaError(str(faults[0]["message_zh"]), str(faults[0]["message_en"]))
    columns = [form.key[0], *given, *(["geometry"] if position is not None else [])]
    before, after = shown_rows(seen.frame[columns])[0], shown_rows(wanted[columns])[0]
    with project.change(who=who, action=f"edit {form.name}") as change:
        expect = pd.Series([version], index=pd.Index([seen.key], dtype=object), dtype="str")
        change.update(form.name, wanted[columns], expect=expect)
        change.record(
            before={"layer": form.name, "rows": {seen.key: before}},
            after={"layer": form.name, "rows": {seen.key: after}},
        )
    return read_row(project, form.name, seen.key)


def shown_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give rows as plain values, without what is never served; places as [longitude, latitude]."""
    columns = [name for name in frame.columns if name not in {*_NEVER_SERVED, "geometry", "fid"}]
    rows = plain_rows(pd.DataFrame(frame[columns]))
    if "geometry" in frame:
        for row, shape in zip(rows, frame["geometry"], strict=True):
            row["geometry"] = None if shape is None or shape.is_empty else [shape.x, shape.y]
    return rows


def _require_kind(column: Column, value: Any) -> None:
    """Refuse a value of another kind than the column's, and signs that neither a database nor a ledger can hold."""
    if value is None or _is_kind(column.kind, value):
        return
    zh, en = _KINDS[column.kind]
    raise SchemaError(f"{column.name} 的值 {value!r} 不对：应是{zh}", f"{column.name} is {value!r}: must be {en}")


def _is_kind(kind: str, value: Any) -> bool:
    if kind == "text":
        return isinstance(value, str) and not any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in value)
    if kind == "datetime":
        moment = pd.to_datetime(value, errors="coerce", utc=True, format="ISO8601") if isinstance(value, str) else None
        return moment is not None and not pd.isna(moment)
    if kind == "boolean":
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool) and (kind == "double" or value == int(value))


def _require_near(project: Project, position: tuple[float, float]) -> None:
    """Refuse a place that `load` would refuse, too."""
    villages = project.read("villages", columns=["geometry"])
    if far_away(np.array([shapely.Point(position)], dtype=object), villages).any():
        raise SchemaError(
            f"新位置 {position[0]:.4f}, {position[1]:.4f} 离所有村界都超过 5 公里，请核对经纬度",
            f"the new position {position[0]:.4f}, {position[1]:.4f} lies more than 5 km from every village",
        )
