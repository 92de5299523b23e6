"""Our own search in three ways of use: as even as can be, within 3 %, and within 3 % with borders along barriers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.partition.instances import instances
from benchmarks.partition.measures import measure
from benchmarks.partition.race import run
from spatial.planning.partition import Effort, Weights, divide_village
from spatial.planning.partition.parts import part_village

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.partition.instances import Instance
    from benchmarks.partition.race import Result

__all__ = ["OURS", "REFERENCE", "STARTS", "least_off", "raced", "references", "solver", "write_references"]

REFERENCE = Path(__file__).with_name("reference.csv")
_LONG = Effort(starts=12, steps_per_unit=1600, pairs_per_cell=800, again=6, visits_per_cell=200, nodes=2_000_000)

OURS: dict[str, tuple[float, Weights]] = {
    "ours, even": (0.0, Weights()),
    "ours, 3 %": (0.03, Weights()),
    "ours, 3 %, barriers": (0.03, Weights(barriers=2.0)),
}
"""Name → tolerance and weights."""
STARTS = 8
"""Searches where a tolerance is given, which take less, of large graphs, too: as many as peers' CPU seconds allow."""
_PATIENCE = 10
"""Ours stops by counts; an answer is given up after about so many budgets."""
_RACE, _EVEN = Effort(starts=STARTS, large=10**9), Effort(visits_per_cell=200)


def solver(instance: Instance, name: str, effort: Effort | None = None) -> Callable[[int], NDArray[np.int64]]:
    """Give a function from seed to labels."""
    tolerance, weights = OURS[name]
    effort = effort or (_EVEN if tolerance == 0 else _RACE)

    def solve(seed: int) -> NDArray[np.int64]:
        return divide_village(
            instance.graph, instance.cells, village_code=instance.name, geometry=instance.faces, seed=seed,
            tolerance=tolerance, weights=weights, effort=effort,
        ).label  # fmt: skip

    return solve


def raced(instance: Instance) -> tuple[dict[str, Result], float]:
    """Run each way of use once; gives the results, and the CPU seconds of every peer: no less than ours took."""
    budget = 0.2 + instance.graph.size / 1200
    results = {name: run(instance, solver(instance, name), budget_s=_PATIENCE * budget, runs=1) for name in OURS}
    return results, max(budget, *(result.seconds for result in results.values()))


def least_off(instance: Instance) -> float:
    """Give a bound that no plan beats: some cell holds the whole number below its part's mean, or the one above it.

    Parts that nothing joins have their cells by households, as `divide_village` shares them out. Without rounding where
    households are no whole numbers.
    """
    graph, least = instance.graph, 0.0
    parts = part_village(graph, instance.cells, geometry=instance.faces)
    mean = float(graph.weight.sum()) / instance.cells
    whole = bool((graph.weight == np.floor(graph.weight)).all())
    for part, cells in enumerate(parts.cells):
        own = float(parts.graph.weight[parts.part == part].sum()) / cells
        low, high = (np.floor(own), np.ceil(own)) if whole else (own, own)
        least = max(least, mean - low, high - mean)
    return float(least)


def references() -> dict[str, float]:
    """Give the stored figures of the long search, in households off the mean, by instance."""
    with REFERENCE.open(encoding="utf-8") as lines:
        return {row["instance"]: float(row["off_households"]) for row in csv.DictReader(lines)}


def write_references(least: float = 20.0, most: float = 50.0) -> None:
    """Search long for the most even partition of instances with so many blocks per cell, and store the figures.

    Where a search of the usual length reaches the bound already, a long one could do no better and is left out.
    """
    rows = []
    for instance in instances():
        if least <= instance.blocks_per_cell < most:
            off, least = np.inf, least_off(instance)
            for effort in (None, _LONG):
                if off > least + 1e-6:
                    label = solver(instance, "ours, even", effort)(1)
                    off = min(off, measure(instance.graph, label, instance.cells).off_households)
            rows.append((instance.name, f"{off:.3f}"))
            print(*rows[-1], flush=True)
    with REFERENCE.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("instance", "off_households"), *rows])


if __name__ == "__main__":
    write_references()
