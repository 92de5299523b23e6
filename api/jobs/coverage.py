"""`wangge coverage`: what the cameras see, what they do not, and the official ratios."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.desk import Desk, Stopwatch, Target, counted, next_run, now, opened, plan_named, settled, who
from api.jobs.elsewhere import done_at
from api.jobs.listed import list_of_run
from api.jobs.progress import Progress, part
from spatial.coverage import CoverageOptions, cover
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from api.store import Project
    from spatial.coverage import Coverage

__all__ = ["CoverageJob", "computed", "run_coverage"]


@dataclass(frozen=True)
class CoverageJob:
    """Which plan's cells to report on, at which pixel level, on which raster, without which cameras."""

    plan: str | None = None
    pixels: str = "2014:observe"
    resolution: float = 0.5
    without: tuple[str, ...] = ()
    scheduler: str | None = None


def run_coverage(
    project: Target, options: CoverageJob, progress: Progress | None = None, *, keep: list[Coverage] | None = None
) -> dict[str, Any]:
    """Compute one coverage run and store its views, table and gaps.

    `keep` takes the coverage itself, for siting right afterwards. Raises `InfeasibleError` where there are no
    cameras; `SchemaError` for an unknown pixel level or camera.
    """
    watch = Stopwatch()
    with opened(project) as store:
        desk = Desk(store)
        plan = plan_of_run(store, options.plan)
        run = next_run(store, "coverage")
        coverage = computed(desk, options, plan=plan, run=run, progress=progress)
        if keep is not None:
            keep.append(coverage)
        problems = desk.problems(coverage.problems, run=run)
        earlier = store.read("runs", where={"kind": "coverage"}, columns=["run"])["run"].tolist()
        with store.change(who=who(), action="coverage", plan=plan) as change:
            row = {"run": run, "kind": "coverage", "plan": plan, "settings": asdict(options), "made_at": now()}
            change.append("runs", pd.DataFrame([row]))
            change.append("views", settled(desk.back(coverage.views), "views"))
            change.append("coverage", settled(coverage.table, "coverage"))
            change.append("gaps", settled(desk.back(coverage.gaps), "gaps"))
            list_of_run(change, problems, earlier=earlier)
            change.record(after={"run": run, "views": len(coverage.views), "gaps": len(coverage.gaps)})
    figures = {**coverage.figures, **counted(problems), "assumed": coverage.assumptions}
    return {"run": run, "plan": plan, **figures, "seconds": watch.seconds}


def computed(
    desk: Desk, options: CoverageJob, *, plan: str | None, run: str, progress: Progress | None = None
) -> Coverage:
    """Compute coverage from what the project holds, without storing it."""
    cameras = desk.read("cameras")
    if cameras.empty:
        raise InfeasibleError(
            "项目里没有摄像机：先 wangge load PROJECT cameras FILE",
            "the project holds no cameras: first wangge load PROJECT cameras FILE",
        )
    layers = ("villages", "buildings", "barriers", "hamlets", "places", "homes", "zones")
    return done_at(
        options.scheduler, cover, cameras=cameras, cells=None if plan is None else desk.cells(plan),
        **{name: desk.some(name) for name in layers},
        options=CoverageOptions(
            pixels=options.pixels, resolution=options.resolution, without=tuple(options.without)
        ),
        run=run, progress=part(progress, "计算可视范围", "computing views"),
    )  # fmt: skip


def plan_of_run(store: Project, name: str | None) -> str | None:
    """Give the plan a run reports on: the one named, else the one made last, else none."""
    return plan_named(store, name) if name is not None or store.count("plans") else None
