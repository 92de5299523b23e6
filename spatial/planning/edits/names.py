"""Locks, names, notes and kinds of cells: what changes about a cell without its ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatial.errors import InfeasibleError
from spatial.planning.cells.numbering import next_code
from spatial.planning.edits.edited import edited, known, linked, unlocked
from spatial.planning.edits.state import CHANGED, Edit, PlanState
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["lock", "remark", "rename", "set_special", "unlock"]

_REMARKS = ("note", "responsible", "party_group")


def lock(state: PlanState, cell_codes: Sequence[str], *, locked: bool = True) -> Edit:
    """Lock cells: no edit and no later plan changes their blocks until they are unlocked."""
    known(state, cell_codes)
    return _remarked(state, {code: {"locked": locked} for code in cell_codes})


def unlock(state: PlanState, cell_codes: Sequence[str]) -> Edit:
    """Unlock cells."""
    return lock(state, cell_codes, locked=False)


def rename(state: PlanState, cell_code: str, *, name: str) -> Edit:
    """Give a cell another name. `InfeasibleError` for an empty one, or one that another cell of the village has."""
    known(state, [cell_code])
    name = name.strip()
    others = state.cells.loc[state.cells["cell_code"] != cell_code]
    taken = others.loc[others["cell"] == name, "cell_code"]
    if not name:
        raise InfeasibleError("网格名称不能为空", "a cell needs a name")
    if len(taken):
        raise InfeasibleError(
            f"本村网格 {taken.iloc[0]} 已叫“{name}”，请换一个名称",
            f"cell {taken.iloc[0]} of this village is called {name} already: choose another name",
        )
    return _remarked(state, {cell_code: {"cell": name}})


def remark(state: PlanState, cell_code: str, **attributes: str | None) -> Edit:
    """Set what is written about a cell: `note`, `responsible`, `party_group`. TypeError for anything else."""
    known(state, [cell_code])
    unknown = sorted(set(attributes) - set(_REMARKS))
    if unknown:
        raise TypeError(f"no such attribute of a cell: {', '.join(unknown)}")
    return _remarked(state, {cell_code: dict(attributes)})


def set_special(
    state: PlanState, cell_code: str, *, special: bool = True, name: str | None = None, start_date: str = ""
) -> Edit:
    """Make a cell special (its code becomes one from 901, it leaves the balance), or basic again.

    The ground stays as it is; the earlier code is retired. Raises `InfeasibleError` for a locked cell, for one
    that is what was asked for already, and for the last basic cell of a village.
    """
    known(state, [cell_code])
    unlocked(state, [cell_code])
    kinds = state.cells.set_index("cell_code")["kind"]
    if (kinds[cell_code] == "special") == special:
        zh, en = ("专属网格", "special") if special else ("基本网格", "basic")
        raise InfeasibleError(f"网格 {cell_code} 已经是{zh}", f"cell {cell_code} is {en} already")
    if special and int((kinds == "basic").sum()) < 2:
        raise InfeasibleError(
            f"{cell_code} 是本村唯一的基本网格，不能改成专属网格",
            f"{cell_code} is the only basic cell of its village and cannot become special",
        )
    frame = linked(state)
    village = str(frame["village_code"].iloc[0])
    code = next_code(village, state.every_code(), special=special)
    codes = frame["cell_code"].replace(cell_code, code).to_numpy(dtype=object)
    edit = edited(state, frame, codes, start_date=start_date, renumbered={cell_code: code}, allow_pieces=True)
    if name is None:
        return edit
    renamed = PlanState(state.blocks, state.plan_blocks, edit.cells, state.measure)
    named = rename(renamed, code, name=name)
    return Edit(**{**edit.__dict__, "cells": named.cells, "changed": named.changed})


def _remarked(state: PlanState, values: dict[str, dict[str, Any]]) -> Edit:
    """Write attributes of cells; what has the value already is not a change."""
    cells = state.cells.sort_values("cell_code", ignore_index=True)
    rows = []
    for code, wanted in values.items():
        place = cells.index[cells["cell_code"] == code][0]
        for name, value in wanted.items():
            old = cells[name].iloc[place]
            old = None if pd.isna(old) else old
            if old != value:
                rows.append((code, name, old, value))
    cells = cells.astype(dict.fromkeys({row[1] for row in rows} - {"locked"}, object))
    if rows and any(row[1] == "locked" for row in rows):
        cells["locked"] = cells["locked"].fillna(value=False).astype(bool)
    for code, name, _, value in rows:
        cells.loc[cells["cell_code"] == code, name] = value
    none = state.plan_blocks.iloc[:0][["plan", "block_id", "cell_code"]].reset_index(drop=True)
    changed = pd.DataFrame(rows, columns=CHANGED, dtype=object)
    return Edit(none, none.copy(), cells, (), (), {}, Problems(), state.blocks.iloc[:0], changed)
