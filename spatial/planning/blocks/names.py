"""Names of blocks that depend on nothing but their ground."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.planning.blocks.types import Geometries

__all__ = ["block_ids"]


def block_ids(village_codes: Sequence[str], geometry: Geometries) -> list[str]:
    """Give each block its village code and a short hash of its centre (to the metre) and area (to 10 m2).

    The same ground gives the same name on every run, in any order of rows, and whichever nodes its straight
    borders have got since. Two blocks of a village with one name are told apart by the order of their areas.

    >>> square = shapely.box(0, 0, 100, 100)
    >>> block_ids(["v"], np.array([square])) == block_ids(["v"], np.array([shapely.segmentize(square, 30)]))
    True
    """
    centre = shapely.get_coordinates(shapely.centroid(geometry))
    area = shapely.area(geometry)
    ground = np.column_stack([np.round(centre), np.round(area / 10)]).astype(np.int64)
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
