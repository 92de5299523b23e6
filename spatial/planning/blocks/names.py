"""Names of blocks that depend on nothing but their ground and what is counted in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd

    from spatial.planning.types import Geometries

__all__ = ["block_ids", "set_apart"]


_COUNTED = ("households", "residents", "party_members", "workload")


def block_ids(village_codes: Sequence[str], geometry: Geometries, counts: pd.DataFrame | None = None) -> list[str]:
    """Give each block its village code and a short hash of its centre (to the metre), area (to 10 m2) and counts.

    The same ground with the same people gives the same name on every run, in any order of rows, and whichever
    nodes its straight borders have got since; new data give new names. Two blocks of a village with one name are
    told apart by the order of their areas.

    >>> square = shapely.box(0, 0, 100, 100)
    >>> block_ids(["v"], np.array([square])) == block_ids(["v"], np.array([shapely.segmentize(square, 30)]))
    True
    """
    centre = shapely.get_coordinates(shapely.centroid(geometry))
    area = shapely.area(geometry)
    held = np.zeros((len(geometry), 0))
    if counts is not None:
        held = 100 * counts.reindex(columns=list(_COUNTED)).astype(float).fillna(-1.0).to_numpy()
    ground = np.round(np.column_stack([centre, area / 10, held])).astype(np.int64)
    names = [
        f"{code}-{hashlib.blake2b(row.tobytes(), digest_size=5).hexdigest()}"
        for code, row in zip(village_codes, ground, strict=True)
    ]
    seen: Counter[str] = Counter()
    if len(set(names)) < len(names):
        for place in np.argsort(area, kind="stable"):
            seen[names[place]] += 1
            if seen[names[place]] > 1:
                names[place] += f"-{seen[names[place]]}"
    return names


def set_apart(
    blocks: gpd.GeoDataFrame, plan_blocks: pd.DataFrame, stored: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Give blocks another name where a stored block of theirs has other vertices, and link them so.

    A stored block is never changed, and cells must be those of their blocks to the last bit: the block of a plan
    whose border has other nodes than the stored one becomes its child, named after its vertices.
    """
    held = stored.drop_duplicates("block_id").set_index("block_id").geometry.reindex(blocks["block_id"])
    known = held.notna().to_numpy()
    shapes = shapely.normalize(blocks.geometry.to_numpy())
    same = shapely.equals_exact(shapes, shapely.normalize(held.to_numpy()), tolerance=0)
    # A block that was split is only kept as the parent of its children; no cell is made of it.
    rows = np.flatnonzero(known & ~same & blocks["block_id"].isin(plan_blocks["block_id"]).to_numpy())
    if len(rows) == 0:
        return blocks, plan_blocks
    ids = blocks["block_id"].to_numpy(dtype=object).copy()
    old = ids[rows].copy()
    ids[rows] = [
        f"{name}-{hashlib.blake2b(shapely.get_coordinates(shape).tobytes(), digest_size=4).hexdigest()}"
        for name, shape in zip(old, shapes[rows], strict=True)
    ]
    parents = blocks["parent_id"].to_numpy(dtype=object).copy()
    parents[rows] = old
    renamed = dict(zip(old, ids[rows], strict=True))
    links = plan_blocks.assign(block_id=[renamed.get(name, name) for name in plan_blocks["block_id"]])
    return blocks.assign(block_id=ids, parent_id=parents), links
