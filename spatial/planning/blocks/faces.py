"""Faces: what barriers, hamlets and special areas leave of every village, and which rivers and rails part them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.planning.blocks.edges import coverage_edges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.planning.types import Flags, Geometries, Integers

__all__ = ["ON_LINE_M", "Faces", "connected", "make_faces", "on_lines"]

ON_LINE_M = 0.05
"""A border this near a line lies on it: noding moves nothing by more than a millimetre."""

_HAIR_M2, _HAIR_M = 1.0, 1e-4


@dataclass(frozen=True)
class Faces:
    """Polygons with the positions of their village, region, hamlet and special area (-1: none).

    Two faces of one region are joined without crossing a river, a railway or a motorway.
    """

    geometry: Geometries
    village: Integers
    region: Integers
    hamlet: Integers
    special: Integers

    def take(self, rows: Integers, geometry: Geometries | None = None) -> Faces:
        """Give some faces, or new polygons that come from them."""
        shapes = self.geometry[rows] if geometry is None else geometry
        return Faces(shapes, self.village[rows], self.region[rows], self.hamlet[rows], self.special[rows])

    def moved(self, villages: Integers) -> Faces:
        """Name villages by their positions among more of them."""
        return replace(self, village=villages[self.village])

    def renamed(self, hamlets: Integers, specials: Integers) -> Faces:
        """Name hamlets and special areas by their positions among more of them."""
        hamlet, special = (
            np.append(names, -1)[own] for names, own in ((hamlets, self.hamlet), (specials, self.special))
        )
        return replace(self, hamlet=hamlet, special=special)

    @classmethod
    def joined(cls, pieces: Sequence[Faces]) -> Faces:
        """Put faces of different villages together; no region of one piece is one of another."""
        first = np.cumsum([0, *(int(piece.region.max(initial=-1)) + 1 for piece in pieces)])
        region = [
            np.where(piece.region < 0, -1, piece.region + start) for piece, start in zip(pieces, first, strict=False)
        ]
        rest = (np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("village", "hamlet", "special"))
        village, hamlet, special = rest
        return cls(
            np.concatenate([piece.geometry for piece in pieces]), village, np.concatenate(region), hamlet, special
        )


def make_faces(
    villages: Geometries,
    *,
    lines: Geometries,
    hard: Flags,
    hamlets: Geometries,
    whole: Flags,
    specials: Geometries,
) -> Faces:
    """Node each village's border with what divides it and give the faces between.

    `hard` lines are rivers, railways and motorways. A hamlet that is to stay `whole` becomes one face,
    whatever crosses it; the outline of any other hamlet only adds lines.
    """
    outlines = np.concatenate([lines, shapely.boundary(hamlets), shapely.boundary(specials)])
    tree = shapely.STRtree(outlines)
    village, line = tree.query(villages, predicate="intersects")
    order = np.lexsort((line, village))
    rows = np.split(line[order], np.searchsorted(village[order], np.arange(1, len(villages))))
    parts = [_faces_of(village, outlines[mine]) for village, mine in zip(villages, rows, strict=True)]
    geometry = np.concatenate(parts) if parts else np.empty(0, object)
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    geometry, owner, hamlet, special = _grouped(geometry, owner, hamlets=hamlets, whole=whole, specials=specials)
    region = _regions(geometry, owner, special, lines=lines[hard])
    # Hairs between lines that all but coincide come and go with the last bits; cleaning closes what they leave.
    broad = np.flatnonzero(2 * shapely.area(geometry) > _HAIR_M * shapely.length(geometry))
    return Faces(geometry, owner, region, hamlet, special).take(broad)


def connected(left: Integers, right: Integers, count: int) -> Integers:
    """Label `count` nodes, joined by pairs, with the number of their connected part."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    label: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return label


def on_lines(start: Geometries, end: Geometries, lines: Geometries, *, distance: float = ON_LINE_M) -> Flags:
    """Tell which straight pieces run along a line: their middle is within `distance` of it."""
    near = np.zeros(len(start), bool)
    if len(lines) and len(start):
        tree = shapely.STRtree(shapely.get_parts(lines))
        near[tree.query(shapely.points((start + end) / 2), predicate="dwithin", distance=distance)[0]] = True
    return near


