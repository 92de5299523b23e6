"""Names of blocks that depend on nothing but their ground."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.blocks.types import Geometries

__all__ = ["block_ids"]


def block_ids(village_codes: Sequence[str], geometry: Geometries) -> list[str]:
    """Give each block its village code and a short hash of its corners, to a decimetre.

    The same ground gives the same name on every run, whatever the order of rows; two blocks of a village with
    the same corners are told apart by their area.
    """
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    corners = np.round(xy * 10).astype(np.int64)
    order = np.lexsort((corners[:, 1], corners[:, 0], owner))
    corners, owner = corners[order], owner[order]
    fresh = np.ones(len(owner), bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (corners[1:] != corners[:-1]).any(axis=1)
    corners, owner = corners[fresh], owner[fresh]
    start = np.searchsorted(owner, np.arange(len(geometry) + 1))
    names: list[str] = []
    for place, code in enumerate(village_codes):
        ground = corners[start[place] : start[place + 1]].tobytes()
        names.append(f"{code}-{hashlib.blake2b(ground, digest_size=5).hexdigest()}")
    twice = {name for name, count in Counter(names).items() if count > 1}
    if twice:
        area = np.round(shapely.area(geometry)).astype(np.int64)
        names = [f"{name}{area[i]}" if name in twice else name for i, name in enumerate(names)]
    return names
