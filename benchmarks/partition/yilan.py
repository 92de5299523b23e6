"""All real village outlines of a county, each divided once by ours and by every peer that answers quickly."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.partition.instances import outline_instance, outlines
from benchmarks.partition.ours import raced
from benchmarks.partition.pool import ready, spread
from benchmarks.partition.race import missing_peers, run, solver_of
from benchmarks.partition.table import EVEN, RIVAL, TOLERANT, Lap, beside_peers, by_partitioner
from spatial.planning.cells import compactness

if TYPE_CHECKING:
    from collections.abc import Iterator

    import shapely

__all__ = ["table"]

_CELLS = (4, 6, 8, 10, 12)
_PER_CELL = 40  # blocks, about
_ONCE = {"k-means-constrained", "spopt Skater"}  # one run takes most of the budget
_PEERS = ("METIS", "KaHIP eco", "KaHIP strong", "gerrychain", "spopt Skater", "k-means-constrained")


def table() -> Iterator[str]:
    """Yield the lines of the table; one line where the outlines are not at hand."""
    frame = outlines()
    if frame is None:
        yield "\n**All villages of Yilan did not run: ../shared/data/tw/yilan_villages.geojson is not there.**"
        return
    ready()
    peers = [name for name in _PEERS if name not in missing_peers()]
    with spread() as pool:
        jobs = enumerate(zip(frame["VILLCODE"].astype(str), frame.geometry, strict=True))
        laps = list(pool.map(partial(_lap, peers=peers), jobs, chunksize=4))
    shape = compactness(frame.geometry.to_numpy()).mean()
    yield f"### All {len(laps)} villages of Yilan\n"
    yield (
        f"Real outlines (the largest part of each), blocks and homes synthetic, {_CELLS[0]} to {_CELLS[-1]} cells, "
        f"about {_PER_CELL} blocks to a cell. The outlines themselves have a mean compactness of {shape:.3f}. Peers "
        "get the same CPU seconds as above; k-means-constrained and spopt Skater run once.\n"
    )
    yield from by_partitioner(laps)
    for ours in (TOLERANT, EVEN):
        yield ""
        yield from beside_peers(laps, ours)


def _lap(job: tuple[int, tuple[str, shapely.Polygon]], peers: list[str]) -> Lap:
    number, (code, outline) = job
    cells = _CELLS[number % len(_CELLS)]
    instance = outline_instance(code, outline, cells, _PER_CELL * cells, 900 + number)
    results, budget = raced(instance)
    for name in peers:
        solve = solver_of(instance, name)
        if name == "METIS":
            results[RIVAL] = run(instance, solve, budget_s=budget, runs=20)
        else:
            results[name] = run(instance, solve, budget_s=budget, runs=1 if name in _ONCE else None)
    return Lap(instance, budget, results)
