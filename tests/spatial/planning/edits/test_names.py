"""Locks, names, notes and kinds of cells."""

from __future__ import annotations

import pytest

from spatial.errors import InfeasibleError
from spatial.planning.edits import lock, remark, rename, set_special, unlock
from tests.spatial.planning.edits.made import VILLAGE, after, holds, state_of

ONE, TWO = f"{VILLAGE}001", f"{VILLAGE}002"


def test_a_lock_changes_one_attribute_and_no_block() -> None:
    state = state_of()
    edit = lock(state, [ONE])
    assert edit.changed.to_numpy().tolist() == [[ONE, "locked", False, True]]
    assert edit.before.empty
    assert edit.after.empty
    assert edit.cells["locked"].tolist() == [True, False, False]
    assert not state.cells["locked"].any()
    shut = after(state, edit)
    assert lock(shut, [ONE]).changed.empty
    assert unlock(shut, [ONE]).changed.to_numpy().tolist() == [[ONE, "locked", True, False]]
    with pytest.raises(InfeasibleError, match="no cell"):
        lock(state, [f"{VILLAGE}044"])


def test_names_are_unique_in_a_village_and_stay_with_later_edits() -> None:
    state = state_of()
    edit = rename(state, ONE, name=" 东片 ")
    assert edit.changed.to_numpy().tolist() == [[ONE, "cell", "新立村01网格", "东片"]]
    with pytest.raises(InfeasibleError, match="called 东片 already"):
        rename(after(state, edit), TWO, name="东片")
    with pytest.raises(InfeasibleError, match="needs a name"):
        rename(state, ONE, name="  ")
    noted = remark(state, ONE, responsible="村委会", note=None)
    assert noted.changed.to_numpy().tolist() == [[ONE, "responsible", None, "村委会"]]
    with pytest.raises(TypeError, match="locked"):
        remark(state, ONE, locked="1")


def test_a_special_cell_takes_a_code_from_901_and_leaves_the_balance() -> None:
    state = state_of(used_codes=frozenset({f"{VILLAGE}901", f"{VILLAGE}012"}))
    edit = set_special(state, ONE, name="第一小学")
    holds(state, edit)
    assert edit.created == (f"{VILLAGE}902",)
    assert edit.retired == (ONE,)
    row = edit.cells.set_index("cell_code").loc[f"{VILLAGE}902"]
    assert (row["kind"], row["cell"]) == ("special", "第一小学")
    assert set(edit.after["cell_code"]) == {f"{VILLAGE}902"}
    special = after(state, edit)
    again = set_special(special, f"{VILLAGE}902", special=False)
    assert again.created == (f"{VILLAGE}013",)
    assert again.cells["kind"].tolist() == ["basic"] * 3
    with pytest.raises(InfeasibleError, match="special already"):
        set_special(special, f"{VILLAGE}902")


def test_the_last_basic_cell_stays_basic_and_a_made_name_follows_its_code() -> None:
    state = state_of()
    two = after(state, set_special(state, ONE))
    assert two.cells["cell"].tolist()[-1] == "新立村901网格"
    one = after(two, set_special(two, TWO))
    with pytest.raises(InfeasibleError, match="only basic cell"):
        set_special(one, f"{VILLAGE}003")
