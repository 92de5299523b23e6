"""Names of blocks that depend on nothing but their ground and what is counted in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from spatial.planning.blocks.types import Geometries

__all__ = ["block_ids"]


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
