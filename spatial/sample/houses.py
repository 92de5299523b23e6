"""Building footprints: boxes turned to their lane, apartment rows, and which of them can stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.sample.lines import lines_through
from spatial.sample.streets import ROW_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.sample.streets import Lattice

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["CLEARANCE_M", "Core", "boxes", "build_core", "standing"]

CLEARANCE_M = np.array([3.0, 4.5, 7.0, 9.0, 12.0, 14.0])
"""From the middle of a road to the nearest wall, by rank (see `roads.CLASSES`)."""
OPEN, APARTMENTS, COTTAGES, PUBLIC = 0, 1, 2, 3


@dataclass(frozen=True)
class Core:
    """What stands in a town core: lanes, footprints, the block of each and its kind (see OPEN …)."""

    lanes: Geometries
    footprints: Geometries
    block: Ints
    kind: Ints


def boxes(middle: Floats, ahead: Floats, length_m: Floats, depth_m: Floats) -> Geometries:
    """Make rectangles: `length_m` along the direction `ahead`, `depth_m` across it."""
    unit = ahead / np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    side = np.column_stack([-unit[:, 1], unit[:, 0]])
    a, b = unit * (length_m / 2)[:, None], side * (depth_m / 2)[:, None]
    corners = np.stack([middle - a - b, middle + a - b, middle + a + b, middle - a + b, middle - a - b], axis=1)
    return np.asarray(shapely.polygons(corners), dtype=object)


def standing(footprints: Geometries, lines: Geometries, rank: Ints) -> NDArray[np.bool_]:
    """Mark the footprints that keep clear of roads and of footprints before them."""
    tree = shapely.STRtree(footprints)
    fine = np.ones(len(footprints), dtype=bool)
    fine[np.unique(tree.query(lines, predicate="dwithin", distance=CLEARANCE_M[rank])[1])] = False
    one, two = tree.query(footprints, predicate="intersects")
    pair = (one < two) & fine[one] & fine[two]
    one, two = one[pair], two[pair]
    for a, b in zip(one.tolist(), two.tolist(), strict=True):
        if fine[a]:
            fine[b] = False
    return fine


def build_core(lattice: Lattice, blocks: Geometries, community: Ints, *, rng: np.random.Generator) -> Core:
    """Fill the blocks of one core: apartment rows, cottages, a few public buildings, some open ground.

    The largest block of every community has dwellings, so that no community is empty.
    """
    kind = rng.choice([APARTMENTS, COTTAGES, PUBLIC, OPEN], len(blocks), p=[0.62, 0.24, 0.09, 0.05])
    area = shapely.area(blocks)
    kind[area < 2_500] = OPEN
    order = np.lexsort((area, community))
    largest = order[np.append(np.diff(community[order]) != 0, True)]
    kind[largest] = np.where(area[largest] > 7_000, APARTMENTS, COTTAGES)
    half = lattice.half_m
    served = np.arange(-np.ceil(half / (2 * ROW_M)), np.ceil(half / (2 * ROW_M)) + 1) * 2 * ROW_M
    inner = served[~(np.abs(served[:, None] - lattice.along_m[None, :]) < 1).any(axis=1)]
    homes = np.flatnonzero((kind == APARTMENTS) | (kind == COTTAGES))
    lanes = lines_through(np.stack([lattice.line(v=v) for v in inner])) if len(inner) else np.empty(0, object)
    lane, block = shapely.STRtree(blocks[homes]).query(lanes, predicate="intersects") if len(homes) else ([], [])
    pieces = shapely.get_parts(shapely.intersection(lanes[lane], blocks[homes][block]))
    pieces = pieces[(shapely.get_type_id(pieces) == 1) & (shapely.length(pieces) > 25)]
    sets = (
        (APARTMENTS, _row(lattice, served, pitch=58.0, length=(38.0, 50.0), depth=(11.5, 13.5), off=15.0, rng=rng)),
        (COTTAGES, _row(lattice, served, pitch=13.5, length=(9.0, 12.0), depth=(7.0, 9.5), off=11.5, rng=rng)),
        (PUBLIC, _row(lattice, served, pitch=70.0, length=(32.0, 58.0), depth=(14.0, 22.0), off=22.0, rng=rng)),
    )
    footprints: list[Geometries] = []
    of: list[Ints] = []
    for which, candidates in sets:
        mine = np.flatnonzero(kind == which)
        shrunk = shapely.buffer(blocks[mine], -6.0, quad_segs=1)
        at, number = shapely.STRtree(candidates).query(shrunk, predicate="contains")
        footprints.append(candidates[number])
        of.append(mine[at])
    block_of = np.concatenate(of)
    return Core(pieces.astype(object), np.concatenate(footprints), block_of, kind[block_of])


def _row(
    lattice: Lattice,
    served: Floats,
    *,
    pitch: float,
    length: tuple[float, float],
    depth: tuple[float, float],
    off: float,
    rng: np.random.Generator,
) -> Geometries:
    """Set candidate footprints in rows on both sides of every street and lane that runs along u."""
    u = np.arange(-lattice.half_m, lattice.half_m, pitch)
    v = np.concatenate([served - off, served + off])
    uv = np.column_stack([np.tile(u, len(v)), np.repeat(v, len(u))])
    uv[:, 0] += np.repeat(rng.uniform(0, pitch, len(v)), len(u))
    middle = lattice.place(uv)
    ahead = lattice.place(uv + np.array([6.0, 0.0])) - middle
    return boxes(middle, ahead, rng.uniform(*length, len(uv)), rng.uniform(*depth, len(uv)))
