"""Blocks to cells, village by village: the search, earlier plans to start from, and what could not be had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

from spatial.planning.blocks.borders import shared_borders
from spatial.planning.blocks.people import place_points
from spatial.planning.blocks.sums import summed
from spatial.planning.blocks.workers import in_order
from spatial.planning.certificates import Case, certificate
from spatial.planning.partition import Effort, Graph, divide_village, make_graph
from spatial.planning.partition.resize import resized

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from spatial.planning.blocks.borders import Barriers, Borders
    from spatial.planning.blocks.stock import Stock
    from spatial.planning.blocks.types import Floats, Integers
    from spatial.planning.options import PlanOptions
    from spatial.planning.partition import Division
    from spatial.problems import Problems

__all__ = ["allocate"]

_EFFORT = Effort()


@dataclass(frozen=True)
class _Task:
    """One village to divide: its blocks (positions in the stock), their graph, and the earlier cells."""

    village_code: str
    rows: Integers
    graph: Graph
    cells: int
    before: Integers | None


def allocate(
    stock: Stock,
    villages: gpd.GeoDataFrame,
    cells: Integers,
    *,
    weight: Floats,
    barriers: Barriers,
    earlier: gpd.GeoDataFrame | None,
    options: PlanOptions,
    problems: Problems,
    done: Callable[[int], None] | None = None,
) -> tuple[Integers, list[dict[str, Any]]]:
    """Give every block the number of its cell within its village (special blocks -1), and the certificates.

    `earlier` are cells of a previous plan, to start from.
    """
    faces = stock.faces
    region = None if stock.loaded else faces.region
    borders = shared_borders(faces.geometry, faces.village, barriers, region=region, special=faces.special >= 0)
    tasks = _tasks(stock, villages, cells, weight=weight, borders=borders, earlier=earlier)
    results = in_order(lambda task: _divide(task, stock, options), tasks, workers=options.workers, done=done)
    label = np.full(stock.size, -1, np.int64)
    certificates = []
    for task, division in zip(tasks, results, strict=True):
        label[task.rows] = division.label
        _tell_joined(task, division, stock, problems)
        _tell_keeping(task, division, stock, options, problems)
        found = _certify(task, division, stock, options, problems)
        certificates += [found] if found else []
    return label, certificates


def _tasks(
    stock: Stock,
    villages: gpd.GeoDataFrame,
    cells: Integers,
    *,
    weight: Floats,
    borders: Borders,
    earlier: gpd.GeoDataFrame | None,
) -> list[_Task]:
    """Sort blocks and borders by village."""
    faces, codes = stock.faces, villages["village_code"].to_numpy()
    points, centres = shapely.point_on_surface(faces.geometry), shapely.centroid(faces.geometry)
    basic = np.flatnonzero(faces.special < 0)
    order = basic[np.argsort(faces.village[basic], kind="stable")]
    first = np.searchsorted(faces.village[order], np.arange(len(codes) + 1))
    of_pair = faces.village[borders.pairs[:, 0]]
    sorted_pairs = np.argsort(of_pair, kind="stable")
    first_pair = np.searchsorted(of_pair[sorted_pairs], np.arange(len(codes) + 1))
    place = np.empty(stock.size, np.int64)
    tasks = []
    for village, code in enumerate(codes):
        rows = order[first[village] : first[village + 1]]
        if len(rows) == 0:
            continue
        place[rows] = np.arange(len(rows))
        pairs = sorted_pairs[first_pair[village] : first_pair[village + 1]]
        graph = make_graph(
            place[borders.pairs[pairs]],
            borders.length[pairs],
            borders.cost[pairs],
            borders.open_[pairs],
            weight=weight[rows],
            area=shapely.area(faces.geometry[rows]),
            outer=borders.outer[rows],
            xy=shapely.get_coordinates(centres[rows]),
        )
        before = _before(str(code), points[rows], earlier) if earlier is not None else None
        tasks.append(_Task(str(code), rows, graph, int(cells[village]), before))
    return tasks


def _before(code: str, points: np.ndarray[Any, Any], earlier: gpd.GeoDataFrame) -> Integers | None:
    """Label blocks by the earlier basic cell that holds their inner point, else by the nearest."""
    mine = earlier[(earlier["village_code"] == code) & (earlier["kind"] == "basic")].sort_values("cell_code")
    if len(mine) == 0:
        return None
    return place_points(points, mine.geometry.to_numpy())[0]


def _divide(task: _Task, stock: Stock, options: PlanOptions) -> Division:
    before = None if task.before is None else resized(task.graph, task.before, task.cells, seed=options.seed)
    return divide_village(
        task.graph,
        task.cells,
        village_code=task.village_code,
        geometry=stock.faces.geometry[task.rows],
        seed=options.seed,
        tolerance=options.tolerance,
        before=before,
        keep=options.keep,
        effort=_EFFORT,
    )


def _tell_joined(task: _Task, division: Division, stock: Stock, problems: Problems) -> None:
    """Write down the parts with people, or with land worth a name, that joined others; scraps go unsaid."""
    for kind, touches in (("part-joined-across-barrier", True), ("part-joined-as-piece", False)):
        parts = [part for part in division.joined if part.touches == touches]
        rows = [task.rows[part.blocks] for part in parts]
        if not parts:
            continue
        land = [float(shapely.area(stock.faces.geometry[row]).sum()) for row in rows]
        largest = rows[int(np.argmax(land))]
        households = float(stock.counts["households"].to_numpy()[np.concatenate(rows)].sum())
        point = shapely.point_on_surface(stock.faces.geometry[largest[0]])
        problems.add(kind, code=task.village_code, parts=len(parts), households=households, geometry=point)


def _tell_keeping(task: _Task, division: Division, stock: Stock, options: PlanOptions, problems: Problems) -> None:
    """Say what keeping costs, in figures: where less was kept than asked, or where keeping holds the balance back."""
    if options.keep is None or task.before is None or task.cells < 2:
        return
    kept, worst = _kept_share(task, division), _worst(task, division)
    point = shapely.point_on_surface(stock.faces.geometry[task.rows[0]])
    if kept < options.keep - 1e-9:
        problems.add(
            "keep-not-met", code=task.village_code, keep=options.keep, kept=kept, deviation=worst, geometry=point
        )
    elif worst > options.tolerance:
        free = _divide(task, stock, replace(options, keep=None))
        share, even = _kept_share(task, free), _worst(task, free)
        if even < worst - 1e-9:
            problems.add(
                "keep-holds-back", code=task.village_code, kept=kept, deviation=worst, kept_free=share,
                deviation_free=even, geometry=point,
            )  # fmt: skip


def _kept_share(task: _Task, division: Division) -> float:
    """Give the share of the load whose cell is still the one that holds most of its earlier cell."""
    if task.before is None:
        return 1.0
    table = np.zeros((int(task.before.max()) + 1, task.cells))
    np.add.at(table, (task.before, division.label), task.graph.weight)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / max(table.sum(), 1e-12))


def _worst(task: _Task, division: Division) -> float:
    held = summed(division.label, task.graph.weight, task.cells)
    return float(np.abs(held / max(held.mean(), 1e-12) - 1).max())


def _certify(
    task: _Task, division: Division, stock: Stock, options: PlanOptions, problems: Problems
) -> dict[str, Any] | None:
    """Give the certificate of a village whose worst cell lies beyond the tolerance, else None."""
    weight = task.graph.weight
    held = summed(division.label, weight, task.cells)
    mean = held.mean()
    if task.cells < 2 or mean <= 0:
        return None
    worst = float(np.abs(held / mean - 1).max())
    if worst <= options.tolerance:
        return None
    problems.add("over-tolerance", code=task.village_code, deviation=worst, tolerance=options.tolerance)
    units = summed(division.unit, weight, int(division.unit.max()) + 1)
    loads = summed(division.part, weight, len(division.part_cells))
    names, pairs = _unit_names(task, division, stock), _unit_pairs(task.graph, division)
    return certificate(
        Case(
            task.village_code, units, task.cells, loads, division.part_cells.astype(float), worst, _EFFORT.starts,
            _EFFORT.steps_per_unit * len(weight), options.tolerance, names, pairs,
            proven=division.proven, label=_unit_label(division),
        )
    )  # fmt: skip


def _unit_names(task: _Task, division: Division, stock: Stock) -> tuple[str, ...]:
    """Name each unit after the block of it that holds most."""
    order = np.lexsort((task.graph.weight, division.unit))
    last = np.searchsorted(division.unit[order], np.arange(int(division.unit.max()) + 1), side="right") - 1
    return tuple(stock.block_id[row] for row in task.rows[order[last]])


def _unit_label(division: Division) -> Integers:
    label = np.empty(int(division.unit.max()) + 1, np.int64)
    label[division.unit] = division.label
    return label


def _unit_pairs(graph: Graph, division: Division) -> Integers:
    """Give the borders between units that a cell may cross; those of parts that joined others all count as such."""
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    moved = np.zeros(graph.size, bool)
    for part in division.joined:
        moved[part.blocks] = True
    open_ = graph.open_ | moved[source] | moved[graph.adjacent]
    pairs = np.column_stack([division.unit[source[open_]], division.unit[graph.adjacent[open_]]])
    return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
