"""Divide the blocks of one village into its cells."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from spatial.errors import InfeasibleError
from spatial.planning.partition.graph import subgraph
from spatial.planning.partition.parts import Joined, part_village, spread_weight
from spatial.planning.partition.search import search

if TYPE_CHECKING:
    from spatial.planning.partition.graph import Graph
    from spatial.planning.partition.search import Effort, Weights
    from spatial.planning.types import Geometries, Integers

__all__ = ["Division", "divide_village"]


@dataclass(frozen=True)
class Division:
    """Cell number, unit and part of every block of a village, cells by part, and the parts that joined others.

    `proven` means that no plan with these parts is more even. `starts` is the most searches that a part took, `steps`
    the moves proposed in one search of each part.
    """

    label: Integers
    unit: Integers
    part: Integers
    part_cells: Integers
    joined: tuple[Joined, ...]
    proven: bool = False
    starts: int = 0
    steps: int = 0


def divide_village(
    graph: Graph,
    cells: int,
    *,
    village_code: str,
    geometry: Geometries,
    seed: int,
    tolerance: float,
    before: Integers | None = None,
    keep: float | None = None,
    weights: Weights | None = None,
    effort: Effort | None = None,
) -> Division:
    """Divide a village's blocks into exactly `cells` cells, none empty.

    The seed of a village is drawn from its code, so that a village gets the same cells whatever is planned
    beside it. `before` labels blocks by an earlier plan, of whose weight the share `keep` stays. Raises
    `InfeasibleError` where the village has fewer blocks than cells.
    """
    if graph.size < cells:
        raise InfeasibleError(
            f"村 {village_code} 只有 {graph.size} 个地块，分不出 {cells} 个网格。请减少网格数",
            f"village {village_code} has {graph.size} blocks, too few for {cells} cells: ask for fewer",
        )
    order = _order(graph)
    graph = _tidied(subgraph(graph, order))
    parts = part_village(graph, cells, geometry=geometry[order])
    label = np.zeros(parts.graph.size, np.int64)
    mean = float(graph.weight.sum()) / cells
    seed = seed * 2_654_435_761 + zlib.crc32(village_code.encode())
    may_move = None if keep is None else (1 - keep) * float(graph.weight.sum())
    offset, starts, steps, worst, proven = 0, 0, 0, 0.0, 0.0
    for part, count in enumerate(parts.cells):
        units = np.flatnonzero(parts.part == part)
        piece = subgraph(parts.graph, units)
        earlier = None if before is None else _earlier(before[order], parts.unit, units, int(count))
        found = search(
            piece, int(count), seed=seed + part, tolerance=tolerance, mean=mean, before=earlier, may_move=may_move,
            weights=weights, effort=effort,
        )  # fmt: skip
        label[units] = offset + found.label
        off = float(np.abs(np.bincount(found.label, piece.weight, int(count)) - mean).max())
        worst, proven = max(worst, off), max(proven, off if found.proven else 0.0)
        offset, starts, steps = offset + int(count), max(starts, found.starts), steps + found.steps
    back = np.argsort(order)
    return Division(
        label[parts.unit][back],
        parts.unit[back],
        parts.part[parts.unit][back],
        parts.cells,
        tuple(Joined(np.sort(order[part.blocks]), part.weight, part.touches) for part in parts.joined),
        proven=proven >= worst > 0,
        starts=starts,
        steps=steps,
    )


def _order(graph: Graph) -> Integers:
    """Sort units from west to east, so that a plan does not depend on the order of rows."""
    return np.lexsort((graph.weight, np.round(graph.xy[:, 1], 3), np.round(graph.xy[:, 0], 3)))


def _tidied(graph: Graph) -> Graph:
    """Count places from the corner and round lengths, so that moving a village as a whole does not change its cells."""
    tidy = {name: np.round(getattr(graph, name), 6) for name in ("length", "cost", "area", "outer")}
    place = np.round(graph.xy - graph.xy.min(axis=0), 3)
    return replace(graph, weight=spread_weight(graph.weight, graph.area), xy=place, **tidy)


def _earlier(before: Integers, unit: Integers, units: Integers, cells: int) -> Integers | None:
    """Carry an earlier division over to units; None where it had another number of cells."""
    first = np.full(int(unit.max()) + 1, -1, np.int64)
    first[unit[::-1]] = before[::-1]
    names, label = np.unique(first[units], return_inverse=True)
    if len(names) != cells or names[0] < 0:
        return None
    return label.astype(np.int64)
