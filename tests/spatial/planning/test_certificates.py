"""A certificate that calls itself a bound is one."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.planning.bounds import coarse_bound, pocket_bound, whole_bound
from spatial.planning.certificates import Case, certificate


def _case(loads: list[float], cells: int, part_cells: list[int], deviation: float) -> Case:
    units = np.full(10 * int(sum(loads)), 0.1)  # no whole numbers: those bound a cell as well
    return Case("211122103207", units, cells, np.array(loads), np.array(part_cells, float), deviation, 4, 1000)


@given(st.lists(st.integers(20, 400), min_size=2, max_size=4), st.integers(4, 9))
def test_no_way_of_sharing_cells_among_parts_beats_the_bound(loads, cells):
    mean = sum(loads) / cells
    ways = [way for way in product(range(1, cells), repeat=len(loads)) if sum(way) == cells]
    best = min(max(abs(load / count / mean - 1) for load, count in zip(loads, way, strict=True)) for way in ways)
    found = certificate(_case(loads, cells, [1] * len(loads), deviation=best))
    assert found["bound_share"] <= best + 1e-6
    if found["kind"] == "parts":
        assert abs(found["bound_share"] - best) < 1e-6


def test_a_block_larger_than_a_cell_is_named() -> None:
    units = np.array([150.0, 50.0, 50.0, 50.0])
    found = certificate(Case("1", units, 3, np.array([300.0]), np.array([3.0]), 0.5, 4, 1000))
    assert (found["kind"], found["bound_share"]) == ("block-larger-than-cell", 0.5)


def test_one_part_of_even_blocks_is_only_the_best_found() -> None:
    found = certificate(Case("1", np.full(7, 10.0), 3, np.array([70.0]), np.array([3.0]), 0.2857, 4, 1000))
    assert found["kind"] == "best-found"


def _best_of_all(loads: np.ndarray, pairs: np.ndarray, cells: int) -> float:
    """Go through every partition of a few units into connected cells."""
    best = np.inf
    for labels in product(range(cells), repeat=len(loads)):
        label = np.array(labels)
        if len(set(label)) == cells and all(_hangs(np.flatnonzero(label == cell), pairs) for cell in range(cells)):
            best = min(best, float(np.abs(np.bincount(label, loads, cells) - 1).max()))
    return best


def _hangs(units: np.ndarray, pairs: np.ndarray) -> bool:
    met, edge = {int(units[0])}, [int(units[0])]
    while edge:
        here = edge.pop()
        for one, two in pairs.tolist():
            for a, b in ((one, two), (two, one)):
                if a == here and b in units and b not in met:
                    met.add(b)
                    edge.append(b)
    return len(met) == len(units)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_no_plan_beats_the_bound_of_a_pocket(seed, cells):
    rng = np.random.default_rng(seed)
    parents = [int(rng.integers(0, i)) for i in range(1, 7)]
    pairs = np.array([(parent, i + 1) for i, parent in enumerate(parents)])
    extra = np.array([pair for pair in combinations(range(7), 2) if rng.random() < 0.1]).reshape(-1, 2)
    pairs = np.unique(np.vstack([pairs, extra]).astype(int), axis=0)
    weights = rng.integers(1, 12, 7).astype(float)
    loads = weights / (weights.sum() / cells)
    best = _best_of_all(loads, pairs, cells)
    assert pocket_bound(loads, pairs)[0] <= best + 1e-9
    assert whole_bound(loads, float(weights.sum() / cells)) <= best + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_no_plan_beats_the_bound_of_what_cannot_be_split(seed, cells):
    rng = np.random.default_rng(seed)
    pairs = np.array([(int(rng.integers(0, i)), i) for i in range(1, 7)])
    weights = rng.integers(1, 12, 7) * (rng.random(7) < 0.7)
    if (weights > 0).sum() < cells:
        return
    loads = weights / (weights.sum() / cells)
    best = _best_of_all(loads, pairs, cells)
    start = np.zeros(7, np.int64)
    start[np.argsort(-loads, kind="stable")[: cells - 1]] = np.arange(1, cells)
    bound = coarse_bound(loads, pairs, start, cells)
    assert bound <= max(best, float(np.abs(np.bincount(start, loads, cells) - 1).max())) + 1e-9
    if best < np.inf:
        assert bound <= best + 1e-9


def test_what_hangs_on_one_block_is_named() -> None:
    # Three fields of 40 around one of 30, two cells: one field alone, or all that hangs on the middle.
    units, pairs = np.array([30.0, 40.0, 40.0, 40.0]), np.array([(0, 1), (0, 2), (0, 3)])
    found = certificate(
        Case("1", units, 2, np.array([150.0]), np.array([2.0]), 0.4667, 4, 1000, 0.05, ("hub", "a", "b", "c"), pairs)
    )
    assert found["kind"] == "pocket"
    assert 0.466 < found["bound_share"] <= 0.4667
    assert "hub" in found["remedy_zh"]
    assert "hub" in found["remedy_en"]


def test_whole_households_bound_a_small_cell() -> None:
    found = certificate(Case("1", np.full(15, 1.0), 2, np.array([15.0]), np.array([2.0]), 1 / 15, 4, 1000))
    assert (found["kind"], found["bound_share"]) == ("whole-households", round(0.5 / 7.5, 6))


def test_a_proof_is_said_and_a_search_is_not_called_one() -> None:
    case = Case("1", np.full(7, 10.0), 3, np.array([70.0]), np.array([3.0]), 0.2857, 4, 1000, proven=True)
    assert certificate(case)["kind"] == "proven-best"
