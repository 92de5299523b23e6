"""Whole plans: the sample county, 314 villages with some 190,000 blocks, edits by hand, contacts; no peer does these.

Each county is planned in a process of its own, so that its peak of memory is its own; kernels are warm. Reading
and storing are not in it. `blocks` is what making blocks and measuring their borders takes of the CPU seconds.
"""

from __future__ import annotations

import dataclasses
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.wide_county import wide_county
from data.boundaries import county
from spatial.crs import MetreDoor, measuring_crs
from spatial.errors import InfeasibleError
from spatial.people import assign_contacts
from spatial.planning import PlanOptions, plan, plan_cells, tasks
from spatial.planning.edits import PlanState, merge, move_blocks, move_border, rebalance, split_by_line
from spatial.sample import sample_county

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LAYERS = ("villages", "homes", "buildings", "barriers", "hamlets")


def section() -> Iterator[str]:
    """Yield the section of the page."""
    yield "## plan"
    yield "CPU seconds are of all threads; seconds on the clock depend on what else the machine does."
    yield ""
    yield "| county | villages | blocks | cells | clock (s) | CPU (s) | for blocks (s) | a village (s) | peak (MB) |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name in ("panshan", "wide"):
        told = _apart(_county, name)
        yield (
            f"| {name} | {told['villages']} | {told['blocks']:,} | {told['cells']} | {told['clock']:.1f} "
            f"| {told['cpu']:.1f} | {told['for_blocks']:.1f} | {told['for_blocks'] / told['villages']:.3f} "
            f"| {told['peak_mb']:.0f} |"
        )
        yield f"<!-- {name}: {told['figures']} -->"
    yield ""
    yield "| one village of about 600 blocks | CPU (ms), mean | worst of | worst (ms) |"
    yield "|---|---|---|---|"
    for name, taken in _apart(_edits, 8).items():
        yield f"| {name} | {1000 * np.mean(taken):.0f} | {len(taken)} | {1000 * max(taken):.0f} |"
    yield ""
    yield "| contacts: 50,000 households × 170 members | CPU (s) | clock (s) | mean (m) | gap to the bound (m) |"
    yield "|---|---|---|---|---|"
    for limit, told in _apart(_contacts, (300, 295, 10)).items():
        yield f"| at most {limit} each | {told[0]:.2f} | {told[1]:.2f} | {told[2]:.1f} | {told[3]:.2f} |"


