"""Kernels that lay out the ground tile by tile: interest, footprints, units, targets and road samples.

A tile holds `16 x 16` blocks of `block_px x block_px` squares (`spatial.coverage.ground.drawing`); sums do not depend
on the order of tiles or the number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.coverage.ground.drawing import BLOCKS, by_block, draw_corridor, draw_disc, ones, to_bits, wind
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.edges import Shapes


__all__ = ["Laid", "Pairs", "lay_tiles"]


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
        draw_disc(circles[near[k]], corner, size, delta, rows)
        to_bits(delta, rows, words)
        total = 0
        for w in range(len(words)):
            total += ones(words[w] & free[w])
        out[k] = (near[k], total)


@kernel
def _interest(
    t: int, corner: Floats, size: float, areas: Shapes, in_areas: Pairs, footprints: Shapes, in_footprints: Pairs,
    strips: Floats, in_strips: Pairs, circles: Floats, near: Ints, delta: Ints, rows: Ints, interest: Ints, free: Ints,
) -> None:  # fmt: skip
    """Draw one tile: the bits of interest, and those free of footprints."""
    interest[:], free[:] = 0, 0
    for k in range(in_footprints.offsets[t], in_footprints.offsets[t + 1]):
        wind(footprints, in_footprints.members[k], corner, size, delta, rows)
    to_bits(delta, rows, free)
    for k in range(in_areas.offsets[t], in_areas.offsets[t + 1]):
        wind(areas, in_areas.members[k], corner, size, delta, rows)
    for k in range(in_strips.offsets[t], in_strips.offsets[t + 1]):
        draw_corridor(strips[in_strips.members[k]], corner, size, delta, rows)
    for disc in near:
        draw_disc(circles[disc], corner, size, delta, rows)
    to_bits(delta, rows, interest)
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
    room, n = 2 * (hi - lo) + 64, 0
    layers, words = np.empty((room, 4), np.int64), np.empty((room, size_of), np.uint64)
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
