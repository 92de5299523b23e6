"""The areas of natural villages, and of the hamlets (村民小组) of a few dozen households that share each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.sample.hamlets import Rows

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

__all__ = ["cluster_areas", "divide_clusters"]

HOUSES = (34.0, 50.0)
"""Houses that a hamlet has about, from and to; whole rows of houses stay together."""
_LEAST_HOUSES = 12


def cluster_areas(
    houses: Geometries, cluster: Ints, keep: Flags, land: Geometries, count: int
) -> tuple[Geometries, Flags, Ints]:
    """Draw the areas of clusters around their houses; where two overlap the larger cluster keeps the land.

    Returns the areas, the houses that stay, and the new number of every cluster (-1: none).
    """
    kept = np.flatnonzero(keep)
    kept = kept[np.argsort(cluster[kept], kind="stable")]
    present, sizes = np.unique(cluster[kept], return_counts=True)
    groups = shapely.multipolygons(houses[kept], indices=np.repeat(np.arange(len(present)), sizes))
    hulls = shapely.intersection(shapely.buffer(shapely.convex_hull(groups), 9.0, quad_segs=2), land[present])
    tree = shapely.STRtree(hulls)
    one, two = tree.query(hulls, predicate="intersects")
    larger = (sizes[one] > sizes[two]) | ((sizes[one] == sizes[two]) & (one < two))
    areas = hulls.copy()
    for winner, loser in zip(one[larger & (one != two)].tolist(), two[larger & (one != two)].tolist(), strict=True):
        areas[loser] = shapely.difference(areas[loser], hulls[winner])
    parts, of = shapely.get_parts(areas, return_index=True)
    order = np.lexsort((shapely.area(parts), of))
    last = order[np.append(np.flatnonzero(np.diff(of[order])), len(order) - 1)]
    pieces, owner = parts[last], of[last]
    at, house = shapely.STRtree(houses).query(pieces, predicate="contains")
    stays = np.zeros(len(houses), dtype=bool)
    stays[house[(cluster[house] == present[owner[at]]) & keep[house]]] = True
    filled = np.bincount(cluster[stays], minlength=count)[present[owner]] >= 4
    number = np.full(count, -1, dtype=np.int64)
    number[present[owner[filled]]] = np.arange(int(filled.sum()))
    stays &= number[cluster] >= 0
    return pieces[filled], stays, number


def divide_clusters(
    areas: Geometries, rows: Rows, stays: Flags, number: Ints, *, rng: np.random.Generator
) -> tuple[Geometries, Ints, Ints]:
    """Divide the areas of clusters along lanes into hamlets of about `HOUSES` houses, each one piece.

    `number` gives the area of every cluster (-1: none). Returns the hamlets, the hamlet of every house
    (-1: none, also for a house that a border would cut), and the area that each hamlet lies in.
    """
    dividers = _chosen(rows, stays, len(number), rng)
    of = number[rows.divider_cluster[dividers]]
    dividers, of = dividers[of >= 0], of[of >= 0]
    pieces: list[Geometries] = []
    for area, lines in zip(areas, _by_area(rows.dividers[dividers], of, len(areas)), strict=True):
        pieces.append(_cut(area, lines) if len(lines) else np.array([area], dtype=object))
    cluster = np.repeat(np.arange(len(areas)), [len(parts) for parts in pieces])
    parts = np.concatenate(pieces)
    hamlet, houses = _held(parts, cluster, rows, stays, number)
    final: list[Geometries] = []
    for name in range(len(areas)):
        mine = np.flatnonzero(cluster == name)
        final.append(_filled_up(parts[mine], houses[mine]) if len(mine) > 1 else parts[mine])
    cluster = np.repeat(np.arange(len(areas)), [len(polygons) for polygons in final])
    hamlets = np.concatenate(final)
    hamlet, houses = _held(hamlets, cluster, rows, stays, number)
    lived_in = houses > 0
    renumbered = np.where(lived_in, np.cumsum(lived_in) - 1, -1)
    return hamlets[lived_in], np.where(hamlet >= 0, renumbered[hamlet], -1), cluster[lived_in]


def _chosen(rows: Rows, stays: Flags, count: int, rng: np.random.Generator) -> Ints:
    """Choose the lanes between hamlets: columns of houses, in order along the road, are shared out evenly."""
    lanes = np.bincount(rows.divider_cluster, minlength=count)
    of_column = np.repeat(np.arange(count), lanes + 1)
    held = np.bincount(rows.house_column[stays], minlength=len(of_column)).astype(float)
    total = np.bincount(of_column, weights=held, minlength=count)
    groups = np.maximum(1, np.round(total / rng.uniform(*HOUSES, count)))
    upto = np.cumsum(held)
    first = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    middle = upto - held / 2 - first[of_column]
    group = np.floor(groups[of_column] * middle / np.maximum(total, 1.0)[of_column])
    group = np.clip(group, 0, groups[of_column] - 1)
    left = np.arange(len(rows.divider_cluster)) + rows.divider_cluster
    return np.flatnonzero(group[left] != group[left + 1])


def _by_area(lines: Geometries, of: Ints, count: int) -> list[Geometries]:
    order = np.argsort(of, kind="stable")
    return np.split(lines[order], np.searchsorted(of[order], np.arange(1, count)))


def _cut(area: shapely.Geometry, lines: Geometries) -> Geometries:
    """Cut an area along lines that run right across it."""
    net = shapely.union_all([shapely.boundary(area), *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    shapely.prepare(area)
    inside: Geometries = faces[shapely.contains(area, shapely.point_on_surface(faces))]
    return inside


def _held(areas: Geometries, cluster: Ints, rows: Rows, stays: Flags, number: Ints) -> tuple[Ints, Ints]:
    """Give the area of every house (-1: none of its own cluster holds it) and the houses of every area."""
    at, house = shapely.STRtree(rows.houses).query(areas, predicate="contains")
    own = stays[house] & (number[rows.house_hamlet[house]] == cluster[at])
    hamlet = np.full(len(rows.houses), -1, dtype=np.int64)
    hamlet[house[own]] = at[own]
    return hamlet, np.bincount(at[own], minlength=len(areas)).astype(np.int64)


def _filled_up(areas: Geometries, houses: Ints) -> Geometries:
    """Unite areas with too few houses with the neighbour they share most border with."""
    polygons, held = list(areas), houses.tolist()
    while len(polygons) > 1 and min(held) < _LEAST_HOUSES:
        small = held.index(min(held))
        shape, count = polygons.pop(small), held.pop(small)
        shared = shapely.length(shapely.intersection(shape, np.array(polygons, dtype=object)))
        host = int(np.argmax(shared))
        if shared[host] > 0:
            polygons[host] = shapely.coverage_union(polygons[host], shape)
            held[host] += count
    return np.array(polygons, dtype=object)
