"""The tables of the race: a line per partitioner, a line per instance, and what was asked beside what was reached."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2
from scipy.spatial import KDTree

from benchmarks.partition.ours import least_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.partition.instances import Instance
    from benchmarks.partition.race import Result

__all__ = ["Lap", "bars", "beside_peers", "by_instance", "by_partitioner", "claims", "drawn_by_hand", "proof"]

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
        return self.instance.kind not in {"outline", "real", "hamlets"}


def by_partitioner(laps: Sequence[Lap]) -> Iterator[str]:
    """Give one line per partitioner: answers, and means over its valid answers."""
    yield (
        "| partitioner | valid | deviation: mean / worst | compactness: mean / worst cell | along barriers "
        "| buildings cut | hamlets cut | CPU s |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for name in laps[0].results:
        all_ = [lap.results[name] for lap in laps]
        good = [result.reached for result in all_ if result.reached is not None and result.reached.valid]
        if not good:
            yield f"| {name} | 0 of {len(all_)} | | | | | | |"
            continue
        off = [reached.deviation_share for reached in good]
        shape = np.mean([reached.compactness for reached in good])
        worst = min(reached.worst_compactness for reached in good)
        along = np.mean([reached.barrier_share for reached in good])
        seconds = np.mean([result.seconds for result in all_])
        houses, hamlets = sum(result.buildings_cut for result in all_), sum(result.hamlets_cut for result in all_)
        yield (
            f"| {name} | {len(good)} of {len(all_)} | {np.mean(off):.2%} / {max(off):.1%} | {shape:.3f} / {worst:.3f} "
            f"| {along:.3f} | {houses} | {hamlets} | {seconds:.2f} |"
        )


def drawn_by_hand(laps: Sequence[Lap]) -> str:
    """Say how many footprints and hamlets straight borders between centres of homes cut, which know no blocks."""
    cuts, all_ = [0, 0], [0, 0]
    for lap in laps:
        instance = lap.instance
        where = np.repeat(instance.homes, instance.households, axis=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a centre that lost its homes stays where it is
            centres = KDTree(kmeans2(where, instance.cells, iter=20, minit="++", seed=0)[0])
        for place, things in enumerate((instance.buildings, instance.hamlets)):
            xy, thing = shapely.get_coordinates(things, return_index=True)
            nearest = centres.query(xy)[1]
            first = nearest[np.searchsorted(thing, np.arange(len(things)))][thing]
            cuts[place] += len(np.unique(thing[nearest != first]))
            all_[place] += len(things)
    return (
        f"All of them work on blocks that cut none of {all_[0]:,} footprints and {all_[1]:,} hamlets. Cells drawn "
        f"without blocks (all to the nearest centre of k-means) cut {cuts[0]:,} footprints and {cuts[1]:,} hamlets."
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
    for what, name in (("building", "buildings"), ("hamlet, where there are more hamlets than cells", "hamlets")):
        held = [lap for lap in laps if len(getattr(lap.instance, name)) > lap.instance.cells]
        ways = (EVEN, TOLERANT, ALONG)
        through = [lap.instance.name for lap in held if any(getattr(lap.results[way], f"{name}_cut") for way in ways)]
        yield _claim(f"no cell cuts a {what}", held, through)
    many = [lap for lap in laps if lap.instance.blocks_per_cell >= 50]
    far = [lap.instance.name for lap in many if _off(lap) > max(1.0, least_off(lap.instance)) + 1e-9]
    yield _claim("within one household, or at the provable bound, with 50 blocks per cell and more", many, far)
    some = [lap for lap in laps if 20 <= lap.instance.blocks_per_cell < 50 and lap.instance.name in long]
    far = [lap.instance.name for lap in some if _off(lap) > long[lap.instance.name] + 0.5]
    yield _claim("no worse than the stored long search with 20 to 50", some, far)
    few = [lap for lap in laps if 10 <= lap.instance.blocks_per_cell < 20]
    far = [lap.instance.name for lap in few if lap.results[EVEN].reached.deviation_share > 0.08]
    yield _claim("8 % at most with 10 to 20", few, far)
    worse = [lap.instance.name for lap in laps if _worse(lap, RIVAL)]
    yield _claim(f"no worse than {RIVAL} (asked: on 95 %)", laps, worse)
    for name in laps[0].results:
        if name not in {EVEN, TOLERANT, ALONG, RIVAL}:
            yield _claim(f"no worse than {name} in the same CPU time", laps, [
                lap.instance.name for lap in laps if _worse(lap, name)
            ])  # fmt: skip


def bars(laps: Sequence[Lap]) -> Iterator[str]:
    """Give the lines of what was asked of the shapes of synthetic villages."""
    for name, asked in ((TOLERANT, (("mean", 0.60), ("worst", 0.25))), (ALONG, (("barriers", 0.45), ("mean", 0.58)))):
        good = [lap.results[name].reached for lap in laps if _valid(lap, name)]
        reached = {
            "mean": float(np.mean([one.compactness for one in good])),
            "worst": min(one.worst_compactness for one in good),
            "barriers": float(np.mean([one.barrier_share for one in good])),
        }
        words = {"mean": "mean compactness", "worst": "worst cell's compactness", "barriers": "borders along barriers"}
        for key, least in asked:
            failed = "" if reached[key] >= least else "the mean" if key != "worst" else "the worst"
            yield f"| {name}, synthetic: {words[key]} ≥ {least:.2f} | {reached[key]:.3f} | {failed} |"


def beside_peers(laps: Sequence[Lap], ours: str) -> Iterator[str]:
    """Give one line per peer: on how many instances ours is better, and what the means are on those both solved."""
    yield f"| {ours} beside | both valid | more compact | mean compactness | more even | mean deviation |"
    yield "|---|---|---|---|---|---|"
    for name in laps[0].results:
        if name in {EVEN, TOLERANT, ALONG}:
            continue
        both = [
            (lap.results[ours].reached, lap.results[name].reached)
            for lap in laps
            if _valid(lap, name) and _valid(lap, ours)
        ]
        if not both:
            yield f"| {name} | 0 of {len(laps)} | | | | |"
            continue
        shape = np.array([[one.compactness for one in pair] for pair in both])
        off = np.array([[one.deviation_share for one in pair] for pair in both])
        yield (
            f"| {name} | {len(both)} of {len(laps)} | {(shape[:, 0] > shape[:, 1]).sum()} "
            f"| {shape[:, 0].mean():.3f} : {shape[:, 1].mean():.3f} | {(off[:, 0] < off[:, 1]).sum()} "
            f"| {off[:, 0].mean():.2%} : {off[:, 1].mean():.2%} |"
        )


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
