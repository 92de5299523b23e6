"""Kernels that weigh what one shape has that others do not: along lines across it, and along rays from a point.

Where a line enters or leaves a shape is exact; between lines the length is taken to change evenly, which is right
within about a thousandth of a view on 128 lines. Nothing is united and nothing drawn: a camera is weighed in some
microseconds where union and difference of polygons take a thousand times as long.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.edges import upright
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.coverage.edges import Shapes
    from spatial.coverage.ground.raster import Pairs

__all__ = ["LINES", "by_ray", "own_areas", "spare_order"]

LINES = 128
"""Lines across a view."""
_FIRST, _STEP = (8, 0, 4, 2, 1), (16, 16, 8, 4, 2)  # passes over the lines, coarse ones first
_MOST = LINES // 2  # lines of the last pass
_TURN = 2 * math.pi
_MINE = 1000  # how the edges of the shape itself are told from those of others


@kernel
def _noted(at: Floats, turns: Ints, count: Ints, line: int, x: float, turn: int) -> tuple[Floats, Ints]:
    """Write down where a line passes an edge; gives the lists, longer ones where they were full."""
    n = count[line]
    if n == at.shape[1]:
        wider, more = np.empty((len(at), 2 * n)), np.empty((len(at), 2 * n), np.int16)
        wider[:, :n], more[:, :n] = at, turns
        at, turns = wider, more
    at[line, n], turns[line, n] = x, turn
    count[line] = n + 1
    return at, turns


@kernel
def _alone(at: Floats, turns: Ints, n: int, others: int) -> tuple[float, float]:
    """Length of the shape (turns of 1000) on one line, and of its part outside all `others` (turns of 1)."""
    order = np.arange(n)
    if n > 24:
        order = np.argsort(at[:n])
    else:
        for i in range(1, n):
            mine, j = order[i], i - 1
            while j >= 0 and at[order[j]] > at[mine]:
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = mine
    whole, own, inside = 0.0, 0.0, 0
    for i in range(n):
        if i > 0 and inside > 0:
            length = at[order[i]] - at[order[i - 1]]
            whole += length
            if others <= 0:
                own += length
        turn = turns[order[i]]
        if abs(turn) == _MINE:
            inside += turn
        else:
            others += turn
    return whole, own


@kernel
def _own(
    views: Shapes, bounds: Floats, row: int, near: Ints, gone: Flags, enough: float, at: Floats, turns: Ints
) -> tuple[float, Floats, Ints]:
    """Area of a view that none of those `near` and not `gone` sees; at least `enough` where it is that or more."""
    low, high = bounds[row, 1], bounds[row, 3]
    step = (high - low) / LINES
    own = 0.0
    count, base = np.zeros(_MOST, np.int64), np.zeros(_MOST, np.int64)
    left, right = np.empty(_MOST), np.empty(_MOST)
    for turn in range(len(_FIRST)):
        first, stride = _FIRST[turn], _STEP[turn]
        count[:], base[:], left[:], right[:] = 0, 0, math.inf, -math.inf
        for k in range(-1, len(near)):
            view = near[k] if k >= 0 else row
            box = bounds[view]
            if k >= 0 and (view == row or gone[view] or not (box[1] < high and box[3] > low)):
                continue
            if not (box[0] < bounds[row, 2] and box[2] > bounds[row, 0]):
                continue
            for e in range(views.offsets[view], views.offsets[view + 1]):
                x1, y1, x2, y2, sign = upright(views.edges, e)
                if y2 <= low or y1 >= high or y1 == y2 or (k >= 0 and x1 >= bounds[row, 2] and x2 >= bounds[row, 2]):
                    continue
                begin = max(0, math.ceil((y1 - low) / step - 0.5))
                end = min(LINES, math.ceil((y2 - low) / step - 0.5))
                begin += (first - begin) % stride
                slope = (x2 - x1) / (y2 - y1)
                for at_line in range(begin, end, stride):
                    line, x = at_line // stride, x1 + (low + (at_line + 0.5) * step - y1) * slope
                    if k < 0:
                        left[line], right[line] = min(left[line], x), max(right[line], x)
                        at, turns = _noted(at, turns, count, line, x, sign * _MINE)
                    elif x <= left[line]:
                        base[line] += sign
                    elif x < right[line]:
                        at, turns = _noted(at, turns, count, line, x, sign)
        for line in range(_MOST):
            if count[line] > 0:
                own += _alone(at[line], turns[line], count[line], base[line])[1] * step
        if own >= enough:
            break
    return own, at, turns


@kernel
def own_areas(views: Shapes, bounds: Floats, rows: Ints, near: Pairs, gone: Flags, enough: Floats) -> Floats:
    """Area of each view of `rows` that no other one sees; where it reaches `enough` (by view) it is not looked at on.

    ``near.members[near.offsets[k]:near.offsets[k + 1]]`` are the views whose bounds meet those of ``rows[k]``.
    """
    at, turns = np.empty((_MOST, 64)), np.empty((_MOST, 64), np.int16)
    answer = np.empty(len(rows))
    for k in range(len(rows)):
        others = near.members[near.offsets[k] : near.offsets[k + 1]]
        answer[k], at, turns = _own(views, bounds, rows[k], others, gone, enough[rows[k]], at, turns)
    return answer


@kernel
def spare_order(
    views: Shapes, bounds: Floats, rows: Ints, near: Pairs, gone: Flags, own: Floats, enough: Floats
) -> Floats:
    """Let the views of `rows` go in turn that still have less than `enough` of their own; marks them in `gone`.

    `own` is what each has while all are there. Gives what each that goes had left, and -1 for those that stay.
    """
    at, turns = np.empty((_MOST, 64)), np.empty((_MOST, 64), np.int16)
    answer = np.full(len(rows), -1.0)
    for k in range(len(rows)):
        others = near.members[near.offsets[k] : near.offsets[k + 1]]
        left = own[k]
        if gone[others].any():
            left, at, turns = _own(views, bounds, rows[k], others, gone, enough[rows[k]], at, turns)
        if left < enough[rows[k]]:
            answer[k], gone[rows[k]] = left, True
    return answer


@kernel
def by_ray(
    eyes: Floats, blind_m: Floats, mine: Shapes, others: Shapes, near: Pairs, rays: int
) -> tuple[Floats, Floats]:
    """Area of ``mine[k]`` from ``blind_m[k]`` around ``eyes[k]`` on, and of its part outside the `others` near it.

    Row `k` holds them by direction: `rays` equal ones, clockwise from north, each looked along once, in its middle;
    ``near.members[near.offsets[k]:near.offsets[k + 1]]`` are the others to be taken off.
    """
    at, turns = np.empty((rays, 16)), np.empty((rays, 16), np.int16)
    wide = _TURN / rays
    whole, own = np.zeros((len(eyes), rays)), np.zeros((len(eyes), rays))
    count, base, far = np.zeros(rays, np.int64), np.zeros(rays, np.int64), np.zeros(rays)
    for k in range(len(eyes)):
        count[:], base[:], far[:] = 0, 0, 0.0
        at, turns = _around(eyes[k], mine, k, _MINE, at, turns, count, base, far)
        for other in near.members[near.offsets[k] : near.offsets[k + 1]]:
            at, turns = _around(eyes[k], others, other, 1, at, turns, count, base, far)
        for ray in range(rays):
            if far[ray] > 0.0:
                at, turns = _noted(at, turns, count, ray, 0.0, 0)  # whatever is open ends at the eye, or before it
                at[ray, : count[ray]] = np.minimum(at[ray, : count[ray]], -0.5 * blind_m[k] ** 2)
                both = _alone(at[ray], turns[ray], count[ray], base[ray])
                whole[k, ray], own[k, ray] = both[0] * wide, both[1] * wide
    return whole, own


@kernel
def _around(
    eye: Floats, shapes: Shapes, shape: int, weight: int, at: Floats, turns: Ints, count: Ints, base: Ints, far: Floats
) -> tuple[Floats, Ints]:
    """Note where rays around an eye pass the edges of a shape, from far to near, as minus half the square of `r`."""
    rays = len(count)
    wide = _TURN / rays
    for e in range(shapes.offsets[shape], shapes.offsets[shape + 1]):
        x1, y1, x2, y2 = shapes.edges[e]
        x1, y1, x2, y2 = x1 - eye[0], y1 - eye[1], x2 - eye[0], y2 - eye[1]
        if abs(x1) + abs(y1) < 1e-9 or abs(x2) + abs(y2) < 1e-9:
            continue  # it begins at the eye: no ray crosses it
        one, two = math.atan2(x1, y1), math.atan2(x2, y2)
        first, last = math.ceil(one / wide - 0.5), math.ceil(two / wide - 0.5)
        if two - one > math.pi:
            first += rays
        elif one - two > math.pi:
            last += rays
        sign = weight
        if first < last:
            sign = -weight  # clockwise: the inside of the edge lies beyond it
        else:
            first, last = last, first
        dx, dy = x2 - x1, y2 - y1
        cross = x1 * dy - y1 * dx
        for step in range(first, last):
            angle, ray = (step + 0.5) * wide, step % rays
            turn = math.sin(angle) * dy - math.cos(angle) * dx
            r = cross / turn if turn != 0.0 else math.hypot(x1, y1)
            if weight == _MINE:
                far[ray] = max(far[ray], r)
            elif r >= far[ray]:
                base[ray] += sign
                continue
            at, turns = _noted(at, turns, count, ray, -0.5 * r * r, sign)
    return at, turns
