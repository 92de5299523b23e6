"""What eyes see: the envelope of the walls that nothing looks over, bands of distance over the low ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.sight.bands import band_area, ring_bands, slice_bands
from spatial.coverage.sight.envelope import envelope_of, spans_of
from spatial.coverage.sight.gather import gather
from spatial.coverage.sight.ring import outline
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.sight.gather import Lattice

__all__ = ["over_bands", "sight", "span_area"]

_TINY = 1e-10
_TURN = 2 * math.pi
_BLOCKS = 1 << 30  # what no eye looks over


@kernel
def span_area(eye: Floats, walls: Floats, spans: Floats, m: int) -> float:
    """Sum the area of all spans between the near circle and what ends the sight, exactly."""
    total = 0.0
    for k in range(m):
        start, stop, kind = spans[k]
        if kind == -2.0:
            continue
        reach = eye[5] * eye[5] * (stop - start)
        if kind >= 0.0:
            w = int(kind)
            one = walls[w, 0] * math.cos(start) + walls[w, 1] * math.sin(start)
            two = walls[w, 0] * math.cos(stop) + walls[w, 1] * math.sin(stop)
            reach = math.sin(stop - start) / (one * two)
        total += 0.5 * (reach - eye[4] * eye[4] * (stop - start))
    return total


@kernel
def _flat_rings(eye: Floats, walls: Floats, envelope: Floats, step: float) -> tuple[Floats, Ints, float]:
    """Give the rings of a sight that no low wall interrupts, their offsets, and its area."""
    spans, m = spans_of(eye, walls, envelope)
    points, ends, first = np.empty((0, 2)), [0], 0
    for k in range(m + 1):
        if k < m and spans[k, 2] != -2.0:
            continue
        if k > first:
            ring = outline(eye, walls, spans[first:k], step)
            if len(ring) >= 4:
                points = np.concatenate((points, ring)) if len(points) else ring
                ends.append(len(points))
        first = k + 1
    return points, np.array(ends), span_area(eye, walls, spans, m)


@kernel
def over_bands(
    eye: Floats, walls: Floats, envelope: Floats, low: Floats, steps: Ints, m: int
) -> tuple[Floats, Floats, Ints, Floats]:
    """Give the bands over low walls up to the envelope of the high ones: curves' walls, rays, first ends, curves."""
    n = len(envelope)
    both, turns = np.empty((n + m, 4)), np.empty(n + m, np.int64)
    for k in range(n):
        both[k, :2], both[k, 2:], turns[k] = walls[int(envelope[k, 2]), :2], envelope[k, :2], _BLOCKS
    both[n:], turns[n:] = low[:m], steps[:m]
    rays, starts, curves = slice_bands(eye, both, turns, n + m, int(eye[8]))
    return both, rays, starts, curves


@kernel
def _banded_rings(
    eye: Floats, walls: Floats, envelope: Floats, low: Floats, steps: Ints, m: int, step: float
) -> tuple[Floats, Ints, float]:
    """Give the rings of a sight over low walls, their offsets, and its area."""
    both, rays, starts, curves = over_bands(eye, walls, envelope, low, steps, m)
    rings, ends = ring_bands(eye, both, rays, starts, curves, step, eye[3] > _TURN - _TINY)
    return rings, ends, band_area(eye, both, rays, starts, curves)


@kernel
def _axis(eye: Floats, walls: Floats, n: int, low: Floats) -> float:
    """Distance to the first front wall on the axis of the sector; infinite where there is none within reach."""
    nearest, middle = 1.0 / eye[5], eye[3] / 2
    for part, count in ((walls, n), (low, len(low))):
        for k in range(count):
            if part[k, 2] <= middle <= part[k, 3]:
                nearest = max(nearest, part[k, 0] * math.cos(middle) + part[k, 1] * math.sin(middle))
    return 1.0 / nearest if nearest > 1.0 / eye[5] else math.inf


@kernel
def sight(eyes: Floats, standing: Lattice, step: float) -> tuple[Floats, Ints, Ints, Floats]:
    """Outline what each eye sees between its near and far circle, around the walls and over the low ones.

    `eyes` are rows ``(x, y, base, width, near, far, height, target height, roofs)`` in metres and radians, `roofs`
    the number of low buildings it stands on. Gives the points of all rings (outer ones
    anticlockwise, holes clockwise), their offsets, the eye each ring belongs to, and per eye the area it sees and
    the distance of the first wall on its axis (inf: none).
    """
    flat, used = np.empty((64 * len(eyes) + 1024, 2)), 0
    marks = np.full(len(standing.points), -1, np.int32)
    offset, owner, found = [0], [0], np.zeros((len(eyes), 2))
    for e in range(len(eyes)):
        eye = eyes[e]
        found[e, 1] = math.inf
        if eye[5] <= eye[4] or eye[3] < _TINY:
            continue
        walls, n, low, steps, m = gather(eye, e, standing, marks)
        envelope = envelope_of(walls, n)
        if m > 0 or eye[8] > 0:
            rings, ends, found[e, 0] = _banded_rings(eye, walls, envelope, low, steps, m, step)
        else:
            rings, ends, found[e, 0] = _flat_rings(eye, walls, envelope, step)
        found[e, 1] = _axis(eye, walls, n, low[:m][steps[:m] > 0])
        if used + len(rings) > len(flat):
            wider = np.empty((2 * (used + len(rings)), 2))
            wider[:used] = flat[:used]
            flat = wider
        flat[used : used + len(rings)] = rings
        for end in ends[1:]:
            offset.append(used + end)
            owner.append(e)
        used += len(rings)
    return flat[:used].copy(), np.array(offset), np.array(owner)[1:], found
