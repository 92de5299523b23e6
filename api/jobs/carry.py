"""`wangge carry`: the cells of a plan on villages that merged, split, got other names or codes, or ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.compare import compared
from api.jobs.desk import Desk, Stopwatch, Target, counted, new_name, now, opened, plan_named, settled, who
from api.jobs.listed import once
from api.jobs.load import LoadOptions, read_for, store_layer
from api.jobs.plan import verified
from api.jobs.progress import Progress, part
from api.store import refuse_project_as_input
from api.store.backups import backed_up, prune_backups
from files.reading.village_changes import read_village_changes
from files.writing import ExportOptions
from files.writing.changes import write_changes
from spatial.errors import InfeasibleError, SchemaError
from spatial.planning.carry import Carried, carry_plan
from spatial.planning.carry_changes import VillageChange, infer_changes, kinds_of, settle_changes
from spatial.planning.numbering import cell_name
from spatial.planning.scope import Previous

if TYPE_CHECKING:
    import geopandas as gpd

    from api.store import Change, Project

__all__ = ["CarryOptions", "run_carry"]

_MEASURES = {"households": "households", "occupied": "households", "residents": "residents", "workload": "workload"}


@dataclass(frozen=True)
class CarryOptions:
    """Which plan (else the last), the table of changes, new outlines to load first, the new name, the change list."""

    plan: str | None = None
    changes: str | None = None
    villages: str | None = None
    name: str | None = None
    out: str | None = None
    backup: bool = True


def run_carry(project: Target, options: CarryOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Make a new plan with the cells of an earlier one on the villages as they are now; one transaction.

    Raises `InfeasibleError` without a plan or villages, `SchemaError` and `ReadError` for a table or outlines that
    cannot be used, `StoreError` where no backup can be made. The earlier plan stays as it is.
    """
    watch, tell = Stopwatch(), part(progress, "结转方案", "carrying the plan over")
    tell(0, 4, "")
    with opened(project) as store:
        source = plan_named(store, options.plan)
        table, notes = ([], []) if options.changes is None else _table(store, Path(options.changes))
        outlines = None if options.villages is None else read_for(store, LoadOptions(
            "villages", options.villages, replace=True))  # fmt: skip
        tell(1, 4, "")
        with store.change(who=who(), action="carry") as change:
            name = change.plan = new_name(store, options.name)
            if options.backup:
                with backed_up(store.backend, change.connection, reason="carry") as backup:
                    answer = _carried(store, change, options, source, name, table, outlines)
            else:
                backup, answer = None, _carried(store, change, options, source, name, table, outlines)
        tell(3, 4, "")
        if backup is not None:
            prune_backups(store.backend)
        tell(4, 4, "")
        return {
            "plan": name, "parent": source, **answer, "notes": [{"zh": zh, "en": en} for zh, en in notes],
            "out": options.out, "backup": None if backup is None else backup.target, "seconds": watch.seconds,
        }  # fmt: skip


def _table(store: Project, path: Path) -> tuple[list[VillageChange], list[tuple[str, str]]]:
    refuse_project_as_input(store, path)
    return read_village_changes(path)


def _carried(
    store: Project, change: Change, options: CarryOptions, source: str, name: str, table: list[VillageChange],
    outlines: Any,
) -> dict[str, Any]:  # fmt: skip
    """Carry, store and verify, inside the transaction."""
    before = dict(store.read("villages", columns=["village_code", "village"]).itertuples(index=False, name=None))
    if outlines is not None:
        store_layer(store, change, "villages", outlines.frame, replace=True)
    desk = Desk(store)
    if not store.count("villages"):
        raise InfeasibleError("项目里没有村（社区）边界", "the project holds no villages")
    previous, villages = _previous(desk, source), desk.read("villages")
    old = _old_villages(previous, before | _names_of(previous))
    changes, other = _changes(table, old, villages, name=Path(options.changes or "").name)
    settings = store.read("plans", where={"plan": source}, columns=["settings"])["settings"].iloc[0] or {}
    made = carry_plan(
        previous, villages, names_before=dict(zip(old["village_code"], old["village"], strict=True)), changes=changes,
        homes=desk.some("homes"), measure=_MEASURES.get(settings.get("balance", "households"), "households"),
        plan=name, start_date=now().isoformat(),
    )  # fmt: skip
    for each in changes:
        if each.inferred:
            made.problems.add("carry-inferred", code=each.old_code, kind=each.kind, target=each.new_code or "–")
    _store(desk, change, made, source, name)
    people = _people(desk, change, made, source, name)
    figures, found = verified(desk, name)
    made.problems.extend(found)
    problems = desk.problems(made.problems, plan=name)
    change.append("problems", once(problems))
    comparison = compared(desk, source, name)
    if options.out is not None:
        refuse_project_as_input(store, options.out)
        write_changes(comparison.frame, Path(options.out), options=ExportOptions(plan=f"{source} → {name}"))
    change.record(after={"plan": name, "parent": source, "cells": figures["cells"], "table": options.changes and
                         Path(options.changes).name, **kinds_of(changes)})  # fmt: skip
    return {
        **figures, "changes": comparison.totals | {"rows": len(comparison.frame)}, "kinds_of_change": kinds_of(changes),
        "village_changes": [_said(each) for each in changes], "inferred": sum(each.inferred for each in changes),
        "unused_rows": len(other), "cells_kept": sum(code == then for code, then in made.codes.items()),
        "cells_recoded": sum(code != then for code, then in made.codes.items()), **people, **counted(problems),
    }  # fmt: skip


