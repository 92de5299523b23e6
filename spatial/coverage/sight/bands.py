"""Seeing over low walls: what an eye sees as bands of distance on every ray, and the rings around them.

A building of height `B` between the eye's height `H` and the target's `h` hides the ground under and behind it only
as far as its upper edge lets: along a ray, from its front wall to ``k`` times the distance of its back wall, with
``k = (H - h) / (H - B)``. Walls and stretched back walls are straight lines; between two neighbouring critical
angles (ends, crossings, passings of the near and far circle) their order does not change, so every visible band is
bounded by two known curves. On each critical ray the ends of the bands left and right of it, sorted by distance
and taken in pairs, are joined: the rings close by construction, outer ones anticlockwise, holes clockwise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.sight.envelope import INSIDE
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints

__all__ = ["band_area", "radius_at", "ring_bands", "slice_bands"]

_TINY = 1e-10
_NEAR, _FAR = -2.0, -1.0


@kernel
def radius_at(eye: Floats, walls: Floats, curve: float, angle: float) -> float:
    """Distance of a curve at an angle: a wall, or the near or far circle; never outside the two circles."""
    if curve == _NEAR:
        return float(eye[4])
    if curve == _FAR:
        return float(eye[5])
    w = int(curve)
    u = walls[w, 0] * math.cos(angle) + walls[w, 1] * math.sin(angle)
    return float(max(eye[4], min(eye[5], 1.0 / u if u > 1e-12 else math.inf)))


@kernel
def _critical_angles(eye: Floats, walls: Floats, n: int) -> Floats:
    """Sort the angles where a wall begins, ends or passes the near or the far circle."""
    width = eye[3]
    angles = np.empty(6 * n + 2)
    angles[0], angles[1], m = 0.0, width, 2
    for k in range(n):
        for end in (walls[k, 2], walls[k, 3]):
            if 0.0 < end < width:
                angles[m] = end
                m += 1
        size, middle = math.hypot(walls[k, 0], walls[k, 1]), math.atan2(walls[k, 1], walls[k, 0])
        for radius in (eye[4], eye[5]):
            if radius * size <= 1.0:
                continue
            half = math.acos(1.0 / (radius * size))
            for angle in (middle - half, middle + half):
                x = angle % (2 * math.pi)
                if walls[k, 2] < x < walls[k, 3]:
                    angles[m] = x
                    m += 1
    angles = np.sort(angles[:m])
    keep = 1
    for k in range(1, m):
        if angles[k] - angles[keep - 1] > _TINY:
            angles[keep] = angles[k]
            keep += 1
    angles[keep - 1] = width
    return angles[:keep]


@kernel
def _heights(walls: Floats, rows: Ints, m: int, angle: float, out: Floats) -> None:
    """Write ``1 / distance`` of some walls at an angle."""
    c, s = math.cos(angle), math.sin(angle)
    for i in range(m):
        out[i] = walls[rows[i], 0] * c + walls[rows[i], 1] * s


@kernel
def _relevant(steps: Ints, active: Ints, m: int, first: Floats, last: Floats, far: float, rows: Ints) -> int:
    """Keep the walls of a slab that lie within reach and not behind the one that nothing looks over."""
    floor_first, floor_last = 1.0 / far, 1.0 / far
    for i in range(m):
        if steps[active[i]] > 1:
            floor_first, floor_last = max(floor_first, first[i]), max(floor_last, last[i])
    n = 0
    for i in range(m):
        if first[i] >= floor_first or last[i] >= floor_last:
            rows[n], first[n], last[n] = active[i], first[i], last[i]
            n += 1
    return n


@kernel
def _crossings(walls: Floats, rows: Ints, m: int, first: Floats, last: Floats, cuts: Floats) -> int:
    """Add the angles where two walls cross between ``cuts[0]`` and ``cuts[1]``; sorted, with both."""
    start, stop, n = cuts[0], cuts[1], 2
    for i in range(m):
        for j in range(i):
            if (first[i] - first[j]) * (last[i] - last[j]) >= 0.0 or n == len(cuts):
                continue
            one, two = rows[i], rows[j]
            x = math.atan2(walls[two, 0] - walls[one, 0], walls[one, 1] - walls[two, 1]) % math.pi
            while x <= start:
                x += math.pi
            if start + _TINY < x < stop - _TINY:
                cuts[n] = x
                n += 1
    cuts[:n].sort()
    return n


@kernel
def _bands(eye: Floats, steps: Ints, rows: Ints, m: int, heights: Floats, standing: int, out: Floats) -> int:
    """Write the curves where bands begin and end along one ray, from near to far, begin and end in turn."""
    for i in range(1, m):  # they are nearly sorted already
        row, u, j = rows[i], heights[i], i - 1
        while j >= 0 and heights[j] < u:
            rows[j + 1], heights[j + 1] = rows[j], heights[j]
            j -= 1
        rows[j + 1], heights[j + 1] = row, u
    count, n = standing, 0
    open_at = _NEAR if count == 0 else math.nan
    for i in range(m):
        if heights[i] * eye[5] <= 1.0:
            break
        before = count
        count += steps[rows[i]]
        if heights[i] * eye[4] > INSIDE:
            open_at = _NEAR if count == 0 else math.nan
        elif before == 0 and count > 0:
            out[n], out[n + 1] = open_at, rows[i]
            n += 2
        elif before > 0 and count == 0:
            open_at = rows[i]
    if count == 0:
        out[n], out[n + 1] = open_at, _FAR
        n += 2
    return n


@kernel
def slice_bands(eye: Floats, walls: Floats, steps: Ints, n: int, standing: int) -> tuple[Floats, Ints, Floats]:
    """Cut the sector into slabs of constant order: the rays, first band end per slab, and the curves of all bands.

    `walls` are rows ``(a, b, from, to)``; `steps` what each adds to the number of obstacles over a ray (a front wall
    +1, a stretched back wall -1, a wall that nothing looks over a million); `standing` is that number at the eye.
    """
    angles = _critical_angles(eye, walls, n)
    order = np.argsort(walls[:n, 2])
    active, rows, m, following = np.empty(n, np.int64), np.empty(n, np.int64), 0, 0
    rays, starts, curves = [0.0], [0], [0.0]  # a first curve that types the list
    first, last = np.empty(n), np.empty(n)
    cuts, found = np.empty(4 * n + 64), np.empty(2 * n + 4)
    for k in range(len(angles) - 1):
        middle, left = (angles[k] + angles[k + 1]) / 2, 0
        for i in range(m):
            if walls[active[i], 3] > middle:
                active[left] = active[i]
                left += 1
        m = left
        while following < n and walls[order[following], 2] < middle:
            if walls[order[following], 3] > middle:
                active[m] = order[following]
                m += 1
            following += 1
        _heights(walls, active, m, angles[k], first)
        _heights(walls, active, m, angles[k + 1], last)
        near = _relevant(steps, active, m, first, last, eye[5], rows)
        cuts[0], cuts[1] = angles[k], angles[k + 1]
        pieces = _crossings(walls, rows, near, first, last, cuts)
        for c in range(pieces - 1):
            if cuts[c + 1] - cuts[c] <= _TINY:
                continue
            _heights(walls, rows, near, (cuts[c] + cuts[c + 1]) / 2, first)
            ends = _bands(eye, steps, rows, near, first, standing, found)
            curves.extend(found[:ends])
            rays.append(cuts[c + 1])
            starts.append(starts[-1] + ends)
    return np.array(rays), np.array(starts), np.array(curves)[1:]


@kernel
def _partners(eye: Floats, walls: Floats, rays: Floats, starts: Ints, curves: Floats, full: bool) -> Ints:
    """Join band ends across each ray: the other end of each end, at its left ray (0) and at its right ray (1).

    An end is ``2 * curve + side``; in a full turn the last ray is the first.
    """
    slabs = len(rays) - 1
    partner = np.full((len(curves), 2), -1, np.int64)
    ends, distance = np.empty(2 * len(curves) + 2, np.int64), np.empty(2 * len(curves) + 2)
    for r in range(slabs + 1):
        n = 0
        if full and r == slabs:
            break
        before = slabs - 1 if full and r == 0 else r - 1
        if before >= 0:
            for c in range(starts[before], starts[before + 1]):
                ends[n], distance[n] = 2 * c + 1, radius_at(eye, walls, curves[c], rays[before + 1])
                n += 1
        if r < slabs:
            for c in range(starts[r], starts[r + 1]):
                ends[n], distance[n] = 2 * c, radius_at(eye, walls, curves[c], rays[r])
                n += 1
        for i in range(1, n):
            mine, d, j = ends[i], distance[i], i - 1
            while j >= 0 and distance[j] > d:
                ends[j + 1], distance[j + 1] = ends[j], distance[j]
                j -= 1
            ends[j + 1], distance[j + 1] = mine, d
        for i in range(0, n - 1, 2):
            one, two = ends[i], ends[i + 1]
            partner[one // 2, one % 2], partner[two // 2, two % 2] = two, one
    return partner


@kernel
def ring_bands(
    eye: Floats, walls: Floats, rays: Floats, starts: Ints, curves: Floats, step: float, full: bool
) -> tuple[Floats, Ints]:
    """Trace the rings around all bands: their points ``(x, y)``, each closed, and their offsets."""
    partner = _partners(eye, walls, rays, starts, curves, full)
    slab = np.empty(len(curves), np.int64)
    for s in range(len(rays) - 1):
        slab[starts[s] : starts[s + 1]] = s
    used = np.zeros(len(curves), np.bool_)
    points, offsets = [(0.0, 0.0)], [0]  # a first point that types the list
    for first in range(len(curves)):
        c, begun = first, len(points)
        while not used[c]:
            used[c] = True
            leaving = 1 if (c - starts[slab[c]]) % 2 == 1 else 0  # a band's outer end runs with the angle
            a, b = rays[slab[c] + 1 - leaving], rays[slab[c] + leaving]
            parts = 1 if curves[c] >= 0 else max(1, math.ceil(abs(b - a) / step))
            for k in range(parts + 1):
                angle = a + (b - a) * k / parts
                r = radius_at(eye, walls, curves[c], angle)
                points.append((eye[0] + r * math.cos(eye[2] + angle), eye[1] + r * math.sin(eye[2] + angle)))
            following = partner[c, leaving]
            if following < 0:
                break
            c = following // 2
        if len(points) > begun:
            offsets.append(len(points) - 1)
    flat = np.empty((len(points) - 1, 2))
    for k in range(1, len(points)):
        flat[k - 1] = points[k]
    return _tidied(flat, np.array(offsets))


@kernel
def _tidied(points: Floats, offsets: Ints) -> tuple[Floats, Ints]:
    """Drop repeated points and those on the straight way between their neighbours; close every ring."""
    out, ends, n = np.empty((len(points) + len(offsets), 2)), [0], 0
    for r in range(len(offsets) - 1):
        first = n
        for k in range(offsets[r], offsets[r + 1]):
            x, y = points[k]
            if n > first and abs(x - out[n - 1, 0]) + abs(y - out[n - 1, 1]) <= 1e-7:
                continue
            if n > first + 1:
                dx, dy = x - out[n - 2, 0], y - out[n - 2, 1]
                ex, ey = out[n - 1, 0] - out[n - 2, 0], out[n - 1, 1] - out[n - 2, 1]
                if abs(dx * ey - dy * ex) <= 1e-8 * (dx * dx + dy * dy) ** 0.5 and dx * ex + dy * ey > 0.0:
                    n -= 1
            out[n, 0], out[n, 1] = x, y
            n += 1
        while n > first + 1 and abs(out[first, 0] - out[n - 1, 0]) + abs(out[first, 1] - out[n - 1, 1]) <= 1e-7:
            n -= 1
        if n - first < 3:
            n = first
            continue
        out[n] = out[first]
        n += 1
        ends.append(n)
    return out[:n].copy(), np.array(ends)


@kernel
def band_area(eye: Floats, walls: Floats, rays: Floats, starts: Ints, curves: Floats) -> float:
    """Sum the area of all bands, exactly."""
    total = 0.0
    for s in range(len(rays) - 1):
        a, b = rays[s], rays[s + 1]
        for c in range(starts[s], starts[s + 1]):
            one, two = radius_at(eye, walls, curves[c], a), radius_at(eye, walls, curves[c], b)
            piece = 0.5 * one * two * (math.sin(b - a) if curves[c] >= 0 else b - a)
            total += piece if (c - starts[s]) % 2 == 1 else -piece
    return total
