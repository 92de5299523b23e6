"""Which tiles of the raster there are, and which shapes lie in each.

The lattice is anchored at the origin of the CRS, so what a camera sees of a square does not depend on what
else is loaded, and one more camera can never lower a figure. Only tiles that hold interest or a target are
counted: memory grows with the answer, not with the county.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.ground.drawing import BLOCKS
from spatial.coverage.ground.raster import Pairs
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries, Ints


__all__ = ["Scene", "Tiles", "bounds_of", "circle_boxes", "pairs", "point_pairs", "strip_boxes", "tiles_of", "whole"]

_BLOCK_M = 4.0
_STRIDE = 1 << 31


@dataclass(frozen=True)
class Scene:
    """The ground that is counted: areas and footprints as polygons; roads as strips and samples; round targets.

    `villages` and `cells` are the units of the figures (None: one unit, everywhere). The first `interesting`
    circles are part of the area of interest.
    """

    areas: Geometries
    footprints: Geometries
    strips: Floats
    samples: Floats
    circles: Floats
    interesting: int
    villages: Geometries | None = None
    cells: Geometries | None = None


@dataclass(frozen=True)
class Tiles:
    """Tiles of the absolute lattice: rows ``(column, row)``, sorted by row; squares of `size` metres.

    `village` is what `whole` says of the villages they were found for, None where there are none.
    """

    index: Ints
    size: float
    block_px: int
    village: Ints | None = None

    @property
    def side_m(self) -> float:
        """Length of a tile's side in metres."""
        return BLOCKS * self.block_px * self.size

    @property
    def keys(self) -> Ints:
        """Sortable number of each tile."""
        return _keys(self.index[:, 0], self.index[:, 1])

    def boxes(self) -> Geometries:
        """Outlines of the tiles."""
        low = self.index * self.side_m
        boxes: Geometries = shapely.box(low[:, 0], low[:, 1], low[:, 0] + self.side_m, low[:, 1] + self.side_m)
        return boxes


def tiles_of(scene: Scene, *, resolution: float = 0.5) -> Tiles:
    """Find the tiles that circles, or in villages areas and strips, touch; squares have sides of `resolution` m."""
    block_px = max(1, round(_BLOCK_M / resolution))
    side = BLOCKS * block_px * resolution
    keys = [
        _covering(strip_boxes(scene.strips), side),
        _covering(circle_boxes(scene.circles), side),
        _touching(scene.areas, side),
    ]
    found = np.unique(np.concatenate(keys))
    tiles = _lattice(found, resolution, block_px)
    if scene.villages is None:
        return tiles
    village = whole(scene.villages, tiles)
    needed = (village != 0) | np.isin(found, keys[1])
    return replace(tiles, index=tiles.index[needed], village=village[needed])


