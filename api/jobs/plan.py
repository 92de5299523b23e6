"""`wangge plan`: split villages into cells, verify what was stored, keep it as one plan."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from api.jobs.cells_by import read_cells_by
from api.jobs.desk import Desk, Stopwatch, Target, counted, new_name, now, opened, plan_named, who
from api.jobs.draft import VERIFIED_BY, drafted, store_draft
from api.jobs.elsewhere import done_at
from api.jobs.inputs import Inputs, once_more
from api.jobs.progress import Progress, part, quiet
from spatial.errors import InfeasibleError, SchemaError
from spatial.planning import Previous, plan_cells
from spatial.planning.compare import compare_plans
from spatial.planning.options import Balance, PlanOptions
from spatial.planning.profiles import Profile, default_profile, read_profile
from spatial.planning.specials import special_areas
from spatial.planning.verify import verify_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from api.store import Project
    from spatial.planning import Plan
    from spatial.problems import Problems

__all__ = ["PlanJob", "plan_profile", "read_profile_file", "run_plan", "verified"]


_BESIDE = ("overlays", "incidents")
"""Layers that planning may look at and verification does not."""


@dataclass(frozen=True)
class PlanJob:
    """What a plan is asked to be: size, balance, scope, and the plan it starts from."""

    households: int | None = None
    cells: int | None = None
    cells_by: str | None = None
    balance: Balance = "households"
    tolerance: float = 0.05
    unit: Literal["block", "hamlet"] = "block"
    profile: str | None = None
    scope: tuple[str, ...] = ()
    from_plan: str | None = None
    keep: float | None = None
    name: str | None = None
    seed: int = 0
    scheduler: str | None = None
    barriers: float | None = None
    split_blocks: bool | None = None


def run_plan(project: Target, options: PlanJob, progress: Progress | None = None) -> dict[str, Any]:
    """Make one plan and store it; the figures are those of what is stored, read again.

    Raises `InfeasibleError` without villages, for fewer cells than villages, or an unknown scope code;
    `SchemaError` for a name in use; `StaleInputError` where the data it was made from keeps changing.
    """
    watch = Stopwatch()
    with opened(project) as store:
        made = once_more(lambda: _made(store, options, progress), progress or quiet)
    return {**made, "seconds": watch.seconds}


def _made(store: Project, options: PlanJob, progress: Progress | None) -> dict[str, Any]:
    """Read in one state of the project, plan and verify, and store in one short write, if that state still holds."""
    with store.reading():
        if not store.count("villages"):
            raise InfeasibleError(
                "项目里没有村（社区）边界，无法划分：先 wangge load PROJECT villages FILE",
                "the project holds no villages, nothing to split: first wangge load PROJECT villages FILE",
            )
        desk, name = Desk(store), new_name(store, options.name)
        parent = None if options.from_plan is None else plan_named(store, options.from_plan)
        given = _given(desk)
        previous = None if parent is None else _previous(desk, parent)
        earlier = desk.some("blocks")
        settings = _options(desk, options, name)
        layers = ("villages", *VERIFIED_BY, *_BESIDE, *([] if given["blocks"] is None else ["blocks"]))
        inputs = Inputs.read(store, *layers, plan=parent)
    plan = done_at(
        options.scheduler, plan_cells, **given, previous=previous, earlier=earlier, options=settings,
        progress=part(progress, "划分网格", "planning"),
    )  # fmt: skip
    draft = drafted(desk, plan, given, name=name)
    with store.change(who=who(), action="plan", plan=name) as change:
        inputs.require_unchanged(store)
        name = change.plan = new_name(store, options.name)  # another plan may have taken the next free name
        draft = draft.named(name)
        row = {
            "plan": name, "note": None, "made_at": now(), "made_by": who(), "settings": _settings(options),
            "status": "draft", "parent": parent,
        }  # fmt: skip
        store_draft(store, change, draft, row)
        change.record(after={"plan": name, "cells": draft.figures["cells"], "special": draft.figures["special"]})
    since = {} if previous is None else {"since": _since(str(parent), previous, plan, given["homes"])}
    return {"plan": name, **draft.figures, "certificates": plan.certificates, **since, **counted(draft.problems)}


def _since(parent: str, previous: Previous, plan: Plan, homes: gpd.GeoDataFrame | None) -> dict[str, Any]:
    """Give what starting from an earlier plan cost and brought: households moved, against the largest deviation."""
    blocks = pd.concat([previous.blocks, plan.blocks], ignore_index=True).drop_duplicates("block_id")
    totals = compare_plans(
        previous.cells, previous.plan_blocks, plan.cells, plan.plan_blocks, blocks, homes=homes
    ).totals  # fmt: skip
    basic = previous.cells[previous.cells["kind"] == "basic"]
    several = basic.groupby("village_code")["kind"].transform("size") >= 2
    before = basic.loc[several, "deviation_share"].abs().max()
    return {
        "plan": parent, "households_moved": totals["households_moved"], "kept_share": totals["kept_share"],
        "max_deviation_share": 0.0 if pd.isna(before) else float(before),
    }  # fmt: skip


def verified(desk: Desk, plan: str) -> tuple[dict[str, Any], Problems]:
    """Check a stored plan on re-read data: figures and problems."""
    cells = desk.cells(plan)
    villages = desk.read("villages")
    planned = villages[villages["village_code"].isin(cells["village_code"])].reset_index(drop=True)
    return verify_plan(planned, cells, **{name: desk.some(name) for name in VERIFIED_BY})


def plan_profile(settings: Mapping[str, Any] | None) -> Profile | None:
    """Give the profile that a plan was made with, from its `settings`; None where it was the shipped one."""
    text = (settings or {}).get("profile_text")
    return None if text is None else read_profile(text)


def _settings(options: PlanJob) -> dict[str, Any]:
    """Give what is kept of the wishes: with the words of a profile, whose file may be gone tomorrow."""
    text = None if options.profile is None else Path(options.profile).read_text(encoding="utf-8-sig")
    return {**asdict(options), "profile_text": text}


def _given(desk: Desk) -> dict[str, gpd.GeoDataFrame | None]:
    """Read what planning looks at; a layer without rows is None."""
    loaded = desk.project.settings.get("loaded_blocks", [])
    blocks = desk.read("blocks") if loaded else None
    if blocks is not None:
        blocks = blocks[blocks["block_id"].isin(loaded)].reset_index(drop=True)
    return {
        "villages": desk.read("villages"), **{name: desk.some(name) for name in VERIFIED_BY}, "blocks": blocks,
        "specials": special_areas(desk.some("overlays")), "incidents": desk.some("incidents"),
    }  # fmt: skip


def _previous(desk: Desk, parent: str) -> Previous:
    """Give the earlier plan, and every code that it or its forebears ever used."""
    members = desk.project.read("plan_blocks", where={"plan": parent})
    blocks = desk.read("blocks", where={"block_id": members["block_id"].tolist()})
    plans = desk.project.read("plans", columns=["plan", "parent"]).set_index("plan")["parent"].to_dict()
    line: list[str] = []
    step: Any = parent
    while isinstance(step, str) and step not in line:
        line.append(step)
        step = plans.get(step)
    used = desk.project.read("cells", where={"plan": line}, columns=["cell_code"])["cell_code"]
    return Previous(
        blocks=blocks, plan_blocks=members, cells=desk.cells(parent), used_codes=frozenset(used),
    )  # fmt: skip


def _options(desk: Desk, options: PlanJob, name: str) -> PlanOptions:
    if options.keep is not None and options.from_plan is None:
        raise SchemaError("--keep 要与 --from 一起用", "--keep goes with --from")
    by = None
    if options.cells_by is not None:
        codes = desk.project.read("villages", columns=["village_code"])["village_code"]
        by = read_cells_by(Path(options.cells_by), villages=frozenset(codes))
    profile = default_profile()
    if options.profile is not None:
        profile = read_profile_file(Path(options.profile))
    return PlanOptions(
        households=options.households, cells=options.cells, cells_by=by, balance=options.balance,
        tolerance=options.tolerance, unit=options.unit, profile=profile, scope=options.scope, keep=options.keep,
        name=name, seed=options.seed, start_date=now().isoformat(), barriers=options.barriers,
        split_blocks=options.split_blocks,
    )  # fmt: skip


def read_profile_file(path: Path) -> Profile:
    """Read a profile; a refusal (`SchemaError`) names its file."""
    try:
        return read_profile(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SchemaError(
            f"{path}：不是 UTF-8 文本，请另存为 UTF-8", f"{path} is no UTF-8 text; save it as UTF-8"
        ) from error
    except SchemaError as error:
        raise SchemaError(f"{path}：{error.zh}", f"{path}: {error.en}") from error
