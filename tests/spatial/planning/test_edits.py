"""Edits by hand keep what a plan guarantees, or are refused."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.cells import cells_from
from spatial.planning.edits import Edit, PlanState, merge, move_blocks, split_by_line
from tests import strategies as make

VILLAGE = "211122101200"


def _state(columns: int = 6, rows: int = 4, side: float = 100) -> PlanState:
    """Three cells of two columns each, over square blocks with one household apiece."""
    spots = [(i, j) for i in range(columns) for j in range(rows)]
    shapes = [shapely.MultiPolygon([make.box(side * i, side * j, side * i + side, side * j + side)]) for i, j in spots]
    ids = [f"b{i:02d}{j:02d}" for i, j in spots]
    blocks = gpd.GeoDataFrame(
        {"block_id": ids, "village_code": VILLAGE, "households": 1.0, "workload": 2.0}, geometry=shapes, crs=make.CRS
    )
    codes = [f"{VILLAGE}{i * 3 // columns + 1:03d}" for i, _ in spots]
    links = pd.DataFrame({"plan": "p", "block_id": ids, "cell_code": codes})
    names = pd.DataFrame({"village_code": [VILLAGE], "village": ["新立村"]})
    return PlanState(blocks, links, cells_from(links, blocks, names, plan="p", start_date="2024-01-01"))


def _holds(state: PlanState, edit: Edit) -> None:
    shapes = edit.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_num_geometries(shapes) == 1).all()
    assert edit.cells.area.sum() == pytest.approx(state.blocks.area.sum())
    assert edit.cells["households"].sum() == state.blocks["households"].sum()
    basic = edit.cells["households"]
    assert edit.cells["deviation_share"].to_numpy() == pytest.approx(((basic - basic.mean()) / basic.mean()).to_numpy())


def test_moved_blocks_change_only_their_own_rows() -> None:
    state = _state()
    edit = move_blocks(state, ["b0200", "b0201"], to_cell=f"{VILLAGE}001")
    _holds(state, edit)
    assert edit.before["cell_code"].tolist() == [f"{VILLAGE}002"] * 2
    assert edit.after.to_numpy().tolist() == [["p", "b0200", f"{VILLAGE}001"], ["p", "b0201", f"{VILLAGE}001"]]
    assert edit.households == {f"{VILLAGE}001": (8, 10), f"{VILLAGE}002": (8, 6)}
    assert (edit.retired, edit.created) == ((), ())
    assert edit.cells["cell"].tolist()[0] == "新立村01网格"


def test_moves_that_break_or_empty_a_cell_are_refused() -> None:
    state = _state()
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
    told = move_blocks(state, ["b0502"], to_cell=f"{VILLAGE}001", allow_pieces=True)
    assert told.problems.frame()["problem"].tolist() == ["cell-in-pieces"]


def test_a_line_parts_a_cell_and_never_a_block() -> None:
    state = _state()
    line = shapely.LineString(np.array([(190, 220), (410, 230)]) + make.ORIGIN)
    edit = split_by_line(state, f"{VILLAGE}002", line=line, used_codes={f"{VILLAGE}007"})
    _holds(state, edit)
    assert edit.created == (f"{VILLAGE}008",)
    assert sorted(now for _, now in edit.households.values()) == [4, 4]
    assert set(edit.after["block_id"]) <= set(state.blocks["block_id"])
    again = split_by_line(state, f"{VILLAGE}002", line=line.reverse(), used_codes={f"{VILLAGE}007"})
    assert again.after.equals(edit.after)


def test_pieces_that_a_winding_line_cuts_off_join_the_other_side() -> None:
    state = _state(columns=12, rows=8)
    xy = [(395, -10), (560, 150), (470, 260), (690, 400), (450, 420), (600, 810)]
    edit = split_by_line(state, f"{VILLAGE}002", line=shapely.LineString(np.array(xy) + make.ORIGIN))
    _holds(state, edit)


def test_a_line_beside_the_cell_is_refused() -> None:
    line = shapely.LineString(np.array([(-50, -10), (-50, 500)]) + make.ORIGIN)
    with pytest.raises(InfeasibleError, match="does not part"):
        split_by_line(_state(), f"{VILLAGE}002", line=line)
    with pytest.raises(InfeasibleError, match="two different points"):
        split_by_line(_state(), f"{VILLAGE}002", line=shapely.LineString([(0, 0), (0, 0)]))


def test_merging_keeps_the_lower_code_and_retires_the_other() -> None:
    state = _state()
    edit = merge(state, f"{VILLAGE}002", f"{VILLAGE}001")
    _holds(state, edit)
    assert edit.retired == (f"{VILLAGE}002",)
    assert edit.households == {f"{VILLAGE}001": (8, 16), f"{VILLAGE}002": (8, None)}
    assert edit.cells["start_date"].tolist() == ["2024-01-01"] * 2
    with pytest.raises(InfeasibleError, match="share no border"):
        merge(state, f"{VILLAGE}001", f"{VILLAGE}003")


def test_an_edit_of_600_blocks_takes_a_tenth_of_a_second() -> None:
    state = _state(columns=30, rows=20)
    move_blocks(state, ["b1000"], to_cell=f"{VILLAGE}001")
    began = time.process_time()
    move_blocks(state, ["b1000", "b1001"], to_cell=f"{VILLAGE}001")
    split_by_line(state, f"{VILLAGE}002", line=shapely.LineString(np.array([(900, 990), (2100, 1010)]) + make.ORIGIN))
    assert time.process_time() - began < 0.2