def _previous(desk: Desk, plan: str) -> Previous:
    """Give the plan with every cell code that any plan ever used: a code of another plan is no free one either."""
    members = desk.project.read("plan_blocks", where={"plan": plan})
    blocks = desk.read("blocks")
    used = desk.project.read("cells", columns=["cell_code"])["cell_code"]
    return Previous(
        blocks[blocks["block_id"].isin(members["block_id"])].reset_index(drop=True), members, desk.cells(plan),
        frozenset(used),
    )  # fmt: skip


def _names_of(previous: Previous) -> dict[str, str]:
    """Give the names that villages had when the plan was made, as the names of its cells show them."""
    names: dict[str, str] = {}
    for row in previous.cells.sort_values("cell_code").itertuples(index=False):
        ending = cell_name("", str(row.cell_code))
        if isinstance(row.cell, str) and row.cell.endswith(ending):
            names.setdefault(str(row.village_code), row.cell.removesuffix(ending))
    return names


def _old_villages(previous: Previous, names: dict[str, str]) -> gpd.GeoDataFrame:
    """Give the villages that the plan was made for, as its cells show them."""
    cells = previous.cells[["village_code", "geometry"]]
    old = cells.dissolve("village_code", method="coverage").reset_index()
    return old.assign(village=[names.get(code, code) for code in old["village_code"]])


def _changes(
    table: list[VillageChange], old: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, *, name: str
) -> tuple[list[VillageChange], list[VillageChange]]:
    """Settle the table, and infer what it does not speak of."""
    try:
        settled_, other = settle_changes(table, before=set(old["village_code"]), after=set(villages["village_code"]))
    except SchemaError as error:
        raise SchemaError(f"{name} {error.zh}", f"{name} {error.en}") from error
    known = {change.old_code for change in settled_}
    return settled_ + [change for change in infer_changes(old, villages) if change.old_code not in known], other


def _store(desk: Desk, change: Change, made: Carried, source: str, name: str) -> None:
    """Write the new plan: its row, new blocks, cells, and the villages with the nodes of their cells."""
    store = desk.project
    row = store.read("plans", where={"plan": source})
    row = row.assign(plan=name, note=None, made_at=now(), made_by=who(), status="draft", parent=source)
    change.append("plans", row)
    stored = set(store.read("blocks", columns=["block_id"])["block_id"])
    fresh = made.blocks[~made.blocks["block_id"].isin(stored)].reset_index(drop=True)
    change.append("blocks", settled(desk.back(fresh), "blocks"))
    change.append("plan_blocks", settled(made.plan_blocks, "plan_blocks"))
    cells = made.cells.assign(start_date=pd.to_datetime(made.cells["start_date"], utc=True, format="mixed"))
    change.append("cells", settled(desk.back(cells), "cells"))
    change.update("villages", desk.back(made.villages[["village_code", "geometry"]]))


def _people(desk: Desk, change: Change, made: Carried, source: str, name: str) -> dict[str, int]:
    """Carry people by cell, micro-cells of cells whose ground stayed, contacts as they are."""
    store = desk.project
    posts = store.read("assignments", where={"plan": source})
    kept = posts[posts["cell_code"].isin(list(made.codes))].reset_index(drop=True)
    change.append("assignments", kept.assign(plan=name, cell_code=kept["cell_code"].map(made.codes)))
    micro = store.read("micro_cells", where={"plan": source})
    then = micro["cell_code"].map(made.codes)
    stays = then.notna() & ~then.isin(made.changed)
    for code, rows in micro[~stays].groupby("cell_code"):
        made.problems.add("carry-people-dropped", code=str(code), count=len(rows))
    names = pd.Series(then[stays] + micro.loc[stays, "micro_code"].str[-2:], index=micro.index[stays])
    new = micro[stays].assign(plan=name, cell_code=then[stays], micro_code=names).reset_index(drop=True)
    change.append("micro_cells", new)
    codes = dict(zip(micro.loc[stays, "micro_code"], names, strict=True))
    homes = store.read("micro_homes", where={"plan": source})
    homes = homes[homes["micro_code"].isin(list(codes))].reset_index(drop=True)
    change.append("micro_homes", homes.assign(plan=name, micro_code=homes["micro_code"].map(codes)))
    contacts = store.read("contacts", where={"plan": source})
    change.append("contacts", contacts.assign(plan=name))
    return {"assignments": len(kept), "assignments_dropped": len(posts) - len(kept), "micro_cells": len(new),
            "contacts": len(contacts)}  # fmt: skip


def _said(change: VillageChange) -> dict[str, Any]:
    return {
        "old_code": change.old_code, "new_code": change.new_code or None, "kind": change.kind,
        "date": change.date or None, "inferred": change.inferred,
    }  # fmt: skip
