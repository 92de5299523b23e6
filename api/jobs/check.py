"""`wangge check`: every rule on everything loaded and planned; what it finds replaces the list of problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Desk, Stopwatch, Target, counted, now, opened, who
from api.jobs.inputs import Inputs, once_more
from api.jobs.listed import LASTING, OF_HOUSEHOLDS, joined, kept_by_check, once
from api.jobs.load import shipped_tables
from api.jobs.plan import plan_profile, read_profile_file, verified
from api.jobs.progress import Progress, part, quiet
from api.jobs.site import latest_coverage
from api.store.integrity import store_problems
from spatial.codes import check_codes
from spatial.crs import STORAGE
from spatial.layers import LAYERS
from spatial.planning.blocks.people import place_people, reconcile
from spatial.problems import Problems
from spatial.rules.cameras import check_cameras
from spatial.rules.derived import check_derived
from spatial.rules.plan import check_plan
from spatial.schema import check_frame

if TYPE_CHECKING:
    import geopandas as gpd

    from api.store import Project
    from spatial.planning.profiles import Profile

__all__ = ["CheckOptions", "run_check"]

_SHOWN = 20
"""Problems of each kind listed in the answer; all of them are in the layer `problems`."""


@dataclass(frozen=True)
class CheckOptions:
    """A profile file whose sizes and rules hold for every plan; without one each is held to those it was made with."""

    profile: str | None = None


def run_check(
    project: Target, options: CheckOptions = CheckOptions(), progress: Progress | None = None
) -> dict[str, Any]:
    """Check data, every plan and the cameras; gives counts and the worst problems first.

    Raises
    ------
    SchemaError
        For a profile that cannot be read.
    """
    given = None if options.profile is None else read_profile_file(Path(options.profile))
    watch, tell = Stopwatch(), part(progress, "检查", "checking")
    with opened(project) as store:
        stored = store_problems(store)
        if any(row["severity"] == "error" for row in stored.rows):
            return _stopped(stored, watch)
        plans, problems = once_more(lambda: _checked(store, stored, tell, given), progress or quiet)
    return {**counted(problems), "plans": plans, "list": _listed(problems), "seconds": watch.seconds}


def _stopped(stored: Problems, watch: Stopwatch) -> dict[str, Any]:
    """Answer with what ails the storage alone: the other rules cannot read it, and nothing is written."""
    problems = stored.frame(STORAGE)
    return {**counted(problems), "plans": [], "list": _listed(problems), "seconds": watch.seconds}


def _listed(problems: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Give the worst first, a few of each kind."""
    listed = problems.sort_values(["severity", "problem"], kind="stable").drop(columns="geometry")
    listed = listed.groupby("problem", sort=False).head(_SHOWN)
    rows: list[dict[str, Any]] = listed.astype(object).where(listed.notna(), None).to_dict("records")
    return rows


def _checked(
    store: Project, stored: Problems, tell: Progress, given: Profile | None
) -> tuple[list[str], gpd.GeoDataFrame]:
    """Check one state of the project, and list what was found if nobody listed or changed anything meanwhile."""
    with store.reading():
        inputs = Inputs.read(store, *(name for name in LAYERS if name != "history"))
        plans = store.read("plans", columns=["plan"])["plan"].tolist()
        steps = len(plans) + 2
        tell(0, steps, "")
        found = [stored.frame(STORAGE), _data(store)]
        if store.crs is not None:
            desk = Desk(store)
            tell(1, steps, "")
            found += [_households(desk), _cameras(desk)]
            for done, plan in enumerate(plans, start=2):
                tell(done, steps, "")
                found.append(_plan(desk, plan, given))
        problems = once(joined([kept_by_check(store, kinds=_lasting(store)), *found]))
    if not store.is_writable:  # a role that may only read is told, and nothing is stored
        tell(steps, steps, "")
        return plans, problems
    with store.change(who=who(), action="check") as change:
        inputs.require_unchanged(store)
        change.replace("problems", problems)
        change.record(after=counted(problems))
    tell(steps, steps, "")
    return plans, problems


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
    problems = check_cameras(cameras, villages=desk.some("villages"), zones=desk.some("zones"), today=now(),
                             pixels=latest_coverage(desk.project).pixels)  # fmt: skip
    return desk.problems(problems)


def _plan(desk: Desk, plan: str, given: Profile | None) -> gpd.GeoDataFrame:
    """Hold one plan to the rules of every plan, and to those of practice."""
    _, problems = verified(desk, plan)
    cells = desk.cells(plan)
    problems.extend(_derived(desk, plan, cells))
    assignments = desk.project.read("assignments", where={"plan": plan})
    problems.extend(
        check_plan(
            cells, _asked(desk, plan, cells),
            homes=desk.some("homes"), buildings=desk.some("buildings"), hamlets=desk.some("hamlets"),
            barriers=desk.some("barriers"), assignments=None if assignments.empty else assignments,
            members=desk.some("members"), profile=_rules(desk, plan, given),
        )
    )  # fmt: skip
    return desk.problems(problems, plan=plan)


def _rules(desk: Desk, plan: str, given: Profile | None) -> Profile | None:
    """Give the limits of a plan: those given to this check, else of the profile it was made with, else None."""
    if given is not None:
        return given
    settings = desk.project.read("plans", where={"plan": plan}, columns=["settings"])["settings"].iloc[0]
    return plan_profile(settings)


def _derived(desk: Desk, plan: str, cells: gpd.GeoDataFrame) -> Problems:
    """Hold the cells against the blocks that make them; a plan without blocks came as cells only."""
    members = desk.project.read("plan_blocks", where={"plan": plan}, columns=["block_id", "cell_code"])
    if members.empty:
        return Problems()
    blocks = desk.read("blocks", where={"block_id": members["block_id"].tolist()})
    return check_derived(cells, blocks, members)


def _asked(desk: Desk, plan: str, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the villages that a plan is for: all of them, or those it holds where it was made for some only."""
    villages = desk.read("villages")
    settings = desk.project.read("plans", where={"plan": plan}, columns=["settings"])["settings"].iloc[0] or {}
    if not settings.get("scope") or settings.get("from_plan"):
        return villages
    return villages[villages["village_code"].isin(cells["village_code"])].reset_index(drop=True)


def _households(desk: Desk) -> gpd.GeoDataFrame:
    """Hold homes and the totals of villages against each other, as planning does."""
    problems = Problems()
    villages = desk.some("villages")
    if villages is not None and not desk.project.settings.get("loaded_blocks"):
        people = place_people(villages, homes=desk.some("homes"), buildings=desk.some("buildings"), problems=problems)
        counted_there = people.groupby("village")["households"].sum().reindex(range(len(villages)), fill_value=0)
        reconcile(villages, counted_there.to_numpy(dtype=float), problems=problems)
    return desk.problems(problems)


def _lasting(store: Project) -> frozenset[str]:
    """Name the kinds that this check cannot find: counts of loaded blocks are known to planning only."""
    return LASTING | OF_HOUSEHOLDS if store.settings.get("loaded_blocks") else LASTING
