"""Villages of seeds that nothing was ever tuned on: the same families, the same measures, beside METIS best of 20."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.partition.instances import SYNTHETIC, synthetic
from benchmarks.partition.ours import least_off, raced
from benchmarks.partition.pool import ready, spread
from benchmarks.partition.race import missing_peers, run, solver_of
from benchmarks.partition.table import EVEN, RIVAL, Lap, bars, by_partitioner

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FIRST_SEED", "table"]

FIRST_SEED = 101
"""Seeds from here on are not looked at while the search is worked on."""
_LARGE = 1200
"""Families with so many blocks get one village, the others two."""


def table() -> Iterator[str]:
    """Yield the lines of the table."""
    jobs = [
        (kind, blocks, cells, households, FIRST_SEED + turn)
        for kind, blocks, cells, households, _ in SYNTHETIC
        for turn in range(1 if blocks >= _LARGE else 2)
    ]
    ready()
    with spread() as pool:
        laps = list(pool.map(partial(_lap, rival="METIS" not in missing_peers()), jobs))
    yield f"### {len(laps)} villages of fresh seeds, never tuned on\n"
    yield (
        f"The families above with seeds from {FIRST_SEED} on. A largest deviation is at its bound where no plan with "
        "whole households and the same cells in each part (river, exclave) has a smaller one.\n"
    )
    yield from by_partitioner(laps)
    yield "\n| asked, fresh seeds | reached | not reached on |"
    yield "|---|---|---|"
    for what, some, far in _asked(laps):
        yield f"| {what} | {len(some) - len(far)} of {len(some)} | {', '.join(far)} |"
    yield from bars(laps)


def _lap(job: tuple[str, int, int, int, int], *, rival: bool) -> Lap:
    instance = synthetic(*job)
    results, budget = raced(instance)
    if rival:
        results[RIVAL] = run(instance, solver_of(instance, "METIS"), budget_s=budget, runs=20)
    return Lap(instance, budget, results)


def _asked(laps: list[Lap]) -> Iterator[tuple[str, list[Lap], list[str]]]:
    """Say what is asked, of which villages, and on which it was not reached."""
    off = {lap.instance.name: _off(lap, EVEN) for lap in laps}
    least = {lap.instance.name: least_off(lap.instance) for lap in laps}
    sizes = (("50 blocks per cell and more", 50.0, np.inf), ("20 to 50", 20.0, 50.0), ("10 to 20", 10.0, 20.0))
    for words, low, high in sizes:
        some = [lap for lap in laps if low <= lap.instance.blocks_per_cell < high]
        for claim, spare in (("at the bound", 0.0), ("within one household, or at the bound", 1.0)):
            far = [name for name in (lap.instance.name for lap in some) if off[name] > max(least[name], spare) + 1e-6]
            yield f"{claim} with {words}", some, far
    some = [lap for lap in laps if RIVAL in lap.results]
    worse = [lap.instance.name for lap in some if off[lap.instance.name] > _off(lap, RIVAL) + 0.5]
    yield f"no worse than {RIVAL}", some, worse


def _off(lap: Lap, name: str) -> float:
    reached = lap.results[name].reached
    return float("inf") if reached is None or not reached.valid else reached.off_households
