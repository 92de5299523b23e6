"""Cells brought within the tolerance by moving as few people as it takes."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.arrays import equals
from spatial.errors import InfeasibleError
from spatial.kernels import kernel
from spatial.planning.blocks.borders import read_barriers, shared_borders
from spatial.planning.edits.edited import edited, known, linked, unlocked
from spatial.planning.edits.hamlets import joined_by_hamlets, united
from spatial.planning.partition import make_graph
from spatial.planning.partition.moves import draw, fits, new_room
from spatial.planning.partition.net import OPEN
from spatial.sums import summed

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatial.planning.edits.edited import Codes
    from spatial.planning.edits.state import Edit, PlanState
    from spatial.planning.types import Floats, Integers

__all__ = ["rebalance"]

_STEPS = 60
"""Proposals per block and run."""
_HEATS = (0.3, 3.0, 1.0, 0.3)
"""Temperature that each run starts at: gentle ones move less, hot ones get out of corners."""
_FORCE, _CUT, _LAND = 50.0, 0.02, 0.1
"""Weights of what lies beyond the tolerance, border length and land moved against people moved, in mean cells."""


def rebalance(
    state: PlanState,
    selection: Collection[str],
    *,
    keep: float | None = None,
    tolerance: float | None = None,
    start_date: str = "",
) -> Edit:
    """Move as few households as bring the selected cells within the tolerance of their village's mean.

    Only blocks of selected cells change, and only among these; locked cells stay as they are, and hamlets
    that are whole stay whole, as in planning. Where the
    selection as a whole weighs too much or too little for the village's mean, its cells are evened out among
    themselves. `keep` is the share of their load that must stay: where the tolerance cannot be reached so, the
    best that can comes with a problem for each cell over it.

    Raises `InfeasibleError` for fewer than two unlocked cells, and where there is nothing to gain.
    """
    known(state, selection)
    slack = state.tolerance if tolerance is None else tolerance
    shut = state.cells.loc[state.cells["locked"].fillna(value=False).astype(bool), "cell_code"]
    kinds = state.cells.set_index("cell_code")["kind"]
    chosen = sorted(code for code in set(selection) - set(shut) if kinds[code] == "basic")
    if len(chosen) < 2:
        raise InfeasibleError(
            "均衡至少要选两个未锁定的基本网格", "at least two unlocked basic cells are needed to even them out"
        )
    frame = linked(state)
    old = frame["cell_code"].to_numpy(dtype=object)
    rows = np.flatnonzero(np.isin(old, chosen))
    label = np.searchsorted(chosen, old[rows].astype(str)).astype(np.int64)
    weight = pd.to_numeric(frame[state.measure], errors="coerce").fillna(0.0).to_numpy(float)
    basic = np.isin(old, kinds.index[kinds == "basic"])
    mean = weight[basic].sum() / max(1, int((kinds == "basic").sum()))
    held = np.bincount(label, weight[rows], len(chosen))
    if abs(held.mean() / max(mean, 1e-12) - 1) > slack:
        mean = held.mean()
    if (np.abs(held / max(mean, 1e-12) - 1) <= slack).all():
        raise InfeasibleError(
            f"所选网格都在容差 {slack:.0%} 以内，不需要调整",
            f"the selected cells are all within {slack:.0%}: nothing to move",
        )
    limit = np.inf if keep is None else (1 - keep) * held.sum()
    unit = _units(state, frame, old, weight, int((kinds == "basic").sum()))[rows]
    now = _searched(state, frame.iloc[rows], unit, label, weight[rows], mean, slack, limit)
    if _excess(now, weight[rows], mean, slack) >= _excess(label, weight[rows], mean, slack) - 1e-9:
        raise InfeasibleError(
            "在不断开网格的前提下找不到更均衡的分法。请多选相邻的网格，或放宽保留比例",
            "no move makes these cells more even without breaking one: select more neighbours, or keep a smaller share",
        )
    codes = old.copy()
    codes[rows] = np.array(chosen, object)[now]
    unlocked(state, set(codes[codes != old]))
    return edited(state, frame, codes, start_date=start_date, evening=True)


def _excess(label: Integers, weight: Floats, mean: float, slack: float) -> float:
    """Add up what lies beyond the slack, in mean cells."""
    return float(np.maximum(0, np.abs(np.bincount(label, weight) / mean - 1) - slack).sum())


def _units(state: PlanState, frame: gpd.GeoDataFrame, old: Codes, weight: Floats, cells: int) -> Integers:
    """Give each block the number of what moves with it: its hamlet where no cell cuts that, else itself."""
    if state.hamlets is None or len(state.hamlets) == 0:
        return np.arange(len(frame))
    shapes, hamlets = frame.geometry.to_numpy(), state.hamlets.sort_values("hamlet_id", kind="stable")
    return joined_by_hamlets(shapes, old, weight, hamlets.geometry.to_numpy(), cells=cells)


def _searched(
    state: PlanState, blocks: pd.DataFrame, unit: Integers, label: Integers, weight: Floats, mean: float, slack: float,
    limit: float,
) -> Integers:  # fmt: skip
    """Search from the present cells, several times, and give the best cell of each block; units move as one."""
    _, first, unit = np.unique(unit, return_index=True, return_inverse=True)
    shapes = united(blocks.geometry.to_numpy(), unit)
    label, weight = label[first], summed(unit, weight, len(first))
    near = None
    if state.barriers is not None and len(state.barriers):
        # Roads part nothing here, unless they are bridges.
        roads = equals(state.barriers, "kind", "road")
        for name, says in (("road_class", "motorway"), ("bridge", True)):
            roads = roads & ~equals(state.barriers, name, says)
        state = replace(state, barriers=state.barriers[~roads])
    if state.barriers is not None and len(state.barriers):
        hit = shapely.STRtree(state.barriers.geometry.to_numpy()).query(shapes, predicate="intersects")[1]
        near = state.barriers.iloc[np.unique(hit)]
        left, low, right, high = shapely.total_bounds(shapes)
        # A river runs on far beyond the village: what is near it is asked of the piece in the village only.
        near = near.set_geometry(shapely.clip_by_rect(near.geometry.to_numpy(), left - 9, low - 9, right + 9, high + 9))
    one = np.zeros(len(shapes), np.int64)
    borders = shared_borders(shapes, one, read_barriers(near), region=None)
    area = shapely.area(shapes)
    graph = make_graph(
        borders.pairs, borders.length, borders.cost, borders.open_, weight=weight, area=area, outer=borders.outer,
        xy=shapely.get_coordinates(shapely.centroid(shapes)),
    )  # fmt: skip
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    # Cells that reach across a closed border today may go on doing so.
    open_ = graph.open_ | (label[source] == label[graph.adjacent])
    net = replace(graph, open_=open_).net
    side = np.sqrt(area.sum() / (label.max() + 1))
    dear = weight / mean + _LAND * area / side**2
    best, lowest = label, np.inf
    for turn, hot in enumerate(_HEATS):
        seed = zlib.crc32(f"{turn}:{blocks['block_id'].iloc[0]}:{len(blocks)}".encode())
        found, cost = _moved(
            label, graph.start, graph.adjacent, graph.length / side, net.edge, weight / mean, dear, net.unit,
            int(label.max()) + 1, slack, limit / mean, _STEPS * graph.size, hot, np.array([seed], np.uint64),
        )  # fmt: skip
        if cost < lowest - 1e-9:
            best, lowest = found, cost
    return np.asarray(best[unit], dtype=np.int64)


@kernel
def _moved(
    before: Integers, start: Integers, adjacent: Integers, length: Floats, edge: Floats, weight: Floats,
    dear: Floats, ground: Floats, cells: int, slack: float, limit: float, steps: int, hot: float,
    state: NDArray[np.uint64],
) -> tuple[Integers, float]:  # fmt: skip
    """Anneal from `before`: what lies beyond the slack, people moved, border; at last take needless moves back."""
    label, best = before.copy(), before.copy()
    held, count = np.zeros(cells), np.zeros(cells, np.int64)
    for i in range(len(label)):
        held[label[i]] += weight[i]
        count[label[i]] += 1
    source = np.repeat(np.arange(len(label)), start[1:] - start[:-1])
    room = new_room(len(label))
    cost, lowest, moved = 0.0, -1e-9, 0.0
    for step in range(steps + 4 * len(label)):
        back = step >= steps  # the last rounds only take moves back that the balance does not need
        if step == steps:
            label[:] = best
            held[:], count[:], moved, cost = 0.0, 0, 0.0, min(lowest, 0.0)
            for i in range(len(label)):
                held[label[i]] += weight[i]
                count[label[i]] += 1
                moved += weight[i] * (label[i] != before[i])
        if back:
            unit = (step - steps) % len(label)
            b = before[unit]
        else:
            e = int(draw(state) * len(adjacent))
            unit, b = source[e], label[adjacent[e]]
            if edge[e, OPEN] == 0:
                continue
        a = label[unit]
        if a == b or count[a] < 2:
            continue
        way = int(b != before[unit]) - int(a != before[unit])
        leaves = weight[unit] * way
        if moved + leaves > limit and leaves > 0:
            continue
        gain = dear[unit] * way + _CUT * _longer(unit, a, b, label, start, adjacent, length)
        for cell, load in ((a, -weight[unit]), (b, weight[unit])):
            gain += _FORCE * (_over(held[cell] + load, slack) - _over(held[cell], slack))
        heat = 1e-9 if back else hot * 0.001 ** (step / steps)
        if gain > 0 and draw(state) >= np.exp(-gain / heat):
            continue
        if not fits(unit, a, b, label, start, adjacent, edge, ground, room):
            continue
        label[unit] = b
        held[a], held[b] = held[a] - weight[unit], held[b] + weight[unit]
        count[a], count[b] = count[a] - 1, count[b] + 1
        moved, cost = moved + leaves, cost + gain
        if cost < lowest - 1e-9:
            lowest = cost
            best[:] = label
    return best, lowest


@kernel
def _over(load: float, slack: float) -> float:
    """Give how far a load (in mean cells) lies beyond the slack."""
    return float(max(0.0, abs(load - 1) - slack))


@kernel
def _longer(unit: int, a: int, b: int, label: Integers, start: Integers, adjacent: Integers, length: Floats) -> float:
    """Give how much longer the borders between cells get when `unit` goes from a to b."""
    more = 0.0
    for e in range(start[unit], start[unit + 1]):
        cell = label[adjacent[e]]
        more += length[e] * (int(cell == a) - int(cell == b))
    return more
