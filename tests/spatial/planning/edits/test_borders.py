"""A border that is dragged: both sides follow."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.edits import lock, move_border
from tests import strategies as make
from tests.spatial.planning.edits.made import VILLAGE, after, holds, state_of

ONE, TWO, THREE = (f"{VILLAGE}{i:03d}" for i in (1, 2, 3))


def _line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(np.array(xy) + make.ORIGIN)


def test_blocks_between_the_courses_change_sides_both_ways() -> None:
    state = state_of(columns=12, rows=8)  # the border of 001 and 002 lies at x = 400
    line = _line((400, 0), (590, 60), (590, 330), (400, 400), (210, 470), (205, 790), (400, 800))
    edit = move_border(state, ONE, TWO, line=line)
    holds(state, edit)
    moved = dict(zip(edit.after["block_id"], edit.after["cell_code"], strict=True))
    assert moved["b0402"] == ONE
    assert moved["b0306"] == TWO
    assert set(moved.values()) == {ONE, TWO}
    other_way = move_border(state, TWO, ONE, line=line.reverse())
    assert other_way.after.equals(edit.after)


def test_a_course_parallel_to_the_old_one_moves_the_whole_border() -> None:
    state = state_of(columns=12, rows=8)
    edit = move_border(state, ONE, TWO, line=_line((505, 5), (505, 795)))
    holds(state, edit)
    assert edit.households == {ONE: (32, 40), TWO: (32, 24)}


def test_a_border_that_cannot_be_moved_so_is_refused() -> None:
    state = state_of(columns=12, rows=8)
    with pytest.raises(InfeasibleError, match="no border that could be moved"):
        move_border(state, ONE, THREE, line=_line((505, 5), (505, 795)))
    with pytest.raises(InfeasibleError, match="no whole block"):
        move_border(state, ONE, TWO, line=_line((410, 5), (412, 795)))
    with pytest.raises(InfeasibleError, match="left empty"):
        move_border(state, ONE, TWO, line=_line((-30, -20), (-30, 820)))
    with pytest.raises(InfeasibleError, match="unlock it first"):
        move_border(after(state, lock(state, [TWO])), ONE, TWO, line=_line((505, 5), (505, 795)))
