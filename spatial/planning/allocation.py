"""Blocks to cells, village by village: the search, blocks split where that helps, and what could not be had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from spatial.planning.blocks.workers import in_order
from spatial.planning.certificates.certify import certified
from spatial.planning.partition import Division
from spatial.planning.splitting import Answer, joined_atoms, sharpened, split_stock
from spatial.planning.tasks import divide, kept_share, off_mean, tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatial.planning.blocks.stock import Stock
    from spatial.planning.options import PlanOptions
    from spatial.planning.splitting import Houses
    from spatial.planning.tasks import Asked, Task
    from spatial.planning.types import Floats, Integers
    from spatial.problems import Problems

__all__ = ["Allocation", "allocate"]


@dataclass(frozen=True)
class Allocation:
    """The blocks of a plan, the cell of each within its village (special blocks -1), and the certificates."""

    stock: Stock
    label: Integers
    certificates: list[dict[str, Any]]


def allocate(
    stock: Stock,
    asked: Asked,
    *,
    weight: Floats,
    houses: Houses,
    problems: Problems,
    done: Callable[[int], None] | None = None,
) -> Allocation:
    """Divide every village, split blocks where it is over tolerance and they may be split, and explain what stays so.

    `weight` is what is balanced, by block of `stock`; where a block is split, the answer's stock holds its children.
    """
    options = asked.options
    tasks = tasks_of(stock, asked, weight)
    may_split = not stock.loaded if options.split_blocks is None else options.split_blocks

    def work(task: Task) -> Answer:
        short = may_split and task.graph.size < task.cells
        return Answer(task, _one_each(task) if short else divide(task, stock, options), stock)

    whole = in_order(work, tasks, workers=options.workers, done=done)
    answers = sharpened(stock, whole, asked, houses) if may_split else whole
    for answer in answers:
        if answer.task.graph.size < answer.task.cells:
            divide(answer.task, stock, options)  # refuses
    made, label, answers = _with_children(stock, whole, answers, houses)
    for answer in answers:
        _tell_joined(answer.task, answer.division, answer.stock, problems)
        _tell_keeping(answer.task, answer.division, answer.stock, options, problems)
    return Allocation(made, label, certified(stock, whole, answers, asked, houses, problems))


def _one_each(task: Task) -> Division:
    """Give each block of a village with fewer blocks than cells a cell of its own, until blocks are split."""
    rows = np.arange(task.graph.size)
    return Division(rows, rows, np.zeros(len(rows), np.int64), np.array([task.cells]), ())


def _with_children(
    stock: Stock, whole: list[Answer], answers: list[Answer], houses: Houses
) -> tuple[Stock, Integers, list[Answer]]:
    """Split the blocks that cells divide; villages where that fails keep the answer with whole blocks."""
    label = np.full(stock.size, -1, np.int64)
    for answer in whole:
        label[answer.task.rows] = answer.division.label
    for answer in answers:
        if answer.source is not None:
            label[answer.source[answer.task.rows]] = answer.division.label
    joined = joined_atoms(stock, answers)
    if joined is None:
        return stock, label, answers
    made, source, cells = split_stock(stock, *joined, houses)
    fits = np.isin(np.arange(stock.size), source[cells >= 0])
    held = [
        answer if len(answer.split) == 0 or fits[first.task.rows].any() else first
        for answer, first in zip(answers, whole, strict=True)
    ]
    for answer in held:
        if answer.source is None:
            label[answer.task.rows] = answer.division.label
    return made, np.where(cells >= 0, cells, label[source]), held


def _tell_joined(task: Task, division: Division, stock: Stock, problems: Problems) -> None:
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


def _tell_keeping(task: Task, division: Division, stock: Stock, options: PlanOptions, problems: Problems) -> None:
    """Say what keeping costs, in figures: where less was kept than asked, or where keeping holds the balance back."""
    if options.keep is None or task.before is None:
        return
    kept, worst = kept_share(task, division.label), off_mean(task, division.label)
    point = shapely.point_on_surface(stock.faces.geometry[task.rows[0]])
    if kept < options.keep - 1e-9:
        problems.add(
            "keep-not-met", code=task.village_code, keep=options.keep, kept=kept, deviation=worst, geometry=point
        )
    elif worst > options.tolerance:
        free = divide(task, stock, replace(options, keep=None))
        share, even = kept_share(task, free.label), off_mean(task, free.label)
        if even < worst - 1e-9:
            problems.add(
                "keep-holds-back", code=task.village_code, kept=kept, deviation=worst, kept_free=share,
                deviation_free=even, geometry=point,
            )  # fmt: skip
