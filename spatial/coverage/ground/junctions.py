"""Junctions: where three or more road arms meet, two of them of class village or above; one per crossing.

A road drawn twice is one road: arms of one direction count once. Where carriageways are drawn apart, one crossing has
several nodes: those that pieces of road of at most 30 m link, and that lie within 45 m (the diagonal) of the first
of them, are one junction in their middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from spatial.arrays import points_at
from spatial.coverage.ground.interest import MINOR

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.coverage.ground.interest import Roads

__all__ = ["CROSSING_M", "junctions"]

CROSSING_M = 30.0
"""The longest piece of road between two nodes of one crossing: carriageways lie no farther apart."""
_NODE_M = 1.0
_ARM_M, _ALIKE_DEG = 5.0, 10.0  # how far out an arm is looked at, and within which angle two are the same road


def junctions(roads: Roads) -> Floats:
    """Find junctions in the road network, rows ``(x, y)`` sorted by x, then y.

    Roads meet where they share a vertex, where one ends within half a metre of another, and where they cross
    on the level, itself included; a bridge meets others only at its own ends. A road of unknown class counts as class
    village.
    """
    if not len(roads.lines):
        return np.empty((0, 2))
    nodes = _merged(_candidates(roads))
    tree = shapely.STRtree(roads.lines)
    node, line = tree.query(points_at(nodes), predicate="dwithin", distance=_NODE_M / 2)
    along = shapely.line_locate_point(roads.lines[line], points_at(nodes[node]))
    length = shapely.length(roads.lines)[line]
    inner = (along > _NODE_M) & (along < length - _NODE_M)
    meets = ~(inner & roads.bridges[line])
    node, line, along = node[meets], line[meets], along[meets]
    simple, major = shapely.is_simple(roads.lines)[line], roads.classes[line] != MINOR
    every = _arms(roads, nodes, node, line, along, simple)
    large = _arms(roads, nodes, node[major], line[major], along[major], simple[major])
    found = np.flatnonzero((every >= 3) & (large >= 2))
    return _crossings(nodes, found, _linked(len(nodes), node, line, along))


def _arms(roads: Roads, nodes: Floats, node: Ints, line: Ints, along: Floats, simple: Flags) -> Ints:
    """Count the directions in which some lines leave each node; ``along[k]`` is the place of a node on its line.

    Arms of lines that are not `simple` are counted on a circle of a metre.
    """
    knotted = ~simple
    rings = shapely.boundary(shapely.buffer(points_at(nodes[node[knotted]]), _NODE_M))
    many = shapely.get_num_coordinates(shapely.intersection(rings, roads.lines[line[knotted]]))
    answer = np.bincount(node[knotted], many, minlength=len(nodes)).astype(np.int64)
    node, line, along = node[~knotted], line[~knotted], along[~knotted]
    length, closed = shapely.length(roads.lines[line]), shapely.is_closed(roads.lines[line])
    here, owner, angle = shapely.get_coordinates(shapely.line_interpolate_point(roads.lines[line], along)), [], []
    for way in (-1.0, 1.0):
        there = along + way * _ARM_M
        there = np.where(closed, there % length, np.clip(there, 0.0, length))
        rows = np.flatnonzero(closed | (way * (there - along) > np.minimum(_NODE_M, length / 2)))
        out = shapely.get_coordinates(shapely.line_interpolate_point(roads.lines[line[rows]], there[rows]))
        owner.append(node[rows])
        angle.append(np.degrees(np.arctan2(*(out - here[rows]).T)) % 360.0)
    return answer + _directions(np.concatenate(owner), np.concatenate(angle), len(nodes))


def _directions(owner: Ints, angle: Floats, count: int) -> Ints:
    """Count the angles of each owner that differ by more than 10 degrees from the one before."""
    order = np.lexsort((angle, owner))
    owner, angle = owner[order], angle[order]
    last = np.r_[owner[1:] != owner[:-1], True][: len(owner)]
    first = np.r_[True, owner[1:] != owner[:-1]][: len(owner)]
    following = np.r_[angle[1:], angle[:1]][: len(angle)]
    following[last] = angle[first] + 360.0
    apart = np.bincount(owner, following - angle > _ALIKE_DEG, minlength=count).astype(np.int64)
    return np.maximum(apart, np.bincount(owner, minlength=count) > 0)


def _linked(count: int, node: Ints, line: Ints, along: Floats) -> Ints:
    """Give each node the number of its group: those that pieces of road of at most 30 m join."""
    order = np.lexsort((along, line))
    node, line, along = node[order], line[order], along[order]
    short = np.flatnonzero((line[1:] == line[:-1]) & (along[1:] - along[:-1] <= CROSSING_M))
    return _groups(count, node[short], node[short + 1])


def _crossings(nodes: Floats, found: Ints, group: Ints) -> Floats:
    """Join the nodes of each crossing, and give its middle."""
    points = nodes[found]
    if not len(points):
        return points
    near = KDTree(points).query_ball_point(points, 1.5 * CROSSING_M)
    place: Ints = np.full(len(points), -1, np.int64)
    for first in range(len(points)):
        if place[first] < 0:
            others = np.asarray(near[first], dtype=np.int64)
            place[others[(place[others] < 0) & (group[found[others]] == group[found[first]])]] = first
    number = np.unique(place, return_inverse=True)[1].ravel()
    middles = np.column_stack([np.bincount(number, points[:, k]) for k in range(2)])
    middles = np.round(middles / np.bincount(number)[:, None], 3)
    return middles[np.lexsort((middles[:, 1], middles[:, 0]))]


def _groups(count: int, one: Ints, two: Ints) -> Ints:
    """Give equal numbers to what pairs join."""
    graph = coo_array((np.ones(len(one)), (one, two)), shape=(count, count))
    group: Ints = connected_components(graph, directed=False)[1]
    return group


def _candidates(roads: Roads) -> Floats:
    """Points where roads may meet: ends, shared vertices, and crossings on the level."""
    points, line = shapely.get_coordinates(roads.lines, return_index=True)
    at_end: Flags = np.r_[True, line[1:] != line[:-1]] | np.r_[line[1:] != line[:-1], True]
    _, first, number = np.unique(np.round(points, 2), axis=0, return_inverse=True, return_index=True)
    shared = first[np.bincount(number.ravel()) > 1]
    level = np.flatnonzero(~roads.bridges)
    one, two = shapely.STRtree(roads.lines[level]).query(roads.lines[level], predicate="crosses")
    pair = one < two
    met = shapely.get_parts(shapely.intersection(roads.lines[level[one[pair]]], roads.lines[level[two[pair]]]))
    met = met[shapely.get_type_id(met) == shapely.GeometryType.POINT]
    knotted = level[~shapely.is_simple(roads.lines[level])]
    own = shapely.get_coordinates(shapely.boundary(shapely.get_parts(shapely.node(roads.lines[knotted]))))
    return np.concatenate([points[at_end], points[shared], shapely.get_coordinates(met), own])


def _merged(points: Floats) -> Floats:
    """Merge points that lie within a metre of each other into the first of them by x, then y."""
    points = np.unique(np.round(points, 3), axis=0)
    one, two = KDTree(points).query_pairs(_NODE_M, output_type="ndarray").T
    _, first = np.unique(_groups(len(points), one, two), return_index=True)
    return points[np.sort(first)]
