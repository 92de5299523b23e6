"""Footprints of the homes of synthetic villages, blocks that go around them, and who is cut by cells in the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from spatial.parted import parted
from spatial.planning.blocks.edges import coverage_edges
from spatial.planning.blocks.faces import Faces, connected, on_lines
from spatial.planning.blocks.footprints import keep_footprints_whole
from spatial.planning.blocks.people import place_points
from spatial.planning.blocks.slivers import absorb_slivers, clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.partition.village import Village

    Geometries = NDArray[np.object_]

__all__ = ["around_houses", "cut", "footprints"]

_HOUSE_M, _TOWER_M, _LEAST_M = 5.0, 12.0, 0.5
"""Half the side of a house and of a tower, where there is room; homes with less than the third get no footprint."""
_CUT_M2 = 0.05


def footprints(village: Village) -> Geometries:
    """Give every home a square footprint that meets no other one, no road, no river and not the outline."""
    points = shapely.points(village.homes)
    near = KDTree(village.homes).query(village.homes, 2, p=np.inf)[0][:, 1]
    ground = shapely.coverage_union_all(village.faces)
    lines = shapely.union_all([shapely.boundary(ground), *village.river, *village.roads])
    shapely.prepare(lines)
    room = np.minimum(0.45 * near, 0.7 * shapely.distance(points, lines))
    half = np.minimum(room, np.where(village.households > 1, _TOWER_M, _HOUSE_M))
    x, y, half = *village.homes[half >= _LEAST_M].T, half[half >= _LEAST_M]
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half))


def around_houses(village: Village, houses: Geometries) -> Village:
    """Lead the borders of blocks around footprints, as blocks of a county are made; scraps join a neighbour."""
    none, zero = np.full(len(village.faces), -1, np.int64), np.zeros(len(village.faces), np.int64)
    ground = np.array([shapely.buffer(shapely.union_all(village.faces), 1.0)], object)
    faces = keep_footprints_whole(Faces(village.faces, zero, zero, none, none), houses, ground)
    faces, _ = clean(faces, np.empty(0, object))
    faces = replace(faces, region=_banks(faces.geometry, village.river))
    place, _ = place_points(np.asarray(shapely.points(village.homes)), faces.geometry)
    held = np.bincount(place, village.households, len(faces.geometry))
    return replace(village, faces=absorb_slivers(faces, held).geometry)


def _banks(faces: Geometries, river: Geometries) -> NDArray[np.int64]:
    """Tell apart what lies on the two banks of the river, so that no scrap joins the other one."""
    edges = coverage_edges(faces)
    edges = edges.take(edges.inner)
    dry = ~on_lines(edges.start, edges.end, river)
    return connected(edges.left[dry], edges.right[dry], len(faces))


def cut(things: Geometries, faces: Geometries, label: NDArray[np.int64]) -> int:
    """Count the footprints or hamlets that lie in two cells or more, measured on the cells themselves."""
    if len(things) == 0:
        return 0
    names = np.unique(label)
    cells = np.array([shapely.union_all(faces[label == name]) for name in names], object)
    village = gpd.GeoDataFrame({"village_code": ["v"]}, geometry=[shapely.union_all(cells)])
    found = parted(things, cells, np.full(len(cells), "v", object), villages=village, least_m2=_CUT_M2)
    return int((found["together"] > 1).sum())
