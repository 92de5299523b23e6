"""The same covering in any unit of weight and money: the same sites, and the same bound in that unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from spatial.errors import InfeasibleError
from spatial.siting import maximal_cover, minimal_cover
from spatial.siting.covering.scale import scaled_prices, scaled_weights
from spatial.siting.offers import Places
from spatial.siting.offers.master import best_offers

UNITS = st.sampled_from([1e-9, 1e-7, 1e-4, 1 / 3, 7.0, 1e5, 1e9])


def task(seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(2, 12), rng.integers(1, 20)
    table = csr_array((rng.random((rows, columns)) < 0.3).astype(float))
    draws = (
        lambda size: rng.integers(0, 9, size).astype(float),
        lambda size: rng.choice([0.1, 0.2, 0.3, 0.7], size),
        lambda size: rng.uniform(0.0, 5.0, size),
    )
    weight, cost = (draws[rng.integers(3)](size) for size in (columns, rows))
    return table, weight, cost, float(rng.uniform(0.0, 1.0)) * cost.sum(), rng


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), UNITS, UNITS, st.booleans())
def test_weights_and_costs_in_any_unit_give_the_same_sites_and_the_bound_in_it(seed, weights, money, prove):
    table, weight, cost, budget, rng = task(seed)
    fixed = [int(rng.integers(len(cost)))] if seed % 3 == 0 else []
    budget += float(cost[fixed].sum())

    def asked(w, m):
        return maximal_cover(table, weight * w, 4, fixed=fixed, cost=cost * m, budget=budget * m, prove=prove)

    one, other = asked(1.0, 1.0), asked(weights, money)
    assert other.sites == one.sites
    assert other.covered == pytest.approx(one.covered * weights)
    assert other.bound == pytest.approx(one.bound * weights, rel=1e-9 if prove else 1e-3, abs=0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), UNITS, UNITS, st.sampled_from([0.4, 0.8, 1.0]))
def test_the_cheapest_cover_is_the_same_in_any_unit(seed, weights, money, reach):
    table, weight, cost, _, _ = task(seed)
    try:
        one = minimal_cover(table, weight, reach, cost=cost)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            minimal_cover(table, weight * weights, reach, cost=cost * money)
        return
    other = minimal_cover(table, weight * weights, reach, cost=cost * money)
    assert (other.sites, other.bound) == (one.sites, one.bound)
    assert other.covered == pytest.approx(one.covered * weights)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), UNITS, UNITS)
def test_offers_are_the_same_in_any_unit(seed, weights, money):
    table, weight, cost, budget, rng = task(seed)
    place = np.sort(rng.integers(0, 3, len(cost)))
    places = Places(table, weight, place, np.full(3, 2), cost, rng.choice([0.0, 1.5, 4.0], 3), np.zeros(len(cost)))
    one = best_offers(places, budget, 0.0, prove=True)
    scaled = replace(places, weight=weight * weights, cost=cost * money, pole=places.pole * money)
    other = best_offers(scaled, budget * money, 0.0, prove=True)
    assert other.rows == one.rows
    assert (other.covered, other.bound) == pytest.approx((one.covered * weights, one.bound * weights))


@pytest.mark.parametrize("unit", [1.0, 0.1, 1e-9, 3e8, 1 / 3])
def test_multiples_of_a_unit_become_whole_and_others_do_not(unit):
    given = np.array([6, 0, 10, 15, 40_000]) * unit
    for read in (scaled_weights, scaled_prices):
        assert read(given).values.tolist() == [6, 0, 10, 15, 40_000]
        assert read(given).unit == pytest.approx(unit)
        other = read(np.sqrt(given))
        assert not other.whole
        assert other.values * other.unit == pytest.approx(np.sqrt(given))


def test_a_price_that_nobody_can_pay_does_not_set_the_scale():
    table = csr_array(np.eye(3))
    found = maximal_cover(table, [9, 3, 2], None, cost=[1e12, 3e-7, 2.1e-7], budget=4e-7, prove=True)
    assert (found.sites, found.bound) == ((1,), 3.0)
    assert maximal_cover(table, [9, 3, 2], None, cost=[1e-9, 0, 5], budget=0.0, prove=True).sites == (1,)
