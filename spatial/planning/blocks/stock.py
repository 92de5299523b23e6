"""The blocks of a plan with what lies in them: made from the ground, or as the user loaded them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.layers import LAYERS
from spatial.planning.blocks.counts import counted, with_work
from spatial.planning.blocks.faces import Faces
from spatial.planning.blocks.make import BlockSizes, Ground, make_blocks
from spatial.planning.blocks.names import block_ids
from spatial.planning.blocks.nodes import corners_kept, with_nodes, without_idle_nodes
from spatial.planning.blocks.people import COUNTS
from spatial.planning.blocks.slivers import clean
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.blocks.borders import Barriers
    from spatial.planning.blocks.nodes import Idle
    from spatial.planning.profiles import Profile
    from spatial.planning.types import Flags, Geometries, Integers
    from spatial.problems import Problems

__all__ = ["Stock", "block_frame", "loaded_stock", "made_stock"]

PER_CELL, LAND_PER_CELL = 25, 8
"""A cell is built of at least about this many blocks by households, and by land."""


@dataclass(frozen=True)
class Stock:
    """Blocks: polygons with village, region (-1: unknown), hamlet and special area, their ids and counts.

    `counts` has the columns of `COUNTS`, `incidents` and `workload`, aligned with the blocks. `others` are the
    areas beside the planned villages, noded with them. Blocks that were split are `parents`, as they were, and
    `parent_id` names that of each block.
    """

    faces: Faces
    block_id: list[str]
    counts: pd.DataFrame
    others: Geometries
    loaded: bool = False
    parent_id: list[str | None] | None = None
    parents: Stock | None = None

    @property
    def size(self) -> int:
        """Number of blocks."""
        return len(self.block_id)

    def noded(self, idle: Idle) -> Stock:
        """Put nodes back that were left out while the blocks were made, and corners that noding moved.

        Nodes of faces that are one block now go first: they would steer nothing and stay in the villages for good.
        """
        areas, _ = without_idle_nodes(np.concatenate([self.faces.geometry, self.others]), of=self.size)
        areas = with_nodes(areas, idle.kept)
        areas = with_nodes(areas, idle.left, new=False)
        areas = corners_kept(areas, idle.corners)
        faces = self.faces.take(np.arange(self.size), areas[: self.size])
        return replace(self, faces=faces, others=areas[self.size :])


def made_stock(
    villages: gpd.GeoDataFrame,
    cells: Integers,
    *,
    people: gpd.GeoDataFrame,
    barriers: Barriers,
    buildings: Geometries,
    hamlets: Geometries,
    whole: Flags,
    specials: Geometries,
    others: Geometries,
    incidents: Geometries | None = None,
    profile: Profile,
    workers: int | None,
) -> Stock:
    """Make blocks from the ground and count people in them; `cells` is the number of cells of each village."""
    shapes = villages.geometry.to_numpy()
    points = people.geometry.to_numpy()
    # A spread total has no place of its own: it must not steer where cuts go.
    load = np.where(people["spread"].to_numpy(bool), 0.0, people["households"].to_numpy(float))
    home = people["village"].to_numpy(np.int64)
    total = summed(home, load, len(villages))
    sizes = BlockSizes(np.maximum(1.0, total / cells / PER_CELL), shapely.area(shapes) / cells / LAND_PER_CELL)
    ground = Ground(barriers.lines, barriers.hard, buildings, hamlets, whole, specials)
    faces, others = make_blocks(
        shapes, ground, points=points, home=home, households=load, sizes=sizes, others=others, workers=workers
    )
    # From west to east within each village: an order that a shift of everything leaves alone.
    corner = shapely.bounds(shapes)[faces.village, :2]
    spot = np.round(shapely.get_coordinates(shapely.centroid(faces.geometry)) - corner, 1)
    faces = faces.take(np.lexsort((spot[:, 1], spot[:, 0], faces.village)))
    codes = villages["village_code"].to_numpy()
    counts = counted(villages, faces.geometry, faces.village, people, incidents=incidents, profile=profile)
    ids = block_ids(codes[faces.village].tolist(), faces.geometry, counts)
    return Stock(faces, ids, counts, others)


def loaded_stock(
    villages: gpd.GeoDataFrame,
    blocks: gpd.GeoDataFrame,
    *,
    people: gpd.GeoDataFrame,
    hamlets: Geometries,
    specials: Geometries,
    others: Geometries,
    incidents: Geometries | None = None,
    profile: Profile,
    problems: Problems,
) -> Stock:
    """Take the user's blocks as they are; ground they leave open or take beside their village is mended and said.

    Counts are the blocks' own where they have `households`, else people are counted in them.
    """
    codes = pd.Index(villages["village_code"])
    blocks = blocks.sort_values("block_id", kind="stable", ignore_index=True)
    village = codes.get_indexer(pd.Index(blocks["village_code"]))
    blocks, village = blocks[village >= 0].reset_index(drop=True), village[village >= 0]
    geometry, ids, village = _mended(villages, blocks, village, problems)
    none = np.full(len(ids), -1, np.int64)
    faces, others, there = _clean_whole(Faces(geometry, village.astype(np.int64), none, none, none), others)
    points = shapely.point_on_surface(faces.geometry)
    faces = Faces(faces.geometry, faces.village, faces.region, _holder(points, hamlets), _holder(points, specials))
    own = pd.DataFrame(
        {name: pd.to_numeric(blocks[name], errors="coerce") if name in blocks else np.nan for name in COUNTS},
        index=blocks.index,
    )
    own = own.astype(float).reindex(there).reset_index(drop=True)
    ids = [ids[row] for row in there]
    if own["households"].notna().any():
        own["households"] = own["households"].fillna(0.0)
        counts = with_work(own, faces.geometry, incidents, profile)
        if "workload" in blocks and blocks["workload"].notna().any():
            counts["workload"] = pd.to_numeric(blocks["workload"]).reindex(there).fillna(0.0).to_numpy(float)
    else:
        counts = counted(villages, faces.geometry, faces.village, people, incidents=incidents, profile=profile)
    return Stock(faces, ids, counts, others, loaded=True)


def block_frame(stock: Stock, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the layer `blocks`, in metres."""
    frame = stock.counts.reindex(columns=["households", "residents", "party_members", "workload"]).reset_index(
        drop=True
    )
    frame["block_id"] = stock.block_id
    frame["parent_id"] = np.array(stock.parent_id or [None] * stock.size, object)
    frame["village_code"] = villages["village_code"].to_numpy()[stock.faces.village]
    frame["area_m2"] = shapely.area(stock.faces.geometry)
    geometry = stock.faces.geometry.copy()
    single = shapely.get_type_id(geometry) == 3
    geometry[single] = shapely.multipolygons(geometry[single], indices=np.arange(int(single.sum())))
    return gpd.GeoDataFrame(frame[LAYERS["blocks"].names], geometry=geometry, crs=villages.crs)


