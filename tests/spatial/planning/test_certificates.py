"""A certificate that calls itself a bound is one."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spatial.planning.certificates import Case, certificate


def _case(loads: list[float], cells: int, part_cells: list[int], deviation: float) -> Case:
    units = np.full(int(sum(loads)), 1.0)
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
