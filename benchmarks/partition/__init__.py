"""Villages divided into cells, side by side with METIS, KaHIP, gerrychain, spopt and k-means-constrained."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.partition import fresh, split, yilan
from benchmarks.partition.instances import fl25_optimum, instances
from benchmarks.partition.ours import raced, references
from benchmarks.partition.peers import PACKAGES, PEERS
from benchmarks.partition.pool import ready, spread
from benchmarks.partition.race import missing_peers, run, solver_of
from benchmarks.partition.table import (
    RIVAL,
    Lap,
    bars,
    by_instance,
    by_partitioner,
    claims,
    drawn_by_hand,
    proof,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.partition.instances import Instance

__all__ = ["TABLES", "section"]

TABLES: tuple[Callable[[], Iterator[str]], ...] = (fresh.table, yilan.table, split.table)
"""Further tables, each with its heading; every one makes its own instances and runs what it needs."""

_HEAD = """\
## 网格划分 · Cells

Largest deviation is the largest difference of a cell from the mean of its village; compactness is Polsby-Popper, its
mean over cells and the worst cell of all instances; "along barriers" is the share of borders between cells on roads
and rivers. All partitioners get the same CPU seconds on an instance: 0.2 s and 1 s more per 1,200 blocks, or what ours
took where that is more. Peers start again with new seeds until these are used up and keep their most even valid answer
(METIS best of 20 is 20 runs, which take less). Ours runs once and stops by counts: 8 starts within 3 %, to be even 4,
as many as a plan has (of 500 blocks on, to be even, 2 where these reach what is asked; in plans of 250), and levels
loads that are not even yet up to seven times as long as a plan does. Peers get villages with parts (rivers, exclaves)
part by part, with shares of cells by households. An answer is valid with the exact count of cells, none empty, each in
one piece. Buildings and hamlets cut are counted on the cells themselves, against every footprint. Two instances run at
a time, each on one processor."""
_COUNTS = """\
"no worse" compares the largest deviation of "ours, even", and half a household is a tie. The long search is our own,
with about ten times the effort; what it reached is stored with the instances."""


def section() -> Iterator[str]:
    """Yield the lines of the partition's section of the page of figures."""
    absent = missing_peers()
    ready()
    with spread() as pool:
        laps = list(pool.map(partial(_lap, peers=[name for name in PEERS if name not in absent]), instances()))
    yield _HEAD
    for name, module in absent.items():
        yield f"\n**{name} did not run: {module} is not installed (`pip install {PACKAGES[module]}`).**"
    synthetic = [lap for lap in laps if lap.synthetic]
    for title, some in (
        ("synthetic villages", synthetic),
        ("villages of many hamlets, blocks made by the block builder", _of_kind(laps, "hamlets")),
        ("villages with real outlines (Yilan), synthetic blocks", _of_kind(laps, "outline")),
    ):
        if some:
            yield f"\n### {len(some)} {title}\n"
            yield from by_partitioner(some)
            yield f"\n{drawn_by_hand(some)}"
    yield f"\n### What was asked, on all {len(laps)} instances\n"
    yield _COUNTS + "\n"
    yield from claims(laps, references())
    yield from bars(synthetic)
    optimum = fl25_optimum()
    if optimum is not None:
        yield from proof(laps, optimum)
    for table in TABLES:
        yield ""
        yield from table()
    yield "\n### Largest deviation by instance (✗ not valid, – no answer in time)\n"
    yield from by_instance(laps)


def _of_kind(laps: list[Lap], kind: str) -> list[Lap]:
    return [lap for lap in laps if lap.instance.kind == kind]


def _lap(instance: Instance, peers: list[str]) -> Lap:
    results, budget = raced(instance)
    for name in peers:
        if name == "METIS":
            results[RIVAL] = run(instance, solver_of(instance, name), budget_s=budget, runs=20)
        results[name] = run(instance, solver_of(instance, name), budget_s=budget)
    sys.stderr.write(f"{instance.name}\n")
    return Lap(instance, budget, results)
