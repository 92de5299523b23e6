"""`wangge copy`: a project copied whole, also while it is in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Stopwatch
from api.jobs.progress import Progress, part
from api.store import copy_project

if TYPE_CHECKING:
    import os

__all__ = ["CopyOptions", "run_copy"]


@dataclass(frozen=True)
class CopyOptions:
    """Where to."""

    target: str


def run_copy(project: str | os.PathLike[str], options: CopyOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Copy all layers, settings and history. Raises `ProjectExistsError` where the target holds something."""
    watch, tell = Stopwatch(), part(progress, "复制项目", "copying")
    tell(0, 1, "")
    layers = copy_project(project, options.target)
    tell(1, 1, "")
    held = {layer: rows for layer, rows in layers.items() if rows}
    return {"project": str(project), "target": options.target, "layers": held, "seconds": watch.seconds}
