"""Starting partitions: a power diagram of weighted centres, mended so that cells hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel
from spatial.planning.partition.moves import draw, keeps_one_piece, new_room, open_ground
from spatial.planning.partition.net import OPEN, OUTER, WEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatial.planning.partition.net import Net
    from spatial.planning.types import Floats, Integers

__all__ = ["hold_together", "power_start"]

_ROUNDS = 60


@kernel
def power_start(xy: Floats, weight: Floats, area: Floats, cells: int, state: NDArray[np.uint64]) -> Integers:
    """Label units by the nearest of `cells` centres, whose reach is tuned until weights are nearly even.

    Centres are drawn far from one another (k-means++) by weight and a little area; every fourth of the rounds
    moves them to their cell's centre (balanced power diagrams, Aurenhammer et al. 1998, doi:10.1007/PL00009187).
    """
    size = len(weight)
    total, land = max(weight.sum(), 1e-12), area.sum()
    mass = weight / total + 0.02 * area / land
    centre, reach = np.empty((cells, 2)), np.zeros(cells)
    gap = np.full(size, 1e30)
    for cell in range(cells):
        odds = mass.copy() if cell == 0 else mass * gap
        aim = draw(state) * odds.sum()
        pick = 0
        while pick < size - 1 and aim > odds[pick]:
            aim -= odds[pick]
            pick += 1
        centre[cell] = xy[pick]
        for i in range(size):
            gap[i] = min(gap[i], (xy[i, 0] - xy[pick, 0]) ** 2 + (xy[i, 1] - xy[pick, 1]) ** 2)
    label, evenest, lowest = np.zeros(size, np.int64), np.zeros(size, np.int64), 1e300
    step = land / cells / np.pi
    for turn in range(_ROUNDS):
        held, sums = np.zeros(cells), np.zeros((cells, 3))
        for i in range(size):
            best, choice = 1e300, 0
            for cell in range(cells):
                d = (xy[i, 0] - centre[cell, 0]) ** 2 + (xy[i, 1] - centre[cell, 1]) ** 2 - reach[cell]
                if d < best:
                    best, choice = d, cell
            label[i] = choice
            held[choice] += weight[i]
            sums[choice, 0] += mass[i] * xy[i, 0]
            sums[choice, 1] += mass[i] * xy[i, 1]
            sums[choice, 2] += mass[i]
        # With few heavy units the reaches swing to and fro: the evenest round counts, the last of equals.
        uneven = np.sum((held - total / cells) ** 2)
        if uneven <= lowest:
            lowest = uneven
            evenest[:] = label
        pull = 0.35 * step * (1 - 0.8 * turn / _ROUNDS)
        for cell in range(cells):
            reach[cell] += pull * max(-1.0, min(1.0, 1 - held[cell] * cells / total))
            if turn % 4 == 3 and turn < 0.7 * _ROUNDS and sums[cell, 2] > 0:
                centre[cell, 0] = sums[cell, 0] / sums[cell, 2]
                centre[cell, 1] = sums[cell, 1] / sums[cell, 2]
    return evenest


@kernel
def hold_together(label: Integers, net: Net, cells: int) -> Integers:
    """Make every cell one piece, none empty, and none enclosing another where that can be helped."""
    for _ in range(cells + 1):
        label = _largest_pieces(label, net, cells)
        label = _fill_empty(label, net, cells)
        if not _open_hole(label, net, cells):
            return label
    label = _largest_pieces(label, net, cells)
    return _fill_empty(label, net, cells)


@kernel
def _largest_pieces(label: Integers, net: Net, cells: int) -> Integers:
    """Keep each cell's heaviest piece; the others join their lightest neighbour."""
    size = len(label)
    piece, queue = np.full(size, -1), np.empty(size, np.int64)
    heavy, owner, pieces = np.zeros(size), np.zeros(size, np.int64), 0
    for i in range(size):
        if piece[i] >= 0:
            continue
        piece[i], owner[pieces], queue[0], tail = pieces, label[i], i, 1
        while tail > 0:
            tail -= 1
            here = queue[tail]
            heavy[pieces] += net.unit[here, WEIGHT] + 1e-9
            for e in range(net.start[here], net.start[here + 1]):
                other = net.adjacent[e]
                if net.edge[e, OPEN] > 0 and piece[other] < 0 and label[other] == label[i]:
                    piece[other] = pieces
                    queue[tail] = other
                    tail += 1
        pieces += 1
    best = np.full(cells, -1)
    for p in range(pieces):
        if best[owner[p]] < 0 or heavy[p] > heavy[best[owner[p]]]:
            best[owner[p]] = p
    out, held = np.full(size, -1), np.zeros(cells)
    for i in range(size):
        if best[label[i]] == piece[i]:
            out[i] = label[i]
            held[label[i]] += net.unit[i, WEIGHT]
    changed = True
    while changed:
        changed = False
        for i in range(size):
            choice = -1
            if out[i] < 0:
                for e in range(net.start[i], net.start[i + 1]):
                    cell = out[net.adjacent[e]]
                    if net.edge[e, OPEN] > 0 and cell >= 0 and (choice < 0 or held[cell] < held[choice]):
                        choice = cell
            if choice >= 0:
                out[i] = choice
                held[choice] += net.unit[i, WEIGHT]
                changed = True
    return out


@kernel
def _fill_empty(label: Integers, net: Net, cells: int) -> Integers:
    """Give every empty cell one unit of the heaviest cell that can spare one, at its border if possible."""
    size = len(label)
    room = new_room(size)
    for cell in range(cells):
        count, held = np.zeros(cells, np.int64), np.zeros(cells)
        for i in range(size):
            count[label[i]] += 1
            held[label[i]] += net.unit[i, WEIGHT]
        if count[cell] > 0:
            continue
        best, score = -1, -1.0
        for i in range(size):
            if count[label[i]] < 2:
                continue
            rim = net.unit[i, OUTER] > 0
            for e in range(net.start[i], net.start[i + 1]):
                rim = rim or label[net.adjacent[e]] != label[i]
            worth = (1e12 if rim else 0.0) + held[label[i]] * 1e3 + net.unit[i, WEIGHT]
            if worth <= score:
                continue
            if keeps_one_piece(i, label[i], label, net.start, net.adjacent, net.edge, net.unit, room):
                best, score = i, worth
        if best >= 0:
            label[best] = cell
    return label


@kernel
def _open_hole(label: Integers, net: Net, cells: int) -> bool:
    """Find a cell that encloses others and cut a way out for them through it; False where there is none."""
    size = len(label)
    queue, came = np.empty(size, np.int64), np.empty(size, np.int64)
    for cell in range(cells):
        out = open_ground(cell, label, net, queue)
        came[:] = -2
        tail = 0
        for i in range(size):
            if label[i] != cell and not out[i]:
                came[i] = -1
                queue[tail] = i
                tail += 1
        head, goal = 0, -1
        while head < tail and goal < 0:
            here = queue[head]
            head += 1
            free = label[here] == cell and net.unit[here, OUTER] > 0
            for e in range(net.start[here], net.start[here + 1]):
                other = net.adjacent[e]
                free = free or (label[here] == cell and out[other])
                if net.edge[e, OPEN] > 0 and label[other] == cell and came[other] == -2:
                    came[other] = here
                    queue[tail] = other
                    tail += 1
            if free:
                goal = here
        if goal >= 0:
            root = goal
            while came[root] >= 0:
                root = came[root]
            while came[goal] >= 0:
                label[goal] = label[root]
                goal = came[goal]
            return True
    return False
