"""`wangge site`: where the next cameras should go."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.coverage import COVERED_BY, CoverageJob, computed, covering, earlier_runs, plan_of_run
from api.jobs.desk import Desk, Stopwatch, Target, counted, next_run, now, opened, settled, who
from api.jobs.inputs import Inputs, once_more
from api.jobs.listed import list_of_run
from api.jobs.progress import Progress, part, quiet
from spatial.errors import SchemaError
from spatial.siting import SiteOptions, site_cameras
from spatial.weights import read_weights

if TYPE_CHECKING:
    from api.store import Project
    from spatial.coverage import Coverage

__all__ = ["SiteJob", "latest_coverage", "run_site"]


@dataclass(frozen=True)
class SiteJob:
    """How many cameras, or how much money, or which share of demand; exactly one of the three.

    `weights` is a file of weights and costs (`spatial.weights.read_weights`); what it said is kept with the run.
    """

    cameras: int | None = None
    budget: float | None = None
    reach: float | None = None
    phases: int = 2
    prove: bool = False
    headings: int = 8
    per_pole: int = 3
    turn: int = 0
    weights: str | None = None


def run_site(
    project: Target, options: SiteJob, progress: Progress | None = None, *, coverage: Coverage | None = None
) -> dict[str, Any]:
    """Choose sites against the blind areas of today, and store them as one run.

    What is covered today is computed anew with the settings of the latest coverage run, so that sites
    always answer to the cameras that are loaded now, unless `coverage` has just been computed. Raises
    `InfeasibleError` for a reach that no set of sites has, or a budget that buys none; `StaleInputError` where
    the data keeps changing.
    """
    watch = Stopwatch()
    asked = _asked(options)
    with opened(project) as store:
        done = once_more(lambda: _sited(store, asked, progress, coverage), progress or quiet)
    return {**done, "seconds": watch.seconds}


def _sited(
    store: Project, options: SiteOptions, progress: Progress | None, coverage: Coverage | None
) -> dict[str, Any]:
    """Read one state of the project, compute, and store if what was read still holds."""
    with store.reading():
        desk, run = Desk(store), next_run(store, "site")
        base = latest_coverage(store)
        plan = plan_of_run(store, base.plan)
        given = covering(desk, plan) if coverage is None else {}
        poles = desk.some("poles")
        inputs = Inputs.read(store, *COVERED_BY, "poles", plan=plan)
    if coverage is None:
        coverage = computed(given, base, run=run, progress=progress)
    siting = site_cameras(
        coverage, poles=poles, options=options, run=run,
        progress=part(progress, "选择点位", "choosing sites"),
    )  # fmt: skip
    problems = desk.problems(siting.problems, run=run)
    sites = settled(desk.back(siting.sites), "sites")
    with store.change(who=who(), action="site", plan=plan) as change:
        inputs.require_unchanged(store)
        run = next_run(store, "site")  # another run may have taken the next free name
        row = {"run": run, "kind": "site", "plan": plan, "settings": asdict(options), "made_at": now()}
        change.append("runs", pd.DataFrame([row]))
        change.append("sites", sites.assign(run=run))
        list_of_run(change, problems.assign(run=run), earlier=earlier_runs(store, run))
        change.record(after={"run": run, "sites": len(sites)})
    return {"run": run, **siting.figures, **counted(problems)}


def _asked(options: SiteJob) -> SiteOptions:
    """Read what is asked for; a refusal of the weights names their file."""
    values = asdict(options)
    file = values.pop("weights")
    if file is None:
        return SiteOptions(**values)
    try:
        weights, prices = read_weights(Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SchemaError(f"读不到 {file}，请核对路径", f"{file} cannot be read; check its path") from error
    except UnicodeDecodeError as error:
        raise SchemaError(
            f"{file}：不是 UTF-8 文本，请另存为 UTF-8", f"{file} is no UTF-8 text; save it as UTF-8"
        ) from error
    except SchemaError as error:
        raise SchemaError(f"{file}：{error.zh}", f"{file}: {error.en}") from error
    return SiteOptions(**values, weights=weights, prices=prices)


def latest_coverage(store: Project) -> CoverageJob:
    """Give the settings of the latest coverage run, or the defaults."""
    run = store.current_run("coverage")
    if run is None:
        return CoverageJob()
    settings = store.read("runs", where={"run": run}, columns=["settings"])["settings"].iloc[0]
    return CoverageJob(**{**settings, "without": tuple(settings["without"])})
