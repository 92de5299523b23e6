"""A village of square blocks for tests of edits, and what must hold after each."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.planning.cells import cells_from
from spatial.planning.edits import Edit, PlanState
from tests import strategies as make

VILLAGE = "211122101200"


def state_of(
    columns: int = 6, rows: int = 4, side: float = 100, households: np.ndarray | None = None, **more: object
) -> PlanState:
    """Three cells of a third of the columns each, over square blocks with one household apiece."""
    spots = [(i, j) for i in range(columns) for j in range(rows)]
    shapes = [shapely.MultiPolygon([make.box(side * i, side * j, side * i + side, side * j + side)]) for i, j in spots]
    ids = [f"b{i:02d}{j:02d}" for i, j in spots]
    held = np.ones(len(spots)) if households is None else households
    blocks = gpd.GeoDataFrame(
        {
            "block_id": ids, "parent_id": None, "village_code": VILLAGE, "households": held, "residents": 3 * held,
            "party_members": 0.0, "workload": 2 * held, "area_m2": side**2,
        },
        geometry=shapes, crs=make.CRS,
    )  # fmt: skip
    codes = [f"{VILLAGE}{i * 3 // columns + 1:03d}" for i, _ in spots]
    links = pd.DataFrame({"plan": "p", "block_id": ids, "cell_code": codes})
    names = pd.DataFrame({"village_code": [VILLAGE], "village": ["新立村"]})
    return PlanState(blocks, links, cells_from(links, blocks, names, plan="p", start_date="2024-01-01"), **more)


def after(state: PlanState, edit: Edit) -> PlanState:
    """Give the state that an edit leaves, as a store would keep it."""
    return _with_links(state, edit, gone=edit.before, come=edit.after, cells=edit.cells)


def back(state: PlanState, edit: Edit, *, cells: gpd.GeoDataFrame) -> PlanState:
    """Take an edit back."""
    return _with_links(state, edit, gone=edit.after, come=edit.before, cells=cells)


def _with_links(
    state: PlanState, edit: Edit, *, gone: pd.DataFrame, come: pd.DataFrame, cells: gpd.GeoDataFrame
) -> PlanState:
    kept = state.plan_blocks[~state.plan_blocks["block_id"].isin(gone["block_id"])]
    links = pd.concat([kept, come], ignore_index=True).sort_values("block_id", ignore_index=True)
    fresh = edit.blocks[~edit.blocks["block_id"].isin(state.blocks["block_id"])]
    blocks = pd.concat([state.blocks, fresh], ignore_index=True) if len(fresh) else state.blocks
    blocks = gpd.GeoDataFrame(blocks, geometry="geometry", crs=state.blocks.crs)
    return dataclasses.replace(state, blocks=blocks, plan_blocks=links, cells=cells)


def holds(state: PlanState, edit: Edit) -> None:
    """Assert that cells tile the village, are one piece each, and keep every household."""
    shapes = edit.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_num_geometries(shapes) == 1).all()
    used = state.blocks[state.blocks["block_id"].isin(state.plan_blocks["block_id"])]
    assert edit.cells.area.sum() == pytest.approx(used.area.sum())
    for name in ("households", "residents", "workload"):
        assert edit.cells[name].sum() == pytest.approx(used[name].sum())
    basic = edit.cells[edit.cells["kind"] == "basic"]["households"]
    share = edit.cells.loc[edit.cells["kind"] == "basic", "deviation_share"]
    assert share.to_numpy() == pytest.approx(((basic - basic.mean()) / basic.mean()).to_numpy())
