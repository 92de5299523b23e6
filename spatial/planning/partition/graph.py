"""Units and their borders as flat arrays, the form the kernels work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.planning.partition.net import Net
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.types import Flags, Floats, Integers

__all__ = ["Graph", "make_graph", "subgraph"]


@dataclass(frozen=True)
class Graph:
    """Units joined by borders, in compressed rows: neighbours of u are `adjacent[start[u]:start[u + 1]]`.

    `length` is the shared border in metres, `cost` the part of it off barriers, `open_` whether a cell may
    hold together across it. By unit: `weight` (what is balanced), `area`, `outer` border, and a place `xy`.
    """

    start: Integers
    adjacent: Integers
    length: Floats
    cost: Floats
    open_: Flags
    weight: Floats
    area: Floats
    outer: Floats
    xy: Floats

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.weight)

    @property
    def net(self) -> Net:
        """The arrays as kernels take them."""
        source = np.repeat(np.arange(self.size), np.diff(self.start))
        edge = np.column_stack([self.length, self.cost, self.open_.astype(float)])
        return Net(self.start, source, self.adjacent, edge, np.column_stack([self.weight, self.area, self.outer]))


def make_graph(
    pairs: Integers,
    length: Floats,
    cost: Floats,
    open_: Flags,
    *,
    weight: Floats,
    area: Floats,
    outer: Floats,
    xy: Floats,
) -> Graph:
    """Build a graph from undirected pairs (n, 2) of units; pairs that occur twice are added up."""
    count = len(weight)
    low, high = pairs.min(axis=1, initial=count), pairs.max(axis=1, initial=-1)
    real = low < high
    key, place = np.unique(low[real] * np.int64(count) + high[real], return_inverse=True)
    total = [summed(place, value[real].astype(float), len(key)) for value in (length, cost, open_)]
    left, right = key // count, key % count
    source = np.concatenate([left, right]).astype(np.int64)
    order = np.lexsort((np.concatenate([right, left]), source))
    both = [np.concatenate([value, value])[order] for value in total]
    start = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=count))]).astype(np.int64)
    adjacent = np.concatenate([right, left]).astype(np.int64)[order]
    return Graph(start, adjacent, both[0], both[1], both[2] > 0, weight, area, outer, np.ascontiguousarray(xy))


def subgraph(graph: Graph, units: Integers) -> Graph:
    """Take some units; borders to the others become outer borders."""
    place = np.full(graph.size, -1, np.int64)
    place[units] = np.arange(len(units))
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    here, there = place[source], place[graph.adjacent]
    once = (here >= 0) & (there > here)
    leaving = (here >= 0) & (there < 0)
    outer = graph.outer[units] + summed(here[leaving], graph.length[leaving], len(units))
    return make_graph(
        np.column_stack([here[once], there[once]]),
        graph.length[once],
        graph.cost[once],
        graph.open_[once],
        weight=graph.weight[units],
        area=graph.area[units],
        outer=outer,
        xy=graph.xy[units],
    )
