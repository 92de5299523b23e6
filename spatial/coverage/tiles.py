"""The sparse raster of counts over the area of interest: which tiles there are, and what lies in each.

The lattice is anchored at the origin of the CRS, so what a camera sees of a square does not depend on what
else is loaded, and one more camera can never lower a figure. Only tiles that hold interest are counted,
one at a time: memory grows with the answer, not with the county.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.raster import BLOCKS, Pairs, Shapes, Tally, count_tiles
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries, Ints


__all__ = ["Scene", "Tiles", "edge_shapes", "seen_samples", "tally", "tiles_of"]

_BLOCK_M = 4.0
_STRIDE = 1 << 31


@dataclass(frozen=True)
class Scene:
    """What is counted: areas, footprints and views as polygons; roads as strips and samples; round targets.

    `villages` and `cells` are the units of the figures (None: one unit, everywhere). The first `interesting`
    circles are part of the area of interest.
    """

    areas: Geometries
    footprints: Geometries
    views: Geometries
    strips: Floats
    samples: Floats
    circles: Floats
    interesting: int
    villages: Geometries | None = None
    cells: Geometries | None = None


@dataclass(frozen=True)
class Tiles:
    """Tiles of the absolute lattice: rows ``(column, row)``, sorted by row; squares of `size` metres."""

    index: Ints
    size: float
    block_px: int

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
    """Find the tiles that areas, strips or circles touch; squares have sides of `resolution` metres."""
    block_px = max(1, round(_BLOCK_M / resolution))
    side = BLOCKS * block_px * resolution
    keys = [
        _covering(_strip_boxes(scene.strips), side),
        _covering(_circle_boxes(scene.circles), side),
        _touching(scene.areas, side),
    ]
    found = np.unique(np.concatenate(keys))
    index = np.column_stack([found % _STRIDE - _STRIDE // 2, found // _STRIDE - _STRIDE // 2])
    return Tiles(np.ascontiguousarray(index), resolution, block_px)


def tally(scene: Scene, tiles: Tiles, *, threads: int = 2) -> Tally:
    """Count every tile; the answer does not depend on `threads`."""
    side, keys = tiles.side_m, tiles.keys
    everywhere = np.ones(len(keys), np.int64)
    areas, footprints, views = edge_shapes(scene.areas), edge_shapes(scene.footprints), edge_shapes(scene.views)
    units, whole = [], []
    for shapes in (scene.villages, scene.cells):
        whole.append(everywhere * (shapes is None) if shapes is None or not len(shapes) else _whole(shapes, tiles))
        units.append(Shapes(np.empty((0, 4)), np.zeros(2, np.int64)) if shapes is None else edge_shapes(shapes))
    sought = [scene.areas, scene.footprints, scene.views, scene.villages, scene.cells]
    inside = [_pairs(keys, _tile_boxes(_bounds(shapes), side)) for shapes in sought]
    strips = _pairs(keys, _tile_boxes(_strip_boxes(scene.strips), side))
    circles = _pairs(keys, _tile_boxes(_circle_boxes(scene.circles), side))
    samples = _pairs(keys, _tile_boxes(np.hstack([scene.samples[:, :2], scene.samples[:, :2]]), side))

    def count(span: tuple[int, int]) -> Tally:
        return count_tiles(
            tiles.index, np.array(span), tiles.size, tiles.block_px,
            areas, inside[0], footprints, inside[1], views, inside[2],
            units[0], inside[3], whole[0], units[1], inside[4], whole[1],
            scene.strips, strips, scene.circles, circles, scene.interesting, scene.samples, samples,
        )  # fmt: skip

    step = 512
    spans = [(lo, min(lo + step, len(keys))) for lo in range(0, len(keys), step)] or [(0, 0)]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        parts = list(pool.map(count, spans))
    return Tally(
        sum((part.villages for part in parts[1:]), start=parts[0].villages),
        sum((part.cells for part in parts[1:]), start=parts[0].cells),
        *(np.concatenate([part[k] for part in parts]) for k in range(2, 7)),
    )


def seen_samples(found: Tally, count: int) -> Ints:
    """Give cameras, village and cell (from 1, 0 outside) of every road sample, in the order of the samples."""
    answer = np.zeros((count, 3), np.int64)
    answer[found.samples[:, 0]] = found.samples[:, 1:]
    return answer


def edge_shapes(shapes: Geometries) -> Shapes:
    """List the edges of every polygon's rings."""
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    points, point_of = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return Shapes(np.empty((0, 4)), np.zeros(len(shapes) + 1, np.int64))
    follows = point_of[1:] == point_of[:-1]
    edges = np.ascontiguousarray(np.hstack([points[:-1][follows], points[1:][follows]]))
    owner = part_of[ring_of[point_of[:-1][follows]]]
    counts = np.bincount(owner, minlength=len(shapes))
    return Shapes(edges, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def _keys(columns: Ints, rows: Ints) -> Ints:
    half = _STRIDE // 2
    return np.asarray((rows + half) * _STRIDE + (columns + half))


def _bounds(shapes: Geometries | None) -> Floats:
    return np.empty((0, 4)) if shapes is None or not len(shapes) else shapely.bounds(shapes)


def _strip_boxes(strips: Floats) -> Floats:
    low = np.minimum(strips[:, :2], strips[:, 2:4]) - strips[:, 4:5]
    return np.hstack([low, np.maximum(strips[:, :2], strips[:, 2:4]) + strips[:, 4:5]])


def _circle_boxes(circles: Floats) -> Floats:
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
    keys = _covering(_bounds(areas), side)
    low = np.column_stack([keys % _STRIDE, keys // _STRIDE]) - _STRIDE // 2
    boxes = np.asarray(shapely.box(*(low * side).T, *((low + 1) * side).T))
    shapely.prepare(areas)
    return np.asarray(keys[np.unique(shapely.STRtree(boxes).query(areas, predicate="intersects")[1])])


def _whole(shapes: Geometries, tiles: Tiles) -> Ints:
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


def _pairs(keys: Ints, boxes: Ints) -> Pairs:
    return Pairs(*_pair_up(keys, boxes, _STRIDE))
