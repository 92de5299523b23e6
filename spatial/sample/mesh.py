"""A mesh of possible roads over a county, and the roads that are picked from it, each along the cheapest way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from spatial.sample.lines import lines_through

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["Mesh", "weave"]


class Mesh:
    """Nodes and edges that roads may take; `rank` says what was picked (0 nothing, 1 village … 5 national).

    The first nodes are the crossings and ends of streets; edges below `streets` are streets, with their own lines.
    """

    def __init__(self, xy: Floats, edges: Ints, cost: Floats, streets: Geometries) -> None:
        self.xy = xy
        self.edges = edges
        self.cost = cost
        self.streets = streets
        self.rank = np.zeros(len(edges), dtype=np.int64)
        low, high = edges.min(axis=1), edges.max(axis=1)
        self._number = {pair: n for n, pair in enumerate(zip(low.tolist(), high.tolist(), strict=True))}

    @property
    def crossings(self) -> Floats:
        """Crossings and ends of streets: the first of the nodes."""
        return self.xy[: int(self.edges[: len(self.streets)].max()) + 1]

    def nearest(self, xy: Floats, *, among: int | None = None) -> Ints:
        """Give the nodes nearest to points, of all or of the first `among`."""
        return np.asarray(cKDTree(self.xy[:among]).query(xy)[1], dtype=np.int64)

    def route(self, start: int, ends: Ints, rank: int) -> None:
        """Pick the cheapest ways from one node to others."""
        _, before = dijkstra(self._graph(), directed=False, indices=np.array([start]), return_predecessors=True)
        for end in ends.tolist():
            self._pick(before[0], end, rank)

    def _graph(self) -> csr_array:
        """Give the costs as a graph; a road that is there already is cheaper."""
        n = len(self.xy)
        cost = self.cost * np.array([1.0, 0.62, 0.55, 0.5, 0.48, 0.48])[self.rank]
        return csr_array(coo_array((cost, (self.edges[:, 0], self.edges[:, 1])), shape=(n, n)))

    def _pick(self, before: NDArray[np.int32], node: int, rank: int) -> None:
        while before[node] >= 0:
            back = int(before[node])
            number = self._number[min(node, back), max(node, back)]
            self.rank[number] = max(int(self.rank[number]), rank)
            node = back


def weave(ground: Ground, cores: Geometries, streets: Geometries, centres: Floats, *, rng: np.random.Generator) -> Mesh:
    """Weave the mesh: streets inside cores, a jittered triangulation outside, the village centres among its nodes.

    An edge over a river costs a long detour, over a railway a short one; land outside of the county is dear.
    """
    domain, step = _domain(ground), float(np.clip(0.0115 * ground.scale_m, 140, 420))
    nodes, street_edges, parts = _street_graph(streets)
    free = _scatter(domain, step, rng)
    blocked = shapely.union_all([shapely.buffer(ground.water, 0.3 * step), *shapely.buffer(cores, 0.35 * step)])
    shapely.prepare(blocked)
    free = free[~shapely.contains_xy(blocked, free[:, 0], free[:, 1])]
    free = free[cKDTree(centres).query(free)[0] > 0.4 * step]
    xy = np.vstack([nodes, centres, free])
    edges = _triangles(xy, len(nodes), street_edges, domain, cores)
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    lines = lines_through(np.stack([xy[edges[:, 0]], xy[edges[:, 1]]], axis=1))
    cost = length * np.exp(rng.normal(0, 0.12, len(edges)))
    for barriers, price in ((ground.rivers, 3_500.0), (ground.rail, 500.0), (ground.motorway, 400.0)):
        if len(barriers):
            hit = shapely.STRtree(lines).query(barriers, predicate="intersects")[1]
            cost[np.unique(hit)] += min(price, 0.6 * ground.scale_m)
    shapely.prepare(ground.outline)
    middle = (xy[edges[:, 0]] + xy[edges[:, 1]]) / 2
    cost *= np.where(shapely.contains_xy(ground.outline, middle[:, 0], middle[:, 1]), 1.0, 4.0)
    edges, cost = np.vstack([street_edges, edges]), np.concatenate([0.9 * shapely.length(parts), cost])
    mesh = Mesh(xy, edges, cost, parts)
    mesh.rank[: len(parts)] = 1
    return mesh


def _domain(ground: Ground) -> shapely.Geometry:
    """Give where roads may run: the outline, a strip around it, and corridors that join its parts."""
    margin = float(np.clip(0.02 * ground.scale_m, 250, 700))
    parts = shapely.get_parts(ground.outline)
    main = parts[np.argmax(shapely.area(parts))]
    links = [shapely.buffer(shapely.shortest_line(part, main), 2.5 * margin) for part in parts if part is not main]
    domain = shapely.union_all([shapely.buffer(ground.outline, margin, quad_segs=2), *links])
    shapely.prepare(domain)
    return domain


def _scatter(domain: shapely.Geometry, step: float, rng: np.random.Generator) -> Floats:
    """Scatter points on a jittered triangular lattice."""
    low_x, low_y, high_x, high_y = shapely.bounds(domain)
    x, y = np.meshgrid(np.arange(low_x, high_x + step, step), np.arange(low_y, high_y + step, 0.866 * step))
    x[1::2] += step / 2
    xy = np.column_stack([x.ravel(), y.ravel()]) + rng.normal(0, 0.17 * step, (x.size, 2))
    return xy[shapely.contains_xy(domain, xy[:, 0], xy[:, 1])]


def _street_graph(streets: Geometries) -> tuple[Floats, Ints, Geometries]:
    """Node streets: the points where they cross or end, the pairs of these, and the pieces between."""
    parts = shapely.get_parts(shapely.node(shapely.multilinestrings(list(streets))))
    parts = parts[shapely.length(parts) > 0].astype(object)
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(parts, at)) for at in (0, -1)])
    nodes, number = np.unique(np.ascontiguousarray(ends).view(np.complex128).ravel(), return_inverse=True)
    edges = number.reshape(2, -1).T
    proper = edges[:, 0] != edges[:, 1]
    return np.column_stack([nodes.real, nodes.imag]), edges[proper].astype(np.int64), parts[proper]


def _triangles(xy: Floats, streets: int, street_edges: Ints, domain: shapely.Geometry, cores: Geometries) -> Ints:
    """Give the edges of a triangulation that lie in the domain and do not run through a core.

    Nodes below `streets` belong to streets: only a street's free end is joined to the land outside.
    """
    simplices = Delaunay(xy).simplices
    pairs = np.sort(np.vstack([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs, axis=0).astype(np.int64)
    ends = np.bincount(street_edges.ravel(), minlength=len(xy)) <= 1
    inner = pairs < streets
    pairs = pairs[~inner.all(axis=1) & (~inner | ends[pairs]).all(axis=1)]
    middle = xy[pairs].mean(axis=1)
    pairs = pairs[shapely.contains_xy(domain, middle[:, 0], middle[:, 1])]
    lines = lines_through(xy[pairs])
    shrunk = shapely.buffer(cores, -8.0)
    through = np.unique(shapely.STRtree(lines).query(shrunk, predicate="intersects")[1])
    return np.delete(pairs, through, axis=0)
