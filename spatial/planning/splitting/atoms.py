"""Household atoms: what a block falls into along the Voronoi lines between its homes, around every footprint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Voronoi

from spatial.planning.blocks.counts import with_work
from spatial.planning.blocks.cuts import cut_faces
from spatial.planning.blocks.faces import Faces
from spatial.planning.blocks.footprints import keep_footprints_whole
from spatial.planning.blocks.people import COUNTS, place_points
from spatial.planning.blocks.slivers import absorb_slivers, clean
from spatial.planning.blocks.stock import Stock
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.profiles import Profile
    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = ["Atoms", "Houses", "atomised", "shared_counts", "splittable"]

_SITE_M = 10.0
"""The outline of a footprint is stood for by points this far apart."""
_INWARD = 0.05
"""Those points lie inside the footprint by this share, so that houses wall to wall are told apart."""
_FAR = 20.0
"""Points that close the outermost Voronoi cells lie this many widths of the block away."""


@dataclass(frozen=True)
class Houses:
    """Where homes are (`place_people`), and what no line may cut: footprints, and the hamlets that stay whole.

    `hamlet_names` name all hamlets, in the order that blocks number them; `measure` is the column of the people that
    is balanced, where they have it.
    """

    people: gpd.GeoDataFrame
    footprints: Geometries
    hamlets: Geometries
    hamlet_names: tuple[str, ...]
    incidents: Geometries | None
    profile: Profile
    measure: str = "households"

    def points(self) -> tuple[Geometries, Floats]:
        """Give the homes with people that have a place of their own: points, and what is balanced in each."""
        held = pd.to_numeric(self.people["households"], errors="coerce").fillna(0.0)
        if self.measure in self.people:
            held = pd.to_numeric(self.people[self.measure], errors="coerce").fillna(held)
        own = ~self.people["spread"].to_numpy(bool) & (held.to_numpy(float) > 0)
        return self.people.geometry.to_numpy()[own], held.to_numpy(float)[own]

    def around(self, bounds: Floats) -> Houses:
        """Keep what lies in a box; names of hamlets all stay, as blocks number them."""
        box = shapely.box(*bounds)
        mine = shapely.intersects(self.people.geometry.to_numpy(), box)
        return replace(
            self,
            people=self.people[mine],
            footprints=self.footprints[shapely.intersects(self.footprints, box)],
            hamlets=self.hamlets[shapely.intersects(self.hamlets, box)],
        )


@dataclass(frozen=True)
class Atoms:
    """Some villages' blocks, those that may be split in atoms: a stock, and the block each unit comes from."""

    stock: Stock
    source: Integers


def splittable(stock: Stock, houses: Houses, *, hamlets: bool = False) -> Flags:
    """Tell which blocks hold two homes or more that a line may part; whole hamlets only with `hamlets`."""
    points, _ = houses.points()
    block, away = place_points(points, stock.faces.geometry)
    inside = away == 0
    owner = _owners(points, _whole(stock, houses, hamlets=hamlets))
    pairs = np.unique(np.column_stack([block[inside], owner[inside]]), axis=0)
    several = np.bincount(pairs[:, 0], minlength=stock.size) > 1
    loose = (stock.faces.special < 0) & (hamlets | stock.loaded | (stock.faces.hamlet < 0))
    return several & loose


def atomised(
    stock: Stock,
    rows: Integers,
    split: Flags,
    houses: Houses,
    *,
    grain: Floats,
    hamlets: bool = False,
    roughly: bool = False,
) -> Atoms:
    """Take the blocks `rows` (whole villages), those of them that `split` marks in atoms of one home or a few.

    An atom takes neighbouring homes while it holds at most the share `grain` of its block's people. Homes in one
    footprint stay together, and so does a hamlet that is to stay whole, unless `hamlets` may be cut. Counts of a
    block are shared out among its atoms; all that is given is a valid coverage. `roughly` lets lines run through
    footprints, between the homes that stand for them: enough for figures.
    """
    shapes = stock.faces.geometry[rows]
    cut = np.flatnonzero(split[rows])
    points, held = houses.points()
    whole = _whole(stock, houses, hamlets=hamlets)
    whole = whole[np.unique(shapely.STRtree(whole).query(shapes[cut], predicate="intersects")[1])]
    near = np.unique(shapely.STRtree(points).query(shapes[cut], predicate="intersects")[1])
    segments, face = _lines(shapes[cut], points[near], held[near], whole, grain[rows[cut]], roughly=roughly)
    pieces, of_cut = cut_faces(shapes[cut], segments, face)
    none = np.full(len(pieces), -1, np.int64)
    atoms = Faces(pieces, of_cut.astype(np.int64), none, none, none)
    if len(whole) and not roughly:
        atoms = keep_footprints_whole(atoms, whole, shapes[cut])
    rest = np.setdiff1d(np.arange(len(rows)), cut)
    source = np.concatenate([cut[atoms.village], rest]).astype(np.int64)
    none = np.full(len(source), -1, np.int64)
    both = Faces(np.concatenate([atoms.geometry, shapes[rest]]), source, none, none, none)
    both, _ = clean(both, np.empty(0, object))
    place, _ = place_points(points[near], both.geometry)
    # A block is a "village" here: no scrap leaves it. The homeless ones join the atom they touch most.
    both = absorb_slivers(both, summed(place, held[near], len(both.geometry)) + ~split[rows[both.village]])
    geometry, source = _one_row(both, split[rows])
    order = _west_to_east(geometry, source, shapes)
    geometry, source = geometry[order], source[order]
    faces = stock.faces.take(rows[source], geometry)
    counts = shared_counts(stock.counts.iloc[rows].reset_index(drop=True), source, geometry, houses)
    ids = [stock.block_id[row] for row in rows[source]]
    return Atoms(Stock(faces, ids, counts, np.empty(0, object), stock.loaded), rows[source])


