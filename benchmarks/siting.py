"""Choosing sites to proven optimality, beside the same problem given to HiGHS as it stands, and to spopt.

Two kinds of instance: `discs` (sites and demand at random in a square, a site covers what lies within a radius: many
near-equal choices, hard to prove) and `street` (poles in villages, 8 or 16 headings each, a 90 degree sector of 80 m:
what siting cameras looks like). The plain peer is the textbook model of maximal covering (one binary per site, one
variable per demand point) without joined columns, a start or a core. All must reach the same optimum.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack
from scipy.spatial import KDTree

from benchmarks.stopwatch import cpu
from spatial.siting import maximal_cover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Instance = tuple[csr_array, NDArray[np.float64]]

__all__ = ["discs", "section", "street"]


def section() -> Iterator[str]:
    """Yield the lines of the page's section."""
    yield "## Siting: the best places for new cameras\n"
    yield "| instance | sites × demand | chosen | method | CPU s | covered | bound | gap |"
    yield "|---|---|---|---|---|---|---|---|"
    maximal_cover(*discs(50, 100, 1500.0), 5, prove=True)  # compiles, or loads what was compiled before
    for name, instance, count, peers in (
        ("discs", discs(2000, 5000, 600.0), 50, True),
        ("street", street(3, 250, 8, 5000), 50, True),
        ("street", street(6, 600, 16, 60_000), 120, False),
        ("discs", discs(9600, 60_000, 250.0), 120, False),
        ("street", street(24, 2500, 16, 150_000), 500, False),
    ):
        yield from _rows(name, *instance, count, peers=peers)


def _rows(name: str, cover: csr_array, weight: NDArray[np.float64], count: int, *, peers: bool) -> Iterator[str]:
    """Yield the rows of one instance: quick, proven, and the peers where they can be waited for."""
    head = f"| {name} | {cover.shape[0]:,} × {cover.shape[1]:,} | {count} "
    for method, prove in (("quick", False), ("proven", True)):
        used, found = cpu(lambda p=prove: maximal_cover(cover, weight, count, prove=p), repeat=1)
        gap = (found.bound - found.covered) / found.bound
        yield f"{head}| wangge, {method} | {used:.2f} | {found.covered:,.0f} | {found.bound:,.0f} | {gap:.2%} |"
    if peers:
        used, best = cpu(lambda: _plain(cover, weight, count), repeat=1)
        assert abs(found.covered - best) <= 1e-6 * best
        yield f"{head}| HiGHS, plain model | {used:.2f} | {best:,.0f} | {best:,.0f} | 0.00% |"
        yield from _spopt(head, cover, weight, count)


def discs(sites: int, demand: int, radius: float) -> Instance:
    """Sites and demand at random in a square of 10 km; a site covers what lies within `radius` metres."""
    rng = np.random.default_rng(sites)
    at, points = rng.uniform(0, 10_000, (sites, 2)), rng.uniform(0, 10_000, (demand, 2))
    row, column = _near(at, points, radius)
    return _matrix(row, column, sites, demand), rng.integers(1, 100, demand).astype(float)


def street(villages: int, poles: int, headings: int, demand: int) -> Instance:
    """Poles and demand in villages of 400 m; every pole may look into `headings` sectors of 90 degrees, 3-80 m."""
    rng = np.random.default_rng(villages)
    centre = rng.uniform(0, 20_000, (villages, 2))
    at = centre[rng.integers(0, villages, poles)] + rng.uniform(-200, 200, (poles, 2))
    points = centre[rng.integers(0, villages, demand)] + rng.normal(0, 110, (demand, 2))
    pole, point = _near(at, points, 80.0)
    east, north = (points[point] - at[pole]).T
    inside = np.hypot(east, north) >= 3.0
    bearing = np.degrees(np.arctan2(east, north))
    rows, columns = [], []
    for number in range(headings):
        off = (bearing - 360.0 * number / headings + 180.0) % 360.0 - 180.0
        sees = inside & (np.abs(off) <= 45.0)
        rows.append(pole[sees] * headings + number)
        columns.append(point[sees])
    cover = _matrix(np.concatenate(rows), np.concatenate(columns), poles * headings, demand)
    important = rng.random(demand) < 0.05
    return cover, np.where(important, rng.integers(5, 21, demand), 1).astype(float)


def _near(at: NDArray[np.float64], points: NDArray[np.float64], radius: float) -> tuple[NDArray[np.int64], ...]:
    """Pairs of a site and a point within a radius."""
    found = KDTree(points).query_ball_point(at, radius, return_sorted=True)
    return np.repeat(np.arange(len(at)), [len(each) for each in found]), np.concatenate(found).astype(np.int64)


def _matrix(row: NDArray[np.int64], column: NDArray[np.int64], sites: int, demand: int) -> csr_array:
    return csr_array((np.ones(len(row)), (row, column)), shape=(sites, demand))


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


def _spopt(head: str, cover: csr_array, weight: NDArray[np.float64], count: int) -> Iterator[str]:
    """Give spopt its dense table of 0 and 1, with HiGHS as its solver; in words where it is not installed."""
    if importlib.util.find_spec("spopt") is None or importlib.util.find_spec("pulp") is None:
        yield f"{head}| spopt | not installed | | | |"
        return
    import pulp  # noqa: PLC0415 - of the benchmarks only
    from spopt.locate import MCLP  # noqa: PLC0415

    def solve() -> float:
        model = MCLP.from_cost_matrix(1.0 - cover.T.toarray(), weight, 0.5, p_facilities=count)
        solved = model.solve(pulp.HiGHS(msg=False, threads=1))
        return float(solved.problem.objective.value())

    used, best = cpu(solve, repeat=1)
    yield f"{head}| spopt MCLP, HiGHS | {used:.2f} | {best:,.0f} | {best:,.0f} | 0.00% |"
