"""Villages that merge, split, change their code or end: what a code table says, date by date, and what outlines show.

A table row says what became of one village on one day. Rows of different days follow one another, so that a → b and
b → c make a → c; rows of one day (or without one) are put in the order that makes such chains, and a circle among
them is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import geopandas as gpd

__all__ = ["KINDS", "VillageChange", "infer_changes", "kinds_of", "settle_changes"]

KINDS = ("merged", "split", "renamed", "recoded", "abolished")
_SAME = 0.98
"""Two villages are the same ground when each holds this share of the other."""
_PART = 0.01
"""Less of a village than this is the noise of a border drawn anew."""


@dataclass(frozen=True)
class VillageChange:
    """What became of one village: `new_code` is empty where its ground goes by location; `date` is ISO or empty.

    `row` is the row of the table, 0 for what was inferred from outlines.
    """

    old_code: str
    new_code: str
    kind: str
    date: str = ""
    old_name: str = ""
    new_name: str = ""
    row: int = 0

    @property
    def inferred(self) -> bool:
        """Whether no table says so."""
        return self.row == 0


def settle_changes(
    changes: Sequence[VillageChange], *, before: Collection[str], after: Collection[str]
) -> tuple[list[VillageChange], list[VillageChange]]:
    """Follow every chain to its end: the change of each village of a plan, and the rows that concern none of them.

    Parameters
    ----------
    changes
        Rows of a table, in any order.
    before, after
        Village codes of the plan, and of the villages loaded now.

    Raises
    ------
    SchemaError
        Two targets for a merge, a circle, a target that is no village now, or a village that is said to have
        ended and is still there. Names the row.
    """
    _refuse_two_targets(changes)
    ways: dict[str, list[VillageChange]] = {code: [] for code in before}
    used: set[int] = set()
    for _, rows in groupby(sorted(changes, key=lambda change: (change.date, change.row)), key=lambda row: row.date):
        for _, steps in groupby(_in_order(list(rows), before), key=lambda row: row.old_code):
            _follow(ways, list(steps), used)
    settled = [change for listed in ways.values() for change in listed]
    taken = {change.new_code for change in settled if change.new_code != change.old_code}
    for change in settled:
        _refuse_unknown(change, after, taken)
    return settled, [change for change in changes if change.row not in used]


def infer_changes(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> list[VillageChange]:
    """Tell from outlines what became of each village whose ground or code is another one now, in metres.

    Both frames have `village_code` and `village`. Less than a hundredth of a village is taken for a border that
    was drawn anew.
    """
    shapes, others = old.geometry.to_numpy(), new.geometry.to_numpy()
    one, other = shapely.STRtree(others).query(shapes, predicate="intersects")
    area = shapely.area(shapely.intersection(shapes[one], others[other]))
    share, part = area / shapely.area(shapes)[one], area / shapely.area(others)[other]
    real = (share > _PART) | (part > _PART)
    one, other, share, part = one[real], other[real], share[real], part[real]
    sources = np.bincount(other, minlength=len(others))
    codes, names = old["village_code"].to_numpy(object), old["village"].to_numpy(object)
    new_codes, new_names = new["village_code"].to_numpy(object), new["village"].to_numpy(object)
    there = set(new_codes)
    found = []
    for place, code in enumerate(codes):
        targets = np.flatnonzero(one == place)
        if len(targets) == 0:
            found.append(VillageChange(str(code), "", "abolished", old_name=str(names[place])))
        for row in targets:
            to = str(new_codes[other[row]])
            same = share[row] >= _SAME and part[row] >= _SAME
            if to == code and len(targets) == 1 and names[place] == new_names[other[row]]:
                continue
            if same or len(targets) == 1:
                kind = ("renamed" if to == code else "recoded") if same else "merged"
            else:
                kind = "split" if code not in there or share[row] > 1 - _SAME else "merged"
            if kind == "merged" and to == code and sources[other[row]] == 1:
                continue  # it only grew
            found.append(VillageChange(str(code), to, kind, "", str(names[place]), str(new_names[other[row]])))
    return found


def _refuse_two_targets(changes: Iterable[VillageChange]) -> None:
    """Hold the table to one target for a merge, and to one new code, on one day."""
    seen: dict[tuple[str, str], VillageChange] = {}
    for change in changes:
        if change.kind == "split":
            continue
        first = seen.setdefault((change.old_code, change.date), change)
        if first.new_code != change.new_code:
            raise SchemaError(
                f"第 {change.row} 行 new_code：村 {change.old_code} 在第 {first.row} 行已并入 {first.new_code}，"
                f"这里又并入 {change.new_code}；分到几个村请写 split",
                f"row {change.row} new_code: village {change.old_code} goes to {first.new_code} in row {first.row} "
                f"and to {change.new_code} here; where it went to several, write split",
            )


def _in_order(rows: list[VillageChange], before: Collection[str]) -> list[VillageChange]:
    """Put the rows of one day so that what a village became is known before what became of that.

    A village that gets the code of another one, which gets a third, is no chain: codes moved up by one.
    """
    graph: dict[str, set[str]] = {}
    for row in rows:
        graph.setdefault(row.old_code, set())
        if row.new_code and row.new_code != row.old_code:
            moves_up = row.kind == "recoded" and row.new_code in before
            first, then = (row.new_code, row.old_code) if moves_up else (row.old_code, row.new_code)
            graph.setdefault(then, set()).add(first)
    try:
        order = {code: place for place, code in enumerate(TopologicalSorter(graph).static_order())}
    except CycleError as error:
        circle = error.args[1]
        listed = "、".join(str(row.row) for row in rows if row.old_code in circle and row.new_code in circle)
        raise SchemaError(
            f"第 {listed} 行：{' → '.join(circle)} 成了一圈，请给每一步写上日期",
            f"rows {listed}: {' → '.join(circle)} is a circle; give every step its date",
        ) from error
    return sorted(rows, key=lambda row: (order[row.old_code], row.row))


def _follow(ways: dict[str, list[VillageChange]], steps: list[VillageChange], used: set[int]) -> None:
    """Let the rows of one village and day act on every village of the plan that is this village by now."""
    code = steps[0].old_code
    for origin, listed in ways.items():
        here = [way for way in listed if way.new_code == code]
        if here or (origin == code and not listed):
            used.update(step.row for step in steps)
            first = here[0] if here else steps[0]
            kept = [way for way in listed if way.new_code != code]
            ways[origin] = [*kept, *(_joined(first, step, origin) for step in steps)]


def _joined(first: VillageChange, step: VillageChange, origin: str) -> VillageChange:
    """Give the change that two in a row come to: a split or merge on the way stays one."""
    strongest = max((first.kind, step.kind), key=("renamed", "recoded", "abolished", "merged", "split").index)
    kind = step.kind if step.kind == "abolished" else strongest
    return replace(step, old_code=origin, old_name=first.old_name, kind=kind)


def _refuse_unknown(change: VillageChange, after: Collection[str], taken: Collection[str]) -> None:
    if change.new_code and change.new_code not in after:
        raise SchemaError(
            f"第 {change.row} 行 new_code：村 {change.old_code} 最后成为 {change.new_code}，但项目里没有这个村；"
            "请先导入新的村界（load villages --replace）或改正编码",
            f"row {change.row} new_code: village {change.old_code} ends as {change.new_code}, which is no village of "
            "the project; load the new outlines first (load villages --replace) or correct the code",
        )
    ended = change.kind in {"merged", "recoded", "abolished"} and change.new_code != change.old_code
    if ended and change.old_code in after and change.old_code not in taken:
        raise SchemaError(
            f"第 {change.row} 行 old_code：村 {change.old_code} 按表已不在，但现在的村界里还有它；"
            "请先导入新的村界（load villages --replace）",
            f"row {change.row} old_code: village {change.old_code} has ended by the table and is still among the "
            "villages; load the new outlines first (load villages --replace)",
        )


def kinds_of(changes: Iterable[VillageChange]) -> Mapping[str, int]:
    """Count changes by kind."""
    counts = dict.fromkeys(KINDS, 0)
    for change in changes:
        counts[change.kind] += 1
    return {kind: count for kind, count in counts.items() if count}
