"""Areas come back from shared arcs, and every arc knows what it divides."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from tests.web.conftest import boxes
from tests.web.test_encode import numbers_of
from web.topology import CELL, COUNTY, TOWN, VILLAGE, topology

if TYPE_CHECKING:
    from pathlib import Path

    from web.topology import Topology


def arcs_of(shapes: Topology) -> list[list[tuple[int, int]]]:
    row, arcs, x, y = iter(numbers_of(shapes.arcs)), [], 0, 0
    for count in row:
        arc = []
        for _ in range(count):
            x, y = x + next(row), y + next(row)
            arc.append((x, y))
        arcs.append(arc)
    return arcs


def areas_of(text: str, arcs: list[list[tuple[int, int]]]) -> list[float]:
    """Area in square degrees of every area, its rings by the even-odd rule."""
    row, areas = iter(numbers_of(text)), []
    for rings in row:
        built = []
        for _ in range(rings):
            refs = [next(row) for _ in range(next(row))]
            line = [spot for ref in refs for spot in (arcs[~ref][::-1] if ref < 0 else arcs[ref])[:-1]]
            built.append(shapely.Polygon(np.array(line) / 1e6))
        areas.append(shapely.area(reduce(shapely.symmetric_difference, built)))
    return areas


def test_real_villages_come_back(shared_data: Path) -> None:
    villages = shapely.make_valid(gpd.read_file(shared_data / "tw/yilan_villages.geojson").geometry.to_numpy())
    shapes = topology(np.empty(0, dtype=object), villages)
    found = areas_of(shapes.villages, arcs_of(shapes))
    assert np.abs(np.array(found) - shapely.area(villages)).max() < 1e-6
    vertices = sum(map(len, arcs_of(shapes)))
    assert vertices < 0.75 * shapely.get_num_coordinates(villages).sum()


def test_a_shared_border_is_written_once_and_ranked() -> None:
    villages = shapely.segmentize(boxes(2, 2, west=0, south=0, step=2), 1)  # the nodes of cells go into villages
    cells = boxes(4, 4, west=0, south=0, step=1)
    shapes = topology(np.array(cells), np.array(villages), towns=np.array([0, 0, 1, 1]))
    arcs = arcs_of(shapes)
    assert areas_of(shapes.cells, arcs) == [1.0] * 16
    assert areas_of(shapes.villages, arcs) == [4.0] * 4
    lengths = dict.fromkeys((COUNTY, TOWN, VILLAGE, CELL), 0)
    for arc, rank in zip(arcs, map(int, shapes.ranks), strict=True):
        lengths[rank] += np.abs(np.diff(np.array(arc), axis=0)).sum() // 1_000_000
    assert lengths == {COUNTY: 16, TOWN: 4, VILLAGE: 4, CELL: 16}


def test_an_island_and_a_hole_keep_their_rings() -> None:
    lake = shapely.box(1, 1, 2, 2)
    holed = shapely.multipolygons([shapely.difference(shapely.box(0, 0, 3, 3), lake), shapely.box(5, 5, 6, 6)])
    shapes = topology(np.array([holed, lake], dtype=object), np.empty(0, dtype=object))
    assert areas_of(shapes.cells, arcs_of(shapes)) == [9.0, 1.0]


def test_no_area_gives_empty_streams() -> None:
    nothing = np.empty(0, dtype=object)
    shapes = topology(nothing, nothing)
    assert (shapes.arcs, shapes.ranks, shapes.cells, shapes.villages) == ("", "", "", "")