def _mended(
    villages: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, village: Integers, problems: Problems
) -> tuple[Geometries, list[str], Integers]:
    shapes, ids = blocks.geometry.to_numpy().copy(), blocks["block_id"].astype(str).tolist()
    extra: list[shapely.Geometry] = []
    extra_village: list[int] = []
    for place, (code, ground) in enumerate(zip(villages["village_code"], villages.geometry, strict=True)):
        rows = np.flatnonzero(village == place)
        united = shapely.union_all(shapes[rows])
        off = float(shapely.area(shapely.symmetric_difference(united, ground)))
        if off <= 1:
            continue
        problems.add("blocks-mended", code=code, area_m2=off, geometry=ground.representative_point())
        shapes[rows] = shapely.intersection(shapes[rows], ground)
        rest = shapely.get_parts(shapely.difference(ground, united))
        extra += [part for part in rest if part.geom_type == "Polygon" and part.area > 0]
        extra_village += [place] * (len(extra) - len(extra_village))
    added = np.array(extra, object)
    names = block_ids([villages["village_code"].iloc[place] for place in extra_village], added)
    return np.concatenate([shapes, added]), ids + names, np.concatenate([village, np.array(extra_village, np.int64)])


def _clean_whole(faces: Faces, others: Geometries) -> tuple[Faces, Geometries, Integers]:
    """Node loaded blocks with all around them, each staying one row; gives the rows that are left.

    Scraps between blocks and their village that are thinner than what noding closes go to their neighbours.
    """
    cleaned, others = clean(Faces(faces.geometry, np.arange(len(faces.village)), *[faces.region] * 3), others)
    geometry = faces.geometry.copy()
    order = np.argsort(cleaned.village, kind="stable")
    rows, first = np.unique(cleaned.village[order], return_index=True)
    for row, parts in zip(rows, np.split(order, first[1:]), strict=True):
        geometry[row] = (
            cleaned.geometry[parts[0]] if len(parts) == 1 else shapely.multipolygons(cleaned.geometry[parts])
        )
    return faces.take(rows, geometry[rows]), others, rows


def _holder(points: Geometries, areas: Geometries) -> Integers:
    """Give the first area that holds each point, or -1."""
    place = np.full(len(points), len(areas), np.int64)
    area, point = shapely.STRtree(points).query(areas, predicate="intersects")
    np.minimum.at(place, point, area)
    return np.where(place == len(areas), -1, place)
