"""Budgets where cameras share poles: optima against brute force, and bounds that are never wrong."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from spatial.siting.poles import budget_cover


def paid(rows, position, camera, pole):
    return camera * len(rows) + sum(pole[at] for at in {position[row] for row in rows})


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_a_pole_is_paid_once_and_the_optimum_proven(seed):
    rng = np.random.default_rng(seed)
    position = np.sort(rng.integers(0, 4, 9))
    table = (rng.random((9, 12)) < 0.25).astype(float)
    weight, pole = rng.integers(0, 6, 12).astype(float), rng.integers(0, 9, 4).astype(float)
    camera, budget = float(rng.integers(1, 4)), float(rng.integers(4, 25))

    def worth(rows):
        return float(weight[table[list(rows)].sum(axis=0) > 0].sum()) if len(rows) else 0.0

    every = chain.from_iterable(combinations(range(9), size) for size in range(10))
    best = max(worth(rows) for rows in every if paid(rows, position, camera, pole) <= budget)
    for prove in (False, True):
        found = budget_cover(csr_array(table), weight, budget, position=position, camera=camera, pole=pole, prove=prove)
        assert paid(found.sites, position, camera, pole) <= budget + 1e-9
        assert worth(found.sites) == pytest.approx(found.covered)
        assert found.covered <= best + 1e-9 <= found.bound + 1e-6
    assert found.covered == pytest.approx(best) == found.bound


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_no_pole_holds_more_cameras_than_it_has_room_for(seed):
    rng = np.random.default_rng(seed)
    position = np.sort(rng.integers(0, 3, 8))
    table = (rng.random((8, 10)) < 0.3).astype(float)
    weight, pole, most = rng.integers(0, 6, 10).astype(float), rng.integers(0, 9, 3).astype(float), [2, 1, 0]
    camera, budget = float(rng.integers(1, 4)), float(rng.integers(4, 25))

    def worth(rows):
        return float(weight[table[list(rows)].sum(axis=0) > 0].sum()) if len(rows) else 0.0

    every = chain.from_iterable(combinations(range(8), size) for size in range(9))
    fair = (rows for rows in every if (np.bincount(position[list(rows)], minlength=3) <= most).all())
    best = max(worth(rows) for rows in fair if paid(rows, position, camera, pole) <= budget)
    for prove in (False, True):
        found = budget_cover(csr_array(table), weight, budget, position=position, camera=camera, pole=pole, most=most,
                             prove=prove)  # fmt: skip
        assert (np.bincount(position[list(found.sites)], minlength=3) <= most).all()
        assert found.covered <= best + 1e-9 <= found.bound + 1e-6
    assert found.covered == pytest.approx(best) == found.bound


def test_what_a_shared_pole_saves_is_spent():
    table = csr_array(np.eye(3))
    found = budget_cover(table, np.array([3.0, 2.0, 1.0]), 13.0, position=np.zeros(3, int), camera=1.0,
                         pole=np.array([10.0]))  # fmt: skip
    assert sorted(found.sites) == [0, 1, 2]
