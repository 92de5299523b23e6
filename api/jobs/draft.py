"""A plan as it will be stored: carried back to degrees, verified and worded before anybody has to wait for it.

Verification takes seconds, the write lock should be held for as little as the rows need. So a plan is verified on
frames that are equal, bit for bit, to what the store will give back (`as_read`), and inside the write only the
versions of the stored rows are compared with those that were verified.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from api.jobs.desk import Desk, settled
from api.jobs.listed import OF_HOUSEHOLDS, list_of_data, once
from api.store import StoreError, row_versions
from api.store.frames import as_read
from spatial.layers import LAYERS
from spatial.planning.blocks.names import set_apart
from spatial.planning.verify import verify_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from api.store import Change, Project
    from spatial.planning import Plan
    from spatial.planning.carry import Carried
    from spatial.problems import Problems

__all__ = ["VERIFIED_BY", "Draft", "drafted", "store_draft"]

VERIFIED_BY = ("homes", "buildings", "barriers", "hamlets")
"""Layers that a plan is held against."""


@dataclass(frozen=True)
class Draft:
    """One plan in storage degrees, with its figures and problems; `moved` are borders that got nodes."""

    name: str
    blocks: gpd.GeoDataFrame
    plan_blocks: pd.DataFrame
    cells: gpd.GeoDataFrame
    moved: gpd.GeoDataFrame
    problems: gpd.GeoDataFrame
    figures: dict[str, Any]

    def named(self, name: str) -> Draft:
        """Give the same plan under another name."""
        if name == self.name:
            return self
        return replace(
            self, name=name, plan_blocks=self.plan_blocks.assign(plan=name),
            cells=self.cells.assign(plan=name, cell_id=name + ":" + self.cells["cell_code"]),
            problems=self.problems.assign(plan=self.problems["plan"].replace(self.name, name)),
        )  # fmt: skip


def drafted(desk: Desk, plan: Plan | Carried, given: Mapping[str, Any], *, name: str) -> Draft:
    """Carry a plan back to degrees and verify it against what it was made from (`given`, in metres)."""
    cells = as_read(LAYERS["cells"], settled(desk.back(plan.cells), "cells"))
    before = as_read(LAYERS["villages"], settled(desk.back(given["villages"]), "villages"))
    noded = desk.back(plan.villages).set_index("village_code").geometry.reindex(before["village_code"])
    after = as_read(LAYERS["villages"], before.set_geometry(noded.to_numpy(), crs=before.crs))
    same = shapely.equals_exact(before.geometry.to_numpy(), after.geometry.to_numpy(), tolerance=0)
    planned = desk.door.forward(after[after["village_code"].isin(cells["village_code"])].reset_index(drop=True))
    around = {layer: given[layer] for layer in VERIFIED_BY}
    figures, found = verify_plan(planned, desk.door.forward(cells), **around)
    return Draft(
        name, settled(desk.back(plan.blocks), "blocks"), settled(plan.plan_blocks, "plan_blocks"), cells,
        after.loc[~same, ["village_code", "geometry"]].reset_index(drop=True),
        desk.problems(_merged(plan, found), plan=name), figures,
    )  # fmt: skip


def store_draft(store: Project, change: Change, draft: Draft, row: Mapping[str, Any]) -> None:
    """Write one plan: its row of `plans`, blocks that are new, cells, borders, and what is to be said of it.

    Raises
    ------
    StoreError
        Where the cells that are stored are not the cells that were verified.
    """
    change.append("plans", pd.DataFrame([row]))
    held = set(store.read("blocks", columns=["block_id"])["block_id"])
    blocks, links = draft.blocks, draft.plan_blocks
    if held & set(blocks["block_id"]):
        blocks, links = set_apart(blocks, links, store.read("blocks", columns=["block_id", "geometry"]))
    change.append("blocks", blocks[~blocks["block_id"].isin(held)].reset_index(drop=True))
    change.append("plan_blocks", links)
    change.append("cells", draft.cells)
    if len(draft.moved):
        change.update("villages", draft.moved)
    of_data = draft.problems["problem"].isin(OF_HOUSEHOLDS)
    list_of_data(change, draft.problems[of_data].assign(plan=None).reset_index(drop=True))
    change.append("problems", once(draft.problems[~of_data].reset_index(drop=True)))
    stored = store.read("cells", where={"plan": draft.name})
    if not row_versions(stored, "cells").equals(row_versions(draft.cells, "cells")):
        raise StoreError(
            f"方案 {draft.name} 写入后与核验过的不一致，已撤销", f"plan {draft.name} was not stored as verified; undone"
        )


def _merged(plan: Plan | Carried, found: Problems) -> Problems:
    """Join what planning said with what verification found; the same thing is said once."""
    said = {(row["problem"], row["code"]) for row in plan.problems.rows}
    plan.problems.rows.extend(row for row in found.rows if (row["problem"], row["code"]) not in said)
    return plan.problems
