"""The official ratios against their targets, by point class, and how they moved since the run before.

Targets are those of 发改高技〔2015〕996号 and the provincial papers that quote it. They are set for key public areas
(class 1) and for units that cover public places (class 2); for the whole list, where classes mix, that of class 1 is
shown. Ratios of counts (点位计), of area (面积计) and of length are told apart by `measure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.coverage.views.inventory import POINT_CLASSES, TOLD

if TYPE_CHECKING:
    from spatial.arrays import Floats

__all__ = ["KEY", "changed", "counties", "ratios"]

KEY = ["level", "code", "ratio", "point_class"]
"""What tells one ratio from another."""

_COUNTED = (("working", "cameras_working"), ("networked", "cameras_networked"), ("filed", "cameras_filed"),
            ("hd", "cameras_hd"))  # fmt: skip
_PLAIN = (
    ("places", "count", "places_covered", "places", 1.0), ("area", "area", "covered_m2", "aoi_m2", None),
    ("junctions", "count", "junctions_covered", "junctions", None),
    ("entrances", "count", "entrances_covered", "entrances", None),
    ("roads", "length", "road_covered_m", "road_m", None),
)  # fmt: skip
_COLUMNS = (
    *(name for _, _, part, whole, _ in _PLAIN for name in (part, whole)),
    *(f"{name}{end}" for name in ("cameras", *(column for _, column in _COUNTED))
      for end in ("", *(f"_{code}" for code in POINT_CLASSES))),
)  # fmt: skip
_TARGETS: dict[str, dict[str, float]] = {
    "working": {"": 0.98, "1": 0.98, "2": 0.95}, "networked": {"": 1.0, "1": 1.0, "2": 1.0},
    "filed": {"": 1.0} | dict.fromkeys(POINT_CLASSES, 1.0), "hd": {"": 1.0} | dict.fromkeys(POINT_CLASSES, 1.0),
}  # fmt: skip


def ratios(table: pd.DataFrame, details: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give every ratio of rows of the layer `coverage`, with numerator and denominator.

    Parameters
    ----------
    table : DataFrame
        Rows of one run, of any levels.
    details : DataFrame, optional
        `coverage_details` of the run: of how many cameras the list tells something. None means of all; without rows,
        as of runs that were stored before there was such a table, these shares are missing.

    Returns
    -------
    DataFrame
        `KEY`, then `measure` (count, area or length), `part`, `whole`, `unknown` (cameras left out of `whole`),
        `share` (missing where `whole` is 0 or nothing is known) and `target` (missing where there is none). A point
        class without cameras has no row.
    """
    table = table.reindex(columns=list(dict.fromkeys([*table.columns, *_COLUMNS])))
    rows = [_row(table, name, "", measure, part, table[whole], target) for name, measure, part, whole, target in _PLAIN]
    for point_class in ("", *POINT_CLASSES):
        end = f"_{point_class}" if point_class else ""
        every = table[f"cameras{end}"]
        for name, column in _COUNTED:
            whole = _known(table, details, f"{name}{end}", every) if name in TOLD else every
            target = _TARGETS[name].get(point_class)
            row = _row(table, name, point_class, "count", f"{column}{end}", whole, target, every=every)
            rows.append(row[(_numbers(every) > 0) | (point_class == "")])
    return pd.concat(rows, ignore_index=True)


def counties(table: pd.DataFrame) -> pd.DataFrame:
    """Add the ratios of several counties up to one, of level county and empty code."""
    mine = table[table["level"] == "county"]
    keys = ["ratio", "point_class", "measure"]
    sums = mine.groupby(keys, sort=False)[["part", "whole", "unknown"]].sum(min_count=1).reset_index()
    target = mine.drop_duplicates(keys).set_index(keys)["target"]
    sums = sums.assign(level="county", code="", target=target.reindex(pd.MultiIndex.from_frame(sums[keys])).to_numpy())
    return sums.assign(share=_shares(_numbers(sums["part"]), _numbers(sums["whole"])))[list(mine.columns)]


def changed(now: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Add `before` (the share of the earlier run) and `change` (in shares); missing where there was none."""
    if before is None:
        return now.assign(before=np.nan, change=np.nan)
    earlier = before.set_index(KEY)["share"]
    known = earlier.reindex(pd.MultiIndex.from_frame(now[KEY])).to_numpy(dtype=float)
    return now.assign(before=known, change=now["share"].to_numpy(dtype=float) - known)


def _known(table: pd.DataFrame, details: pd.DataFrame | None, item: str, every: pd.Series[float]) -> pd.Series[float]:
    """Count the cameras of which the list tells something."""
    if details is None:
        return every
    mine = details[(details["subject"] == "known") & (details["item"] == item)]
    told = mine.set_index(["level", "code"])["covered"].reindex(pd.MultiIndex.from_frame(table[["level", "code"]]))
    return pd.Series(told.fillna(0).to_numpy(dtype=float), index=table.index)


def _row(
    table: pd.DataFrame, ratio: str, point_class: str, measure: str, part: str, whole: pd.Series[float],
    target: float | None, *, every: pd.Series[float] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Give one ratio of every area; a part that is missing (the list says nothing) leaves the share missing."""
    top, below = _numbers(table[part]), _numbers(whole)
    below = np.where(np.isnan(top), 0.0, below)
    unknown = np.zeros(len(table)) if every is None else _numbers(every) - below
    return pd.DataFrame({
        "level": table["level"].to_numpy(dtype=object), "code": table["code"].to_numpy(dtype=object), "ratio": ratio,
        "point_class": point_class, "measure": measure, "part": top, "whole": below, "unknown": unknown,
        "share": _shares(top, below), "target": np.nan if target is None else target,
    })  # fmt: skip


def _numbers(values: pd.Series[float]) -> Floats:
    answer: Floats = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    return answer


def _shares(part: Floats, whole: Floats) -> Floats:
    answer: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return answer
