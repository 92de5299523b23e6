"""The core of a cover: proofs that need more than the first core, and what a limit of work leaves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from spatial.siting import maximal_cover, minimal_cover
from spatial.siting.covering import core, program
from spatial.siting.covering.core import proven
from spatial.siting.covering.problem import CoverProblem


def discs(sites, demand, radius, seed, whole=True):
    rng = np.random.default_rng(seed)
    at, points = rng.uniform(0, 1, (sites, 2)), rng.uniform(0, 1, (demand, 2))
    table = np.hypot(*(at[:, None] - points[None]).transpose(2, 0, 1)) <= radius
    weight = rng.integers(1, 100, demand).astype(float) if whole else rng.uniform(0.1, 9.9, demand)
    return csr_array(table.astype(float)), weight


def plain(cover, weight, count):
    sites, demand = cover.shape
    rules = [
        LinearConstraint(csr_array(hstack([cover.T, -eye_array(demand)])), lb=0.0),
        LinearConstraint(np.r_[np.ones(sites), np.zeros(demand)][None, :], ub=count),
    ]
    integral = np.r_[np.ones(sites), np.zeros(demand)]
    answer = milp(np.r_[np.zeros(sites), -weight], constraints=rules, bounds=Bounds(0, 1), integrality=integral,
                  options={"mip_rel_gap": 0.0})  # fmt: skip
    return -answer.fun


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_the_plain_model_also_where_the_first_core_is_too_small(monkeypatch, seed, whole):
    monkeypatch.setattr(core, "_FIRST", 4)
    monkeypatch.setattr(core, "_PER_SITE", 1)
    cover, weight = discs(120, 400, 0.13, seed, whole)
    found = maximal_cover(cover, weight, 9, prove=True)
    assert found.covered == pytest.approx(plain(cover, weight, 9))
    assert found.bound == pytest.approx(found.covered)


def test_a_bad_start_does_no_harm():
    cover, weight = discs(120, 400, 0.13, 1)
    rows, bound = proven(CoverProblem(cover, weight, np.ones(120), limit=9), list(range(9)))
    assert bound == pytest.approx(plain(cover, weight, 9))
    assert len(rows) <= 9


def test_a_limit_of_work_leaves_a_true_bound(monkeypatch):
    cover, weight = discs(150, 600, 0.11, 3)
    monkeypatch.setattr(core, "_FIRST", 4)
    best = plain(cover, weight, 12)
    monkeypatch.setattr(program, "_NODES", 0)
    found = maximal_cover(cover, weight, 12, prove=True)
    assert found.covered <= best + 1e-6 <= found.bound + 1e-5


def test_fewest_sites_are_those_of_counting_up():
    cover, weight = discs(80, 300, 0.16, 5)
    need = 0.8 * weight.sum()
    least = next(count for count in range(1, 80) if plain(cover, weight, count) >= need - 1e-6)
    found = minimal_cover(cover, weight, 0.8)
    assert len(found.sites) == least == found.bound
    assert found.covered >= need - 1e-6


def test_duals_that_the_solver_does_not_give_still_bound(monkeypatch):
    cover, weight = discs(30, 60, 0.2, 2)
    task = CoverProblem(cover, weight, np.ones(30), limit=3).program()
    tight = program.relaxed(task).bound
    real = program._loaded

    class Mute:
        def __init__(self, solver):
            self.solver = solver

        def __getattr__(self, name):
            return getattr(self.solver, name)

        def getSolution(self):  # noqa: N802 - HiGHS' name
            return type("Nothing", (), {"row_dual": [], "col_value": []})()

    monkeypatch.setattr(program, "_loaded", lambda *args, **options: Mute(real(*args, **options)))
    assert program.relaxed(task).bound >= tight >= plain(cover, weight, 3) - 1e-6
