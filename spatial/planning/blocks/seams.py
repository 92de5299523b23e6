"""Noding a county run by run, each with what lies beside it, so that threads can share the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from spatial.errors import BoundaryError
from spatial.planning.blocks.faces import Faces
from spatial.planning.blocks.nodes import with_nodes
from spatial.planning.blocks.slivers import clean, noded
from spatial.planning.blocks.workers import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.planning.types import Flags, Geometries, Integers

__all__ = ["clean_runs"]

_BESIDE_M = 0.05
"""What lies this near to a village's border may get nodes on it, or give some; noding moves less by far."""


class _County(NamedTuple):
    """All faces with their run, all areas beside, and a tree of each; `outside` are the areas beside that matter."""

    faces: Faces
    run: Integers
    others: Geometries
    tree: shapely.STRtree
    beside: shapely.STRtree


class _Piece(NamedTuple):
    """Clean faces of one run, which of them lie on a seam with other runs, and areas beside with their positions."""

    faces: Faces
    seam: Flags
    place: Integers
    others: Geometries


def clean_runs(
    found: Sequence[Faces], others: Geometries, *, villages: Geometries, runs: Sequence[Integers], workers: int | None
) -> tuple[list[Faces], Geometries]:
    """Node the faces of all runs with one another and with `others`, as `clean` does; gives the faces run by run.

    Every run is noded with the faces and areas along its border, in the order they have in the county, so that both
    sides of a seam get the same nodes. That is checked; where one side has a node that the other lacks it gets that
    too, and where this does not help the county is noded as a whole.
    """
    faces = Faces.joined(found)
    run = np.repeat(np.arange(len(runs)), [len(piece.geometry) for piece in found])
    county = _County(faces, run, others, shapely.STRtree(faces.geometry), shapely.STRtree(others))
    try:
        pieces = in_order(lambda rows: _clean_run(county, villages, rows), runs, workers=workers)
        outside = _clean_others(county, villages)
    except BoundaryError:
        return _as_one(county, runs)
    sides = [*(piece.faces.geometry[piece.seam] for piece in pieces), outside.others]
    rim = _matched(np.concatenate(sides))
    if rim is None:
        return _as_one(county, runs)
    for piece in pieces:
        count = int(piece.seam.sum())
        piece.faces.geometry[piece.seam], rim = rim[:count], rim[count:]
    others = others.copy()
    others[outside.place] = rim
    return [piece.faces for piece in pieces], others


def _matched(rim: Geometries) -> Geometries | None:
    """Give areas along seams every node that one side has and the other lacks; None where they still do not match."""
    if shapely.coverage_is_valid(rim):
        return rim
    apart = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(rim)))
    rim = rim.copy()
    rim[apart] = with_nodes(rim[apart], np.unique(shapely.get_coordinates(rim[apart]), axis=0))
    return rim if shapely.coverage_is_valid(rim) else None


def _clean_run(county: _County, villages: Geometries, rows: Integers) -> _Piece:
    """Node the faces of one run with all that lies along its border."""
    faces, rim = county.faces, shapely.boundary(villages[rows])
    _, along = county.tree.query(rim, predicate="dwithin", distance=_BESIDE_M)
    mine = np.isin(faces.village, rows)
    chosen = np.union1d(np.flatnonzero(mine), along)
    beside = np.unique(county.beside.query(rim, predicate="dwithin", distance=_BESIDE_M)[1])
    whole = noded(np.concatenate([faces.geometry[chosen], county.others[beside]]))[: len(chosen)]
    own = mine[chosen]
    parts, source = shapely.get_parts(whole[own], return_index=True)
    real = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    source = chosen[own][source[real]]
    return _Piece(faces.take(source, parts[real]), np.isin(source, along), beside[:0], county.others[:0])


def _clean_others(county: _County, villages: Geometries) -> _Piece:
    """Node the areas beside the villages with the faces along them; areas further off stay as they are."""
    faces, rim = county.faces, shapely.boundary(villages)
    place = np.unique(county.beside.query(rim, predicate="dwithin", distance=_BESIDE_M)[1])
    if len(place) == 0:
        return _Piece(faces.take(place), np.zeros(0, bool), place, county.others[:0])
    edge = shapely.boundary(county.others[place])
    along = np.unique(county.tree.query(edge, predicate="dwithin", distance=_BESIDE_M)[1])
    whole = noded(np.concatenate([faces.geometry[along], county.others[place]]))
    return _Piece(faces.take(along[:0]), np.zeros(0, bool), place, whole[len(along) :])


def _as_one(county: _County, runs: Sequence[Integers]) -> tuple[list[Faces], Geometries]:
    """Node the whole county at once."""
    faces, others = clean(county.faces, county.others)
    return [faces.take(np.flatnonzero(np.isin(faces.village, rows))) for rows in runs], others
