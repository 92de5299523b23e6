"""Kernels that count cameras on ground already laid out: all that a change of cameras makes necessary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.coverage.ground.drawing import ASKED, BLOCKS, by_block, ones, wind
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Ints
    from spatial.coverage.edges import Shapes
    from spatial.coverage.ground.raster import Pairs

__all__ = ["Seen", "count_tiles"]


class Seen(NamedTuple):
    """What cameras see of the laid ground.

    `layers` holds squares seen by one, two and four or more cameras per layer of the ground, `discs` seen squares
    per (tile, disc) pair, `samples` cameras per (tile, sample) pair, `blocks` unseen squares per block.
    """

    layers: Ints
    discs: Ints
    samples: Ints
    blocks: Ints


@kernel
def _levels(delta: Ints, rows: Ints, counts: Ints, seen: Ints) -> None:
    """Sum `delta` into camera counts, set the bits of one, two and four cameras, and clear `delta`."""
    side = delta.shape[0]
    wide = seen.shape[1] // side
    for row in range(rows[0], rows[1]):
        total = 0
        for column in range(side):
            total += delta[row, column]
            delta[row, column] = 0
            counts[row, column] = total
            if total > 0:
                place, bit = row * wide + column // 64, np.uint64(1) << np.uint64(column % 64)
                seen[0, place] |= bit
                if total > 1:
                    seen[1, place] |= bit
                    if total > 3:
                        seen[2, place] |= bit


@kernel
def _disc(circle: Floats, corner: Floats, size: float, counts: Ints, free: Ints) -> int:
    """Count the seen squares of a disc that are free of footprints."""
    side = counts.shape[0]
    wide = len(free) // side
    x0, y0, radius = circle
    total = 0
    first = max(0, math.floor((y0 - radius - corner[1]) / size))
    last = min(side, math.ceil((y0 + radius - corner[1]) / size))
    for row in range(first, last):
        gap = radius * radius - (corner[1] + (row + 0.5) * size - y0) ** 2
        if gap < 0.0:
            continue
        half = math.sqrt(gap)
        left = max(0, math.ceil((x0 - half - corner[0]) / size - ASKED[row]))
        right = min(side - 1, math.floor((x0 + half - corner[0]) / size - ASKED[row]))
        for column in range(left, right + 1):
            if counts[row, column] > 0 and free[row * wide + column // 64] >> np.uint64(column % 64) & np.uint64(1):
                total += 1
    return total


@kernel
def count_tiles(
    tiles: Ints, chosen: Ints, size: float, block_px: int, views: Shapes, in_views: Pairs, gone: Flags,
    more: Shapes, in_more: Pairs, starts: Ints, words: Ints, free_at: Ints, free_words: Ints, interest: Ints,
    circles: Floats, in_circles: Pairs, samples: Floats, in_samples: Pairs, seen: Seen,
) -> None:  # fmt: skip
    """Count the `chosen` tiles into their own rows of `seen`: the views that are not `gone`, and some `more`.

    ``words[starts[t]:starts[t + 1]]`` are the layers of tile `t`, ``free_words[free_at[t]]`` its bits free of
    footprints (where it has discs), ``interest[t]`` its squares of interest by block.
    """
    side = BLOCKS * block_px
    wide = (side + 63) // 64
    delta, rows, counts = np.zeros((side, side), np.int16), np.array([side, 0]), np.zeros((side, side), np.uint16)
    bits, hidden = np.zeros((3, side * wide), np.uint64), np.empty(side * wide, np.uint64)
    covered = np.zeros((BLOCKS, BLOCKS), np.uint16)
    for t in chosen:
        corner = tiles[t] * (side * size)
        for k in range(in_views.offsets[t], in_views.offsets[t + 1]):
            if not gone[in_views.members[k]]:
                wind(views, in_views.members[k], corner, size, delta, rows)
        for k in range(in_more.offsets[t], in_more.offsets[t + 1]):
            wind(more, in_more.members[k], corner, size, delta, rows)
        first, last = rows[0], rows[1]
        _levels(delta, rows, counts, bits)
        covered[:] = 0
        for k in range(starts[t], starts[t + 1]):
            for level in range(3):
                total = 0
                for w in range(first * wide, last * wide):
                    hidden[w] = words[k, w] & bits[level, w]
                    total += ones(hidden[w])
                seen.layers[k, level] = total
                if level == 0 and total > 0:
                    hidden[: first * wide], hidden[last * wide :] = 0, 0
                    by_block(hidden, side, covered)
                if total == 0:
                    seen.layers[k, level:] = 0
                    break
        seen.blocks[t] = interest[t] - covered
        for k in range(in_circles.offsets[t], in_circles.offsets[t + 1]):
            seen.discs[k] = _disc(circles[in_circles.members[k]], corner, size, counts, free_words[free_at[t]])
        for k in range(in_samples.offsets[t], in_samples.offsets[t + 1]):
            s = in_samples.members[k]
            column = min(side - 1, max(0, int((samples[s, 0] - corner[0]) / size)))
            row = min(side - 1, max(0, int((samples[s, 1] - corner[1]) / size)))
            seen.samples[k] = counts[row, column]
        if first < last:
            counts[first:last], bits[:, first * wide : last * wide], rows[0], rows[1] = 0, 0, side, 0
