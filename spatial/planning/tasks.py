"""One village to divide: its blocks as a graph, the cells asked for, and the earlier cells to start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

from spatial.planning.blocks.borders import shared_borders
from spatial.planning.blocks.people import place_points
from spatial.planning.partition import Effort, Graph, divide_village, make_graph
from spatial.planning.partition.resize import resized
from spatial.planning.partition.search import Weights
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.blocks.borders import Barriers, Borders
    from spatial.planning.blocks.stock import Stock
    from spatial.planning.options import PlanOptions
    from spatial.planning.partition import Division
    from spatial.planning.types import Floats, Integers

__all__ = ["Asked", "Task", "divide", "kept_share", "off_mean", "tasks_of"]

_EFFORT = Effort(large=250)


@dataclass(frozen=True)
class Asked:
    """What is asked of villages: their numbers of cells, what divides them, and the earlier plan's cells."""

    villages: gpd.GeoDataFrame
    cells: Integers
    barriers: Barriers
    earlier: gpd.GeoDataFrame | None
    options: PlanOptions


@dataclass(frozen=True)
class Task:
    """One village to divide: its blocks (positions in the stock), their graph, and the earlier cells."""

    village_code: str
    rows: Integers
    graph: Graph
    cells: int
    before: Integers | None


def tasks_of(stock: Stock, asked: Asked, weight: Floats) -> list[Task]:
    """Sort blocks and borders by village; villages without blocks in the stock are left out."""
    faces, codes = stock.faces, asked.villages["village_code"].to_numpy()
    region = None if stock.loaded else faces.region
    borders = shared_borders(
        faces.geometry, faces.village, asked.barriers, region=region, special=faces.special >= 0,
        workers=asked.options.workers,
    )  # fmt: skip
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
        graph = _graph(stock, borders, rows, pairs, place, centres, weight)
        before = None if asked.earlier is None else _before(str(code), points[rows], asked.earlier)
        tasks.append(Task(str(code), rows, graph, int(asked.cells[village]), before))
    return tasks


def divide(task: Task, stock: Stock, options: PlanOptions, effort: Effort = _EFFORT) -> Division:
    """Divide one village, from its earlier cells where there are some."""
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
        weights=Weights(barriers=options.barrier_weight),
        effort=effort,
    )


def off_mean(task: Task, label: Integers) -> float:
    """Give the largest deviation of a village's cells from their mean; 0 where there is nothing to balance."""
    held = summed(label, task.graph.weight, task.cells)
    mean = float(held.mean())
    return float(np.abs(held / mean - 1).max()) if mean > 0 and task.cells > 1 else 0.0


def kept_share(task: Task, label: Integers) -> float:
    """Give the share of the load whose cell is still the one that holds most of its earlier cell."""
    if task.before is None:
        return 1.0
    table = np.zeros((int(task.before.max()) + 1, task.cells))
    np.add.at(table, (task.before, label), task.graph.weight)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / max(table.sum(), 1e-12))


def _graph(
    stock: Stock, borders: Borders, rows: Integers, pairs: Integers, place: Integers, centres: Any, weight: Floats
) -> Graph:
    return make_graph(
        place[borders.pairs[pairs]],
        borders.length[pairs],
        borders.cost[pairs],
        borders.open_[pairs],
        weight=weight[rows],
        area=shapely.area(stock.faces.geometry[rows]),
        outer=borders.outer[rows],
        xy=shapely.get_coordinates(centres[rows]),
    )


def _before(code: str, points: Any, earlier: gpd.GeoDataFrame) -> Integers | None:
    """Label blocks by the earlier basic cell that holds their inner point, else by the nearest."""
    mine = earlier[(earlier["village_code"] == code) & (earlier["kind"] == "basic")].sort_values("cell_code")
    if len(mine) == 0:
        return None
    return place_points(points, mine.geometry.to_numpy())[0]
