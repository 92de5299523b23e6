"""Everything built in a county: lanes joined to the roads, buildings, hamlets, and the households in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.sample.clusters import cluster_areas, divide_clusters
from spatial.sample.hamlets import choose_anchors, free_land, lay_rows
from spatial.sample.houses import APARTMENTS, CLEARANCE_M, COTTAGES, PUBLIC, Core, boxes, build_core, standing
from spatial.sample.lines import along, lines_through
from spatial.sample.roads import Roads, node_roads

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from spatial.sample.streets import Lattice
    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["Settlement", "settle", "wanted_households"]


@dataclass(frozen=True)
class Settlement:
    """Roads with lanes, and one row per building.

    `village` numbers the rows of the code table, `hamlet` the rows of `hamlets` (-1: none); `households` is 0
    where nobody lives. `kind` is APARTMENTS, COTTAGES or PUBLIC. A hamlet lies in a cluster (a natural village),
    which several may share; `cluster_village` and `centres` go with `clusters`.
    """

    roads: Roads
    footprints: Geometries
    village: Ints
    hamlet: Ints
    kind: Ints
    floors: Ints
    households: Ints
    hamlets: Geometries
    hamlet_cluster: Ints
    clusters: Geometries
    cluster_village: Ints
    centres: Floats

    @property
    def hamlet_village(self) -> Ints:
        """Village of every hamlet."""
        return self.cluster_village[self.hamlet_cluster]


def wanted_households(
    area_m2: Floats, community: NDArray[np.bool_], codes: pd.Series, *, total: int, rng: np.random.Generator
) -> Floats:
    """Share out households: communities of the streets hold most, villages grow slowly with their land."""
    number = codes.str[6:9].astype(int).to_numpy()
    farm = (number >= 400) & ~community
    size = np.clip((area_m2 / np.median(area_m2)) ** 0.3, 0.45, 1.7)
    weight = np.where(community, np.where(number < 100, 2.3, 1.5), size) * rng.lognormal(0, 0.22, len(codes))
    crowd = np.where(community, area_m2 / 160.0, area_m2 / 900.0)  # what the land can hold
    wanted = np.minimum(np.where(farm, 0.25, weight) / weight.sum() * total, crowd)
    return np.asarray(wanted * total / wanted.sum())


def settle(
    ground: Ground,
    roads: Roads,
    *,
    villages: Geometries,
    wanted: Floats,
    cores: list[tuple[Lattice, Geometries, Ints]],
    rng: np.random.Generator,
) -> Settlement:
    """Build hamlets along the roads of villages and fill the cores (lattice, blocks, village of each block)."""
    built = [(build_core(lattice, blocks, of, rng=rng), of) for lattice, blocks, of in cores]
    urban = np.unique(np.concatenate([of for _, of in built]))
    rural = np.setdiff1d(np.arange(len(villages)), urban)
    land = free_land(villages, ground)
    roads = _reach(roads, land)
    anchors = choose_anchors(roads, land, rural=rural, households=wanted, rng=rng)
    rows = lay_rows(anchors, land, rng=rng)
    all_roads = _join_lanes(roads, np.concatenate([rows.lanes, *(core.lanes for core, _ in built)]))

    footprints = np.concatenate([*(core.footprints for core, _ in built), rows.houses])
    village = np.concatenate([*(of[core.block] for core, of in built), anchors.village[rows.house_hamlet]])
    kind = np.concatenate([*(core.kind for core, _ in built), np.full(len(rows.houses), COTTAGES)])
    town = len(footprints) - len(rows.houses)
    keep = _can_stand(footprints, village, land, all_roads)
    near = np.ones(len(keep), dtype=bool)
    near[town:] = _same_side(footprints[town:], anchors.xy[rows.house_hamlet], ground)
    keep &= near
    keep[:town] &= _needed(village[:town], kind[:town], _town_depth(built, rng), keep[:town], wanted)
    keep[town:] &= _inner_houses(rows.house_hamlet, rows.depth_m, keep[town:], anchors.households)
    clusters, keep[town:], number = cluster_areas(
        rows.houses, rows.house_hamlet, keep[town:], land[anchors.village], len(anchors.xy)
    )
    hamlets, in_hamlet, cluster = divide_clusters(clusters, rows, keep[town:], number, rng=rng)
    keep[town:] &= in_hamlet >= 0
    hamlet = np.concatenate([np.full(town, -1), in_hamlet])
    lone, of_lone = _lone_houses(footprints[keep], village[keep][kind[keep] != PUBLIC], land, all_roads)
    footprints, village = np.concatenate([footprints, lone]), np.concatenate([village, of_lone])
    kind, hamlet = np.append(kind, np.full(len(lone), COTTAGES)), np.append(hamlet, np.full(len(lone), -1))
    keep = np.append(keep, np.ones(len(lone), dtype=bool))
    built_rows = (footprints[keep], village[keep], kind[keep])
    households, floors = _fill(*built_rows, wanted, rng)
    anchor = np.flatnonzero(number >= 0)
    return Settlement(
        all_roads, footprints[keep], village[keep], hamlet[keep], kind[keep], floors, households,
        hamlets, cluster, clusters, anchors.village[anchor], anchors.xy[anchor],
    )  # fmt: skip


def _reach(roads: Roads, land: Geometries) -> Roads:
    """Lead a village road to the middle of every village that no road enters."""
    entered = np.unique(shapely.STRtree(land).query(roads.lines, predicate="intersects")[1])
    lost = np.setdiff1d(np.arange(len(land)), entered)
    dry = np.flatnonzero(~roads.bridge)
    middles = shapely.point_on_surface(land[lost])
    nearest = dry[shapely.STRtree(roads.lines[dry]).nearest(middles)]
    links = shapely.shortest_line(middles, roads.lines[nearest])
    lines, rank = node_roads(
        np.concatenate([roads.lines[dry], links]), np.concatenate([roads.rank[dry], np.ones(len(links), np.int64)])
    )
    bridges = roads.lines[roads.bridge]
    over = np.repeat([False, True], [len(lines), len(bridges)])
    return Roads(np.concatenate([lines, bridges]), np.concatenate([rank, roads.rank[roads.bridge]]), over)


def _lone_houses(footprints: Geometries, lived_in: Ints, land: Geometries, roads: Roads) -> tuple[Geometries, Ints]:
    """Set houses by the roads of villages that have none yet (too small for rows); a dozen each at most."""
    empty = np.setdiff1d(np.arange(len(land)), lived_in)
    line, of = shapely.STRtree(land[empty]).query(roads.lines, predicate="intersects")
    count = np.maximum(1, (shapely.length(roads.lines[line]) / 16).astype(np.int64))
    line, of, part = np.repeat(line, count), np.repeat(of, count), np.repeat(count, count)
    step = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    xy, ahead = along(roads.lines[line], (step + 0.5) / part * shapely.length(roads.lines[line]))
    side = np.column_stack([-ahead[:, 1], ahead[:, 0]]) * (CLEARANCE_M[roads.rank[line]] + 6.0)[:, None]
    size = np.full(2 * len(xy), 9.5)
    houses = boxes(np.vstack([xy + side, xy - side]), np.vstack([ahead, ahead]), size, 0.8 * size)
    village = np.tile(empty[of], 2)
    fine = _can_stand(houses, village, land, roads)
    fine[shapely.STRtree(houses).query(footprints, predicate="intersects")[1]] = False
    free = np.flatnonzero(fine)
    first = np.array(
        [np.count_nonzero(village[free[:k]] == village[one]) < 12 for k, one in enumerate(free)], dtype=bool
    )
    return houses[free[first]], village[free[first]]


def _join_lanes(roads: Roads, lanes: Geometries) -> Roads:
    """Node lanes with the roads; lanes that lead nowhere are left out."""
    land = ~roads.bridge
    lines, rank = node_roads(
        np.concatenate([roads.lines[land], lanes]),
        np.concatenate([roads.rank[land], np.zeros(len(lanes), dtype=np.int64)]),
    )
    lines, rank = np.concatenate([lines, roads.lines[~land]]), np.concatenate([rank, roads.rank[~land]])
    bridge = np.zeros(len(lines), dtype=bool)
    bridge[len(lines) - int((~land).sum()) :] = True
    joined = piece_components(lines)
    main = joined == np.bincount(joined, weights=shapely.length(lines)).argmax()
    keep = main | (rank > 0)
    return Roads(lines[keep], rank[keep], bridge[keep])


def piece_components(lines: Geometries) -> Ints:
    """Give the connected component of every noded piece (ends within a millimetre meet)."""
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    _, number = np.unique(np.round(ends, 3), axis=0, return_inverse=True)
    a, b = number.ravel()[: len(lines)], number.ravel()[len(lines) :]
    size = int(number.max()) + 1
    _, component = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(size, size)), directed=False)
    return np.asarray(component[a], dtype=np.int64)


def _can_stand(footprints: Geometries, village: Ints, land: Geometries, roads: Roads) -> NDArray[np.bool_]:
    """Mark the footprints inside their village's free land, clear of roads and each other, and near a lane."""
    tree = shapely.STRtree(footprints)
    where, number = tree.query(land, predicate="contains")
    inside = np.zeros(len(footprints), dtype=bool)
    inside[number[where == village[number]]] = True
    middles = shapely.centroid(footprints)
    served = np.zeros(len(footprints), dtype=bool)
    served[shapely.STRtree(middles).query(roads.lines, predicate="dwithin", distance=27.0)[1]] = True
    candidate = np.flatnonzero(inside & served)
    fine = np.zeros(len(footprints), dtype=bool)
    fine[candidate[standing(footprints[candidate], roads.lines, roads.rank)]] = True
    return fine


