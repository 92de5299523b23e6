"""Kernels that draw shapes onto the squares of one tile: by winding, one pass per row, whatever lies on top of what.

A tile holds `16 x 16` blocks of `block_px x block_px` squares. A shape adds its winding where its edges cross the
centre line of a row: +1 where a row enters it, -1 where the row leaves it; one running sum over the row then
counts all shapes at once. Areas that tile the plane tile the squares too, and every figure is a whole number:
sums do not depend on the order of tiles or the number of threads. Squares are kept as bits, 64 to a word.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints


__all__ = ["BLOCKS", "Laid", "Pairs", "Shapes", "by_block", "lay_tiles", "ones", "wind"]

BLOCKS = 16
"""Blocks along one side of a tile."""


class Shapes(NamedTuple):
    """Areas as edges ``(x1, y1, x2, y2)``, inside on the left: shape `k` has rows ``offsets[k]:offsets[k + 1]``."""

    edges: Floats
    offsets: Ints


class Pairs(NamedTuple):
    """Which shapes touch which tile: those of tile `t` are ``members[offsets[t]:offsets[t + 1]]``."""

    offsets: Ints
    members: Ints


class Laid(NamedTuple):
    """What lies in a span of tiles, whatever the cameras do.

    Rows of `layers` are ``(tile, village, cell, squares)``: the squares of interest of one pair of units (from 1;
    cell 0 is outside all cells) in one tile, and `words` their bits; what lies outside all villages is left out.
    `free_words` are the bits outside footprints of the tiles that `free_tiles` lists (those with discs), `discs`
    the free squares per (tile, disc) pair; `samples` village and cell per (tile, sample) pair; `blocks` squares of
    interest per block; `centres` village and cell at the middle of each block of the tiles in `mixed`.
    """

    layers: Ints
    words: Ints
    free_tiles: Ints
    free_words: Ints
    discs: Ints
    samples: Ints
    blocks: Ints
    mixed: Ints
    centres: Ints


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
        x1, y1, x2, y2 = shapes.edges[e]
        turn = 1
        if y1 < y2:
            turn = -1
        else:
            x1, y1, x2, y2 = x2, y2, x1, y1
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
            column = math.ceil(min(max((x - corner[0]) / size - 0.5, 0.0), float(side)))
            if column < side:
                delta[row, column] += turn


@kernel
def _span(delta: Ints, row: int, left: float, right: float, size: float, rows: Ints) -> None:
    """Add one to the squares of a row whose centres lie in ``left..right``, metres from the tile's corner."""
    side = delta.shape[0]
    first, last = max(0, math.ceil(left / size - 0.5)), min(side - 1, math.floor(right / size - 0.5))
    if first > last:
        return
    rows[0], rows[1] = min(rows[0], row), max(rows[1], row + 1)
    delta[row, first] += 1
    if last + 1 < side:
        delta[row, last + 1] -= 1


@kernel
def _corridor(strip: Floats, corner: Floats, size: float, delta: Ints, rows: Ints) -> None:
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
def _round(circle: Floats, corner: Floats, size: float, delta: Ints, rows: Ints) -> None:
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
def _bits(delta: Ints, rows: Ints, words: Ints) -> None:
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
def _label(shapes: Shapes, pairs: Pairs, tile: int, corner: Floats, size: float, labels: Ints, delta: Ints,
           rows: Ints) -> None:  # fmt: skip
    """Write the number of each shape at a tile, from 1, into its squares; the lowest number wins."""
    side = delta.shape[0]
    labels[:] = 0
    for shape in pairs.members[pairs.offsets[tile] : pairs.offsets[tile + 1]]:
        wind(shapes, shape, corner, size, delta, rows)
        for row in range(rows[0], rows[1]):
            total = 0
            for column in range(side):
                total += delta[row, column]
                delta[row, column] = 0
                if total > 0 and labels[row, column] == 0:
                    labels[row, column] = shape + 1
        rows[0], rows[1] = side, 0


