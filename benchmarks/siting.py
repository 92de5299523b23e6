"""Choosing sites to proven optimality, beside the same problem given to HiGHS as it stands, and to spopt.

Two kinds of instance: `discs` (sites and demand at random in a square, a site covers what lies within a radius: many
near-equal choices, hard to prove) and `street` (poles in villages of attached houses, 8 or 16 headings each, a sector
of 90 degrees and 80 m as far as walls let it see). The plain peer is the textbook model of maximal covering (one
binary per site, one variable per demand point) without joined columns, a start or a core. All must reach the same
optimum.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack
from scipy.spatial import KDTree

from benchmarks.coverage_scene import county_scene
from benchmarks.stopwatch import cpu
from spatial.coverage.optics import Sectors
from spatial.coverage.sight.sights import sector_views
from spatial.coverage.sight.visibility import walls
from spatial.siting import maximal_cover

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
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
    """Poles in villages of attached houses; every pole may look into `headings` sectors of 90 degrees, 3-80 m.

    Demand stands in the open near houses; one point in twenty is a place worth 5-20 others. Walls hide what they hide.
    """
    rng = np.random.default_rng(villages)
    scene = county_scene(villages, seed=11)
    houses = scene["buildings"]
    middles = shapely.get_coordinates(houses.geometry.centroid.to_numpy())
    points = middles[rng.integers(0, len(houses), 4 * demand)] + rng.normal(0, 14, (4 * demand, 2))
    at = middles[rng.integers(0, len(houses), 4 * poles)] + rng.normal(0, 12, (4 * poles, 2))
    points, at = _in_the_open(houses, points)[:demand], _in_the_open(houses, at)[:poles]
    row = np.repeat(np.arange(len(at)), headings)
    azimuth = np.tile(360.0 * np.arange(headings) / headings, len(at))
    sectors = Sectors(row, azimuth, *(np.full(len(row), value) for value in (90.0, 3.0, 80.0)))
    seen = sector_views(at, sectors, walls(houses))
    shapely.prepare(seen)
    site, point = shapely.STRtree(shapely.points(points)).query(seen, predicate="intersects")
    important = rng.random(len(points)) < 0.05
    weight = np.where(important, rng.integers(5, 21, len(points)), 1).astype(float)
    return _matrix(site, point, len(row), len(points)), weight


def _in_the_open(houses: gpd.GeoDataFrame, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep the points that are in no house."""
    inside = shapely.STRtree(houses.geometry.to_numpy()).query(shapely.points(xy), predicate="intersects")[0]
    return np.delete(xy, np.unique(inside), axis=0)


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
    import pulp
    from spopt.locate import MCLP

    def solve() -> float:
        model = MCLP.from_cost_matrix(1.0 - cover.T.toarray(), weight, 0.5, p_facilities=count)
        solved = model.solve(pulp.HiGHS(msg=False, threads=1))
        return float(solved.problem.objective.value())

    used, best = cpu(solve, repeat=1)
    yield f"{head}| spopt MCLP, HiGHS | {used:.2f} | {best:,.0f} | {best:,.0f} | 0.00% |"