def _same_side(footprints: Geometries, anchors: Floats, ground: Ground) -> NDArray[np.bool_]:
    """Mark the houses that no river, railway or motorway parts from the middle of their hamlet."""
    middles = shapely.get_coordinates(shapely.centroid(footprints))
    sight = lines_through(np.stack([middles, anchors], axis=1))
    fine = np.ones(len(footprints), dtype=bool)
    fine[shapely.STRtree(sight).query(ground.hard, predicate="intersects")[1]] = False
    return fine


def _town_depth(built: list[tuple[Core, Ints]], rng: np.random.Generator) -> Floats:
    """Give every building of a core how far its block is from the middle of the core, blurred."""
    depth = []
    for core, _ in built:
        middles = shapely.get_coordinates(shapely.centroid(core.footprints))
        count = int(core.block.max()) + 1 if len(core.block) else 0
        sums = [np.bincount(core.block, weights=middles[:, k], minlength=count) for k in (0, 1)]
        block = np.column_stack(sums) / np.maximum(np.bincount(core.block, minlength=count), 1)[:, None]
        far = np.hypot(*(block - middles.mean(axis=0)).T) * rng.uniform(0.7, 1.3, count) if count else np.empty(0)
        depth.append(far[core.block])
    return np.concatenate(depth)