def _lattice(keys: Ints, resolution: float, block_px: int) -> Tiles:
    index = np.column_stack([keys % _STRIDE - _STRIDE // 2, keys // _STRIDE - _STRIDE // 2])
    return Tiles(np.ascontiguousarray(index), resolution, block_px)


def _keys(columns: Ints, rows: Ints) -> Ints:
    half = _STRIDE // 2
    return np.asarray((rows + half) * _STRIDE + (columns + half))


def bounds_of(shapes: Geometries | None) -> Floats:
    """Bounds of some shapes; NaN where one is missing or empty."""
    return np.empty((0, 4)) if shapes is None or not len(shapes) else shapely.bounds(shapes)


def strip_boxes(strips: Floats) -> Floats:
    """Bounds of road strips."""
    low = np.minimum(strips[:, :2], strips[:, 2:4]) - strips[:, 4:5]
    return np.hstack([low, np.maximum(strips[:, :2], strips[:, 2:4]) + strips[:, 4:5]])


def circle_boxes(circles: Floats) -> Floats:
    """Bounds of discs."""
    return np.hstack([circles[:, :2] - circles[:, 2:3], circles[:, :2] + circles[:, 2:3]])


def _tile_boxes(bounds: Floats, side: float) -> Ints:
    """First and last column and row of the tiles under each box; an empty shape's box holds none."""
    missing = np.asarray(np.isnan(bounds).any(axis=1))
    boxes = np.floor(np.where(missing[:, None], 0.0, bounds) / side).astype(np.int64)
    boxes[missing, 2:] = boxes[missing, :2] - 1
    return boxes


def _covering(bounds: Floats, side: float) -> Ints:
    """Keys of all tiles under some boxes."""
    boxes = _tile_boxes(bounds, side)
    return np.unique(_spread(boxes)[0])


def _spread(boxes: Ints) -> tuple[Ints, Ints]:
    """Keys of the tiles under each box, and the box of each key."""
    wide = np.maximum(boxes[:, 2] - boxes[:, 0] + 1, 0)
    count = wide * np.maximum(boxes[:, 3] - boxes[:, 1] + 1, 0)
    owner = np.repeat(np.arange(len(boxes)), count)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    columns = boxes[owner, 0] + place % np.maximum(wide[owner], 1)
    return _keys(columns, boxes[owner, 1] + place // np.maximum(wide[owner], 1)), owner


def _touching(areas: Geometries, side: float) -> Ints:
    """Keys of the tiles that some polygon touches."""
    keys = _covering(bounds_of(areas), side)
    low = np.column_stack([keys % _STRIDE, keys // _STRIDE]) - _STRIDE // 2
    boxes = np.asarray(shapely.box(*(low * side).T, *((low + 1) * side).T))
    shapely.prepare(areas)
    return np.asarray(keys[np.unique(shapely.STRtree(boxes).query(areas, predicate="intersects")[1])])


def whole(shapes: Geometries, tiles: Tiles) -> Ints:
    """Give the unit (from 1) that contains each whole tile; 0 where none touches it, -1 where one must be drawn."""
    answer = np.zeros(len(tiles.index), np.int64)
    tree = shapely.STRtree(tiles.boxes())
    shapely.prepare(shapes)
    answer[tree.query(shapes, predicate="intersects")[1]] = -1
    unit, tile = tree.query(shapes, predicate="contains_properly")
    answer[tile[::-1]] = unit[::-1] + 1
    return answer


@kernel
def _pair_up(keys: Ints, boxes: Ints, stride: int) -> tuple[Ints, Ints]:
    """List, per tile, the shapes whose box meets it, in the order of the shapes."""
    half = stride // 2
    offsets = np.zeros(len(keys) + 1, np.int64)
    members = np.empty(0, np.int64)
    place = np.empty(0, np.int64)
    for turn in range(2):
        if turn == 1:
            offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(offsets[:-1])))
            place, members = offsets[:-1].copy(), np.empty(offsets[-1], np.int64)
        for shape in range(len(boxes)):
            for row in range(boxes[shape, 1], boxes[shape, 3] + 1):
                base = (row + half) * stride + half
                first = np.searchsorted(keys, base + boxes[shape, 0])
                while first < len(keys) and keys[first] <= base + boxes[shape, 2]:
                    if turn == 0:
                        offsets[first] += 1
                    else:
                        members[place[first]] = shape
                        place[first] += 1
                    first += 1
    return offsets, members


def pairs(tiles: Tiles, bounds: Floats) -> Pairs:
    """List the shapes with these bounds tile by tile."""
    return Pairs(*_pair_up(tiles.keys, _tile_boxes(bounds, tiles.side_m), _STRIDE))


def point_pairs(tiles: Tiles, xy: Floats) -> Pairs:
    """List the points tile by tile: what `pairs` says of boxes of no size, with a tenth of the memory."""
    keys = tiles.keys
    mine = _keys(*(np.floor(xy[:, axis] / tiles.side_m).astype(np.int64) for axis in range(2)))
    tile = np.minimum(np.searchsorted(keys, mine), max(len(keys) - 1, 0)).astype(np.int32)
    inside = np.flatnonzero(keys[tile] == mine) if len(keys) else np.empty(0, np.int64)
    tile = tile[inside]
    members = inside[np.argsort(tile, kind="stable")]
    return Pairs(np.r_[0, np.cumsum(np.bincount(tile, minlength=len(keys)))], members)
