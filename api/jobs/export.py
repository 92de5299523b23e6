"""`wangge export`: ledgers, map sheets and data files of the current plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.compare import compared
from api.jobs.current import all_layers, county_title, current_frames
from api.jobs.desk import Desk, Stopwatch, Target, language, now, opened, plan_named
from api.jobs.progress import Progress, part
from api.jobs.ratios import run_before, stored_ratios
from files.writing import ExportOptions, export_files
from spatial.coverage.optics.pixels import pixel_name
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    import pandas as pd

    from api.store import Project

__all__ = ["ExportJob", "run_export"]


@dataclass(frozen=True)
class ExportJob:
    """Where to, as what, of which plan, in which datum, with or without sensitive layers."""

    out: str
    format: tuple[str, ...] = ("xlsx", "gpkg")
    plan: str | None = None
    datum: str = "cgcs2000"
    public: bool = False


def run_export(project: Target, options: ExportJob, progress: Progress | None = None) -> dict[str, Any]:
    """Write the files; the project is only read. Gives them with their sizes in bytes.

    Raises `InfeasibleError` for an empty project.
    """
    watch, tell = Stopwatch(), part(progress, "导出", "exporting")
    with opened(project) as store, store.reading():
        plan = None if options.plan is None and not store.count("plans") else plan_named(store, options.plan)
        frames = current_frames(store, all_layers(), plan=plan)
        if not frames:
            raise InfeasibleError("项目是空的，没有可导出的内容", "the project is empty, there is nothing to export")
        settings = _settings(store, options, plan)
    out = Path(options.out)
    written = export_files(frames, out, options.format, options=settings, progress=tell)
    return {
        "plan": plan, "out": str(out), "layers": {layer: len(frame) for layer, frame in frames.items()},
        "files": [{"file": str(path), "bytes": path.stat().st_size} for path in written], "seconds": watch.seconds,
    }  # fmt: skip


def _settings(store: Project, options: ExportJob, plan: str | None) -> ExportOptions:
    """Say what all papers need to know of the project: its name, its CRS, what changed since the plan before."""
    title = county_title(store)
    return ExportOptions(
        name=re.sub(r"\W+", "-", title).strip("-") or "wangge", county=title, plan=plan or "",
        datum=options.datum, public=options.public,
        sample=bool(store.settings.get("sample")), today=now().tz_convert("Asia/Shanghai").date(),
        measuring_crs=store.settings.get("measuring_crs"), lang=language(), changes=_changes(store, plan),
        protected=() if store.path is None else (store.path,), turns=_turns(store), **_run(store),
    )  # fmt: skip


def _run(store: Project) -> dict[str, Any]:
    """Say at which pixel level the latest coverage run looked, and what the run before it found."""
    run = store.current_run("coverage")
    if run is None:
        return {}
    settings = store.read("runs", where={"run": run}, columns=["settings"])["settings"].iloc[0]
    before = run_before(store, run, settings)
    return {
        "pixel_level": pixel_name(settings["pixels"]) + _what_if(settings),
        "run_before": before or "",
        "ratios_before": None if before is None else stored_ratios(store, before), "remedies": _remedies(store, run),
    }  # fmt: skip


def _what_if(settings: dict[str, Any]) -> str:
    """Mark the figures of a run that took some cameras as switched off."""
    off = len(settings.get("without") or ())
    if not off:
        return ""
    return f"；设想：{off} 台摄像机按停用计算" if language() == "zh" else f"; what if: {off} cameras taken as off"


def _remedies(store: Project, run: str) -> dict[str, str]:
    """Say what mends each blind area of a run, by its id: the problems of these kinds begin with it."""
    kinds = ["gap-repair", "gap-turn", "gap-lens"]
    found = store.read("problems", where={"run": run, "problem": kinds}, columns=["message_zh", "message_en"])
    gap = found["message_en"].str.extract(r"^blind area (\S+)", expand=False)
    return dict(zip(gap, found["message_zh" if language() == "zh" else "message_en"], strict=True))


def _turns(store: Project) -> dict[str, str]:
    """Say which cameras the latest choice of sites turns, in the order of gain, and what for."""
    run = store.current_run("site")
    if run is None:
        return {}
    found = store.read(
        "problems", where={"run": run, "problem": "camera-turn"}, columns=["code", "message_zh", "message_en"]
    )
    return dict(zip(found["code"], found["message_zh" if language() == "zh" else "message_en"], strict=True))


def _changes(store: Project, plan: str | None) -> pd.DataFrame | None:
    """Compare a plan with the one it was made from, where there is one."""
    if plan is None:
        return None
    parent = store.read("plans", where={"plan": plan}, columns=["parent"])["parent"].iloc[0]
    if not isinstance(parent, str) or not store.count("cells"):
        return None
    return compared(Desk(store), parent, plan).frame
