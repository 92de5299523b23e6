"""Slivers: scraps too small or too thin to be a block join a neighbour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.errors import BoundaryError
from spatial.planning.blocks.edges import border_length, coverage_edges
from spatial.planning.blocks.faces import Faces, connected

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Geometries

__all__ = ["absorb_slivers", "clean", "noded"]

_SNAPS_M = (1e-3, 2e-3, 5e-3, 1e-2)
"""Snapping distances to try in turn: GEOS refuses some inputs at one distance that it cleans at the next."""

_SMALL_M2 = 60.0
_THIN_M = 2.0


def clean(faces: Faces, others: Geometries) -> tuple[Faces, Geometries]:
    """Node all faces with one another and with `others` (areas beside them), county-wide.

    Vertices nearer than a millimetre (a centimetre at most, where GEOS needs it) become one. No vertex is
    moved elsewhere, so that those of the input borders stay what they were.
    """
    count = len(faces.geometry)
    both = np.concatenate([faces.geometry, others])
    whole = noded(both)
    parts, source = shapely.get_parts(whole[:count], return_index=True)
    real = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return faces.take(source[real], parts[real]), whole[count:]


def noded(areas: Geometries) -> Geometries:
    """Clean a coverage at the first snapping distance that gives a valid one; `BoundaryError` where none does."""
    for snap in _SNAPS_M:
        try:
            whole: Geometries = shapely.coverage_clean(  # type: ignore[attr-defined]  # newer than its stubs
                areas, gap_width=snap, snapping_distance=snap
            )
        except shapely.errors.GEOSException:
            continue
        if shapely.coverage_is_valid(whole):
            return whole
    raise BoundaryError(
        "村界与地块无法拼合成无缝的一张网。请检查村界是否重叠或自相交",
        "villages and blocks cannot be made one coverage: check the villages for overlaps and crossing borders",
    )


def absorb_slivers(faces: Faces, households: Floats) -> Faces:
    """Join homeless scraps to the neighbour with the longest shared border.

    A neighbour in the same region goes before one across a river or railway, one that is no hamlet and no
    special area before one that is. A scrap without a neighbour in its village (an islet) stays.
    """
    for _ in range(4):
        target = _targets(faces, households)
        if (target == np.arange(len(target))).all():
            break
        faces, households = _united(faces, households, connected(np.arange(len(target)), target, len(target)))
    return faces


def _targets(faces: Faces, households: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Choose for every face the one it joins: itself, or a neighbour where it is a sliver."""
    count = len(faces.geometry)
    area, length = shapely.area(faces.geometry), shapely.length(faces.geometry)
    small = (area < _SMALL_M2) | (2 * area / np.maximum(length, 1e-9) < _THIN_M)
    sliver = small & (households == 0) & (faces.special < 0) & (faces.hamlet < 0)
    # A scrap that came off a hamlet or special area by a clean must not become a block of its own.
    sliver |= (area < 1) & (households == 0)
    pairs, shared, _ = border_length(coverage_edges(faces.geometry), count)
    pairs, shared = np.concatenate([pairs, pairs[:, ::-1]]), np.concatenate([shared, shared])
    here, there = pairs.T
    use = sliver[here] & (faces.village[here] == faces.village[there]) & (shared > 0)
    here, there, shared = here[use], there[use], shared[use]
    rank = (
        4 * (faces.region[here] == faces.region[there]).astype(int)
        + 2 * ((faces.special[there] < 0) | (faces.special[here] == faces.special[there]))
        + (faces.hamlet[there] < 0)
    )
    order = np.lexsort((there, -shared, -rank, here))
    target = np.arange(count)
    first = np.ones(len(order), bool)
    first[1:] = here[order][1:] != here[order][:-1]
    target[here[order[first]]] = there[order[first]]
    # Two slivers that choose each other would both give up their place: the larger keeps it.
    mutual = (target[target] == np.arange(count)) & (target != np.arange(count))
    keeps = mutual & ((area > area[target]) | ((area == area[target]) & (np.arange(count) < target)))
    target[keeps] = np.flatnonzero(keeps)
    return target.astype(np.int64)


def _united(
    faces: Faces, households: Floats, label: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[Faces, Floats]:
    """Unite faces of one label; the largest gives its village, region, hamlet and special area."""
    order = np.lexsort((-shapely.area(faces.geometry), label))
    start = np.flatnonzero(np.append(True, label[order][1:] != label[order][:-1]))
    size, first = np.diff(np.append(start, len(order))), order[start]
    sums = np.add.reduceat(households[order], start)
    geometry = faces.geometry[first]
    several = np.flatnonzero(size > 1)
    for one in several.tolist():
        geometry[one] = shapely.coverage_union_all(faces.geometry[order[start[one] : start[one] + size[one]]])
    # Faces that touched in a point only come apart again.
    parts, source = shapely.get_parts(geometry[several], return_index=True)
    alone = np.flatnonzero(size == 1)
    group = np.concatenate([alone, several[source]])
    place = np.argsort(group, kind="stable")
    return faces.take(first[group][place], np.concatenate([geometry[alone], parts])[place]), sums[group][place]
