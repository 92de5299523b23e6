"""What maps and papers show of a plan that is not the one the latest coverage run looked at."""

from __future__ import annotations

from api.jobs.coverage import CoverageJob, run_coverage
from api.jobs.current import current_frames
from api.jobs.edit import Merge, run_edit
from api.jobs.plan import PlanJob, run_plan
from api.jobs.versions import branch


def test_a_run_of_another_plan_tells_nothing_of_cells_that_are_other_ground(county, hand) -> None:
    source = county.current_plan()
    run_coverage(county, CoverageJob(plan=source, resolution=2))
    branch(county, who="li", name="新版")
    layers = ("coverage", "gaps")
    before, same = (current_frames(county, layers, plan=plan) for plan in (source, "新版"))
    assert len(same["coverage"]) == len(before["coverage"])
    assert same["gaps"]["cell_code"].tolist() == before["gaps"]["cell_code"].tolist()
    keep, other = hand.pairs()[0]
    run_edit(county, Merge(keep, other), who="li")
    shown = current_frames(county, layers, plan="新版")
    gone = set(before["coverage"]["code"]) - set(shown["coverage"]["code"])
    assert gone == {keep, other}
    assert not {keep, other} & set(shown["gaps"]["cell_code"])
    assert len(shown["gaps"]) == len(before["gaps"])


def test_blocks_of_other_plans_are_left_out(county) -> None:
    source = county.current_plan()
    run_plan(county, PlanJob(cells=county.count("villages") * 3, name="另案"))
    for plan in (source, "另案"):
        mine = set(county.read("plan_blocks", where={"plan": plan})["block_id"])
        assert set(current_frames(county, ["blocks"], plan=plan)["blocks"]["block_id"]) == mine
    assert county.count("blocks") > len(mine)