@kernel
def _split(interest: Ints, villages: Ints, cells: Ints, tile: int, layers: Ints, words: Ints,
           n: int) -> int:  # fmt: skip
    """Sort the squares of interest of one tile into layers by village and cell, after the `n` that are there."""
    side = villages.shape[0]
    wide = len(interest) // side
    first = n
    for row in range(side):
        for column in range(side):
            place, bit = row * wide + column // 64, np.uint64(1) << np.uint64(column % 64)
            village, cell = np.int64(villages[row, column]), np.int64(cells[row, column])
            if village == 0 or not interest[place] & bit:
                continue
            k = first
            while k < n and (layers[k, 1] != village or layers[k, 2] != cell):
                k += 1
            if k == n:
                if n == len(layers):
                    raise ValueError
                layers[n] = (tile, village, cell, np.int64(0))
                words[n] = 0
                n += 1
            layers[k, 3] += 1
            words[k, place] |= bit
    return n


@kernel
def _free_discs(circles: Floats, near: Ints, corner: Floats, size: float, free: Ints, delta: Ints, rows: Ints,
                out: Ints) -> None:  # fmt: skip
    """Count the free squares of the discs `near` one tile."""
    words = np.empty_like(free)
    for k in range(len(near)):
        words[:] = 0
        _round(circles[near[k]], corner, size, delta, rows)
        _bits(delta, rows, words)
        total = 0
        for w in range(len(words)):
            total += ones(words[w] & free[w])
        out[k] = (near[k], total)


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


@kernel
def _interest(
    t: int, corner: Floats, size: float, areas: Shapes, in_areas: Pairs, footprints: Shapes, in_footprints: Pairs,
    strips: Floats, in_strips: Pairs, circles: Floats, near: Ints, delta: Ints, rows: Ints, interest: Ints, free: Ints,
) -> None:  # fmt: skip
    """Draw one tile: the bits of interest, and those free of footprints."""
    interest[:], free[:] = 0, 0
    for k in range(in_footprints.offsets[t], in_footprints.offsets[t + 1]):
        wind(footprints, in_footprints.members[k], corner, size, delta, rows)
    _bits(delta, rows, free)
    for k in range(in_areas.offsets[t], in_areas.offsets[t + 1]):
        wind(areas, in_areas.members[k], corner, size, delta, rows)
    for k in range(in_strips.offsets[t], in_strips.offsets[t + 1]):
        _corridor(strips[in_strips.members[k]], corner, size, delta, rows)
    for disc in near:
        _round(circles[disc], corner, size, delta, rows)
    _bits(delta, rows, interest)
    for w in range(len(interest)):
        free[w] = ~free[w]
        interest[w] &= free[w]


@kernel
def _tag(samples: Floats, members: Ints, corner: Floats, size: float, villages: Ints, cells: Ints,
         out: Ints) -> None:  # fmt: skip
    """Write village and cell of the samples of one tile."""
    side = villages.shape[0]
    for k in range(len(members)):
        column = min(side - 1, max(0, int((samples[members[k], 0] - corner[0]) / size)))
        row = min(side - 1, max(0, int((samples[members[k], 1] - corner[1]) / size)))
        out[k] = (villages[row, column], cells[row, column])


@kernel
def _middles(villages: Ints, cells: Ints, out: Ints) -> None:
    """Write village and cell at the middle of every block."""
    px = villages.shape[0] // BLOCKS
    for row in range(BLOCKS):
        for column in range(BLOCKS):
            y, x = row * px + px // 2, column * px + px // 2
            out[row, column] = (villages[y, x], cells[y, x])


