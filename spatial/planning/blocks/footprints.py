"""Buildings that a dividing line runs through: the line yields, and the building goes whole to one face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.parted import TOUCH_M2, overlapping_onward
from spatial.planning.blocks.faces import Faces, connected
from spatial.planning.blocks.runs import boxed

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Geometries, Integers

__all__ = ["keep_footprints_whole"]


def keep_footprints_whole(
    faces: Faces, buildings: Geometries, villages: Geometries, *, tree: shapely.STRtree | None = None
) -> Faces:
    """Give each building that lies in several faces of a village to the one that holds most of it.

    `tree` is one of the buildings, which may stand in other villages too. A hamlet that holds any of a building gets
    all of it. Buildings that overlap one another go together. Ground of another village is left alone: a footprint
    across a village border stays cut there, and each piece that the border makes of it goes to a face of its own.
    """
    tree = shapely.STRtree(buildings) if tree is None else tree
    building = _crossing(faces, buildings, boxed(tree, villages))
    if len(building) == 0:
        return faces
    pieces, home = _pieces(faces, _clumps(building, buildings, tree), villages)
    face_of, piece_of, area = _ground(faces, pieces, home)
    preferred = area + np.where(faces.hamlet[face_of] >= 0, 1e9, 0) + np.where(faces.special[face_of] >= 0, 1e8, 0)
    order = np.lexsort((face_of, -preferred, piece_of))
    first = np.ones(len(order), bool)
    first[1:] = piece_of[order][1:] != piece_of[order][:-1]
    winner = np.empty(len(order), np.int64)
    winner[order] = face_of[order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]]
    leaves = winner != face_of
    if not leaves.any():
        return faces
    return _traded(faces, face_of[leaves], winner[leaves], pieces[piece_of[leaves]])


def _crossing(faces: Faces, buildings: Geometries, near: Integers) -> Integers:
    """Give the buildings with ground in several faces of one village, of those `near`."""
    tree = shapely.STRtree(faces.geometry)
    building, face = tree.query(buildings[near], predicate="intersects")
    several = np.bincount(building, minlength=len(near))[building] > 1
    building, face = near[building[several]], face[several]
    area = shapely.area(shapely.intersection(buildings[building], faces.geometry[face]))
    real = area > TOUCH_M2
    building, face = building[real], face[real]
    key = building * np.int64(faces.village.max(initial=0) + 1) + faces.village[face]
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.unique(building[count[place] > 1])


def _clumps(crossing: Integers, buildings: Geometries, tree: shapely.STRtree) -> Geometries:
    """Join crossing buildings with every building that overlaps them, onward."""
    members, left, right = overlapping_onward(crossing, buildings, tree)
    spot, mate = np.searchsorted(members, left), np.searchsorted(members, right)
    clump = connected(spot, mate, len(members))
    order = np.argsort(clump, kind="stable")
    rows = np.split(members[order], np.cumsum(np.bincount(clump))[:-1])
    return np.array([buildings[r[0]] if len(r) == 1 else shapely.union_all(buildings[r]) for r in rows], object)


def _pieces(faces: Faces, shapes: Geometries, villages: Geometries) -> tuple[Geometries, Integers]:
    """Give the connected pieces of shapes in each village where they have ground, and that village."""
    shape, face = shapely.STRtree(faces.geometry).query(shapes, predicate="intersects")
    shape, home = np.unique(np.column_stack([shape, faces.village[face]]), axis=0).T
    ground, area = shapes[shape], villages[home]
    beyond = ~shapely.covers(area, ground)
    ground[beyond] = shapely.intersection(ground[beyond], area[beyond])
    pieces, source = shapely.get_parts(ground, return_index=True)
    areal = shapely.get_type_id(pieces) == 3
    return pieces[areal], home[source[areal]]


def _ground(faces: Faces, pieces: Geometries, home: Integers) -> tuple[Integers, Integers, Floats]:
    """Give the faces of their village that hold ground of pieces, the piece of each, and how much that is."""
    piece, face = shapely.STRtree(faces.geometry).query(pieces, predicate="intersects")
    own = faces.village[face] == home[piece]
    piece, face = piece[own], face[own]
    area = shapely.area(shapely.intersection(pieces[piece], faces.geometry[face]))
    real = area > 0
    return face[real], piece[real], area[real]


def _traded(faces: Faces, giver: Integers, taker: Integers, shape: Geometries) -> Faces:
    """Move the ground of shapes from the faces that give to the faces that take.

    A face takes the whole shape, of which it has a part: pieces that only touch it would not unite with it
    where rounding leaves a hair between them.
    """
    geometry = faces.geometry.copy()
    for face, rows in _by_face(giver):
        geometry[face] = shapely.difference(geometry[face], shapely.union_all(shape[rows]))
    for face, rows in _by_face(taker):
        geometry[face] = shapely.union_all([geometry[face], *shape[rows]])
    parts, source = shapely.get_parts(geometry, return_index=True)
    areal = shapely.get_type_id(parts) == 3
    return faces.take(source[areal], parts[areal])


def _by_face(face: Integers) -> list[tuple[int, Integers]]:
    order = np.argsort(face, kind="stable")
    names, start = np.unique(face[order], return_index=True)
    return list(zip(names.tolist(), np.split(order, start[1:]), strict=True))
