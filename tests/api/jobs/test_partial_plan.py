"""Plans that hold blocks of an earlier one: after edits by hand their cells still share every node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shapely

from api.jobs.carry import CarryOptions, run_carry
from api.jobs.desk import Desk
from api.jobs.edit import Merge, run_edit
from api.jobs.plan import PlanJob, run_plan, verified
from api.store import open_project
from tests.api.jobs.conftest import Hand

if TYPE_CHECKING:
    from pathlib import Path

    from api.store import Project


def scoped(project: Project, _: Path) -> str:
    """Plan one village after another anew; the borders of those that are kept get nodes."""
    for place in (2, 5):
        code = project.read("villages", columns=["village_code"])["village_code"].iloc[place]
        made = run_plan(project, PlanJob(from_plan=project.current_plan(), scope=(code,), households=55))
    return str(made["plan"])


def merged(project: Project, folder: Path) -> str:
    """Merge the two villages with the longest common border into one with a new code, by outlines alone."""
    villages = project.read("villages")
    shapes = villages.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="touches")
    pair = shapely.length(shapely.intersection(shapes[one], shapes[other])).argmax()
    row, gone = one[pair], other[pair]
    villages.loc[row, "village_code"] = villages["village_code"].iloc[row][:-3] + "999"
    villages.loc[row, "households"] += villages["households"].iloc[gone]
    villages.loc[[row], "geometry"] = [shapely.union_all(shapes[[row, gone]])]
    villages.drop(index=gone).to_file(folder / "new.geojson")
    answer = run_carry(project, CarryOptions(villages=str(folder / "new.geojson"), backup=False))
    assert answer["exact_tiling"], answer
    assert answer["contiguous"], answer
    assert answer["homes_once"], answer
    return str(answer["plan"])


@pytest.mark.parametrize("make", [scoped, merged])
def test_cells_stay_a_coverage_after_edits_at_the_borders(tiny_project: Path, tmp_path: Path, make: Any) -> None:
    with open_project(tiny_project) as project:
        plan = make(project, tmp_path)
        hand = Hand(project)
        pairs = hand.pairs()
        for keep, other in pairs:
            run_edit(project, Merge(keep, other), who="test", plan=plan)
        assert len(pairs) > 4
        assert shapely.coverage_is_valid(hand.cells(plan).geometry.to_numpy())
        assert verified(Desk(project), plan)[0]["exact_tiling"]


def test_planning_again_as_before_adds_no_block_whatever_was_planned_in_between(tiny_project: Path) -> None:
    with open_project(tiny_project) as project:
        names = [run_plan(project, PlanJob(households=wish))["plan"] for wish in (None, 55)]
        held = project.count("blocks")
        names.append(run_plan(project, PlanJob())["plan"])
        assert project.count("blocks") == held
        first, other, again = (
            set(project.read("plan_blocks", where={"plan": name})["block_id"]) for name in names
        )  # fmt: skip
        assert first == again
        assert first - other
        for name in names:
            assert verified(Desk(project), name)[0]["exact_tiling"]
