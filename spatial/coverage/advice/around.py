"""What cameras would see in every direction, and how much of that other shapes have too: for headings to turn to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.advice.lines import by_ray
from spatial.coverage.edges import edge_shapes
from spatial.coverage.ground.raster import Pairs
from spatial.coverage.sight.sights import sector_views

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.edges import Shapes
    from spatial.coverage.optics import Sectors
    from spatial.coverage.sight.visibility import Walls

__all__ = ["STEP_DEG", "Others", "all_round", "by_direction", "window"]

STEP_DEG = 5.0
"""Headings are tried in steps of this angle."""
_RAYS = 5  # in each step
_CHUNK = 256


class Others:
    """Shapes that may lie over what is weighed: their edges, and which have bounds that meet those of others.

    `shapes` are edges by number, `numbers` those that count, in the order of `outlines`.
    """

    def __init__(self, shapes: Shapes, outlines: Geometries, numbers: Ints | None = None) -> None:
        self.shapes = shapes
        self.numbers = np.arange(len(outlines)) if numbers is None else numbers
        self.tree = shapely.STRtree(outlines)

    def near(self, shapes: Geometries) -> Pairs:
        """List those whose bounds meet those of each shape."""
        first, second = self.tree.query(shapes)
        order = np.lexsort((second, first))
        return Pairs(np.searchsorted(first[order], np.arange(len(shapes) + 1)), self.numbers[second[order]])


def all_round(
    xy: Floats, sectors: Sectors, standing: Walls, others: Others, *, mount_m: Floats, threads: int = 2
) -> tuple[Floats, Floats]:
    """Area that each sector would show at every heading, and the part of it outside `others`, by direction.

    One row of 72 per sector, the first from 0 to 5 degrees clockwise from north. Arcs are chords, hills not looked at.
    """
    full, nothing = np.full(len(sectors.camera), 360.0), np.zeros(len(sectors.camera))
    around = replace(sectors, hfov_deg=full, near_m=nothing, far_m=np.where(_sees(sectors), sectors.far_m, 0.0))
    shapes = sector_views(xy, around, standing, mount_m=mount_m, threads=max(1, threads))
    return by_direction(shapes, xy[sectors.camera], others, blind_m=sectors.near_m, threads=threads)


def _sees(sectors: Sectors) -> Flags:
    """Tell which sectors reach beyond their dead zone."""
    return np.asarray(sectors.far_m > sectors.near_m)


def by_direction(
    shapes: Geometries, xy: Floats, others: Others, *, blind_m: Floats | None = None, threads: int = 2
) -> tuple[Floats, Floats]:
    """Area of each shape in every direction from its point, and of its part outside `others` (`all_round`).

    What lies nearer than `blind_m` to the point does not count.
    """
    bins, blind = round(360 / STEP_DEG), np.zeros(len(shapes)) if blind_m is None else blind_m

    def weigh(lo: int) -> tuple[Floats, Floats]:
        part = shapes[lo : lo + _CHUNK]
        here, edges, near = slice(lo, lo + _CHUNK), edge_shapes(part), others.near(part)
        found = by_ray(xy[here], blind[here], edges, others.shapes, near, bins * _RAYS)
        return found[0].reshape(-1, bins, _RAYS).sum(axis=2), found[1].reshape(-1, bins, _RAYS).sum(axis=2)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        parts = list(pool.map(weigh, range(0, len(shapes), _CHUNK)))
    empty = np.empty((0, bins))
    return np.concatenate([empty, *(part[0] for part in parts)]), np.concatenate([empty, *(part[1] for part in parts)])


def window(amount: Floats, width_deg: Floats) -> Floats:
    """Sum directions over sectors of each row's width: column k is for a sector that starts at 5 k degrees."""
    bins = amount.shape[1]
    wide = np.clip(np.ceil(width_deg / STEP_DEG - 1e-9).astype(int), 1, bins)
    sums = np.cumsum(np.concatenate([np.zeros((len(amount), 1)), amount, amount], axis=1), axis=1)
    start = np.arange(bins)[None]
    held: Floats = np.take_along_axis(sums, start + wide[:, None], axis=1) - sums[:, :bins]
    return held
