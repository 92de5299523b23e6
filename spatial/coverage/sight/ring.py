"""Draws what an eye sees: the ring around the spans of its envelope, closed over its dead zone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats

__all__ = ["outline"]

_FULL = 2 * math.pi - 1e-10


@kernel
def _arc(ring: Floats, n: int, eye: Floats, radius: float, start: float, stop: float, step: float) -> int:
    """Write the points of an arc, both ends included, in either direction.

    Between its ends they lie at whole steps from the start of the sector: what cuts an arc moves no other chord.
    """
    ring[n] = (eye[0] + radius * math.cos(eye[2] + start), eye[1] + radius * math.sin(eye[2] + start))
    n += 1
    first, last = math.floor(min(start, stop) / step + 1e-9) + 1, math.ceil(max(start, stop) / step - 1e-9) - 1
    for k in range(first, last + 1):
        angle = eye[2] + step * (k if start < stop else first + last - k)
        ring[n] = (eye[0] + radius * math.cos(angle), eye[1] + radius * math.sin(angle))
        n += 1
    ring[n] = (eye[0] + radius * math.cos(eye[2] + stop), eye[1] + radius * math.sin(eye[2] + stop))
    return n + 1


@kernel
def outline(eye: Floats, walls: Floats, spans: Floats, step: float) -> Floats:
    """Draw the outline of consecutive spans that see something, closed over the near circle or the eye."""
    start, stop = spans[0, 0], spans[-1, 1]
    ring = np.empty((2 * int((stop - start) / step) + 4 * len(spans) + 16, 2))
    n = 0
    for k in range(len(spans)):
        wall = int(spans[k, 2])
        if wall < 0:
            n = _arc(ring, n, eye, eye[5], spans[k, 0], spans[k, 1], step)
            continue
        for t in (spans[k, 0], spans[k, 1]):
            r = min(eye[5], 1.0 / (walls[wall, 0] * math.cos(t) + walls[wall, 1] * math.sin(t)))
            ring[n] = (eye[0] + r * math.cos(eye[2] + t), eye[1] + r * math.sin(eye[2] + t))
            n += 1
    if eye[4] > 0.0:
        n = _arc(ring, n, eye, eye[4], stop, start, step)
    elif eye[3] < _FULL:
        ring[n] = (eye[0], eye[1])
        n += 1
    ring[n] = ring[0]
    keep = 1
    for k in range(1, n + 1):
        if abs(ring[k, 0] - ring[keep - 1, 0]) + abs(ring[k, 1] - ring[keep - 1, 1]) > 1e-7:
            ring[keep] = ring[k]
            keep += 1
    if abs(ring[keep - 1, 0] - ring[0, 0]) + abs(ring[keep - 1, 1] - ring[0, 1]) > 1e-7:
        ring[keep] = ring[0]
        keep += 1
    ring[keep - 1] = ring[0]
    return ring[:keep]
