"""`wangge coverage`: what the cameras see, what they do not, and the official ratios."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.desk import Desk, Stopwatch, Target, counted, next_run, now, opened, plan_named, settled, who
from api.jobs.elsewhere import done_at
from api.jobs.inputs import Inputs, once_more
from api.jobs.listed import list_of_run
from api.jobs.progress import Progress, part, quiet
from api.jobs.ratios import county_details, county_ratios, run_before, stored_ratios
from spatial.coverage import CoverageOptions, cover
from spatial.coverage.figures.yardstick import ratios
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    import geopandas as gpd

    from api.store import Project
    from spatial.coverage import Coverage
    from spatial.coverage.sight.terrain import Terrain

__all__ = ["COVERED_BY", "CoverageJob", "computed", "covering", "earlier_runs", "plan_of_run", "run_coverage",
           "terrain_around"]  # fmt: skip

COVERED_BY = ("cameras", "villages", "buildings", "barriers", "hamlets", "places", "homes", "zones", "incidents")
"""Layers that coverage is computed from, beside the cells of its plan."""


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
    cameras; `SchemaError` for an unknown pixel level or camera; `StaleInputError` where the data keeps changing.
    """
    watch = Stopwatch()
    with opened(project) as store:
        done, coverage = once_more(lambda: _covered(store, options, progress), progress or quiet)
    if keep is not None:
        keep.append(coverage)
    return {**done, "seconds": watch.seconds}


def _covered(store: Project, options: CoverageJob, progress: Progress | None) -> tuple[dict[str, Any], Coverage]:
    """Read one state of the project, compute, and store if what was read still holds."""
    with store.reading():
        desk, run = Desk(store), next_run(store, "coverage")
        plan = plan_of_run(store, options.plan)
        given = covering(desk, plan)
        inputs = Inputs.read(store, *COVERED_BY, plan=plan)
        since = run_before(store, None, asdict(options))
        before = None if since is None else stored_ratios(store, since, level="county")
    coverage = computed(given, options, run=run, progress=progress)
    problems = desk.problems(coverage.problems, run=run)
    views, gaps = settled(desk.back(coverage.views), "views"), settled(desk.back(coverage.gaps), "gaps")
    with store.change(who=who(), action="coverage", plan=plan) as change:
        inputs.require_unchanged(store)
        run = next_run(store, "coverage")  # another run may have taken the next free name
        row = {"run": run, "kind": "coverage", "plan": plan, "settings": asdict(options), "made_at": now()}
        change.append("runs", pd.DataFrame([row]))
        change.append("views", views.assign(run=run))
        change.append("coverage", settled(coverage.table, "coverage").assign(run=run))
        change.append("coverage_details", settled(coverage.details, "coverage_details").assign(run=run))
        change.append("gaps", gaps.assign(run=run))
        list_of_run(change, problems.assign(run=run), earlier=earlier_runs(store, run))
        change.record(after={"run": run, "views": len(coverage.views), "gaps": len(coverage.gaps)})
    figures = {
        **coverage.figures, **counted(problems), "assumed": coverage.assumptions, "since": since,
        "ratios": county_ratios(ratios(coverage.table, coverage.details), before),
        "details": county_details(coverage.details),
    }  # fmt: skip
    return {"run": run, "plan": plan, **figures}, coverage


def covering(desk: Desk, plan: str | None) -> dict[str, Any]:
    """Read what coverage looks at, in metres; a layer without rows is None. `InfeasibleError` without cameras."""
    cameras = desk.read("cameras")
    if cameras.empty:
        raise InfeasibleError(
            "项目里没有摄像机：先 wangge load PROJECT cameras FILE",
            "the project holds no cameras: first wangge load PROJECT cameras FILE",
        )
    around = {name: desk.some(name) for name in COVERED_BY if name != "cameras"}
    cells = None if plan is None else desk.cells(plan)
    return {"cameras": cameras, "cells": cells, "terrain": terrain_around(desk, cameras), **around}


def computed(given: dict[str, Any], options: CoverageJob, *, run: str, progress: Progress | None = None) -> Coverage:
    """Compute coverage from what was read, without storing it."""
    return done_at(
        options.scheduler, cover, **given, run=run, progress=part(progress, "计算可视范围", "computing views"),
        options=CoverageOptions(
            pixels=options.pixels, resolution=options.resolution, without=tuple(options.without)
        ),
    )  # fmt: skip


def earlier_runs(store: Project, run: str) -> list[str]:
    """Name the runs of the same kind before this one."""
    runs = store.read("runs", columns=["run", "kind"])
    kind = runs.loc[runs["run"] == run, "kind"].iloc[0]
    earlier: list[str] = runs.loc[(runs["kind"] == kind) & (runs["run"] != run), "run"].tolist()
    return earlier


def plan_of_run(store: Project, name: str | None) -> str | None:
    """Give the plan a run reports on: the one named, else the one made last, else none."""
    return plan_named(store, name) if name is not None or store.count("plans") else None


def terrain_around(desk: Desk, cameras: gpd.GeoDataFrame) -> Terrain | None:
    """Read the heights around the cameras, where the project has a height model (the first that reaches there)."""
    models = desk.project.read("terrain")
    if models.empty:
        return None
    from files.reading.terrain import model_around  # noqa: PLC0415 (rasterio is slow to import, and few have hills)

    low_x, low_y, high_x, high_y = cameras.to_crs(4490).total_bounds
    pad = _AROUND_DEG
    for _, row in models.sort_values("path").iterrows():
        found = model_around(row, (low_x - pad, high_x + pad), (low_y - pad, high_y + pad))
        if found is not None:
            return found
    return None


_AROUND_DEG = 0.02
