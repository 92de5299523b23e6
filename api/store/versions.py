"""Which version of a row somebody has in hand: told by its content, so that edits of any program are seen.

No column holds a version. A row's version is a hash of what it stores, geometry included; it is the same on both
backends and in a copy, and an edit by QGIS or SQL changes it like one of our own (ADR 0005).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from api.store.errors import RowConflictError
from api.store.frames import column_values, dump_json
from api.store.models import layer_of
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spatial.layers import Layer

__all__ = ["Expected", "conflict", "differing", "expected_versions", "keys_of", "row_versions"]

Expected = pd.Series | pd.DataFrame
"""Versions by key, or the rows themselves as they were read."""

_BYTES = 8
_SHOWN = 5


def row_versions(frame: pd.DataFrame, layer: str) -> pd.Series[str]:
    """Give the version of each row of a layer that was read whole: 16 hexadecimal digits, by the layer's key.

    The index holds the key (a MultiIndex where it has several columns), or that of `frame` where the layer has
    none. Two rows have the same version when every column and every coordinate is the same, NaN, NA and None
    being one, 0.0 and -0.0 too. An empty frame gives an empty series.

    Raises
    ------
    SchemaError
        Where a column or the geometry is missing: part of a row has no version.

    Notes
    -----
    BLAKE2b of 64 bits (RFC 7693): two versions of one row are alike by chance once in 10^19 times.
    """
    form = layer_of(layer)
    absent = [name for name in (*form.names, *(["geometry"] if form.geometry else [])) if name not in frame.columns]
    if absent:
        raise SchemaError(
            f"图层 {layer}：缺少列 {'、'.join(absent)}；行的版本要按整行计算，请读取全部列",
            f"layer {layer}: without columns {', '.join(absent)} a row has no version; read whole rows",
        )
    values = [_plain(form, name, frame[name]) for name in form.names]
    if form.geometry:
        values.append(shapely.to_wkb(frame["geometry"].to_numpy(dtype=object), hex=True, byte_order=1).tolist())
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    versions = [
        hashlib.blake2b(dump(row).encode(), digest_size=_BYTES).hexdigest() for row in zip(*values, strict=True)
    ]
    return pd.Series(versions, index=keys_of(form, frame), dtype="str", name="version")


def keys_of(form: Layer, frame: pd.DataFrame) -> pd.Index[Any]:
    """Give the keys of a frame's rows; its own index where the layer has none."""
    if not form.key:
        own: pd.Index[Any] = frame.index
        return own
    if len(form.key) == 1:
        one: pd.Index[Any] = pd.Index(frame[form.key[0]].to_numpy(dtype=object), name=form.key[0])
        return one
    several: pd.Index[Any] = pd.MultiIndex.from_frame(frame[list(form.key)].astype(object))
    return several


def expected_versions(expect: Expected, layer: str) -> pd.Series[str]:
    """Give versions by key, of versions or of rows as they were read."""
    return row_versions(expect, layer) if isinstance(expect, pd.DataFrame) else expect.astype("str")


def differing(now: pd.Series[str], expected: pd.Series[str], keys: pd.Index[Any]) -> pd.Index[Any]:
    """Give those keys whose row is another now than expected: changed, gone, or new to the one who expects."""
    pairs = zip(expected.reindex(keys).tolist(), now.reindex(keys).tolist(), strict=True)
    return keys[np.fromiter((one != other for one, other in pairs), bool, len(keys))]


def conflict(
    layer: str,
    keys: pd.Index[Any],
    *,
    yours: pd.DataFrame | None,
    stored: pd.DataFrame,
    expect: Expected,
    history: Callable[[Sequence[str]], pd.DataFrame],
) -> RowConflictError:
    """Say which rows were changed meanwhile and, where the history tells, by whom; both versions go along.

    `history` reads the rows of history with certain actions, and is asked only now.
    """
    theirs = _rows(stored, layer, keys)
    seen = _rows(expect, layer, keys) if isinstance(expect, pd.DataFrame) else None
    shown = ["/".join(key) if isinstance(key, tuple) else str(key) for key in keys[:_SHOWN]]
    more_zh, more_en = (" 等", ", …") if len(keys) > len(shown) else ("", "")
    who_zh, who_en = _last_change(layer, theirs, history([f"edit {layer}", f"load {layer}"]))
    return RowConflictError(
        f"图层 {layer}：{len(keys)} 行在您读取之后被改过或删除（{'、'.join(shown)}{more_zh}）{who_zh}；"
        "没有写入任何内容，请对照两个版本后再保存",
        f"layer {layer}: {len(keys)} rows were changed or deleted since you read them ({', '.join(shown)}{more_en})"
        f"{who_en}; nothing was written, compare both versions and save again",
        layer=layer, keys=keys, yours=None if yours is None else _rows(yours, layer, keys), theirs=theirs,
        seen=seen,
    )  # fmt: skip


def _rows(frame: pd.DataFrame, layer: str, keys: pd.Index[Any]) -> pd.DataFrame:
    """Give the rows of a frame that have the keys, in the order of the frame."""
    kept: pd.DataFrame = frame[np.asarray(keys_of(layer_of(layer), frame).isin(keys), bool)].reset_index(drop=True)
    return kept


def _plain(form: Layer, name: str, series: pd.Series[Any]) -> list[Any]:
    column = form.column(name)
    if column.kind == "double":
        series = pd.to_numeric(series).astype("float64") + 0.0  # -0.0 becomes 0.0, as SQLite has it
    return column_values(form, column, series)


def _last_change(layer: str, theirs: pd.DataFrame, log: pd.DataFrame) -> tuple[str, str]:
    """Tell who wrote what is stored now, as far as the history says it of these very values."""
    for row in log[::-1].itertuples(index=False):
        at = f"{row.at:%Y-%m-%d %H:%M} UTC"
        if row.action == f"load {layer}":
            return f"；该图层最近由 {row.who} 于 {at} 导入", f"; {row.who} loaded the layer last, {at}"
        if _explains(row.after, layer, theirs):
            return f"；最近由 {row.who} 于 {at} 修改", f"; last changed by {row.who}, {at}"
    return "；历史里没有记录是谁改的", "; the history does not say by whom"


def _explains(after: Any, layer: str, theirs: pd.DataFrame) -> bool:
    """Tell whether a recorded edit left one of these rows as it is now."""
    if not isinstance(after, dict) or after.get("layer") != layer or not isinstance(after.get("rows"), dict):
        return False
    stored = theirs.set_index(layer_of(layer).key[0]) if len(layer_of(layer).key) == 1 else theirs.iloc[:0]
    for key, row in after["rows"].items():
        if key in stored.index:
            now = {name: stored.loc[key, name] for name in row if name in stored.columns and name != "geometry"}
            if now and json.loads(dump_json(now) or "") == {name: row[name] for name in now}:
                return True
    return False
