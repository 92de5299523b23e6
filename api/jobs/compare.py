"""`wangge compare`: what changed from one plan to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.current import county_title
from api.jobs.desk import Desk, Stopwatch, Target, language, opened, plan_named
from api.jobs.progress import Progress, part
from files.writing import ExportOptions
from files.writing.changes import FORMATS, write_change_map, write_changes
from files.writing.place import require_place
from spatial.planning.compare import change_map, compare_plans
from web import ComparedPlans, compare_map

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatial.planning.compare import Comparison

__all__ = ["CompareOptions", "compared", "run_compare"]


@dataclass(frozen=True)
class CompareOptions:
    """The earlier plan, the later plan, and where the changes go.

    A list (.xlsx), a map that opens with no network (.html), or a map layer (.geojson), by the ending of the file.
    """

    plan_a: str
    plan_b: str
    out: str | None = None


def run_compare(project: Target, options: CompareOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Compare two plans of a project; nothing is stored.

    Raises
    ------
    SchemaError
        For a plan that is not there, or a file that no changes can be written to.
    """
    if options.out is not None:
        require_place(Path(options.out), FORMATS)
    watch, tell = Stopwatch(), part(progress, "对比方案", "comparing plans")
    tell(0, 2, "")
    with opened(project) as store, store.reading():
        desk = Desk(store)
        a, b = plan_named(store, options.plan_a), plan_named(store, options.plan_b)
        comparison = compared(desk, a, b)
        tell(1, 2, "")
        if options.out is not None:
            _write(desk, a, b, comparison, Path(options.out))
    tell(2, 2, "")
    return {
        "plan_a": a, "plan_b": b, "changes": int((comparison.frame["kind"] != "unchanged").sum()),
        **comparison.totals, "out": options.out, "seconds": watch.seconds,
    }  # fmt: skip


def _write(desk: Desk, a: str, b: str, comparison: Comparison, path: Path) -> None:
    """Write the changes in the form that the ending of the file asks for."""
    ending = path.suffix.lower()
    if ending == ".xlsx":
        write_changes(comparison.frame, path, options=ExportOptions(plan=f"{a} → {b}", lang=language()))
        return
    old, new = desk.cells(a), desk.cells(b)
    pieces = desk.back(change_map(old, new, comparison))
    if ending != ".html":
        write_change_map(pieces, path)
        return
    store = desk.project
    plans = ComparedPlans(
        desk.back(old), desk.back(new), pieces, comparison.frame, store.read("villages"), store.read("barriers")
    )
    page = compare_map(
        plans, title=county_title(store), plan_a=a, plan_b=b, totals=comparison.totals,
        sample=bool(store.settings.get("sample")), language=language(),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8")


def compared(desk: Desk, a: str, b: str) -> Comparison:
    """Compare two stored plans, in metres."""
    cells, members = zip(*(_plan(desk, name) for name in (a, b)), strict=True)
    return compare_plans(cells[0], members[0], cells[1], members[1], desk.read("blocks"), homes=desk.some("homes"))


def _plan(desk: Desk, name: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    return desk.cells(name), desk.project.read("plan_blocks", where={"plan": name})
