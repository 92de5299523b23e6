"""From villages, barriers, hamlets, buildings and homes to blocks, in one pass over the county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.planning.blocks.cuts import cut_faces, cut_segments
from spatial.planning.blocks.faces import Faces, make_faces
from spatial.planning.blocks.footprints import keep_footprints_whole
from spatial.planning.blocks.people import lattice, place_points
from spatial.planning.blocks.runs import boxed, runs_of, split_by
from spatial.planning.blocks.seams import clean_runs
from spatial.planning.blocks.slivers import absorb_slivers
from spatial.planning.blocks.workers import in_order
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = ["BlockSizes", "Ground", "make_blocks"]

_LATTICE = 12
"""Lattice points that stand for the land of the widest block."""


@dataclass(frozen=True)
class BlockSizes:
    """By village: a block is cut while it holds more `households` or more `area_m2` than this."""

    households: Floats
    area_m2: Floats


@dataclass(frozen=True)
class Ground:
    """What lies on the ground, as geometries in metres: `hard` lines part, `whole` hamlets are never cut."""

    lines: Geometries
    hard: Flags
    buildings: Geometries
    hamlets: Geometries
    whole: Flags
    specials: Geometries


def make_blocks(
    villages: Geometries,
    ground: Ground,
    *,
    points: Geometries,
    home: Integers,
    households: Floats,
    sizes: BlockSizes,
    others: Geometries,
    workers: int | None = None,
) -> tuple[Faces, Geometries]:
    """Cut villages into blocks: a valid coverage, county-wide, in which no building and no whole hamlet is cut.

    `points` with `households` say where people are, `home` is the position of their village. `others` are areas
    beside these villages; they are given back with the nodes of shared borders. A footprint across a village border
    stays cut there.
    """
    runs = runs_of(len(villages))
    near = _Near.of(ground)
    owners = split_by(home, len(villages))

    def cut(run: Integers) -> Faces:
        rows = np.concatenate([owners[place] for place in run])
        people = points[rows], households[rows]
        return _cut(villages[run], near, people, BlockSizes(sizes.households[run], sizes.area_m2[run])).moved(run)

    found = in_order(cut, runs, workers=workers)
    pieces, others = clean_runs(found, others, villages=villages, runs=runs, workers=workers)

    def absorb(job: tuple[Integers, Faces]) -> Faces:
        run, faces = job
        rows = np.concatenate([owners[place] for place in run])
        place, _ = place_points(points[rows], faces.geometry)
        return absorb_slivers(faces, summed(place, np.maximum(households[rows], 1e-6), len(faces.geometry)))

    return Faces.joined(in_order(absorb, list(zip(runs, pieces, strict=True)), workers=workers)), others


@dataclass(frozen=True)
class _Near:
    """What lies on the ground, each layer with its tree."""

    ground: Ground
    lines: shapely.STRtree
    buildings: shapely.STRtree
    hamlets: shapely.STRtree
    specials: shapely.STRtree

    @classmethod
    def of(cls, ground: Ground) -> _Near:
        """Build the trees."""
        layers = (ground.lines, ground.buildings, ground.hamlets, ground.specials)
        return cls(ground, *[shapely.STRtree(layer) for layer in layers])


def _cut(villages: Geometries, near: _Near, people: tuple[Geometries, Floats], sizes: BlockSizes) -> Faces:
    """Cut some villages along lines and between homes, around buildings; nothing is noded with other villages yet."""
    ground = near.ground
    lines, hamlets, specials = (boxed(tree, villages) for tree in (near.lines, near.hamlets, near.specials))
    faces = make_faces(
        villages,
        lines=ground.lines[lines],
        hard=ground.hard[lines],
        hamlets=ground.hamlets[hamlets],
        whole=ground.whole[hamlets],
        specials=ground.specials[specials],
    )
    faces = _split(faces, villages, points=people[0], households=people[1], sizes=sizes)
    if len(ground.buildings):
        faces = keep_footprints_whole(faces, ground.buildings, villages, tree=near.buildings)
    return faces.renamed(hamlets, specials)


def _split(faces: Faces, villages: Geometries, *, points: Geometries, households: Floats, sizes: BlockSizes) -> Faces:
    """Cut faces that hold too many households or too much land; hamlets and special areas stay as they are."""
    spacing = np.sqrt(sizes.area_m2 / _LATTICE)
    land, _ = lattice(villages, spacing)
    xy = np.concatenate([shapely.get_coordinates(points), land])
    crowd = np.concatenate([households, np.zeros(len(land))])
    # Land is counted in lattice points, which no rounding can tip over the limit.
    area = np.concatenate([np.zeros(len(points)), np.ones(len(land))])
    place, away = place_points(np.asarray(shapely.points(xy)), faces.geometry)
    loose = (faces.hamlet[place] < 0) & (faces.special[place] < 0) & (away == 0)
    rows = np.flatnonzero(loose)
    rows = rows[np.lexsort((xy[rows, 1], xy[rows, 0], place[rows]))]
    first = np.searchsorted(place[rows], np.arange(len(faces.geometry) + 1))
    limits = np.column_stack([sizes.households, np.full(len(villages), _LATTICE + 0.5)])[faces.village]
    segments, cut = cut_segments(xy[rows], crowd[rows], area[rows], first, shapely.bounds(faces.geometry), limits)
    geometry, source = cut_faces(faces.geometry, segments, cut)
    return faces.take(source, geometry)
