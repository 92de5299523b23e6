"""One instance, one partitioner, one budget: every run is a process of its own, whose CPU seconds are counted."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import os
import resource
import time
import warnings
from dataclasses import dataclass
from queue import Empty
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.partition.houses import cut
from benchmarks.partition.measures import Reached, measure
from benchmarks.partition.peers import PEERS, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.partition.instances import Instance

    Solver = Callable[[int], NDArray[np.int64]]

__all__ = ["Result", "load_peers", "missing_peers", "run", "solver_of"]

_PATIENCE = 1.5
"""A partitioner that takes longer than this many budgets and half a second for its first run has no answer."""


@dataclass(frozen=True)
class Result:
    """What one partitioner reached on one instance within its budget: the best of `runs`; None without an answer."""

    reached: Reached | None
    runs: int
    seconds: float
    fault: str = ""
    buildings_cut: int = 0
    hamlets_cut: int = 0


def missing_peers() -> dict[str, str]:
    """Give the peers that are not installed, and the module each wants."""
    tops = {name: module.partition(".")[0] for name, (module, _) in PEERS.items()}
    return {name: top for name, top in tops.items() if importlib.util.find_spec(top) is None}


def load_peers() -> None:
    """Import what peers need, once, so that no run pays for it; OR-tools first, which fails after HiGHS of its own."""
    for module in sorted({module for module, _ in PEERS.values()}, key=lambda name: name != "k_means_constrained"):
        if importlib.util.find_spec(module.partition(".")[0]) is not None:
            importlib.import_module(module)


def solver_of(instance: Instance, peer: str) -> Solver:
    """Give a function from seed to labels that runs a peer on every part of an instance."""
    tasks, call = parts_of(instance), PEERS[peer][1]

    def solve(seed: int) -> NDArray[np.int64]:
        label = np.full(instance.graph.size, -1, np.int64)
        offset = 0
        for task in tasks:
            label[task.units] = offset + (call(task, seed) if task.cells > 1 else 0)
            offset += task.cells
        return label

    return solve


def run(instance: Instance, solve: Solver, *, budget_s: float, runs: int | None = None) -> Result:
    """Run a partitioner with new seeds until `runs` are done, or the budget is spent; keep the most even valid answer.

    The first run always counts, however long it takes, up to a limit.
    """
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    limit = 0.5 + _PATIENCE * budget_s
    child = context.Process(target=_child, args=(instance, solve, (budget_s, limit), runs, answers))
    child.start()
    best, count, seconds, fault = None, 0, 0.0, ""
    while True:
        try:
            kind, value, seconds = answers.get(timeout=0.2)
        except Empty:
            if child.is_alive():
                continue
            fault = fault or ("" if count else f"no answer in {limit:.1f} s")
            break
        if kind == "end":
            fault = value
            break
        count += 1
        best = value or best
    child.join()
    if best is None:
        return Result(None, count, seconds, fault)
    reached, label = best
    cuts = (cut(things, instance.faces, label) for things in (instance.buildings, instance.hamlets))
    return Result(reached, count, seconds, fault, *cuts)


def _rank(reached: Reached) -> tuple[bool, float]:
    return not reached.valid, reached.deviation_share


def _child(
    instance: Instance,
    solve: Solver,
    seconds: tuple[float, float],
    runs: int | None,
    answers: multiprocessing.Queue,
) -> None:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    warnings.simplefilter("ignore")
    (budget_s, limit), start = seconds, time.process_time()
    most = int(start + limit) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    fault, seed, best = "", 0, None
    while seed < (runs or 10**6) and (seed == 0 or runs or time.process_time() - start < budget_s):
        try:
            label = solve(seed)
        except Exception as error:  # noqa: BLE001 -- whatever a peer raises is its answer
            fault = f"{type(error).__name__}: {error}"[:80]
            break
        used = time.process_time() - start
        reached = measure(instance.graph, label, instance.cells)
        better = best is None or _rank(reached) < _rank(best)
        best = reached if better else best
        answers.put(("run", (reached, label) if better else None, used))
        seed += 1
    answers.put(("end", fault, time.process_time() - start))
