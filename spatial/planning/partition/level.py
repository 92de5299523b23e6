"""Level loads by exchanges between neighbours, at no cost in evenness.

A cell that holds one household too many hands it to a neighbour by an exchange that differs by one, the neighbour to
the next, until a cell that lacks one takes it: an ejection chain (Glover 1996, doi:10.1016/0166-218X(94)00037-E) found
as a walk on the plateau of equal excess, which may rise a little above the lowest seen (record-to-record travel:
Dueck 1993, doi:10.1006/jcph.1993.1010).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.brink import UNITS, meet, new_brink
from spatial.planning.partition.exchange import (
    ONE,
    best_exchange,
    draw_groups,
    leaving,
    make,
    new_groups,
    square,
    unmake,
)
from spatial.planning.partition.moves import draw, encloses, new_room
from spatial.planning.partition.net import HELD, OPEN, WEIGHT, excess, sums_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.net import Aim, Net, Stay
    from spatial.planning.types import Floats, Integers

__all__ = ["Walk", "level"]

_TRIES = 64
_NOTHING = 1e-10
_RISE = 0.1
"""Share by which squared loads beyond the limits may lie above the lowest seen."""


class Walk(NamedTuple):
    """How loads are levelled: visits of two cells, groups drawn on each side, units in each, and heat (from, to).

    Heat says what shapes may cost; it rises from the one to the other while no load moves.
    """

    visits: int
    groups: int
    units: int
    cold: float
    heat: float


@kernel
def level(label: Integers, net: Net, aim: Aim, stay: Stay, walk: Walk, state: NDArray[np.uint64]) -> Integers:
    """Exchange units of two cells, visit by visit, and give the best partition seen: least excess, then best shape.

    Every other visit moves load where cells lie beyond the limits; the others only mend what that does to shapes, as
    all do when none is left. Cells stay one piece and enclose no other.
    """
    label, best, size = label.copy(), label.copy(), len(label)
    sums, brink, room = sums_of(label, net, aim.cells)[0], new_brink(label, net), new_room(size)
    spare = stay.may_move - np.sum(net.unit[(stay.before >= 0) & (label != stay.before), WEIGHT])
    groups, moves = new_groups(size, walk.groups, walk.units), np.empty((2 * walk.units, 3), np.int64)
    rims, queue = np.empty((2 * walk.units, 2)), np.empty(size, np.int64)
    over, bent, heat = 0.0, 0.0, walk.cold  # loads beyond the limits, and shapes from zero
    for cell in range(aim.cells):
        over += square(sums[cell, HELD], aim)
    least, lowest = over, 0.0
    for _ in range(walk.visits):
        shift = over > _NOTHING and draw(state) < 0.5
        a, b = _pair(label, net, aim, sums, brink, shift, state)
        if a < 0:
            continue
        draw_groups(a, b, label, net, brink, groups, state)
        most = max(0.0, least * (1 + _RISE) - over) if shift else 0.0
        found = best_exchange(a, b, label, net, aim, stay, groups, sums, room, spare, most, shift, moves)
        better = found.gain < -_NOTHING or found.bend <= 0
        if found.moves == 0 or not (better or draw(state) < np.exp(-found.bend / (heat if shift else walk.cold))):
            heat = min(heat * 1.1, walk.heat) if shift else heat
            continue
        taken = moves[: found.moves]
        leaves = leaving(taken, stay, net)
        make(taken, rims, label, net, aim, sums)
        if encloses(a, label, net, queue) or encloses(b, label, net, queue):
            unmake(taken, rims, label, net, sums)
            continue
        for one in taken[:, ONE]:
            meet(one, label, net.start, net.adjacent, net.edge, brink)
        if shift:
            heat = walk.cold if found.gain < -_NOTHING else max(walk.cold, 0.9 * heat)
        over, bent, spare = over + found.gain, bent + found.bend, spare - leaves
        if over < least - _NOTHING or (over < least + _NOTHING and bent < lowest - _NOTHING):
            least, lowest = over, bent
            best[:] = label
    return best


@kernel
def _pair(
    label: Integers, net: Net, aim: Aim, sums: Floats, brink: Integers, uneven: bool, state: NDArray[np.uint64]
) -> tuple[int, int]:
    """Draw two cells with an open border, one of them beyond the limits if `uneven`; -1 where the draw fails."""
    for _ in range(_TRIES):
        one = brink[UNITS, int(draw(state) * brink[UNITS, len(label)])]
        if one < 0:
            break
        e = net.start[one] + int(draw(state) * (net.start[one + 1] - net.start[one]))
        a, b = label[one], label[net.adjacent[e]]
        if a == b or net.edge[e, OPEN] == 0:
            continue
        if not uneven or excess(sums[a, HELD], aim) > 0 or excess(sums[b, HELD], aim) > 0:
            return a, b
    return -1, -1