def _apart(work: Callable[[Any], Any], given: Any) -> Any:
    """Run in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, given).result()


def _county(name: str) -> dict[str, Any]:
    plan_cells(**wide_county(2, homes=120, columns=2), options=PlanOptions(cells=6))  # loads what was compiled
    if name == "wide":
        frames = wide_county(314, homes=580)
        cells = 314 * 22
    else:
        shipped = county(name)
        west, south, east, north = shipped.outline.total_bounds
        door = MetreDoor(measuring_crs((west + east) / 2, (south + north) / 2))
        frames = sample_county(
            door.forward(shipped.outline), shipped.towns, shipped.villages, households=shipped.households,
            cells=shipped.cells, cameras=10, seed=0,
        ).frames  # fmt: skip
        cells = shipped.cells
    taken = [0.0]
    for module, function in ((plan, "_stock"), (tasks, "shared_borders")):
        _timed(module, function, taken)
    start, clock = time.process_time(), time.perf_counter()
    made = plan_cells(
        **{layer: frames[layer] for layer in _LAYERS if layer in frames}, options=PlanOptions(cells=cells)
    )
    cpu, clock = time.process_time() - start, time.perf_counter() - clock
    shown = ("max_deviation_share", "mean_compactness", "min_compactness", "barrier_share", "contiguous",
             "exact_tiling", "buildings_cut", "hamlets_cut")  # fmt: skip
    return {
        "villages": len(made.villages), "blocks": len(made.blocks), "cells": made.figures["cells"], "cpu": cpu,
        "clock": clock, "for_blocks": taken[0], "figures": {key: made.figures[key] for key in shown},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def _timed(module: Any, name: str, taken: list[float]) -> None:
    """Add what a function of a module takes to a figure."""
    work = getattr(module, name)

    def timed(*given: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return work(*given, **named)
        finally:
            taken[0] += time.process_time() - start

    setattr(module, name, timed)


def _edits(turns: int) -> dict[str, list[float]]:
    """Make every kind of edit of a village several times; the first, which loads kernels, is not counted."""
    frames = wide_county(2, homes=540, columns=2, seed=3)
    made = plan_cells(**frames, options=PlanOptions(cells=44))
    state = _state(made, frames, made.villages["village_code"].iloc[0])
    rng = np.random.default_rng(0)
    taken: dict[str, list[float]] = {}
    for _ in range(turns + 1):
        for name, edit in _wishes(state, rng).items():
            start = time.process_time()
            try:
                edit()
            except InfeasibleError:
                continue
            taken.setdefault(name, []).append(time.process_time() - start)
    return {f"{name} ({len(state.blocks)} blocks)": found[1:] for name, found in taken.items() if len(found) > 1}


def _state(made: Any, frames: dict[str, gpd.GeoDataFrame], code: str) -> PlanState:
    blocks = made.blocks[made.blocks["village_code"] == code].reset_index(drop=True)
    links = made.plan_blocks[made.plan_blocks["block_id"].isin(blocks["block_id"])].reset_index(drop=True)
    cells = made.cells[made.cells["village_code"] == code].reset_index(drop=True)
    around = {name: frames[name] for name in ("barriers", "buildings", "homes")}
    return PlanState(blocks, links, cells, **around)


def _wishes(state: PlanState, rng: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """Give one edit of each kind at a place drawn at random."""
    cells = state.cells.set_index("cell_code").geometry
    code = str(rng.choice(cells.index.to_numpy(dtype=str)))
    beside = cells.index[shapely.dwithin(cells.to_numpy(), cells[code], 0.01)].drop(code)
    other = str(beside[0])
    middle = shapely.get_coordinates(shapely.centroid(cells[code]))[0]
    turn = rng.uniform(0, np.pi)
    line = shapely.LineString(middle + 400 * np.array([[-np.cos(turn), -np.sin(turn)], [np.cos(turn), np.sin(turn)]]))
    border = shapely.intersection(cells[code], cells[other])
    away = shapely.get_coordinates(shapely.centroid(cells[other]))[0] - middle
    arc = shapely.transform(shapely.get_parts(shapely.line_merge(border))[0], lambda xy: xy + 0.3 * away)
    linked = state.plan_blocks.merge(state.blocks[["block_id", "geometry"]], on="block_id")
    near = linked[(linked["cell_code"] == other).to_numpy() & shapely.dwithin(
        gpd.GeoSeries(linked["geometry"]).to_numpy(), cells[code], 0.01
    )]  # fmt: skip
    tilted = _tilted(state, near["block_id"].tolist()[:1], code)
    return {
        "move a block": lambda: move_blocks(state, near["block_id"].tolist()[:1], to_cell=code),
        "split by a line": lambda: split_by_line(state, code, line=line),
        "split by a line that cuts blocks": lambda: split_by_line(state, code, line=line, cut_blocks=True),
        "merge": lambda: merge(state, code, other),
        "drag a border": lambda: move_border(state, code, other, line=arc),
        "even out all cells": lambda: rebalance(tilted, list(cells.index), tolerance=0.03),
    }


def _tilted(state: PlanState, blocks: list[str], code: str) -> PlanState:
    """Move a block, so that there is something to even out."""
    try:
        edit = move_blocks(state, blocks, to_cell=code)
    except InfeasibleError:
        return state
    kept = state.plan_blocks[~state.plan_blocks["block_id"].isin(blocks)]
    links = pd.concat([kept, edit.after], ignore_index=True)
    return dataclasses.replace(state, plan_blocks=links, cells=edit.cells)


def _contacts(limits: tuple[int, ...]) -> dict[int, tuple[float, float, float, float]]:
    """Give CPU and clock seconds, the mean distance and the gap to the proven bound, by households per person."""
    _contacts_of(800, 6, 20)
    return {limit: _contacts_of(50_000, 170, limit) for limit in limits}


def _contacts_of(count: int, people: int, limit: int) -> tuple[float, float, float, float]:
    rng = np.random.default_rng(0)
    centres = rng.uniform(0, 8000, (60, 2)) + np.array([500_000, 4_500_000])
    homes = centres[rng.integers(0, 60, count)] + rng.normal(0, 250, (count, 2))
    spots = centres[rng.integers(0, 60, people)] + rng.normal(0, 300, (people, 2))
    names = [f"{i:06d}" for i in range(count)]
    frames = [
        gpd.GeoDataFrame({"home_id": names, "households": 1}, geometry=shapely.points(homes), crs="EPSG:4550"),
        gpd.GeoDataFrame(
            {"member_id": names[:people], "kind": "party"}, geometry=shapely.points(spots), crs="EPSG:4550"
        ),
        gpd.GeoDataFrame(
            {"cell_code": ["211122101200001"], "kind": "basic"},
            geometry=[shapely.box(490_000, 4_490_000, 520_000, 4_520_000)], crs="EPSG:4550",
        ),
    ]  # fmt: skip
    start, clock = time.process_time(), time.perf_counter()
    figures = assign_contacts(*frames, limit=limit).figures
    taken = time.process_time() - start, time.perf_counter() - clock
    return *taken, figures["distance_m_mean"], abs(figures["distance_gap_m"])
