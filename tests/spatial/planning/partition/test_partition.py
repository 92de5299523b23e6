"""Partitions of a village's graph: proofs, evenness, and what must not matter."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.planning.partition import Effort, Graph, Weights, divide_village
from spatial.planning.partition.exact import most_even
from spatial.planning.partition.graph import subgraph
from spatial.planning.partition.search import search
from tests.spatial.planning.partition.lattice import lattice

QUICK = Effort(starts=1, steps_per_unit=100, pairs_per_cell=40, again=1)


def _squares(graph: Graph) -> np.ndarray:
    return shapely.box(*(graph.xy - 50).T, *(graph.xy + 50).T)


def _pieces(graph: Graph, label: np.ndarray) -> int:
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    same = (label[source] == label[graph.adjacent]) & graph.open_
    links = coo_array((np.ones(same.sum()), (source[same], graph.adjacent[same])), (graph.size, graph.size))
    return int(connected_components(links, directed=False)[0])


def _off(graph: Graph, label: np.ndarray, cells: int) -> float:
    held = np.bincount(label, graph.weight, cells)
    return float(np.abs(held / held.mean() - 1).max())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=9, max_size=9), st.integers(2, 3))
def test_a_proof_agrees_with_going_through_all_plans(weight: list[int], cells: int) -> None:
    graph = lattice(3, 3, np.array(weight))
    labels = (np.array(label) for label in product(range(cells), repeat=9))
    # The square in the middle reaches the outside through any other: no cell of these can enclose it alone but a ring.
    ring = np.array([i for i in range(9) if i != 4])
    plans = [
        label for label in labels
        if len(set(label)) == cells and _pieces(graph, label) == cells
        and not (len(set(label[ring])) == 1 and label[4] != label[0])
    ]  # fmt: skip
    best = min(_off(graph, label, cells) for label in plans)
    found, proven = most_even(plans[0], graph.net, cells, graph.weight.sum() / cells, 10**6)
    assert proven
    assert abs(_off(graph, found, cells) - best) < 1e-9


def test_without_enough_sets_nothing_is_called_proven() -> None:
    graph = lattice(6, 5, np.random.default_rng(1).integers(1, 40, 30))
    label = np.repeat(np.arange(5), 6)
    found, proven = most_even(label, graph.net, 5, graph.weight.sum() / 5, 50)
    assert not proven
    assert _off(graph, found, 5) <= _off(graph, label, 5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_neither_the_order_of_rows_nor_the_place_on_earth_matters(seed: int, cells: int, dx: float, dy: float) -> None:
    rng = np.random.default_rng(seed)
    graph = lattice(8, 6, rng.integers(0, 20, 48))
    order = rng.permutation(48)
    moved = replace(subgraph(graph, order), xy=graph.xy[order] + np.round((dx, dy)))
    one, two = (
        divide_village(
            each, cells, village_code="1", geometry=_squares(each), seed=3, tolerance=0.05, effort=QUICK
        ).label
        for each in (graph, moved)
    )  # fmt: skip
    assert (one[order] == two).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.sampled_from([0.0, 0.03, 0.1]))
def test_every_cell_is_one_piece_and_all_are_there(seed: int, cells: int, tolerance: float) -> None:
    graph = lattice(8, 6, np.random.default_rng(seed).integers(0, 20, 48))
    label = divide_village(
        graph, cells, village_code="1", geometry=_squares(graph), seed=seed, tolerance=tolerance, effort=QUICK
    ).label
    assert set(label) == set(range(cells))
    assert _pieces(graph, label) == cells


def test_even_blocks_are_shared_out_to_the_household() -> None:
    graph = lattice(20, 15, np.random.default_rng(4).integers(0, 12, 300))
    found = search(graph, 5, seed=0, tolerance=0.0)
    held = np.bincount(found.label, graph.weight, 5)
    assert held.max() - held.min() <= 1


def test_cells_of_a_part_are_even_where_the_part_forces_them_off_the_mean() -> None:
    weight = np.concatenate([np.full(40, 3.0), np.full(80, 3.3)])
    graph = lattice(12, 10, weight)
    source = np.repeat(np.arange(120), np.diff(graph.start))
    across = ((source < 40) & (graph.adjacent >= 40)) | ((source >= 40) & (graph.adjacent < 40))
    graph = replace(graph, open_=graph.open_ & ~across)
    division = divide_village(graph, 4, village_code="1", geometry=_squares(graph), seed=0, tolerance=0.02)
    held = np.bincount(division.label, weight, 4)
    part = [division.part[division.label == cell][0] for cell in range(4)]
    for number in set(part):
        own = held[[cell for cell in range(4) if part[cell] == number]]
        assert own.max() - own.min() <= 3.3 + 1e-9


def test_barriers_weigh_more_when_they_are_told_to() -> None:
    graph = lattice(12, 12, np.ones(144))
    source = np.repeat(np.arange(144), np.diff(graph.start))
    road = (np.minimum(source, graph.adjacent) % 12 == 4) & (np.abs(source - graph.adjacent) == 1)
    graph = replace(graph, cost=np.where(road, 0.0, graph.cost))
    share = []
    for weights in (Weights(barriers=0.0), Weights(barriers=5.0)):
        label = search(graph, 3, seed=0, tolerance=0.1, weights=weights).label
        cut = label[source] != label[graph.adjacent]
        share.append(1 - graph.cost[cut].sum() / graph.length[cut].sum())
    assert share[1] > share[0]


def test_a_division_tells_how_long_was_searched():
    graph = lattice(16, 16, np.ones(256))
    whole = {"village_code": "v", "geometry": _squares(graph), "seed": 1, "tolerance": 0.2}
    small = divide_village(graph, 4, **whole, effort=replace(QUICK, starts=4, large=300))
    large = divide_village(graph, 4, **whole, effort=replace(QUICK, starts=4, large=200))
    assert (small.starts, large.starts) == (4, 2)  # two starts of a large graph that agree are enough
    assert small.steps == large.steps > 100 * graph.size
