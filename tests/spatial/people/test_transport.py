"""Transport: the optimum over all pairs, from few arcs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment, linprog

from spatial.people.transport import Side, transport


def _instance(seed: int, n: int, m: int):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1000, (n, 2)), rng.uniform(0, 1000, (m, 2))


def _run(a, b, sources: Side, targets: Side, *, nearest: int = 1, factor=None):
    straight = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    true = straight if factor is None else straight * factor
    near = np.argsort(straight, axis=0)[:nearest]
    pairs = (near.ravel().astype(np.int64), np.tile(np.arange(len(b)), len(near)))
    return true, transport(
        sources, targets, near=pairs, bound=lambda i, j: straight[i, j], cost=lambda i, j: true[i, j]
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 12), m=st.integers(1, 12))
def test_one_to_one_equals_the_hungarian_method(seed: int, n: int, m: int) -> None:
    a, b = _instance(seed, n, m)
    factor = np.random.default_rng(seed + 1).uniform(1, 3, (n, m))
    one = np.ones(n, np.int64), np.ones(m, np.int64)
    true, flow = _run(a, b, Side(one[0], one[0] * 0), Side(one[1], one[1]), factor=factor)
    rows, columns = linear_sum_assignment(true)
    assert len(flow.source) == min(n, m)
    assert len(set(flow.source)) == len(flow.source)
    assert flow.cost_m.sum() == pytest.approx(true[rows, columns].sum(), abs=0.01 * (n + m))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 5), m=st.integers(1, 8))
def test_capacities_equal_the_linear_program(seed: int, n: int, m: int) -> None:
    a, b = _instance(seed, n, m)
    rng = np.random.default_rng(seed)
    supply, demand = rng.integers(1, 6, n), rng.integers(1, 5, m)
    true, flow = _run(a, b, Side(supply, supply * 0), Side(demand, demand))
    rows = np.kron(np.eye(n), np.ones(m))
    columns = np.kron(np.ones(n), np.eye(m))
    answer = linprog(true.ravel() - 1e5, A_ub=np.vstack([rows, columns]), b_ub=np.concatenate([supply, demand]))
    reached = min(supply.sum(), demand.sum())
    assert flow.units.sum() == reached
    assert (flow.units * flow.cost_m).sum() == pytest.approx(answer.fun + 1e5 * reached, abs=0.1)


def test_an_urgent_unit_is_filled_from_however_far() -> None:
    a, b = np.array([[0.0, 0.0], [90_000.0, 0.0]]), np.array([[10.0, 0.0]])
    one = np.ones(2, np.int64)
    _, flow = _run(a, b, Side(one, one * 0), Side(np.array([2]), np.array([2])))
    assert sorted(flow.cost_m) == [10, 89_990]


def test_urgent_units_of_the_sources_are_placed_too() -> None:
    a, b = _instance(3, 9, 4)
    ones = np.ones(9, np.int64)
    _, flow = _run(a, b, Side(ones, ones), Side(np.full(4, 3), np.ones(4, np.int64), weight=2))
    assert len(set(flow.source)) == 9
    assert len(set(flow.target)) == 4


def test_no_pairs_give_no_flow() -> None:
    none = np.empty(0, np.int64)
    flow = transport(Side(none, none), Side(none, none), near=(none, none), bound=np.hypot, cost=np.hypot)
    assert len(flow.source) == 0
