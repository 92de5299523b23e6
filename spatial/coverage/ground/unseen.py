"""Unseen land as parts: blocks of the raster that hang together inside one cell or village.

A block of about 4 m belongs to a blind area when at least half of its squares are unseen interest. Areas are
summed from the squares; `spatial.coverage.gaps.outlines` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.ground.drawing import BLOCKS
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.ground.laid import Ground, Tally
    from spatial.coverage.ground.tiles import Tiles


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
    part, squares, zone = _joined(label, unseen, tiles.block_px**2, neighbour(tiles, 1, 0), neighbour(tiles, 0, 1))
    return BlindLand(tiles, part, squares * tiles.size**2, zone % many, zone // many)


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
    place = np.full(len(land.area_m2) + 1, -1, np.int32)
    place[parts] = np.arange(len(parts))
    chosen, group = _spread_out(land.part, place, len(parts), each)
    tile, inside = np.divmod(chosen, BLOCKS * BLOCKS)
    corner = land.tiles.index[tile] * BLOCKS + np.column_stack([inside % BLOCKS, inside // BLOCKS])
    return (corner + 0.5) * land.block_m, group


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
def _unite(label: Ints, parent: Ints, t: int, inside: int, other: int, there: int) -> None:
    """Join two blocks of equal label: the later of their roots hangs on the earlier."""
    size = BLOCKS * BLOCKS
    if other < 0 or label[other, there // BLOCKS, there % BLOCKS] != label[t, inside // BLOCKS, inside % BLOCKS]:
        return
    one, two = _root(parent, t * size + inside), _root(parent, other * size + there)
    parent[max(one, two)] = min(one, two)


@kernel
def _joined(label: Ints, unseen: Ints, squares: int, right: Ints, above: Ints) -> tuple[Ints, Ints, Ints]:
    """Join blocks of equal `label` of which at least half of the `squares` are unseen; overwrites `label`.

    Gives the number of each block's area, from 1 by first blocks, 0 for none; unseen squares and label by area.
    """
    side, size = BLOCKS, BLOCKS * BLOCKS
    parent = np.empty(label.size, np.int32)
    for t in range(len(label)):
        for inside in range(size):
            row, column = inside // side, inside % side
            many = np.int64(unseen[t, row, column])
            if many == 0 or 2 * many < squares:
                label[t, row, column] = 0
            parent[t * size + inside] = t * size + inside
    for t in range(len(label)):
        for inside in range(size):
            row, column = inside // side, inside % side
            if label[t, row, column] == 0:
                continue
            if column + 1 < side:
                _unite(label, parent, t, inside, t, inside + 1)
            else:
                _unite(label, parent, t, inside, right[t], inside + 1 - side)
            if row + 1 < side:
                _unite(label, parent, t, inside, t, inside + side)
            else:
                _unite(label, parent, t, inside, above[t], column)
    count, total, zone = 0, [0], [0]
    for t in range(len(label)):
        for inside in range(size):
            row, column, k = inside // side, inside % side, t * size + inside
            mine = np.int64(label[t, row, column])
            if mine == 0:
                continue
            if parent[k] == k:
                count += 1
                total.append(0)
                zone.append(int(mine))
                parent[k] = -count
            else:  # its root came earlier and bears its number by now
                up = parent[k]
                while up >= 0:
                    up = parent[up]
                parent[k] = up
            total[-parent[k]] += np.int64(unseen[t, row, column])
            label[t, row, column] = -parent[k]
    return label, np.array(total)[1:], np.array(zone)[1:]


@kernel
def _spread_out(part: Ints, place: Ints, count: int, each: int) -> tuple[Ints, Ints]:
    """Choose up to `each` blocks of every wanted area, evenly in their order; gives blocks and places, by place."""
    many = np.zeros(count + 1, np.int64)
    flat = part.ravel()
    for k in range(len(flat)):
        if place[flat[k]] >= 0:
            many[place[flat[k]]] += 1
    start = np.zeros(count + 1, np.int64)
    for p in range(count):
        start[p + 1] = start[p] + min(each, many[p])
    chosen, group = np.empty(start[count], np.int64), np.empty(start[count], np.int64)
    turn, used = np.zeros(count, np.int64), start[:-1].copy()
    for k in range(len(flat)):
        p = place[flat[k]]
        if p < 0:
            continue
        if turn[p] * each // many[p] != (turn[p] - 1) * each // many[p]:
            chosen[used[p]], group[used[p]] = k, p
            used[p] += 1
        turn[p] += 1
    return chosen, group


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
