"""Instances of the race: blocks tile, cut no footprint and no hamlet; cuts are counted on cells; tables say losses."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from benchmarks.partition.houses import cut
from benchmarks.partition.instances import hamleted, synthetic
from benchmarks.partition.measures import Reached
from benchmarks.partition.race import Result
from benchmarks.partition.table import ALONG, EVEN, RIVAL, TOLERANT, Lap, beside_peers, by_partitioner, claims


@pytest.fixture(scope="module")
def villages():
    return [
        synthetic("village", 60, 4, 600, 5), synthetic("river", 80, 4, 600, 7), synthetic("exclave", 60, 4, 600, 5),
        hamleted(4, 400, 5),
    ]  # fmt: skip


def test_blocks_are_a_coverage_that_cuts_no_footprint_and_no_hamlet(villages):
    for village in villages:
        each = np.arange(village.graph.size)
        assert shapely.coverage_is_valid(village.faces)
        assert len(village.buildings) > 300
        assert cut(village.buildings, village.faces, each) == 0
        assert cut(village.hamlets, village.faces, each) == 0
        assert village.graph.weight.sum() == village.households.sum()
    assert len(villages[-1].hamlets) > 20


def test_a_seed_gives_the_same_instance_again(villages):
    again = synthetic("village", 60, 4, 600, 5)
    assert shapely.equals_exact(again.faces, villages[0].faces, 0).all()
    assert (again.graph.adjacent == villages[0].graph.adjacent).all()


def test_what_is_cut_is_counted_on_the_cells():
    faces = shapely.box([0, 10, 20], 0, [10, 20, 30], 10)
    houses = shapely.box([4, 8, 18], 2, [6, 12, 22], 5)
    assert cut(houses, faces, np.array([0, 0, 0])) == 0
    assert cut(houses, faces, np.array([0, 0, 1])) == 1
    assert cut(houses, faces, np.array([0, 1, 2])) == 2


def _result(deviation, *, valid=True, buildings=0):
    return Result(Reached(valid, deviation, 100 * deviation, 0.5, 0.3, 0.4), 1, 0.1, "", buildings, 0)


def test_losses_are_said(villages):
    ways = {EVEN: _result(0.05, buildings=2), TOLERANT: _result(0.03), ALONG: _result(0.03)}
    lap = Lap(villages[0], 0.3, {**ways, RIVAL: _result(0.01), "other": _result(0.0, valid=False)})
    told = "\n".join([*by_partitioner([lap]), *claims([lap], {}), *beside_peers([lap], TOLERANT)])
    assert f"| no cell cuts a building | 0 of 1 | {villages[0].name} |" in told
    assert f"| no worse than {RIVAL} (asked: on 95 %) | 0 of 1 | {villages[0].name} |" in told
    assert "| other | 0 of 1 | | | | | | |" in told
    assert f"| {RIVAL} | 1 of 1 | 0 |" in told
