"""Villages over tolerance once more, with the blocks along their cells' borders split between homes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.planning.blocks.faces import Faces
from spatial.planning.blocks.workers import in_order
from spatial.planning.demand import measured
from spatial.planning.partition import Effort
from spatial.planning.splitting.atoms import Atoms, atomised, splittable
from spatial.planning.splitting.reunite import reunited
from spatial.planning.tasks import divide, kept_share, off_mean, tasks_of
from spatial.sums import summed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spatial.planning.blocks.stock import Stock
    from spatial.planning.partition import Division
    from spatial.planning.splitting.atoms import Houses
    from spatial.planning.tasks import Asked, Task
    from spatial.planning.types import Flags, Floats, Integers

__all__ = ["Answer", "joined_atoms", "sharpened"]

_TURNS = ((0.5, False), (0.5, True), (0.0, True))
"""Each time that villages are divided again: the share of the tolerated deviation that an atom may hold, and whether
blocks are split along all borders, not only along those of cells over tolerance."""
_BRIEF = 1
_REPAIR = Effort(starts=1, steps_per_unit=100, repairs=200)
_GAIN = 1e-9
_TOGETHER = 8
"""Villages that are noded at once."""


@dataclass(frozen=True)
class Answer:
    """How one village is divided: the stock that its task takes rows of, and for atoms the block each comes from."""

    task: Task
    division: Division
    stock: Stock
    source: Integers | None = None

    @property
    def off(self) -> float:
        """Largest deviation from the mean cell."""
        return off_mean(self.task, self.division.label)

    @property
    def split(self) -> Integers:
        """Blocks (positions in the stock they come from) that lie in several cells."""
        if self.source is None:
            return np.empty(0, np.int64)
        pairs = np.unique(np.column_stack([self.blocks, self.division.label]), axis=0)
        block, count = np.unique(pairs[:, 0], return_counts=True)
        split: Integers = block[count > 1]
        return split

    @property
    def blocks(self) -> Integers:
        """The block (position in the stock that was asked about) of each row of the task."""
        return self.task.rows if self.source is None else self.source[self.task.rows]


def sharpened(
    stock: Stock,
    answers: Sequence[Answer],
    asked: Asked,
    houses: Houses,
    *,
    can: Flags | None = None,
    hamlets: bool = False,
    briefly: bool = False,
) -> list[Answer]:
    """Divide the villages over tolerance again, with blocks in household atoms where cells meet; keep what is better.

    The cells that were found are repaired, and sought anew, in turns with more and finer atoms; `briefly` only
    repairs. `hamlets` lets whole hamlets be cut (to say what that would bring). Answers that
    nothing betters come back as they are; `answers` take rows of `stock`. `can` is `splittable`, where it is known.
    """
    over = [place for place, answer in enumerate(answers) if answer.off > asked.options.tolerance]
    if not over:
        return list(answers)
    can = splittable(stock, houses, hamlets=hamlets) if can is None else can
    over = [place for place in over if can[answers[place].task.rows].any()]
    alone = replace(asked, options=replace(asked.options, workers=1))

    def work(places: list[int]) -> list[Answer]:
        mine = [answers[place] for place in places]
        shapes = stock.faces.geometry[np.concatenate([answer.task.rows for answer in mine])]
        near = houses.around(shapely.total_bounds(shapes))
        return _sharpened(stock, mine, alone, near, can, hamlets=hamlets, briefly=briefly)

    groups = [over[first : first + _TOGETHER] for first in range(0, len(over), _TOGETHER)]
    best = list(answers)
    for places, found in zip(groups, in_order(work, groups, workers=asked.options.workers), strict=True):
        for place, answer in zip(places, found, strict=True):
            best[place] = answer
    return best


def _sharpened(
    stock: Stock, over: list[Answer], asked: Asked, houses: Houses, can: Flags, *, hamlets: bool, briefly: bool
) -> list[Answer]:
    """Divide a few villages again, blocks that `can` be split in atoms."""
    answers = over
    best = {answer.task.village_code: answer for answer in answers}
    rows_of = {answer.task.village_code: answer.task.rows for answer in answers}
    marked = np.zeros(stock.size, bool)
    for grain, everywhere in _TURNS[:_BRIEF] if briefly else _TURNS:
        fresh = [
            _worth_splitting(answer, can & ~marked, asked.options.tolerance, everywhere=everywhere) for answer in over
        ]
        over = [
            answer for answer, new in zip(over, fresh, strict=True)
            if len(new) or marked[rows_of[answer.task.village_code]].any()
        ]  # fmt: skip
        if not over:
            break
        marked[np.concatenate(fresh)] = True
        rows = np.sort(np.concatenate([rows_of[answer.task.village_code] for answer in over]))
        shares = _shares(stock, over, grain, asked)
        atoms = atomised(stock, rows, marked, houses, grain=shares, hamlets=hamlets, roughly=briefly)
        earlier = {answer.task.village_code: answer for answer in over}
        for found in _divided(atoms, asked, earlier, briefly=briefly):
            code = found.task.village_code
            if found.off < best[code].off - _GAIN and _keeps(found, best[code], asked.options.keep):
                best[code] = found
        over = [best[answer.task.village_code] for answer in over]
        over = [answer for answer in over if answer.off > asked.options.tolerance]
    return [best[answer.task.village_code] for answer in answers]


def joined_atoms(stock: Stock, answers: Sequence[Answer]) -> tuple[Atoms, Integers] | None:
    """Put the atoms of several answers into one frame, with their cells; None without any."""
    cut = [answer for answer in answers if len(answer.split)]
    if not cut:
        return None
    rows = [answer.task.rows for answer in cut]
    taken = [answer.stock.faces.take(part) for answer, part in zip(cut, rows, strict=True)]
    names = ("geometry", "village", "region", "hamlet", "special")
    faces = Faces(*[np.concatenate([getattr(some, name) for some in taken]) for name in names])
    pairs = list(zip(cut, rows, strict=True))
    ids = [answer.stock.block_id[row] for answer, part in pairs for row in part]
    counts = pd.concat([answer.stock.counts.iloc[part] for answer, part in pairs], ignore_index=True)
    source = np.concatenate([answer.blocks for answer in cut])
    whole = replace(stock, faces=faces, block_id=ids, counts=counts, others=stock.others[:0])
    return Atoms(whole, source), np.concatenate([answer.division.label for answer in cut])


def _divided(atoms: Atoms, asked: Asked, earlier: Mapping[str, Answer], *, briefly: bool) -> list[Answer]:
    """Repair the cells of each village, and seek them anew where that is not enough."""
    tasks = tasks_of(atoms.stock, asked, measured(atoms.stock, options=asked.options))
    options = asked.options

    def work(task: Task) -> Answer:
        found = None
        if options.keep is None or task.before is None:
            before = _carried(earlier[task.village_code], atoms.source[task.rows])
            found = finished(task, divide(replace(task, before=before), atoms.stock, options, _REPAIR))
        if found is None or not briefly:
            anew = finished(task, divide(task, atoms.stock, options))
            found = anew if found is None or _rank(anew, options.tolerance) < _rank(found, options.tolerance) else found
        return found

    def finished(task: Task, division: Division) -> Answer:
        source = atoms.source[task.rows]
        label = reunited(task.graph, source, division.label, task.cells, tolerance=options.tolerance)
        return Answer(task, replace(division, label=label), atoms.stock, atoms.source)

    return [work(task) for task in tasks]


def _keeps(found: Answer, than: Answer, keep: float | None) -> bool:
    """Tell whether an answer keeps as much of the earlier cells as was asked, or at least as another one does."""
    if keep is None or found.task.before is None:
        return True
    least = min(keep, kept_share(than.task, than.division.label))
    return kept_share(found.task, found.division.label) >= least - _GAIN


def _rank(answer: Answer, tolerance: float) -> tuple[float, int]:
    """Put answers in order: what is over tolerance, then how many blocks are split."""
    return round(max(answer.off, tolerance), 9), len(answer.split)


def _carried(answer: Answer, blocks: Integers) -> Integers:
    """Give atoms the cell that holds most of their block."""
    graph, label = answer.task.graph, answer.division.label
    order = np.lexsort((label, -graph.weight, answer.blocks))
    names, first = np.unique(answer.blocks[order], return_index=True)
    return np.asarray(label[order[first]][np.searchsorted(names, blocks)])


def _shares(stock: Stock, over: Sequence[Answer], grain: float, asked: Asked) -> Floats:
    """Give by block the share of its load that an atom may hold."""
    share = np.zeros(stock.size)
    for answer in over:
        weight = answer.task.graph.weight
        held = summed(answer.blocks, weight, stock.size)
        most = grain * asked.options.tolerance * weight.sum() / answer.task.cells
        mine = np.unique(answer.blocks)
        share[mine] = most / np.maximum(held[mine], 1e-9)
    return share


def _worth_splitting(answer: Answer, can: Flags, tolerance: float, *, everywhere: bool) -> Integers:
    """Give the blocks that may be split and are larger than a cell or touch another cell.

    One of the two cells is over tolerance, unless `everywhere`.
    """
    graph, label = answer.task.graph, answer.division.label
    held = summed(label, graph.weight, answer.task.cells)
    off = np.abs(held / max(held.mean(), 1e-12) - 1) > tolerance
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    here, there = label[source], label[graph.adjacent]
    near = np.zeros(graph.size, bool)
    near[source[graph.open_ & (here != there) & (everywhere | off[here] | off[there])]] = True
    # Cells often meet on empty land: what lies behind it counts as near.
    empty = near & (graph.weight <= 0)
    near[source[graph.open_ & (here == there) & empty[graph.adjacent]]] = True
    block = summed(answer.blocks, graph.weight, len(can))
    near |= block[answer.blocks] > (1 + tolerance) * held.mean()
    wanted: Integers = np.unique(answer.blocks[near])
    return wanted[can[wanted]]