def _needed(village: Ints, kind: Ints, depth: Floats, keep: NDArray[np.bool_], wanted: Floats) -> NDArray[np.bool_]:
    """Mark the buildings nearest to the middle of town that hold the community's households; the rim stays open."""
    room = np.select([kind == APARTMENTS, kind == COTTAGES], [30.0, 1.0], 0.0) * keep
    order = np.lexsort((depth, village))
    held = np.cumsum(room[order])
    first = np.searchsorted(village[order], village[order])
    before = held - np.where(first > 0, held[first - 1], 0.0) - room[order]
    needed = np.empty(len(village), dtype=bool)
    needed[order] = before < 1.02 * wanted[village[order]]
    return needed


def _inner_houses(hamlet: Ints, depth: Floats, keep: NDArray[np.bool_], wanted: Floats) -> NDArray[np.bool_]:
    """Mark the houses nearest to the middle of their hamlet, as many as its households want (7 % hold two)."""
    order = np.lexsort((np.where(keep, depth, np.inf), hamlet))
    first = np.searchsorted(hamlet[order], hamlet[order])
    place = np.empty(len(hamlet), dtype=np.int64)
    place[order] = np.arange(len(order)) - first
    inner: NDArray[np.bool_] = keep & (place < np.ceil(wanted[hamlet] * 1.02))
    return inner


def _fill(
    footprints: Geometries, village: Ints, kind: Ints, wanted: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Put households into buildings: rows of flats by their size and the community's need, houses one or two."""
    n = len(footprints)
    households = np.where(kind == COTTAGES, 1 + (rng.random(n) < 0.04), 0)
    households = np.where((kind == COTTAGES) & (rng.random(n) < 0.02), 0, households)  # stores, sheds, shut houses
    floors = np.where(kind == PUBLIC, rng.integers(2, 6, n), 1 + (rng.random(n) < 0.14))
    flats = np.flatnonzero(kind == APARTMENTS)
    cottages = np.bincount(village, weights=households, minlength=len(wanted))
    size = np.sqrt(shapely.area(footprints[flats])) * rng.choice([0.8, 1.0, 1.0, 1.5], len(flats))
    share = size / np.maximum(np.bincount(village[flats], weights=size, minlength=len(wanted)), 1e-9)[village[flats]]
    need = np.maximum(wanted - cottages, 0.1 * wanted)[village[flats]] * share
    stairs = np.maximum(2, np.round(shapely.length(footprints[flats]) / 2 / 20)).astype(np.int64)
    floors[flats] = np.clip(np.round(need / (2 * stairs)), 3, 18)
    households[flats] = np.clip(np.round(need), 6, 72)
    _make_up(households, kind, round(float(wanted.sum())), rng)
    empty = np.bincount(village, weights=households, minlength=len(wanted)) == 0
    households[empty[village] & (kind == COTTAGES)] = 1
    return households.astype(np.int64), floors.astype(np.int64)


def _make_up(households: Ints, kind: Ints, total: int, rng: np.random.Generator) -> None:
    """Let houses hold two households, or stand empty, until the county's total is met (a fifth of them at most)."""
    missing = total - int(households.sum())
    houses = rng.permutation(np.flatnonzero((kind == COTTAGES) & (households == 1)))
    chosen = houses[: min(abs(missing), len(houses) // 5)]
    households[chosen] += 1 if missing > 0 else -1
