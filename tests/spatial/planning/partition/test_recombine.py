"""Pairs of cells joined and parted anew: what single moves of heavy units cannot reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.planning.partition.net import Aim
from spatial.planning.partition.recombine import recombine
from spatial.planning.partition.search import Effort, divide
from tests.spatial.planning.partition.lattice import lattice

if TYPE_CHECKING:
    from spatial.planning.partition.graph import Graph


def _pieces(graph: Graph, label: np.ndarray) -> int:
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    same = label[source] == label[graph.adjacent]
    links = coo_array((np.ones(same.sum()), (source[same], graph.adjacent[same])), (graph.size, graph.size))
    return int(connected_components(links, directed=False)[0])


def _worst(graph: Graph, label: np.ndarray, cells: int) -> float:
    held = np.bincount(label, graph.weight, cells)
    return float(np.abs(held / held.mean() - 1).max())


def _hamlets(seed: int) -> Graph:
    """Set two rows of hamlets of 36 to 60 households, end to end, among fields where nobody lives."""
    rng = np.random.default_rng(seed)
    weight = np.zeros((8, 10))
    weight[2, 1:8] = rng.integers(36, 61, 7)
    weight[3, 2:9] = rng.integers(36, 61, 7)
    return lattice(10, 8, weight.ravel())


def test_whole_hamlets_are_shared_out_better_than_by_single_moves() -> None:
    graphs = [_hamlets(seed) for seed in range(5)]
    alone, joined = (
        [
            _worst(graph, divide(graph, 4, seed=1, effort=Effort(pairs_per_cell=n, visits_per_cell=0)), 4)
            for graph in graphs
        ]
        for n in (0, 800)
    )
    assert max(joined) < 0.1
    assert np.mean(joined) < 0.6 * np.mean(alone)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_cells_stay_one_piece_and_none_is_empty(seed: int, cells: int) -> None:
    graph = _hamlets(seed)
    label = divide(graph, cells, seed=seed, effort=Effort(starts=1, steps_per_unit=50, pairs_per_cell=60))
    assert set(label) == set(range(cells))
    assert _pieces(graph, label) == cells


def test_the_same_seed_gives_the_same_cells() -> None:
    graph = _hamlets(5)
    one, two = (divide(graph, 4, seed=9) for _ in range(2))
    assert (one == two).all()


def test_a_cell_in_two_pieces_does_not_walk_for_ever() -> None:
    graph = lattice(5, 1, np.ones(5))
    label = np.array([0, 1, 2, 0, 1], np.int64)  # the second piece of cell 0 meets nothing of cell 0 and 1 but itself
    aim = Aim(3, 5 / 3, 1.0, 2.0, 400.0, 0.1, 1.0, 100.0)
    done = recombine(label, graph.net, aim, 0.05, 1e-4, 50, np.array([7], np.uint64))
    assert sorted(np.unique(done)) == [0, 1, 2]
