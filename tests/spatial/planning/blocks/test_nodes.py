"""Nodes that bend nothing steer nothing and are not lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.planning import plan_cells
from spatial.planning.blocks.nodes import corners_kept, plain, with_nodes, without_idle_nodes
from spatial.planning.options import PlanOptions
from tests import strategies as make


def _squares() -> np.ndarray:
    left = shapely.Polygon([(0, 0), (50, 0), (100, 0), (100, 30), (100, 100), (0, 100)])
    right = shapely.Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 30)])
    return np.array([left, shapely.multipolygons([right])])


def test_idle_nodes_leave_and_come_back_to_the_last_bit() -> None:
    areas = _squares()
    plain, nodes = without_idle_nodes(areas)
    assert nodes.tolist() == [[50, 0], [100, 30]]
    assert shapely.get_num_coordinates(plain).tolist() == [5, 5]
    assert shapely.coverage_is_valid(plain)
    back = with_nodes(plain, nodes)
    assert shapely.equals_exact(shapely.normalize(back), shapely.normalize(areas)).all()
    assert [shape.geom_type for shape in back] == ["Polygon", "MultiPolygon"]


def test_a_triangle_keeps_its_nodes_and_so_does_its_neighbour() -> None:
    triangle = shapely.Polygon([(0, 0), (50, 0), (100, 0), (50, 80)])
    below = shapely.Polygon([(0, 0), (50, 0), (100, 0), (120, -30), (100, -100), (0, -100)])
    areas, nodes = without_idle_nodes(np.array([triangle, below]))
    assert shapely.coverage_is_valid(areas)
    assert len(nodes) == 0 or shapely.get_num_coordinates(areas[0]) == 4


def test_a_curve_with_a_node_every_centimetre_keeps_its_ground() -> None:
    turn = np.linspace(0, np.pi, 31_400)
    arc = np.column_stack([100 * np.cos(turn), 100 * np.sin(turn)])
    land = shapely.Polygon([*arc, (-200, -100), (0, -200), (100, -200), (200, -200)])
    beside = shapely.Polygon([*arc, (-200, -100), (-200, 200), (200, 200), (200, -200)])
    areas, nodes = without_idle_nodes(np.array([land, beside]))
    assert nodes.tolist() == [[100, -200]]
    assert shapely.area(shapely.symmetric_difference(land, areas[0])) < 1e-6
    assert shapely.coverage_is_valid(areas)


def test_nodes_that_cuts_of_earlier_blocks_left_are_told_from_those_of_the_data() -> None:
    cut = np.array([shapely.box(0, 0, 100, 30), shapely.box(0, 30, 100, 100)])
    _, idle = plain(_squares(), cut)
    assert idle.kept.tolist() == [[50, 0]]
    assert idle.left.tolist() == [[100, 30]]
    assert [100, 30] not in idle.corners.tolist()
    moved = with_nodes(
        np.array([shapely.box(100, 0, 200, 100), shapely.box(0, 0, 100, 30 + 2e-6)]), idle.left, new=False
    )
    assert shapely.get_num_coordinates(moved).tolist() == [5, 5]
    assert (100.0, 30.0) in {tuple(xy) for xy in shapely.get_coordinates(moved[1]).tolist()}


@pytest.mark.parametrize("seed", range(4))
def test_the_same_wishes_give_the_same_blocks_whatever_was_planned_since(seed: int) -> None:
    ground = make.two_villages(seed, homes=160)
    villages, earlier, made = ground.villages, None, []
    for cells in (7, 12, 4, 7):
        plan = plan_cells(
            villages, homes=ground.homes, barriers=ground.barriers, earlier=earlier,
            options=PlanOptions(cells=cells, workers=1),
        )  # fmt: skip
        assert plan.figures["exact_tiling"]
        had, have = (
            {tuple(xy) for xy in shapely.get_coordinates(frame.geometry.to_numpy()).tolist()}
            for frame in (villages, plan.villages)
        )
        assert had <= have
        villages = plan.villages
        earlier = plan.blocks if earlier is None else pd.concat([earlier, plan.blocks], ignore_index=True)
        made.append(plan.blocks)
    first, last = (frame.sort_values("block_id", ignore_index=True) for frame in (made[0], made[-1]))
    assert first["block_id"].tolist() == last["block_id"].tolist()
    shapes = [shapely.normalize(frame.geometry.to_numpy()) for frame in (first, last)]
    assert shapely.equals_exact(*shapes, tolerance=0).all()


def test_areas_that_are_to_stay_as_they_are_keep_their_nodes_on_both_sides() -> None:
    plain_ones, nodes = without_idle_nodes(_squares(), of=1)
    assert nodes.tolist() == [[50, 0]]
    assert shapely.get_num_coordinates(plain_ones).tolist() == [6, 6]
    assert shapely.coverage_is_valid(plain_ones)


def test_where_three_areas_meet_a_node_stays() -> None:
    third = shapely.Polygon([(0, -50), (200, -50), (200, 0), (100, 0), (50, 0), (0, 0)])
    plain, nodes = without_idle_nodes(np.append(_squares(), third))
    assert nodes.tolist() == [[50, 0], [100, 30]]
    assert (100.0, 0.0) in {tuple(xy) for xy in shapely.get_coordinates(plain[2]).tolist()}


def test_a_corner_that_noding_moved_goes_back_and_a_broken_coverage_is_left_alone() -> None:
    areas = _squares()
    moved = shapely.transform(areas, lambda xy: np.where((xy == [100, 30]).all(axis=1)[:, None], xy + 0.001, xy))
    kept = corners_kept(moved, shapely.get_coordinates(areas))
    assert shapely.equals_exact(kept, areas).all()
    far = shapely.transform(areas, lambda xy: np.where((xy == [100, 30]).all(axis=1)[:, None], xy + 0.5, xy))
    assert shapely.equals_exact(corners_kept(far, shapely.get_coordinates(areas)), far).all()


@pytest.mark.parametrize("seed", range(6))
def test_planning_keeps_every_vertex_of_the_villages_and_shaken_ground_gives_the_same_blocks(seed: int) -> None:
    ground = make.two_villages(seed, homes=160)
    ground.villages = ground.villages.set_geometry(ground.villages.geometry.segmentize(90))
    options = PlanOptions(cells=7, workers=1)
    plan = plan_cells(ground.villages, homes=ground.homes, barriers=ground.barriers, options=options)
    had, have = (
        {tuple(xy) for xy in shapely.get_coordinates(frame.geometry.to_numpy()).tolist()}
        for frame in (ground.villages, plan.villages)
    )
    assert had <= have
    rng = np.random.default_rng(seed)
    xy = np.unique(shapely.get_coordinates(plan.villages.geometry.to_numpy()), axis=0)
    shake = {tuple(spot): spot + rng.uniform(-2e-9, 2e-9, 2) for spot in xy.tolist()}
    shaken = shapely.transform(
        plan.villages.geometry.to_numpy(), lambda spots: np.array([shake[tuple(spot)] for spot in spots.tolist()])
    )
    again = plan_cells(
        plan.villages.set_geometry(shaken, crs=make.CRS), homes=ground.homes, barriers=ground.barriers, options=options
    )
    assert set(again.blocks["block_id"]) == set(plan.blocks["block_id"])
    assert again.plan_blocks["cell_code"].tolist() == plan.plan_blocks["cell_code"].tolist()
    assert again.figures["exact_tiling"]
