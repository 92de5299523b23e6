"""What blocks weigh in an edit is what they weighed in the plan."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.errors import SchemaError
from spatial.planning import plan_cells
from spatial.planning.demand.loads import with_load
from spatial.planning.options import PlanOptions
from spatial.planning.profiles import read_profile
from spatial.planning.specials import special_areas
from spatial.rules.plan import check_plan
from tests import strategies as make

PROFILE = """
[all]
target_households = 40
min_party_members = 3
[workload]
ordinary_visits = 1
special_visits = 6
visits_per_km2 = 100
visits_per_party_member = 4
visits_per_incident = 2
visits_per_walked_km = 5
"""


def _ground(seed: int = 3) -> tuple[make.Ground, gpd.GeoDataFrame]:
    ground = make.two_villages(seed)
    rng = np.random.default_rng(seed)
    homes = ground.homes.assign(
        occupied_households=rng.integers(0, 2, len(ground.homes)), special=0, residents=3,
        party_members=rng.integers(0, 2, len(ground.homes)),
    )  # fmt: skip
    ground.homes = homes
    spots = rng.uniform(50, 950, (30, 2)) + make.ORIGIN
    incidents = gpd.GeoDataFrame({"incident_id": range(30)}, geometry=shapely.points(spots), crs=make.CRS)
    return ground, incidents


@pytest.mark.parametrize("measure", ["households", "occupied", "residents", "workload"])
def test_the_load_of_blocks_is_what_the_plan_balanced(measure: str) -> None:
    ground, incidents = _ground()
    profile = read_profile(PROFILE)
    plan = plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, incidents=incidents,
        options=PlanOptions(cells=6, balance=measure, profile=profile, workers=1),
    )  # fmt: skip
    code = plan.cells["village_code"].iloc[0]
    mine = plan.blocks[plan.blocks["village_code"] == code]
    blocks, problems = with_load(
        mine, measure=measure, villages=plan.villages[plan.villages["village_code"] == code], homes=ground.homes,
        incidents=incidents, profile=profile,
    )  # fmt: skip
    assert not problems.rows
    load = blocks.merge(plan.plan_blocks, on="block_id").groupby("cell_code")["load"].sum()
    shares = (load - load.mean()) / load.mean()
    told = plan.cells[plan.cells["village_code"] == code].set_index("cell_code")["deviation_share"]
    assert shares.to_numpy() == pytest.approx(told.reindex(shares.index).to_numpy())
    if measure == "occupied":
        assert load.sum() < blocks["households"].sum()


def test_a_measure_that_is_missing_everywhere_is_said() -> None:
    ground, _ = _ground()
    homes = ground.homes.drop(columns="occupied_households")
    plan = plan_cells(ground.villages, homes=homes, barriers=ground.barriers, options=PlanOptions(cells=4, workers=1))
    blocks, problems = with_load(plan.blocks, measure="occupied", villages=plan.villages, homes=homes)
    assert blocks["load"].sum() == blocks["households"].sum()
    assert [row["problem"] for row in problems.rows] == ["balance-assumed"]


def test_work_adds_up_its_terms() -> None:
    ground, incidents = _ground()
    plan = plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, incidents=incidents,
        options=PlanOptions(cells=2, profile=read_profile(PROFILE), balance="workload", workers=1),
    )  # fmt: skip
    walked = 0.7124 * np.sqrt(plan.blocks["households"] * plan.blocks.area).sum() / 1000
    inside = 30 - int(shapely.disjoint(incidents.geometry.to_numpy(), plan.villages.union_all()).sum())
    want = 120 + 100 * plan.blocks.area.sum() / 1e6 + 4 * ground.homes["party_members"].sum() + 2 * inside + 5 * walked
    assert plan.blocks["workload"].sum() == pytest.approx(want)


def test_cells_with_few_party_members_are_said_where_the_profile_asks() -> None:
    ground, _ = _ground()
    plan = plan_cells(ground.villages, homes=ground.homes, barriers=ground.barriers, options=PlanOptions(cells=30))
    few = plan.cells.loc[plan.cells["party_members"] < 3, "cell_code"].tolist()
    assert few
    asked = check_plan(plan.cells, plan.villages, profile=read_profile(PROFILE))
    assert [row["code"] for row in asked.rows if row["problem"] == "cell-party-members-few"] == few
    silent = check_plan(plan.cells, plan.villages)
    assert not [row for row in silent.rows if row["problem"] == "cell-party-members-few"]


def test_a_profile_with_an_unknown_weight_is_refused() -> None:
    with pytest.raises(SchemaError, match="visits_per_dog"):
        read_profile("[all]\ntarget_households = 40\n[workload]\nvisits_per_dog = 3")


def test_special_areas_are_the_overlays_that_say_so() -> None:
    overlays = make.villages_of([make.box(0, 0, 9, 9)] * 3).assign(
        overlay_id=["c", "a", "b"], system=["专属网格", "警务区", " Special "], name=["市场", "一区", "学校"]
    )
    found = special_areas(overlays)
    assert found is not None
    assert found["name"].tolist() == ["学校", "市场"]
    assert special_areas(overlays.iloc[1:2]) is None
    assert special_areas(None) is None


def test_other_counts_on_the_same_ground_give_blocks_of_another_name() -> None:
    ground, _ = _ground()
    options = PlanOptions(cells=4, workers=1)
    one = plan_cells(ground.villages, homes=ground.homes, options=options)
    same = plan_cells(one.villages, homes=ground.homes, options=options)
    more = plan_cells(ground.villages, homes=ground.homes.assign(residents=4), options=options)
    assert set(one.blocks["block_id"]) == set(same.blocks["block_id"])
    assert not set(one.blocks.loc[one.blocks["households"] > 0, "block_id"]) & set(more.blocks["block_id"])
