"""Certificates of the villages over tolerance: what is known of each, and what its remedies were tried to bring."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from spatial.planning.blocks.people import place_points
from spatial.planning.blocks.workers import in_order
from spatial.planning.certificates.cases import Case, Trial
from spatial.planning.certificates.reasons import certificate, likely_cells
from spatial.planning.partition import Effort
from spatial.planning.splitting import sharpened, splittable
from spatial.planning.tasks import divide, off_mean
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.blocks.stock import Stock
    from spatial.planning.partition import Graph
    from spatial.planning.splitting import Answer, Houses
    from spatial.planning.tasks import Asked
    from spatial.planning.types import Flags, Integers
    from spatial.problems import Problems

__all__ = ["certified"]

_QUICK = Effort(starts=1, steps_per_unit=100, pairs_per_cell=80, repairs=60, again=0, visits_per_cell=2, nodes=5_000)
"""What is spent on a remedy: enough to say what it brings at least."""
_NAMED = 4
"""Blocks and hamlets that a remedy names; more are counted."""


def certified(
    stock: Stock, whole: list[Answer], answers: list[Answer], asked: Asked, houses: Houses, problems: Problems
) -> list[dict[str, Any]]:
    """Give the certificates of the villages whose worst cell lies beyond the tolerance, with remedies that were tried.

    `whole` are the answers with whole blocks of `stock`, `answers` those of the plan, in the same order.
    """
    options = asked.options
    over = [place for place, answer in enumerate(answers) if answer.off > options.tolerance]
    for place in over:
        code = answers[place].task.village_code
        problems.add("over-tolerance", code=code, deviation=answers[place].off, tolerance=options.tolerance)
    free = [place for place in over if options.keep is None or answers[place].task.before is None]
    can = splittable(stock, houses, hamlets=True) if over else np.zeros(stock.size, bool)
    named = _named(stock, houses, can) if over else ([], [])
    cuts = _cuts(
        stock, [whole[place] for place in free], [answers[place] for place in free], asked, houses, can, named[0]
    )
    tried = dict(zip(free, cuts, strict=True))

    def work(place: int) -> dict[str, Any]:
        answer = answers[place]
        case = _case(answer, stock, asked, named)
        if place not in tried:
            return certificate(replace(case, trials=_unkept(answer, asked)))
        more = _recounted(answer, case, asked)
        return certificate(replace(case, trials=(*_bridged(answer, asked), *tried[place], *more)))

    return in_order(work, over, workers=options.workers)


def _case(answer: Answer, stock: Stock, asked: Asked, named: tuple[list[str], list[str]]) -> Case:
    task, division, weight = answer.task, answer.division, answer.task.graph.weight
    units = summed(division.unit, weight, int(division.unit.max()) + 1)
    loads = summed(division.part, weight, len(division.part_cells))
    names, kinds = named
    heaviest, centres = (answer.blocks[_heaviest(group, weight)] for group in (division.unit, division.part))
    single = np.bincount(answer.blocks, minlength=stock.size) == 1
    return Case(
        task.village_code, units, task.cells, loads, division.part_cells.astype(float), answer.off,
        division.starts, division.steps, asked.options.tolerance,
        names=tuple(names[row] for row in heaviest), pairs=_unit_pairs(task.graph, answer),
        proven=division.proven and answer.source is None, label=_unit_label(answer),
        part_names=tuple(names[row] for row in centres),
        kinds=tuple(kinds[row] if single[row] else "block" for row in heaviest),
    )  # fmt: skip


def _cuts(
    stock: Stock, whole: list[Answer], answers: list[Answer], asked: Asked, houses: Houses, can: Flags, names: list[str]
) -> list[tuple[Trial, ...]]:
    """Try what cuts would bring that are not allowed: of blocks that stay whole, and of hamlets.

    `can` tells the blocks that may be split where hamlets may be.
    """
    tried: list[list[Trial]] = [[] for _ in whole]
    new = can if stock.loaded else can & (stock.faces.hamlet >= 0)
    may_split = not stock.loaded if asked.options.split_blocks is None else asked.options.split_blocks
    # What is tried is only told in figures: soft barriers, which shape borders, are left out.
    lines = asked.barriers
    hard = replace(lines, lines=lines.lines[lines.hard], hard=lines.hard[lines.hard], river=lines.river[lines.hard])
    free = replace(asked, options=replace(asked.options, keep=None), earlier=None, barriers=hard)
    for kind, hamlets in (("blocks", False), ("hamlets", True)):
        if kind == "blocks" and may_split:
            continue
        rows = [
            place for place in range(len(whole))
            if all(trial.deviation_share > asked.options.tolerance for trial in tried[place])
            and (not hamlets or new[whole[place].task.rows].any())
        ]  # fmt: skip
        found = sharpened(
            stock,
            [whole[row] for row in rows],
            free,
            houses,
            can=can if hamlets else None,
            hamlets=hamlets,
            briefly=True,
        )
        for row, cut in zip(rows, found, strict=True):
            least = min([answers[row].off, *[trial.deviation_share for trial in tried[row]]])
            if len(cut.split) and cut.off < least - 1e-6:
                tried[row].append(_cut_trial(kind, cut, names))
    return [tuple(trials) for trials in tried]


def _cut_trial(kind: str, cut: Answer, names: list[str]) -> Trial:
    """Tell what is cut, in how many households each, and what that brings."""
    source, weight, label = cut.blocks, cut.task.graph.weight, cut.division.label
    words = []
    for row in cut.split:
        mine = source == row
        pieces = summed(label[mine], weight[mine], cut.task.cells)
        words.append(f"{names[row]} ({' + '.join(f'{piece:.0f}' for piece in np.sort(pieces[pieces > 0])[::-1])})")
    more = len(words) - _NAMED
    return Trial(kind, cut.off, tuple(words[:_NAMED]), max(more, 0))


def _unkept(answer: Answer, asked: Asked) -> tuple[Trial, ...]:
    """Try what keeping nothing of the earlier cells would bring."""
    free = replace(asked.options, keep=None)
    off = off_mean(answer.task, divide(answer.task, answer.stock, free, _QUICK).label)
    return (Trial("keep", off),) if off < answer.off - 1e-6 else ()


def _bridged(answer: Answer, asked: Asked) -> tuple[Trial, ...]:
    """Try what bridges would bring where closed borders leave several parts."""
    task, graph = answer.task, answer.task.graph
    if len(answer.division.part_cells) < 2 or graph.open_.all():
        return ()
    opened = replace(task, graph=replace(graph, open_=np.ones(len(graph.open_), bool)), before=None)
    off = off_mean(opened, divide(opened, answer.stock, replace(asked.options, keep=None), _QUICK).label)
    return (Trial("bridge", off),) if off < answer.off - 1e-6 else ()


def _recounted(answer: Answer, case: Case, asked: Asked) -> tuple[Trial, ...]:
    """Try other numbers of cells that nothing known forces over tolerance, the nearest first."""
    tried = []
    for cells in likely_cells(case):
        task = replace(answer.task, cells=cells, before=None)
        off = off_mean(task, divide(task, answer.stock, replace(asked.options, keep=None), _QUICK).label)
        tried.append(Trial("cells", off, (str(cells),)))
        if off <= asked.options.tolerance:
            break
    best = min(tried, key=lambda trial: trial.deviation_share, default=None)
    return () if best is None or best.deviation_share >= answer.off else (best,)


def _named(stock: Stock, houses: Houses, can: Flags) -> tuple[list[str], list[str]]:
    """Name blocks, hamlets by their own name, and say of each whether it is a hamlet, a building or a block."""
    hamlet = stock.faces.hamlet if not stock.loaded else np.full(stock.size, -1)
    points, _ = houses.points()
    block, away = place_points(points, stock.faces.geometry)
    lived_in = np.bincount(block[away == 0], minlength=stock.size) > 0
    fixed = lived_in & ~can
    names = [houses.hamlet_names[h] if h >= 0 else name for h, name in zip(hamlet, stock.block_id, strict=True)]
    kinds = np.where(fixed, "building", np.where(hamlet >= 0, "hamlet", "block"))
    return names, kinds.tolist()


def _heaviest(group: Integers, weight: Any) -> Integers:
    """Give the place of the heaviest of each group."""
    order = np.lexsort((weight, group))
    last: Integers = order[np.searchsorted(group[order], np.arange(int(group.max()) + 1), side="right") - 1]
    return last


def _unit_label(answer: Answer) -> Integers:
    label = np.empty(int(answer.division.unit.max()) + 1, np.int64)
    label[answer.division.unit] = answer.division.label
    return label


def _unit_pairs(graph: Graph, answer: Answer) -> Integers:
    """Give the borders between units that a cell may cross; those of parts that joined others all count as such."""
    division = answer.division
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    moved = np.zeros(graph.size, bool)
    for part in division.joined:
        moved[part.blocks] = True
    open_ = graph.open_ | moved[source] | moved[graph.adjacent]
    pairs = np.column_stack([division.unit[source[open_]], division.unit[graph.adjacent[open_]]])
    return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
