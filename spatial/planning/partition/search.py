"""Divide a connected graph of units into cells: several starts, annealing, recombination, repair, the best of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.errors import InfeasibleError
from spatial.planning.partition.anneal import anneal, energy_of
from spatial.planning.partition.polish import polish
from spatial.planning.partition.recombine import recombine
from spatial.planning.partition.starts import hold_together, power_start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.blocks.types import Integers
    from spatial.planning.partition.graph import Graph

__all__ = ["Effort", "divide"]


@dataclass(frozen=True)
class Effort:
    """How long to search, in counts: starts, proposals per unit, joined and parted pairs per cell, rounds of repair."""

    starts: int = 4
    steps_per_unit: int = 1500
    pairs_per_cell: int = 800
    repairs: int = 60


_NO_LIMIT = 1e300
_FORCE = 400.0
"""Weight of deviations in the comparison of partitions."""
_PAIR_HEATS = (1.0, 0.01)


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
    search = _Search(graph, cells, tolerance, effort or Effort())
    states = [
        np.array([(seed * 1_000_003 + turn * 7919 + 1) % 2**63], np.uint64)
        for turn in range(max(1, search.effort.starts))
    ]
    if before is not None:
        return search.again(before, _NO_LIMIT if may_move is None else may_move, states[0])
    found = [search.anew(state) for state in states]
    return found[int(np.argmin([search.energy(label) for label in found]))]


@dataclass(frozen=True)
class _Search:
    """One graph to divide, and how hard to try."""

    graph: Graph
    cells: int
    tolerance: float
    effort: Effort

    @property
    def slack(self) -> float:
        """Deviation that costs nothing: well inside the tolerance, so that a search ends within it."""
        return 0.6 * self.tolerance

    def anew(self, state: NDArray[np.uint64]) -> Integers:
        """Search from a start of its own: single moves, and pairs joined and parted where those do not suffice."""
        graph, free = self.graph, np.full(self.graph.size, -1, np.int64)
        label = self._together(power_start(graph.xy, graph.weight, graph.area, self.cells, state))
        label = self._moved(label, free, _NO_LIMIT, state, forces=(4.0, 120.0), heats=(0.05, 5e-4), share=1.0)
        if self._deviation(label) > self.tolerance:
            label = recombine(
                label, graph.start, graph.adjacent, graph.length, graph.cost, graph.open_, graph.weight, graph.area,
                graph.outer, self.cells, self.slack, _FORCE, np.array(_PAIR_HEATS),
                self.effort.pairs_per_cell * self.cells, state,
            )  # fmt: skip
        return self._finished(label, free, _NO_LIMIT, state)

    def again(self, before: Integers, may_move: float, state: NDArray[np.uint64]) -> Integers:
        """Search from an earlier division, of whose weight at most `may_move` changes cells."""
        return self._finished(self._together(before.copy()), before, may_move, state)

    def energy(self, label: Integers) -> float:
        """Say what a partition costs."""
        graph = self.graph
        return float(
            energy_of(
                label, graph.start, graph.adjacent, graph.length, graph.cost, graph.weight, graph.area, graph.outer,
                self.cells, self.slack, _FORCE,
            )
        )  # fmt: skip

    def _deviation(self, label: Integers) -> float:
        held = np.bincount(label, self.graph.weight, self.cells)
        return float(np.abs(held / max(held.mean(), 1e-12) - 1).max())

    def _together(self, label: Integers) -> Integers:
        graph = self.graph
        held: Integers = hold_together(
            label, graph.start, graph.adjacent, graph.open_, graph.outer, graph.weight, self.cells
        )
        return held

    def _moved(
        self,
        label: Integers,
        before: Integers,
        may_move: float,
        state: NDArray[np.uint64],
        *,
        forces: tuple[float, float],
        heats: tuple[float, float],
        share: float,
    ) -> Integers:
        graph = self.graph
        steps = int(share * self.effort.steps_per_unit * graph.size)
        moved: Integers = anneal(
            label, graph.start, graph.adjacent, graph.length, graph.cost, graph.open_, graph.weight, graph.area,
            graph.outer, before, may_move, self.cells, self.slack, np.array(forces), np.array(heats), steps, state,
        )  # fmt: skip
        return moved

    def _finished(self, label: Integers, before: Integers, may_move: float, state: NDArray[np.uint64]) -> Integers:
        """Cool down, and repair what is left over tolerance."""
        graph = self.graph
        label = self._moved(label, before, may_move, state, forces=(120.0, _FORCE), heats=(2e-3, 1e-4), share=0.3)
        polished: Integers = polish(
            label, graph.start, graph.adjacent, graph.open_, graph.weight, graph.outer, before, may_move, self.cells,
            self.tolerance, self.effort.repairs,
        )  # fmt: skip
        return polished
