"""Unseen land as parts: blocks of the raster that hang together inside one cell or village.

A block of about 4 m belongs to a blind area when at least half of its squares are unseen interest. Areas are
summed from the squares; `spatial.coverage.gap_outlines` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.drawing import BLOCKS
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.ground import Ground, Tally
    from spatial.coverage.tiles import Tiles


__all__ = ["BlindLand", "blind_land", "neighbour", "part_at", "spots"]


@dataclass(frozen=True)
class BlindLand:
    """Connected unseen land.

    `part` is the number (from 1) of the area each block belongs to, 0 for none, on the sparse lattice of
    `tiles`; `area_m2` and `unit` (cell and village number) are per area.
    """

    tiles: Tiles
    part: Ints
    area_m2: Floats
    cell: Ints
    village: Ints

    @property
    def block_m(self) -> float:
        """Side of a block in metres."""
        return self.tiles.block_px * self.tiles.size


def blind_land(ground: Ground, found: Tally) -> BlindLand:
    """Join unseen blocks that share a side and lie in the same cell and village."""
    tiles, unseen = ground.tiles, found.seen.blocks
    many = ground.units[1] + 1
    label = _zones(ground, many)
    label[(2 * unseen < tiles.block_px**2) | (unseen == 0)] = 0
    part = _joined(label, neighbour(tiles, 1, 0), neighbour(tiles, 0, 1))
    flat = part.ravel()
    count = int(part.max(initial=0))
    rows = np.flatnonzero(flat)
    area = np.bincount(flat[rows], unseen.ravel()[rows], minlength=count + 1)[1:] * tiles.size**2
    zone = np.zeros(count + 1, np.int64)
    zone[flat[rows[::-1]]] = label.ravel()[rows[::-1]]
    return BlindLand(tiles, part, area, zone[1:] % many, zone[1:] // many)


def _zones(ground: Ground, many: int) -> Ints:
    """Give the units that each block lies in as one number, ``village * many + cell``; 0 outside villages."""
    mixed, centres = ground.laid.mixed, ground.laid.centres
    label = np.empty(ground.laid.blocks.shape, np.int32)
    label[:] = np.where(ground.village > 0, ground.village * many + ground.cell, 0)[:, None, None]
    label[mixed] = np.where(centres[..., 0] > 0, centres[..., 0] * many + centres[..., 1], 0)
    return label


def part_at(land: BlindLand, xy: Floats, reach_m: float) -> tuple[Ints, Floats]:
    """Find the nearest block of a blind area within `reach_m` of each point.

    Gives the number of its area, 0 for none, and its centre (the point itself where there is none).
    """
    answer: tuple[Ints, Floats] = _nearest(land.part, land.tiles.keys, xy, land.block_m, reach_m)
    return answer


def spots(land: BlindLand, parts: Ints, *, each: int = 9) -> tuple[Floats, Ints]:
    """Give the centres of up to `each` blocks spread over each of some blind areas, and the place in `parts`."""
    flat = land.part.ravel()
    place = np.full(len(land.area_m2) + 1, -1, np.int64)
    place[parts] = np.arange(len(parts))
    blocks = np.flatnonzero(place[flat] >= 0)
    blocks = blocks[np.argsort(place[flat[blocks]], kind="stable")]
    group = place[flat[blocks]]
    count = np.bincount(group, minlength=len(parts))
    turn = np.arange(len(group)) - np.repeat(np.cumsum(count) - count, count)
    chosen = turn * each // count[group] != (turn - 1) * each // count[group]
    tile, inside = np.divmod(blocks[chosen], BLOCKS * BLOCKS)
    corner = land.tiles.index[tile] * BLOCKS + np.column_stack([inside % BLOCKS, inside // BLOCKS])
    return (corner + 0.5) * land.block_m, group[chosen]


def neighbour(tiles: Tiles, columns: int, rows: int) -> Ints:
    """Index of the tile beside each tile; -1 where there is none."""
    keys = tiles.keys
    if not len(keys):
        return keys
    sought = keys + rows * (1 << 31) + columns
    place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    return np.where(keys[place] == sought, place, -1)


@kernel
def _root(parent: Ints, k: int) -> int:
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@kernel
def _joined(label: Ints, right: Ints, above: Ints) -> Ints:
    """Give connected blocks of equal label one number from 1, by their first block; 0 stays 0."""
    side = BLOCKS
    parent = np.empty(label.size, np.int32)
    for k in range(label.size):
        parent[k] = k
    for t in range(len(label)):
        for row in range(side):
            for column in range(side):
                mine = label[t, row, column]
                if mine == 0:
                    continue
                for turn in range(2):
                    other, r, c = t, row, column
                    if turn == 0:
                        c += 1
                        if c == side:
                            other, c = right[t], 0
                    else:
                        r += 1
                        if r == side:
                            other, r = above[t], 0
                    if other < 0 or label[other, r, c] != mine:
                        continue
                    one = _root(parent, (t * side + row) * side + column)
                    two = _root(parent, (other * side + r) * side + c)
                    parent[max(one, two)] = min(one, two)
    number = np.zeros(label.size, np.int32)
    part = np.zeros(label.shape, np.int32)
    count = 0
    for k in range(label.size):
        if label.ravel()[k] == 0:
            continue
        root = _root(parent, k)
        if root == k:
            count += 1
            number[k] = count
        part[k // (side * side), k // side % side, k % side] = number[root]
    return part


@kernel
def _nearest(part: Ints, keys: Ints, xy: Floats, block: float, reach: float) -> tuple[Ints, Floats]:
    """Look around each point for the nearest block that belongs to an area."""
    answer, centre = np.zeros(len(xy), np.int64), xy.copy()
    span = int(reach / block) + 1
    half, stride = 1 << 30, 1 << 31
    for p in range(len(xy)):
        best = reach * reach
        column, row = int(np.floor(xy[p, 0] / block)), int(np.floor(xy[p, 1] / block))
        for r in range(row - span, row + span + 1):
            for c in range(column - span, column + span + 1):
                dx, dy = (c + 0.5) * block - xy[p, 0], (r + 0.5) * block - xy[p, 1]
                if dx * dx + dy * dy >= best:
                    continue
                key = (r // BLOCKS + half) * stride + c // BLOCKS + half
                t = np.searchsorted(keys, key)
                if t < len(keys) and keys[t] == key and part[t, r % BLOCKS, c % BLOCKS] > 0:
                    best, answer[p] = dx * dx + dy * dy, part[t, r % BLOCKS, c % BLOCKS]
                    centre[p, 0], centre[p, 1] = (c + 0.5) * block, (r + 0.5) * block
    return answer, centre
