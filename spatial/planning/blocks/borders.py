"""Borders between blocks: how long, how much of it on barriers, and whether a cell may reach across."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import equals
from spatial.planning.blocks.edges import Edges, border_length, coverage_edges, near_length
from spatial.planning.blocks.faces import ON_LINE_M, on_lines
from spatial.planning.blocks.order import order_of_shapes
from spatial.planning.blocks.runs import boxed, runs_of, split_by
from spatial.planning.blocks.workers import in_order
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = ["NEAR_BARRIER_M", "Barriers", "Borders", "read_barriers", "shared_borders"]

NEAR_BARRIER_M = 3.0
"""A border within this distance of a barrier follows it."""

_OPEN_M = 0.1
"""Two blocks hold together over at least this much border."""


@dataclass(frozen=True)
class Barriers:
    """Lines that divide: all of them, which part (`hard`), which of those are rivers, and road pieces on bridges."""

    lines: Geometries
    hard: Flags
    river: Flags
    bridges: Geometries

    def take(self, rows: Integers) -> Barriers:
        """Keep some of the lines, and all bridges."""
        return replace(self, lines=self.lines[rows], hard=self.hard[rows], river=self.river[rows])


@dataclass(frozen=True)
class Borders:
    """Pairs of blocks (n, 2), shared `length`, `cost` off barriers, `open_`; `outer` is by block."""

    pairs: Integers
    length: Floats
    cost: Floats
    open_: Flags
    outer: Floats


def read_barriers(barriers: gpd.GeoDataFrame | None) -> Barriers:
    """Sort barriers by what they do; rivers, railways and motorways part what lies on either side."""
    if barriers is None or len(barriers) == 0:
        none = np.empty(0, object)
        return Barriers(none, np.zeros(0, bool), np.zeros(0, bool), none)
    kind = barriers["kind"].to_numpy(dtype=object)
    motorway, bridge = equals(barriers, "road_class", "motorway"), equals(barriers, "bridge", value=True)
    lines = barriers.geometry.to_numpy()
    order = order_of_shapes(lines)  # makes every later step blind to the order of rows
    kind, motorway, bridge, lines = kind[order], motorway[order], bridge[order], lines[order]
    real = np.array([line is not None and not line.is_empty for line in lines])
    river, rail, bridge = kind == "river", kind == "rail", bridge & real
    hard = (river & ~bridge) | rail | (motorway & (kind == "road"))
    return Barriers(lines[real], hard[real], river[real], lines[bridge & (kind == "road")])


def shared_borders(
    geometry: Geometries,
    village: Integers,
    barriers: Barriers,
    *,
    region: Integers | None,
    special: Flags | None = None,
    workers: int | None = 1,
) -> Borders:
    """Measure the borders between the blocks of one village, for all villages at once.

    `region` numbers what is joined without crossing a hard line; without it (blocks that the user loaded) a
    border is closed where it runs within 3 m of one. Borders with other villages and with `special` blocks
    count as outer. A bridge opens river borders between the blocks its road piece touches.
    """
    special = np.zeros(len(geometry), bool) if special is None else special
    tree = shapely.STRtree(barriers.lines)
    count = int(village.max(initial=-1)) + 1
    runs = runs_of(count)
    of_village = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
    members = split_by(of_village[village], len(runs))

    def measured(rows: Integers) -> Borders:
        shapes = geometry[rows]
        whole = np.array([shapely.box(*shapely.total_bounds(shapes))])
        near = barriers.take(boxed(tree, whole, beyond=NEAR_BARRIER_M))
        found = _borders(
            shapes, village[rows], near, region=None if region is None else region[rows], special=special[rows]
        )
        return replace(found, pairs=rows[found.pairs])

    found = in_order(measured, [rows for rows in members if len(rows)], workers=workers)
    names = ("pairs", "length", "cost", "open_")
    pairs, length, cost, open_ = (np.concatenate([getattr(piece, name) for piece in found]) for name in names)
    outer = np.empty(len(geometry))
    outer[np.concatenate(members)] = np.concatenate([piece.outer for piece in found])
    return Borders(pairs, length, cost, open_, outer)


def _borders(
    geometry: Geometries, village: Integers, barriers: Barriers, *, region: Integers | None, special: Flags
) -> Borders:
    count = len(geometry)
    edges = coverage_edges(geometry)
    inner = edges.inner & (village[edges.left] == village[edges.right])
    inner &= ~special[edges.left] & ~special[edges.right]
    outer = _outer_length(edges.take(~inner), count)
    edges = edges.take(inner)
    near = near_length(edges, barriers.lines, distance=NEAR_BARRIER_M)
    within = ON_LINE_M if region is not None else NEAR_BARRIER_M
    closed = on_lines(edges.start, edges.end, barriers.lines[barriers.hard], distance=within)
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    pairs, length, _ = border_length(edges, count)
    place = np.searchsorted(pairs[:, 0] * count + pairs[:, 1], low * count + high)
    cost = length - summed(place, near, len(pairs))
    free = summed(place, edges.length * ~closed, len(pairs))
    open_ = free > _OPEN_M
    if region is not None:
        open_ &= region[pairs[:, 0]] == region[pairs[:, 1]]
    river = on_lines(edges.start, edges.end, barriers.lines[barriers.hard & barriers.river], distance=within)
    over_river = summed(place, river, len(pairs)) > 0
    over_other = summed(place, closed & ~river, len(pairs)) > 0
    open_ |= over_river & ~over_other & _bridged(geometry, pairs, barriers.bridges)
    return Borders(pairs, length, np.maximum(cost, 0), open_, outer)


def _outer_length(edges: Edges, count: int) -> Floats:
    """Add up what lies outside, by area; in the order of the pieces, whichever areas are on their other side."""
    area = np.column_stack([edges.left, edges.right]).ravel()
    return summed(area[area >= 0], np.repeat(edges.length, 2)[area >= 0], count)


def _bridged(geometry: Geometries, pairs: Integers, bridges: Geometries) -> Flags:
    """Tell which pairs of blocks are touched by one and the same bridge."""
    found = np.zeros(len(pairs), bool)
    if len(bridges) == 0 or len(pairs) == 0:
        return found
    block, bridge = shapely.STRtree(bridges).query(geometry, predicate="dwithin", distance=ON_LINE_M)
    touched = set(zip(block.tolist(), bridge.tolist(), strict=True))
    of_block: dict[int, list[int]] = {}
    for b, line in touched:
        of_block.setdefault(b, []).append(line)
    for row in np.flatnonzero(np.isin(pairs[:, 0], block) & np.isin(pairs[:, 1], block)):
        low, high = pairs[row]
        found[row] = any((int(high), line) in touched for line in of_block[int(low)])
    return found
