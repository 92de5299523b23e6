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
def index_edges(edges: Floats, origin: Floats, cell: float, nx: int, ny: int) -> tuple[Ints, Ints]:
    """Sort edges ``(x1, y1, x2, y2)`` into square cells; gives offsets by cell, and members."""
    box = np.empty(4, np.int64)
    offsets = np.zeros(nx * ny + 1, np.int32)
    members, place = np.empty(0, np.int32), np.empty(0, np.int32)
    for turn in range(2):
        if turn == 1:
            for c in range(nx * ny):
                offsets[c + 1] += offsets[c]
            place, members = offsets[:-1].copy(), np.empty(offsets[-1], np.int32)
        for k in range(len(edges)):
            box[0] = int((min(edges[k, 0], edges[k, 2]) - origin[0]) / cell)
            box[1] = int((min(edges[k, 1], edges[k, 3]) - origin[1]) / cell)
            box[2] = int((max(edges[k, 0], edges[k, 2]) - origin[0]) / cell)
            box[3] = int((max(edges[k, 1], edges[k, 3]) - origin[1]) / cell)
            for i in range(box[0], box[2] + 1):
                for j in range(box[1], box[3] + 1):
                    if turn == 0:
                        offsets[j * nx + i + 1] += 1
                    else:
                        members[place[j * nx + i]] = k
                        place[j * nx + i] += 1
    return offsets, members


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
    cb, sb = math.cos(base), math.sin(base)
    if width <= math.pi:
        ce, se = math.cos(base + width), math.sin(base + width)
        if (cb * ay < sb * ax and cb * by < sb * bx) or (ce * ay > se * ax and ce * by > se * bx):
            return n  # on the outer side of one arm of the sector
    dx, dy = bx - ax, by - ay
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)))
    if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 >= far * far:
        return n
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
def _cells(eye: Floats, offsets: Ints, frame: Floats, cells: Ints) -> tuple[int, int]:
    """List the cells that the sector may touch, and count the walls in them."""
    px, py, far, cell, nx = eye[0], eye[1], eye[5], frame[2], int(frame[3])
    half = cell * 0.70711
    arms = eye[3] <= math.pi
    cb, sb, ce, se = math.cos(eye[2]), math.sin(eye[2]), math.cos(eye[2] + eye[3]), math.sin(eye[2] + eye[3])
    n, room = 0, 0
    for j in range(
        max(0, int((py - far - frame[1]) // cell)), min(int(frame[4]), int((py + far - frame[1]) // cell) + 1)
    ):
        for i in range(max(0, int((px - far - frame[0]) // cell)), min(nx, int((px + far - frame[0]) // cell) + 1)):
            dx, dy = frame[0] + (i + 0.5) * cell - px, frame[1] + (j + 0.5) * cell - py
            if dx * dx + dy * dy > (far + half) ** 2:
                continue
            if arms and (cb * dy - sb * dx < -half or ce * dy - se * dx > half):
                continue
            held = offsets[j * nx + i + 1] - offsets[j * nx + i]
            if held > 0 and n < len(cells):
                cells[n] = j * nx + i
                n += 1
                room += held
    return n, room


@kernel
def gather(
    eye: Floats, turn: int, edges: Floats, tops: Floats, offsets: Ints, members: Ints, frame: Floats, marks: Ints
) -> tuple[Floats, int, Floats, Ints, int]:
    """Collect the walls within reach of `eye`: those that nothing looks over, and those it does look over.

    The latter come with steps (`spatial.coverage.bands`): front walls +1, back walls -1 at their stretched distance.
    `marks` holds the last `turn` in which each edge was met.
    """
    span = 2 * int(eye[5] / frame[2]) + 3
    cells = np.empty(span * span, np.int64)
    count, room = _cells(eye, offsets, frame, cells)
    walls, n = np.empty((2 * room + 1, 4)), 0
    few = 2 * room + 1 if eye[6] > eye[7] else 1
    low, steps, m = np.empty((few, 4)), np.empty(few, np.int64), 0
    for c in cells[:count]:
        for q in range(offsets[c], offsets[c + 1]):
            k = members[q]
            if marks[k] == turn:
                continue  # met already in another cell
            marks[k] = turn
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
