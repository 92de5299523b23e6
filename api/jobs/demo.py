"""`wangge demo`: a sample county from nothing, through every job a county goes through."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.assign import AssignOptions, run_assign
from api.jobs.coverage import CoverageJob, run_coverage
from api.jobs.desk import Stopwatch, counted, who
from api.jobs.export import ExportJob, run_export
from api.jobs.load import store_layer
from api.jobs.map import MapOptions, run_map
from api.jobs.plan import PlanJob, run_plan
from api.jobs.progress import Progress, quiet
from api.jobs.site import SiteJob, run_site
from api.server import page_answers
from api.store import open_project
from data.boundaries import county
from spatial.crs import MetreDoor, measuring_crs
from spatial.errors import SchemaError
from spatial.kernels import cache_base
from spatial.layers import LAYERS
from spatial.problems import Problems
from spatial.sample import sample_county
from spatial.schema import check_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store import Project
    from data.boundaries import County
    from spatial.coverage import Coverage

__all__ = ["DemoOptions", "run_demo"]

_FORMATS = (("xlsx", "pdf"), ("gpkg", "geojson"))
"""What is written side by side: what gets signed, and the layers for other programs."""
_NEW_CAMERAS = 100
"""One new camera is proposed for so many that stand."""


@dataclass(frozen=True)
class DemoOptions:
    """Where to, and which of the shipped counties."""

    folder: str = "demo"
    county: str = "panshan"


def run_demo(options: DemoOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Make `county.gpkg`, `map.html` and `papers/` in a folder, and ask the page once over HTTP.

    An earlier sample in the folder is replaced once the new one is whole; a project that is no sample is
    never touched (`SchemaError`).
    """
    watch, tell = Stopwatch(), progress or quiet
    kernels = "warm" if _kernels_cached() else "cold"
    folder = Path(options.folder)
    target = folder / "county.gpkg"
    _require_ours(target)
    folder.mkdir(parents=True, exist_ok=True)
    growing = folder / "county.growing.gpkg"
    _remove(growing)
    shipped = county(options.county)
    steps: dict[str, float] = {}
    try:
        with open_project(growing, create=True) as project:
            answers = _work(project, shipped, tell, steps)
            answers |= _shown(project, folder, tell, steps)
        _remove(target)
        growing.replace(target)
    finally:
        _remove(growing)
    del answers["map"]
    return {
        "project": str(target), "map": str(folder / "map.html"), "papers": str(folder / "papers"),
        "county": shipped.title, "kernels": kernels, **answers, "steps": steps, "seconds": watch.seconds,
    }  # fmt: skip


def _work(project: Project, shipped: County, tell: Progress, steps: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Do one job after the other; `steps` takes the seconds of each."""
    sites = max(5, shipped.cameras // _NEW_CAMERAS)
    seen: list[Coverage] = []
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "sample": lambda: store_sample(project, shipped, tell),
        "plan": lambda: run_plan(project, PlanJob(cells=shipped.cells), tell),
        "assign": lambda: run_assign(project, AssignOptions(), tell),
        "coverage": lambda: run_coverage(project, CoverageJob(), tell, keep=seen),
        "site": lambda: run_site(project, SiteJob(cameras=sites), tell, coverage=seen.pop()),
    }
    answers = {}
    for name, job in jobs.items():
        watch = Stopwatch()
        answers[name] = job()
        steps[name] = watch.seconds
    return answers


def _shown(project: Project, folder: Path, tell: Progress, steps: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Write papers and layers in processes of their own, and meanwhile draw the map and ask the page."""
    watch = Stopwatch()
    with ProcessPoolExecutor(len(_FORMATS), mp_context=get_context("spawn")) as beside:
        written = [
            beside.submit(run_export, project.target, ExportJob(str(folder / "papers"), formats))
            for formats in _FORMATS
        ]
        drawn = run_map(project, MapOptions(str(folder / "map.html")), tell)
        steps["map"] = watch.seconds
        page = page_answers(project)
        exports = [each.result() for each in written]
    files = [file for export in exports for file in export["files"]]
    answers = {"map": drawn, "page": page, "export": exports[0] | {"files": files}}
    steps["papers"] = watch.seconds
    return answers


def store_sample(project: Project, shipped: County, progress: Progress = quiet) -> dict[str, Any]:
    """Generate a sample county and store it through the same checks as any layer that is loaded."""
    west, south, east, north = shipped.outline.total_bounds
    door = MetreDoor(measuring_crs((west + east) / 2, (south + north) / 2))
    sample = sample_county(
        door.forward(shipped.outline), shipped.towns, shipped.villages, households=shipped.households,
        cells=shipped.cells, cameras=shipped.cameras, seed=0, progress=progress,
    )  # fmt: skip
    problems = Problems()
    with project.change(who=who(), action="demo") as change:
        change.set("sample", value=True)
        for layer in (name for name in LAYERS if name in sample.frames):
            frame = door.back(sample.frames[layer])
            problems.extend(check_frame(layer, frame))
            store_layer(project, change, layer, frame)
    rows = {layer: len(frame) for layer, frame in sample.frames.items()}
    return {"layers": rows, **counted(problems)}


def _require_ours(target: Path) -> None:
    """Refuse a folder whose county.gpkg is somebody's own work."""
    if not target.exists():
        return
    with open_project(target) as project:
        if not project.settings.get("sample"):
            raise SchemaError(
                f"{target} 不是示意项目，不会覆盖：请另选文件夹",
                f"{target} is no sample project and will not be replaced: choose another folder",
            )


def _remove(path: Path) -> None:
    """Remove a project file of ours with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _kernels_cached() -> bool:
    """Tell whether this machine holds compiled kernels from an earlier run."""
    return any(cache_base().rglob("*.nbc"))
