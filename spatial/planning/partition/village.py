"""Divide the blocks of one village into its cells."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.errors import InfeasibleError
from spatial.planning.partition.graph import subgraph
from spatial.planning.partition.parts import Joined, part_village, spread_weight
from spatial.planning.partition.search import divide

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Geometries, Integers
    from spatial.planning.partition.graph import Graph
    from spatial.planning.partition.search import Effort

__all__ = ["Division", "divide_village"]


@dataclass(frozen=True)
class Division:
    """Cell number, unit and part of every block of a village, cells by part, and the parts that joined others."""

    label: Integers
    unit: Integers
    part: Integers
    part_cells: Integers
    joined: tuple[Joined, ...]


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
    weight = spread_weight(graph.weight, graph.area)
    graph = type(graph)(**{**graph.__dict__, "weight": weight})
    parts = part_village(graph, cells, geometry=geometry)
    label = np.zeros(parts.graph.size, np.int64)
    seed = seed * 2_654_435_761 + zlib.crc32(village_code.encode())
    may_move = None if keep is None else (1 - keep) * float(weight.sum())
    offset = 0
    for part, count in enumerate(parts.cells):
        units = np.flatnonzero(parts.part == part)
        piece = subgraph(parts.graph, units)
        earlier = None if before is None else _earlier(before, parts.unit, units, int(count))
        label[units] = offset + divide(
            piece, int(count), seed=seed + part, tolerance=tolerance, before=earlier, may_move=may_move, effort=effort
        )
        offset += int(count)
    return Division(label[parts.unit], parts.unit, parts.part[parts.unit], parts.cells, parts.joined)


def _earlier(before: Integers, unit: Integers, units: Integers, cells: int) -> Integers | None:
    """Carry an earlier division over to units; None where it had another number of cells."""
    first = np.full(int(unit.max()) + 1, -1, np.int64)
    first[unit[::-1]] = before[::-1]
    names, label = np.unique(first[units], return_inverse=True)
    if len(names) != cells or names[0] < 0:
        return None
    return label.astype(np.int64)
