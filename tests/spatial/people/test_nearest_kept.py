"""Households to keepers: the exact optimum, with its proof."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from spatial.people.nearest_kept import keep_nearest


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 40), st.integers(1, 6))
def test_it_is_what_an_assignment_of_single_places_gives(seed: int, count: int, people: int) -> None:
    rng = np.random.default_rng(seed)
    homes, spots = rng.integers(0, 30, (count, 2)) * 10.0, rng.integers(0, 30, (people, 2)) * 10.0
    capacity = rng.integers(0, 10, people)
    kept = keep_nearest(homes, spots, capacity)
    place = np.repeat(np.arange(people), capacity)
    cost = np.rint(100 * np.hypot(*np.moveaxis(homes[:, None] - spots[place][None], 2, 0)))
    row, column = linear_sum_assignment(cost)
    assert kept.total_m == cost[row, column].sum() / 100
    assert kept.bound_m == kept.total_m
    assert (np.bincount(kept.keeper[kept.keeper >= 0], minlength=people) <= capacity).all()
    assert (kept.keeper >= 0).sum() == min(count, capacity.sum())


def test_thousands_of_households_under_tight_capacities_are_proven_optimal() -> None:
    rng = np.random.default_rng(4)
    homes, spots = rng.normal(0, 900, (6000, 2)), rng.normal(300, 500, (40, 2))
    kept = keep_nearest(homes, spots, np.full(40, 151))
    assert kept.bound_m == kept.total_m
    assert (kept.keeper >= 0).all()
    short = keep_nearest(homes, spots, np.full(40, 20))
    assert short.bound_m == short.total_m
    assert (np.bincount(short.keeper[short.keeper >= 0]) == 20).all()
