"""Poles paid once, room on them, and cameras that may be turned: optima against brute force, bounds never wrong."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from spatial.siting.offers import Duals, Places, master
from spatial.siting.offers.master import best_offers
from spatial.siting.offers.reach import fewest, fewest_bound


def scene(seed):
    """Draw four poles with some headings each, and three cameras that stay, or turn into one of two headings."""
    rng = np.random.default_rng(seed)
    new, cameras = int(rng.integers(1, 9)), int(rng.integers(0, 3))
    place = np.concatenate([np.sort(rng.integers(0, 4, new)), 4 + np.repeat(np.arange(cameras), 3)])
    table = rng.random((len(place), 12)) < rng.choice([0.15, 0.3])
    turns = np.concatenate([np.zeros(new), np.tile([0.0, 1.0, 1.0], cameras)])
    camera, turn = float(rng.integers(1, 4)), float(rng.integers(0, 2))
    places = Places(
        csr_array(table.astype(float)), rng.integers(0, 6, 12).astype(float), place.astype(np.int64),
        np.concatenate([rng.integers(1, 4, 4), np.ones(cameras, np.int64)]),
        np.concatenate([np.full(new, camera), np.tile([0.0, turn, turn], cameras)]),
        np.concatenate([rng.integers(0, 9, 4), np.zeros(cameras)]).astype(float), turns,
    )  # fmt: skip
    return places, table, float(rng.integers(0, 20)), int(rng.integers(0, 3))


def every(places, table, budget, turns):
    """Give the covered weight and the number of new rows of every choice that fits."""
    count = len(places.place)
    for rows in chain.from_iterable(combinations(range(count), size) for size in range(count + 1)):
        picked = list(rows)
        held = np.bincount(places.place[picked], minlength=len(places.room))
        paid = places.cost[picked].sum() + places.pole[held > 0].sum()
        if (held <= places.room).all() and paid <= budget and places.turns[picked].sum() <= turns:
            yield rows, float(places.weight[table[picked].any(axis=0)].sum()) if rows else 0.0


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_poles_room_and_turns_are_kept_and_the_optimum_proven(seed):
    places, table, budget, turns = scene(seed)
    fair = dict(every(places, table, budget, turns))
    best = max(fair.values())
    for prove in (False, True):
        found = best_offers(places, budget, turns, prove=prove)
        assert fair[found.rows] == pytest.approx(found.covered)
        assert found.covered <= best + 1e-9 <= found.bound + 1e-6
    assert found.covered == pytest.approx(best) == found.bound


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_limits_of_work_leave_a_true_bound(seed):
    places, table, budget, turns = scene(seed)
    best = max(dict(every(places, table, budget, turns)).values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(master, "_ROUNDS", 2)
        patch.setattr(master, "_MOST", 2)
        patch.setattr(master, "_FEW", 0)
        found = best_offers(places, budget, turns, prove=bool(seed % 2))
    assert found.covered <= best + 1e-9 <= found.bound + 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_best_offer_of_each_place_is_priced_right(seed):
    places, table, _, _ = scene(seed)
    rng = np.random.default_rng(seed)
    duals = Duals(rng.random(12) * places.weight, rng.random(), rng.random())
    offers, earned = places.best(duals)
    best = {}
    for at in range(len(places.room)):
        rows = np.flatnonzero(places.place == at)
        for size in range(1, places.room[at] + 1):
            for picked in map(list, combinations(rows, size)):
                outlay = duals.paid * (places.pole[at] + places.cost[picked].sum())
                value = duals.column[table[picked].any(axis=0)].sum() - outlay - duals.turn * places.turns[picked].sum()
                best[at] = max(best.get(at, 0.0), value)
    assert dict(zip(offers.place.tolist(), earned, strict=True)) == pytest.approx({k: v for k, v in best.items() if v})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 0.9]))
def test_the_fewest_sites_beside_turns_are_bounded_and_proven(seed, share):
    places, table, _, turns = scene(seed)
    new = (places.turns == 0) & (places.place < 4)
    single = Places(places.matrix, places.weight, places.place, places.room, new.astype(float),
                    np.zeros(len(places.room)), places.turns)  # fmt: skip
    need = share * places.weight[table.any(axis=0)].sum()
    sizes = [int(new[list(rows)].sum()) for rows, worth in every(single, table, 99, turns) if worth >= need - 1e-9]
    if not sizes:
        return
    least = min(sizes)
    assert fewest_bound(single, need, turns) <= least
    for known in (least, least + 2):
        assert fewest(single, need, turns, known, prove=False)[1] <= least
        rows, bound = fewest(single, need, turns, known, prove=True)
        assert bound == least
        assert (rows is None) == (known == least)
        assert rows is None or (single.cost[list(rows)].sum() <= least and single.turns[list(rows)].sum() <= turns)
        assert rows is None or single.weight[table[list(rows)].any(axis=0)].sum() >= need * (1 - 1e-9)


def test_what_a_shared_pole_saves_is_spent():
    places = Places(csr_array(np.eye(3)), np.array([3.0, 2.0, 1.0]), np.zeros(3, np.int64), np.array([3]),
                    np.ones(3), np.array([10.0]), np.zeros(3))  # fmt: skip
    assert best_offers(places, 13.0, 0.0, prove=False).rows == (0, 1, 2)
