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
from spatial.planning.blocks.slivers import absorb_slivers, clean
from spatial.planning.blocks.sums import summed

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Flags, Floats, Geometries

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
    households: Floats,
    sizes: BlockSizes,
    others: Geometries,
    workers: int | None = None,
) -> tuple[Faces, Geometries]:
    """Cut villages into blocks: a valid coverage, county-wide, in which no building and no whole hamlet is cut.

    `points` with `households` say where people are. `others` are areas beside these villages; they are given
    back with the nodes of shared borders. A footprint across a village border stays cut there.
    """
    faces = make_faces(
        villages,
        lines=ground.lines,
        hard=ground.hard,
        hamlets=ground.hamlets,
        whole=ground.whole,
        specials=ground.specials,
        workers=workers,
    )
    faces = _split(faces, villages, points=points, households=households, sizes=sizes)
    if len(ground.buildings):
        faces = keep_footprints_whole(faces, ground.buildings, villages)
    faces, others = clean(faces, others)
    place, _ = place_points(points, faces.geometry)
    weights = summed(place, np.maximum(households, 1e-6), len(faces.geometry))
    return absorb_slivers(faces, weights), others


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
