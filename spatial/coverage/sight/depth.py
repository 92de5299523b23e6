"""How far the walls met so far leave each direction open: what lies behind them need not be looked at.

Directions are equal parts of the outline of a square around the eye, not of the circle: where one lies among them
takes a division, an angle would take an arctangent. A direction is walled off only by a wall that fills it, and as
far as that wall's farther end in it: nothing that could be seen is ever left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats

__all__ = ["directions", "in_sight", "square_hidden"]

_DIRECTIONS = 128
_SLACK = 1.0 / math.cos(4.0 / _DIRECTIONS)
_SHORT = 1.0 - 1e-9


@kernel
def directions() -> tuple[Floats, Floats]:
    """Give unit vectors where each direction begins (the first once more), and ``1 / distance`` of what ends it: 0."""
    rays = np.empty((_DIRECTIONS + 1, 2))
    for k in range(_DIRECTIONS + 1):
        part = k * (4.0 / _DIRECTIONS)
        x = 1.0 - part if part <= 2.0 else part - 3.0
        y = part if part <= 1.0 else (2.0 - part if part <= 3.0 else part - 4.0)
        size = math.sqrt(x * x + y * y)
        rays[k] = (x / size, y / size)
    return rays, np.zeros(_DIRECTIONS)


@kernel
def _place(x: float, y: float) -> float:
    """Give where ``(x, y)`` lies among the directions, a number from 0 that grows with the angle."""
    part = y / (abs(x) + abs(y))
    if x < 0.0:
        part = 2.0 - part
    elif y < 0.0:
        part += 4.0
    return part * (_DIRECTIONS / 4.0)


@kernel
def in_sight(
    bx: float, by: float, ax: float, ay: float, a: float, b: float, opaque: bool, rays: Floats, depth: Floats
) -> bool:
    """Tell whether a wall ``a cos + b sin`` from `b` anticlockwise to `a` may show; if `opaque` it walls off others.

    ``1 / distance`` along a wall is least, in one direction, at an end, and at most `_SLACK` times the greater one.
    """
    first, last = int(_place(bx, by)), int(_place(ax, ay))
    if last < first:
        last += _DIRECTIONS
    seen = False
    one = a * rays[first % _DIRECTIONS, 0] + b * rays[first % _DIRECTIONS, 1]
    for k in range(first, last + 1):
        place = k % _DIRECTIONS
        two = a * rays[place + 1, 0] + b * rays[place + 1, 1]
        if max(one, two) * _SLACK > depth[place]:
            seen = True
        if opaque and first < k < last:
            depth[place] = max(depth[place], min(one, two) * _SHORT)
        one = two
    return seen


@kernel
def square_hidden(dx: float, dy: float, side: float, depth: Floats) -> bool:
    """Tell whether nothing in a square around ``(dx, dy)`` can be seen past the walls met so far."""
    half, away = side * 0.70711, math.sqrt(dx * dx + dy * dy)
    if half >= 0.8 * away:
        return False
    middle, spread = _place(dx, dy), 1.2 * half / away * (_DIRECTIONS / 4.0)  # no less than the arcsine up to 0.8
    nearest = 1.0 / (away - half)
    for k in range(int(middle - spread + _DIRECTIONS), int(middle + spread + _DIRECTIONS) + 1):
        if depth[k % _DIRECTIONS] < nearest:
            return False
    return True
