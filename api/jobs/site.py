"""`wangge site`: where the next cameras should go."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.coverage import CoverageJob, computed, plan_of_run
from api.jobs.desk import Desk, Stopwatch, Target, counted, next_run, now, opened, settled, who
from api.jobs.listed import list_of_run
from api.jobs.progress import Progress, part
from spatial.siting import SiteOptions, site_cameras

if TYPE_CHECKING:
    from api.store import Project
    from spatial.coverage import Coverage

__all__ = ["SiteJob", "run_site"]


@dataclass(frozen=True)
class SiteJob:
    """How many cameras, or how much money, or which share of demand; exactly one of the three."""

    cameras: int | None = None
    budget: float | None = None
    reach: float | None = None
    phases: int = 2
    prove: bool = False


def run_site(
    project: Target, options: SiteJob, progress: Progress | None = None, *, coverage: Coverage | None = None
) -> dict[str, Any]:
    """Choose sites against the blind areas of today, and store them as one run.

    What is covered today is computed anew with the settings of the latest coverage run, so that sites
    always answer to the cameras that are loaded now, unless `coverage` has just been computed. Raises
    `InfeasibleError` for a reach that no set of
    sites has, or a budget that buys none.
    """
    watch = Stopwatch()
    with opened(project) as store:
        desk = Desk(store)
        base = _latest(store)
        plan = plan_of_run(store, base.plan)
        run = next_run(store, "site")
        if coverage is None:
            coverage = computed(desk, base, plan=plan, run=run, progress=progress)
        siting = site_cameras(
            coverage, poles=desk.some("poles"), options=SiteOptions(**asdict(options)), run=run,
            progress=part(progress, "选择点位", "choosing sites"),
        )  # fmt: skip
        problems = desk.problems(siting.problems, run=run)
        earlier = store.read("runs", where={"kind": "site"}, columns=["run"])["run"].tolist()
        with store.change(who=who(), action="site", plan=plan) as change:
            row = {"run": run, "kind": "site", "plan": plan, "settings": asdict(options), "made_at": now()}
            change.append("runs", pd.DataFrame([row]))
            change.append("sites", settled(desk.back(siting.sites), "sites"))
            list_of_run(change, problems, earlier=earlier)
            change.record(after={"run": run, "sites": len(siting.sites)})
    return {"run": run, **siting.figures, **counted(problems), "seconds": watch.seconds}


def _latest(store: Project) -> CoverageJob:
    """Give the settings of the latest coverage run, or the defaults."""
    run = store.current_run("coverage")
    if run is None:
        return CoverageJob()
    settings = store.read("runs", where={"run": run}, columns=["settings"])["settings"].iloc[0]
    return CoverageJob(**{**settings, "without": tuple(settings["without"])})