def shared_counts(counts: pd.DataFrame, source: Integers, geometry: Geometries, houses: Houses) -> pd.DataFrame:
    """Share the counts of blocks among their pieces by the homes in each; without homes by their land.

    `source` is the block of each piece. A block in one piece keeps its counts to the last bit.
    """
    alone = np.bincount(source, minlength=len(counts))[source] == 1
    pieces = np.flatnonzero(~alone)
    shared = counts.iloc[source].reset_index(drop=True)
    if len(pieces) == 0:
        return shared
    points = houses.people.geometry.to_numpy()
    near = np.unique(shapely.STRtree(points).query(geometry[pieces], predicate="intersects")[1])
    place, away = place_points(points[near], geometry[pieces])
    near, place = near[away == 0], place[away == 0]
    whole = source[pieces]
    area, table = shapely.area(geometry[pieces]), shared.iloc[pieces].reset_index(drop=True)
    share = np.zeros(len(pieces))
    fresh = table.copy()
    for name in ("households", *COUNTS):
        own = pd.to_numeric(houses.people[name], errors="coerce").fillna(0.0).to_numpy(float)[near]
        weight = summed(place, own, len(pieces))
        total = summed(whole, weight, len(counts))[whole]
        if name == "households" and not share.any():
            land = summed(whole, area, len(counts))[whole]
            share = np.where(total > 0, weight / np.where(total > 0, total, 1), area / land)
        value = table[name].to_numpy(float)
        exact = np.abs(total - np.nan_to_num(value)) <= 1e-9
        part = np.where(total > 0, weight / np.where(total > 0, total, 1), share)
        fresh[name] = np.where(np.isnan(value), np.nan, np.where(exact & (total > 0), weight, value * part))
    work = with_work(fresh[list(COUNTS)], geometry[pieces], houses.incidents, houses.profile)
    held = summed(whole, work["workload"].fillna(0.0).to_numpy(float), len(counts))[whole]
    part = np.where(held > 0, work["workload"].fillna(0.0).to_numpy(float) / np.where(held > 0, held, 1), share)
    fresh["incidents"], fresh["workload"] = work["incidents"], table["workload"].to_numpy(float) * part
    answer: pd.DataFrame = pd.concat([shared[alone], fresh.set_index(pieces)]).sort_index()
    return answer[counts.columns]


def _whole(stock: Stock, houses: Houses, *, hamlets: bool) -> Geometries:
    """Give what no line may cut; made blocks hold no part of a hamlet that is to stay whole."""
    if hamlets or not stock.loaded or len(houses.hamlets) == 0:
        return houses.footprints
    return np.concatenate([houses.hamlets, houses.footprints])


def _owners(points: Geometries, whole: Geometries) -> Integers:
    """Say by number what each point belongs to: the first footprint or hamlet that holds it, else its own spot."""
    owner = np.full(len(points), len(whole), np.int64)
    if len(whole):
        shape, point = shapely.STRtree(points).query(whole, predicate="intersects")
        np.minimum.at(owner, point, shape)
    lone = np.flatnonzero(owner == len(whole))
    spots = np.round(shapely.get_coordinates(points[lone]), 1)
    if len(lone):
        owner[lone] = len(whole) + np.unique(spots, axis=0, return_inverse=True)[1].ravel()
    return owner


