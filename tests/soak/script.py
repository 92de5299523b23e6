"""What a county does to its project in a day, as steps: each does one job through its public function.

Every step finds its way by what the project holds, so that the same steps give the same project on each backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from api.jobs.check import run_check
from api.jobs.edit import Merge, Move, Remark, run_edit, run_redo, run_undo
from api.jobs.load import LoadOptions, run_load
from api.jobs.plan import PlanJob, run_plan
from api.jobs.versions import branch, restore
from api.store import Project, copy_project, open_project
from data.boundaries import county
from spatial.crs import MetreDoor, measuring_crs
from spatial.errors import SpatialError
from spatial.sample import sample_county

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.jobs.edit import Wish

__all__ = ["STEPS", "TARGETS", "write_inputs"]

_WHO = "soak"
_LAYERS = ("villages", "homes", "buildings", "barriers", "cameras")


def write_inputs(folder: Path) -> None:
    """Write the files that a county sends: the tiny sample, layer by layer."""
    shipped = county("tiny")
    west, south, east, north = shipped.outline.total_bounds
    door = MetreDoor(measuring_crs((west + east) / 2, (south + north) / 2))
    sample = sample_county(
        door.forward(shipped.outline), shipped.towns, shipped.villages, households=shipped.households,
        cells=shipped.cells, cameras=shipped.cameras, seed=0,
    )  # fmt: skip
    for layer in _LAYERS:
        door.back(sample.frames[layer]).to_file(folder / f"{layer}.gpkg", layer=layer, driver="GPKG")
    moved = door.back(sample.frames["homes"])
    moved.iloc[::2].to_file(folder / "fewer.gpkg", layer="homes", driver="GPKG")


def _load(layer: str, file: str = "", *, replace: bool = False) -> Callable[[str, Path], None]:
    def step(target: str, folder: Path) -> None:
        path = folder / f"{file or layer}.gpkg"
        run_load(target, LoadOptions(layer=layer, file=str(path), datum="cgcs2000", replace=replace))

    return step


def _bulk(target: str, _folder: Path) -> None:
    """Load many points at once, so that the log of the file grows beyond its checkpoint."""
    rng = np.random.default_rng(3)
    points = gpd.points_from_xy(122 + rng.random(60_000) / 10, 41 + rng.random(60_000) / 10)
    frame = gpd.GeoDataFrame({"incident_id": [f"i{n}" for n in range(60_000)]}, geometry=points, crs="EPSG:4490")
    with open_project(target) as project, project.change(who=_WHO, action="bulk") as change:
        change.append("incidents", frame)


def _clear(target: str, _folder: Path) -> None:
    with open_project(target) as project, project.change(who=_WHO, action="clear") as change:
        change.delete("incidents")


def _plan(target: str, _folder: Path) -> None:
    run_plan(target, PlanJob(households=60, name="plan-a"))


def _edit(wishes: Callable[[Project], Iterator[Wish]]) -> Callable[[str, Path], None]:
    """Make the first wish that the plan allows."""

    def step(target: str, _folder: Path) -> None:
        with open_project(target) as project:
            for wish in wishes(project):
                try:
                    run_edit(project, wish, who=_WHO)
                except SpatialError:
                    continue
                return
        raise AssertionError("no wish could be granted")

    return step


def _merges(project: Project) -> Iterator[Wish]:
    cells = project.read("cells_current").sort_values("cell_code", ignore_index=True)
    left, right = shapely.STRtree(cells.geometry).query(cells.geometry, predicate="touches")
    for one, other in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if one < other and cells["village_code"][one] == cells["village_code"][other]:
            yield Merge(cells["cell_code"][one], cells["cell_code"][other])


def _moves(project: Project) -> Iterator[Wish]:
    plan = project.current_plan()
    members = project.read("plan_blocks", where={"plan": plan}).sort_values("block_id", ignore_index=True)
    cells = project.read("cells_current").sort_values("cell_code", ignore_index=True)
    for row in members.itertuples():
        beside = cells[(cells["village_code"] == row.cell_code[:12]) & (cells["cell_code"] != row.cell_code)]
        for code in beside["cell_code"]:
            yield Move((row.block_id,), code)


def _remarks(project: Project) -> Iterator[Wish]:
    yield Remark(min(project.read("cells_current")["cell_code"]), "待核实")


def _undo(target: str, _folder: Path) -> None:
    with open_project(target) as project:
        run_undo(project, who=_WHO)


def _redo(target: str, _folder: Path) -> None:
    with open_project(target) as project:
        run_redo(project, who=_WHO)


def _branch(target: str, _folder: Path) -> None:
    with open_project(target) as project:
        branch(project, who=_WHO, name="plan-b")


def _restore(target: str, _folder: Path) -> None:
    with open_project(target) as project:
        log = project.read("history", where={"plan": "plan-a"}, columns=["id", "action"])
        restore(project, at=log["id"][log["action"] == "plan"].iloc[0], plan="plan-a", name="plan-c", who=_WHO)


def _copy(target: str, folder: Path) -> None:
    copy_project(target, (folder / "copy").read_text())


def _check(target: str, _folder: Path) -> None:
    run_check(target)


STEPS: tuple[tuple[str, str, Callable[[str, Path], None]], ...] = (
    ("load", "create and load villages", _load("villages")),
    ("load", "load homes", _load("homes")),
    ("load", "load buildings", _load("buildings")),
    ("load", "load barriers", _load("barriers")),
    ("load", "load cameras", _load("cameras")),
    ("load", "load homes --replace (half)", _load("homes", "fewer", replace=True)),
    ("load", "load homes --replace (all)", _load("homes", replace=True)),
    ("load", "append 60,000 incidents", _bulk),
    ("load", "delete 60,000 incidents", _clear),
    ("plan", "plan", _plan),
    ("plan", "check", _check),
    ("edit", "merge", _edit(_merges)),
    ("edit", "move", _edit(_moves)),
    ("edit", "remark", _edit(_remarks)),
    ("undo", "undo remark", _undo),
    ("undo", "undo move", _undo),
    ("undo", "redo move", _redo),
    ("edit", "branch", _branch),
    ("edit", "restore", _restore),
    ("copy", "copy to one of its kind", _copy),
    ("copy", "copy to the other kind", _copy),
)
"""Kind, name and function of each step, in order; `copy` steps leave the project as it is."""
TARGETS = {name: name.rpartition(" the ")[2].startswith("other") for kind, name, _ in STEPS if kind == "copy"}
"""Whether a copy goes to the other backend, by the name of its step."""
