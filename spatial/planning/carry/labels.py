"""Which carried blocks make one cell: what was one cell stays one, unless a new border cuts it through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.planning.blocks.edges import border_length, coverage_edges
from spatial.planning.blocks.faces import connected
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.carry.ground import Ground
    from spatial.planning.types import Flags, Floats, Integers
    from spatial.problems import Problems

__all__ = ["label_pieces"]

_PART = 0.25
"""A side of a cut cell that holds less than this share of it joins a neighbour."""


def label_pieces(
    ground: Ground, old: Integers, cells: gpd.GeoDataFrame, *, special: Flags, problems: Problems
) -> tuple[Integers, dict[int, int]]:
    """Give each piece the number of its new cell, and name the one that goes on for each old cell (by position).

    `old` is the position of the old cell of each old block; `special` marks old cells. A fragment joins cells of its
    own village and kind; where there is none it is a cell of its own.
    """
    count = len(ground.geometry)
    cell = np.where(ground.source >= 0, old[np.maximum(ground.source, 0)], -1)
    pairs, shared, _ = border_length(coverage_edges(ground.geometry), count)
    same = ground.village[pairs[:, 0]] == ground.village[pairs[:, 1]]
    pairs, shared = pairs[same], shared[same]
    group = _groups(ground, cell, pairs, cells)
    weight = ground.counts["households"].fillna(0).to_numpy(float) + 1e-6 * shapely.area(ground.geometry)
    of_group, village = np.full(group.max() + 1, -1), np.zeros(group.max() + 1, np.int64)
    of_group[group], village[group] = cell, ground.village
    kind = np.where(of_group >= 0, special[np.maximum(of_group, 0)], False)
    load = summed(group, weight, len(of_group))
    total = summed(np.maximum(of_group, 0), np.where(of_group >= 0, load, 0.0), len(cells))
    loose = (of_group < 0) | (load < _PART * total[np.maximum(of_group, 0)])
    into = _joined(group, pairs, shared, loose=loose, village=village, kind=kind, load=load)
    for place in np.flatnonzero((into != np.arange(len(into))) & (of_group >= 0)):
        rows = np.flatnonzero(group == place)
        problems.add(
            "carry-part-joined", code=str(cells["cell_code"].iloc[of_group[place]]), share=load[place] /
            total[of_group[place]], geometry=shapely.point_on_surface(ground.geometry[rows[0]]),
        )  # fmt: skip
    names, label = np.unique(into[group], return_inverse=True)
    main: dict[int, int] = {}
    for place in np.argsort(-load, kind="stable"):
        own = int(of_group[place])
        if own >= 0 and own not in main and into[place] == place:
            main[own] = int(np.searchsorted(names, place))
    return label.astype(np.int64), main


def _groups(ground: Ground, cell: Integers, pairs: Integers, cells: gpd.GeoDataFrame) -> Integers:
    """Give the parts of each old cell numbers by village: connected pieces, or all where it was in pieces before."""
    count = len(cell)
    alike = cell[pairs[:, 0]] == cell[pairs[:, 1]]
    piece = connected(pairs[alike, 0], pairs[alike, 1], count)
    scattered = shapely.get_num_geometries(cells.geometry.to_numpy()) > 1
    apart = ~((cell >= 0) & scattered[np.maximum(cell, 0)])
    key = np.column_stack([ground.village, cell, np.where(apart, piece, -1)])
    group: Integers = np.unique(key, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return group


def _joined(
    group: Integers, pairs: Integers, shared: Floats, *, loose: Flags, village: Integers, kind: Flags, load: Floats
) -> Integers:
    """Let loose groups join, smallest first, the neighbour of their village and kind with the longest border."""
    border: dict[int, dict[int, float]] = {}
    for (one, other), length in zip(group[pairs], shared, strict=True):
        if one != other and length > 0:
            for here, there in ((int(one), int(other)), (int(other), int(one))):
                border.setdefault(here, {})[there] = border.get(here, {}).get(there, 0.0) + float(length)
    into = np.arange(len(loose))
    order = [int(place) for place in np.lexsort((np.arange(len(load)), load)) if loose[place]]
    firm = ~loose
    for _ in range(len(order) + 1):  # a loose group may hang on another one only
        waiting = [place for place in order if not firm[place]]
        joins = []
        for place in waiting:
            near = [(length, -other) for other, length in border.get(place, {}).items()
                    if firm[other] and kind[into[other]] == kind[place]]  # fmt: skip
            if near:
                joins.append((place, -max(near)[1]))
        for place, other in joins:
            into[place], firm[place] = into[other], True
        if joins:
            continue
        rest = [place for place in waiting if not firm[place]]
        if not rest:
            break
        heaviest = max(rest, key=lambda place: (load[place], -place))  # nobody to join: a cell of its own
        alike = np.flatnonzero(firm & (village == village[heaviest]) & (kind == kind[heaviest]))
        into[heaviest] = heaviest if len(alike) == 0 or load[heaviest] > 1 else into[alike[np.argmax(load[alike])]]
        firm[heaviest] = True
    return into
