"""Exact minimum-cost transport between two groups, on few arcs: priced in until no missing arc could help.

Both assignments of the product (people to cells, people to households) are this one problem. All pairs would be
too many arcs, and only the nearest ones give an answer that is measurably worse. So the flow is solved on a few
arcs, potentials are read from its residual network, and every pair whose lower bound of cost lies below the
difference of potentials is added with its true cost; when none is left, the flow is optimal over all pairs
(column generation; Ahuja, Magnanti and Orlin, Network Flows, 1993, section 9.1, reduced cost optimality).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import min_cost_flow

from spatial.errors import InfeasibleError
from spatial.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Cost = Callable[[Ints, Ints], Floats]

__all__ = ["Flow", "Side", "transport"]

_PRICED = 16  # pairs of one source that join the network in one round
_UNITS_PER_M = 100  # costs are whole centimetres inside the solver


@dataclass(frozen=True)
class Side:
    """One group: what each of it can take, and how much of that is urgent.

    `capacity` bounds the units of each; the first `urgent` of them each count `weight` times more than any
    distance could, so they are filled before distances matter.
    """

    capacity: Ints
    urgent: Ints
    weight: int = 1


@dataclass(frozen=True)
class Flow:
    """Units that go from `source` to `target`; `rounds` and `arcs` tell what the search took."""

    source: Ints
    target: Ints
    units: Ints
    cost_m: Floats
    rounds: int
    arcs: int


@dataclass
class _Arcs:
    """The pairs that the flow may use so far, sorted by pair number."""

    source: Ints
    target: Ints
    cost: Ints


def transport(sources: Side, targets: Side, *, near: tuple[Ints, Ints], bound: Cost, cost: Cost) -> Flow:
    """Fill the urgent units of both sides first, then keep the total cost minimal.

    Parameters
    ----------
    sources, targets : Side
        Capacities of both groups.
    near : pair of index arrays
        Pairs to start with, such as the nearest ones; they need not allow a good answer.
    bound : callable
        Lower bounds in metres for index arrays of sources and targets (straight lines).
    cost : callable
        Costs in metres, never below `bound`; equal to it where distances are straight.

    Raises
    ------
    InfeasibleError
        When the solver refuses the network, which no valid input makes it do.
    """
    n, m = len(sources.capacity), len(targets.capacity)
    source, target = near
    none = np.empty(0, np.int64)
    if not n or not m or not len(source):
        return Flow(none, none, none, np.empty(0), 0, 0)
    arcs = _add(_Arcs(none, none, none), source, target, cost, m)
    farthest, rounds = _farthest(n, m, bound), 0
    while True:
        rounds += 1
        # No way over known arcs, or missing ones at their bound, costs as much as one urgent unit is worth: so
        # pricing stops only when no way fills another one.
        reward = (max(int(arcs.cost.max()), farthest) + 1) * (n + m + 2)
        network = _network(arcs, sources, targets, reward)
        flows = _solve(network)
        potential = _potentials(network, flows, n + m + 1)
        source, target = _violating(arcs, potential, n, m, bound)
        if not len(source):
            break
        arcs = _add(arcs, source, target, cost, m)
    used = flows[: len(arcs.cost)] > 0
    return Flow(arcs.source[used], arcs.target[used], flows[: len(used)][used],
                arcs.cost[used] / _UNITS_PER_M, rounds, len(used))  # fmt: skip


def _add(arcs: _Arcs, source: Ints, target: Ints, cost: Cost, m: int) -> _Arcs:
    """Join new pairs to the known ones, each pair once."""
    pair = np.setdiff1d(source * m + target, arcs.source * m + arcs.target)
    units = np.rint(cost(pair // m, pair % m) * _UNITS_PER_M).astype(np.int64)
    every = np.concatenate([arcs.source * m + arcs.target, pair])
    order = np.argsort(every, kind="stable")
    return _Arcs(every[order] // m, every[order] % m, np.concatenate([arcs.cost, units])[order])


def _rows(n: int, m: int) -> Iterator[Ints]:
    """Give the sources in runs of at most two million pairs, so that no matrix of all pairs is ever held."""
    step = max(1, 2_000_000 // m)
    for start in range(0, n, step):
        yield np.arange(start, min(start + step, n))


def _farthest(n: int, m: int, bound: Cost) -> int:
    """Give the largest lower bound of all pairs, in units of the solver."""
    columns = np.arange(m)
    largest = max(float(bound(np.repeat(rows, m), np.tile(columns, len(rows))).max()) for rows in _rows(n, m))
    return math.ceil(largest * _UNITS_PER_M)


def _network(arcs: _Arcs, sources: Side, targets: Side, reward: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Write the circulation: pairs, then for each side an urgent arc with a reward and a plain one."""
    n, m = len(sources.capacity), len(targets.capacity)
    root = n + m
    people, places = np.arange(n), np.arange(n, n + m)
    tails = [arcs.source, np.full(n, root), np.full(n, root), places, places]
    heads = [arcs.target + n, people, people, np.full(m, root), np.full(m, root)]
    capacities = [
        np.minimum(sources.capacity[arcs.source], targets.capacity[arcs.target]),
        sources.urgent, sources.capacity - sources.urgent, targets.urgent, targets.capacity - targets.urgent,
    ]  # fmt: skip
    costs = [arcs.cost, np.full(n, -reward * sources.weight), np.zeros(n, np.int64),
             np.full(m, -reward * targets.weight), np.zeros(m, np.int64)]  # fmt: skip
    joined = [np.concatenate(part).astype(np.int64) for part in (tails, heads, capacities, costs)]
    return joined[0], joined[1], joined[2], joined[3]


