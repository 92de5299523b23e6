"""An earlier division with more or fewer cells than it had: the heaviest is halved, the lightest joins another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.planning.blocks.faces import connected
from spatial.planning.partition.graph import subgraph
from spatial.planning.partition.search import Effort, divide

if TYPE_CHECKING:
    from spatial.planning.partition.graph import Graph
    from spatial.planning.types import Integers

__all__ = ["resized"]

_QUICK = Effort(starts=2, steps_per_unit=300, pairs_per_cell=100, repairs=20)


def resized(graph: Graph, before: Integers, cells: int, *, seed: int) -> Integers | None:
    """Bring an earlier division of a village to `cells` cells, numbered from 0.

    None where that cannot be done (a cell that cannot be halved); the village is then divided anew.
    """
    label = np.unique(before, return_inverse=True)[1].astype(np.int64)
    while label.max() + 1 > cells:
        label = _joined(graph, label)
    while label.max() + 1 < cells:
        units = _halvable(graph, label)
        if units is None:
            return None
        half = divide(subgraph(graph, units), 2, seed=seed, effort=_QUICK)
        label[units[half == 1]] = label.max() + 1
    return label


def _joined(graph: Graph, label: Integers) -> Integers:
    """Join the lightest cell to the lightest cell beside it."""
    held = np.bincount(label, weights=graph.weight)
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    for cell in np.argsort(held, kind="stable"):
        beside = np.unique(label[graph.adjacent[(label[source] == cell) & graph.open_]])
        beside = beside[beside != cell]
        if len(beside):
            merged = np.where(label == cell, beside[held[beside].argmin()], label)
            break
    else:
        merged = np.where(label == label.max(), 0, label)
    return np.unique(merged, return_inverse=True)[1].astype(np.int64)


def _halvable(graph: Graph, label: Integers) -> Integers | None:
    """Give the units of the heaviest cell that is one piece of two units or more."""
    for cell in np.argsort(-np.bincount(label, weights=graph.weight), kind="stable"):
        units = np.flatnonzero(label == cell)
        piece = subgraph(graph, units)
        source = np.repeat(np.arange(piece.size), np.diff(piece.start))
        if piece.size > 1 and connected(source[piece.open_], piece.adjacent[piece.open_], piece.size).max() == 0:
            return units
    return None
