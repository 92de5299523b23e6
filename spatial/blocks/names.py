"""Names of blocks that depend on nothing but their ground."""

from __future__ import annotations

import hashlib
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
    start = np.searchsorted(owner, np.arange(len(geometry) + 1))
    names: list[str] = []
    for place, code in enumerate(village_codes):
        ground = np.unique(corners[start[place] : start[place + 1]], axis=0)
        names.append(f"{code}-{hashlib.blake2b(ground.tobytes(), digest_size=5).hexdigest()}")
    if len(set(names)) < len(names):
        area = np.round(shapely.area(geometry)).astype(np.int64)
        seen = {name for name in names if names.count(name) > 1}
        names = [f"{name}{area[i]}" if name in seen else name for i, name in enumerate(names)]
    return names
