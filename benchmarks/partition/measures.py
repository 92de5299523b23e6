"""What a partition reached: count, pieces, deviation, shape, barriers; measured alike for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition import Graph

__all__ = ["Reached", "measure"]


@dataclass(frozen=True)
class Reached:
    """Figures of one partition: `valid` means the exact count, none empty, each cell one piece over open borders."""

    valid: bool
    deviation_share: float
    off_households: float
    compactness: float
    worst_compactness: float
    barrier_share: float


def measure(graph: Graph, label: NDArray[np.int64], cells: int) -> Reached:
    """Measure a partition; `off_households` is the largest difference from the mean cell."""
    names, label = np.unique(label, return_inverse=True)
    count = max(len(names), 1)
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    other = graph.adjacent
    cut = label[source] != label[other]
    inside = ~cut & graph.open_
    links = coo_array((np.ones(inside.sum()), (source[inside], other[inside])), (graph.size, graph.size))
    valid = len(names) == cells and connected_components(links, directed=False)[0] == cells
    mean = graph.weight.sum() / cells
    off = float(np.abs(np.bincount(label, graph.weight, count) - mean).max())
    rim = np.bincount(label, graph.outer, count) + np.bincount(label[source[cut]], graph.length[cut], count)
    shape = 4 * np.pi * np.bincount(label, graph.area, count) / rim**2
    length = max(float(graph.length[cut].sum()), 1e-9)
    barriers = 1 - float(graph.cost[cut].sum()) / length
    return Reached(valid, off / mean, off, float(shape.mean()), float(shape.min()), barriers)
