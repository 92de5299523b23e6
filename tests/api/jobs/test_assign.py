"""Assigning people once more: what was changed by hand goes into a backup first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.assign import AssignOptions, run_assign
from api.store import backup_file, open_project
from api.store.backups import list_backups

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from api.store import Project


def test_assigning_again_keeps_what_was_changed_by_hand_in_a_backup(
    county: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(backup_file.FOLDER, str(tmp_path))
    first = run_assign(county, AssignOptions())
    assert first["backup"] is None or first["assignments"]  # what the demo held may be other people
    known = len(list_backups(county.backend))
    assert run_assign(county, AssignOptions())["backup"] is None  # the same people: nothing is lost
    posts = county.read("assignments", where={"plan": first["plan"]})
    with county.change(who="li", action="edit assignments", plan=first["plan"]) as change:
        change.delete("assignments", {"member_id": posts["member_id"].iloc[0]})
        change.append("assignments", posts.iloc[:1].assign(member_id="by-hand"))
    again = run_assign(county, AssignOptions())
    assert len(list_backups(county.backend)) == known + 1
    with open_project(again["backup"]) as kept:
        assert "by-hand" in set(kept.read("assignments")["member_id"])
    assert "by-hand" not in set(county.read("assignments")["member_id"])
    row = county.read("history").iloc[-1]
    assert row["action"] == "assign"
    assert row["before"]["assignments"] == len(posts)
    assert again["backup"].find(row["after"]["backup"]) > 0

    with county.change(who="li", action="edit assignments", plan=first["plan"]) as change:
        change.append("assignments", posts.iloc[:1].assign(member_id="by-hand"))
    assert run_assign(county, AssignOptions(backup=False))["backup"] is None


def test_the_longest_walk_of_each_cell_is_told_and_one_too_long_is_a_problem(county: Project) -> None:
    answer = run_assign(county, AssignOptions(backup=False))
    posts = county.read("assignments", where={"plan": answer["plan"]})
    walked = posts[~posts["role"].isin(["police", "instructor"])].groupby("cell_code")["walk_m"].max()
    told = {row["cell_code"]: row["walk_m"] for row in answer["longest_walks"]}
    assert told == walked.to_dict()
    assert [row["walk_m"] for row in answer["longest_walks"]] == sorted(told.values(), reverse=True)
    far = answer["longest_walks"][0]
    with county.change(who="li", action="profile") as change:
        plan = county.read("plans", where={"plan": answer["plan"]})
        text = f"[all]\ntarget_households = 200\n[rules]\nwalk_minutes_rural = {far['minutes'] - 0.01}\n"
        change.replace("plans", plan.assign(settings=[{"profile_text": text}]), where={"plan": answer["plan"]})
    strict = run_assign(county, AssignOptions(backup=False))
    assert strict["kinds"]["cell-walk-too-long"] >= 1
    found = county.read("problems", where={"problem": "cell-walk-too-long"})
    assert far["cell_code"] in set(found["code"])
    assert (found["plan"] == answer["plan"]).all()
    run_assign(county, AssignOptions(backup=False))
    again = county.read("problems", where={"problem": "cell-walk-too-long"})
    assert len(again) == len(found)