def _solve(network: tuple[Ints, Ints, Ints, Ints]) -> Ints:
    """Run the cost-scaling solver on a circulation."""
    tails, heads, capacities, costs = network
    solver = min_cost_flow.SimpleMinCostFlow()
    added = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise InfeasibleError(
            f"人员指派求解失败（{len(tails)} 条弧，状态 {status}）",
            f"the assignment could not be solved ({len(tails)} arcs, status {status})",
        )
    return np.asarray(solver.flows(added), dtype=np.int64)


def _violating(arcs: _Arcs, potential: Ints, n: int, m: int, bound: Cost) -> tuple[Ints, Ints]:
    """Find pairs outside the network that might lower the cost: the most promising few of each source."""
    known = arcs.source * m + arcs.target
    found: list[Ints] = []
    for rows in _rows(n, m):
        start = rows[0]
        gain = potential[n : n + m][None, :] - potential[rows][:, None]
        row, column = np.nonzero(gain > 0)
        low = np.floor(bound(row + start, column) * _UNITS_PER_M)
        excess = gain[row, column] - low
        pair = (row + start) * m + column
        hit = (excess > 0) & ~np.isin(pair, known)
        row, excess, pair = row[hit], excess[hit], pair[hit]
        order = np.lexsort((pair, -excess, row))
        place = np.arange(len(order)) - np.searchsorted(row[order], row[order])
        found.append(pair[order[place < _PRICED]])
    pairs = np.concatenate(found) if found else np.empty(0, np.int64)
    return pairs // m, pairs % m


@kernel
def _potentials(arcs: tuple[Ints, Ints, Ints, Ints], flows: Ints, nodes: int) -> Ints:  # pragma: no cover  compiled
    """Shortest distances over the residual network from a virtual node that reaches all nodes at no cost.

    Afterwards cost + potential[tail] - potential[head] >= 0 holds on every residual arc.
    """
    tails, heads, capacities, costs = arcs
    potential = np.zeros(nodes, np.int64)
    changed = True
    while changed:
        changed = False
        for arc in range(len(tails)):
            tail, head, cost = tails[arc], heads[arc], costs[arc]
            if flows[arc] < capacities[arc] and potential[tail] + cost < potential[head]:
                potential[head] = potential[tail] + cost
                changed = True
            if flows[arc] > 0 and potential[head] - cost < potential[tail]:
                potential[tail] = potential[head] - cost
                changed = True
    return potential
