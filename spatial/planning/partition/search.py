"""Divide a connected graph of units into cells: several starts, annealing, repair, the best of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.errors import InfeasibleError
from spatial.planning.partition.anneal import anneal, energy_of
from spatial.planning.partition.polish import polish
from spatial.planning.partition.starts import hold_together, power_start

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Integers
    from spatial.planning.partition.graph import Graph

__all__ = ["Effort", "divide"]


@dataclass(frozen=True)
class Effort:
    """How long to search, in counts: starts, proposals per unit, rounds of repair."""

    starts: int = 4
    steps_per_unit: int = 1500
    repairs: int = 60


_NO_LIMIT = 1e300
_FORCE = 400.0
"""Weight of deviations in the comparison of partitions."""


def divide(
    graph: Graph,
    cells: int,
    *,
    seed: int,
    tolerance: float = 0.05,
    before: Integers | None = None,
    may_move: float | None = None,
    effort: Effort | None = None,
) -> Integers:
    """Label every unit with one of `cells` cells: none empty, each one piece over open borders.

    The graph must be connected over open borders. `before` gives labels to start from, of which at most
    `may_move` of weight may change. Raises `InfeasibleError` with fewer units than cells.
    """
    if graph.size < cells:
        raise InfeasibleError(
            f"只有 {graph.size} 个地块，分不出 {cells} 个网格", f"{graph.size} blocks cannot make {cells} cells"
        )
    if cells == 1:
        return np.zeros(graph.size, np.int64)
    effort = effort or Effort()
    shape = (graph.start, graph.adjacent, graph.length, graph.cost)
    loads = (graph.weight, graph.area, graph.outer)
    slack, limit = 0.6 * tolerance, _NO_LIMIT if may_move is None else may_move
    free = np.full(graph.size, -1, np.int64)
    best: tuple[float, Integers] | None = None
    for turn in range(1 if before is not None else effort.starts):
        state = np.array([(seed * 1_000_003 + turn * 7919 + 1) % 2**63], np.uint64)
        label = power_start(graph.xy, graph.weight, graph.area, cells, state) if before is None else before.copy()
        label = hold_together(label, graph.start, graph.adjacent, graph.open_, graph.outer, graph.weight, cells)
        held = free if before is None else before
        steps = effort.steps_per_unit * graph.size
        for forces, heats, share in (((4.0, 120.0), (0.05, 5e-4), 1.0), ((120.0, _FORCE), (2e-3, 1e-4), 0.3)):
            if before is not None and share == 1.0:
                continue
            label = anneal(
                label, *shape, graph.open_, *loads, held, limit, cells, slack,
                np.array(forces), np.array(heats), int(share * steps), state,
            )  # fmt: skip
        label = polish(
            label, graph.start, graph.adjacent, graph.open_, graph.weight, graph.outer, held, limit, cells,
            tolerance, effort.repairs,
        )  # fmt: skip
        energy = energy_of(label, *shape, *loads, cells, slack, _FORCE)
        if best is None or energy < best[0] - 1e-12:
            best = (energy, label)
    if best is None:
        raise AssertionError("a search has at least one start")
    return best[1]
