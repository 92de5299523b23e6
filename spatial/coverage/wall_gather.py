"""Finding the walls around an eye: edges sorted into square cells, and those that face it within its reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints

__all__ = ["gather", "index_edges"]

_TURN = 2 * math.pi


@kernel
def index_edges(edges: Floats, origin: Floats, cell: float, nx: int, ny: int) -> tuple[Ints, Ints, Ints]:
    """Sort edges ``(x1, y1, x2, y2)`` into square cells; gives the first cell of each edge, offsets and members."""
    boxes = np.empty((len(edges), 4), np.int64)
    offsets = np.zeros(nx * ny + 1, np.int64)
    for k in range(len(edges)):
        boxes[k, 0] = int((min(edges[k, 0], edges[k, 2]) - origin[0]) / cell)
        boxes[k, 1] = int((min(edges[k, 1], edges[k, 3]) - origin[1]) / cell)
        boxes[k, 2] = int((max(edges[k, 0], edges[k, 2]) - origin[0]) / cell)
        boxes[k, 3] = int((max(edges[k, 1], edges[k, 3]) - origin[1]) / cell)
        for i in range(boxes[k, 0], boxes[k, 2] + 1):
            for j in range(boxes[k, 1], boxes[k, 3] + 1):
                offsets[j * nx + i + 1] += 1
    for c in range(nx * ny):
        offsets[c + 1] += offsets[c]
    place = offsets[:-1].copy()
    members = np.empty(offsets[-1], np.int64)
    for k in range(len(edges)):
        for i in range(boxes[k, 0], boxes[k, 2] + 1):
            for j in range(boxes[k, 1], boxes[k, 3] + 1):
                members[place[j * nx + i]] = k
                place[j * nx + i] += 1
    return boxes[:, :2].copy(), offsets, members


@kernel
def _facing(eye: Floats, edge: Floats, walls: Floats, n: int, back: bool) -> int:
    """Append a wall as rows ``(a, b, from, to)`` of the sector's angles, if it is within reach and turned right.

    A wall faces the eye that lies on its outer side; `back` asks for the others.
    """
    base, width, far = eye[2], eye[3], eye[5]
    ax, ay, bx, by = edge[0] - eye[0], edge[1] - eye[1], edge[2] - eye[0], edge[3] - eye[1]
    if back:
        ax, ay, bx, by = bx, by, ax, ay
    cross = ax * by - bx * ay
    if cross > -1e-12:
        return n  # seen from its other side, or edge-on
    dx, dy = bx - ax, by - ay
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)))
    if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 >= far * far:
        return n
    cb, sb = math.cos(base), math.sin(base)
    start = math.atan2(-bx * sb + by * cb, bx * cb + by * sb) % _TURN
    stop = math.atan2(-ax * sb + ay * cb, ax * cb + ay * sb) % _TURN
    a, b = (dy * cb - dx * sb) / cross, (-dy * sb - dx * cb) / cross
    if start <= stop:
        if start < width:
            walls[n] = (a, b, start, min(stop, width))
            n += 1
        return n
    if start < width:
        walls[n] = (a, b, start, width)
        n += 1
    if stop > 0.0:
        walls[n] = (a, b, 0.0, min(stop, width))
        n += 1
    return n


@kernel
def gather(
    eye: Floats, edges: Floats, tops: Floats, cells: Ints, offsets: Ints, members: Ints, window: Ints, nx: int
) -> tuple[Floats, int, Floats, Ints, int]:
    """Collect the walls within reach of `eye`: those that nothing looks over, and those it does look over.

    The latter come with steps (`spatial.coverage.bands`): front walls +1, back walls -1 at their stretched distance.
    """
    room = 0
    for j in range(window[1], window[3] + 1):
        room += offsets[j * nx + window[2] + 1] - offsets[j * nx + window[0]]
    walls, n = np.empty((2 * room + 1, 4)), 0
    low, steps, m = np.empty((2 * room + 1, 4)), np.empty(2 * room + 1, np.int64), 0
    for j in range(window[1], window[3] + 1):
        for i in range(window[0], window[2] + 1):
            for q in range(offsets[j * nx + i], offsets[j * nx + i + 1]):
                k = members[q]
                if i != max(cells[k, 0], window[0]) or j != max(cells[k, 1], window[1]):
                    continue  # met already in an earlier cell
                if not tops[k] < eye[6]:
                    n = _facing(eye, edges[k], walls, n, False)
                    continue
                before = m
                m = _facing(eye, edges[k], low, m, False)
                steps[before:m] = 1
                before = m
                m = _facing(eye, edges[k], low, m, True)
                steps[before:m] = -1
                low[before:m, :2] *= (eye[6] - tops[k]) / (eye[6] - eye[7])
    return walls, n, low, steps, m
