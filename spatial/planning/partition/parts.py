"""Parts of a village that no open border joins: each gets its share of cells, or joins another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.planning.blocks.faces import connected
from spatial.planning.demand.sizing import sainte_lague
from spatial.planning.partition.graph import Graph, make_graph
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = ["Joined", "Parts", "part_village", "spread_weight"]


@dataclass(frozen=True)
class Joined:
    """A part that joined another: its blocks, their weight, and whether it touches what it joined."""

    blocks: Integers
    weight: float
    touches: bool


@dataclass(frozen=True)
class Parts:
    """Units of a village (a part that joined another is one unit) and the parts that are planned apart.

    `unit` is the unit of each block, `graph` joins units, `part` is the part of each unit, `cells` the number
    of cells of each part.
    """

    unit: Integers
    graph: Graph
    part: Integers
    cells: Integers
    joined: tuple[Joined, ...]


def part_village(graph: Graph, cells: int, *, geometry: Geometries) -> Parts:
    """Find the parts of a village and share its cells among them by weight, at least one each.

    A part with less than half a cell's weight, and the smallest ones where there are more parts than cells,
    joins the part with which it shares the longest border, else the nearest one.
    """
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    part = connected(source[graph.open_], graph.adjacent[graph.open_], graph.size)
    part = np.unique(part, return_inverse=True)[1].astype(np.int64)
    unit = np.arange(graph.size)
    joined: list[Joined] = []
    opened = graph.open_.copy()
    mean = graph.weight.sum() / cells
    while part.max() > 0:
        held = np.bincount(part, weights=graph.weight)
        land = np.bincount(part, weights=graph.area)
        small = int(np.lexsort((land, held))[0])
        if held[small] >= mean / 2 and len(held) <= cells:
            break
        blocks = np.flatnonzero(part == small)
        host, anchor = _host(graph, source, part, small, geometry=geometry)
        joined.append(Joined(blocks, float(held[small]), anchor < 0))
        if held[small] < mean / 2:
            unit[blocks] = unit[blocks].min()
        if anchor >= 0:
            unit[np.isin(unit, unit[blocks])] = unit[anchor]
        else:
            opened |= (part[source] == small) & (part[graph.adjacent] == host)
            opened |= (part[source] == host) & (part[graph.adjacent] == small)
        part[blocks] = host
        part = np.unique(part, return_inverse=True)[1].astype(np.int64)
    unit = np.unique(unit, return_inverse=True)[1].astype(np.int64)
    merged = _units(graph, source, unit, opened)
    part_of_unit = np.zeros(merged.size, np.int64)
    part_of_unit[unit] = part
    shares = np.bincount(part_of_unit, weights=merged.weight).astype(np.float64)
    return Parts(
        unit, merged, part_of_unit, _within(sainte_lague(shares, cells), np.bincount(part_of_unit)), tuple(joined)
    )


def _host(graph: Graph, source: Integers, part: Integers, small: int, *, geometry: Geometries) -> tuple[int, int]:
    """Give the part that `small` joins, and the nearest block of it where they do not touch (else -1)."""
    across = (part[source] == small) & (part[graph.adjacent] != small)
    if across.any():
        shared = np.bincount(part[graph.adjacent[across]], weights=graph.length[across])
        return int(shared.argmax()), -1
    others = np.flatnonzero(part != small)
    whole = shapely.union_all(geometry[part == small])
    anchor = int(others[shapely.distance(whole, geometry[others]).argmin()])
    return int(part[anchor]), anchor


def _units(graph: Graph, source: Integers, unit: Integers, opened: Flags) -> Graph:
    """Merge blocks into units; borders within a unit vanish."""
    once = source < graph.adjacent
    count = int(unit.max()) + 1
    weight = summed(unit, graph.weight, count)
    area = summed(unit, graph.area, count)
    mass = graph.weight + 1e-6 * graph.area
    total = summed(unit, mass, count)
    xy = np.column_stack([summed(unit, mass * graph.xy[:, axis], count) / total for axis in (0, 1)])
    outer = summed(unit, graph.outer, count)
    return make_graph(
        np.column_stack([unit[source[once]], unit[graph.adjacent[once]]]),
        graph.length[once],
        graph.cost[once],
        opened[once],
        weight=weight,
        area=area,
        outer=outer,
        xy=xy,
    )


def _within(cells: Integers, units: Integers) -> Integers:
    """Move cells from parts that have fewer units to the parts with most to spare."""
    cells = cells.copy()
    for part in np.flatnonzero(cells > units):
        while cells[part] > units[part]:
            spare = units - cells
            if spare.max() <= 0:
                return cells
            cells[part] -= 1
            cells[int(spare.argmax())] += 1
    return cells


def spread_weight(weight: Floats, area: Floats) -> Floats:
    """Balance land where nothing else is there to balance."""
    return weight if weight.sum() > 0 else area
