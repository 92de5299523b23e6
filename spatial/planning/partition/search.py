"""Divide a connected graph of units into cells: starts, annealing, recombination, levelling, the best of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from spatial.errors import InfeasibleError
from spatial.planning.partition.anneal import Course, anneal
from spatial.planning.partition.exact import MOST_UNITS, most_even
from spatial.planning.partition.level import Walk, level
from spatial.planning.partition.net import Aim, Stay, energy_of
from spatial.planning.partition.polish import polish
from spatial.planning.partition.recombine import recombine
from spatial.planning.partition.starts import hold_together, power_start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.graph import Graph
    from spatial.planning.partition.net import Net
    from spatial.planning.types import Integers

    State = NDArray[np.uint64]

__all__ = ["Effort", "Found", "Weights", "divide", "search"]


@dataclass(frozen=True)
class Effort:
    """How long to search, in counts.

    `starts` searches of `steps_per_unit` proposals each (more by unit in small graphs, fewer in large ones) are made
    and refined, and the cheapest repaired; `pairs_per_cell` pairs are joined and parted where one is over tolerance,
    `repairs` are the rounds of repair, `visits_per_cell` the pairs looked at for exchanges, `again` how often all this
    is taken up again. `nodes` are the sets looked at for a proof. In graphs of `large` units two searches differ
    little: two more gain 0.005 of compactness and double the time, so they are left out where both lie within
    tolerance.
    """

    starts: int = 4
    steps_per_unit: int = 800
    pairs_per_cell: int = 400
    repairs: int = 60
    again: int = 2
    visits_per_cell: int = 30
    nodes: int = 100_000
    large: int = 500


@dataclass(frozen=True)
class Weights:
    """What compact cells and borders along barriers are worth against each other."""

    shape: float = 0.1
    barriers: float = 0.6


@dataclass(frozen=True)
class Found:
    """A partition, whether it is proven that none is more even, and the search: starts, and moves proposed in each."""

    label: Integers
    proven: bool
    starts: int = 0
    steps: int = 0


_NO_LIMIT = 1e300
_ENOUGH = 2
"""Searches within tolerance after which others, dearer before repair, are not repaired."""
_FORCED = 0.02
"""Where searches end with the same deviation, and it is more than this, the ground forces it."""
_INSIDE = 0.8
"""Share of the tolerance that a search may use for free."""
_LAST = 10
"""How much longer than a search the best one is levelled."""
_WIDE, _COARSE, _FINE = 0.01, 10, 24
"""Between limits further apart than this share of the mean, exchanges fit among fewer groups on each side."""
_FORCE = 400.0
"""Weight of loads beyond the limits at the end of a search."""
_SOFT = 100.0
"""The same while shapes are found: a weight so great that few units cross the border freezes them too early."""


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
    """Label every unit with one of `cells` cells, as `search` does."""
    return search(
        graph, cells, seed=seed, tolerance=tolerance, before=before, may_move=may_move, effort=effort
    ).label  # fmt: skip


def search(
    graph: Graph,
    cells: int,
    *,
    seed: int,
    tolerance: float = 0.05,
    mean: float | None = None,
    before: Integers | None = None,
    may_move: float | None = None,
    weights: Weights | None = None,
    effort: Effort | None = None,
) -> Found:
    """Label every unit with one of `cells` cells: none empty, each one piece over open borders.

    The graph must be connected over open borders. `mean` is the load from which deviations count, that of the graph
    itself if not given. `before` gives labels to start from, of which at most `may_move` of weight may change. Raises
    `InfeasibleError` with fewer units than cells.
    """
    if graph.size < cells:
        raise InfeasibleError(
            f"只有 {graph.size} 个地块，分不出 {cells} 个网格", f"{graph.size} blocks cannot make {cells} cells"
        )
    if cells == 1:
        return Found(np.zeros(graph.size, np.int64), proven=True)
    work = _Search.of(graph, cells, tolerance, mean, weights or Weights(), effort or Effort())
    if before is not None:
        limit = _NO_LIMIT if may_move is None else may_move
        return Found(work.over_again(before, limit, _state(seed, 0)), proven=False, starts=1, steps=work.steps // 2)
    label, starts = work.anew([_state(seed, turn) for turn in range(max(1, work.effort.starts))])
    return replace(work.proven(label), starts=starts, steps=work.steps + work.steps // 2)


def _state(seed: int, turn: int) -> State:
    return np.array([(seed * 1_000_003 + turn * 7919 + 1) % 2**63], np.uint64)


@dataclass(frozen=True)
class _Search:
    """One graph to divide, what is aimed at, and how hard to try."""

    graph: Graph
    net: Net
    aim: Aim
    tolerated: tuple[float, float]
    effort: Effort

    @classmethod
    def of(
        cls, graph: Graph, cells: int, tolerance: float, mean: float | None, weights: Weights, effort: Effort
    ) -> _Search:
        """Set the limits: inside the tolerance, so that a search ends within it; and whole numbers beside the mean."""
        own = float(graph.weight.sum()) / cells
        mean = own if mean is None else mean
        inner = _limits(graph, own, mean, _INSIDE * tolerance)
        scale = float(np.sqrt(graph.area.sum() * cells))
        aim = Aim(cells, max(mean, 1e-12), *inner, _FORCE, weights.shape, weights.barriers, scale)
        return cls(graph, graph.net, aim, _limits(graph, own, mean, tolerance), effort)

    def anew(self, states: list[State]) -> tuple[Integers, int]:
        """Search from several starts, and take up again what is left over tolerance; gives the starts made, too."""
        free = Stay(np.full(self.graph.size, -1, np.int64), _NO_LIMIT)
        found: list[Integers] = []
        batch = len(states) if self.graph.size < self.effort.large else 2
        for made in range(0, len(states), batch):
            rough = [(self._annealed(state, free), state) for state in states[made : made + batch]]
            for label, state in sorted(rough, key=lambda one: self.energy(one[0])):
                found.append(self._repaired(label, free, state))
                if self._settled(found):
                    break
            if self._settled(found):
                break
        best = found[int(np.argmin([self.energy(label) for label in found]))]
        return self._levelled(best, free, states[0], times=_LAST), min(made + batch, len(states))

    def _annealed(self, state: State, free: Stay) -> Integers:
        """Search from one start: shapes first, while loads weigh little, then loads as well."""
        net, aim = self.net, self.aim
        first, fine = (
            Course(5 * self.steps // 4, 2.0, 0.03, 2e-3, 0.35),
            Course(self.steps // 4, 100.0, 2e-3, 2e-4, 0.35),
        )
        start = power_start(self.graph.xy, self.graph.weight, self.graph.area, aim.cells, state)
        label = anneal(hold_together(start, net, aim.cells), net, aim._replace(force=_SOFT), free, first, state)
        label = anneal(label, net, aim, free, fine, state)
        if not self._within(label):
            cool = Course(self.steps // 2, 120.0, 2e-3, 2e-4, 0.35)
            label = anneal(self._recombined(label, 1.0, 0.01, state), net, aim, free, cool, state)
        annealed: Integers = label
        return annealed

    def _settled(self, found: list[Integers]) -> bool:
        """Tell whether more repairs bring little: two are within tolerance, or the last ones end equally far off."""
        if sum(self._within(label) for label in found) >= _ENOUGH:
            return True
        alike = _ENOUGH if self.graph.size >= self.effort.large else _ENOUGH + 1
        if len(found) < alike:
            return False
        held = (np.bincount(label, self.graph.weight, self.aim.cells) for label in found[-alike:])
        off = [float(np.abs(load - self.aim.mean).max()) for load in held]
        return max(off) - min(off) <= 1e-9 * self.aim.mean and off[0] > _FORCED * self.aim.mean

    def proven(self, label: Integers) -> Found:
        """Look for the most even partition of a small graph that is over tolerance, and say whether it was found."""
        if self._within(label) or self.graph.size > MOST_UNITS:
            return Found(label, proven=False)
        best, proven = most_even(label, self.net, self.aim.cells, self.aim.mean, self.effort.nodes)
        return Found(best, bool(proven))

    @property
    def steps(self) -> int:
        """Number of proposals of one annealing."""
        size = self.graph.size
        return int(self.effort.steps_per_unit * size * min(2.0, max(0.5, (600 / size) ** 0.5)))

    def over_again(self, before: Integers, may_move: float, state: State) -> Integers:
        """Search from an earlier division, of whose weight at most `may_move` changes cells."""
        stay = Stay(before, may_move)
        label = hold_together(before.copy(), self.net, self.aim.cells)
        cool = Course(self.steps // 2, 120.0, 2e-3, 1e-4, 0.35)
        label = anneal(label, self.net, self.aim, stay, cool, state)
        return self._polished(label, stay)

    def energy(self, label: Integers) -> float:
        """Say what a partition costs."""
        return float(energy_of(label, self.net, self.aim))

    def _repaired(self, label: Integers, free: Stay, state: State) -> Integers:
        """Repair what is over tolerance: whole pairs of cells anew, then single units again."""
        label = self._levelled(self._polished(label, free), free, state)
        for _ in range(self.effort.again):
            if self._within(label):
                break
            other = self._recombined(label, 0.3, 0.005, state)
            cool = Course(self.steps // 2, 120.0, 3e-3, 1e-4, 0.35)
            other = self._polished(anneal(other, self.net, self.aim, free, cool, state), free)
            other = self._levelled(other, free, state)
            if self.energy(other) < self.energy(label):
                label = other
        return label

    def _recombined(self, label: Integers, heat: float, cold: float, state: State) -> Integers:
        pairs = self.effort.pairs_per_cell * self.aim.cells
        parted: Integers = recombine(label, self.net, self.aim, heat, cold, pairs, state)
        return parted

    def _polished(self, label: Integers, stay: Stay) -> Integers:
        low, high = self.tolerated
        polished: Integers = polish(label, self.net, self.aim._replace(low=low, high=high), stay, self.effort.repairs)
        return polished

    def _levelled(self, label: Integers, stay: Stay, state: State, times: int = 1) -> Integers:
        """Level what is beyond the tolerance."""
        if self._within(label):
            return label
        low, high = self.tolerated
        groups = _COARSE if high - low > _WIDE * self.aim.mean else _FINE
        walk = Walk(times * self.effort.visits_per_cell * self.aim.cells, groups, 4, 0.003, 0.3)
        levelled: Integers = level(label, self.net, self.aim._replace(low=low, high=high), stay, walk, state)
        return levelled

    def _within(self, label: Integers) -> bool:
        held = np.bincount(label, self.graph.weight, self.aim.cells)
        low, high = self.tolerated
        return bool(held.min() >= low - 1e-9 and held.max() <= high + 1e-9)


def _limits(graph: Graph, own: float, mean: float, share: float) -> tuple[float, float]:
    """Give the loads within `share` of `mean`; at least the whole numbers beside the graph's own mean."""
    low, high = min(mean * (1 - share), own), max(mean * (1 + share), own)
    if own > mean * (1 + share) or own < mean * (1 - share):
        low = high = own  # the nearest to the mean that all its cells can be
    if (graph.weight == np.floor(graph.weight)).all():
        low, high = min(low, float(np.floor(own))), max(high, float(np.ceil(own)))
    return low, high
