"""`wangge compare`: what changed from one plan to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Desk, Stopwatch, Target, opened, plan_named
from api.jobs.progress import Progress, part
from files.writing import ExportOptions
from files.writing.changes import write_change_map, write_changes
from spatial.planning.compare import change_map, compare_plans

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatial.planning.compare import Comparison

__all__ = ["CompareOptions", "compared", "run_compare"]


@dataclass(frozen=True)
class CompareOptions:
    """The earlier plan, the later plan, and where the changes go: a list (xlsx), or a map layer (geojson)."""

    plan_a: str
    plan_b: str
    out: str | None = None


def run_compare(project: Target, options: CompareOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Compare two plans of a project; nothing is stored. `SchemaError` for a plan that is not there."""
    watch, tell = Stopwatch(), part(progress, "对比方案", "comparing plans")
    tell(0, 2, "")
    with opened(project) as store, store.reading():
        desk = Desk(store)
        a, b = plan_named(store, options.plan_a), plan_named(store, options.plan_b)
        comparison = compared(desk, a, b)
        tell(1, 2, "")
        if options.out is not None and options.out.lower().endswith((".geojson", ".json")):
            drawn = change_map(desk.cells(a), desk.cells(b), comparison)
            write_change_map(desk.back(drawn), Path(options.out))
        elif options.out is not None:
            write_changes(comparison.frame, Path(options.out), options=ExportOptions(plan=f"{a} → {b}"))
    tell(2, 2, "")
    return {
        "plan_a": a, "plan_b": b, "changes": len(comparison.frame), **comparison.totals, "out": options.out,
        "seconds": watch.seconds,
    }  # fmt: skip


def compared(desk: Desk, a: str, b: str) -> Comparison:
    """Compare two stored plans, in metres."""
    cells, members = zip(*(_plan(desk, name) for name in (a, b)), strict=True)
    return compare_plans(cells[0], members[0], cells[1], members[1], desk.read("blocks"), homes=desk.some("homes"))


def _plan(desk: Desk, name: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    return desk.cells(name), desk.project.read("plan_blocks", where={"plan": name})
