"""Plans as versions on both backends: branch, restore, status, what changed since the final plan."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from api.jobs.assign import AssignOptions, run_assign
from api.jobs.edit import Lock, Merge, Remark, Rename, Split, run_edit, run_redo, run_undo
from api.jobs.plans import listed_plans
from api.jobs.revisions import revision_now
from api.jobs.since_final import changes_since_final
from api.jobs.timeline import timeline
from api.jobs.versions import branch, restore, set_status
from api.refusals import NotAllowedError, StaleRevisionError
from spatial.errors import InfeasibleError, SchemaError

LI, WANG = "李", "王"
LAYERS = ("plan_blocks", "assignments", "micro_cells", "micro_homes", "contacts")


def rows(project, layer, plan):
    frame = pd.DataFrame(project.read(layer, where={"plan": plan}).drop(columns="plan"))
    return frame.sort_values(list(frame.columns[:2]), ignore_index=True)


def test_a_branch_is_the_plan_with_its_people_under_another_name(county, hand) -> None:
    source = county.current_plan()
    run_edit(county, Merge(*hand.pairs()[0]), who=LI)
    done = branch(county, who=WANG, name="新版", note="试一试")
    assert county.current_plan() == "新版"
    assert hand.shown("新版") == hand.shown(source)
    alive = set(hand.cells(source)["cell_code"])
    for layer in LAYERS:
        mine = rows(county, layer, source)
        mine = mine[mine["cell_code"].isin(alive)].reset_index(drop=True) if "cell_code" in mine else mine
        if layer == "micro_homes":
            kept = set(rows(county, "micro_cells", "新版")["micro_code"])
            mine = mine[mine["micro_code"].isin(kept)].reset_index(drop=True)
        assert len(mine) > 0
        assert_frame_equal(rows(county, layer, "新版"), mine)
    plan = county.read("plans").set_index("plan").loc["新版"]
    assert (plan["parent"], plan["status"], plan["made_by"], plan["note"]) == (source, "draft", WANG, "试一试")
    assert done["cells"] == len(alive)
    with pytest.raises(InfeasibleError, match="nothing to undo"):
        run_undo(county, who=LI)
    with pytest.raises(SchemaError, match="already"):
        branch(county, who=LI, name="新版")
    run_edit(county, Remark(hand.cells()["cell_code"].iloc[0], "只在新版里"), who=LI)
    assert hand.cells(source)["note"].isna().all()


def test_every_state_of_a_plan_can_be_had_back_as_a_new_plan(county, hand) -> None:
    plan, (keep, other), theirs = county.current_plan(), hand.pairs()[0], hand.pairs()[1]
    blocks = [set(county.read("plan_blocks", where={"plan": plan})["block_id"])]  # a split cuts some
    states = {county.read("history", columns=["id", "action"]).set_index("action")["id"]["plan"]: hand.shown()}
    for step in (
        lambda: run_edit(county, Merge(keep, other), who=LI),
        lambda: run_edit(county, Remark(keep, "合并后再看"), who=LI),
        lambda: run_edit(county, Split(keep, hand.line(keep)), who=WANG),
        lambda: run_edit(county, Rename(theirs[0], "河东"), who=LI),
        lambda: run_undo(county, who=LI),
        lambda: run_edit(county, Lock(theirs), who=WANG),
        lambda: run_undo(county, who=WANG),
        lambda: run_undo(county, who=WANG),
        lambda: run_redo(county, who=WANG),
    ):
        step()
        states[county.read("history", columns=["id"])["id"].iloc[-1]] = hand.shown(plan)
        blocks.append(set(county.read("plan_blocks", where={"plan": plan})["block_id"]))
    for number, (row, state) in enumerate(states.items()):
        done = restore(county, at=row, who=LI, plan=plan, name=f"r{number}")
        assert (done["parent"], done["at"], done["people"]) == (plan, row, number > 0)
        assert hand.shown(f"r{number}") == state
        members = county.read("plan_blocks", where={"plan": f"r{number}"})
        assert members["block_id"].is_unique
        assert set(members["block_id"]) == blocks[number]
    assert hand.shown(plan) == states[list(states)[-1]]
    at = county.read("history", where={"id": list(states)[2]})["at"].iloc[0]
    assert restore(county, at=at.isoformat(), who=LI, plan=plan)["at"] == list(states)[2]
    assert hand.shown() == states[list(states)[2]]


def test_what_cannot_be_restored_is_refused_in_words(county, hand) -> None:
    first = county.read("history")["id"].iloc[0]
    with pytest.raises(InfeasibleError, match="did not exist then"):
        restore(county, at=first, who=LI)
    with pytest.raises(InfeasibleError, match="did not exist then"):
        restore(county, at="1999-01-01", who=LI)
    with pytest.raises(SchemaError, match="neither a row of history nor a time"):
        restore(county, at="nope", who=LI)
    with pytest.raises(SchemaError, match="there is no plan"):
        restore(county, at=first, plan="nope", who=LI)
    row = county.read("history")["id"].iloc[-1]
    with county.change(who="QGIS", action="adopt", plan=county.current_plan()) as change:
        change.record(after={"cells": 3})
    with pytest.raises(InfeasibleError, match="from outside"):
        restore(county, at=row, who=LI)
    assert listed_plans(county)[-1]["plan"] == county.current_plan()


def test_people_assigned_anew_since_are_not_those_of_the_restored_plan(county, hand) -> None:
    run_edit(county, Merge(*hand.pairs()[0]), who=LI)
    row = county.read("history")["id"].iloc[-1]
    run_assign(county, AssignOptions())
    done = restore(county, at=row, who=LI, name="old")
    assert done["people"] is False
    assert county.read("assignments", where={"plan": "old"}).empty


def test_a_final_plan_never_changes_again(county, hand) -> None:
    plan, (keep, other) = county.current_plan(), hand.pairs()[0]
    run_edit(county, Remark(keep, "看"), who=LI)
    with pytest.raises(InfeasibleError, match="send it to review first"):
        set_status(county, "final", who=LI)
    set_status(county, "review", who=LI)
    set_status(county, "draft", who=LI)
    set_status(county, "review", who=LI)
    assert set_status(county, "final", who=WANG) == {
        "plan": plan, "before": "review", "status": "final", "supersedes": [],
    }  # fmt: skip
    before, count = hand.shown(), county.count("history")
    for act in (
        lambda: run_edit(county, Merge(keep, other), who=LI),
        lambda: run_edit(county, Remark(keep, "改"), who=LI),
        lambda: run_undo(county, who=LI),
        lambda: run_assign(county, AssignOptions()),
        lambda: set_status(county, "draft", who=LI),
        lambda: set_status(county, "review", who=LI),
    ):
        with pytest.raises(InfeasibleError, match="branch"):
            act()
    assert (hand.shown(), county.count("history")) == (before, count)
    assert timeline(county, plan=plan)[0]["zh"] == "状态：送审 → 定稿"
    branch(county, who=LI, name="b")
    set_status(county, "review", who=LI)
    assert set_status(county, "final", who=LI)["supersedes"] == [plan]
    listed = {row["plan"]: row for row in listed_plans(county)}
    assert (listed[plan]["status"], listed[plan]["superseded"]) == ("final", True)
    assert (listed["b"]["status"], listed["b"]["superseded"], listed["b"]["current"]) == ("final", False, True)


def test_what_changed_since_the_final_plan(county, hand) -> None:
    with pytest.raises(InfeasibleError, match="no plan is final"):
        changes_since_final(county)
    final, (keep, other), theirs = county.current_plan(), hand.pairs()[0], hand.pairs()[1]
    for status in ("review", "final"):
        set_status(county, status, who=WANG)
    branch(county, who=LI, name="b")
    moved = hand.cells().set_index("cell_code")["households"][other]
    run_edit(county, Merge(keep, other), who=LI)
    run_edit(county, Remark(theirs[0], "改名待定"), who=LI)
    run_edit(county, Lock((theirs[1],)), who=LI)
    run_undo(county, who=LI)
    done = changes_since_final(county)
    assert (done["plan"], done["final"], done["final_by"], done["edits"]) == ("b", final, WANG, 2)
    assert done["villages"] == sorted({keep[:-3], theirs[0][:-3]})
    assert done["households_moved"] == moved
    assert done["blocks_moved"] == len(county.read("plan_blocks", where={"plan": final, "cell_code": other}))
    assert done["attributes"] == [
        {"cell_code": theirs[0], "column": "note", "before": None, "after": "改名待定"}
    ]  # fmt: skip
    assert {(row["old_code"], row["new_code"], row["kind"]) for row in done["cells"]} == {
        (keep, keep, "kept"), (other, keep, "merged"),
    }  # fmt: skip
    assert listed_plans(county)[-1]["edits_since_final"] == 2
    branch(county, who=LI, name="c")
    run_edit(county, Rename(keep, "河东"), who=WANG)
    assert (changes_since_final(county)["edits"], changes_since_final(county, "b")["edits"]) == (3, 2)


def test_a_conflict_gives_both_versions_and_who_changed_it(county, hand) -> None:
    (keep, other), theirs = hand.pairs()[:2]
    seen, before = revision_now(county), hand.shown()
    run_edit(county, Merge(*theirs), who="赵")
    run_edit(county, Merge(keep, other), who=WANG)
    run_edit(county, Remark(keep, "已合并"), who=WANG)
    with pytest.raises(StaleRevisionError) as refused:
        run_edit(county, Split(other, hand.line(keep)), who=LI, revision=seen)
    conflict = refused.value.conflict
    assert conflict["village_code"] == keep[:-3]
    assert conflict["yours"]["revision"] == seen
    assert (conflict["yours"]["asked"]["action"], conflict["yours"]["asked"]["cell"]) == ("split", other)
    codes = {code for code in before if code[:-3] == keep[:-3]}
    assert {each["id"] for each in conflict["yours"]["cells"]["features"]} == codes
    assert {each["id"] for each in conflict["now"]["cells"]["features"]} == codes - {other}
    then = {each["id"]: each["properties"] for each in conflict["yours"]["cells"]["features"]}
    assert {code: then[code]["households"] for code in codes} == {code: before[code][6] for code in codes}
    now = {each["id"]: each["properties"] for each in conflict["now"]["cells"]["features"]}
    assert (then[keep]["note"], now[keep]["note"]) == (None, "已合并")
    assert [(row["who"], row["action"]) for row in conflict["changes"]] == [(WANG, "remark"), (WANG, "merge")]
    assert "王" not in str(conflict["yours"])


def test_a_plan_beyond_the_scope_is_not_branched_or_decided_on(county, hand) -> None:
    village = hand.cells()["village_code"].iloc[0]
    for act in (
        lambda: branch(county, who=LI, scope=(village,)),
        lambda: restore(county, at=county.read("history")["id"].iloc[-1], who=LI, scope=(village,)),
        lambda: set_status(county, "review", who=LI, scope=(village,)),
    ):
        with pytest.raises(NotAllowedError):
            act()
    assert len(listed_plans(county)) == 1


def test_the_history_says_before_and_after_in_words(county, hand) -> None:
    keep, other = hand.pairs()[0]
    cells = hand.cells().set_index("cell_code")
    name = county.read("villages", where={"village_code": keep[:-3]})["village"].iloc[0]
    blocks = county.read("plan_blocks", where={"plan": county.current_plan(), "cell_code": other})
    run_edit(county, Merge(keep, other), who=LI)
    run_edit(county, Remark(keep, "看"), who=WANG)
    remark, merge = timeline(county, limit=2)
    assert (remark["who"], remark["zh"]) == (WANG, f"{name} 备注：{keep[-3:]} 格备注 – → “看”")
    assert merge["en"] == (
        f"{name} merge: {other[-3:]} → {keep[-3:]}, {len(blocks)} blocks, {cells['households'][other]:.0f} households"
    )
    assert len(timeline(county, limit=500)) == county.count("history")
    reach = frozenset({"elsewhere"})
    assert all(row["village_code"] is None for row in timeline(county, limit=500, villages=reach))
    with county.change(who="service", action="sign in") as change:
        change.record(after={"user": "x"})
    assert "sign in" not in {row["action"] for row in timeline(county, service=False)}
