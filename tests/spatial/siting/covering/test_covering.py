"""Covering: proven optima against brute force, and bounds that are never wrong."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from spatial.errors import InfeasibleError, SchemaError
from spatial.siting import maximal_cover, minimal_cover
from spatial.siting.covering import minimal


def instance(seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(2, 9), rng.integers(1, 12)
    table = (rng.random((rows, columns)) < 0.35).astype(float)
    return table, rng.integers(0, 6, columns).astype(float), rng.integers(1, 6, rows).astype(float), rng


def worth(table, weight, rows):
    return float(weight[table[list(rows)].sum(axis=0) > 0].sum()) if len(rows) else 0.0


def choices(count, most):
    return (rows for size in range(min(most, count) + 1) for rows in combinations(range(count), size))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_maximal_cover_is_optimal_with_proof_and_bounded_without(seed, count):
    table, weight, _, _ = instance(seed)
    best = max(worth(table, weight, rows) for rows in choices(len(table), count))
    quick, proven = (maximal_cover(csr_array(table), weight, count, prove=prove) for prove in (False, True))
    assert quick.covered <= best + 1e-9 <= quick.bound + 1e-6
    assert proven.covered == pytest.approx(best)
    assert proven.bound == pytest.approx(best)
    for found in (quick, proven):
        assert len(found.sites) <= count
        assert worth(table, weight, found.sites) == pytest.approx(found.covered)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_budget_is_kept_and_the_optimum_proven(seed):
    table, weight, cost, rng = instance(seed)
    budget = float(rng.integers(1, 12))
    fair = [rows for rows in choices(len(table), len(table)) if cost[list(rows)].sum() <= budget]
    best = max(worth(table, weight, rows) for rows in fair)
    for prove in (False, True):
        found = maximal_cover(csr_array(table), weight, None, cost=cost, budget=budget, prove=prove)
        assert cost[list(found.sites)].sum() <= budget + 1e-9
        assert found.bound >= best - 1e-6
    assert found.covered == pytest.approx(best)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 0.9, 1.0]))
def test_minimal_cover_is_optimal_with_proof_and_bounded_without(seed, reach):
    table, weight, _, _ = instance(seed)
    need = reach * weight.sum() - 1e-9
    sizes = [len(rows) for rows in choices(len(table), len(table)) if worth(table, weight, rows) >= need]
    if not sizes:
        with pytest.raises(InfeasibleError):
            minimal_cover(csr_array(table), weight, reach)
        return
    quick, proven = (minimal_cover(csr_array(table), weight, reach, prove=prove) for prove in (False, True))
    assert quick.bound <= min(sizes) <= len(quick.sites)
    assert len(proven.sites) == proven.bound == min(sizes)
    for found in (quick, proven):
        assert worth(table, weight, found.sites) >= need - 1e-6


def test_the_cheapest_cover_is_found_and_the_bound_counts_sites():
    table = csr_array(np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    found = minimal_cover(table, [1, 1, 1], 1.0, cost=[10, 1, 1, 1])
    assert sorted(found.sites) == [1, 2, 3]
    assert found.bound == 1


def test_fixed_rows_come_first_and_count():
    table = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    found = maximal_cover(table, [5, 5, 1, 2], 2, fixed=[1])
    assert found.sites == (1, 0)
    assert found.covered == 11
    assert minimal_cover(table, [5, 5, 1, 2], 0.1, fixed=[1]).sites == (1, 0)


@pytest.mark.parametrize("weight", [[1, 1, 1], [1.1, np.pi, 2.2]])
def test_the_least_share_takes_one_site_the_cheapest(weight):
    table = csr_array(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]]))
    assert minimal_cover(table, weight, 1e-12, cost=[5, 4, 0]).sites == (1,)


def test_the_reachable_share_is_named_where_the_goal_cannot_be_had():
    table = csr_array(np.array([[1, 0]]))
    with pytest.raises(InfeasibleError, match=r"0\.7500") as error:
        minimal_cover(table, [3, 1], 0.9)
    assert "0.7500" in error.value.zh


def test_fixed_rows_beyond_the_count_are_refused():
    with pytest.raises(InfeasibleError):
        maximal_cover(csr_array(np.eye(3)), [1, 1, 1], 1, fixed=[0, 1])


@pytest.mark.parametrize("weight", [[1, -1, 1], [1, 1], [1, np.nan, 1]])
def test_weights_that_mean_nothing_are_refused(weight):
    with pytest.raises(SchemaError):
        maximal_cover(csr_array(np.eye(3)), weight, 1)


def test_nothing_to_cover_takes_no_site():
    found = maximal_cover(csr_array((3, 0)), [], 2)
    assert (found.sites, found.covered, found.bound) == ((), 0.0, 0.0)
    assert minimal_cover(csr_array((3, 2)), [0, 0], 1.0).sites == ()


def test_ties_go_to_the_lowest_row_and_the_input_is_left_alone():
    table = csr_array(np.array([[1.0, 0], [1, 0], [0, 1]]))
    before = table.toarray()
    assert maximal_cover(table, [1, 1], 1).sites == (0,)
    assert (table.toarray() == before).all()


def roomy(rows, group, most):
    return (np.bincount(group[list(rows)], minlength=len(most)) <= most).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_no_group_holds_more_than_it_has_room_for_and_the_optimum_is_proven(seed, count):
    table, weight, _, rng = instance(seed)
    group, most = rng.integers(0, 3, len(table)), rng.integers(0, 3, 3)
    fair = [rows for rows in choices(len(table), count) if roomy(rows, group, most)]
    best = max(worth(table, weight, rows) for rows in fair)
    for prove in (False, True):
        found = maximal_cover(csr_array(table), weight, count, group=group, most=most, prove=prove)
        assert roomy(found.sites, group, most)
        assert len(found.sites) <= count
        assert worth(table, weight, found.sites) == pytest.approx(found.covered)
        assert found.covered <= best + 1e-9 <= found.bound + 1e-6
    assert found.covered == pytest.approx(best) == found.bound


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 0.9]))
def test_the_fewest_are_found_within_groups_or_the_share_is_refused(seed, reach):
    table, weight, _, rng = instance(seed)
    group, most = rng.integers(0, 3, len(table)), rng.integers(0, 3, 3)
    need = reach * weight.sum() - 1e-9
    fair = [rows for rows in choices(len(table), len(table)) if roomy(rows, group, most)]
    sizes = [len(rows) for rows in fair if worth(table, weight, rows) >= need]
    if not sizes:
        with pytest.raises(InfeasibleError):
            minimal_cover(csr_array(table), weight, reach, group=group, most=most)
        return
    quick, proven = (
        minimal_cover(csr_array(table), weight, reach, group=group, most=most, prove=p) for p in (False, True)
    )
    assert quick.bound <= min(sizes) <= len(quick.sites)
    assert len(proven.sites) == proven.bound == min(sizes)
    for found in (quick, proven):
        assert roomy(found.sites, group, most)
        assert worth(table, weight, found.sites) >= need - 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_groups_and_uneven_costs_together_are_bounded_and_proven(seed):
    table, weight, cost, rng = instance(seed)
    cost[rng.random(len(cost)) < 0.3] = 0
    group, most, budget = rng.integers(0, 3, len(table)), rng.integers(0, 3, 3), float(rng.integers(1, 10))
    fair = (rows for rows in choices(len(table), len(table)) if roomy(rows, group, most))
    best = max(worth(table, weight, rows) for rows in fair if cost[list(rows)].sum() <= budget)
    for prove in (False, True):
        found = maximal_cover(
            csr_array(table), weight, None, cost=cost, budget=budget, group=group, most=most, prove=prove
        )
        assert roomy(found.sites, group, most)
        assert cost[list(found.sites)].sum() <= budget
        assert found.covered <= best + 1e-9 <= found.bound + 1e-6
    assert found.covered == pytest.approx(best)


def test_fixed_rows_take_room_in_their_group():
    table = csr_array(np.eye(3))
    assert maximal_cover(table, [1, 5, 2], 3, fixed=[0], group=[0, 0, 1], most=1).sites == (0, 2)
    with pytest.raises(InfeasibleError):
        maximal_cover(table, [1, 5, 2], 3, fixed=[0, 1], group=[0, 0, 1], most=1)


@pytest.mark.parametrize(
    "asked",
    [{"group": [0, 0, 1]}, {"most": 1}, {"group": [0, -1, 0], "most": 1}, {"group": [0, 0, 2], "most": [1, 1]}],
)
def test_groups_that_mean_nothing_are_refused(asked):
    with pytest.raises(SchemaError):
        maximal_cover(csr_array(np.eye(3)), [1, 1, 1], 1, **asked)


@pytest.mark.parametrize("asked", [
    {"fixed": [3]}, {"fixed": [-1]}, {"count": -1}, {"count": 1.5}, {"count": np.nan}, {"budget": np.nan},
    {"budget": -1.0}, {"cost": [1, np.nan, 1]}, {"weight": ["a", "b", "c"]}, {"cover": csr_array(np.eye(3) * np.nan)},
])  # fmt: skip
def test_what_means_nothing_is_refused(asked):
    with pytest.raises(SchemaError):
        maximal_cover(**{"cover": csr_array(np.eye(3)), "weight": [1, 1, 1], "count": 2} | asked)


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e12, 1e300])
@pytest.mark.parametrize("seed", range(6))
def test_the_scale_of_weights_changes_nothing(seed, scale):
    table, weight, _, _ = instance(seed)
    cover, weight = csr_array(table), weight * table.any(axis=0) + 0.1 * table.any(axis=0)
    for reach in (0.5, 1.0):
        one, other = minimal_cover(cover, weight, reach), minimal_cover(cover, weight * scale, reach)
        assert (one.bound, len(one.sites)) == (other.bound, len(other.sites))
    one, other = (maximal_cover(cover, weight * factor, 2, prove=True) for factor in (1.0, scale))
    assert other.covered / scale == pytest.approx(one.covered)
    assert other.bound == other.covered


def test_all_means_every_column_however_little_it_weighs():
    assert len(minimal_cover(csr_array(np.eye(3)), [1e9, 1e9, 1e-6], 1.0).sites) == 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 0.9, 1.0]))
def test_beyond_the_size_of_a_relaxation_the_bound_on_sites_stays_true(seed, reach):
    table, weight, _, rng = instance(seed)
    group, most = rng.integers(0, 3, len(table)), rng.integers(0, 3, 3)
    counts = weight if reach < 1 else (weight > 0).astype(float)
    fair = [rows for rows in choices(len(table), len(table)) if roomy(rows, group, most)]
    sizes = [len(rows) for rows in fair if worth(table, counts, rows) >= reach * counts.sum() * (1 - 1e-9)]
    if not sizes:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minimal, "_RELAXED", 0)
        found = minimal_cover(csr_array(table), weight, reach, group=group, most=most)
    assert found.bound <= min(sizes) <= len(found.sites)
    assert roomy(found.sites, group, most)
    assert worth(table, counts, found.sites) >= reach * counts.sum() * (1 - 1e-9)
