"""`wangge assign`: leads and members to cells, micro-cells, and households to party members and volunteers."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Desk, Stopwatch, Target, counted, opened, plan_named, settled, who
from api.jobs.inputs import Inputs, once_more
from api.jobs.listed import list_of_assignment
from api.jobs.plan import plan_profile
from api.jobs.progress import Progress, part, quiet
from api.jobs.status import require_open
from api.store import row_versions
from api.store.backups import backed_up, prune_backups
from api.store.frames import as_read
from spatial.errors import InfeasibleError
from spatial.layers import LAYERS
from spatial.people.assign import assign_members
from spatial.people.contacts import assign_contacts
from spatial.people.micro import micro_cells
from spatial.people.walking import longest_walks, on_foot
from spatial.planning.profiles import default_profile
from spatial.rules.people import check_walks
from spatial.rules.plan import walk_limits

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from api.store import Project

__all__ = ["AssignOptions", "run_assign"]

_READ = ("villages", "homes", "members", "barriers", "buildings")
_LAYERS = ("assignments", "contacts", "micro_cells", "micro_homes")


@dataclass(frozen=True)
class AssignOptions:
    """Which plan; households per contact person; households per micro-cell; a backup where people would be lost."""

    plan: str | None = None
    contacts: int = 10
    micro: int = 60
    backup: bool = True


def run_assign(project: Target, options: AssignOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Give every cell of a plan its people, in place of those it had; a backup first, where any of those would go.

    Raises `InfeasibleError` where there is no plan, or nobody to assign; `StaleInputError` where cells, homes or
    people keep changing meanwhile; `StoreError` where no backup can be made.
    """
    watch, tell = Stopwatch(), part(progress, "分配人员", "assigning people")
    with opened(project) as store:
        done = once_more(lambda: _assigned(store, options, tell), progress or quiet)
        if done["backup"] is not None:
            prune_backups(store.backend)
    return {**done, "seconds": watch.seconds}


def _assigned(store: Project, options: AssignOptions, tell: Progress) -> dict[str, Any]:
    """Read one state of the project, compute, and store if what was read still holds."""
    with store.reading():
        plan = plan_named(store, options.plan)
        require_open(store, plan)
        desk = Desk(store)
        cells, homes, members = desk.cells(plan), desk.read("homes"), desk.read("members")
        barriers, buildings, villages = desk.some("barriers"), desk.some("buildings"), desk.read("villages")
        settings = store.read("plans", where={"plan": plan}, columns=["settings"])["settings"].iloc[0]
        profile = plan_profile(settings) or default_profile()
        before = {layer: store.read(layer, where={"plan": plan}) for layer in _LAYERS}
        inputs = Inputs.read(store, *_READ, *_LAYERS, plan=plan)
    if members.empty:
        raise InfeasibleError(
            "项目里没有人员：先 wangge load PROJECT members FILE",
            "the project holds no members: first wangge load PROJECT members FILE",
        )
    tell(0, 4, "")
    people = assign_members(cells, members, homes=homes, barriers=barriers)
    tell(1, 4, "")
    contacts = assign_contacts(homes, members, cells, limit=options.contacts)
    tell(2, 4, "")
    micro = micro_cells(cells, homes, buildings, target=options.micro, members=members, assignments=people.assignments)
    tell(3, 4, "")
    for part_of in (contacts, micro):
        people.problems.extend(part_of.problems)
    minutes = walk_limits(cells, villages, profile)
    pace = profile.rules.metres_a_minute
    check_walks(people.problems, cells, people.assignments, walk_minutes=minutes, metres_a_minute=pace)
    problems = desk.problems(people.problems, plan=plan)
    frames = {
        "assignments": people.assignments, "contacts": contacts.contacts,
        "micro_cells": desk.back(micro.micro_cells), "micro_homes": micro.micro_homes,
    }  # fmt: skip
    frames = {layer: settled(frames[layer].assign(plan=plan), layer) for layer in _LAYERS}
    rows = {layer: len(frames[layer]) for layer in _LAYERS}
    loses = options.backup and any(_loses(layer, before[layer], frames[layer]) for layer in _LAYERS)
    backup = None
    with store.change(who=who(), action="assign", plan=plan) as change, ExitStack() as kept:
        inputs.require_unchanged(store)
        require_open(store, plan)
        if loses:
            backup = kept.enter_context(backed_up(store.backend, change.connection, reason="assign"))
        for layer in _LAYERS:
            change.replace(layer, frames[layer], where={"plan": plan})
        list_of_assignment(change, problems, plan=plan)
        change.record(before={layer: len(before[layer]) for layer in _LAYERS},
                      after={**rows, "backup": None if backup is None else backup.name})  # fmt: skip
    tell(4, 4, "")
    return {
        "plan": plan,
        "backup": None if backup is None else backup.target,
        **rows,
        **people.figures,
        **contacts.figures,
        **micro.figures,
        "longest_walks": _longest(cells, people.assignments, minutes, pace),
        **counted(problems),
    }


def _longest(
    cells: pd.DataFrame, assignments: pd.DataFrame, limits: NDArray[np.float64], pace: float
) -> list[dict[str, Any]]:  # fmt: skip
    """Give the longest walk to each cell of those on foot, longest first; cells whose walks nobody knows come last."""
    metres = longest_walks(on_foot(assignments)).reindex(cells["cell_code"]).to_numpy(dtype=float)
    rows = [
        {"cell_code": str(code), "walk_m": walked, "minutes": walked / pace, "limit": float(limit)}
        for code, walked, limit in zip(cells["cell_code"], metres, limits, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["walk_m"] if row["walk_m"] == row["walk_m"] else 1.0, row["cell_code"]))


def _loses(layer: str, before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Tell whether a row that is there, changed by hand or not, would be gone or another one."""
    if before.empty:
        return False
    kept = row_versions(as_read(LAYERS[layer], after), layer)
    return not row_versions(before, layer).isin(kept).all()
