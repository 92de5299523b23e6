"""`wangge crosswalk`: how the cells of a plan nest in the areas of other departments, and which ones these share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Desk, Stopwatch, Target, language, opened, plan_named
from api.jobs.progress import Progress, part
from files.writing import ExportOptions
from files.writing.crosswalk import FORMATS, write_crosswalk
from files.writing.place import require_place
from spatial.errors import InfeasibleError, SchemaError
from spatial.planning.crosswalk import crosswalk, crosswalk_map, nesting

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["CrosswalkOptions", "run_crosswalk"]


@dataclass(frozen=True)
class CrosswalkOptions:
    """The plan (made last without one), the system of areas (all without one), and a file: xlsx, csv or geojson."""

    plan: str | None = None
    system: str | None = None
    out: str | None = None


def run_crosswalk(project: Target, options: CrosswalkOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Lay the cells of a plan over the layer `overlays`; nothing is stored.

    Raises
    ------
    InfeasibleError
        Where the project has no areas of other departments.
    SchemaError
        For a plan or a system that is not there, or a file that no list can be written to.
    """
    watch, tell = Stopwatch(), part(progress, "对照其他部门网格", "laying over other grids")
    if options.out is not None:
        require_place(Path(options.out), FORMATS)
    tell(0, 2, "")
    with opened(project) as store, store.reading():
        desk = Desk(store)
        plan = plan_named(store, options.plan)
        overlays, cells = _areas(desk, options.system), desk.cells(plan)
        table = crosswalk(cells, overlays, homes=desk.some("homes"))
        tell(1, 2, "")
        if options.out is not None:
            names = cells.set_index("cell_code")["cell"]
            drawn = desk.back(crosswalk_map(table, cells, overlays))
            write_crosswalk(
                drawn.assign(cell=drawn["cell_code"].map(names)), nesting(table, cells, overlays), Path(options.out),
                options=ExportOptions(plan=plan, lang=language()),
            )  # fmt: skip
        systems = nesting(table, cells, overlays)
    tell(2, 2, "")
    rounded = table.round({"area_m2": 1, "households": 1, "cell_share": 4, "overlay_share": 4})
    return {
        "plan": plan, "systems": systems.to_dict("records"), "pairs": rounded.to_dict("records"), "out": options.out,
        "seconds": watch.seconds,
    }  # fmt: skip


def _areas(desk: Desk, system: str | None) -> gpd.GeoDataFrame:
    """Read the areas of one system, or of all; say which there are where the one asked for is not."""
    overlays = desk.some("overlays")
    if overlays is None:
        raise InfeasibleError(
            "项目里没有其他部门的网格：先 wangge load PROJECT overlays FILE（警务区、城管、消防……）",
            "the project holds no grids of other departments: first wangge load PROJECT overlays FILE",
        )
    if system is None:
        return overlays
    there = sorted(set(overlays["system"].dropna()))
    if system not in there:
        raise SchemaError(
            f"没有名为 {system} 的系统；现有：{'、'.join(there)}",
            f"there is no system {system}; there are: {', '.join(there)}",
        )
    return overlays[overlays["system"] == system].reset_index(drop=True)
