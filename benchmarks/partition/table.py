"""The tables of the race: a line per partitioner, a line per instance, and what was asked beside what was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.partition.instances import Instance
    from benchmarks.partition.race import Result

__all__ = ["Lap", "by_instance", "by_partitioner", "claims", "proof"]

EVEN, TOLERANT, ALONG = "ours, even", "ours, 3 %", "ours, 3 %, barriers"
RIVAL = "METIS best of 20"


@dataclass(frozen=True)
class Lap:
    """All results on one instance."""

    instance: Instance
    budget_s: float
    results: Mapping[str, Result]

    @property
    def synthetic(self) -> bool:
        """Whether nothing of the instance is real."""
        return self.instance.kind not in {"outline", "real"}


def by_partitioner(laps: Sequence[Lap]) -> Iterator[str]:
    """Give one line per partitioner: answers, and means over its valid answers."""
    yield "| partitioner | valid | deviation: mean / worst | compactness: mean / worst cell | along barriers | CPU s |"
    yield "|---|---|---|---|---|---|"
    for name in laps[0].results:
        all_ = [lap.results[name] for lap in laps]
        good = [result.reached for result in all_ if result.reached is not None and result.reached.valid]
        if not good:
            yield f"| {name} | 0 of {len(all_)} | | | | |"
            continue
        off = [reached.deviation_share for reached in good]
        shape = np.mean([reached.compactness for reached in good])
        worst = min(reached.worst_compactness for reached in good)
        along = np.mean([reached.barrier_share for reached in good])
        seconds = np.mean([result.seconds for result in all_])
        yield (
            f"| {name} | {len(good)} of {len(all_)} | {np.mean(off):.2%} / {max(off):.1%} | {shape:.3f} / {worst:.3f} "
            f"| {along:.3f} | {seconds:.2f} |"
        )


def by_instance(laps: Sequence[Lap]) -> Iterator[str]:
    """Give one line per instance: the largest deviation each partitioner reached; ✗ where the answer is not valid."""
    names = [name for name in laps[0].results if name not in {TOLERANT, ALONG}]
    yield f"| instance | blocks | cells | budget s | {' | '.join(names)} |"
    yield "|---" * (len(names) + 4) + "|"
    for lap in laps:
        cells = [_deviation(lap.results[name]) for name in names]
        head = f"| {lap.instance.name} | {lap.instance.graph.size} | {lap.instance.cells} | {lap.budget_s:.1f}"
        yield f"{head} | {' | '.join(cells)} |"


def _deviation(result: Result) -> str:
    if result.reached is None:
        return "–"
    return f"{result.reached.deviation_share:.2%}{'' if result.reached.valid else ' ✗'}"


def claims(laps: Sequence[Lap], long: Mapping[str, float]) -> Iterator[str]:
    """Give one line per thing asked: what was reached, and the instances where it was not."""
    yield "| asked | reached | not reached on |"
    yield "|---|---|---|"
    broken = [lap.instance.name for lap in laps if not all(_valid(lap, name) for name in (EVEN, TOLERANT, ALONG))]
    yield _claim("one piece, exact count, every block once", laps, broken)
    many = [lap for lap in laps if lap.instance.blocks_per_cell >= 50]
    far = [lap.instance.name for lap in many if _off(lap) > 1.0 + 1e-9]
    yield _claim("within one household with 50 blocks per cell and more", many, far)
    some = [lap for lap in laps if 20 <= lap.instance.blocks_per_cell < 50 and lap.instance.name in long]
    far = [lap.instance.name for lap in some if _off(lap) > long[lap.instance.name] + 0.5]
    yield _claim("no worse than the stored long search with 20 to 50", some, far)
    few = [lap for lap in laps if 10 <= lap.instance.blocks_per_cell < 20]
    far = [lap.instance.name for lap in few if lap.results[EVEN].reached.deviation_share > 0.08]
    yield _claim("8 % at most with 10 to 20", few, far)
    worse = [lap.instance.name for lap in laps if _worse(lap, RIVAL)]
    yield _claim(f"no worse than {RIVAL}", laps, worse)
    for name in laps[0].results:
        if name not in {EVEN, TOLERANT, ALONG, RIVAL}:
            yield _claim(f"no worse than {name} in the same CPU time", laps, [
                lap.instance.name for lap in laps if _worse(lap, name)
            ])  # fmt: skip


def proof(laps: Sequence[Lap], optimum: float) -> Iterator[str]:
    """Give the line of the precincts whose plans are all known."""
    for lap in laps:
        if lap.instance.name == "fl25":
            reached = lap.results[EVEN].reached.deviation_share
            failed = "" if reached <= optimum + 1e-9 else f"{reached:.4%}"
            yield f"| fl25: the best of all 117,688 plans, {optimum:.4%} | {reached:.4%} | {failed} |"


def _claim(what: str, laps: Sequence[Lap], failed: list[str]) -> str:
    return f"| {what} | {len(laps) - len(failed)} of {len(laps)} | {', '.join(failed)} |"


def _valid(lap: Lap, name: str) -> bool:
    reached = lap.results[name].reached
    return reached is not None and reached.valid


def _off(lap: Lap) -> float:
    reached = lap.results[EVEN].reached
    return float("inf") if reached is None else reached.off_households


def _worse(lap: Lap, name: str) -> bool:
    """Tell whether another partitioner is more even, by half a household and more."""
    return _valid(lap, name) and _off(lap) > lap.results[name].reached.off_households + 0.5
