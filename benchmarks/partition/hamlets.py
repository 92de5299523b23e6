"""Villages of many hamlets, blocks made by the block builder itself: around footprints, every hamlet one block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from benchmarks.partition.village import Ask, make_village
from spatial.planning.blocks import BlockSizes, Ground, make_blocks
from spatial.planning.blocks.borders import Barriers, shared_borders
from spatial.planning.blocks.people import place_points
from spatial.planning.partition import Graph, make_graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]

__all__ = ["Hamleted", "hamleted_village"]

_LOT_M, _HOUSE_M, _EDGE_M = 16.0, 5.0, 9.0
_PER_CELL = 6  # hamlets
_BLOCKS, _LAND = 25, 8  # a cell is built of at least about so many blocks, by households and by land


@dataclass(frozen=True)
class Hamleted:
    """Blocks with their graph, homes of one household with the block of each, footprints and hamlets."""

    graph: Graph
    faces: Geometries
    homes: Floats
    block_of_home: NDArray[np.int64]
    buildings: Geometries
    hamlets: Geometries


def hamleted_village(cells: int, households: int, seed: int) -> Hamleted:
    """Make a village of six hamlets to a cell, nine tenths of its homes in them; roads and the river have bridges."""
    rng = np.random.default_rng(seed)
    ground = make_village(Ask(households, 30, seed))
    lines, none = np.concatenate([ground.river, ground.roads]), np.empty(0, object)
    homes, hamlets = _settled(rng, ground.outline, lines, cells * _PER_CELL, households)
    points = np.asarray(shapely.points(homes))
    buildings = np.asarray(shapely.box(*(homes - _HOUSE_M).T, *(homes + _HOUSE_M).T))
    soft = np.zeros(len(lines), bool)
    faces, _ = make_blocks(
        np.array([ground.outline], object),
        Ground(lines, soft, buildings, hamlets, np.ones(len(hamlets), bool), none),
        points=points, home=np.zeros(len(points), np.int64), households=np.ones(len(points)),
        sizes=BlockSizes(
            np.array([len(homes) / cells / _BLOCKS]), np.array([shapely.area(ground.outline) / cells / _LAND])
        ),
        others=none, workers=1,
    )  # fmt: skip
    shapes = faces.geometry
    borders = shared_borders(shapes, faces.village, Barriers(lines, soft, soft, none), region=faces.region)
    place, _ = place_points(points, shapes)
    graph = make_graph(
        borders.pairs, borders.length, borders.cost, borders.open_,
        weight=np.bincount(place, minlength=len(shapes)).astype(float), area=shapely.area(shapes),
        outer=borders.outer, xy=shapely.get_coordinates(shapely.centroid(shapes)),
    )  # fmt: skip
    return Hamleted(graph, shapes, homes, place, buildings, hamlets)


def _settled(
    rng: np.random.Generator, outline: shapely.Polygon, lines: Geometries, count: int, households: int
) -> tuple[Floats, Geometries]:
    """Settle hamlets on lots beside one another, apart from each other, and single houses; none stands on a line."""
    free = shapely.difference(shapely.buffer(outline, -30), shapely.buffer(shapely.union_all(lines), 12))
    shapely.prepare(free)
    size = np.maximum(4, np.round(0.9 * households * rng.dirichlet(np.full(count, 4.0)))).astype(int)
    homes, hamlets = [], []
    taken = shapely.Polygon()
    for houses in -np.sort(-size):
        for _ in range(200):
            lots = _lots(rng, free, int(houses))
            hamlet = shapely.buffer(shapely.convex_hull(shapely.multipoints(lots)), _EDGE_M, join_style="mitre")
            if len(lots) == houses and shapely.within(hamlet, outline) and not shapely.dwithin(hamlet, taken, 25):
                homes.append(lots)
                hamlets.append(hamlet)
                taken = shapely.union(taken, hamlet)
                break
    rest = _free_points(rng, free, 4 * households)
    rest = (np.unique(np.floor(rest / 30), axis=0) + 0.5) * 30
    rest = rest[shapely.contains_xy(free, rest) & (shapely.distance(shapely.points(rest), taken) > 20)]
    rest = rest[rng.permutation(len(rest))[: max(0, households - sum(len(lots) for lots in homes))]]
    return np.concatenate([*homes, rest]), np.array(hamlets, object)


def _free_points(rng: np.random.Generator, free: shapely.Geometry, count: int) -> Floats:
    left, low, right, high = free.bounds
    xy = rng.uniform((left, low), (right, high), (count, 2))
    return xy[shapely.contains_xy(free, xy)]


def _lots(rng: np.random.Generator, free: shapely.Geometry, houses: int) -> Floats:
    """Take the lots of a grid that are nearest to a spot at random."""
    spot = _free_points(rng, free, 50)[0]
    reach = int(np.ceil(np.sqrt(houses))) + 2
    x, y = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    lots = spot + _LOT_M * np.column_stack([x.ravel(), y.ravel()])
    lots = lots[shapely.contains_xy(free, lots)]
    return lots[np.argsort(np.hypot(*(lots - spot).T), kind="stable")[:houses]]
