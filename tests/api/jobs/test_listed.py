"""What the layer `problems` lists after one job or another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.assign import AssignOptions, run_assign
from api.jobs.check import run_check
from api.jobs.coverage import CoverageJob, run_coverage
from api.jobs.listed import LASTING, OF_HOUSEHOLDS
from api.jobs.plan import PlanJob, run_plan
from api.store import open_project
from spatial.problems import CATALOGUE, people, views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store import Project

ROOT = Path(__file__).resolve().parents[3]
_CHECKS = (
    "spatial/rules",
    "spatial/cuts.py",
    "spatial/planning/verify.py",
    "spatial/schema.py",
    "spatial/codes.py",
    "api/store/integrity.py",
)


@pytest.fixture
def project(tiny_project: Path) -> Iterator[Project]:
    with open_project(tiny_project) as opened:
        yield opened


def listed(project: Project) -> list[tuple[Any, ...]]:
    columns = ["problem", "layer", "code", "plan", "run", "message_en"]
    frame = project.read("problems", columns=columns).drop(columns="geometry", errors="ignore")
    return sorted(frame[columns].astype(object).fillna("").itertuples(index=False, name=None))


def hide(project: Project, layer: str, key: str, share: slice) -> None:
    """Take rows of a layer away, as a county's new file would."""
    gone = project.read(layer, columns=[key])[key].iloc[share].tolist()
    with project.change(who="test", action="test") as change:
        change.delete(layer, {key: gone})


def test_every_kind_belongs_to_somebody() -> None:
    files = [path for part in _CHECKS for path in sorted(ROOT.glob(part if part.endswith(".py") else f"{part}/*.py"))]
    found = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', "".join(path.read_text("utf-8") for path in files)))
    checked = (found & set(CATALOGUE)) | OF_HOUSEHOLDS
    of_runs = {name for name in CATALOGUE if name.startswith(("view-", "site-"))}
    of_runs |= {"camera-indoors", "coverage-of-nothing"} | {kind.problem for kind in views.KINDS} - checked
    assert set(CATALOGUE) - checked - of_runs <= LASTING
    assert not LASTING & checked
    assert set(CATALOGUE) >= LASTING
    assert {kind.problem for kind in people.KINDS} <= LASTING | checked


def test_a_check_keeps_what_only_the_work_itself_could_know(project: Project) -> None:
    hide(project, "members", "member_id", slice(0, None, 3))
    said = run_assign(project, AssignOptions())["kinds"]
    run_check(project)
    kinds = {row[0] for row in listed(project)}
    assert {kind for kind in said if kind in LASTING} <= kinds
    assert "view-assumed" in kinds


@pytest.mark.parametrize("job", ["check", "assign", "coverage"])
def test_the_same_job_again_lists_the_same(project: Project, job: str) -> None:
    def work() -> None:
        if job == "assign":
            run_assign(project, AssignOptions(contacts=1))
        elif job == "coverage":
            run_coverage(project, CoverageJob(resolution=2))
        run_check(project)

    work()
    before = listed(project)
    work()
    strip = [(*row[:4], row[5]) for row in before]
    assert [(*row[:4], row[5]) for row in listed(project)] == strip
    keys = [row[:4] if row[2] else row[:6] for row in before]
    assert len(keys) == len(set(keys))


def test_an_assignment_takes_what_the_one_before_said_off_the_list(project: Project) -> None:
    for contacts in (1, 500):
        said = run_assign(project, AssignOptions(contacts=contacts))["kinds"]
        rows = [row for row in listed(project) if row[0] == "contact-households-short"]
        assert len(rows) == said["contact-households-short"]
        assert len({row[2] for row in rows}) == len(rows)


def test_only_the_latest_run_is_listed(project: Project) -> None:
    run = run_coverage(project, CoverageJob(pixels="2025:discern", resolution=2))["run"]
    assert {row[4] for row in listed(project) if row[0].startswith("view-")} == {run}
    run_check(project)
    assert {row[4] for row in listed(project) if row[0].startswith("view-")} == {run}


def test_a_home_outside_is_listed_once_however_many_plans_met_it(project: Project) -> None:
    west = project.read("villages").total_bounds[0]
    frame = project.read("homes").head(1)
    frame["home_id"] = "far"
    frame.geometry = frame.geometry.translate(west - 0.002 - frame.geometry.x.iloc[0])
    with project.change(who="test", action="test") as change:
        change.append("homes", frame)
    for name in ("a", "b"):
        run_plan(project, PlanJob(name=name))
    rows = [row for row in listed(project) if row[2] == "far"]
    assert [row[0] for row in rows].count("home-outside-villages") == 1
    run_check(project)
    assert {row[0] for row in rows} <= {row[0] for row in listed(project) if row[2] == "far"}
    assert len([row for row in listed(project) if row[:3] == rows[0][:3]]) == 1
    with project.change(who="test", action="test") as change:
        change.delete("homes", {"home_id": "far"})
    run_check(project)
    assert not [row for row in listed(project) if row[2] == "far"]


def test_a_village_that_a_plan_has_no_cell_for_is_an_error(project: Project) -> None:
    frame = project.read("villages").head(1)
    frame["village_code"], frame["village"] = "999999999999", "新村"
    frame.geometry = frame.geometry.translate(1)
    with project.change(who="test", action="test") as change:
        change.append("villages", frame)
    run_check(project)
    assert [row[2] for row in listed(project) if row[0] == "village-without-cells"] == ["999999999999"]


def test_a_plan_of_some_villages_is_not_asked_for_the_others(project: Project) -> None:
    code = project.read("villages", columns=["village_code"])["village_code"].iloc[0]
    run_plan(project, PlanJob(scope=(code,), name="one"))
    run_check(project)
    assert not [row for row in listed(project) if row[0] == "village-without-cells"]
