"""Blocks whose atoms need not lie in several cells are put together again: no cut that the balance does not need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.planning.blocks.faces import connected

if TYPE_CHECKING:
    from spatial.planning.partition import Graph
    from spatial.planning.types import Integers

__all__ = ["reunited"]


def reunited(graph: Graph, source: Integers, label: Integers, cells: int, *, tolerance: float) -> Integers:
    """Give whole blocks to one of their cells wherever the village stays as even as it must.

    `source` is the block of each atom. A cell may come to lie off its mean by the tolerance, or by what the worst
    cell is off already; none loses its last atom or falls into more pieces. Blocks with the least to move come first.
    """
    label = label.copy()
    held = np.bincount(label, graph.weight, cells)
    mean = float(held.mean())
    limit = max(tolerance * mean, float(np.abs(held - mean).max())) + 1e-9
    for atoms, shares in _divided(graph, source, label):
        for cell in shares:
            moving = atoms[label[atoms] != cell]
            after = held.copy()
            np.subtract.at(after, label[moving], graph.weight[moving])
            after[cell] += graph.weight[moving].sum()
            if np.abs(after - mean).max() > limit:
                continue
            other = label.copy()
            other[moving] = cell
            touched = np.unique(label[atoms])
            if all(0 < _pieces(graph, other, one) <= _pieces(graph, label, one) for one in touched):
                label, held = other, after
                break
    return label


def _divided(graph: Graph, source: Integers, label: Integers) -> list[tuple[Integers, Integers]]:
    """Give the atoms of each divided block and its cells by what they hold of it; least to move first."""
    order = np.argsort(source, kind="stable")
    found = []
    for atoms in np.split(order, np.flatnonzero(np.diff(source[order])) + 1):
        cells = np.unique(label[atoms])
        if len(cells) < 2:
            continue
        weight = np.array([graph.weight[atoms[label[atoms] == cell]].sum() for cell in cells])
        land = np.array([graph.area[atoms[label[atoms] == cell]].sum() for cell in cells])
        shares = cells[np.lexsort((cells, -land, -weight))]
        found.append((float(weight.sum() - weight.max()), int(atoms.min()), atoms, shares))
    found.sort(key=lambda item: item[:2])
    return [(atoms, shares) for _, _, atoms, shares in found]


def _pieces(graph: Graph, label: Integers, cell: int) -> int:
    """Count the pieces of a cell over open borders; 0 where it has nothing."""
    mine = label == cell
    count = int(mine.sum())
    place = np.cumsum(mine) - 1
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    inside = graph.open_ & mine[source] & mine[graph.adjacent]
    group = connected(place[source[inside]], place[graph.adjacent[inside]], count)
    return len(np.unique(group))
