"""`wangge carry`: the cells of a plan on villages that merged, split, got other names or codes, or ended."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.jobs.carry_people import PEOPLE, carried_people
from api.jobs.desk import Desk, Stopwatch, Target, counted, new_name, now, opened, plan_named, who
from api.jobs.draft import VERIFIED_BY, drafted, store_draft
from api.jobs.inputs import Inputs, once_more
from api.jobs.load import LoadOptions, read_for, store_layer
from api.jobs.loads import MEASURES
from api.jobs.progress import Progress, part, quiet
from api.store import refuse_project_as_input
from api.store.backups import backed_up, prune_backups
from api.store.frames import as_read
from files.reading.village_changes import read_village_changes
from files.writing import ExportOptions
from files.writing.changes import write_changes
from spatial.errors import InfeasibleError, SchemaError
from spatial.layers import LAYERS
from spatial.planning.carry import carry_plan
from spatial.planning.carry.changes import VillageChange, infer_changes, kinds_of, settle_changes
from spatial.planning.carry.declared import declared_now
from spatial.planning.cells.numbering import cell_name
from spatial.planning.compare import compare_plans
from spatial.planning.demand.scope import Previous

if TYPE_CHECKING:
    import geopandas as gpd

    from api.jobs.draft import Draft
    from api.store import Project
    from spatial.planning.carry import Carried
    from spatial.planning.compare import Comparison

__all__ = ["CarryOptions", "run_carry"]


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
    cannot be used, `StoreError` where no backup can be made, `StaleInputError` where the data keeps changing
    meanwhile. The earlier plan stays as it is, also where it is final.
    """
    watch, tell = Stopwatch(), part(progress, "结转方案", "carrying the plan over")
    tell(0, 4, "")
    with opened(project) as store:
        if options.out is not None:
            refuse_project_as_input(store, options.out)
        table, notes = ([], []) if options.changes is None else _table(store, Path(options.changes))
        outlines = None if options.villages is None else read_for(store, LoadOptions(
            "villages", options.villages, replace=True))  # fmt: skip
        new = None if outlines is None else outlines.frame
        answer = once_more(lambda: _carried(store, options, table, new, tell), progress or quiet)
        if answer["backup"] is not None:
            prune_backups(store.backend)
        tell(4, 4, "")
    return {
        **answer, "notes": [{"zh": zh, "en": en} for zh, en in notes], "out": options.out, "seconds": watch.seconds,
    }  # fmt: skip


def _table(store: Project, path: Path) -> tuple[list[VillageChange], list[tuple[str, str]]]:
    refuse_project_as_input(store, path)
    return read_village_changes(path)


@dataclass(frozen=True)
class _Given:
    """One state of the project, in metres: the plan, the villages as they will be, and what lies in them."""

    source: str
    row: dict[str, Any]
    names: dict[str, str]
    previous: Previous
    villages: gpd.GeoDataFrame
    frames: dict[str, gpd.GeoDataFrame | None]
    people: dict[str, pd.DataFrame]
    inputs: Inputs


