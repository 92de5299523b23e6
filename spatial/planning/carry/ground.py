"""The blocks of a plan on the ground of other villages: whole where they can be, cut by new borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.blocks.faces import Faces
from spatial.planning.blocks.people import place_points
from spatial.planning.blocks.slivers import absorb_slivers, clean
from spatial.planning.cells import SUMS
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = ["Ground", "on_new_ground"]

_NOISE_M2 = 0.01
"""A block that reaches less than this into another village lies in one."""


@dataclass(frozen=True)
class Ground:
    """Blocks on new ground: polygons that tile the villages, each with its village and the block it comes from.

    `source` is the position of the old block, -1 for ground that no block held; `intact` blocks are as they
    were. `counts` has the columns of `SUMS`.
    """

    geometry: Geometries
    village: Integers
    source: Integers
    intact: Flags
    counts: pd.DataFrame


def on_new_ground(
    blocks: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, *, special: Flags, homes: gpd.GeoDataFrame | None
) -> Ground:
    """Lay blocks (a valid coverage) over villages (another one), both in metres.

    A block within one village stays as it is; one across a border is cut. Scraps without households join a
    neighbour of their village. The counts of a block that was cut are shared out by its homes, else by land.
    Blocks marked `special` take no scraps of others. Raises `InfeasibleError` where no block lies in any village.
    """
    shapes, areas = blocks.geometry.to_numpy(), villages.geometry.to_numpy()
    pieces, village, source = _cut(shapes, areas)
    if len(pieces) == 0:
        raise InfeasibleError(
            "原方案的网格不在现在的任何村里，无可结转；请核对村界的坐标",
            "no cell of the plan lies in any village loaded now; check the coordinates of their outlines",
        )
    points = np.empty(0, object) if homes is None else homes.geometry.to_numpy()
    none = np.full(len(pieces), -1, np.int64)
    mark = np.where((source >= 0) & special[np.maximum(source, 0)], source, -1)
    faces, _ = clean(Faces(pieces, village, source, none, mark), np.empty(0, object))
    faces = absorb_slivers(faces, _weights(faces.geometry, points))
    geometry, intact = _kept(faces, shapes)
    source = np.where(faces.region >= 0, faces.region, -1)
    counts = _counts(blocks, geometry, source, intact, homes)
    return Ground(geometry, faces.village, source, intact, counts)


def _cut(shapes: Geometries, areas: Geometries) -> tuple[Geometries, Integers, Integers]:
    """Give pieces with their village and block: blocks cut by villages, and what no block holds."""
    block, village = shapely.STRtree(areas).query(shapes, predicate="intersects")
    parts = shapely.intersection(shapes[block], areas[village])
    held = shapely.area(parts)
    main = np.zeros(len(shapes))
    np.maximum.at(main, block, held)
    whole = (held == main[block]) & (shapely.area(shapes)[block] - held <= _NOISE_M2) & (held > _NOISE_M2)
    inside = np.isin(block, block[whole])
    cut = np.flatnonzero(~inside & (held > _NOISE_M2))
    flat, row = shapely.get_parts(parts[cut], return_index=True)
    solid = (shapely.get_type_id(flat) == 3) & (shapely.area(flat) > 0)
    flat, row = flat[solid], cut[row[solid]]
    pieces = [shapes[block[whole]], flat]
    villages, sources = [village[whole], village[row]], [block[whole], block[row]]
    open_, owner = _uncovered(areas, np.concatenate(pieces), np.concatenate(villages))
    pieces.append(open_)
    villages.append(owner)
    sources.append(np.full(len(open_), -1))
    return np.concatenate(pieces), np.concatenate(villages).astype(np.int64), np.concatenate(sources).astype(np.int64)


def _uncovered(areas: Geometries, pieces: Geometries, village: Integers) -> tuple[Geometries, Integers]:
    """Give the ground of planned villages that no piece holds; villages without any piece are left out."""
    order = np.argsort(village, kind="stable")
    there, first = np.unique(village[order], return_index=True)
    held = [shapely.union_all(pieces[rows]) for rows in np.split(order, first[1:])] if len(there) else []
    rest = shapely.difference(areas[there], np.array(held, object)) if len(there) else np.empty(0, object)
    parts, owner = shapely.get_parts(rest, return_index=True)
    real = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > _NOISE_M2)
    return parts[real], there[owner[real]].astype(np.int64)


def _weights(areas: Geometries, points: Geometries) -> Floats:
    """Count homes in each face: a scrap with one is no scrap."""
    if len(points) == 0:
        return np.zeros(len(areas))
    place, away = place_points(points, areas)
    return summed(place[away == 0], np.ones(int((away == 0).sum())), len(areas))


def _kept(faces: Faces, shapes: Geometries) -> tuple[Geometries, Flags]:
    """Give old blocks back as they were, part by part, where noding and scraps left them alone."""
    geometry = faces.geometry.copy()
    alone = np.bincount(faces.region[faces.region >= 0], minlength=len(shapes)) == 1
    intact = np.zeros(len(geometry), bool)
    rows = np.flatnonzero((faces.region >= 0) & alone[np.maximum(faces.region, 0)])
    before, now = shapely.normalize(shapes[faces.region[rows]]), shapely.normalize(geometry[rows])
    single = shapely.get_num_geometries(before) == 1
    first = np.where(single, shapely.get_geometry(before, 0), before)
    same = shapely.equals_exact(shapely.normalize(first), now, tolerance=0)
    intact[rows[same]] = True
    geometry[rows[same]] = first[same]
    return geometry, intact


def _counts(
    blocks: gpd.GeoDataFrame, geometry: Geometries, source: Integers, intact: Flags,
    homes: gpd.GeoDataFrame | None,
) -> pd.DataFrame:  # fmt: skip
    """Share out what blocks count among their pieces; nothing is lost but what lies in no village."""
    shapes = blocks.geometry.to_numpy()
    land = shapely.area(geometry)
    total_land = shapely.area(shapes)
    held = np.minimum(1.0, summed(source[source >= 0], land[source >= 0], len(shapes)) / np.maximum(total_land, 1e-9))
    out = {}
    weigh = None
    if homes is not None and len(homes):
        points = homes.geometry.to_numpy()
        old, away = place_points(points, shapes)
        piece = _piece_of(points, geometry, source, old)
        weigh = old, away == 0, piece
    for name in SUMS:
        values = pd.to_numeric(blocks[name], errors="coerce").to_numpy(float) if name in blocks else None
        if values is None:
            out[name] = np.full(len(geometry), np.nan)
            continue
        share = land / np.maximum(
            total_land[np.maximum(source, 0)] * np.maximum(held[np.maximum(source, 0)], 1e-9), 1e-9
        )
        spread = np.where(source >= 0, values[np.maximum(source, 0)] * share, 0.0)
        if weigh is not None and homes is not None:
            spread = _by_homes(spread, values, source, weigh, homes, name, len(geometry))
        spread[intact] = values[source[intact]]
        out[name] = spread
    return pd.DataFrame(out)


def _piece_of(points: Geometries, geometry: Geometries, source: Integers, old: Integers) -> Integers:
    """Give the piece that holds each point; on a border between pieces, one of the point's own block."""
    point, piece = shapely.STRtree(geometry).query(points, predicate="intersects")
    own = source[piece] == old[point]
    found = np.full(len(points), -1, np.int64)
    for rows in (np.flatnonzero(~own)[::-1], np.flatnonzero(own)[::-1]):
        found[point[rows]] = piece[rows]
    return found


def _by_homes(
    spread: Floats, values: Floats, source: Integers, weigh: tuple[Integers, Flags, Integers],
    homes: gpd.GeoDataFrame, name: str, count: int,
) -> Floats:  # fmt: skip
    """Share counts out by the homes in each piece, exactly where the homes of a block add up to its count."""
    block, use, piece = weigh
    column = name if name in homes and homes[name].notna().any() else "households"
    load = np.nan_to_num(pd.to_numeric(homes[column], errors="coerce").to_numpy(float, na_value=np.nan))
    of_block = summed(block[use], load[use], len(values))
    found = use & (piece >= 0)
    of_piece = summed(piece[found], load[found], count)
    here = np.maximum(source, 0)
    with_homes = (source >= 0) & (of_block[here] > 0)
    factor = np.divide(values[here], of_block[here], out=np.ones(count), where=of_block[here] > 0)
    exact = np.abs(values[here] - of_block[here]) <= 1e-6
    return np.where(with_homes, np.where(exact, of_piece, of_piece * factor), spread)
