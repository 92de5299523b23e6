"""The instances: synthetic villages of recorded seeds, real outlines with synthetic blocks, and real precincts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.partition.hamlets import hamleted_village
from benchmarks.partition.houses import around_houses, footprints
from benchmarks.partition.village import Ask, make_village
from spatial.planning.partition import Graph, make_graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from benchmarks.partition.village import Village

__all__ = ["Instance", "fl25_optimum", "hamleted", "instances", "outline_instance", "outlines", "synthetic"]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_BARRIER_M = 0.15  # how far a border may lie from the line it was cut along
_POINTS = 2000  # how many points stand for the people of real precincts

SYNTHETIC: tuple[tuple[str, int, int, int, tuple[int, ...]], ...] = (
    # kind, blocks (about), cells, households, seeds
    ("village", 130, 10, 3000, (1, 2, 3, 4, 5)),
    ("village", 520, 40, 9000, (1, 2)),
    ("village", 150, 3, 900, (1, 2, 3)),
    ("village", 300, 10, 3000, (1, 2, 3)),
    ("village", 600, 3, 900, (1, 2)),
    ("village", 600, 10, 3000, (1, 2, 3)),
    ("village", 600, 20, 5000, (1, 2, 3)),
    ("village", 1000, 12, 4000, (1, 2)),
    ("village", 1200, 40, 9000, (1, 2)),
    ("village", 2500, 10, 3000, (1,)),
    ("village", 2500, 40, 9000, (1, 2)),
    ("towers", 130, 10, 3000, (11,)),
    ("towers", 600, 10, 3000, (11, 12)),
    ("towers", 600, 20, 6000, (11, 12)),
    ("towers", 1500, 20, 6000, (11,)),
    ("river", 400, 10, 3000, (21, 22, 23)),
    ("exclave", 400, 10, 3000, (31, 32)),
)
"""What is made, 38 villages; with the outlines and the real precincts there are 50 instances."""
HAMLETS: tuple[tuple[int, int, int], ...] = (
    # cells, households, seed
    (6, 1800, 41), (6, 1800, 42), (10, 3000, 43), (10, 3000, 44), (20, 6000, 45),
)  # fmt: skip
"""Villages of six hamlets to a cell, none of which may be cut."""
OUTLINES = 10
"""Real village outlines (Yilan) that get blocks: every so-manieth by area, so that all sizes occur."""


@dataclass(frozen=True)
class Instance:
    """Blocks to divide into `cells`: their graph, whose weights are households, and their homes.

    No block cuts one of the `buildings` or `hamlets`.
    """

    name: str
    kind: str
    cells: int
    graph: Graph
    faces: NDArray[np.object_]
    homes: NDArray[np.float64]
    households: NDArray[np.int64]
    block_of_home: NDArray[np.int64]
    buildings: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))
    hamlets: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))

    @property
    def blocks_per_cell(self) -> float:
        """Number of blocks to a cell."""
        return self.graph.size / self.cells


def instances() -> Iterator[Instance]:
    """Make or load every instance, in a fixed order."""
    for kind, blocks, cells, households, seeds in SYNTHETIC:
        for seed in seeds:
            yield synthetic(kind, blocks, cells, households, seed)
    for cells, households, seed in HAMLETS:
        yield hamleted(cells, households, seed)
    yield from _outlined()
    yield from _precincts()


def synthetic(kind: str, blocks: int, cells: int, households: int, seed: int) -> Instance:
    """Make an instance of a kind of `SYNTHETIC` from a seed."""
    village = make_village(Ask(households, blocks, 1000 * seed + blocks + cells, kind == "towers"))
    if kind == "exclave":
        village = _moved_apart(village, make_village(Ask(households // 4, blocks // 4, 1000 * seed + 7)))
    bridge_m = 25.0 if seed % 2 == 0 else -1.0  # villages of even seeds have a bridge
    name = f"{kind}-{blocks}-{cells}-s{seed}"
    return _instance(name, kind, cells, village, closed=kind == "river", bridge_m=bridge_m)


def hamleted(cells: int, households: int, seed: int) -> Instance:
    """Make a village of many hamlets, each a block of its own."""
    made = hamleted_village(cells, households, seed)
    return Instance(
        f"hamlets-{len(made.hamlets)}-{cells}-s{seed}", "hamlets", cells, made.graph, made.faces, made.homes,
        np.ones(len(made.homes), np.int64), made.block_of_home, made.buildings, made.hamlets,
    )  # fmt: skip


def fl25_optimum() -> float | None:
    """Give the least largest deviation of all plans of the 25 precincts; None without the file of plans."""
    path = DATA / "partition" / "fl25_enumeration.npz"
    if not path.exists():
        return None
    with np.load(path) as stored:
        plans = next(stored[name] for name in stored.files if stored[name].ndim == 2)
    load = gpd.read_file(DATA / "partition" / "fl25.geojson")["pop"].to_numpy(float)
    held = np.array([(plans == district).T @ load for district in np.unique(plans)])
    return float(np.abs(held / held.mean(axis=0) - 1).max(axis=0).min())


def _moved_apart(village: Village, other: Village) -> Village:
    """Put two villages into one: the other lies 300 m to the east."""
    right = np.array([village.outline.bounds[2] - other.outline.bounds[0] + 300.0, 0.0])
    moved = {
        name: shapely.transform(getattr(other, name), lambda xy: xy + right) for name in ("faces", "river", "roads")
    }
    joined = {name: np.concatenate([getattr(village, name), moved[name]]) for name in moved}
    homes = np.vstack([village.homes, other.homes + right])
    households = np.concatenate([village.households, other.households])
    return type(village)(village.outline, joined["faces"], joined["river"], joined["roads"], homes, households)


def _instance(
    name: str, kind: str, cells: int, village: Village, *, closed: bool = False, bridge_m: float = -1.0
) -> Instance:
    """Build the graph; `closed` keeps cells from crossing the river but at the bridges of roads."""
    lines, houses = np.concatenate([village.river, village.roads]), footprints(village)
    faces = around_houses(village, houses).faces
    home, face = shapely.STRtree(faces).query_nearest(shapely.points(village.homes), all_matches=False)
    weight = np.bincount(face, village.households[home], len(faces))
    pairs, length, cost, middle, outer = _borders(faces, lines)
    open_ = np.ones(len(pairs))
    if closed:
        water = shapely.union_all(village.river)
        bridges = shapely.intersection(water, shapely.union_all(village.roads))
        open_[shapely.dwithin(middle, water, _BARRIER_M) & ~shapely.dwithin(middle, bridges, bridge_m)] = 0.0
    land = shapely.area(faces)
    place = shapely.get_coordinates(shapely.centroid(faces))
    graph = make_graph(pairs, length, cost, open_, weight=weight.astype(float), area=land, outer=outer, xy=place)
    return Instance(name, kind, cells, graph, faces, village.homes, village.households, face, houses)


def _borders(
    faces: NDArray[np.object_], barriers: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.object_], NDArray[np.float64]]:
    """Find the border pieces two faces share: pairs, lengths, the part off barriers, middles; and outer borders."""
    rings, owner = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = np.round(xy[:-1][same], 3), np.round(xy[1:][same], 3)
    who = owner[ring[:-1][same]]
    flip = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(flip[:, None], np.hstack([end, start]), np.hstack([start, end]))
    _, piece, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(piece, kind="stable")
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    length = np.hypot(*(ends[:, 2:] - ends[:, :2]).T)
    alone = order[first[count == 1]]
    outer = np.bincount(who[alone], length[alone], len(faces))
    one, two = order[first[count == 2]], order[first[count == 2] + 1]
    middle = shapely.points((ends[one, :2] + ends[one, 2:]) / 2)
    on = shapely.dwithin(middle, shapely.union_all(barriers), _BARRIER_M) if len(barriers) else np.zeros(len(one), bool)
    pairs = np.column_stack([who[one], who[two]])
    return pairs, length[one], np.where(on, 0.0, length[one]), middle, outer


def outlines() -> gpd.GeoDataFrame | None:
    """Give the real village outlines (Yilan), the largest part of each, by area; None without their file."""
    path = DATA / "tw" / "yilan_villages.geojson"
    if not path.exists():
        return None
    frame = gpd.read_file(path).to_crs("EPSG:3826")
    parts = frame[["VILLCODE", "geometry"]].set_geometry(frame.geometry.make_valid()).explode(ignore_index=True)
    parts["whole"] = ~parts["VILLCODE"].duplicated(keep=False)
    parts = parts[parts.geometry.geom_type == "Polygon"]
    parts = parts.iloc[np.argsort(-parts.area.to_numpy(), kind="stable")].drop_duplicates("VILLCODE")
    return parts.iloc[np.lexsort((parts["VILLCODE"], parts.area))].reset_index(drop=True)


def outline_instance(code: str, outline: shapely.Polygon, cells: int, blocks: int, seed: int) -> Instance:
    """Make blocks inside a real outline, 300 households to a cell."""
    shift = np.floor(outline.bounds[:2])
    outline = shapely.transform(outline, lambda xy: xy - shift)
    village = make_village(Ask(300 * cells, blocks, seed, outline=outline))
    return _instance(f"outline-{code}-{cells}", "outline", cells, village)


def _outlined() -> Iterator[Instance]:
    """Blocks inside real village outlines of all sizes."""
    frame = outlines()
    if frame is None:
        return
    frame = frame[frame["whole"] & (frame.area < 5e7)]
    for number, row in enumerate(np.linspace(0, len(frame) - 1, OUTLINES + 2).astype(int)[1:-1]):
        code, outline = str(frame["VILLCODE"].iloc[row]), frame.geometry.iloc[row]
        yield outline_instance(code, outline, (4, 6, 8, 10, 12)[number % 5], (240, 400, 600)[number % 3], 500 + number)


def _precincts() -> Iterator[Instance]:
    """25 precincts in Florida (3 districts; every plan is known), and the 99 counties of Iowa (4 districts)."""
    folder = DATA / "partition"
    if not folder.exists():
        return
    frame = gpd.read_file(folder / "fl25.geojson")
    beside = json.loads((folder / "fl25_adjacency.json").read_text())
    pairs = np.array([(i, j) for i, near in enumerate(beside) for j in near if i < j])
    yield _loaded("fl25", 3, frame.to_crs("EPSG:5070"), "pop", pairs)
    iowa = gpd.read_file(f"zip://{folder / 'iowa_counties.zip'}").to_crs("EPSG:5070")
    yield _loaded("iowa", 4, iowa, "TOTPOP", None)


def _loaded(name: str, cells: int, frame: gpd.GeoDataFrame, measure: str, pairs: NDArray[np.int64] | None) -> Instance:
    faces = frame.geometry.to_numpy()
    if pairs is None:
        left, right = shapely.STRtree(faces).query(faces, predicate="intersects")
        pairs = np.column_stack([left, right])[left < right]
        pairs = pairs[shapely.length(shapely.intersection(faces[pairs[:, 0]], faces[pairs[:, 1]])) > 100.0]
    length = np.maximum(shapely.length(shapely.intersection(faces[pairs[:, 0]], faces[pairs[:, 1]])), 1.0)
    shared = np.bincount(pairs.ravel(), np.repeat(length, 2), len(faces))
    graph = make_graph(
        pairs, length, length, np.ones(len(pairs)),
        weight=frame[measure].to_numpy(float), area=shapely.area(faces),
        outer=np.maximum(shapely.length(faces) - shared, 0.0),
        xy=shapely.get_coordinates(shapely.centroid(faces)),
    )  # fmt: skip
    people = np.maximum(np.round(graph.weight / graph.weight.sum() * _POINTS), 1).astype(np.int64)
    return Instance(name, "real", cells, graph, faces, graph.xy, people, np.arange(graph.size))
