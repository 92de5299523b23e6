"""`wangge check`: every rule on everything loaded and planned; what it finds replaces the list of problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.desk import Desk, Stopwatch, Target, counted, opened, who
from api.jobs.load import shipped_tables
from api.jobs.plan import verified
from api.jobs.progress import Progress, part
from spatial.codes import check_codes
from spatial.layers import LAYERS
from spatial.problems import Problems
from spatial.rules.cameras import check_cameras
from spatial.rules.plan import check_plan
from spatial.schema import check_frame

if TYPE_CHECKING:
    import geopandas as gpd

    from api.store import Project

__all__ = ["run_check"]

_SHOWN = 200
"""Problems listed in the answer; all of them are in the layer `problems`."""


def run_check(project: Target, progress: Progress | None = None) -> dict[str, Any]:
    """Check data, every plan and the cameras; gives counts and the worst problems first."""
    watch, tell = Stopwatch(), part(progress, "检查", "checking")
    with opened(project) as store:
        plans = store.read("plans", columns=["plan"])["plan"].tolist()
        steps = len(plans) + 2
        tell(0, steps, "")
        found = [_data(store)]
        if store.crs is not None:
            desk = Desk(store)
            tell(1, steps, "")
            found.append(_cameras(desk))
            for done, plan in enumerate(plans, start=2):
                tell(done, steps, "")
                found.append(_plan(desk, plan))
        problems = _joined(found)
        with store.change(who=who(), action="check") as change:
            ruled = sorted({*store.settings.get("checked_kinds", []), *problems["problem"]})
            problems = _joined([problems, _kept(store, ruled)])
            change.replace("problems", problems)
            change.set("checked_kinds", ruled)
            change.record(after=counted(problems))
        tell(steps, steps, "")
    listed = problems.sort_values("severity", kind="stable").drop(columns="geometry").head(_SHOWN)
    rows = listed.astype(object).where(listed.notna(), None).to_dict("records")
    return {**counted(problems), "plans": plans, "list": rows, "seconds": watch.seconds}


def _data(store: Project) -> gpd.GeoDataFrame:
    """Hold every loaded layer to its schema."""
    problems = Problems()
    for layer in LAYERS.values():
        if layer.input and store.count(layer.name):
            problems.extend(check_frame(layer.name, store.read(layer.name)))
    if store.count("villages"):
        problems.extend(check_codes(store.read("villages"), tables=shipped_tables()))
    return problems.frame("EPSG:4490")


def _cameras(desk: Desk) -> gpd.GeoDataFrame:
    cameras = desk.some("cameras")
    if cameras is None:
        return desk.problems(Problems())
    problems = check_cameras(cameras, villages=desk.some("villages"), zones=desk.some("zones"))
    return desk.problems(problems)


def _plan(desk: Desk, plan: str) -> gpd.GeoDataFrame:
    """Hold one plan to the rules of every plan, and to those of practice."""
    _, problems = verified(desk, plan)
    villages, cells = desk.read("villages"), desk.cells(plan)
    assignments = desk.project.read("assignments", where={"plan": plan})
    problems.extend(
        check_plan(
            cells, villages[villages["village_code"].isin(cells["village_code"])].reset_index(drop=True),
            homes=desk.some("homes"), buildings=desk.some("buildings"), hamlets=desk.some("hamlets"),
            barriers=desk.some("barriers"), assignments=None if assignments.empty else assignments,
            members=desk.some("members"),
        )
    )  # fmt: skip
    found = desk.problems(problems, plan=plan)
    return found.drop_duplicates(["problem", "code", "message_en"], ignore_index=True)  # both lists know some rules


def _kept(store: Project, ruled: list[str]) -> gpd.GeoDataFrame:
    """Keep what only a reader or an engine could know of: kinds that no check ever found, of plans and runs in use."""
    before: gpd.GeoDataFrame = store.read("problems")
    plans = store.read("plans", columns=["plan"])["plan"]
    runs = [store.current_run("coverage"), store.current_run("site")]
    alive = before["plan"].isna() | before["plan"].isin(plans)
    alive &= before["run"].isna() | before["run"].isin(runs)
    return before[alive & ~before["problem"].isin(ruled)]


def _joined(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    filled = [frame for frame in frames if len(frame)]
    joined: gpd.GeoDataFrame = pd.concat(filled, ignore_index=True) if filled else frames[0]
    return joined