def _faces_of(village: shapely.Geometry, lines: Geometries) -> Geometries:
    if len(lines) == 0:
        return np.asarray(shapely.get_parts(village))
    left, low, right, high = shapely.bounds(village)
    clipped = shapely.clip_by_rect(lines, left - 1, low - 1, right + 1, high + 1)
    border = shapely.boundary(village)
    net = shapely.union_all([border, *clipped, *_beyond(clipped, border)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    shapely.prepare(village)
    inside: Geometries = faces[shapely.contains(village, shapely.point_on_surface(faces))]
    return inside


def _beyond(lines: Geometries, border: shapely.Geometry) -> Geometries:
    """Lead lines that end on the border on by a little: whether they meet it must not hang on the last bits."""
    parts = shapely.get_parts(lines)
    parts = parts[shapely.get_num_points(parts) > 1]
    shapely.prepare(border)
    found = []
    for end, inner in ((0, 1), (-1, -2)):
        near = parts[shapely.dwithin(shapely.get_point(parts, end), border, ON_LINE_M)]
        last = shapely.get_coordinates(shapely.get_point(near, end))
        step = last - shapely.get_coordinates(shapely.get_point(near, inner))
        length = np.maximum(np.hypot(*step.T), 1e-9)
        found.append(np.stack([last, last + step * (2 * ON_LINE_M / length)[:, None]], axis=1))
    return np.asarray(shapely.linestrings(np.concatenate(found)))


def _grouped(
    geometry: Geometries, owner: Integers, *, hamlets: Geometries, whole: Flags, specials: Geometries
) -> tuple[Geometries, Integers, Integers, Integers]:
    """Unite the faces of each hamlet and each special area; special areas come first."""
    points = shapely.point_on_surface(geometry)
    special = _first_within(points, specials)
    hamlet = np.full(len(points), -1, np.int64)
    face, place = shapely.STRtree(points).query(hamlets, predicate="intersects")[::-1]
    keep = (special[face] < 0) & whole[place]
    face, place = face[keep], place[keep]
    # Hamlets that overlap share faces and become one in that village; hairs where their outlines only touch go to
    # the first.
    first = np.full(len(points), len(hamlets), np.int64)
    np.minimum.at(first, face, place)
    keep = (place == first[face]) | (shapely.area(geometry)[face] > _HAIR_M2)
    face, place = face[keep], place[keep]
    pair, spot = np.unique(owner[face] * np.int64(len(hamlets)) + place, return_inverse=True)
    joined = connected(face, spot + len(points), len(points) + len(pair))
    lowest = np.full(joined.max(initial=-1) + 1, len(hamlets), np.int64)
    np.minimum.at(lowest, joined[face], place)
    hamlet[face] = lowest[joined[face]]
    name = np.where(special >= 0, special, np.where(hamlet >= 0, len(specials) + hamlet, -1))
    alone = name < 0
    key = np.column_stack([owner, name])[~alone]
    groups, place = np.unique(key, axis=0, return_inverse=True)
    members = np.split(
        np.flatnonzero(~alone)[np.argsort(place, kind="stable")],
        np.cumsum(np.bincount(place.ravel(), minlength=len(groups)))[:-1],
    )
    united = np.array([shapely.coverage_union_all(geometry[rows]) for rows in members if len(rows)], object)
    parts, source = shapely.get_parts(united, return_index=True) if len(united) else (united, np.empty(0, np.int64))
    kind = groups[source, 1] if len(groups) else np.empty(0, np.int64)
    village = groups[source, 0] if len(groups) else np.empty(0, np.int64)
    loose = np.full(int(alone.sum()), -1, np.int64)
    return (
        np.concatenate([geometry[alone], parts]),
        np.concatenate([owner[alone], village]),
        np.concatenate([loose, np.where(kind >= len(specials), kind - len(specials), -1)]),
        np.concatenate([loose, np.where(kind < len(specials), kind, -1)]),
    )


def _first_within(points: Geometries, areas: Geometries) -> Integers:
    """Give for each point the first area that holds it, or -1."""
    first = np.full(len(points), len(areas), np.int64)
    area, point = shapely.STRtree(points).query(areas, predicate="intersects")
    np.minimum.at(first, point, area)
    return np.where(first == len(areas), -1, first)


def _regions(geometry: Geometries, owner: Integers, special: Integers, *, lines: Geometries) -> Integers:
    edges = coverage_edges(geometry)
    edges = edges.take(edges.inner)
    open_ = ~on_lines(edges.start, edges.end, lines)
    open_ &= (owner[edges.left] == owner[edges.right]) & (special[edges.left] < 0) & (special[edges.right] < 0)
    return connected(edges.left[open_], edges.right[open_], len(geometry))
