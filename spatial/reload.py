"""A list that is loaded again, held against what is there: what came, went, moved, changed or only got another id.

Rows are matched by the key of their layer. Points have moved when they lie further away than the layer's tolerance;
lines when their Hausdorff distance is above it; areas when the ground that only one of the two holds is more than a
square metre and a ten-thousandth of them. Values are the same when both are missing, when texts are equal but for
blanks around them, numbers but for one part in a million, moments to the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.layers import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.layers import Column, Layer

__all__ = ["KINDS", "PERSONAL", "Reload", "Shift", "compare_inventory"]

KINDS = ("added", "removed", "renamed", "moved", "changed")
"""Kinds of difference, in the order of the list."""

PERSONAL = frozenset({"member", "phone"})
"""Columns that say who a person is: a change in them counts, and is never written out."""

_TOLERANCE_M = {"incidents": 1.0, "barriers": 1.0}
_USUAL_M = 0.5
"""Two places nearer than this are one: lists round degrees to six digits, a decimetre."""
_SAME_M2, _SAME_SHARE = 1.0, 1e-4
_ALIKE = 1e-6
_FEW, _MOST, _SPREAD = 5, 0.8, 0.1
"""A shift is systematic for at least so many rows, this share of all, within this share of its length."""
_COLUMNS = ["kind", "code", "old_code", "column", "before", "after", "distance_m", "direction_deg", "area_m2"]

Flags = Any
Numbers = Any


@dataclass(frozen=True)
class Shift:
    """Rows that moved alike: how many, how far in metres, which way (degrees clockwise from north)."""

    count: int
    metres: float
    direction_deg: float


@dataclass(frozen=True)
class Reload:
    """What a new list changes.

    `frame` has a row per difference: kind, code, old_code (renamed), column with `before` and `after` as text
    (changed), distance_m and direction_deg (moved), area_m2 of ground that only one of the two holds. `counts`
    are rows of the list by kind, `same` included; a row that moved and changed counts for both. `emptied` names
    the columns that had values and have none in the new list.
    """

    frame: pd.DataFrame
    counts: dict[str, int]
    shift: Shift | None
    emptied: tuple[str, ...]


def compare_inventory(layer: str, before: pd.DataFrame, after: pd.DataFrame) -> Reload:
    """Compare a stored layer with the frame that is to replace it; both in one CRS in metres, or without geometry.

    Keys are unique in each frame. KeyError for an unknown layer. Row order does not matter.
    """
    form = LAYERS[layer]
    key = form.key[0]
    before, after = (frame.sort_values(key, kind="stable", ignore_index=True) for frame in (before, after))
    old_codes, new_codes = (pd.Index(frame[key].astype(object)) for frame in (before, after))
    place = new_codes.get_indexer(old_codes)
    old, new = np.flatnonzero(place >= 0), place[place >= 0]
    gone = np.flatnonzero(place < 0)
    come = np.flatnonzero(old_codes.get_indexer(new_codes) < 0)
    columns = [column for column in form.columns if column.name != key]
    values = {column.name: (_plain(column, before), _plain(column, after)) for column in columns}
    renamed = _renamed(form, before, after, gone, come, values)
    gone, come = np.setdiff1d(gone, renamed[0]), np.setdiff1d(come, renamed[1])
    lists = [_rows("added", new_codes[come]), _rows("removed", old_codes[gone])]
    lists.append(_rows("renamed", new_codes[renamed[1]], old_code=old_codes[renamed[0]]))
    moved, shift = _moved(form, before, after, old, new, new_codes)
    lists.append(moved)
    pairs = np.concatenate([old, renamed[0]]), np.concatenate([new, renamed[1]])
    changed, touched = _changed(columns, values, pairs, new_codes)
    lists.append(changed)
    different = new_codes[pairs[1]].isin(moved["code"]) | touched
    counts = {kind: len(rows) for kind, rows in zip(KINDS, lists, strict=True)}
    counts["changed"] = int(touched.sum())
    counts["same"] = int((~different[: len(old)]).sum())
    filled = [rows for rows in lists if len(rows)]
    frame = pd.concat(filled, ignore_index=True) if filled else _rows("added", [])
    emptied = tuple(
        name for name, (was, now) in values.items() if len(now) and pd.notna(was).any() and not pd.notna(now).any()
    )
    return Reload(frame[_COLUMNS], counts, shift, emptied)


def _rows(kind: str, codes: Any, **more: Any) -> pd.DataFrame:
    """Give rows of the list, columns that do not apply empty."""
    frame = pd.DataFrame({"kind": kind, "code": np.asarray(codes, object)})
    for name in _COLUMNS[2:]:
        numeric = name.endswith(("_m", "_deg", "_m2"))
        empty = np.full(len(frame), np.nan) if numeric else np.full(len(frame), None, object)
        frame[name] = np.asarray(more[name], float if numeric else object) if name in more else empty
    return frame


def _plain(column: Column, frame: pd.DataFrame) -> NDArray[Any]:
    """Give the values of a column in a form that compares: floats, or texts with None for nothing."""
    if column.name not in frame.columns:
        return np.full(len(frame), np.nan) if column.kind in {"integer", "double"} else np.full(len(frame), None)
    series = frame[column.name]
    if column.kind in {"integer", "double"}:
        return np.asarray(pd.to_numeric(series, errors="coerce").to_numpy(float, na_value=np.nan))
    if column.kind == "datetime":
        moments = pd.to_datetime(series, utc=True, format="mixed", errors="coerce").dt.floor("s")
        texts = moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(object)
        texts[moments.isna().to_numpy()] = None
        return texts
    if column.kind == "boolean":
        flags = series.astype("boolean").astype(object).to_numpy(object)
        return np.array([None if pd.isna(flag) else str(bool(flag)).lower() for flag in flags], object)
    texts = series.astype(object).to_numpy(object)
    return np.array([None if text is None or pd.isna(text) else str(text).strip() or None for text in texts], object)


def _unlike(name: str, was: NDArray[Any], now: NDArray[Any]) -> Flags:
    """Tell which values differ, aligned."""
    if was.dtype.kind == "f" or now.dtype.kind == "f":
        one, other = was.astype(float), now.astype(float)
        apart = np.abs(one - other)
        if name == "azimuth_deg":
            apart = np.minimum(apart, np.abs(360 - apart))
        close = apart <= _ALIKE * np.maximum(1, np.maximum(np.abs(one), np.abs(other)))
        return ~(close | (np.isnan(one) & np.isnan(other)))
    return was != now


def _changed(
    columns: list[Column],
    values: dict[str, tuple[NDArray[Any], NDArray[Any]]],
    pairs: tuple[Numbers, Numbers],
    codes: pd.Index[Any],
) -> tuple[pd.DataFrame, Flags]:
    """List the values that differ, and tell which pairs have one."""
    old, new = pairs
    touched = np.zeros(len(old), bool)
    lists = []
    for column in columns:
        was, now = values[column.name]
        was, now = was[old], now[new]
        rows = np.flatnonzero(_unlike(column.name, was, now))
        touched[rows] = True
        if len(rows):
            hidden = column.name in PERSONAL
            texts = [np.full(len(rows), None, object) if hidden else _texts(one[rows]) for one in (was, now)]
            label = None if hidden else column.name
            lists.append(
                _rows("changed", codes[new[rows]], column=[label] * len(rows), before=texts[0], after=texts[1])
            )
    if not lists:
        return _rows("changed", []), touched
    order = {column.name: place for place, column in enumerate(columns)}
    found = pd.concat(lists, ignore_index=True).drop_duplicates(["code", "column"])
    rank = found["column"].map(order).fillna(len(order))
    return found.assign(_rank=rank).sort_values(["code", "_rank"], kind="stable", ignore_index=True), touched


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    """Write values out: whole numbers without a point, nothing as None."""
    return np.array(
        [None if pd.isna(one) else f"{one:.10g}" if isinstance(one, float) else one for one in values], object
    )


def _shapes(frame: pd.DataFrame) -> NDArray[np.object_]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return np.full(len(frame), None, object)
    return np.asarray(frame.geometry.to_numpy(), object)


def _moved(
    form: Layer, before: pd.DataFrame, after: pd.DataFrame, old: Numbers, new: Numbers, codes: pd.Index[Any]
) -> tuple[pd.DataFrame, Shift | None]:
    """List matched rows whose place differs, and say whether most of them went one way together."""
    if form.geometry is None or len(old) == 0:
        return _rows("moved", []), None
    was, now = _shapes(before)[old], _shapes(after)[new]
    there = ~(shapely.is_missing(was) | shapely.is_missing(now))
    lost = shapely.is_missing(was) != shapely.is_missing(now)
    differs, area = _elsewhere(form, was, now, there)
    middle = [np.full((len(old), 2), np.nan) for _ in range(2)]
    for xy, shapes in zip(middle, (was, now), strict=True):
        xy[there] = shapely.get_coordinates(shapely.centroid(shapes[there]))
    way = middle[1] - middle[0]
    metres = np.hypot(way[:, 0], way[:, 1])
    rows = np.flatnonzero(differs | lost)
    bearing = np.degrees(np.arctan2(way[rows, 0], way[rows, 1])) % 360
    listed = _rows("moved", codes[new[rows]], distance_m=metres[rows], direction_deg=bearing, area_m2=area[rows])
    return listed, _shift(way[differs], int(there.sum()))


def _elsewhere(form: Layer, was: Any, now: Any, there: Flags) -> tuple[Flags, Numbers]:
    """Tell which shapes lie elsewhere, and how much ground areas do not share."""
    tolerance = _TOLERANCE_M.get(form.name, _USUAL_M)
    differs, area = np.zeros(len(was), bool), np.full(len(was), np.nan)
    rows = np.flatnonzero(there)
    if form.geometry == "Point":
        differs[rows] = shapely.distance(was[rows], now[rows]) > tolerance
        return differs, area
    rows = rows[~shapely.equals_exact(was[rows], now[rows], tolerance=1e-3)]
    if form.geometry == "MultiPolygon":
        one, other = (shapely.make_valid(shapes[rows]) for shapes in (was, now))
        area[rows] = shapely.area(shapely.symmetric_difference(one, other))
        limit = np.maximum(_SAME_M2, _SAME_SHARE * np.maximum(shapely.area(one), shapely.area(other)))
        differs[rows] = area[rows] > limit
    else:
        differs[rows] = shapely.hausdorff_distance(was[rows], now[rows]) > tolerance
    return differs, area


def _shift(way: Numbers, compared: int) -> Shift | None:
    """Find the one way that most rows went, if they did."""
    if len(way) < _FEW or len(way) < _MOST * compared:
        return None
    middle = np.median(way, axis=0)
    metres = float(np.hypot(*middle))
    together = np.hypot(*(way - middle).T) <= np.maximum(2 * _USUAL_M, _SPREAD * metres)
    if metres <= _USUAL_M or together.sum() < _MOST * len(way):
        return None
    return Shift(int(together.sum()), metres, float(np.degrees(np.arctan2(*middle)) % 360))


def _renamed(
    form: Layer, before: pd.DataFrame, after: pd.DataFrame, gone: Numbers, come: Numbers,
    values: dict[str, tuple[NDArray[Any], NDArray[Any]]],
) -> tuple[Numbers, Numbers]:  # fmt: skip
    """Match rows that went with rows that came at the same place: first those alike in all, then those alone there."""
    none = np.empty(0, np.intp), np.empty(0, np.intp)
    if form.geometry is None or len(gone) == 0 or len(come) == 0:
        return none
    was, now = _shapes(before)[gone], _shapes(after)[come]
    tree = shapely.STRtree(now)
    if form.geometry == "Point":
        one, other = tree.query(was, predicate="dwithin", distance=_TOLERANCE_M.get(form.name, _USUAL_M))
    else:
        one, other = tree.query(was)
        near = (np.abs(shapely.bounds(was[one]) - shapely.bounds(now[other])) <= 2 * _USUAL_M).all(axis=1)
        one, other = one[near], other[near]
        same = ~_elsewhere(form, was[one], now[other], np.ones(len(one), bool))[0]
        one, other = one[same], other[same]
    unlike = np.zeros(len(one), bool)
    for name, (earlier, later) in values.items():
        unlike |= _unlike(name, earlier[gone[one]], later[come[other]])
    found: list[tuple[Numbers, Numbers]] = []
    for wanted in (~unlike, np.ones(len(one), bool)):
        left, right = one[wanted], other[wanted]
        taken = [np.concatenate([np.empty(0, np.intp), *(pair[side] for pair in found)]) for side in (0, 1)]
        free = ~(np.isin(left, taken[0]) | np.isin(right, taken[1]))
        left, right = left[free], right[free]
        alone = (np.bincount(left, minlength=len(gone))[left] == 1) & (
            np.bincount(right, minlength=len(come))[right] == 1
        )
        found.append((left[alone], right[alone]))
    left, right = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    order = np.argsort(come[right], kind="stable")
    return gone[left[order]], come[right[order]]
