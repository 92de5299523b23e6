"""How far people walk: along the county's roads, or a straight line times a stated factor.

A road network knows junctions and the road pieces between them. A point walks straight to its nearest road and
then along it. Motorways are closed to walkers. Crossings are taken as junctions, also where one road bridges
another, for lists of roads rarely say which; the walk is then too short by a ramp, never too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = [
    "DETOUR",
    "DRIVING",
    "RoadNetwork",
    "longest_walks",
    "on_foot",
    "road_network",
    "straight_m",
    "walk_m",
    "walk_table",
]

DETOUR = 1.4
"""Walk per straight metre where there are no roads; an assumption (a walk on a right-angled lattice averages
4/π = 1.27 times the straight line; villages have fewer ways through)."""

DRIVING = ("police", "instructor")
"""Roles of those who drive to many cells, and are held to no walk."""

_CHUNK = 64  # walks that are searched together: 64 rows of distances to all junctions


@dataclass(frozen=True)
class RoadNetwork:
    """Road pieces between junctions; `tail` and `head` are junction numbers, lengths are in metres."""

    pieces: NDArray[np.object_]
    tail: Ints
    head: Ints
    length: Floats
    junctions: int


@dataclass(frozen=True)
class _Access:
    """Where points join the network: the piece, metres to reach it, metres along it to both ends."""

    piece: Ints
    reach: Floats
    to_tail: Floats
    to_head: Floats


def road_network(barriers: gpd.GeoDataFrame | None) -> RoadNetwork | None:
    """Make a walking network of the roads among the barriers (metres); None where there is no road to walk."""
    if barriers is None or not len(barriers):
        return None
    walkable = np.array(barriers["kind"] == "road", dtype=bool)
    if "road_class" in barriers:
        walkable &= np.array(barriers["road_class"] != "motorway", dtype=bool)
    lines = barriers.geometry.to_numpy()[walkable]
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    if not len(lines):
        return None
    pieces = shapely.get_parts(shapely.node(shapely.multilinestrings(shapely.get_parts(lines))))
    length = shapely.length(pieces)
    pieces, length = pieces[length > 0], length[length > 0]
    ends = np.concatenate([_end(pieces, 0), _end(pieces, -1)])
    _, node = np.unique(np.round(ends, 3), axis=0, return_inverse=True)
    node = node.ravel().astype(np.int64)
    return RoadNetwork(pieces, node[: len(pieces)], node[len(pieces) :], length, int(node.max()) + 1)


def straight_m(a: Floats, b: Floats) -> Floats:
    """Straight metres between rows of two coordinate arrays of equal length."""
    return np.asarray(np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1]), dtype=np.float64)


def walk_m(
    start: Floats, end: Floats, *, network: RoadNetwork | None = None, detour: float = DETOUR
) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the metres of walks between rows of two coordinate arrays of equal length.

    Parameters
    ----------
    start, end : float arrays (k, 2)
        Both ends of each walk, in the metres of the network.
    network : RoadNetwork, optional
        Without one, every walk is the straight line times `detour`.

    Returns
    -------
    metres : float array
        Never below the straight line. Ends that no road joins are given `detour` times the straight line.
    on_roads : bool array
        Which walks follow the roads.
    """
    straight = straight_m(start, end)
    metres = straight * detour
    on_roads = np.zeros(len(straight), dtype=bool)
    if network is None or not len(straight):
        return metres, on_roads
    starts, which = np.unique(start, axis=0, return_inverse=True)
    which = which.ravel()
    access = _access(network, starts)
    goal = _access(network, end)
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(starts) + 1))
    graph = _graph(network, access)
    for low in range(0, len(starts), _CHUNK):
        high = min(low + _CHUNK, len(starts))
        rows = order[bounds[low] : bounds[high]]
        limit = 4 * detour * float(straight[rows].max()) + 2_000
        reached = dijkstra(graph, indices=network.junctions + np.arange(low, high), limit=limit)
        along = _along(network, (access, goal), which[rows], rows, reached[which[rows] - low])
        found = np.isfinite(along)
        on_roads[rows[found]] = True
        metres[rows[found]] = np.maximum(along[found], straight[rows[found]])
    return metres, on_roads


