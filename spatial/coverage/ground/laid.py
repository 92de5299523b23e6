"""The ground of a county, laid out once: what is of interest, where, and how much of it which cameras see.

Everything that cameras do not change is kept as bits, about 2 kB per tile of 64 x 64 m; counting them again after
a change of cameras takes a fraction of a second, and only the tiles that changed views touch need it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.edges import Shapes, edge_shapes
from spatial.coverage.ground.counting import Seen, count_tiles
from spatial.coverage.ground.raster import Laid, Pairs, lay_tiles
from spatial.coverage.ground.tiles import bounds_of, circle_boxes, pairs, point_pairs, strip_boxes, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.ground.tiles import Scene, Tiles


__all__ = [
    "COVERED_SHARE",
    "Ground",
    "Lens",
    "Tally",
    "count",
    "discs_covered",
    "lay",
    "look",
    "seen_samples",
    "tiles_under",
]

COVERED_SHARE = 0.5
"""A disc is covered when this share of its free ground is seen."""
_SPAN = 512


@dataclass(frozen=True)
class Ground:
    """What lies in every tile (`spatial.coverage.ground.raster.Laid`), and how targets and samples pair with tiles.

    `starts` gives the layers of each tile, `free_at` its row of free bits (-1 without discs), `village` and `cell`
    the unit of a tile that lies in one (-1 where `laid.centres` tells).
    """

    tiles: Tiles
    laid: Laid
    starts: Ints
    free_at: Ints
    village: Ints
    cell: Ints
    circles: Floats
    in_circles: Pairs
    samples: Floats
    in_samples: Pairs
    sample_units: Ints
    units: tuple[int, int]


@dataclass(frozen=True)
class Lens:
    """Views as edges, and the tiles each may touch."""

    shapes: Shapes
    pairs: Pairs
    bounds: Floats


@dataclass(frozen=True)
class Tally:
    """What a count found.

    `villages` and `cells` hold, per unit (0 is outside all), squares of interest, and those seen by one, two and
    four or more cameras; `discs` free and seen squares per disc; `samples` cameras per road sample and
    `sample_units` the village and cell of each (from 1, 0 outside); `seen` the same before it was summed.
    """

    villages: Ints
    cells: Ints
    discs: Ints
    samples: Ints
    sample_units: Ints
    seen: Seen


def lay(scene: Scene, tiles: Tiles, *, threads: int = 2) -> Ground:
    """Lay out the ground of every tile; the answer does not depend on `threads`."""
    areas, footprints = edge_shapes(scene.areas), edge_shapes(scene.footprints)
    units: list[Shapes] = []
    inside: list[Ints] = []
    for shapes in (scene.villages, scene.cells):
        known = tiles.village if shapes is scene.villages else None
        inside.append(_inside(shapes, tiles) if known is None else known)
        units.append(Shapes(np.empty((0, 4)), np.zeros(1, np.int64)) if shapes is None else edge_shapes(shapes))
    near = [pairs(tiles, bounds_of(s)) for s in (scene.areas, scene.footprints, scene.villages, scene.cells)]
    strips, circles = pairs(tiles, strip_boxes(scene.strips)), pairs(tiles, circle_boxes(scene.circles))
    samples = point_pairs(tiles, scene.samples[:, :2])

    def part(span: Ints) -> Laid:
        return lay_tiles(
            tiles.index, span, tiles.size, tiles.block_px, areas, near[0], footprints, near[1],
            units[0], near[2], inside[0], units[1], near[3], inside[1],
            scene.strips, strips, scene.circles, circles, scene.interesting, scene.samples, samples,
        )  # fmt: skip

    fields = [list(field) for field in zip(*_spread(part, np.arange(len(tiles.index)), threads), strict=True)]
    laid = Laid(*(_joined(field) for field in fields))
    free_at = np.full(len(tiles.index), -1, np.int64)
    free_at[laid.free_tiles] = np.arange(len(laid.free_tiles))
    starts = np.searchsorted(laid.layers[:, 0], np.arange(len(tiles.index) + 1))
    counts = (1 if scene.villages is None else len(scene.villages), 0 if scene.cells is None else len(scene.cells))
    sample_units = np.zeros((len(scene.samples), 2), np.int32)
    sample_units[samples.members] = laid.samples
    laid = laid._replace(samples=sample_units[:0])  # by sample from here on
    return Ground(tiles, laid, starts, free_at, inside[0], inside[1], scene.circles, circles, scene.samples, samples,
                  sample_units, counts)  # fmt: skip


def _joined(parts: list[Ints]) -> Ints:
    """Join the parts of a field, and let go of them: the ground is not held twice."""
    answer = np.concatenate(parts)
    parts.clear()
    return answer


def _inside(shapes: Geometries | None, tiles: Tiles) -> Ints:
    """Give the unit of each whole tile (`spatial.coverage.ground.tiles.whole`); without units all lie in one."""
    if shapes is None or not len(shapes):
        return np.full(len(tiles.index), int(shapes is None), np.int64)
    return whole(shapes, tiles)


def look(views: Geometries, tiles: Tiles, *, shapes: Shapes | None = None) -> Lens:
    """Prepare views for counting; what is missing sees nothing. `shapes` are their edges where they are known."""
    bounds = bounds_of(views)
    return Lens(edge_shapes(views) if shapes is None else shapes, pairs(tiles, bounds), bounds)


def tiles_under(tiles: Tiles, *bounds: Floats) -> Ints:
    """Numbers of the tiles that some box touches."""
    return np.flatnonzero(np.diff(pairs(tiles, np.concatenate(bounds)).offsets) > 0)


def count(
    ground: Ground, views: Lens, *, gone: Flags | None = None, more: Lens | None = None, before: Tally | None = None,
    chosen: Ints | None = None, threads: int = 2,
) -> Tally:  # fmt: skip
    """Count the cameras that see each square; `gone` marks views to leave out, `more` are further ones.

    With the answer `before` a change, only the `chosen` tiles are counted again.
    """
    tiles, laid = ground.tiles, ground.laid
    more = more or look(np.empty(0, dtype=object), tiles)
    gone = np.zeros(len(views.bounds), bool) if gone is None else gone
    if before is None:
        seen = Seen(
            np.zeros((len(laid.layers), 3), np.int64), np.zeros(len(laid.discs), np.int64),
            np.zeros(len(ground.in_samples.members), np.uint16), np.zeros_like(laid.blocks),
        )  # fmt: skip
    else:
        seen = Seen(*(field.copy() for field in before.seen))

    def part(mine: Ints) -> None:
        count_tiles(
            tiles.index, mine, tiles.size, tiles.block_px, views.shapes, views.pairs, gone, more.shapes, more.pairs,
            ground.starts, laid.words, ground.free_at, laid.free_words, laid.blocks,
            ground.circles, ground.in_circles, ground.samples, ground.in_samples, seen,
        )  # fmt: skip

    chosen = np.arange(len(tiles.index)) if chosen is None else chosen
    _spread(part, chosen, threads)
    samples = np.zeros(len(ground.samples), np.uint16) if before is None else before.samples.copy()
    rows = _ranges(ground.in_samples.offsets, chosen)
    samples[ground.in_samples.members[rows]] = seen.samples[rows]
    discs = np.zeros((len(ground.circles), 2), np.int64)
    np.add.at(discs, laid.discs[:, 0], np.column_stack([laid.discs[:, 1], seen.discs]))
    return Tally(*_unit_sums(ground, seen), discs, samples, ground.sample_units, seen)


def discs_covered(found: Tally) -> Flags:
    """Tell which discs are covered: those with free ground of which at least half is seen."""
    free, seen = found.discs.T
    covered: Flags = (seen >= COVERED_SHARE * free) & (free > 0)
    return covered


def _ranges(offsets: Ints, chosen: Ints) -> Ints:
    """Numbers ``offsets[k]:offsets[k + 1]`` of all chosen `k`, one after the other."""
    count = offsets[chosen + 1] - offsets[chosen]
    first = np.repeat(offsets[chosen] - (np.cumsum(count) - count), count)
    return first + np.arange(len(first))


def _unit_sums(ground: Ground, seen: Seen) -> tuple[Ints, Ints]:
    """Sum squares of interest, and those seen by one, two and four, by village and by cell."""
    laid = ground.laid
    values = np.column_stack([laid.layers[:, 3], seen.layers])
    tables = []
    for count, unit in zip(ground.units, (laid.layers[:, 1], laid.layers[:, 2]), strict=True):
        sums = [np.bincount(unit, values[:, k], minlength=count + 1)[: count + 1] for k in range(4)]
        tables.append(np.column_stack(sums).astype(np.int64))
    return tables[0], tables[1]


def seen_samples(found: Tally, count: int) -> Ints:
    """Give cameras, village and cell (from 1, 0 outside) of every road sample, in the order of the samples."""
    return np.column_stack([found.samples, found.sample_units])[:count]


def _spread(work: Callable[[Ints], Laid | None], numbers: Ints, threads: int) -> list[Laid]:
    """Share spans of tiles out among threads; `work` takes numbers (or for `Laid` the first and last of a span)."""
    spans = [numbers[lo : lo + _SPAN] for lo in range(0, len(numbers), _SPAN)] or [numbers]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        return [answer for answer in pool.map(work, spans) if answer is not None]
