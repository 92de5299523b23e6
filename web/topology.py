"""Cells and villages as arcs: a border that two areas share is written once, and knows what it divides.

This is the idea of TopoJSON on whole micro-degrees. Rounding happens before anything else, so neighbours round
alike and no sliver opens. Arcs meet at vertices where three or more borders come together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from web.encode import micro_degrees, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CELL", "COUNTY", "TOWN", "VILLAGE", "Topology", "topology"]

COUNTY, TOWN, VILLAGE, CELL = range(4)
"""What an arc divides, the highest that applies: outside from inside, town from town, village, cell."""

_SPAN = np.int64(1) << 32


@dataclass(frozen=True)
class Topology:
    """Streams for static/decode.js: arcs, the rank of each arc as one digit, and the arcs of every area."""

    arcs: str
    ranks: str
    cells: str
    villages: str


@dataclass
class _Arcs:
    """Arcs gathered so far, by the bytes of their vertices in the direction that reads smaller."""

    known: dict[bytes, int]
    lines: list[NDArray[np.int64]]
    owners: list[set[int]]


def topology(
    cells: NDArray[np.object_], villages: NDArray[np.object_], *, towns: NDArray[np.int64] | None = None
) -> Topology:
    """Cut the borders of cells and villages (degrees) into shared arcs; `towns` numbers the town of each village."""
    areas = np.concatenate([cells, villages])
    towns = np.zeros(len(villages), dtype=np.int64) if towns is None else towns
    rings, owner = _rings(areas)
    junctions = _junctions(rings)
    arcs = _Arcs({}, [], [])
    refs: list[list[list[int]]] = [[] for _ in areas]
    for ring, area in zip(rings, owner.tolist(), strict=True):
        refs[area].append([_place(arcs, line, area) for line in _cut(ring, junctions)])
    ranks = "".join(str(_rank(sides, len(cells), len(villages), towns)) for sides in arcs.owners)
    return Topology(
        arcs=_arcs_text(arcs.lines),
        ranks=ranks,
        cells=_refs_text(refs[: len(cells)]),
        villages=_refs_text(refs[len(cells) :]),
    )


def _rings(areas: NDArray[np.object_]) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Rings as packed vertices without the closing one and without repeats, and whose area each is."""
    parts, part_of = shapely.get_parts(areas, return_index=True)
    lines, ring_of = shapely.get_rings(parts, return_index=True)
    coordinates, line_of = shapely.get_coordinates(lines, return_index=True)
    xy = micro_degrees(coordinates)
    keys = xy[:, 0] * _SPAN + xy[:, 1]
    keep = np.append(True, (np.diff(keys) != 0) | (np.diff(line_of) != 0)) if len(keys) else np.empty(0, bool)
    keys, line_of = keys[keep], line_of[keep]
    pieces = np.split(keys, np.flatnonzero(np.diff(line_of)) + 1)
    rings = [ring[:-1] if ring[0] == ring[-1] else ring for ring in pieces if len(ring)]
    solid = np.array([len(ring) > 2 for ring in rings], dtype=bool)
    owners = part_of[ring_of[np.unique(line_of)]]
    return [ring for ring, good in zip(rings, solid, strict=True) if good], owners[solid]


def _junctions(rings: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Vertices, sorted, whose set of neighbours over all rings is not exactly two."""
    if not rings:
        return np.empty(0, dtype=np.int64)
    here = np.concatenate(rings)
    before = np.concatenate([np.roll(ring, 1) for ring in rings])
    after = np.concatenate([np.roll(ring, -1) for ring in rings])
    pairs = np.unique(np.column_stack([np.tile(here, 2), np.concatenate([before, after])]), axis=0)
    vertices, counts = np.unique(pairs[:, 0], return_counts=True)
    junctions: NDArray[np.int64] = vertices[counts != 2]
    return junctions


def _cut(ring: NDArray[np.int64], junctions: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Split a ring at its junctions; a ring without any starts at its smallest vertex."""
    place = np.minimum(np.searchsorted(junctions, ring), max(len(junctions) - 1, 0))
    at = np.flatnonzero(junctions[place] == ring) if len(junctions) else np.empty(0, np.int64)
    start = int(at[0]) if len(at) else int(np.argmin(ring))
    closed = np.append(np.roll(ring, -start), ring[start])
    stops = np.append(at - start, len(ring)) if len(at) else np.array([0, len(ring)])
    return [closed[a : b + 1] for a, b in pairwise(stops)]


def _place(arcs: _Arcs, line: NDArray[np.int64], area: int) -> int:
    """Give the number of an arc, new or known; ``~number`` where the area runs along it backwards."""
    turned = (line[0], line[1]) > (line[-1], line[-2])
    forward = line[::-1] if turned else line
    number = arcs.known.setdefault(forward.tobytes(), len(arcs.lines))
    if number == len(arcs.lines):
        arcs.lines.append(forward)
        arcs.owners.append(set())
    arcs.owners[number].add(area)
    return ~number if turned else number


def _rank(sides: set[int], cells: int, villages: int, towns: NDArray[np.int64]) -> int:
    """Say what the arc divides, by the villages on it, or by the cells where no villages are drawn."""
    of_villages = sorted(side - cells for side in sides if side >= cells)
    if len(of_villages) > 1:
        return TOWN if len({int(towns[side]) for side in of_villages}) > 1 else VILLAGE
    if of_villages:
        return COUNTY
    return CELL if villages or len(sides) > 1 else COUNTY


def _arcs_text(lines: list[NDArray[np.int64]]) -> str:
    """All arcs in one stream: number of vertices, then the differences, on from arc to arc."""
    if not lines:
        return ""
    keys = np.concatenate(lines)
    xy = np.column_stack([keys // _SPAN, keys % _SPAN])
    steps = np.diff(xy, axis=0, prepend=[[0, 0]]).ravel()
    sizes = np.array([len(line) for line in lines])
    return text_of(np.insert(steps, 2 * (np.cumsum(sizes) - sizes), sizes))


def _refs_text(areas: list[list[list[int]]]) -> str:
    """For each area its number of rings; for each ring its number of arcs and the arcs."""
    row: list[int] = []
    for rings in areas:
        row.append(len(rings))
        for ring in rings:
            row.append(len(ring))
            row.extend(ring)
    return text_of(row)
