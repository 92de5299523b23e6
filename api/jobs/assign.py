"""`wangge assign`: leads and members to cells, micro-cells, and households to party members and volunteers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.jobs.desk import Desk, Stopwatch, Target, counted, opened, plan_named, settled, who
from api.jobs.listed import list_of_assignment
from api.jobs.progress import Progress, part
from spatial.errors import InfeasibleError
from spatial.people.assign import assign_members
from spatial.people.contacts import assign_contacts
from spatial.people.micro import micro_cells

__all__ = ["AssignOptions", "run_assign"]

_LAYERS = ("assignments", "contacts", "micro_cells", "micro_homes")


@dataclass(frozen=True)
class AssignOptions:
    """Which plan; households per contact person; households per micro-cell."""

    plan: str | None = None
    contacts: int = 10
    micro: int = 60


def run_assign(project: Target, options: AssignOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Give every cell of a plan its people; what was assigned before is replaced.

    Raises `InfeasibleError` where there is no plan, or nobody to assign.
    """
    watch, tell = Stopwatch(), part(progress, "分配人员", "assigning people")
    with opened(project) as store:
        plan = plan_named(store, options.plan)
        desk = Desk(store)
        cells, homes, members = desk.cells(plan), desk.read("homes"), desk.read("members")
        if members.empty:
            raise InfeasibleError(
                "项目里没有人员：先 wangge load PROJECT members FILE",
                "the project holds no members: first wangge load PROJECT members FILE",
            )
        tell(0, 4, "")
        people = assign_members(cells, members, homes=homes, barriers=desk.some("barriers"))
        tell(1, 4, "")
        contacts = assign_contacts(homes, members, cells, limit=options.contacts)
        tell(2, 4, "")
        micro = micro_cells(cells, homes, desk.some("buildings"), target=options.micro, members=members)
        tell(3, 4, "")
        for part_of in (contacts, micro):
            people.problems.extend(part_of.problems)
        problems = desk.problems(people.problems, plan=plan)
        frames = {
            "assignments": people.assignments, "contacts": contacts.contacts,
            "micro_cells": desk.back(micro.micro_cells), "micro_homes": micro.micro_homes,
        }  # fmt: skip
        figures = {**people.figures, **contacts.figures, **micro.figures}
        with store.change(who=who(), action="assign", plan=plan) as change:
            for layer in _LAYERS:
                change.replace(layer, settled(frames[layer].assign(plan=plan), layer), where={"plan": plan})
            list_of_assignment(change, problems, plan=plan)
            change.record(after={layer: len(frames[layer]) for layer in _LAYERS})
        tell(4, 4, "")
    rows = {layer: len(frames[layer]) for layer in _LAYERS}
    return {"plan": plan, **rows, **figures, **counted(problems), "seconds": watch.seconds}
