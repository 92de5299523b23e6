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
from spatial.planning.compare import change_map, compare_plans, not_planned_in
from web import ComparedPlans, compare_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd

    from spatial.planning.compare import Comparison

__all__ = ["CompareOptions", "Pair", "compared", "paired", "run_compare"]


@dataclass(frozen=True)
class CompareOptions:
    """The earlier plan, the later plan, and where the changes go.

    A list (.xlsx), a map that opens with no network (.html), or a map layer (.geojson), by the ending of the file.
    """

    plan_a: str
    plan_b: str
    out: str | None = None


def run_compare(project: Target, options: CompareOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Compare two plans of a project where both plan the ground; nothing is stored.

    The answer names the villages that only one of them plans (`only_in_a`, `only_in_b`): they count nowhere.

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
        pair = paired(desk, a, b)
        tell(1, 2, "")
        if options.out is not None:
            _write(desk, a, b, pair, Path(options.out))
        only_in_a, only_in_b = (_named(desk, codes) for codes in pair.only)
    tell(2, 2, "")
    comparison = pair.comparison
    return {
        "plan_a": a, "plan_b": b, "changes": int((comparison.frame["kind"] != "unchanged").sum()),
        **comparison.totals, "only_in_a": only_in_a, "only_in_b": only_in_b, "out": options.out,
        "seconds": watch.seconds,
    }  # fmt: skip


def _named(desk: Desk, codes: Sequence[str]) -> list[dict[str, str]]:
    """Give villages by code and name; a village that is gone has its code for a name."""
    known = desk.project.read("villages", columns=["village_code", "village"])
    names = dict(zip(known["village_code"], known["village"], strict=True))
    return [{"village_code": code, "village": str(names.get(code) or code)} for code in codes]


def _names(desk: Desk, codes: Sequence[str]) -> list[str]:
    return [each["village"] for each in _named(desk, codes)]


def _write(desk: Desk, a: str, b: str, pair: Pair, path: Path) -> None:
    """Write the changes in the form that the ending of the file asks for."""
    ending, comparison = path.suffix.lower(), pair.comparison
    if ending == ".xlsx":
        write_changes(comparison.frame, path, options=ExportOptions(plan=f"{a} → {b}", lang=language()))
        return
    pieces = desk.back(change_map(pair.old, pair.new, comparison))
    if ending != ".html":
        write_change_map(pieces, path)
        return
    store = desk.project
    plans = ComparedPlans(
        desk.back(pair.old),
        desk.back(pair.new),
        pieces,
        comparison.frame,
        store.read("villages"),
        store.read("barriers"),
    )
    page = compare_map(
        plans, title=county_title(store), plan_a=a, plan_b=b, totals=comparison.totals,
        sample=bool(store.settings.get("sample")), language=language(),
        only=(_names(desk, pair.only[0]), _names(desk, pair.only[1])),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8")


@dataclass(frozen=True)
class Pair:
    """Two plans side by side: cells of the ground that both plan, in metres, and villages that only one plans."""

    comparison: Comparison
    old: gpd.GeoDataFrame
    new: gpd.GeoDataFrame
    only: tuple[list[str], list[str]]


def compared(desk: Desk, a: str, b: str) -> Comparison:
    """Compare two stored plans where both plan the ground."""
    return paired(desk, a, b).comparison


def paired(desk: Desk, a: str, b: str) -> Pair:
    """Lay two stored plans side by side."""
    cells = [desk.cells(name) for name in (a, b)]
    only = not_planned_in(cells[1], cells[0]), not_planned_in(cells[0], cells[1])
    old, new = (frame[~frame["village_code"].isin(codes)] for frame, codes in zip(cells, only, strict=True))
    members = [_blocks_of(desk, name, frame) for name, frame in ((a, old), (b, new))]
    comparison = compare_plans(old, members[0], new, members[1], desk.read("blocks"), homes=desk.some("homes"))
    return Pair(comparison, old, new, only)


def _blocks_of(desk: Desk, name: str, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read the blocks of these cells of a plan."""
    blocks: pd.DataFrame = desk.project.read("plan_blocks", where={"plan": name})
    return blocks[blocks["cell_code"].isin(cells["cell_code"])]
