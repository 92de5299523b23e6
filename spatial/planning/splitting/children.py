"""Children of the blocks that cells divide: cut where two cells meet, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from spatial.planning.blocks.cuts import cut_faces
from spatial.planning.blocks.edges import coverage_edges
from spatial.planning.blocks.faces import connected
from spatial.planning.blocks.names import block_ids
from spatial.planning.blocks.nodes import with_nodes
from spatial.planning.splitting.atoms import shared_counts

if TYPE_CHECKING:
    from spatial.planning.blocks.stock import Stock
    from spatial.planning.splitting.atoms import Atoms, Houses
    from spatial.planning.types import Floats, Geometries, Integers

__all__ = ["split_stock"]

_REACH_M, _SNAPPED_M = 0.05, 2e-3
"""A cut that ends on a border runs on by the first; noding moved no end by more than the second."""
_ON_M, _SAME_M = 1e-6, 2e-5


@dataclass(frozen=True)
class _Family:
    """A block that is split: its row, its children, and the cell of each."""

    row: int
    shapes: Geometries
    cells: Integers


def split_stock(stock: Stock, atoms: Atoms, label: Integers, houses: Houses) -> tuple[Stock, Integers, Integers]:
    """Split the blocks whose atoms lie in several cells; gives the new stock, and for its rows the old row and cell.

    `label` is the cell of each atom within its village. Rows of villages without atoms have cell -1, and so have
    those of a village whose children would not fit their neighbours. Children are named after their parent and keep
    its vertices; all that lies beside them gets their nodes, county-wide.
    """
    areas = np.concatenate([stock.faces.geometry, stock.others])
    cell = np.full(stock.size, -1, np.int64)
    families: list[_Family] = []
    village = stock.faces.village[atoms.source]
    for place in np.unique(village):
        mine = np.flatnonzero(village == place)
        born = _families(stock.faces.geometry, atoms, mine, label)
        grown = _fitted(areas, born)
        if grown is None:
            continue
        areas, born = grown
        cell[atoms.source[mine]] = label[mine]
        families += born
    rows = np.array([family.row for family in families], np.int64)
    kept = np.setdiff1d(np.arange(stock.size), rows)
    source = np.concatenate([kept, *[np.full(len(family.shapes), family.row) for family in families]]).astype(np.int64)
    geometry = np.concatenate([areas[kept], *[family.shapes for family in families]])
    cells = np.concatenate([cell[kept], *[family.cells for family in families]]).astype(np.int64)
    order = np.argsort(source, kind="stable")
    source, geometry, cells = source[order], geometry[order], cells[order]
    return _stock_of(stock, source, geometry, areas[stock.size :], rows, houses), source, cells


def _stock_of(
    stock: Stock, source: Integers, geometry: Geometries, others: Geometries, split: Integers, houses: Houses
) -> Stock:
    """Give the stock with children in the place of their parents, which it keeps as they were."""
    counts = shared_counts(stock.counts, source, geometry, houses)
    names = np.array(stock.block_id, object)[source]
    parents = np.array(stock.parent_id or [None] * stock.size, object)[source]
    child = np.flatnonzero(np.isin(source, split))
    parents[child] = names[child]
    names[child] = block_ids(names[child].tolist(), geometry[child], counts.iloc[child])
    split = np.sort(split)
    whole = replace(
        stock, faces=stock.faces.take(split), block_id=[stock.block_id[row] for row in split],
        counts=stock.counts.iloc[split].reset_index(drop=True), others=others[:0], parent_id=None, parents=None,
    )  # fmt: skip
    return replace(
        stock, faces=stock.faces.take(source, geometry), block_id=names.tolist(), counts=counts, others=others,
        parent_id=parents.tolist(), parents=whole if len(split) else None,
    )  # fmt: skip


def _families(blocks: Geometries, atoms: Atoms, mine: Integers, label: Integers) -> list[_Family]:
    """Give the children of the blocks of one village that lie in several cells."""
    order = mine[np.argsort(atoms.source[mine], kind="stable")]
    rows, first = np.unique(atoms.source[order], return_index=True)
    families = []
    for row, group in zip(rows, np.split(order, first[1:]), strict=True):
        if len(np.unique(label[group])) > 1:
            family = _family(int(row), blocks[row], atoms.stock.faces.geometry[group], label[group])
            families += [family] if len(family.shapes) > 1 else []
    return families


def _family(row: int, block: shapely.Geometry, pieces: Geometries, label: Integers) -> _Family:
    """Cut a block along the borders between its atoms of different cells."""
    edges = coverage_edges(pieces)
    between = edges.take(edges.inner & (label[edges.left] != label[edges.right]))
    segments = _to_the_border(np.concatenate([between.start, between.end], axis=1), block)
    faces, _ = cut_faces(np.array([block], object), segments, np.zeros(len(segments), np.int64))
    face, piece = shapely.STRtree(pieces).query_nearest(shapely.point_on_surface(faces), all_matches=False)
    cell = np.empty(len(faces), np.int64)
    cell[face] = label[piece]
    touching = coverage_edges(faces)
    touching = touching.take(touching.inner & (cell[touching.left] == cell[touching.right]))
    group = connected(touching.left, touching.right, len(faces))
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    shapes = np.array([shapely.coverage_union_all(faces[part]) for part in parts], object)
    return _Family(row, shapes, cell[[part[0] for part in parts]])


def _to_the_border(segments: Floats, block: shapely.Geometry) -> Floats:
    """Let cuts that end on the border of a block surely reach it: at its vertex where there is one, else beyond."""
    segments = segments.copy()
    rim = shapely.boundary(block)
    vertices = shapely.get_coordinates(block)
    tree = cKDTree(vertices)
    for end, inner in ((slice(0, 2), slice(2, 4)), (slice(2, 4), slice(0, 2))):
        xy = segments[:, end]
        away, nearest = (np.asarray(found) for found in tree.query(xy))
        corner = np.asarray(away <= _SNAPPED_M)
        spots: Geometries = np.asarray(shapely.points(xy))
        near = ~corner & (shapely.distance(spots, rim) <= _SNAPPED_M)
        step = xy - segments[:, inner]
        length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
        segments[:, end] = np.where(
            corner[:, None], vertices[nearest], np.where(np.reshape(near, (-1, 1)), xy + step / length * _REACH_M, xy)
        )
    return segments


def _fitted(areas: Geometries, born: list[_Family]) -> tuple[Geometries, list[_Family]] | None:
    """Put the nodes of children on their parents' borders into all that lies beside; None where that does not fit."""
    if not born:
        return areas, born
    rows = np.array([family.row for family in born])
    nodes = _new_nodes(areas, born)
    children = np.concatenate([family.shapes for family in born])
    grown = with_nodes(np.concatenate([areas, children]), nodes)
    beside = np.unique(shapely.STRtree(areas).query(areas[rows], predicate="intersects")[1])
    local = np.concatenate([grown[np.setdiff1d(beside, rows)], grown[len(areas) :]])
    if not (shapely.is_valid(local).all() and shapely.coverage_is_valid(local)):
        return None
    ends = np.cumsum([0, *[len(family.shapes) for family in born]]) + len(areas)
    fitted = [replace(family, shapes=grown[ends[i] : ends[i + 1]]) for i, family in enumerate(born)]
    return grown[: len(areas)], fitted


def _new_nodes(areas: Geometries, born: list[_Family]) -> Floats:
    """Give the places where children end on the border of their parent, each once."""
    found = [np.empty((0, 2))]
    for family in born:
        block = areas[family.row]
        xy: Floats = np.unique(shapely.get_coordinates(family.shapes), axis=0)
        known = set(map(tuple, shapely.get_coordinates(block).tolist()))
        fresh: Floats = xy[np.array([tuple(spot) not in known for spot in xy.tolist()], bool)]
        on = shapely.dwithin(np.asarray(shapely.points(fresh)), shapely.boundary(block), _ON_M)
        found.append(fresh[np.flatnonzero(on)])
    nodes = np.unique(np.concatenate(found), axis=0)
    if len(nodes) < 2:
        return nodes
    near = cKDTree(nodes).query_pairs(_SAME_M, output_type="ndarray")
    group = connected(near[:, 0], near[:, 1], len(nodes))
    first: Floats = nodes[np.unique(group, return_index=True)[1]]
    return first
