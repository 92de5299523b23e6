"""What pages, maps and papers show: the current plan without ended cells, and the latest runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from api.jobs.ratios import county_ratios, run_before, stored_ratios
from spatial.coverage import CoverageOptions
from spatial.coverage.optics.pixels import pixel_name
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.store import Project

__all__ = ["county_title", "current_frames", "current_where", "headline", "measured_cells"]

_OF_PLAN = ("plan_blocks", "assignments", "micro_cells", "micro_homes", "contacts")
_OF_CELLS = ("assignments", "micro_cells")
_ALIKE = 1e-4
"""Share of its ground by which a cell of two plans may differ and still be the same cell."""
_BY_CELL = frozenset({"coverage", "coverage_details", "gaps"})
_OF_RUN = dict.fromkeys(("views", "coverage", "coverage_details", "gaps"), "coverage") | {"sites": "site"}


def current_where(project: Project, layer: str, *, plan: str | None) -> dict[str, Any] | None:
    """Give the filter that shows a layer as it stands: of this plan, of the latest run, not ended."""
    if layer == "cells":
        return {"plan": plan, "end_date": None}
    if layer in _OF_PLAN:
        return {"plan": plan}
    if layer in _OF_RUN:
        return {"run": project.current_run(_OF_RUN[layer])}
    return None


def current_frames(project: Project, layers: Iterable[str], *, plan: str | None) -> dict[str, pd.DataFrame]:
    """Read layers as they stand, storage degrees; a layer without rows is left out."""
    held = project.layers()
    alive = frozenset(project.read("cells", where={"plan": plan, "end_date": None}, columns=["cell_code"])["cell_code"])
    frames = {}
    for layer in layers:
        if held.get(layer):
            frame = project.read(layer, where=current_where(project, layer, plan=plan))
            if layer in _OF_CELLS:  # people of a cell that ended stay stored, for an undo
                frame = frame[frame["cell_code"].isin(alive)].reset_index(drop=True)
            if layer == "blocks" and plan is not None:  # those of all plans are stored side by side
                mine = project.read("plan_blocks", where={"plan": plan}, columns=["block_id"])["block_id"]
                frame = frame[frame["block_id"].isin(mine)].reset_index(drop=True)
            if len(frame):
                frames[layer] = frame
    if _BY_CELL & frames.keys() and (measured := measured_cells(project, plan)) is not None:
        frames |= {name: _as_measured(frames[name], measured) for name in _BY_CELL & frames.keys()}
    return frames


def measured_cells(project: Project, plan: str | None) -> frozenset[str] | None:
    """Name the cells of a plan that the latest coverage run measured, where it looked at another plan; else None.

    A code may stand for other ground in another plan: only cells that are the same ground in both were measured.
    """
    run = project.current_run("coverage")
    seen = None if run is None else project.read("runs", where={"run": run}, columns=["plan"])["plan"].iloc[0]
    if run is None or seen == plan:
        return None
    columns = ["cell_code", "geometry"]
    now, then = (project.read("cells", where={"plan": one, "end_date": None}, columns=columns) for one in (plan, seen))
    both = now.merge(pd.DataFrame(then), on="cell_code", suffixes=("", "_then"))
    mine, theirs = both["geometry"].to_numpy(), both["geometry_then"].to_numpy()
    same = shapely.equals_exact(shapely.normalize(mine), shapely.normalize(theirs))
    apart = shapely.area(shapely.symmetric_difference(mine[~same], theirs[~same]))
    same[~same] = apart <= _ALIKE * shapely.area(mine[~same])  # the same ground may have other nodes
    return frozenset(both["cell_code"][same])


def _as_measured(frame: pd.DataFrame, measured: frozenset[str]) -> pd.DataFrame:
    """Leave out, of what a run of another plan found, what it says of cells that are other ground in this one."""
    if "level" in frame:
        return frame[(frame["level"] != "cell") | frame["code"].isin(measured)].reset_index(drop=True)
    return frame.assign(cell_code=frame["cell_code"].where(frame["cell_code"].isin(measured), None))


def all_layers() -> list[str]:
    """Name every layer that papers and exports may need."""
    return [name for name in LAYERS if name not in {"history", "problems"}]


def county_title(project: Project) -> str:
    """Name the county or counties of a project, for titles; without villages the project file gives its name."""
    if not project.count("villages"):
        return project.path.stem if project.path is not None else ""
    names = project.read("villages", columns=["county"])["county"].dropna().unique().tolist()
    return "、".join(names[:3]) + ("…" if len(names) > 3 else "")


def headline(project: Project, *, plan: str | None) -> dict[str, Any]:
    """Give the figures over every map: of the plan as it stands, and of the latest coverage run."""
    figures: dict[str, Any] = {"plan": plan, "run": project.current_run("coverage")}
    if plan is not None:
        columns = ["kind", "village_code", "households", "deviation_share", "compactness"]
        cells = project.read("cells", where={"plan": plan, "end_date": None}, columns=columns)
        basic = cells[cells["kind"] == "basic"]
        several = basic.groupby("village_code")["kind"].transform("size") >= 2
        figures |= {
            "cells": len(basic), "special": len(cells) - len(basic),
            "villages": int(cells["village_code"].nunique()), "households": float(cells["households"].sum()),
            "max_deviation_share": _largest(basic.loc[several, "deviation_share"]),
            "mean_compactness": None if basic.empty else float(basic["compactness"].mean()),
        }  # fmt: skip
    return figures | _ratios(project, figures["run"])


def _ratios(project: Project, run: str | None) -> dict[str, Any]:
    """Give the official ratios of a coverage run over its counties, how they moved, and the pixel level."""
    if run is None:
        return {}
    settings = project.read("runs", where={"run": run}, columns=["settings"])["settings"].iloc[0] or {}
    since = run_before(project, run, settings)
    before = None if since is None else stored_ratios(project, since, level="county")
    now = stored_ratios(project, run, level="county")
    known = {row["ratio"]: row for row in county_ratios(now, before) if not row["point_class"]}
    figures: dict[str, Any] = {"pixel_level": pixel_name(settings.get("pixels", CoverageOptions().pixels))}
    if settings.get("without"):
        figures["what_if"] = True
    for name, ratio in _SHOWN.items():
        if known[ratio]["share"] is not None:
            figures[f"{name}_share"] = known[ratio]["share"]
        if known[ratio]["change"] is not None:
            figures[f"{name}_change"] = known[ratio]["change"]
    return figures


_SHOWN = {"covered": "area", "places": "places", "networked": "networked", "working": "working", "filed": "filed"}


def _largest(deviations: pd.Series[float]) -> float:
    return 0.0 if deviations.dropna().empty else float(deviations.abs().max())
