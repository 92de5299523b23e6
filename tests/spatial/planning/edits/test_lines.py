"""A line parts a cell: along barriers, around buildings, blocks whole or cut."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InfeasibleError
from spatial.planning.edits import split_by_line
from tests import strategies as make
from tests.spatial.planning.edits.made import VILLAGE, after, back, holds, state_of


def _line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(np.array(xy) + make.ORIGIN)


def test_a_line_parts_a_cell_and_no_block_unless_asked() -> None:
    state = state_of()
    line = _line((190, 220), (410, 230))
    edit = split_by_line(state, f"{VILLAGE}002", line=line, used_codes={f"{VILLAGE}007"})
    holds(state, edit)
    assert edit.created == (f"{VILLAGE}008",)
    assert sorted(now for _, now in edit.households.values()) == [4, 4]
    assert set(edit.after["block_id"]) <= set(state.blocks["block_id"])
    again = split_by_line(state, f"{VILLAGE}002", line=line.reverse(), used_codes={f"{VILLAGE}007"})
    assert again.after.equals(edit.after)


def test_pieces_that_a_winding_line_cuts_off_join_the_other_side() -> None:
    state = state_of(columns=12, rows=8)
    xy = [(395, -10), (560, 150), (470, 260), (690, 400), (450, 420), (600, 810)]
    edit = split_by_line(state, f"{VILLAGE}002", line=_line(*xy))
    holds(state, edit)


def test_a_line_beside_the_cell_is_refused() -> None:
    with pytest.raises(InfeasibleError, match="does not part"):
        split_by_line(state_of(), f"{VILLAGE}002", line=_line((-50, -10), (-50, 500)))
    with pytest.raises(InfeasibleError, match="two different points"):
        split_by_line(state_of(), f"{VILLAGE}002", line=shapely.LineString([(0, 0), (0, 0)]))


def test_a_line_near_a_barrier_follows_it() -> None:
    road = make.lines_of(("road", "village", False, [(150, 300), (450, 300)]))
    drawn = _line((190, 310), (410, 292))
    edit = split_by_line(state_of(barriers=road), f"{VILLAGE}002", line=drawn, cut_blocks=True, snap_m=12)
    holds(state_of(), edit)
    assert edit.blocks.empty  # the road is the border of blocks, and the line went onto it


def test_blocks_are_cut_along_the_line_around_buildings_and_counted_from_homes() -> None:
    house = make.villages_of([make.box(240, 230, 270, 262)])[["geometry"]].assign(building_id="B1")
    spots = [(220, 210), (230, 280), (250, 285), (350, 205)]
    homes = make.homes_at(np.array(spots), 1).assign(households=[1, 2, 1, 4])
    held = np.ones(24)
    held[10], held[14] = 4, 4
    state = state_of(buildings=house, homes=homes, households=held)
    edit = split_by_line(state, f"{VILLAGE}002", line=_line((150, 250), (450, 250)), cut_blocks=True)
    holds(state, edit)
    cut = edit.blocks[edit.blocks["parent_id"] == "b0202"]
    assert len(cut) == 2
    assert sorted(cut["households"]) == [1, 3]
    assert sorted(edit.blocks[edit.blocks["parent_id"] == "b0302"]["households"]) == [0, 4]
    whole = shapely.intersection(edit.cells.geometry.to_numpy(), house.geometry.iloc[0])
    assert sorted(np.round(shapely.area(whole), 6)) == [0, 0, 0, 960]
    # Neighbours to the west and east got a node each, and keep cell and people.
    beside = edit.blocks[edit.blocks["parent_id"].isin(["b0102", "b0402"])]
    assert beside["households"].tolist() == [1, 1]
    rows = edit.after.merge(edit.blocks[["block_id", "parent_id"]], on="block_id")
    assert set(rows.loc[rows["parent_id"] == "b0102", "cell_code"]) == {f"{VILLAGE}001"}
    assert sorted(edit.before["block_id"]) == sorted({*edit.blocks["parent_id"], *edit.before["block_id"]})
    taken_back = back(after(state, edit), edit, cells=state.cells)
    assert taken_back.plan_blocks.equals(state.plan_blocks)


def test_a_hamlet_is_not_cut() -> None:
    hamlets = make.villages_of([make.box(200, 200, 300, 300)]).assign(hamlet_id="h1", hamlet="东屯")
    state = state_of(hamlets=hamlets)
    edit = split_by_line(state, f"{VILLAGE}002", line=_line((150, 250), (450, 250)), cut_blocks=True)
    holds(state, edit)
    assert edit.blocks["parent_id"].tolist().count("b0202") == 1  # whole, with a node of its neighbour
    assert "hamlet-cut" not in edit.problems.frame()["problem"].tolist()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_any_line_leaves_a_tiling_of_whole_cells(seed: int) -> None:
    rng = np.random.default_rng(seed)
    houses = make.villages_of([make.box(x, y, x + 18, y + 12) for x, y in rng.uniform(310, 560, (12, 2))])
    state = state_of(
        columns=9, rows=9, households=rng.integers(0, 9, 81).astype(float),
        buildings=houses[["geometry"]].assign(building_id=[f"B{i}" for i in range(12)]),
        homes=make.homes_at(rng.uniform(300, 600, (60, 2))),
    )  # fmt: skip
    turn = rng.uniform(0, np.pi)
    middle, reach = np.array([450, 450]) + rng.uniform(-80, 80, 2), 700 * np.array([np.cos(turn), np.sin(turn)])
    line = _line(tuple(middle - reach), tuple(middle + rng.uniform(-40, 40, 2)), tuple(middle + reach))
    edit = split_by_line(state, f"{VILLAGE}002", line=line, cut_blocks=True, snap_m=10)
    holds(state, edit)
    assert len(edit.cells) == 4
    restored = back(after(state, edit), edit, cells=state.cells)
    assert restored.plan_blocks.equals(state.plan_blocks)
