"""`wangge map`: one HTML file that opens with no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.current import county_title, current_frames, headline
from api.jobs.desk import Stopwatch, Target, language, opened
from api.jobs.progress import Progress, part
from spatial.errors import InfeasibleError
from web import MapFrames, county_map

if TYPE_CHECKING:
    from api.store import Project

__all__ = ["MAP_LAYERS", "MapOptions", "map_frames", "run_map"]

MAP_LAYERS = (
    "villages", "cells", "members", "cameras", "views", "gaps", "places", "barriers", "buildings", "sites",
    "coverage", "assignments",
)  # fmt: skip
"""The layers a map may show; what is sensitive never leaves the signed-in pages and the planner's own file."""


@dataclass(frozen=True)
class MapOptions:
    """Where to, and which view opens first."""

    out: str
    view: str = "cells"


def run_map(project: Target, options: MapOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Write the map of a project into one file."""
    watch, tell = Stopwatch(), part(progress, "生成地图", "drawing the map")
    tell(0, 3, "")
    with opened(project) as store, store.reading():
        plan = store.current_plan()
        frames = map_frames(store, plan=plan)
        title, sample, figures = county_title(store), bool(store.settings.get("sample")), headline(store, plan=plan)
    tell(1, 3, "")
    html = county_map(
        MapFrames(**frames), view=options.view, title=title, sample=sample, figures=figures,
        language=language(),
    )  # fmt: skip
    tell(2, 3, "")
    path = Path(options.out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    tell(3, 3, "")
    layers = {layer: len(frame) for layer, frame in frames.items()}
    return {
        "out": str(path), "view": options.view, "plan": plan, "bytes": path.stat().st_size, "layers": layers,
        "seconds": watch.seconds,
    }  # fmt: skip


def map_frames(project: Project, *, plan: str | None) -> dict[str, Any]:
    """Read the layers of a map as they stand. `InfeasibleError` where there is nothing to draw."""
    frames = current_frames(project, MAP_LAYERS, plan=plan)
    if not frames:
        raise InfeasibleError("项目是空的，没有可画的内容", "the project is empty, there is nothing to draw")
    return frames