def _lines(
    blocks: Geometries, points: Geometries, held: Floats, whole: Geometries, grain: Floats, *, roughly: bool
) -> tuple[Floats, Integers]:
    """Give the Voronoi lines between the atoms of each block (x0, y0, x1, y1), and the block of each."""
    owner = _owners(points, whole)
    block, point = shapely.STRtree(points).query(blocks, predicate="intersects")
    segments, of_block = [np.empty((0, 4))], [np.empty(0, np.int64)]
    for place in np.unique(block):
        mine = point[block == place]
        if len(np.unique(owner[mine])) < 2:
            continue
        corner = np.floor(shapely.bounds(blocks[place])[:2])
        xy, names = _sites(points[mine], owner[mine], whole[:0] if roughly else whole)
        names = np.searchsorted(np.unique(owner[mine]), names)
        atom = _clusters(points[mine], held[mine], owner[mine], grain[place])
        found = _ridges(np.round(xy - corner, 3), atom[names]) + np.tile(corner, 2)
        segments.append(found)
        of_block.append(np.full(len(found), place, np.int64))
    return np.concatenate(segments), np.concatenate(of_block)


def _sites(points: Geometries, owner: Integers, whole: Geometries) -> tuple[Floats, Integers]:
    """Give the spots that stand for the homes of one block: the homes, and the outlines of their footprints."""
    xy, names = [shapely.get_coordinates(points)], [owner]
    held = np.unique(owner[owner < len(whole)])
    for name in held:
        outline = shapely.segmentize(shapely.boundary(whole[name]), _SITE_M)
        middle = shapely.get_coordinates(shapely.centroid(whole[name]))
        corners = shapely.get_coordinates(outline)
        xy.append(corners + _INWARD * (middle - corners))
        names.append(np.full(len(corners), name, np.int64))
    return np.concatenate(xy), np.concatenate(names)


def _clusters(points: Geometries, held: Floats, owner: Integers, grain: float) -> Integers:
    """Put neighbouring owners together up to the share `grain` of all; gives the atom of each owner in sorted order.

    Owners are halved across the longer side of where they stand until each half is small enough.
    """
    _, name = np.unique(owner, return_inverse=True)
    name = name.ravel().astype(np.int64)
    count = int(name.max()) + 1
    load = summed(name, held, count)
    all_xy = np.round(shapely.get_coordinates(points), 2)
    xy = np.column_stack([summed(name, all_xy[:, axis], count) / np.bincount(name) for axis in (0, 1)])
    most, atom, made = grain * load.sum(), np.zeros(count, np.int64), 0
    waiting = [np.arange(count)]
    while waiting:
        mine = waiting.pop()
        if len(mine) == 1 or load[mine].sum() <= most:
            atom[mine], made = made, made + 1
            continue
        axis = int(np.ptp(xy[mine, 1]) > np.ptp(xy[mine, 0]) + 1e-3)
        order = mine[np.lexsort((xy[mine, 1 - axis], np.round(xy[mine, axis], 1)))]
        half = int(np.searchsorted(np.cumsum(load[order]), load[order].sum() / 2)) + 1
        half = min(max(half, 1), len(order) - 1)
        waiting += [order[half:], order[:half]]
    return atom


def _ridges(xy: Floats, owner: Integers) -> Floats:
    """Give the Voronoi edges between spots of different owners."""
    spots, first = np.unique(xy, axis=0, return_index=True)
    low, high = spots.min(axis=0), spots.max(axis=0)
    reach = _FAR * (float((high - low).max()) + 1000.0)
    away = (low + high) / 2 + reach * np.array([(-1.0, -1.1), (1.1, -1.0), (1.0, 1.1), (-1.1, 1.0)])
    names = np.concatenate([owner[first], np.full(4, -1)])
    diagram = Voronoi(np.concatenate([spots, away]))
    ends = np.array(diagram.ridge_vertices)
    one, two = names[diagram.ridge_points].T
    keep = (one >= 0) & (two >= 0) & (one != two) & (ends >= 0).all(axis=1)
    return np.asarray(np.round(diagram.vertices[ends[keep]].reshape(-1, 4), 4))


def _one_row(faces: Faces, split: Flags) -> tuple[Geometries, Integers]:
    """Give one row for each atom, and one for each block that is not split, in however many parts."""
    atom = split[faces.village]
    geometry, source = [faces.geometry[atom]], [faces.village[atom]]
    rest = np.flatnonzero(~atom)
    order = rest[np.argsort(faces.village[rest], kind="stable")]
    names, first = np.unique(faces.village[order], return_index=True)
    parts = np.split(order, first[1:]) if len(names) else []
    united = [faces.geometry[p[0]] if len(p) == 1 else shapely.multipolygons(faces.geometry[p]) for p in parts]
    geometry.append(np.array(united, object))
    source.append(names)
    return np.concatenate(geometry), np.concatenate(source).astype(np.int64)


def _west_to_east(geometry: Geometries, source: Integers, blocks: Geometries) -> Integers:
    corner = shapely.bounds(blocks)[source, :2]
    spot = np.round(shapely.get_coordinates(shapely.centroid(geometry)) - corner, 1)
    return np.lexsort((spot[:, 1], spot[:, 0], source)).astype(np.int64)
