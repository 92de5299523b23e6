"""Kernels that draw shapes onto the squares of one tile: by winding, one pass per row, whatever lies on top of what.

A shape adds its winding where its edges cross the centre line of a row: +1 where a row enters it, -1 where the row
leaves it; one running sum over the row then counts all shapes at once. Areas that tile the plane tile the squares
too, and every figure is a whole number. Squares are kept as bits, 64 to a word.

A square is asked at one point, on its middle line but not in its middle: at `ASKED` of its width, which changes from
row to row by the golden section. Along a wall that runs with the rows of squares all middles would be on the same
side of it, and a village of such walls would be off by far more than chance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.edges import upright
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.edges import Shapes


__all__ = ["ASKED", "BLOCKS", "by_block", "draw_corridor", "draw_disc", "ones", "to_bits", "wind"]

BLOCKS = 16
"""Blocks along one side of a tile."""

ASKED = (np.arange(1024) + 0.5) * ((5**0.5 - 1) / 2) % 1.0
"""Where, as a part of its width, a square is asked, by its row in the tile."""


@kernel
def ones(word: int) -> int:
    """Count the bits of a word."""
    x = np.uint64(word)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def wind(shapes: Shapes, shape: int, corner: Floats, size: float, delta: Ints, rows: Ints) -> None:
    """Add a shape's winding to `delta`, and the rows it touches to the range ``rows[0]:rows[1]``."""
    side = delta.shape[0]
    top = corner[1] + side * size
    right = corner[0] + side * size
    for e in range(shapes.offsets[shape], shapes.offsets[shape + 1]):
        x1, y1, x2, y2, turn = upright(shapes.edges, e)
        if y2 <= corner[1] or y1 >= top or (x1 >= right and x2 >= right) or y1 == y2:
            continue
        first = max(0, math.ceil((y1 - corner[1]) / size - 0.5))
        last = min(side, math.ceil((y2 - corner[1]) / size - 0.5))
        if first >= last:
            continue
        rows[0], rows[1] = min(rows[0], first), max(rows[1], last)
        slope = (x2 - x1) / (y2 - y1)
        for row in range(first, last):
            x = x1 + (corner[1] + (row + 0.5) * size - y1) * slope
            column = math.ceil(min(max((x - corner[0]) / size - ASKED[row], 0.0), float(side)))
            if column < side:
                delta[row, column] += turn


@kernel
def _span(delta: Ints, row: int, left: float, right: float, size: float, rows: Ints) -> None:
    """Add one to the squares of a row whose points lie in ``left..right``, metres from the tile's corner."""
    side, asked = delta.shape[0], ASKED[row]
    first, last = max(0, math.ceil(left / size - asked)), min(side - 1, math.floor(right / size - asked))
    if first > last:
        return
    rows[0], rows[1] = min(rows[0], row), max(rows[1], row + 1)
    delta[row, first] += 1
    if last + 1 < side:
        delta[row, last + 1] -= 1


@kernel
def draw_corridor(strip: Floats, corner: Floats, size: float, delta: Ints, rows: Ints) -> None:
    """Add the squares within half a width of a segment ``(x1, y1, x2, y2, half width)``."""
    x1, y1, x2, y2, half = strip
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    reach = half * math.sqrt(length)
    first = max(0, math.floor((min(y1, y2) - half - corner[1]) / size))
    last = min(delta.shape[0], math.ceil((max(y1, y2) + half - corner[1]) / size))
    for row in range(first, last):
        y = corner[1] + (row + 0.5) * size - y1
        left, right = math.inf, -math.inf
        for end in range(2):
            gap = half * half - (y - end * dy) ** 2
            if gap >= 0.0:
                left = min(left, end * dx - math.sqrt(gap))
                right = max(right, end * dx + math.sqrt(gap))
        low, high = -math.inf, math.inf
        if dy != 0.0:
            low, high = (y * dx - math.copysign(reach, dy)) / dy, (y * dx + math.copysign(reach, dy)) / dy
        elif abs(y * dx) > reach:
            high = -math.inf
        if dx != 0.0:
            one, two = -y * dy / dx, (length - y * dy) / dx
            low, high = max(low, min(one, two)), min(high, max(one, two))
        elif y * dy < 0.0 or y * dy > length:
            high = -math.inf
        if low <= high and length > 0.0:
            left, right = min(left, low), max(right, high)
        if left <= right:
            _span(delta, row, left + x1 - corner[0], right + x1 - corner[0], size, rows)


@kernel
def draw_disc(circle: Floats, corner: Floats, size: float, delta: Ints, rows: Ints) -> None:
    """Add the squares of a disc ``(x, y, radius)``."""
    x0, y0, radius = circle
    first = max(0, math.floor((y0 - radius - corner[1]) / size))
    last = min(delta.shape[0], math.ceil((y0 + radius - corner[1]) / size))
    for row in range(first, last):
        gap = radius * radius - (corner[1] + (row + 0.5) * size - y0) ** 2
        if gap >= 0.0:
            half = math.sqrt(gap)
            _span(delta, row, x0 - half - corner[0], x0 + half - corner[0], size, rows)


@kernel
def to_bits(delta: Ints, rows: Ints, words: Ints) -> None:
    """Set the bits where the running sum of a row is above zero, and clear `delta` again."""
    side = delta.shape[0]
    wide = len(words) // side
    for row in range(rows[0], rows[1]):
        total = 0
        for column in range(side):
            total += delta[row, column]
            delta[row, column] = 0
            if total > 0:
                words[row * wide + column // 64] |= np.uint64(1) << np.uint64(column % 64)
    rows[0], rows[1] = side, 0


@kernel
def by_block(words: Ints, side: int, counts: Ints) -> None:
    """Add the bits of each block to `counts`."""
    wide, px = len(words) // side, side // BLOCKS
    mask = (np.uint64(1) << np.uint64(px)) - np.uint64(1)
    for row in range(side):
        for block in range(BLOCKS):
            at = block * px
            word, shift = row * wide + at // 64, at % 64
            bits = words[word] >> np.uint64(shift)
            if shift + px > 64:
                bits |= words[word + 1] << np.uint64(64 - shift)
            counts[row // px, block] += ones(bits & mask)
