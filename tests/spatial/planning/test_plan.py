"""Plans hold what the contract says of every plan."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.crs import MetreDoor
from spatial.errors import InfeasibleError
from spatial.planning import Plan, Previous, plan_cells
from spatial.planning.options import PlanOptions
from spatial.planning.verify import verify_plan
from spatial.rules import check_plan
from tests import strategies as make


def _plan(ground: make.Ground, **options: object) -> Plan:
    return plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, buildings=ground.buildings,
        hamlets=ground.hamlets, options=PlanOptions(workers=1, **options), **ground.extra,
    )  # fmt: skip


def _one(ground_box: shapely.Polygon, **columns: object) -> gpd.GeoDataFrame:
    return make.villages_of([ground_box], **columns)


@settings(max_examples=15, deadline=None)
@given(make.grounds, st.integers(2, 9))
def test_cells_tile_hold_together_and_keep_every_household(ground: make.Ground, cells: int) -> None:
    plan = _plan(ground, cells=cells)
    shapes = plan.cells.geometry.to_numpy()
    assert len(shapes) == cells
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_num_geometries(shapes) == 1).all()
    assert all(len(polygon.interiors) == 0 for shape in shapes for polygon in shape.geoms)
    assert plan.cells["households"].sum() == ground.homes["households"].sum()
    assert plan.figures["homes_once"]
    for code, village in zip(ground.villages["village_code"], ground.villages.geometry, strict=True):
        mine = shapely.union_all(shapes[(plan.cells["village_code"] == code).to_numpy()])
        assert shapely.area(shapely.symmetric_difference(mine, village)) < 1
    assert set(plan.plan_blocks["block_id"]) == set(plan.blocks["block_id"])
    assert plan.blocks["block_id"].is_unique


@settings(max_examples=8, deadline=None)
@given(make.grounds, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(ground: make.Ground, random: object) -> None:
    plan = _plan(ground, cells=6)
    rows = {name: list(range(len(getattr(ground, name)))) for name in ("villages", "homes", "barriers")}
    for order in rows.values():
        random.shuffle(order)
    shuffled = make.Ground(**{name: getattr(ground, name).iloc[order] for name, order in rows.items()})
    again = _plan(shuffled, cells=6)
    assert plan.plan_blocks.equals(again.plan_blocks)
    assert (plan.cells.geometry.to_wkb() == again.cells.geometry.to_wkb()).all()


def test_the_same_seed_gives_the_same_plan_on_one_or_many_workers() -> None:
    ground = make.two_villages(3)
    one = plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, options=PlanOptions(cells=7, workers=1)
    )
    two = plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, options=PlanOptions(cells=7, workers=3)
    )
    assert one.plan_blocks.equals(two.plan_blocks)
    other = plan_cells(
        ground.villages, homes=ground.homes, barriers=ground.barriers, options=PlanOptions(cells=7, seed=5)
    )
    assert len(other.cells) == 7


def test_shifting_everything_shifts_the_plan() -> None:
    ground = make.two_villages(8)
    moved = make.Ground(*(
        frame.set_geometry(frame.geometry.translate(4096, -2048))
        for frame in (ground.villages, ground.homes, ground.barriers)
    ))  # fmt: skip
    here, there = _plan(ground, cells=6), _plan(moved, cells=6)
    back = there.cells.geometry.translate(-4096, 2048)
    assert shapely.area(shapely.symmetric_difference(here.cells.geometry.to_numpy(), back.to_numpy())).max() < 1


def test_villages_come_back_with_the_nodes_of_their_cells() -> None:
    plan = _plan(make.two_villages(5), cells=8)
    assert shapely.coverage_is_valid(plan.villages.geometry.to_numpy())
    nodes = set(map(tuple, shapely.get_coordinates(plan.villages.geometry.to_numpy())))
    before = set(map(tuple, shapely.get_coordinates(make.two_villages(5).villages.geometry.to_numpy())))
    assert before <= nodes


def test_a_river_without_a_bridge_is_not_crossed_and_a_bridge_opens_it() -> None:
    village = _one(make.box(0, 0, 900, 600))
    homes = make.homes_at(make.scattered(1, 90, within=(0, 0, 900, 600)))
    river = ("river", None, False, [(-10, 300), (910, 300)])
    water = shapely.LineString(np.array([(0, 300), (900, 300)]) + make.ORIGIN)
    closed = _plan(make.Ground(village, homes, make.lines_of(river)), cells=4)
    inside = shapely.length(shapely.intersection(water, shapely.buffer(closed.cells.geometry.to_numpy(), -1)))
    assert inside.max() < 1
    # One cell in all: it must reach across, and says so; with a bridge there is nothing to say.
    forced = _plan(make.Ground(village, homes.iloc[:20], make.lines_of(river)), cells=1)
    assert "part-joined-across-barrier" in forced.problems.frame()["problem"].tolist()
    bridge = ("road", "village", True, [(450, 280), (450, 320)])
    road = ("road", "village", False, [(450, -10), (450, 610)])
    lines = make.lines_of(river, road, bridge)
    opened = _plan(make.Ground(village, homes, lines), cells=1)
    assert "part-joined-across-barrier" not in opened.problems.frame()["problem"].tolist()
    # So the project gives them: where a file says nothing of bridges, the mark is missing.
    stored = lines.assign(bridge=lines["bridge"].where(lines["bridge"]).astype("boolean"))
    stored = stored.astype({"road_class": "string"})
    again = _plan(make.Ground(village, homes, stored), cells=1)
    assert "part-joined-across-barrier" not in again.problems.frame()["problem"].tolist()


@pytest.mark.parametrize(("kind", "road_class"), [("rail", None), ("road", "motorway")])
def test_railways_and_motorways_are_not_crossed(kind: str, road_class: str | None) -> None:
    line = (kind, road_class, False, [(300, -10), (500, 610)])
    homes = make.homes_at(make.scattered(4, 100, within=(0, 0, 900, 600)))
    plan = _plan(make.Ground(_one(make.box(0, 0, 900, 600)), homes, make.lines_of(line)), cells=5)
    path = shapely.LineString(np.array(line[3]) + make.ORIGIN)
    inside = shapely.length(shapely.intersection(path, shapely.buffer(plan.cells.geometry.to_numpy(), -1)))
    assert inside.max() < 1


def test_an_exclave_with_people_has_its_own_cells_and_a_small_one_joins_the_nearest() -> None:
    both = shapely.MultiPolygon([make.box(0, 0, 600, 600), make.box(1000, 0, 1300, 300)])
    crowd = np.concatenate(
        [make.scattered(1, 60, within=(0, 0, 600, 600)), make.scattered(2, 30, within=(1000, 0, 1300, 300))]
    )
    plan = _plan(make.Ground(make.villages_of([both]), make.homes_at(crowd)), cells=3)
    assert (shapely.get_num_geometries(plan.cells.geometry.to_numpy()) == 1).all()
    assert plan.cells["households"].tolist() == [30, 30, 30]
    few = np.concatenate(
        [make.scattered(1, 86, within=(0, 0, 600, 600)), make.scattered(2, 4, within=(1000, 0, 1300, 300))]
    )
    plan = _plan(make.Ground(make.villages_of([both]), make.homes_at(few)), cells=3)
    assert sorted(shapely.get_num_geometries(plan.cells.geometry.to_numpy())) == [1, 1, 2]
    assert plan.figures["contiguous"]
    assert "part-joined-as-piece" in plan.problems.frame()["problem"].tolist()


def test_a_building_on_a_road_or_on_a_cut_stays_whole() -> None:
    rng = np.random.default_rng(2)
    corners = rng.uniform(20, 560, (60, 2))
    shapes = [make.box(x, y, x + rng.uniform(8, 40), y + rng.uniform(8, 20)) for x, y in corners]
    buildings = gpd.GeoDataFrame(
        {"building_id": [f"B{i}" for i in range(60)], "households": 2}, geometry=shapes, crs=make.CRS
    )
    roads = make.lines_of(
        ("road", "village", False, [(-10, 301), (610, 333)]), ("road", "village", False, [(288, -10), (299, 610)])
    )
    ground = make.Ground(_one(make.box(0, 0, 600, 600)), make.homes_at(corners + 4, 2), roads, buildings)
    plan = _plan(ground, cells=5)
    tree = shapely.STRtree(plan.cells.geometry.to_numpy())
    building, cell = tree.query(buildings.geometry.to_numpy(), predicate="intersects")
    ground_m2 = shapely.area(
        shapely.intersection(buildings.geometry.to_numpy()[building], plan.cells.geometry.to_numpy()[cell])
    )
    assert (np.bincount(building[ground_m2 > 0.01]) == 1).all()
    assert plan.figures["buildings_cut"] == 0


def test_hamlets_stay_whole_unless_they_are_fewer_than_the_cells() -> None:
    areas = [make.box(x, y, x + 150, y + 150) for x, y in ((50, 50), (400, 80), (80, 400), (420, 420))]
    hamlets = gpd.GeoDataFrame(
        {"hamlet_id": list("abcd"), "hamlet": list("甲乙丙丁"), "village_code": "211122101200"},
        geometry=areas,
        crs=make.CRS,
    )
    xy = np.concatenate(
        [make.scattered(i, 30, within=tuple(np.array(a.bounds) - np.tile(make.ORIGIN, 2))) for i, a in enumerate(areas)]
    )
    road = make.lines_of(("road", "village", False, [(-10, 120), (610, 140)]))
    ground = make.Ground(_one(make.box(0, 0, 600, 600)), make.homes_at(xy), road, hamlets=hamlets)
    whole = _plan(ground, cells=4)
    assert whole.figures["hamlets_cut"] == 0
    assert whole.cells["households"].tolist() == [30, 30, 30, 30]
    assert _plan(ground, cells=8).figures["hamlets_cut"] == 4
    capped = _plan(ground, households=15, unit="hamlet")
    assert capped.figures["cells"] == 4
    assert "cells-fewer-than-asked" in capped.problems.frame()["problem"].tolist()
    with pytest.raises(InfeasibleError, match="whole hamlets"):
        _plan(ground, cells=8, unit="hamlet")


def test_codes_run_from_west_to_east_then_north_to_south() -> None:
    plan = _plan(make.two_villages(12), cells=9)
    for _, cells in plan.cells.groupby("village_code"):
        points = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))
        assert list(np.lexsort((-points[:, 1], np.round(points[:, 0])))) == list(range(len(cells)))
        assert cells["cell_code"].str[-3:].tolist() == [f"{i + 1:03d}" for i in range(len(cells))]
        assert cells["cell"].iloc[0].endswith("01网格")


def test_special_areas_are_carved_out_and_not_counted() -> None:
    ground = make.two_villages(2)
    ground.extra["specials"] = gpd.GeoDataFrame(
        {"name": ["工业园"]}, geometry=[make.box(300, 300, 600, 700)], crs=make.CRS
    )
    plan = _plan(ground, cells=6)
    special = plan.cells[plan.cells["kind"] == "special"]
    assert plan.figures["cells"] == 6
    assert special["cell"].tolist() == ["工业园"]
    assert special["cell_code"].str.endswith("901").all()
    assert special.area.sum() == pytest.approx(300 * 400)
    assert plan.figures["exact_tiling"]
    assert special["deviation_share"].isna().all()


def test_fewer_cells_than_villages_and_unknown_scopes_are_refused() -> None:
    ground = make.two_villages(1)
    with pytest.raises(InfeasibleError, match="1 cells were asked for 2 villages") as refusal:
        _plan(ground, cells=1)
    assert "2 个村" in refusal.value.zh
    with pytest.raises(InfeasibleError, match="999"):
        _plan(ground, scope=("999",))


def test_a_scope_keeps_the_other_villages_cells_and_shared_borders_stay_noded() -> None:
    ground = make.two_villages(6)
    first = _plan(ground, cells=7)
    previous = Previous(first.blocks, first.plan_blocks, first.cells, frozenset(first.cells["cell_code"]))
    code = ground.villages["village_code"].iloc[0]
    ground = make.Ground(first.villages, ground.homes, ground.barriers, extra={"previous": previous})
    second = _plan(ground, cells_by={code: 5}, scope=(code,), name="second")
    rest = second.cells["village_code"] != code
    old = first.cells[first.cells["village_code"] != code]
    assert second.cells[rest]["cell_code"].tolist() == old["cell_code"].tolist()
    assert second.cells[rest]["households"].tolist() == old["households"].tolist()
    assert (second.cells["village_code"] == code).sum() == 5
    assert second.figures["exact_tiling"]
    assert set(second.plan_blocks["plan"]) == {"second"}
    alone = _plan(make.Ground(first.villages, ground.homes, ground.barriers), cells=3, scope=(code,))
    assert set(alone.cells["village_code"]) == {code}


def test_an_earlier_plan_is_kept_by_the_share_that_was_asked() -> None:
    ground = make.two_villages(9, homes=200)
    first = _plan(ground, cells=8)
    previous = Previous(first.blocks, first.plan_blocks, first.cells)
    ground.extra["previous"] = previous
    again = _plan(ground, cells=8, keep=0.9)
    joined = first.plan_blocks.merge(again.plan_blocks, on="block_id").merge(first.blocks[["block_id", "households"]])
    stayed = joined["cell_code_x"] == joined["cell_code_y"]
    assert joined.loc[stayed, "households"].sum() >= 0.9 * first.blocks["households"].sum() - 1
    assert set(again.cells["cell_code"]) == set(first.cells["cell_code"])
    more = _plan(ground, cells=9)
    new = set(more.cells["cell_code"]) - set(first.cells["cell_code"])
    assert len(more.cells) == 9
    assert all(code > max(c for c in first.cells["cell_code"] if c[:12] == code[:12]) for code in new)


def test_loaded_blocks_are_used_as_they_are() -> None:
    shapes = [make.box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for i in range(6) for j in range(4)]
    blocks = gpd.GeoDataFrame(
        {"block_id": [f"b{i:02d}" for i in range(24)], "village_code": "211122101200", "households": 10.0},
        geometry=shapes, crs=make.CRS,
    )  # fmt: skip
    ground = make.Ground(_one(make.box(0, 0, 600, 400)), make.homes_at(np.empty((0, 2))), extra={"blocks": blocks})
    plan = _plan(ground, cells=4)
    assert set(plan.plan_blocks["block_id"]) == set(blocks["block_id"])
    assert plan.cells["households"].tolist() == [60.0] * 4
    assert plan.figures["exact_tiling"]


def test_loaded_blocks_that_miss_their_village_by_a_hair_leave_no_scraps() -> None:
    land = make.villages_of([make.box(0, 0, 1200, 900)])
    squares = [make.box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for i in range(12) for j in range(9)]
    squares[0] = make.box(0.0004, 0.0004, 100, 100)
    squares[107] = shapely.difference(squares[107], make.box(1180, 880, 1200, 900))
    blocks = make.villages_of(squares)
    blocks = blocks[["geometry"]].assign(
        block_id=[f"b{place:03d}" for place in range(len(squares))], village_code=land["village_code"].iloc[0],
        households=1.0,
    )  # fmt: skip
    plan = plan_cells(land, blocks=blocks, options=PlanOptions(cells=4, workers=1))
    assert plan.figures["exact_tiling"]
    assert plan.cells["households"].sum() == 108
    assert shapely.coverage_is_valid(plan.blocks.geometry.to_numpy())
    assert len(plan.blocks) == 109  # the corner that no block had is one of its own, the hairline is none
    assert plan.problems.frame()["problem"].tolist().count("blocks-mended") == 1


def test_a_tower_larger_than_a_cell_gets_a_certificate() -> None:
    xy = np.concatenate([[[300.0, 300.0]], make.scattered(3, 30, within=(0, 0, 600, 600))])
    plan = _plan(make.Ground(_one(make.box(0, 0, 600, 600)), make.homes_at(xy, np.r_[100, np.ones(30, int)])), cells=3)
    assert [found["kind"] for found in plan.certificates] == ["block-larger-than-cell"]
    assert plan.certificates[0]["bound_share"] == pytest.approx(100 / (130 / 3) - 1, abs=0.05)


def test_villages_with_a_total_only_are_spread_and_said() -> None:
    ground = make.Ground(_one(make.box(0, 0, 600, 400), households=300), make.homes_at(np.empty((0, 2))))
    plan = _plan(ground, households=100)
    assert plan.cells["households"].sum() == pytest.approx(300)
    assert plan.figures["max_deviation_share"] < 0.2
    assert plan.problems.frame()["problem"].tolist() == ["households-spread"]


def test_homes_that_differ_from_the_villages_total_are_said() -> None:
    ground = make.Ground(
        _one(make.box(0, 0, 600, 400), households=50), make.homes_at(make.scattered(1, 40, within=(0, 0, 600, 400)))
    )
    problems = _plan(ground, cells=2).problems.frame()
    assert problems["message_en"].tolist() == [
        "village 211122101200: 40 households counted there, 50 in its total; the count is used"
    ]


@pytest.mark.parametrize("balance", ["workload", "residents", "occupied"])
def test_other_measures_are_balanced(balance: str) -> None:
    homes = make.homes_at(make.scattered(5, 120, within=(0, 0, 600, 400)))
    rng = np.random.default_rng(1)
    homes = homes.assign(
        residents=rng.integers(1, 5, 120), occupied_households=rng.integers(0, 2, 120), special=rng.integers(0, 2, 120)
    )
    plan = _plan(make.Ground(_one(make.box(0, 0, 600, 400)), homes), cells=4, balance=balance)
    assert plan.figures["max_deviation_share"] < 0.12
    assert plan.cells["workload"].sum() == 2 * (120 - homes["special"].sum()) + 12 * homes["special"].sum()


def test_real_villages_are_planned(shared_data: object) -> None:
    villages = (
        gpd.read_file(shared_data / "tw" / "yilan_villages.geojson").set_crs(3824, allow_override=True).to_crs(3826)
    )
    villages = villages.rename(columns={"VILLCODE": "village_code", "VILLNAME": "village", "TOWNCODE": "town_code"})
    villages = villages[villages.is_valid].sort_values("village_code").iloc[:30]
    rng = np.random.default_rng(0)
    points = []
    for shape in villages.geometry:
        left, low, right, high = shape.bounds
        xy = rng.uniform((left, low), (right, high), (3000, 2))
        shapely.prepare(shape)
        points.append(xy[shapely.contains_xy(shape, xy[:, 0], xy[:, 1])][: int(rng.integers(80, 400))])
    xy = np.concatenate(points)
    homes = gpd.GeoDataFrame(
        {"home_id": [f"H{i}" for i in range(len(xy))], "households": 1}, geometry=shapely.points(xy), crs=3826
    )
    plan = plan_cells(villages, homes=homes, options=PlanOptions(households=60))
    held = pd.Series(1, homes.index).groupby(np.repeat(np.arange(len(points)), [len(p) for p in points])).sum()
    assert plan.figures["cells"] == np.maximum(1, np.floor(held / 60 + 0.5)).sum()
    assert plan.figures["households"] == len(homes)
    assert plan.figures["exact_tiling"]
    assert plan.figures["contiguous"]
    assert plan.figures["max_deviation_share"] < 0.1


def test_villages_with_residents_only_are_balanced_by_them_and_said() -> None:
    villages = _one(shapely.box(0, 0, 2000, 1000), residents=900)
    plan = plan_cells(villages, options=PlanOptions(workers=1, cells=3, balance="residents"))
    assert plan.cells["residents"].sum() == pytest.approx(900)
    assert 0 < plan.figures["max_deviation_share"] < 0.2
    assert "residents-spread" in plan.problems.frame()["problem"].tolist()
    assert "balance-assumed" not in plan.problems.frame()["problem"].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_planning_the_noded_villages_again_gives_the_same_blocks_and_cells(seed: int) -> None:
    ground = make.two_villages(seed)
    plan = _plan(ground, cells=6)
    assert (
        shapely.get_num_coordinates(plan.villages.geometry).sum()
        > shapely.get_num_coordinates(ground.villages.geometry).sum()
    )
    stored = MetreDoor(plan.villages.crs).forward(MetreDoor(plan.villages.crs).back(plan.villages))
    again = _plan(dataclasses.replace(ground, villages=stored), cells=6)
    assert plan.plan_blocks.equals(again.plan_blocks)


def test_a_cell_around_another_one_is_said() -> None:
    outer = make.box(0, 0, 300, 300)
    hole = make.box(100, 100, 200, 200)
    villages = _one(outer)
    cells = gpd.GeoDataFrame(
        {
            "cell_code": ["211122101200001", "211122101200002"], "kind": "basic", "village_code": "211122101200",
            "deviation_share": 0.0, "households": 5.0,
        },
        geometry=[outer.difference(hole), hole], crs=make.CRS,
    )  # fmt: skip
    _, problems = verify_plan(villages, cells)
    assert problems.frame()["problem"].tolist() == ["cell-with-hole"]
    # What lies in the hole is another village: the outlines make it, no plan does.
    apart = cells.assign(village_code=["211122101200", "211122101201"])
    ring, inside = (frame.set_geometry([shape], crs=make.CRS) for frame, shape in zip(
        (villages, villages.assign(village_code="211122101201")), cells.geometry, strict=True))  # fmt: skip
    assert verify_plan(pd.concat([ring, inside]), apart)[1].rows == []


def test_a_village_border_through_a_footprint_hides_no_cut() -> None:
    cells = gpd.GeoDataFrame(
        {
            "cell_code": ["a001", "a002", "b001"], "kind": "basic", "village_code": ["a", "a", "b"],
            "deviation_share": 0.0, "households": 5.0,
        },
        geometry=[make.box(0, 0, 100, 100), make.box(100, 0, 200, 100), make.box(0, 100, 100, 200)], crs=make.CRS,
    )  # fmt: skip
    villages = gpd.GeoDataFrame(
        {"village_code": ["a", "b"]}, geometry=[make.box(0, 0, 200, 100), cells.geometry[2]], crs=make.CRS
    )
    shapes = [
        make.box(20, 90, 40, 110),
        make.box(90, 90, 110, 110),
        make.box(90, 10, 110, 20),
    ]
    things = gpd.GeoDataFrame({"building_id": list("xyz"), "hamlet_id": list("xyz")}, geometry=shapes, crs=make.CRS)
    figures, problems = verify_plan(villages, cells, buildings=things, hamlets=things)
    assert (figures["buildings_cut"], figures["hamlets_cut"]) == (2, 2)
    assert [(row["problem"], row["code"]) for row in problems.rows] == [
        ("building-across-border", "x"), ("building-across-border", "y"), ("building-cut", "y"), ("building-cut", "z"),
        ("hamlet-cut", "y"), ("hamlet-cut", "z"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([make.box(0, 0, 100, 300), make.box(150, 0, 300, 300)], "tiling-broken"),
        ([make.box(0, 0, 160, 300), make.box(150, 0, 300, 300)], "borders-not-shared"),
        (
            [shapely.union(make.box(0, 0, 100, 300), make.box(200, 0, 300, 300)), make.box(100, 0, 200, 300)],
            "cell-in-pieces",
        ),
    ],
)
def test_what_does_not_hold_is_said(shapes: list[shapely.Geometry], kind: str) -> None:
    cells = gpd.GeoDataFrame(
        {
            "cell_code": ["211122101200001", "211122101200002"], "kind": "basic", "village_code": "211122101200",
            "deviation_share": 0.0, "households": [5.0, 0.0],
        },
        geometry=shapes, crs=make.CRS,
    )  # fmt: skip
    cut = gpd.GeoDataFrame({"building_id": ["B1"]}, geometry=[make.box(90, 10, 155, 20)], crs=make.CRS)
    _, problems = verify_plan(_one(make.box(0, 0, 300, 300)), cells, buildings=cut)
    found = set(problems.frame()["problem"])
    assert {kind, "cell-without-households", "building-cut"} <= found


def test_a_plan_that_knows_no_households_says_so_once() -> None:
    village = _one(make.box(0, 0, 300, 300)).assign(households=None)
    plan = plan_cells(village, options=PlanOptions(cells=4))
    _, problems = verify_plan(plan.villages, plan.cells)
    assert problems.frame()["problem"].tolist() == ["households-unknown"]


def test_a_plan_that_knows_residents_is_not_told_that_it_balances_nothing() -> None:
    village = _one(make.box(0, 0, 300, 300)).assign(households=None, residents=400)
    plan = plan_cells(village, options=PlanOptions(cells=4, balance="residents"))
    _, problems = verify_plan(plan.villages, plan.cells)
    assert plan.cells["residents"].sum() == 400
    assert problems.frame().empty
    assert check_plan(plan.cells, plan.villages).frame()["problem"].tolist() == []


def test_a_hamlet_whose_outline_crosses_itself_is_no_cut_hamlet() -> None:
    cells = [make.box(0, 0, 100, 200), make.box(100, 0, 200, 200)]
    frame = gpd.GeoDataFrame(
        {"cell_code": ["211122101200001", "211122101200002"], "village_code": "211122101200", "kind": "basic",
         "households": 1.0, "deviation_share": 0.0}, geometry=cells, crs=make.villages_of(cells).crs,
    )  # fmt: skip
    hair = np.array([(10, 10), (90, 10), (90, 90), (99.9999, 50), (90, 89.9999), (90, 90.5), (10, 90)]) + make.ORIGIN
    outline = shapely.Polygon(hair)
    assert not outline.is_valid
    hamlets = gpd.GeoDataFrame(
        {"hamlet_id": ["g"], "village_code": ["211122101200"]}, geometry=[outline], crs=frame.crs
    )
    figures, problems = verify_plan(make.villages_of([make.box(0, 0, 200, 200)]), frame, hamlets=hamlets)
    assert figures["hamlets_cut"] == 0
    assert "hamlet-cut" not in {row["problem"] for row in problems.rows}


def test_a_village_that_special_cells_take_altogether_has_no_basic_cell_and_the_total_goes_to_the_others() -> None:
    ground = make.two_villages(2)
    first, second = ground.villages["village_code"]
    ground.extra["specials"] = gpd.GeoDataFrame(
        {"name": ["校园"]}, geometry=[ground.villages.geometry.iloc[0].buffer(5)], crs=make.CRS
    )
    plan = _plan(ground, cells=6)
    basic = plan.cells[plan.cells["kind"] == "basic"]
    assert basic["village_code"].tolist() == [second] * 6
    assert plan.figures["exact_tiling"]
    assert [row["code"] for row in plan.problems.rows if row["problem"] == "village-all-special"] == [first]
    listed = _plan(ground, cells_by={first: 2, second: 3})
    assert listed.figures["cells"] == 3
    (told,) = [row for row in listed.problems.rows if row["problem"] == "village-all-special"]
    assert "要 2 个" in told["message_zh"]


def test_a_hamlet_across_a_railway_stays_whole_and_is_said() -> None:
    shape = make.box(0, 0, 1000, 600)
    homes = make.homes_at(make.scattered(4, 90, within=(10, 10, 990, 590)))
    rail = make.lines_of(("rail", None, False, [(500, -10), (500, 610)]))
    hamlets = gpd.GeoDataFrame(
        {"hamlet_id": ["h1", "h2"], "hamlet": ["桥头组", "东组"], "village_code": _one(shape)["village_code"].iloc[0]},
        geometry=[make.box(300, 100, 700, 500), make.box(720, 100, 990, 500)], crs=make.CRS,
    )  # fmt: skip
    plan = _plan(make.Ground(_one(shape), homes, rail, hamlets=hamlets), cells=2)
    assert plan.figures["hamlets_cut"] == 0
    assert [row["code"] for row in plan.problems.rows if row["problem"] == "hamlet-across-barrier"] == ["h1"]


def test_a_list_of_the_whole_county_serves_a_scope() -> None:
    ground = make.two_villages(2)
    first, second = ground.villages["village_code"]
    plan = _plan(ground, cells_by={first: 2, second: 3}, scope=(second,))
    assert plan.figures["cells"] == 3


def test_a_footprint_across_two_hamlets_cuts_neither_and_hides_no_cut() -> None:
    village = _one(make.box(0, 0, 400, 200))
    areas = [make.box(20, 20, 200, 180), make.box(200, 20, 380, 180)]
    code = village["village_code"].iloc[0]
    hamlets = gpd.GeoDataFrame({"hamlet_id": ["w", "e"], "village_code": code}, geometry=areas, crs=make.CRS)
    # The second footprint stands in one hamlet only, but overlaps the first: both go together.
    shapes = [make.box(190, 90, 206, 100), make.box(204, 95, 215, 110)]
    houses = gpd.GeoDataFrame({"building_id": ["x", "y"]}, geometry=shapes, crs=make.CRS)
    xy = np.concatenate(
        [make.scattered(1, 30, within=(30, 30, 180, 170)), make.scattered(2, 30, within=(220, 30, 370, 170))]
    )
    plan = _plan(make.Ground(village, make.homes_at(xy), buildings=houses, hamlets=hamlets), cells=2)
    assert (plan.figures["buildings_cut"], plan.figures["hamlets_cut"]) == (0, 0)
    found = check_plan(plan.cells, plan.villages, buildings=houses, hamlets=hamlets).frame()
    assert set(found["problem"]) == {"cell-households-outside-band"}

    halves = [make.box(0, 0, 100, 200), make.box(100, 0, 400, 200)]
    cut = plan.cells.set_geometry(halves, crs=make.CRS)
    figures, _ = verify_plan(plan.villages, cut, buildings=houses, hamlets=hamlets)
    assert (figures["buildings_cut"], figures["hamlets_cut"]) == (0, 1)