def _carried(
    store: Project, options: CarryOptions, table: list[VillageChange], outlines: gpd.GeoDataFrame | None,
    tell: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Read one state of the project, carry and verify, and store in one short write, if that state still holds."""
    with store.reading():
        desk = Desk(store)
        given = _read(desk, options, outlines)
        name = new_name(store, options.name)
    tell(1, 4, "")
    changes, other = _changes(table, given, name=Path(options.changes or "").name)
    made = _made(given, changes, name)
    people, counts = carried_people(made, given.people, homes=given.frames["homes"], members=given.frames["members"])
    declared = _declared(given, changes)
    draft = drafted(desk, made, {**given.frames, "villages": given.villages}, name=name)
    comparison = _compared(desk, given, draft)
    tell(2, 4, "")
    with store.change(who=who(), action="carry") as change, ExitStack() as kept:
        given.inputs.require_unchanged(store)
        name = change.plan = new_name(store, options.name)
        draft, backup = draft.named(name), None
        if options.backup:
            backup = kept.enter_context(backed_up(store.backend, change.connection, reason="carry"))
        if outlines is not None:
            store_layer(store, change, "villages", outlines, replace=True)
        row = {**given.row, "plan": name, "note": None, "made_at": now(), "made_by": who(), "status": "draft",
               "parent": given.source}  # fmt: skip
        store_draft(store, change, draft, row)
        for layer, rows in people.items():
            change.append(layer, rows.assign(plan=name))
        for layer, rows in declared.items():
            change.update(layer, rows)
        if options.out is not None:
            write_changes(comparison.frame, Path(options.out), options=ExportOptions(plan=f"{given.source} → {name}"))
        change.record(after={"plan": name, "parent": given.source, "cells": draft.figures["cells"],
                             "table": options.changes and Path(options.changes).name, **kinds_of(changes),
                             "declared": {layer: len(rows) for layer, rows in declared.items()}})  # fmt: skip
    tell(3, 4, "")
    return {
        "plan": name, "parent": given.source, **draft.figures,
        "changes": comparison.totals | {"rows": len(comparison.frame)}, "kinds_of_change": kinds_of(changes),
        "village_changes": [_said(each) for each in changes], "inferred": sum(each.inferred for each in changes),
        "unused_rows": len(other), "cells_kept": sum(code == then for code, then in made.codes.items()),
        "cells_recoded": sum(code != then for code, then in made.codes.items()), **counts,
        "declared": sum(map(len, declared.values())), **counted(draft.problems),
        "backup": None if backup is None else backup.target,
    }  # fmt: skip


def _read(desk: Desk, options: CarryOptions, outlines: gpd.GeoDataFrame | None) -> _Given:
    """Read the plan and what it is carried to, in one state of the project."""
    store = desk.project
    source = plan_named(store, options.plan)
    names = dict(store.read("villages", columns=["village_code", "village"]).itertuples(index=False, name=None))
    if outlines is None and not names:
        raise InfeasibleError("项目里没有村（社区）边界", "the project holds no villages")
    stored = store.read("villages") if outlines is None else as_read(LAYERS["villages"], outlines)
    row = store.read("plans", where={"plan": source}).iloc[0].to_dict()
    return _Given(
        source, row, names, _previous(desk, source), desk.door.forward(stored),
        {layer: desk.some(layer) for layer in (*VERIFIED_BY, "places", "members")},
        {layer: store.read(layer, where={"plan": source}) for layer in PEOPLE},
        Inputs.read(store, "villages", *VERIFIED_BY, "places", "members", "blocks", "cells", "plan_blocks", *PEOPLE,
                    plan=source),
    )  # fmt: skip


def _made(given: _Given, changes: list[VillageChange], name: str) -> Carried:
    """Carry the plan, and say which changes no table told."""
    settings = given.row["settings"] or {}
    old = _old_villages(given)
    made = carry_plan(
        given.previous, given.villages, names_before=dict(zip(old["village_code"], old["village"], strict=True)),
        changes=changes, homes=given.frames["homes"], measure=MEASURES[settings.get("balance", "households")],
        plan=name, start_date=now().isoformat(),
    )  # fmt: skip
    for each in changes:
        if each.inferred:
            made.problems.add("carry-inferred", code=each.old_code, kind=each.kind, target=each.new_code or "–")
    start = pd.to_datetime(made.cells["start_date"], utc=True, format="mixed")
    return replace(made, cells=made.cells.assign(start_date=start))


def _declared(given: _Given, changes: list[VillageChange]) -> dict[str, pd.DataFrame]:
    """Give the rows that say they belong to a village which is another one now, by layer, with its code."""
    found = {}
    for layer in ("homes", "hamlets", "places"):
        rows = given.frames[layer]
        if rows is not None:
            codes = declared_now(rows, given.villages, changes)
            key = LAYERS[layer].key[0]
            found[layer] = pd.DataFrame({key: rows.loc[codes.index, key], "village_code": codes})
    return {layer: rows.reset_index(drop=True) for layer, rows in found.items() if len(rows)}


def _compared(desk: Desk, given: _Given, draft: Draft) -> Comparison:
    """Compare the earlier plan with the one that will be stored, in metres."""
    before = given.previous
    fresh = desk.door.forward(as_read(LAYERS["blocks"], draft.blocks))
    fresh = fresh[~fresh["block_id"].isin(before.blocks["block_id"])]
    blocks = pd.concat([before.blocks, fresh], ignore_index=True)
    return compare_plans(
        before.cells, before.plan_blocks, desk.door.forward(draft.cells), draft.plan_blocks, blocks,
        homes=given.frames["homes"],
    )  # fmt: skip


def _previous(desk: Desk, plan: str) -> Previous:
    """Give the plan with every cell code that any plan ever used: a code of another plan is no free one either."""
    members = desk.project.read("plan_blocks", where={"plan": plan})
    blocks = desk.read("blocks", where={"block_id": members["block_id"].tolist()})
    used = desk.project.read("cells", columns=["cell_code"])["cell_code"]
    return Previous(
        blocks, members, desk.cells(plan), frozenset(used),
    )  # fmt: skip


def _names_of(previous: Previous) -> dict[str, str]:
    """Give the names that villages had when the plan was made, as the names of its cells show them."""
    names: dict[str, str] = {}
    for row in previous.cells.sort_values("cell_code").itertuples(index=False):
        ending = cell_name("", str(row.cell_code))
        if isinstance(row.cell, str) and row.cell.endswith(ending):
            names.setdefault(str(row.village_code), row.cell.removesuffix(ending))
    return names


def _old_villages(given: _Given) -> gpd.GeoDataFrame:
    """Give the villages that the plan was made for, as its cells show them."""
    names = given.names | _names_of(given.previous)
    cells = given.previous.cells[["village_code", "geometry"]]
    old = cells.dissolve("village_code", method="coverage").reset_index()
    return old.assign(village=[names.get(code, code) for code in old["village_code"]])


def _changes(
    table: list[VillageChange], given: _Given, *, name: str
) -> tuple[list[VillageChange], list[VillageChange]]:
    """Settle the table, and infer what it does not speak of."""
    old, villages = _old_villages(given), given.villages
    try:
        settled_, other = settle_changes(table, before=set(old["village_code"]), after=set(villages["village_code"]))
    except SchemaError as error:
        raise SchemaError(f"{name} {error.zh}", f"{name} {error.en}") from error
    known = {change.old_code for change in settled_}
    return settled_ + [change for change in infer_changes(old, villages) if change.old_code not in known], other


def _said(change: VillageChange) -> dict[str, Any]:
    return {
        "old_code": change.old_code, "new_code": change.new_code or None, "kind": change.kind,
        "date": change.date or None, "inferred": change.inferred,
    }  # fmt: skip
