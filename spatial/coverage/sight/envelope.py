"""Exact sight lines in the plane: the upper envelope of ``u(angle) = 1 / distance`` over the walls around a point.

Seen from a point, a wall is ``u = a cos(angle) + b sin(angle)`` on its span of angles; the nearest wall has the
greatest ``u``. Envelopes are merged two by two, so crossing, touching and overlapping footprints are right by
construction: every ray stops at the first wall that faces the point, and no footprint must be united before.
Angles are mathematical (anticlockwise from east) and counted from the start of the sector.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats

__all__ = ["INSIDE", "envelope_of", "spans_of"]

INSIDE = 1 + 1e-9
"""Near distance over wall distance from which a wall lies in the dead zone: one that only touches it does not."""

_TINY = 1e-10  # radians: a hair's breadth at a kilometre
_TURN = 2 * math.pi


@kernel
def _push(pieces: Floats, n: int, start: float, stop: float, wall: float) -> int:
    """Append one piece ``(from, to, wall)``; a hair is dropped, and a piece of the same wall grows."""
    if stop - start < 1e-13:
        return n
    if n > 0 and pieces[n - 1, 2] == wall and start - pieces[n - 1, 1] < 1e-13:
        pieces[n - 1, 1] = stop
        return n
    if n >= len(pieces):
        raise ValueError
    pieces[n] = (start, stop, wall)
    return n + 1


@kernel
def _push_nearer(pieces: Floats, n: int, start: float, stop: float, walls: Floats, one: float, two: float) -> int:
    """Append the nearer of two walls on a common span; where they cross, both in turn."""
    da, db = walls[int(one), 0] - walls[int(two), 0], walls[int(one), 1] - walls[int(two), 1]
    first = da * math.cos(start) + db * math.sin(start)
    last = da * math.cos(stop) + db * math.sin(stop)
    if first * last < 0 and abs(first) > 1e-14 and abs(last) > 1e-14:
        x = math.atan2(-da, db)
        while x < start:
            x += math.pi
        while x > stop:
            x -= math.pi
        x = max(x, start)
        n = _push(pieces, n, start, x, one if first > 0 else two)
        return _push(pieces, n, x, stop, one if last > 0 else two)
    return _push(pieces, n, start, stop, one if first + last >= 0 else two)


@kernel
def _merge(one: Floats, two: Floats, out: Floats, walls: Floats) -> int:
    """Merge two envelopes, each sorted and without overlap; gives the number of pieces written to `out`."""
    n, i, j, t = 0, 0, 0, -1.0
    while i < len(one) or j < len(two):
        if j == len(two):
            n = _push(out, n, max(t, one[i, 0]), one[i, 1], one[i, 2])
            i += 1
            continue
        if i == len(one):
            n = _push(out, n, max(t, two[j, 0]), two[j, 1], two[j, 2])
            j += 1
            continue
        a, b = max(t, one[i, 0]), max(t, two[j, 0])
        if one[i, 1] <= a:
            i += 1
            continue
        if two[j, 1] <= b:
            j += 1
            continue
        if a < b:
            t = min(one[i, 1], b)
            n = _push(out, n, a, t, one[i, 2])
        elif b < a:
            t = min(two[j, 1], a)
            n = _push(out, n, b, t, two[j, 2])
        else:
            t = min(one[i, 1], two[j, 1])
            n = _push_nearer(out, n, a, t, walls, one[i, 2], two[j, 2])
        if one[i, 1] <= t:
            i += 1
        if two[j, 1] <= t:
            j += 1
    return n


@kernel
def envelope_of(walls: Floats, n: int) -> Floats:
    """Merge single walls, then pairs, then fours, into the envelope: rows ``(from, to, wall)`` by angle."""
    now, then = np.empty((8 * n + 16, 3)), np.empty((8 * n + 16, 3))
    bounds = np.arange(n + 1)
    for k in range(n):
        now[k] = (walls[k, 2], walls[k, 3], float(k))
    count = n
    while count > 1:
        end, half = 0, 0
        for k in range(0, count, 2):
            first, middle = bounds[k], bounds[k + 1]
            last = bounds[min(k + 2, count)]
            end_before = end
            end += _merge(now[first:middle], now[middle:last], then[end:], walls)
            bounds[half] = end_before
            half += 1
        bounds[half] = end
        count = half
        now, then = then, now
    return now[: bounds[1] if n > 0 else 0]


@kernel
def _cuts(a: float, b: float, start: float, stop: float, near: float, far: float) -> tuple[Floats, int]:
    """Angles where a wall passes the near or the far circle, between its ends; sorted, with both ends."""
    cuts = np.empty(6)
    cuts[0], n = start, 1
    size, middle = math.hypot(a, b), math.atan2(b, a)
    for radius in (near, far):
        if radius * size <= 1.0:
            continue
        half = math.acos(1.0 / (radius * size))
        for angle in (middle - half, middle + half):
            x = angle
            while x < start:
                x += _TURN
            while x > stop:
                x -= _TURN
            if x > start + _TINY and x < stop - _TINY:
                cuts[n] = x
                n += 1
    cuts[n] = stop
    cuts[: n + 1].sort()
    return cuts, n + 1


@kernel
def spans_of(eye: Floats, walls: Floats, envelope: Floats) -> tuple[Floats, int]:
    """Cut the sector into spans ``(from, to, wall)``: wall -1 sees to the far circle, -2 sees nothing."""
    width, near, far = eye[3], eye[4], eye[5]
    spans = np.empty((6 * len(envelope) + 2, 3))
    n, t = 0, 0.0
    for k in range(len(envelope)):
        start, stop, wall = envelope[k]
        if start - t > _TINY:
            spans[n] = (t, start, -1.0)
            n += 1
        else:
            start = t
        if stop - start < _TINY:
            continue
        a, b = walls[int(wall), 0], walls[int(wall), 1]
        cuts, m = _cuts(a, b, start, stop, near, far)
        for c in range(m - 1):
            middle = (cuts[c] + cuts[c + 1]) / 2
            u = a * math.cos(middle) + b * math.sin(middle)
            kind = -2.0 if near * u > INSIDE else (wall if far * u > 1.0 else -1.0)
            spans[n] = (cuts[c], cuts[c + 1], kind)
            n += 1
        t = stop
    if width - t > _TINY:
        spans[n] = (t, width, -1.0)
        n += 1
    return spans, n
