"""`wangge export`: ledgers, map sheets and data files of the current plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.jobs.current import all_layers, county_title, current_frames
from api.jobs.desk import Stopwatch, Target, language, now, opened, plan_named
from api.jobs.progress import Progress, part
from files.writing import ExportOptions, export_files
from spatial.errors import InfeasibleError

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
    """Write the files; the project is only read. Gives them with their sizes in bytes."""
    watch, tell = Stopwatch(), part(progress, "导出", "exporting")
    tell(0, len(options.format) + 1, "")
    with opened(project) as store, store.reading():
        plan = None if options.plan is None and not store.count("plans") else plan_named(store, options.plan)
        frames = current_frames(store, all_layers(), plan=plan)
        if not frames:
            raise InfeasibleError("项目是空的，没有可导出的内容", "the project is empty, there is nothing to export")
        title = county_title(store)
        settings = ExportOptions(
            name=re.sub(r"\W+", "-", title).strip("-") or "wangge", county=title, plan=plan or "",
            datum=options.datum, public=options.public,
            sample=bool(store.settings.get("sample")), today=now().tz_convert("Asia/Shanghai").date(),
            measuring_crs=store.settings.get("measuring_crs"), lang=language(),
            protected=() if store.path is None else (store.path,),
        )  # fmt: skip
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for done, name in enumerate(dict.fromkeys(options.format), start=1):
        tell(done, len(options.format) + 1, "")
        written += export_files(frames, out, [name], options=settings)
    tell(1, 1, "")
    return {
        "plan": plan, "out": str(out), "layers": {layer: len(frame) for layer, frame in frames.items()},
        "files": [{"file": str(path), "bytes": path.stat().st_size} for path in written], "seconds": watch.seconds,
    }  # fmt: skip
