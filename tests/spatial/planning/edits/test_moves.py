"""Moves and merges keep what a plan guarantees, or are refused; taking them back gives the same plan."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InfeasibleError
from spatial.planning.edits import Edit, lock, merge, move_blocks, rename, unlock
from tests import strategies as make
from tests.spatial.planning.edits.made import VILLAGE, after, back, holds, state_of


def test_moved_blocks_change_only_their_own_rows() -> None:
    state = state_of()
    edit = move_blocks(state, ["b0200", "b0201"], to_cell=f"{VILLAGE}001")
    holds(state, edit)
    assert edit.before["cell_code"].tolist() == [f"{VILLAGE}002"] * 2
    assert edit.after.to_numpy().tolist() == [["p", "b0200", f"{VILLAGE}001"], ["p", "b0201", f"{VILLAGE}001"]]
    assert edit.households == {f"{VILLAGE}001": (8, 10), f"{VILLAGE}002": (8, 6)}
    assert (edit.retired, edit.created) == ((), ())
    assert edit.cells["cell"].tolist()[0] == "新立村01网格"
    assert edit.blocks.empty
    assert edit.changed.empty


def test_moves_that_break_or_empty_a_cell_are_refused() -> None:
    state = state_of()
    with pytest.raises(InfeasibleError, match="2 pieces"):
        move_blocks(state, ["b0502"], to_cell=f"{VILLAGE}001")
    with pytest.raises(InfeasibleError, match="2 pieces"):
        move_blocks(state, ["b0201", "b0301"], to_cell=f"{VILLAGE}001")
    with pytest.raises(InfeasibleError, match="empty"):
        move_blocks(state, [f"b{i:02d}{j:02d}" for i in (2, 3) for j in range(4)], to_cell=f"{VILLAGE}001")
    with pytest.raises(InfeasibleError, match="b9999"):
        move_blocks(state, ["b9999"], to_cell=f"{VILLAGE}001")
    with pytest.raises(InfeasibleError, match="no cell"):
        move_blocks(state, ["b0200"], to_cell=f"{VILLAGE}009")
    with pytest.raises(InfeasibleError, match=f"nothing to change: the blocks are in cell {VILLAGE}002"):
        move_blocks(state, ["b0200"], to_cell=f"{VILLAGE}002")
    told = move_blocks(state, ["b0502"], to_cell=f"{VILLAGE}001", allow_pieces=True)
    assert set(told.problems.frame()["problem"]) == {"cell-in-pieces", "cell-over-tolerance"}


def test_merging_keeps_one_code_and_retires_the_other() -> None:
    state = state_of()
    edit = merge(state, f"{VILLAGE}002", f"{VILLAGE}001")
    holds(state, edit)
    assert edit.retired == (f"{VILLAGE}002",)
    assert edit.households == {f"{VILLAGE}001": (8, 16), f"{VILLAGE}002": (8, None)}
    assert edit.cells["start_date"].tolist() == ["2024-01-01"] * 2
    chosen = merge(state, f"{VILLAGE}002", f"{VILLAGE}001", keep=f"{VILLAGE}002")
    assert chosen.retired == (f"{VILLAGE}001",)
    with pytest.raises(InfeasibleError, match="share no border"):
        merge(state, f"{VILLAGE}001", f"{VILLAGE}003")
    with pytest.raises(InfeasibleError, match="two cells of one kind"):
        merge(state, f"{VILLAGE}001", f"{VILLAGE}002", keep=f"{VILLAGE}003")


def test_locked_cells_stay_until_they_are_unlocked() -> None:
    state = state_of()
    shut = after(state, lock(state, [f"{VILLAGE}002"]))
    for wish in (
        lambda: move_blocks(shut, ["b0200"], to_cell=f"{VILLAGE}001"),
        lambda: move_blocks(shut, ["b0100"], to_cell=f"{VILLAGE}002"),
        lambda: merge(shut, f"{VILLAGE}001", f"{VILLAGE}002"),
    ):
        with pytest.raises(InfeasibleError, match="unlock it first"):
            wish()
    free = after(shut, unlock(shut, [f"{VILLAGE}002"]))
    holds(free, move_blocks(free, ["b0200"], to_cell=f"{VILLAGE}001"))


def test_an_edit_says_what_its_cells_cross_and_cut() -> None:
    river = make.lines_of(("river", None, False, [(200, -50), (200, 450)]))
    hamlets = make.villages_of([make.box(110, 10, 290, 90)]).assign(hamlet_id="h1", hamlet="东屯")
    state = state_of(barriers=river, hamlets=hamlets)
    edit = move_blocks(state, ["b0200", "b0201"], to_cell=f"{VILLAGE}001")
    kinds = edit.problems.frame()["problem"].tolist()
    assert "cell-spans-barrier" in kinds
    assert "hamlet-cut" not in kinds
    beside = move_blocks(state, ["b0400"], to_cell=f"{VILLAGE}002")
    assert "cell-spans-barrier" not in beside.problems.frame()["problem"].tolist()
    assert "hamlet-cut" not in beside.problems.frame()["problem"].tolist()  # it was cut before


def test_an_edit_does_not_blame_itself_for_what_was_there_before() -> None:
    river = make.lines_of(("river", None, False, [(350, -50), (350, 450)]))
    hamlets = make.villages_of([make.box(110, 10, 290, 90)]).assign(hamlet_id="h1", hamlet="东屯")
    first, second, third = (f"{VILLAGE}00{serial}" for serial in (1, 2, 3))

    def kinds(edit: Edit) -> set[tuple[str, str]]:
        frame = edit.problems.frame()
        return set(zip(frame["problem"], frame["code"].str[-3:], strict=True))

    state = state_of(barriers=river, hamlets=hamlets, tolerance=0.3)
    assert ("cell-spans-barrier", "002") not in kinds(move_blocks(state, ["b0400"], to_cell=second))
    assert kinds(merge(state, second, first, keep=first)) == {("cell-over-tolerance", "001")}
    across = kinds(move_blocks(state, ["b0300", "b0301"], to_cell=third))
    assert ("cell-spans-barrier", "003") in across
    worse = after(state, move_blocks(state, ["b0200", "b0201", "b0300"], to_cell=first))
    better = kinds(move_blocks(worse, ["b0300"], to_cell=second))
    assert not {kind for kind, _ in better} & {"cell-over-tolerance"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_a_move_a_lock_and_a_name_taken_back_give_the_same_plan(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    state = state_of(columns=9, rows=6, households=rng.integers(0, 12, 54).astype(float))
    chosen = rng.choice(state.blocks["block_id"].to_numpy(), count, replace=False).tolist()
    target = f"{VILLAGE}{rng.integers(1, 4):03d}"
    try:
        edit = move_blocks(state, chosen, to_cell=target)
    except InfeasibleError:
        return
    holds(state, edit)
    moved = after(state, edit)
    restored = back(moved, edit, cells=state.cells)
    assert restored.plan_blocks.equals(state.plan_blocks)
    for source, rows in edit.before.groupby("cell_code"):
        moved_back = move_blocks(moved, rows["block_id"].tolist(), to_cell=str(source), allow_pieces=True)
        moved = after(moved, moved_back)
    assert moved.plan_blocks.equals(state.plan_blocks)
    assert shapely.equals_exact(
        shapely.normalize(moved.cells.geometry.to_numpy()), shapely.normalize(state.cells.geometry.to_numpy())
    ).all()
    assert moved.cells.drop(columns="geometry").equals(state.cells.drop(columns="geometry"))
    named = after(state, rename(state, target, name="东片"))
    again = after(named, rename(named, target, name=str(state.cells.set_index("cell_code")["cell"][target])))
    closed = after(again, lock(again, [target]))
    opened = after(closed, unlock(closed, [target]))
    assert opened.cells.astype(object).equals(state.cells.astype(object))