def walk_table(
    start: Floats, end: Floats, *, network: RoadNetwork, detour: float = DETOUR
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Give the metres of the walks from every start to every end, as `walk_m` does for pairs.

    One search over the roads per start; the answer has a row per start, in single precision (a millimetre at 10 km).
    """
    metres = np.empty((len(start), len(end)), dtype=np.float32)
    on_roads = np.empty(metres.shape, dtype=bool)
    access, goal = _access(network, start), _access(network, end)
    graph = _graph(network, access)
    every = np.arange(len(end))
    for low in range(0, len(start), _CHUNK):
        rows = np.arange(low, min(low + _CHUNK, len(start)))
        reached = dijkstra(graph, indices=network.junctions + rows)
        for row, ways in zip(rows, reached, strict=True):
            here = np.full(len(end), row)
            along = _along(network, (access, goal), here, every, np.broadcast_to(ways, (len(end), len(ways))))
            straight = straight_m(start[here], end)
            on_roads[row] = np.isfinite(along)
            metres[row] = np.where(on_roads[row], np.maximum(along, straight), straight * detour)
    return metres, on_roads


def _end(pieces: NDArray[np.object_], index: int) -> Floats:
    """Coordinates of the first or last vertex of every piece."""
    return np.asarray(shapely.get_coordinates(shapely.get_point(pieces, index)), dtype=np.float64)


def _access(network: RoadNetwork, xy: Floats) -> _Access:
    """Join points to their nearest road piece."""
    points = shapely.points(xy)
    piece = np.asarray(shapely.STRtree(network.pieces).nearest(points), dtype=np.int64)
    lines = network.pieces[piece]
    along = shapely.line_locate_point(lines, points)
    return _Access(piece, shapely.distance(lines, points), along, network.length[piece] - along)


def on_foot(assignments: pd.DataFrame) -> pd.DataFrame:
    """Leave out those who drive to many cells and are held to no walk."""
    return assignments[~assignments["role"].isin(DRIVING)]


def longest_walks(assignments: pd.DataFrame) -> pd.Series[float]:
    """Give the longest walk of each cell in metres, by its code; missing where nobody's walk is known."""
    return assignments.groupby("cell_code")["walk_m"].max()


def _graph(network: RoadNetwork, access: _Access) -> csr_array:
    """Write the network as a sparse matrix, with one more node per start, joined to both ends of its piece."""
    starts = network.junctions + np.arange(len(access.piece))
    tails = [network.tail, network.head, starts, starts]
    heads = [network.head, network.tail, network.tail[access.piece], network.head[access.piece]]
    costs = [network.length, network.length, access.to_tail, access.to_head]
    tail, head, cost = (np.concatenate(part) for part in (tails, heads, costs))
    size = network.junctions + len(starts)
    order = np.lexsort((cost, tail * size + head))  # of parallel pieces only the shortest is kept
    _, first = np.unique((tail * size + head)[order], return_index=True)
    keep = order[first]
    return csr_array((np.maximum(cost[keep], 1e-6), (tail[keep], head[keep])), shape=(size, size))


def _along(network: RoadNetwork, ends: tuple[_Access, _Access], start: Ints, end: Ints, reached: Floats) -> Floats:
    """Give metres along the roads for pairs of start and end numbers, and the rows of what each start reached."""
    access, goal = ends
    piece = goal.piece[end]
    row = np.arange(len(end))
    by_tail = reached[row, network.tail[piece]] + goal.to_tail[end]
    by_head = reached[row, network.head[piece]] + goal.to_head[end]
    same = np.where(access.piece[start] == piece, np.abs(access.to_tail[start] - goal.to_tail[end]), np.inf)
    best = np.minimum(np.minimum(by_tail, by_head), same)
    return np.asarray(best + access.reach[start] + goal.reach[end], dtype=np.float64)