@kernel
def lay_tiles(
    tiles: Ints, span: Ints, size: float, block_px: int,
    areas: Shapes, in_areas: Pairs, footprints: Shapes, in_footprints: Pairs,
    villages: Shapes, in_villages: Pairs, whole_village: Ints, cells: Shapes, in_cells: Pairs, whole_cell: Ints,
    strips: Floats, in_strips: Pairs, circles: Floats, in_circles: Pairs, interesting: int,
    samples: Floats, in_samples: Pairs,
) -> Laid:  # fmt: skip
    """Lay out the consecutive tiles `span`.

    `tiles` are rows ``(column, row)`` of the absolute lattice; `whole_village` and `whole_cell` hold the unit
    (from 1) that contains the whole tile, 0 outside all, -1 where it must be drawn. The first `interesting` circles
    belong to the area of interest; all circles are targets.
    """
    lo, side = span[0] if len(span) > 0 else 0, BLOCKS * block_px
    hi = lo + len(span)
    size_of = side * ((side + 63) // 64)
    delta, rows = np.zeros((side, side), np.int16), np.array([side, 0])
    in_village, in_cell = np.zeros((side, side), np.int32), np.zeros((side, side), np.int32)
    layers, words, n = (
        np.empty((2 * (hi - lo) + 64, 4), np.int32),
        np.empty((2 * (hi - lo) + 64, size_of), np.uint64),
        0,
    )
    mixed = np.flatnonzero((whole_village[lo:hi] < 0) | (whole_cell[lo:hi] < 0)) + lo
    centres, m = np.empty((len(mixed), BLOCKS, BLOCKS, 2), np.int32), 0
    with_discs = np.flatnonzero(in_circles.offsets[lo + 1 : hi + 1] > in_circles.offsets[lo:hi]) + lo
    free_words, f = np.empty((len(with_discs), size_of), np.uint64), 0
    discs = np.empty((in_circles.offsets[hi] - in_circles.offsets[lo], 2), np.int64)
    found = np.zeros((in_samples.offsets[hi] - in_samples.offsets[lo], 2), np.int32)
    blocks = np.zeros((hi - lo, BLOCKS, BLOCKS), np.uint16)
    interest, free = np.empty(size_of, np.uint64), np.empty(size_of, np.uint64)
    for t in range(lo, hi):
        corner = tiles[t] * (side * size)
        near = in_circles.members[in_circles.offsets[t] : in_circles.offsets[t + 1]]
        _interest(t, corner, size, areas, in_areas, footprints, in_footprints, strips, in_strips, circles,
                  near[near < interesting], delta, rows, interest, free)  # fmt: skip
        if len(near) > 0:
            free_words[f] = free
            start = in_circles.offsets[t] - in_circles.offsets[lo]
            _free_discs(circles, near, corner, size, free, delta, rows, discs[start : start + len(near)])
            f += 1
        if n + 256 > len(layers):
            layers, words = _wider(layers, n), _wider(words, n)
        mine = in_samples.members[in_samples.offsets[t] : in_samples.offsets[t + 1]]
        tags = found[in_samples.offsets[t] - in_samples.offsets[lo] :][: len(mine)]
        before = n
        if whole_village[t] >= 0 and whole_cell[t] >= 0:
            tags[:, 0], tags[:, 1] = whole_village[t], whole_cell[t]
            n = _keep(interest, t, whole_village[t], whole_cell[t], layers, words, n)
        else:
            in_village[:], in_cell[:] = max(0, whole_village[t]), max(0, whole_cell[t])
            if whole_village[t] < 0:
                _label(villages, in_villages, t, corner, size, in_village, delta, rows)
            if whole_cell[t] < 0:
                _label(cells, in_cells, t, corner, size, in_cell, delta, rows)
            n = _split(interest, in_village, in_cell, t, layers, words, n)
            _middles(in_village, in_cell, centres[m])
            _tag(samples, mine, corner, size, in_village, in_cell, tags)
            m += 1
        for k in range(before, n):
            by_block(words[k], side, blocks[t - lo])
    return Laid(layers[:n].copy(), words[:n].copy(), with_discs, free_words, discs, found, blocks, mixed, centres)


@kernel
def _keep(interest: Ints, tile: int, village: int, cell: int, layers: Ints, words: Ints, n: int) -> int:
    """Keep the squares of interest of a tile that lies in one unit."""
    total = 0
    for w in range(len(interest)):
        total += ones(interest[w])
    if village == 0 or total == 0:
        return n
    layers[n] = (tile, village, cell, total)
    words[n] = interest
    return n + 1


@kernel
def _wider(rows: Ints, n: int) -> Ints:
    """Make room for as many rows again."""
    wider = np.empty((2 * len(rows) + 256, rows.shape[1]), rows.dtype)
    wider[:n] = rows[:n]
    return wider
