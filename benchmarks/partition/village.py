"""Synthetic villages: an outline, a river, roads and lanes, homes in hamlets and along roads, and blocks between them.

Blocks are the faces between all lines; faces with more people or land than others are divided by Voronoi lines around
groups of homes. All lines are noded once on a grid of 1 cm, so blocks tile the outline.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import Polygon

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]

__all__ = ["Ask", "Village", "make_village"]

_GRID_M = 0.01
_LANES_FROM = 40  # blocks per hamlet; with fewer, lanes alone would make more faces than blocks are asked
_PEOPLE_SHARE = 0.75  # of the blocks beyond the faces go to faces by people, the rest by land


@dataclass(frozen=True)
class Ask:
    """What village to make: its households and blocks (about), and whether a part of the homes are towers."""

    households: int
    blocks: int
    seed: int
    towers: bool = False
    outline: Polygon | None = None


@dataclass(frozen=True)
class Village:
    """Outline, blocks that tile it, river, roads, and homes with their households."""

    outline: Polygon
    faces: Geometries
    river: Geometries
    roads: Geometries
    homes: Floats
    households: NDArray[np.int64]


def make_village(ask: Ask) -> Village:
    """Make a village of its own seed."""
    rng = np.random.default_rng(ask.seed)
    radius = 600 + 0.12 * ask.households + rng.uniform(0, 300)
    outline = _outline(rng, radius) if ask.outline is None else ask.outline
    if ask.outline is not None:
        radius = float(np.sqrt(outline.area / np.pi))
    middle = np.array(outline.centroid.coords[0])
    bearing = rng.uniform(0, np.pi)
    river = np.array([_curve(rng, middle, radius, rng.uniform(0, np.pi), rng.uniform(-0.4, 0.4) * radius, 0.12)])
    ways = [(bearing, rng.uniform(-0.3, 0.3)), (bearing + np.pi / 2, rng.uniform(-0.3, 0.3))]
    if ask.households > 2000:
        ways += [(bearing, -0.55), (bearing, 0.55)]
    roads = np.array([
        _curve(rng, middle, radius, angle + rng.normal(0, 0.1), off * radius, 0.03) for angle, off in ways
    ])  # fmt: skip
    centres, spread, share = _hamlets(rng, outline, radius, ask.households)
    lanes = _lanes(rng, centres, spread, bearing) if ask.blocks >= _LANES_FROM * len(centres) else roads[:0]
    homes, held = _homes(rng, ask, outline, roads, (centres, spread, share))
    faces = _blocks(rng, ask, outline, np.concatenate([river, roads]), lanes, homes, held)
    return Village(outline, faces, river, roads, homes, held)


def _rounded(points: Floats, times: int = 2) -> Floats:
    """Cut corners (Chaikin)."""
    for _ in range(times):
        left, right = points[:-1], points[1:]
        cut = np.stack([0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], cut, points[-1:]])
    return points


def _outline(rng: np.random.Generator, radius: float) -> Polygon:
    corners = 14
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.normal(0, 0.08, corners)
    reach = radius * np.clip(1 + rng.normal(0, 0.22, corners), 0.5, 1.6)
    ring = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
    shape = shapely.buffer(shapely.polygons(_rounded(np.vstack([ring, ring[:1]]))), 0)
    parts = shapely.get_parts(shape)
    return parts[np.argmax(shapely.area(parts))]


def _curve(rng: np.random.Generator, middle: Floats, radius: float, angle: float, off: float, wave: float) -> object:
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    steps = np.linspace(-2 * radius, 2 * radius, 7)
    bend = off + rng.normal(0, wave * radius, 7)
    return shapely.linestrings(middle + _rounded(steps[:, None] * along + bend[:, None] * across))


def _hamlets(
    rng: np.random.Generator, outline: Polygon, radius: float, households: int
) -> tuple[Floats, Floats, Floats]:
    """Give centres of hamlets, how far their homes spread, and their share of the homes."""
    count = max(3, int(households**0.5 / 6))
    centres = _inside(rng, shapely.buffer(outline, -0.05 * radius), count)
    share = rng.dirichlet(np.full(count, 1.2))
    spread = rng.uniform(0.05, 0.14, count) * radius * np.sqrt(0.5 + 0.5 * share * count)
    return centres, spread, share


def _inside(rng: np.random.Generator, shape: Polygon, count: int) -> Floats:
    left, low, right, high = shape.bounds
    shapely.prepare(shape)
    found = np.empty((0, 2))
    while len(found) < count:
        points = rng.uniform((left, low), (right, high), (4 * count + 20, 2))
        found = np.vstack([found, points[shapely.contains_xy(shape, points)]])
    return found[:count]


def _lanes(rng: np.random.Generator, centres: Floats, spread: Floats, bearing: float) -> Geometries:
    """Give each hamlet a lattice of lanes."""
    lines = []
    for centre, size in zip(centres, spread, strict=True):
        angle = bearing + rng.normal(0, 0.15)
        along = size * np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        for off in np.arange(-1.5, 1.6, 0.75):
            for one, two in ((along, across), (across, along)):
                lines.append(shapely.linestrings([centre - 2 * one + off * two, centre + 2 * one + off * two]))
    return np.array(lines)


def _homes(
    rng: np.random.Generator,
    ask: Ask,
    outline: Polygon,
    roads: Geometries,
    hamlets: tuple[Floats, Floats, Floats],
) -> tuple[Floats, NDArray[np.int64]]:
    """Place homes: 72 % in hamlets, 20 % along roads, the rest anywhere; one in eight may be a tower."""
    centres, spread, share = hamlets
    inner = shapely.buffer(outline, -3)
    shapely.prepare(inner)
    count = 4 * ask.households + 200
    where = rng.uniform(size=count)
    points = rng.uniform(outline.bounds[:2], outline.bounds[2:], (count, 2))
    home = rng.choice(len(centres), count, p=share)
    at_hamlet = centres[home] + rng.normal(size=(count, 2)) * spread[home, None]
    way = shapely.line_merge(shapely.intersection(shapely.union_all(roads), outline))
    spots = shapely.get_coordinates(shapely.line_interpolate_point(way if way.geom_type == "LineString" else
        shapely.get_parts(way)[rng.integers(0, len(shapely.get_parts(way)), count)], rng.uniform(size=count),
        normalized=True))  # fmt: skip
    along = spots + rng.normal(0, 35, (count, 2))
    points = np.where((where < 0.72)[:, None], at_hamlet, np.where((where < 0.92)[:, None], along, points))
    held = np.ones(count, np.int64)
    if ask.towers:
        tower = where < 0.12
        held[tower] = rng.integers(12, 72, int(tower.sum()))
    kept = shapely.contains_xy(inner, points)
    points, held = points[kept], held[kept]
    last = int(np.searchsorted(np.cumsum(held), ask.households))
    held = held[: last + 1].copy()
    held[-1] -= held.sum() - ask.households
    return points[: last + 1], held


def _blocks(
    rng: np.random.Generator,
    ask: Ask,
    outline: Polygon,
    barriers: Geometries,
    lanes: Geometries,
    homes: Floats,
    held: NDArray[np.int64],
) -> Geometries:
    rim = shapely.set_precision(shapely.boundary(outline), _GRID_M)
    lines = np.concatenate([[rim], shapely.set_precision(np.concatenate([barriers, lanes]), _GRID_M)])
    net = shapely.union_all(lines, grid_size=_GRID_M)
    faces = _faces(net, outline)
    point, face = shapely.STRtree(faces).query(shapely.points(homes), predicate="within")
    people = np.bincount(face, held[point], len(faces))
    land = shapely.area(faces)
    share = _PEOPLE_SHARE * people / people.sum() + (1 - _PEOPLE_SHARE) * land / land.sum()
    number = 1 + np.floor(share * max(ask.blocks - len(faces), 0)).astype(int)
    cuts = [net]
    for k in np.flatnonzero((number > 1) & (land > 400)):
        seeds = _seeds(rng, faces[k], homes[point[face == k]], int(number[k]))
        if len(seeds) > 1:
            edges = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=faces[k], only_edges=True)
            cuts.append(shapely.set_precision(shapely.intersection(edges, faces[k]), _GRID_M))
    return _faces(shapely.union_all(cuts, grid_size=_GRID_M), outline)


def _seeds(rng: np.random.Generator, face: Polygon, homes: Floats, count: int) -> Floats:
    """Give centres for the blocks of a face: mostly groups of homes, some anywhere."""
    groups = min(round(_PEOPLE_SHARE * count), len(np.unique(homes, axis=0)))
    seeds = _inside(rng, face, count - groups)
    if groups:
        start = homes[rng.choice(len(homes), groups, replace=False)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a group that lost its homes keeps its centre, which is fine
            seeds = np.vstack([kmeans2(homes, start, iter=8, minit="matrix")[0], seeds])
    return np.unique(np.round(seeds, 1), axis=0)


def _faces(net: object, outline: Polygon) -> Geometries:
    faces = shapely.get_parts(shapely.polygonize([net]))
    wide = shapely.buffer(outline, 0.5)
    shapely.prepare(wide)
    faces = faces[shapely.contains(wide, shapely.point_on_surface(faces))]
    centre = shapely.get_coordinates(shapely.centroid(faces))
    return faces[np.lexsort((centre[:, 1], centre[:, 0]))]
