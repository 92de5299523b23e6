"""Cells brought within the tolerance by moving few people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InfeasibleError
from spatial.planning.edits import lock, move_blocks, rebalance
from tests import strategies as make
from tests.spatial.planning.edits.made import VILLAGE, after, holds, state_of

ONE, TWO, THREE = (f"{VILLAGE}{i:03d}" for i in (1, 2, 3))


def test_no_more_moves_than_it_takes() -> None:
    state = state_of(columns=9, rows=6)
    tilted = after(state, move_blocks(state, ["b0300", "b0301", "b0302"], to_cell=ONE))
    edit = rebalance(tilted, [ONE, TWO], tolerance=0.06)
    holds(tilted, edit)
    assert len(edit.after) == 2
    assert edit.cells["deviation_share"].abs().max() <= 0.06


def test_locked_cells_and_those_not_selected_stay() -> None:
    state = state_of(columns=9, rows=6)
    tilted = after(state, move_blocks(state, [f"b03{j:02d}" for j in range(6)], to_cell=ONE))
    locked = after(tilted, lock(tilted, [THREE]))
    edit = rebalance(locked, [ONE, TWO, THREE])
    assert set(edit.households) <= {ONE, TWO}
    with pytest.raises(InfeasibleError, match="at least two unlocked"):
        rebalance(locked, [TWO, THREE])


def test_keep_bounds_what_moves_and_the_rest_is_said() -> None:
    state = state_of(columns=9, rows=6)
    tilted = after(state, move_blocks(state, [f"b03{j:02d}" for j in range(6)], to_cell=ONE))
    edit = rebalance(tilted, [ONE, TWO], tolerance=0.02, keep=0.95)
    holds(tilted, edit)
    assert 0 < len(edit.after) <= 0.05 * 36
    assert "cell-over-tolerance" in edit.problems.frame()["problem"].tolist()


def test_cells_within_the_tolerance_are_left_alone() -> None:
    with pytest.raises(InfeasibleError, match="nothing to move"):
        rebalance(state_of(), [ONE, TWO])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_it_never_makes_things_worse_and_repeats_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    state = state_of(columns=9, rows=6, households=rng.integers(0, 12, 54).astype(float))
    try:
        edit = rebalance(state, [ONE, TWO, THREE])
    except InfeasibleError:
        return
    holds(state, edit)
    over = [np.maximum(0, cells["deviation_share"].abs() - 0.05).sum() for cells in (state.cells, edit.cells)]
    assert over[1] < over[0]
    assert rebalance(state, [THREE, ONE, TWO]).after.equals(edit.after)


def test_barriers_may_leave_the_mark_of_a_bridge_missing() -> None:
    lines = make.lines_of(
        ("river", None, False, [(100, -10), (100, 410)]), ("road", "village", True, [(90, 50), (110, 50)])
    )
    stored = lines.assign(bridge=lines["bridge"].where(lines["bridge"]).astype("boolean"))
    edits = [
        rebalance(state_of(households=np.arange(24.0), barriers=frame), [f"{VILLAGE}{i:03d}" for i in (1, 2, 3)])
        for frame in (lines, stored)
    ]
    assert edits[0].after.equals(edits[1].after)


def test_a_hamlet_that_is_whole_is_not_cut_for_balance() -> None:
    tilted = [f"b03{j:02d}" for j in range(6)]
    free = state_of(columns=9, rows=6)
    free = after(free, move_blocks(free, tilted, to_cell=ONE))
    assert len(rebalance(free, [ONE, TWO]).after) == 6
    strips = [make.box(200, 200 * j, 400, 200 * j + 200) for j in range(3)]  # 2 × 2 blocks each, all in the first cell
    hamlets = make.villages_of(strips).assign(hamlet_id=list("abc"), hamlet=list("甲乙丙"))
    state = replace(free, hamlets=hamlets)
    edit = rebalance(state, [ONE, TWO])
    holds(state, edit)
    moved = set(edit.after["block_id"])
    together = [{f"b{i:02d}{j:02d}" for i in (2, 3) for j in (2 * k, 2 * k + 1)} for k in range(3)]
    assert moved
    assert all(one <= moved or not one & moved for one in together)
    assert "hamlet-cut" not in edit.problems.frame()["problem"].tolist()
