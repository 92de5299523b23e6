"""Finding the walls around an eye: walls sorted into square cells, and those it may see within its reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.coverage.sight.depth import directions, in_sight, square_hidden
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints

__all__ = ["Lattice", "gather", "index_edges"]

_TURN = 2 * math.pi
_EDGE_ON = -1e-12


class Lattice(NamedTuple):
    """Walls as kernels take them: those of cell `c` are ``members[offsets[c]:offsets[c + 1]]``, each its first point.

    `points` and `owner` are those of `spatial.coverage.edges.Corners`; `heights` of buildings are NaN where unknown;
    `frame` is ``(x0, y0, cell, nx, ny)``.
    """

    points: Floats
    owner: Ints
    heights: Floats
    offsets: Ints
    members: Ints
    frame: Floats


@kernel
def index_edges(points: Floats, rings: Ints, origin: Floats, cell: float, nx: int, ny: int) -> tuple[Ints, Ints]:
    """Sort the edges of rings into square cells; gives offsets by cell, and members (the first point of each).

    Ring `r` is ``points[rings[r]:rings[r + 1]]``; an edge without length is in no cell.
    """
    box = np.empty(4, np.int64)
    offsets = np.zeros(nx * ny + 2, np.int32)  # counts go two places on: filling moves the starts back into theirs
    members = np.empty(0, np.int32)
    for turn in range(2):
        if turn == 1:
            for c in range(nx * ny + 1):
                offsets[c + 1] += offsets[c]
            members = np.empty(offsets[-1], np.int32)
        for ring in range(len(rings) - 1):
            for k in range(rings[ring], rings[ring + 1] - 1):
                ax, ay = points[k]
                bx, by = points[k + 1]
                if ax == bx and ay == by:
                    continue
                box[0], box[1] = int((min(ax, bx) - origin[0]) / cell), int((min(ay, by) - origin[1]) / cell)
                box[2], box[3] = int((max(ax, bx) - origin[0]) / cell), int((max(ay, by) - origin[1]) / cell)
                for i in range(box[0], box[2] + 1):
                    for j in range(box[1], box[3] + 1):
                        if turn == 0:
                            offsets[j * nx + i + 2] += 1
                        else:
                            members[offsets[j * nx + i + 1]] = k
                            offsets[j * nx + i + 1] += 1
    return offsets[:-1], members


@kernel
def _facing(
    eye: Floats, ax: float, ay: float, bx: float, by: float, arms: Floats, stretch: float, opaque: bool,
    walls: Floats, n: int, rays: Floats, depth: Floats,
) -> int:  # fmt: skip
    """Append a wall from `a` to `b` (from the eye) as rows ``(a, b, from, to)`` of the sector, if it may be seen.

    A wall faces the eye that lies on its outer side; others are left out. Its ``1 / distance`` is taken `stretch`
    times. An `opaque` one walls off what lies behind it (`spatial.coverage.sight.depth`).
    """
    width = eye[3]
    cross = ax * by - bx * ay
    if cross > _EDGE_ON:
        return n  # seen from its other side, or edge-on
    cb, sb, ce, se = arms
    if width <= math.pi and ((cb * ay < sb * ax and cb * by < sb * bx) or (ce * ay > se * ax and ce * by > se * bx)):
        return n  # on the outer side of one arm of the sector
    dx, dy = bx - ax, by - ay
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)))
    if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 >= eye[5] * eye[5]:
        return n
    cross /= stretch
    if not in_sight(bx, by, ax, ay, dy / cross, -dx / cross, opaque, rays, depth):
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
def _cells(eye: Floats, arms: Floats, offsets: Ints, frame: Floats, cells: Ints) -> tuple[int, int]:
    """List the cells that the sector may touch, ring by ring around the eye, and count the walls in them."""
    px, py, far, cell, nx, ny = eye[0], eye[1], eye[5], frame[2], int(frame[3]), int(frame[4])
    half = cell * 0.70711
    cb, sb, ce, se = arms
    here, there = int((px - frame[0]) // cell), int((py - frame[1]) // cell)
    n, room = 0, 0
    for ring in range(int(far // cell) + 2):
        for j in range(max(0, there - ring), min(ny, there + ring + 1)):
            stride = 1 if abs(j - there) == ring else max(1, 2 * ring)
            for i in range(here - ring, here + ring + 1, stride):
                if i < 0 or i >= nx:
                    continue
                held = offsets[j * nx + i + 1] - offsets[j * nx + i]
                dx, dy = frame[0] + (i + 0.5) * cell - px, frame[1] + (j + 0.5) * cell - py
                if held == 0 or dx * dx + dy * dy > (far + half) ** 2:
                    continue
                if eye[3] <= math.pi and (cb * dy - sb * dx < -half or ce * dy - se * dx > half):
                    continue
                cells[n] = j * nx + i
                n += 1
                room += held
    return n, room


@kernel
def gather(eye: Floats, turn: int, standing: Lattice, marks: Ints) -> tuple[Floats, int, Floats, Ints, int]:
    """Collect the walls that `eye` may see: those that nothing looks over, and those it does look over.

    The latter come with steps (`spatial.coverage.sight.bands`): front walls +1, back walls -1 at their stretched
    distance. `marks` holds the last `turn` in which each wall was met. Near cells come first; what they hide is left
    out.
    """
    arms = np.array([math.cos(eye[2]), math.sin(eye[2]), math.cos(eye[2] + eye[3]), math.sin(eye[2] + eye[3])])
    points, owner, frame = standing.points, standing.owner, standing.frame
    span = 2 * int(eye[5] / frame[2]) + 5
    cells = np.empty(span * span, np.int64)
    count, room = _cells(eye, arms, standing.offsets, frame, cells)
    walls, n = np.empty((2 * room + 1, 4)), 0
    few = 2 * room + 1 if eye[6] > eye[7] else 1
    low, steps, m = np.empty((few, 4)), np.empty(few, np.int64), 0
    rays, depth = directions()
    px, py, nx, cell = eye[0], eye[1], int(frame[3]), frame[2]
    for c in cells[:count]:
        dx, dy = frame[0] + (c % nx + 0.5) * cell - px, frame[1] + (c // nx + 0.5) * cell - py
        if square_hidden(dx, dy, cell, depth):
            continue
        for k in standing.members[standing.offsets[c] : standing.offsets[c + 1]]:
            house, one, two = owner[k], k, k + 1
            if house < 0:
                house, one, two = -1 - house, k + 1, k
            ax, ay, bx, by = points[one, 0] - px, points[one, 1] - py, points[two, 0] - px, points[two, 1] - py
            over = standing.heights[house] < eye[6]
            if marks[k] == turn or (not over and ax * by - bx * ay > _EDGE_ON):
                continue  # met already in another cell, or turned away
            marks[k] = turn
            if not over:
                n = _facing(eye, ax, ay, bx, by, arms, 1.0, True, walls, n, rays, depth)
                continue
            before = m
            m = _facing(eye, ax, ay, bx, by, arms, 1.0, False, low, m, rays, depth)
            steps[before:m] = 1
            before = m
            stretch = (eye[6] - standing.heights[house]) / (eye[6] - eye[7])
            m = _facing(eye, bx, by, ax, ay, arms, stretch, False, low, m, rays, depth)
            steps[before:m] = -1
    return walls, n, low, steps, m
