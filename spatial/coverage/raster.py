"""Kernels that count, tile by tile, how many cameras see each small square of the area of interest.

A tile holds `16 x 16` blocks of `block_px x block_px` squares. Shapes are edge lists filled by the even-odd
rule at the centres of the squares, so areas that tile the plane tile the squares too, and every figure is a
whole number: sums do not depend on the order of tiles or the number of threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints


__all__ = ["BLOCKS", "Discs", "Pairs", "Shapes", "Tally", "count_tiles"]

BLOCKS = 16
"""Blocks along one side of a tile."""

_INTEREST, _FOOTPRINT = 1, 2


class Shapes(NamedTuple):
    """Areas as edges ``(x1, y1, x2, y2)``: those of shape `k` are rows ``offsets[k]:offsets[k + 1]``."""

    edges: Floats
    offsets: Ints


class Pairs(NamedTuple):
    """Which shapes touch which tile: those of tile `t` are ``members[offsets[t]:offsets[t + 1]]``."""

    offsets: Ints
    members: Ints


class Discs(NamedTuple):
    """Round targets ``(x, y, radius)``."""

    circles: Floats


class Tally(NamedTuple):
    """What a run over tiles found.

    `villages` and `cells` hold, per unit (0 is outside all), squares of interest, seen, and seen by two or
    more; `discs` free and seen squares per (tile, disc) pair; `samples` cameras, village and cell
    per road sample; `blocks` unseen squares of interest per block and `units` the unit at its centre.
    """

    villages: Ints
    cells: Ints
    discs: Ints
    samples: Ints
    blocks: Ints
    units: Ints
    block_villages: Ints


@kernel
def _fill(shapes: Shapes, shape: int, corner: Floats, size: float, toggle: Ints) -> Ints:
    """Mark in `toggle` the squares inside a shape; gives the window ``(row, row end, column, column end)`` used."""
    side = toggle.shape[0]
    top, bottom, left = side, 0, side
    for e in range(shapes.offsets[shape], shapes.offsets[shape + 1]):
        x1, y1, x2, y2 = shapes.edges[e]
        if y1 == y2:
            continue
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        first = max(0, math.ceil((y1 - corner[1]) / size - 0.5))
        last = min(side, math.ceil((y2 - corner[1]) / size - 0.5))
        if first >= last:
            continue
        top, bottom = min(top, first), max(bottom, last)
        slope = (x2 - x1) / (y2 - y1)
        for row in range(first, last):
            x = x1 + (corner[1] + (row + 0.5) * size - y1) * slope
            column = math.ceil(min(max((x - corner[0]) / size - 0.5, 0.0), float(side)))
            left = min(left, column)
            if column < side:
                toggle[row, column] ^= 1
    for row in range(top, bottom):
        for column in range(left + 1, side):
            toggle[row, column] ^= toggle[row, column - 1]
    return np.array([top, max(top, bottom), left, side])


@kernel
def _mark(shapes: Shapes, members: Ints, corner: Floats, size: float, flags: Ints, bit: int,
          toggle: Ints) -> None:  # fmt: skip
    """Set a bit of `flags` in the squares of every listed shape."""
    for shape in members:
        window = _fill(shapes, shape, corner, size, toggle)
        for row in range(window[0], window[1]):
            for column in range(window[2], window[3]):
                if toggle[row, column]:
                    flags[row, column] |= bit
                    toggle[row, column] = 0


@kernel
def _label(shapes: Shapes, members: Ints, corner: Floats, size: float, labels: Ints,
           toggle: Ints) -> None:  # fmt: skip
    """Write the number of each listed shape, counted from 1, into its squares; the lowest number wins."""
    for shape in members[::-1]:
        window = _fill(shapes, shape, corner, size, toggle)
        for row in range(window[0], window[1]):
            for column in range(window[2], window[3]):
                if toggle[row, column]:
                    labels[row, column] = shape + 1
                    toggle[row, column] = 0


@kernel
def _see(shapes: Shapes, members: Ints, corner: Floats, size: float, counts: Ints,
         toggle: Ints) -> None:  # fmt: skip
    """Add one camera to the squares of each listed view."""
    for shape in members:
        window = _fill(shapes, shape, corner, size, toggle)
        for row in range(window[0], window[1]):
            for column in range(window[2], window[3]):
                if toggle[row, column]:
                    counts[row, column] += 1
                    toggle[row, column] = 0


@kernel
def _corridors(strips: Floats, members: Ints, corner: Floats, size: float, flags: Ints) -> None:
    """Mark the squares within half a width of each segment ``(x1, y1, x2, y2, half width)``."""
    side = flags.shape[0]
    for strip in members:
        x1, y1, x2, y2, half = strips[strip]
        dx, dy = x2 - x1, y2 - y1
        length = max(dx * dx + dy * dy, 1e-12)
        first = max(0, math.floor((min(y1, y2) - half - corner[1]) / size))
        last = min(side, math.ceil((max(y1, y2) + half - corner[1]) / size))
        left = max(0, math.floor((min(x1, x2) - half - corner[0]) / size))
        right = min(side, math.ceil((max(x1, x2) + half - corner[0]) / size))
        for row in range(first, last):
            y = corner[1] + (row + 0.5) * size - y1
            for column in range(left, right):
                x = corner[0] + (column + 0.5) * size - x1
                t = min(1.0, max(0.0, (x * dx + y * dy) / length))
                if (x - t * dx) ** 2 + (y - t * dy) ** 2 <= half * half:
                    flags[row, column] |= _INTEREST


@kernel
def _disc(circle: Floats, corner: Floats, size: float, counts: Ints, flags: Ints,
          interest: bool) -> tuple[int, int]:  # fmt: skip
    """Count free and seen squares of a disc, or (with `interest`) add the disc to the area of interest."""
    side = counts.shape[0]
    free, seen = 0, 0
    x0, y0, radius = circle
    first = max(0, math.floor((y0 - radius - corner[1]) / size))
    last = min(side, math.ceil((y0 + radius - corner[1]) / size))
    left = max(0, math.floor((x0 - radius - corner[0]) / size))
    right = min(side, math.ceil((x0 + radius - corner[0]) / size))
    for row in range(first, last):
        dy = corner[1] + (row + 0.5) * size - y0
        for column in range(left, right):
            dx = corner[0] + (column + 0.5) * size - x0
            if dx * dx + dy * dy > radius * radius:
                continue
            if interest:
                flags[row, column] |= _INTEREST
            elif not flags[row, column] & _FOOTPRINT:
                free += 1
                seen += counts[row, column] > 0
    return free, seen


@kernel
def _sum(counts: Ints, flags: Ints, villages: Ints, cells: Ints, of_village: Ints, of_cell: Ints,
         unseen: Ints) -> None:  # fmt: skip
    """Add the squares of interest of one tile to the tables of their units, and to `unseen` by block, in villages."""
    px = counts.shape[0] // BLOCKS
    for row in range(counts.shape[0]):
        for column in range(counts.shape[0]):
            if flags[row, column] != _INTEREST:
                continue
            village, cell, cameras = villages[row, column], cells[row, column], counts[row, column]
            of_village[village, 0] += 1
            of_cell[cell, 0] += 1
            if cameras > 0:
                of_village[village, 1] += 1
                of_cell[cell, 1] += 1
            elif village > 0:
                unseen[row // px, column // px] += 1
            if cameras > 1:
                of_village[village, 2] += 1
                of_cell[cell, 2] += 1


@kernel
def count_tiles(
    tiles: Ints, span: Ints, size: float, block_px: int,
    areas: Shapes, in_areas: Pairs, footprints: Shapes, in_footprints: Pairs, views: Shapes, in_views: Pairs,
    villages: Shapes, in_villages: Pairs, whole_village: Ints, cells: Shapes, in_cells: Pairs, whole_cell: Ints,
    strips: Floats, in_strips: Pairs, circles: Floats, in_circles: Pairs, interesting: int,
    samples: Floats, in_samples: Pairs,
) -> Tally:  # fmt: skip
    """Count the tiles ``span[0]:span[1]``.

    `tiles` are rows ``(column, row)`` of the absolute lattice; `whole_village` and `whole_cell` hold the unit
    (from 1) that contains the whole tile, 0 outside all, -1 where it must be drawn. The first `interesting` circles
    belong to the area of interest; all circles are targets.
    """
    side = BLOCKS * block_px
    counts, flags = np.zeros((side, side), np.uint16), np.zeros((side, side), np.uint8)
    toggle = np.zeros((side, side), np.uint8)
    in_village, in_cell = np.zeros((side, side), np.int32), np.zeros((side, side), np.int32)
    lo, hi = span[0], span[1]
    village_table = np.zeros((len(villages.offsets), 3), np.int64)
    cell_table = np.zeros((len(cells.offsets), 3), np.int64)
    first_disc, first_sample = in_circles.offsets[lo], in_samples.offsets[lo]
    discs = np.zeros((in_circles.offsets[hi] - first_disc, 3), np.int64)
    found = np.zeros((in_samples.offsets[hi] - first_sample, 4), np.int64)
    blocks = np.zeros((hi - lo, BLOCKS, BLOCKS), np.uint16)
    units, at_village = np.zeros((hi - lo, BLOCKS, BLOCKS), np.int32), np.zeros((hi - lo, BLOCKS, BLOCKS), np.int32)
    for t in range(lo, hi):
        corner = tiles[t] * (side * size)
        counts[:], flags[:], in_village[:], in_cell[:] = 0, 0, max(0, whole_village[t]), max(0, whole_cell[t])
        _mark(areas, in_areas.members[in_areas.offsets[t] : in_areas.offsets[t + 1]], corner, size, flags, 1, toggle)
        _corridors(strips, in_strips.members[in_strips.offsets[t] : in_strips.offsets[t + 1]], corner, size, flags)
        near = in_circles.members[in_circles.offsets[t] : in_circles.offsets[t + 1]]
        for disc in near:
            if disc < interesting:
                _disc(circles[disc], corner, size, counts, flags, True)
        mine = in_footprints.members[in_footprints.offsets[t] : in_footprints.offsets[t + 1]]
        _mark(footprints, mine, corner, size, flags, 2, toggle)
        _see(views, in_views.members[in_views.offsets[t] : in_views.offsets[t + 1]], corner, size, counts, toggle)
        if whole_village[t] < 0:
            mine = in_villages.members[in_villages.offsets[t] : in_villages.offsets[t + 1]]
            _label(villages, mine, corner, size, in_village, toggle)
        if whole_cell[t] < 0:
            mine = in_cells.members[in_cells.offsets[t] : in_cells.offsets[t + 1]]
            _label(cells, mine, corner, size, in_cell, toggle)
        _sum(counts, flags, in_village, in_cell, village_table, cell_table, blocks[t - lo])
        for row in range(BLOCKS):
            for column in range(BLOCKS):
                y, x = row * block_px + block_px // 2, column * block_px + block_px // 2
                units[t - lo, row, column], at_village[t - lo, row, column] = in_cell[y, x], in_village[y, x]
        for k in range(len(near)):
            free, seen = _disc(circles[near[k]], corner, size, counts, flags, False)
            discs[in_circles.offsets[t] - first_disc + k] = (near[k], free, seen)
        for k in range(in_samples.offsets[t], in_samples.offsets[t + 1]):
            s = in_samples.members[k]
            column = min(side - 1, max(0, int((samples[s, 0] - corner[0]) / size)))
            row = min(side - 1, max(0, int((samples[s, 1] - corner[1]) / size)))
            found[k - first_sample, 0], found[k - first_sample, 1] = s, counts[row, column]
            found[k - first_sample, 2], found[k - first_sample, 3] = in_village[row, column], in_cell[row, column]
    return Tally(village_table, cell_table, discs, found, blocks, units, at_village)
