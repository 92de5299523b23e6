"""Levelling: households passed on from cell to cell by exchanges."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.planning.partition.level import Walk, level
from spatial.planning.partition.net import Aim, Stay
from tests.spatial.planning.partition.lattice import lattice
from tests.spatial.planning.partition.test_partition import _pieces

WALK = Walk(visits=600, groups=16, units=3, cold=0.003, heat=0.3)


def _aim(weight: np.ndarray, cells: int) -> Aim:
    mean = weight.sum() / cells
    return Aim(cells, mean, np.floor(mean), np.ceil(mean), 400.0, 0.1, 0.6, 1000.0)


def _excess(weight: np.ndarray, label: np.ndarray, aim: Aim) -> float:
    held = np.bincount(label, weight, aim.cells)
    return float((np.maximum(0, np.maximum(held - aim.high, aim.low - held)) ** 2).sum())


def test_a_household_too_many_goes_from_hand_to_hand_to_where_one_lacks() -> None:
    weight = np.tile([2.0, 3.0, 4.0, 5.0, 6.0, 4.0], 20)
    weight[0], weight[-1] = 3.0, 3.0  # one more at one end, one less at the other; no block holds a single one
    graph = lattice(20, 6, weight)
    label = np.repeat(np.arange(5), 24)
    aim = _aim(weight, 5)
    assert _excess(weight, label, aim) == 2
    found = level(label, graph.net, aim, Stay(np.full(120, -1), 1e300), WALK, np.array([1], np.uint64))
    assert _excess(weight, found, aim) == 0
    assert _pieces(graph, found) == 5


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0.0, 60.0))
def test_levelling_never_makes_loads_worse_breaks_a_cell_or_moves_more_than_it_may(
    seed: int, cells: int, may_move: float
) -> None:
    weight = np.random.default_rng(seed).integers(0, 20, 48).astype(float)
    graph = lattice(8, 6, weight)
    before = np.repeat(np.arange(6), 8) * cells // 6
    aim = _aim(weight, cells)
    found = level(before, graph.net, aim, Stay(before, may_move), WALK, np.array([seed], np.uint64))
    assert _excess(weight, found, aim) <= _excess(weight, before, aim) + 1e-9
    assert set(found) == set(range(cells))
    assert _pieces(graph, found) == cells
    assert weight[found != before].sum() <= may_move + 1e-9
