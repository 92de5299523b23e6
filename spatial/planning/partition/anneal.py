"""Search by moving border units from cell to cell, alone or two against each other: simulated annealing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.brink import UNITS, meet, new_brink, turn, weigh
from spatial.planning.partition.moves import draw, fits, new_room, shifted
from spatial.planning.partition.net import COUNT, OPEN, WEIGHT, sums_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.net import Aim, Net, Stay
    from spatial.planning.types import Floats, Integers

__all__ = ["Course", "anneal"]


class Course(NamedTuple):
    """How an annealing goes: proposals, weights of loads and temperatures (from, to), and the share of swaps."""

    steps: int
    force: float
    heat: float
    cold: float
    swaps: float


@kernel
def anneal(label: Integers, net: Net, aim: Aim, stay: Stay, course: Course, state: NDArray[np.uint64]) -> Integers:
    """Move border units for a number of proposals and give the best partition seen.

    Loads weigh `course.force` at the beginning and `aim.force` at the end.
    """
    label, best, size = label.copy(), label.copy(), len(label)
    start, adjacent, edge, unit, before = net.start, net.adjacent, net.edge, net.unit, stay.before
    sums, brink, room = sums_of(label, net, aim.cells)[0], new_brink(label, net), new_room(size)
    spare = stay.may_move - np.sum(unit[(before >= 0) & (label != before), WEIGHT])
    true, lowest, force, heat = 0.0, 0.0, course.force, course.heat  # energies under the final force, from zero
    for step in range(course.steps):
        if brink[UNITS, size] == 0:
            break
        if step % 256 == 0:
            heat = _between(course.heat, course.cold, step / course.steps)
            force = _between(course.force, aim.force, min(1.0, step / (0.8 * course.steps)))
        one = brink[UNITS, int(draw(state) * brink[UNITS, size])]
        e = start[one] + int(draw(state) * (start[one + 1] - start[one]))
        a, b = label[one], label[adjacent[e]]
        if a == b or edge[e, OPEN] == 0 or sums[a, COUNT] < 2:
            continue
        back = -1
        if course.swaps > 0 and draw(state) < course.swaps:
            back = _opposite(one, adjacent[e], a, b, label, start, adjacent, edge, state)
        peak, bend, da, db = weigh(one, b, label, start, adjacent, edge, unit, sums, aim)
        if back < 0 and not _taken(bend + force * peak, heat, state):
            continue
        leaves = shifted(one, a, b, before, unit)
        if back < 0:
            may = leaves <= 0 or leaves <= spare
            if not (may and fits(one, a, b, label, start, adjacent, edge, unit, room)):
                continue
            turn(one, b, label, unit, sums, da, db)
        else:
            turn(one, b, label, unit, sums, da, db)
            leaves += shifted(back, b, a, before, unit)
            more, also, eb, ea = weigh(back, a, label, start, adjacent, edge, unit, sums, aim)
            peak, bend = peak + more, bend + also
            turn(back, a, label, unit, sums, eb, ea)
            may = (leaves <= 0 or leaves <= spare) and _taken(bend + force * peak, heat, state)
            if not (may and _both_fit(one, back, a, b, label, start, adjacent, edge, unit, room)):
                turn(back, b, label, unit, sums, -ea, -eb)
                turn(one, a, label, unit, sums, -db, -da)
                continue
            meet(back, label, start, adjacent, edge, brink)
        meet(one, label, start, adjacent, edge, brink)
        spare -= leaves
        true += bend + aim.force * peak
        if step > 0.7 * course.steps and true < lowest - 1e-9:
            lowest = true
            best[:] = label
    return best


@kernel
def _taken(gain: float, heat: float, state: NDArray[np.uint64]) -> bool:
    """Decide on a move by what it costs and the temperature (Metropolis et al. 1953, doi:10.1063/1.1699114)."""
    return gain <= 0 or draw(state) < np.exp(-gain / heat)


@kernel
def _between(one: float, other: float, share: float) -> float:
    """Go from one figure to the other by equal factors."""
    return float(one * (other / one) ** share)


@kernel
def _opposite(
    one: int, near: int, a: int, b: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats,
    state: NDArray[np.uint64],
) -> int:  # fmt: skip
    """Draw a unit of b close to `one` that touches a elsewhere, to go the other way; -1 where the draw fails."""
    back = near
    for _ in range(2):
        if draw(state) < 0.67:
            back = adjacent[start[back] + int(draw(state) * (start[back + 1] - start[back]))]
    if back == one or label[back] != b:
        return -1
    for e in range(start[back], start[back + 1]):
        if adjacent[e] != one and label[adjacent[e]] == a and edge[e, OPEN] > 0:
            return int(back)
    return -1


@kernel
def _both_fit(
    one: int, back: int, a: int, b: int, label: Integers, start: Integers, adjacent: Integers, edge: Floats,
    unit: Floats, room: Integers,
) -> bool:  # fmt: skip
    """Tell whether the moves of `one` to b and of `back` to a, both made already, leave whole cells."""
    label[back] = b
    good = fits(one, a, b, label, start, adjacent, edge, unit, room)
    label[back] = a
    return good and fits(back, b, a, label, start, adjacent, edge, unit, room)
