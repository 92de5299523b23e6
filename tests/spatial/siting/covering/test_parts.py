"""The fewest sites of many parts that do not see each other: near the optimum, the bound never above it."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_array, eye_array, hstack

from spatial.siting import maximal_cover, minimal_cover
from spatial.siting.covering import parts
from spatial.siting.covering.dominated import undominated
from spatial.siting.covering.parts import by_parts
from spatial.siting.covering.problem import CoverProblem
from spatial.siting.covering.program import relaxed
from spatial.siting.covering.rack import Rack
from spatial.siting.covering.search import joined


def villages(seed, count=12):
    """Draw villages of some rows, at most two of each pole's four, that share nothing with the next village."""
    rng = np.random.default_rng(seed)
    blocks = [rng.random((rng.integers(4, 13), rng.integers(5, 20))) < rng.uniform(0.1, 0.4) for _ in range(count)]
    cover = csr_array(block_diag([csr_array(block.astype(float)) for block in blocks]))
    group = np.concatenate([100 * k + np.arange(len(block)) // 4 for k, block in enumerate(blocks)])
    group = np.unique(group, return_inverse=True)[1].ravel()
    weight = rng.integers(1, 30, cover.shape[1]).astype(float) if seed % 2 else rng.uniform(0.1, 9, cover.shape[1])
    return cover, weight, group


def fewest(cover, weight, group, need):
    """Solve the textbook model of the fewest sites."""
    sites, demand = cover.shape
    poles = csr_array((np.ones(sites), (group, np.arange(sites))))
    rules = [
        LinearConstraint(csr_array(hstack([cover.T, -eye_array(demand)])), lb=0.0),
        LinearConstraint(csr_array(hstack([poles, csr_array((poles.shape[0], demand))])), ub=2),
        LinearConstraint(np.r_[np.zeros(sites), weight][None, :], lb=need),
    ]
    answer = milp(np.r_[np.ones(sites), np.zeros(demand)], constraints=rules, bounds=Bounds(0, 1),
                  integrality=np.r_[np.ones(sites), np.zeros(demand)], options={"mip_rel_gap": 0.0})  # fmt: skip
    return round(answer.fun)


@pytest.mark.parametrize("reach", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("seed", range(4))
def test_parts_come_near_the_fewest_and_never_bound_above_it(seed, reach):
    cover, weight, group = villages(seed)
    need = reach * maximal_cover(cover, weight, None, budget=np.inf, group=group, most=2).covered
    least = fewest(cover, weight, group, need * (1 - 1e-9))
    problem = CoverProblem(*joined(cover, weight), np.ones(len(group)), need=need, rack=Rack.of(len(group), group, 2))
    relaxation, every = relaxed(problem.program()), list(range(len(group)))
    rows, bound = by_parts(problem, relaxation, every, nodes=50, close=0.0)
    assert problem.weight(rows) >= need * (1 - 1e-9)
    assert (np.bincount(group[rows]) <= 2).all()
    assert -relaxation.bound - 1e-6 <= bound <= least + 1e-6
    assert least <= len(rows) <= least + 1
    share = need / weight.sum()
    assert len(minimal_cover(cover, weight, share, group=group, most=2).sites) == least
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_BIG", 0)
        rows, bound = by_parts(problem, relaxation, every, nodes=1, close=0.0)
    assert bound <= least + 1e-6
    assert len(rows) >= least


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_left_out_is_never_missed(seed):
    rng = np.random.default_rng(seed)
    table = rng.random((rng.integers(2, 9), 8)) < 0.4
    count = len(table)
    table[rng.integers(count)] = table[rng.integers(count)]
    weight, price = rng.integers(1, 9, 8).astype(float), rng.integers(1, 3, count).astype(float)
    rack = Rack.of(count, rng.integers(0, 3, count), rng.integers(1, 4, 3))
    kept = undominated(csr_array(table.astype(float)), price, rack)

    def cheapest(rows):
        best = {}
        for some in map(list, chain.from_iterable(combinations(rows, size) for size in range(len(rows) + 1))):
            if (rack.used(some) <= rack.room).all():
                seen = float(weight[table[some].any(axis=0)].sum())
                best[seen] = min(best.get(seen, np.inf), price[some].sum())
        return {seen: min(cost for other, cost in best.items() if other >= seen) for seen in best}

    every, fewer = cheapest(range(count)), cheapest(kept.tolist())
    assert max(every) == max(fewer)
    for seen, cost in every.items():
        assert min(c for other, c in fewer.items() if other >= seen) == cost


def test_equal_rows_and_rows_within_another_are_left_out():
    table = csr_array(np.array([[1.0, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]]))
    assert undominated(table, np.ones(4), Rack.of(4)).tolist() == [0, 3]
    assert undominated(table, np.array([2.0, 1, 1, 1]), Rack.of(4)).tolist() == [1, 3]
    assert undominated(table, np.ones(4), Rack.of(4, [0, 0, 1, 0], 1)).tolist() == [0, 2, 3]
