"""Edits of a plan on both backends: undo and redo by person, locks, what history keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from api.jobs.desk import Desk
from api.jobs.edit import (
    Border,
    Lock,
    Merge,
    Rebalance,
    Remark,
    Rename,
    Special,
    Split,
    preview_edit,
    run_edit,
    run_redo,
    run_undo,
)  # fmt: skip
from api.jobs.revisions import revision_now
from api.refusals import StaleRevisionError
from api.store import open_project
from spatial.errors import InfeasibleError, SchemaError
from tests.api.jobs.conftest import Hand

LI, WANG = "李", "王"


def wishes(hand, pair, count):
    """Give wishes of one village: splits and merges among remarks and names."""
    keep, other = pair
    yield Merge(keep, other)
    for number in range(count - 1):
        if number % 20 == 9:
            yield Split(keep, hand.line(keep))
        elif number % 20 == 19:
            mine = hand.cells()
            same = mine.loc[mine["village_code"] == keep[:-3], "cell_code"]
            yield Merge(keep, max(same))
        elif number % 2:
            yield Remark(keep, f"第 {number} 次")
        else:
            yield Rename(keep, f"网格 {number}")


def test_205_edits_are_taken_back_and_made_again_after_reopening(county, hand, target) -> None:
    count = 205
    states = {0: hand.shown()}
    for number, wish in enumerate(wishes(hand, hand.pairs()[0], count), start=1):
        run_edit(county, wish, who=LI)
        if number % 20 in {0, 10, 15}:
            states[number] = hand.shown()
    county.close()
    with open_project(target) as again:
        for number in range(count - 1, -1, -1):
            run_undo(again, who=LI)
            assert number not in states or Hand(again).shown() == states[number]
        with pytest.raises(InfeasibleError, match="nothing to undo"):
            run_undo(again, who=LI)
    with open_project(target) as again:
        for number in range(1, count + 1):
            run_redo(again, who=LI)
            assert number not in states or Hand(again).shown() == states[number]
        with pytest.raises(InfeasibleError, match="nothing to redo"):
            run_redo(again, who=LI)


def test_what_others_did_in_another_village_stays_when_i_undo(county, hand) -> None:
    mine, theirs = hand.pairs()[:2]
    before = hand.shown()
    run_edit(county, Merge(*mine), who=LI)
    run_edit(county, Merge(*theirs), who=WANG)
    run_undo(county, who=LI)
    after = hand.shown()
    assert {code: after[code] for code in after if code[:-3] == mine[0][:-3]} == {
        code: before[code] for code in before if code[:-3] == mine[0][:-3]
    }
    assert theirs[1] not in after
    run_redo(county, who=LI)
    run_undo(county, who=WANG)
    assert set(before) - set(hand.shown()) == {mine[1]}
    with pytest.raises(InfeasibleError, match="nothing to undo"):
        run_undo(county, who="赵")


def test_vertices_of_other_plans_do_not_get_into_a_plan_that_is_edited(county, hand) -> None:
    keep, other = hand.pairs()[0]
    mine = county.read("blocks", where={"village_code": keep[:-3]})
    metres = Desk(county).door.forward
    west = shapely.transform(mine.geometry.to_numpy(), lambda xy: np.nextafter(xy, -1))
    same = (
        shapely.get_coordinates(metres(mine.set_geometry(west, crs=mine.crs)).geometry)
        == shapely.get_coordinates(metres(mine).geometry)
    ).all(axis=1)  # fmt: skip
    assert same.any()  # the last bit of degrees is finer than that of metres
    with county.change(who=LI, action="test") as change:
        change.delete("blocks", {"block_id": mine["block_id"].tolist()})
        change.append("blocks", mine.assign(block_id="x" + mine["block_id"]).set_geometry(west, crs=mine.crs))
        change.append("blocks", mine)
    before = hand.shown()
    run_edit(county, Merge(keep, other), who=LI)
    run_undo(county, who=LI)
    assert hand.shown() == before


def test_nothing_is_taken_back_where_somebody_else_changed_the_same_village_since(county, hand) -> None:
    keep, other = hand.pairs()[0]
    run_edit(county, Merge(keep, other), who=LI)
    merged = hand.shown()
    run_edit(county, Split(keep, hand.line(keep)), who=WANG)
    split = hand.shown()
    with pytest.raises(InfeasibleError, match="王 changed village"):
        run_undo(county, who=LI)
    assert hand.shown() == split
    run_undo(county, who=WANG)
    assert hand.shown() == merged
    run_undo(county, who=LI)
    assert other in hand.shown()
    with pytest.raises(InfeasibleError, match="李 changed village"):  # the village is not as Wang's split found it
        run_redo(county, who=WANG)


def test_a_remark_of_somebody_else_on_my_new_cell_is_not_lost_to_my_undo(county, hand) -> None:
    keep, _ = hand.pairs()[0]
    known = set(hand.shown())
    run_edit(county, Split(keep, hand.line(keep)), who=LI)
    (fresh,) = set(hand.shown()) - known
    run_edit(county, Remark(fresh, "别动"), who=WANG)
    with pytest.raises(InfeasibleError, match="王 changed"):
        run_undo(county, who=LI)
    assert hand.cells().set_index("cell_code")["note"][fresh] == "别动"


def test_a_new_edit_ends_only_what_the_same_person_could_redo(county, hand) -> None:
    mine, theirs = hand.pairs()[:2]
    run_edit(county, Merge(*mine), who=LI)
    run_undo(county, who=LI)
    run_edit(county, Remark(theirs[0], "看"), who=WANG)
    run_redo(county, who=LI)
    run_undo(county, who=LI)
    run_edit(county, Remark(mine[0], "看"), who=LI)
    with pytest.raises(InfeasibleError, match="nothing to redo"):
        run_redo(county, who=LI)


def test_a_locked_cell_keeps_its_extent_but_not_its_name(county, hand) -> None:
    keep, other = hand.pairs()[0]
    run_edit(county, Merge(keep, other), who=WANG)
    run_edit(county, Lock((keep,)), who=LI)
    before = hand.shown()
    for wish in (Split(keep, hand.line(keep)), Merge(keep, other)):
        with pytest.raises(InfeasibleError):
            run_edit(county, wish, who=LI)
    with pytest.raises(InfeasibleError, match="locked"):
        run_undo(county, who=WANG)
    assert hand.shown() == before
    run_edit(county, Rename(keep, "  东头\n网格 "), who=LI)
    assert hand.cells().set_index("cell_code")["cell"][keep] == "东头 网格"
    run_edit(county, Lock((keep,), locked=False), who=LI)
    run_undo(county, who=WANG)
    assert other in hand.shown()


def test_history_keeps_rows_before_and_after(county, hand) -> None:
    keep, other = hand.pairs()[0]
    run_edit(county, Merge(keep, other), who=LI)
    run_edit(county, Remark(keep, "与镇里商量"), who=LI)
    merge, remark = county.read("history").iloc[-2:].to_dict("records")
    assert (merge["who"], merge["action"], merge["plan"]) == (LI, "merge", county.current_plan())
    assert {cell for _, cell in merge["before"]["blocks"]} == {other}
    assert {cell for _, cell in merge["after"]["blocks"]} == {keep}
    assert merge["before"]["cells"] == {other: {"end_date": None}}
    assert merge["after"]["cells"][other]["end_date"] is not None
    assert (remark["before"]["cells"], remark["after"]["cells"]) == (
        {keep: {"note": None}}, {keep: {"note": "与镇里商量"}},
    )  # fmt: skip


def test_what_changes_nothing_or_says_nothing_is_refused(county, hand) -> None:
    code = hand.cells()["cell_code"].iloc[0]
    rows = county.count("history")
    with pytest.raises(InfeasibleError, match="so already"):
        run_edit(county, Lock((code,), locked=False), who=LI)
    with pytest.raises(SchemaError, match="must not be empty"):
        run_edit(county, Rename(code, " \t"), who=LI)
    with pytest.raises(SchemaError, match="too long"):
        run_edit(county, Remark(code, "字" * 2001), who=LI)
    assert county.count("history") == rows


def test_signing_in_embeds_and_other_plans_stand_in_nobodys_way(county, hand) -> None:
    from api.jobs.versions import branch

    keep, other = hand.pairs()[0]
    seen, plan = revision_now(county), county.current_plan()
    for action in ("sign in", "embed", "user", "coverage"):
        with county.change(who=WANG, action=action) as change:
            change.record(after={})
    branch(county, who=WANG, name="other")
    run_edit(county, Merge(*hand.pairs()[0]), who=WANG)
    done = run_edit(county, Merge(keep, other), who=LI, revision=seen, plan=plan)
    assert done.plan == plan


def test_borders_balance_and_special_cells_are_edits_like_the_others(county, hand) -> None:
    keep, other = hand.pairs()[0]
    states = [hand.shown()]
    shape = hand.cells().set_index("cell_code").geometry
    through = shape[keep].representative_point(), shape[other].representative_point()
    middle = shape[other].intersection(shape[keep]).representative_point()
    run_edit(county, Remark(keep, "医院"), who=LI)
    states.append(hand.shown())
    run_edit(county, Special(keep), who=LI)
    states.append(hand.shown())
    (special,) = set(states[2]) - set(states[1])
    assert special[-3:] == "901"
    assert hand.cells().set_index("cell_code").loc[special, ["kind", "note"]].tolist() == ["special", "医院"]
    run_undo(county, who=LI)
    assert hand.shown() == states[1]
    run_redo(county, who=LI)
    assert hand.shown() == states[2]
    run_undo(county, who=LI)
    for wish in (
        Border(keep, other, tuple((x, y) for x, y in [through[1].coords[0], middle.coords[0]])),
        Rebalance((keep, other)),
    ):
        try:
            run_edit(county, wish, who=LI)
        except InfeasibleError:  # nothing lies between the courses, or nothing to even out
            continue
        assert hand.shown() != states[1]
        run_undo(county, who=LI)
        assert hand.shown() == states[1]


def test_a_preview_says_what_the_edit_then_does_and_stores_nothing(county, hand) -> None:
    keep, other = hand.pairs()[0]
    before, revision = hand.shown(), revision_now(county)
    seen = preview_edit(county, Merge(keep, other), who=LI)
    assert hand.shown() == before
    assert revision_now(county) == revision
    households = hand.cells().set_index("cell_code")["households"]
    assert [row for row in seen.households if row[0] == keep] == [
        (keep, households[keep], households[[keep, other]].sum())
    ]
    assert seen.moved == pytest.approx(households[other])
    done = run_edit(county, Merge(keep, other), who=LI)
    assert seen.cells["cell_code"].tolist() == [keep]
    stored = hand.cells().set_index("cell_code").geometry[keep]
    assert stored.normalize().equals_exact(seen.cells.geometry.iloc[0].normalize(), 0)
    assert seen.problems == done.problems
    with pytest.raises(StaleRevisionError):
        preview_edit(county, Split(keep, hand.line(keep)), who=WANG, revision=revision)


def test_what_an_edit_makes_worse_is_listed_until_it_is_taken_back(county, hand) -> None:
    keep, _ = hand.pairs()[0]

    def listed():
        rows = county.read("problems", where={"plan": county.current_plan(), "problem": "cell-over-tolerance"})
        return set(rows["code"])

    done = run_edit(county, Split(keep, hand.line(keep)), who=LI)
    assert {row["problem"] for row in done.problems} >= {"cell-over-tolerance"}
    worse = listed()
    assert keep in worse
    cells = hand.cells()
    mine = cells[(cells["village_code"] == keep[:-3]) & (cells["kind"] == "basic")]
    assert worse == set(mine.loc[mine["deviation_share"].abs() > 0.05, "cell_code"])
    run_undo(county, who=LI)
    left = hand.cells().set_index("cell_code")["deviation_share"]
    assert all(abs(left[code]) > 0.05 for code in listed())


def test_a_line_cuts_blocks_that_planning_made_and_leaves_loaded_ones_whole(county, hand) -> None:
    code = hand.cells().set_index("cell_code")["area_m2"].idxmax()
    blocks = county.read("blocks", columns=["block_id"])["block_id"]
    run_edit(county, Split(code, hand.line(code)), who=LI)
    after = county.read("blocks")
    fresh = after[~after["block_id"].isin(blocks)]
    assert len(fresh)
    assert fresh["parent_id"].isin(blocks).all()
    run_undo(county, who=LI)
    with county.change(who=LI, action="load blocks") as change:
        change.set("loaded_blocks", blocks.tolist())
    run_edit(county, Split(code, hand.line(code)), who=LI)
    assert len(county.read("blocks", columns=["block_id"])) == len(after)


@pytest.mark.parametrize("balance", ["residents", "occupied"])
def test_cells_are_held_to_what_the_plan_balances(county, hand, balance) -> None:
    plan = county.read("plans").iloc[0]
    row = {"plan": [plan["plan"]], "settings": [{**plan["settings"], "balance": balance}]}
    with county.change(who=LI, action="plan") as change:
        change.update("plans", pd.DataFrame(row))
    keep, other = hand.pairs()[0]
    run_edit(county, Merge(keep, other), who=LI)
    cells = hand.cells()
    mine = cells[(cells["village_code"] == keep[:-3]) & (cells["kind"] == "basic")]
    off = {name: mine[name] / mine[name].mean() - 1 for name in ("households", "residents")}
    if balance == "residents":
        assert mine["deviation_share"].to_numpy() == pytest.approx(off["residents"].to_numpy())
    assert mine["deviation_share"].to_numpy() != pytest.approx(off["households"].to_numpy())
