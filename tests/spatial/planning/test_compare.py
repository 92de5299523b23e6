"""Comparing plans: every household is accounted for, and each change has its name."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.planning.blocks.names import set_apart
from spatial.planning.compare import change_map, compare_plans, not_planned_in
from spatial.planning.edits import move_blocks, split_by_line
from tests import strategies as make
from tests.spatial.planning.edits.made import VILLAGE, after, state_of


def _plan(**cell_of: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    blocks = pd.DataFrame({"block_id": list(cell_of), "cell_code": list(cell_of.values())})
    return pd.DataFrame({"cell_code": sorted(set(cell_of.values()))}), blocks


def _blocks(ids: str, parents: dict[str, str] | None = None, households: float = 10) -> pd.DataFrame:
    parents = parents or {}
    rows = [*ids, *parents]
    return pd.DataFrame({"block_id": rows, "parent_id": [parents.get(i) for i in rows], "households": households})


def _kinds(answer) -> dict:
    return {(row.old_code, row.new_code): row.kind for row in answer.frame.itertuples()}


def _squares(codes: list[str], boxes: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    shapes = [shapely.box(start, 0, end, 100) for start, end in boxes]
    return gpd.GeoDataFrame(
        {"cell_code": codes, "village_code": [code[:-3] for code in codes]}, geometry=shapes, crs=4550
    )


def test_a_village_is_left_out_by_its_ground_not_by_its_code() -> None:
    whole = _squares(["a001", "a002", "b001"], [(0, 100), (100, 200), (200, 300)])
    renamed = _squares(["c001"], [(0, 200.5)])  # half a metre into the neighbour
    assert not_planned_in(renamed, whole) == ["b"]
    assert not_planned_in(whole, renamed) == []
    assert not_planned_in(whole.iloc[:0], whole) == ["a", "b"]
    assert not_planned_in(whole, whole.iloc[:0]) == []


def test_the_same_plan_is_unchanged() -> None:
    plan = _plan(a="1", b="1", c="2")
    answer = compare_plans(*plan, *plan, _blocks("abc"))
    assert answer.frame["kind"].tolist() == ["unchanged", "unchanged"]
    assert answer.totals["households_moved"] == 0
    assert answer.totals["kept_share"] == 1


def test_each_change_has_its_name() -> None:
    old = _plan(a="1", b="1", c="2", d="3", e="3", f="4")
    new = _plan(a="1", b="2", c="2", d="3", e="9", f="3")
    kinds = _kinds(compare_plans(*old, *new, _blocks("abcdef")))
    assert kinds == {("1", "1"): "kept", ("1", "2"): "moved", ("2", "2"): "kept", ("3", "3"): "kept",
                     ("3", "9"): "split", ("4", "3"): "merged"}  # fmt: skip


def test_a_split_block_counts_with_its_parent() -> None:
    old, new = _plan(a="1", b="2"), _plan(a1="1", a2="2", b="2")
    blocks = _blocks("ab", {"a1": "a", "a2": "a"})
    blocks.loc[blocks["block_id"].isin(["a1", "a2"]), "households"] = [7, 3]
    answer = compare_plans(*old, *new, blocks)
    assert answer.frame.set_index(["old_code", "new_code"]).loc[("1", "2"), "households"] == 3
    assert answer.totals["households"] == 20
    back = compare_plans(*new, *old, blocks)
    assert back.totals["households_moved"] == 3


def test_cells_without_a_partner_are_named() -> None:
    kinds = _kinds(compare_plans(*_plan(a="1"), *_plan(b="2"), _blocks("ab")))
    assert sorted(kinds.values()) == ["new", "retired"]


def test_plans_on_other_blocks_are_compared_by_homes() -> None:
    def cells(*cuts: float) -> gpd.GeoDataFrame:
        edges = [0, *cuts, 100]
        boxes = [shapely.box(a, 0, b, 10) for a, b in itertools.pairwise(edges)]
        return gpd.GeoDataFrame({"cell_code": [str(i) for i in range(len(boxes))]}, geometry=boxes, crs="EPSG:4550")

    homes = gpd.GeoDataFrame({"households": 1}, index=range(100),
                             geometry=shapely.points(np.arange(100) + 0.5, 5), crs="EPSG:4550")  # fmt: skip
    a, b = _plan(a="0", b="1")[1], _plan(c="0", d="1")[1]
    answer = compare_plans(cells(40), a, cells(60), b, _blocks("abcd"), homes=homes)
    assert answer.totals["households_moved"] == 20
    assert answer.totals["kept_share"] == pytest.approx(0.8)


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("234")), min_size=1, max_size=12))
def test_households_are_conserved(codes: list[tuple[str, str]]) -> None:
    names = [f"b{i:02d}" for i in range(len(codes))]
    old = _plan(**{name: code[0] for name, code in zip(names, codes, strict=True)})
    new = _plan(**{name: code[1] for name, code in zip(names, codes, strict=True)})
    blocks = pd.DataFrame({"block_id": names, "parent_id": None, "households": 5.0})
    answer = compare_plans(*old, *new, blocks)
    assert answer.frame["households"].sum() == 5 * len(codes)
    shares = answer.frame.groupby("old_code")["kept_share"].sum()
    assert shares.to_numpy() == pytest.approx(1)


def test_a_village_that_was_cut_anew_is_compared_by_its_homes() -> None:
    west, east = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
    cells = gpd.GeoDataFrame({"cell_code": ["V001", "V002"]}, geometry=[west, east], crs="EPSG:4550")
    homes = gpd.GeoDataFrame({"households": [3, 4]}, geometry=gpd.points_from_xy([5, 15], [5, 5]), crs="EPSG:4550")
    old = pd.DataFrame({"block_id": ["a", "b"], "cell_code": ["V001", "V002"]})
    new = pd.DataFrame({"block_id": ["a", "b1", "b2"], "cell_code": ["V001", "V002", "V002"]})
    blocks = pd.DataFrame({"block_id": ["a", "b", "b1", "b2"], "parent_id": None, "households": [3.0, 4.0, 4.0, 0.0]})
    answer = compare_plans(cells, old, cells, new, blocks, homes=homes)
    assert answer.frame["kind"].tolist() == ["unchanged", "unchanged"]
    assert answer.totals["households"] == 7


def test_a_village_that_only_one_plan_holds_keeps_the_comparison_by_blocks() -> None:
    old, new = _plan(a="V001", b="W001"), _plan(a="V001")
    homes = gpd.GeoDataFrame({"households": [99]}, geometry=gpd.points_from_xy([5], [5]), crs="EPSG:4550")
    answer = compare_plans(*old, *new, _blocks("ab"), homes=homes)
    assert answer.totals["households"] == 20


def test_the_map_of_changes_draws_the_ground_that_changed_cells() -> None:
    state = state_of()
    edit = move_blocks(state, ["b0200", "b0201"], to_cell=f"{VILLAGE}001")
    split = split_by_line(
        after(state, edit), f"{VILLAGE}003", line=shapely.LineString(np.array([(390, 200), (610, 200)]) + make.ORIGIN)
    )
    new = after(after(state, edit), split)
    comparison = compare_plans(state.cells, state.plan_blocks, new.cells, new.plan_blocks, state.blocks)
    drawn = change_map(state.cells, new.cells, comparison)
    assert drawn.area.sum() == pytest.approx(state.cells.area.sum())
    moved = drawn[drawn["kind"] == "moved"]
    assert moved[["old_code", "new_code", "households"]].to_numpy().tolist() == [
        [f"{VILLAGE}002", f"{VILLAGE}001", 2.0]
    ]
    assert moved["area_m2"].tolist() == pytest.approx([20_000])
    assert set(drawn["kind"]) == {"kept", "moved", "split"}
    same = change_map(state.cells, state.cells, compare_plans(
        state.cells, state.plan_blocks, state.cells, state.plan_blocks, state.blocks
    ))  # fmt: skip
    assert set(same["kind"]) == {"unchanged"}
    fewer = state.cells.iloc[:2]
    gone = compare_plans(state.cells, state.plan_blocks, fewer, state.plan_blocks.iloc[:16], state.blocks)
    assert change_map(state.cells, fewer, gone)["kind"].tolist() == ["unchanged", "unchanged", "retired"]


def test_blocks_that_differ_by_nodes_on_their_border_are_the_same_ground() -> None:
    state = state_of()
    blocks = state.blocks.copy()
    stored = blocks.copy()
    blocks.loc[0, "geometry"] = shapely.segmentize(blocks.geometry[0], 60)
    apart, links = set_apart(blocks, state.plan_blocks, stored)
    assert (apart["block_id"] != blocks["block_id"]).tolist() == [True] + [False] * 23
    assert apart["parent_id"].iloc[0] == blocks["block_id"].iloc[0]
    assert set(links["block_id"]) == set(apart["block_id"])
    assert set_apart(blocks, state.plan_blocks, stored)[0]["block_id"].tolist() == apart["block_id"].tolist()
    other, more = set_apart(blocks.assign(geometry=shapely.segmentize(blocks.geometry, 30)), state.plan_blocks, stored)
    known = pd.concat([stored, apart.iloc[:1], other], ignore_index=True)
    for one, two in ((state.plan_blocks, links), (links, more)):
        comparison = compare_plans(state.cells, one, state.cells, two, known)
        assert set(comparison.frame["kind"]) == {"unchanged"}
        assert comparison.totals["households"] == 24
