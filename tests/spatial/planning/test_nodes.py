"""Nodes that bend nothing steer nothing and are not lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from spatial.planning import plan_cells
from spatial.planning.blocks.nodes import corners_kept, with_nodes, without_idle_nodes
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
