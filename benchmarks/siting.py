"""Choosing sites to proven optimality, beside the same problem given to HiGHS as it stands.

Sites and demand lie at random in a square; a site covers what lies within 600 m. The peer is the textbook
formulation of maximal covering (one binary per site, one variable per demand point) through `scipy.optimize.milp`,
without joining columns, a start or a bound. Both must reach the same optimum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack
from scipy.spatial import KDTree

from benchmarks.stopwatch import cpu, row
from spatial.siting import maximal_cover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIZES = ((300, 1500, 15), (600, 3000, 25), (2000, 5000, 50))
RADIUS_M = 600.0


def _instance(sites: int, demand: int) -> tuple[csr_array, NDArray[np.float64]]:
    rng = np.random.default_rng(sites)
    at, points = rng.uniform(0, 10_000, (sites, 2)), rng.uniform(0, 10_000, (demand, 2))
    near = KDTree(points).query_ball_point(at, RADIUS_M)
    number = np.array([len(found) for found in near])
    columns = np.concatenate([np.sort(found) for found in near]).astype(np.int64)
    cover = csr_array((np.ones(len(columns)), columns, np.r_[0, np.cumsum(number)]), shape=(sites, demand))
    return cover, rng.integers(1, 100, demand).astype(float)


def _plain(cover: csr_array, weight: NDArray[np.float64], count: int) -> float:
    """Solve maximal covering as any textbook writes it; gives the covered weight."""
    sites, demand = cover.shape
    links = LinearConstraint(csr_array(hstack([cover.T, -eye_array(demand)])), lb=0.0)
    number = LinearConstraint(csr_array(np.r_[np.ones(sites), np.zeros(demand)][None, :]), ub=count)
    answer = milp(
        np.r_[np.zeros(sites), -weight], constraints=[links, number], bounds=Bounds(0, 1),
        integrality=np.r_[np.ones(sites), np.zeros(demand)], options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return float(-answer.fun)


def rows() -> Iterator[str]:
    """Yield the rows of the table."""
    maximal_cover(*_instance(50, 100), 5)  # compiles, or loads what was compiled before
    for sites, demand, count in SIZES:
        cover, weight = _instance(sites, demand)
        own, found = cpu(lambda c=cover, w=weight, n=count: maximal_cover(c, w, n, prove=True), repeat=1)
        peer, best = cpu(lambda c=cover, w=weight, n=count: _plain(c, w, n), repeat=1)
        assert abs(found.covered - best) <= 1e-6 * best
        assert found.bound <= found.covered * (1 + 1e-9)
        yield row(f"{count} of {sites:,} sites, {demand:,} demand points, proven", own, "HiGHS, plain model", peer)
        quick, start = cpu(lambda c=cover, w=weight, n=count: maximal_cover(c, w, n), repeat=1)
        gap = (start.bound - start.covered) / start.bound
        yield row(f"the same without proof: {start.covered / best:.3%} of the optimum, gap {gap:.2%}", quick)
