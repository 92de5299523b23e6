"""Plans that start from an earlier one: what is locked stays, what is kept is told, codes are not used twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.errors import InfeasibleError
from spatial.planning import Plan, Previous, plan_cells
from spatial.planning.options import PlanOptions
from tests import strategies as make


def _plan(ground: make.Ground, previous: Previous | None = None, **options: object) -> Plan:
    return plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, previous=previous,
        options=PlanOptions(workers=1, **options),
    )  # fmt: skip


def _from(plan: Plan, *, locked: tuple[str, ...] = ()) -> Previous:
    cells = plan.cells.assign(locked=plan.cells["cell_code"].isin(locked))
    return Previous(plan.blocks, plan.plan_blocks, cells, frozenset(cells["cell_code"]))


def _crowded(ground: make.Ground) -> make.Ground:
    """Put many more homes into one corner, so that the earlier cells are uneven."""
    more = make.homes_at(np.random.default_rng(1).uniform(30, 400, (160, 2)))
    more["home_id"] = [f"N{i:03d}" for i in range(len(more))]
    return make.Ground(ground.villages, pd.concat([ground.homes, more], ignore_index=True), ground.barriers)


@pytest.mark.parametrize("measure", ["households", "workload"])
def test_locked_cells_keep_ground_code_and_blocks_whatever_else_changes(measure: str) -> None:
    ground = make.two_villages(5, homes=200)
    first = _plan(ground, cells=10)
    codes = tuple(first.cells["cell_code"].iloc[[1, 6]])
    crowded = _crowded(make.Ground(first.villages, ground.homes, ground.barriers))
    second = _plan(crowded, _from(first, locked=codes), cells=12, balance=measure, name="second")
    assert second.figures["cells"] == 12
    assert second.figures["exact_tiling"]
    for code in codes:
        old, new = (plan.cells.set_index("cell_code").geometry[code] for plan in (first, second))
        assert shapely.symmetric_difference(old, new).area < 1e-6
        links = [
            plan.plan_blocks.loc[plan.plan_blocks["cell_code"] == code, "block_id"].tolist() for plan in (first, second)
        ]
        assert links[0] == links[1]
    assert second.cells.set_index("cell_code").loc[list(codes), "locked"].all()
    free = second.cells[~second.cells["cell_code"].isin(codes)]
    assert (shapely.get_num_geometries(free.geometry.to_numpy()) >= 1).all()
    load = (
        second.cells.set_index("cell_code")[measure].groupby(second.cells["village_code"].to_numpy()).transform("mean")
    )
    shares = second.cells.set_index("cell_code")[measure] / load - 1
    assert shares.to_numpy() == pytest.approx(second.cells["deviation_share"].to_numpy())


def test_a_village_that_is_locked_altogether_is_left_as_it_is() -> None:
    ground = make.two_villages(7)
    first = _plan(ground, cells=6)
    code = first.cells["village_code"].iloc[0]
    mine = first.cells[first.cells["village_code"] == code]
    again = make.Ground(first.villages, ground.homes, ground.barriers)
    second = _plan(again, _from(first, locked=tuple(mine["cell_code"])), cells=9)
    kept = second.cells[second.cells["village_code"] == code]
    assert kept["cell_code"].tolist() == mine["cell_code"].tolist()
    assert second.figures["cells"] == 9
    with pytest.raises(InfeasibleError, match="all cells to be planned are locked"):
        _plan(again, _from(first, locked=tuple(first.cells["cell_code"])), cells=6)
    with pytest.raises(InfeasibleError, match="unlock some"):
        _plan(again, _from(first, locked=tuple(mine["cell_code"])), cells=3)


def test_retired_codes_are_not_given_again() -> None:
    ground = make.two_villages(4)
    first = _plan(ground, cells=8)
    again = make.Ground(first.villages, ground.homes, ground.barriers)
    second = _plan(again, _from(first), cells=6)
    used = Previous(
        second.blocks,
        second.plan_blocks,
        second.cells,
        frozenset({*first.cells["cell_code"], *second.cells["cell_code"]}),
    )
    third = _plan(make.Ground(second.villages, ground.homes, ground.barriers), used, cells=9)
    retired = set(first.cells["cell_code"]) - set(second.cells["cell_code"])
    assert retired
    assert not retired & set(third.cells["cell_code"])


def test_keeping_that_holds_the_balance_back_is_told_with_both_figures() -> None:
    ground = make.two_villages(8, homes=160)
    first = _plan(ground, cells=8)
    crowded = _crowded(make.Ground(first.villages, ground.homes, ground.barriers))
    counts = first.cells["village_code"].value_counts().to_dict()
    stiff = _plan(crowded, _from(first), cells_by=counts, keep=0.97)
    rows = [row for row in stiff.problems.rows if row["problem"] == "keep-holds-back"]
    assert rows
    assert "over-tolerance" in {row["problem"] for row in stiff.problems.rows}
    assert "would reach" in rows[0]["message_en"]
    same = stiff.plan_blocks.merge(_earlier(first, stiff), on="block_id", suffixes=("", "_old"))
    weight = stiff.blocks.set_index("block_id")["households"].reindex(same["block_id"]).to_numpy()
    for _, part in pd.DataFrame({"same": same["cell_code"] == same["cell_code_old"], "weight": weight}).groupby(
        same["cell_code"].str[:12].to_numpy()
    ):
        assert (part["same"] * part["weight"]).sum() / part["weight"].sum() >= 0.97 - 1e-9


def _earlier(first: Plan, now: Plan) -> pd.DataFrame:
    """Give the earlier cell of every block by where its inner point lies."""
    points = shapely.point_on_surface(now.blocks.geometry.to_numpy())
    block, cell = shapely.STRtree(first.cells.geometry.to_numpy()).query(points, predicate="within")
    codes = first.cells["cell_code"].to_numpy()[cell]
    return pd.DataFrame({"block_id": now.blocks["block_id"].to_numpy()[block], "cell_code": codes})


def test_another_number_of_cells_says_what_could_not_be_kept() -> None:
    ground = make.two_villages(9)
    first = _plan(ground, cells=8)
    second = _plan(make.Ground(first.villages, ground.homes, ground.barriers), _from(first), cells=14, keep=0.95)
    assert "keep-not-met" in {row["problem"] for row in second.problems.rows}


def test_one_cell_in_place_of_several_says_what_could_not_be_kept() -> None:
    ground = make.two_villages(9)
    first = _plan(ground, cells=8)
    counts = dict.fromkeys(first.cells["village_code"], 1)
    second = _plan(make.Ground(first.villages, ground.homes, ground.barriers), _from(first), cells_by=counts, keep=0.95)
    assert sum(row["problem"] == "keep-not-met" for row in second.problems.rows) == 2
