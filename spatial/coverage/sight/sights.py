"""What is seen from points through sectors, around buildings and over low ones: exact polygons in the plane."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import points_at
from spatial.coverage.sight.eye import sight
from spatial.coverage.sight.fan import most_open

if TYPE_CHECKING:
    from spatial.arrays import Floats, Geometries, Ints
    from spatial.coverage.optics import Sectors
    from spatial.coverage.sight.visibility import Walls


__all__ = ["Sights", "best_sectors", "sector_views", "sights"]

_CHUNK = 1024
_FULL_DEG, _DEGREES = 359.9, 360


@dataclass(frozen=True)
class Sights:
    """What each sector sees: its shape (empty where nothing), exact area, and the first wall on its axis.

    Arcs of `shapes` are drawn as chords, `area_m2` has them round; `axis_m` is infinite where the axis is free up to
    the end of the sector.
    """

    shapes: Geometries
    area_m2: Floats
    axis_m: Floats


def sector_views(
    xy: Floats, sectors: Sectors, standing: Walls, *, mount_m: Floats | None = None, step_deg: float = 2.0,
    threads: int = 2,
) -> Geometries:  # fmt: skip
    """Give what each sector sees, as one (multi-)polygon per sector; empty where it sees nothing.

    Parameters are those of `sights`.
    """
    return sights(xy, sectors, standing, mount_m=mount_m, step_deg=step_deg, threads=threads).shapes


def sights(
    xy: Floats, sectors: Sectors, standing: Walls, *, mount_m: Floats | None = None, step_deg: float = 2.0,
    threads: int = 2,
) -> Sights:  # fmt: skip
    """Look through sectors.

    Parameters
    ----------
    xy : ndarray
        Positions by camera number, in metres.
    sectors : Sectors
        Plane sectors; ``sectors.camera`` points into `xy`.
    standing : Walls
        What is in the way.
    mount_m : ndarray, optional
        Heights by camera number; without them, and where NaN, nothing is looked over.
    step_deg : float
        Arcs are drawn as chords of at most this angle; 2 degrees lose 0.02 % of a sector's area.
    threads : int
        How many look at once; changes the time only.
    """
    eyes, full = _eyes(xy, sectors, standing, mount_m)
    spans = [slice(lo, lo + _CHUNK) for lo in range(0, len(eyes), _CHUNK)]

    def look(span: slice) -> tuple[Geometries, Floats]:
        flat, offsets, owner, found = sight(eyes[span], standing.lattice, math.radians(step_deg))
        return _collected(_polygons(flat, offsets, owner), len(eyes[span])), found

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(look, spans))
    shapes = np.concatenate([part[0] for part in parts] or [np.empty(0, dtype=object)])
    found = np.concatenate([part[1] for part in parts] or [np.empty((0, 2))])
    rows = np.flatnonzero(full & (sectors.near_m > 0) & (eyes[:, 5] > 0))
    blind = shapely.buffer(points_at(eyes[rows, :2]), sectors.near_m[rows], quad_segs=max(8, round(90 / step_deg)))
    shapes[rows] = shapely.difference(shapes[rows], blind)
    found[rows, 0] = shapely.area(shapes[rows])
    return Sights(shapes, found[:, 0], found[:, 1])


def best_sectors(
    xy: Floats, sectors: Sectors, standing: Walls, *, mount_m: Floats | None = None, threads: int = 2
) -> Floats:
    """Find where each sector (of less than a full turn) would see most: rows ``(area now, best heading, its area)``.

    Headings are tried degree by degree; both areas are exact.
    """
    eyes, headings, widths = _all_round(xy, sectors, standing, mount_m), sectors.azimuth_deg, sectors.hfov_deg

    def look(lo: int) -> Floats:
        span = slice(lo, lo + _CHUNK)
        found: Floats = most_open(eyes[span], standing.lattice, headings[span], widths[span], _DEGREES)
        return found

    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate([np.empty((0, 3)), *pool.map(look, range(0, len(eyes), _CHUNK))])


def _all_round(xy: Floats, sectors: Sectors, standing: Walls, mount_m: Floats | None) -> Floats:
    """Give rows for the kernel of eyes that look all round, from east on, with the dead zones of their sectors."""
    around = replace(sectors, azimuth_deg=np.zeros(len(sectors.camera)), hfov_deg=np.full(len(sectors.camera), 360.0))
    eyes = _eyes(xy, around, standing, mount_m)[0]
    eyes[:, 2], eyes[:, 4] = 0.0, np.minimum(sectors.near_m, eyes[:, 5])
    return eyes


def _eyes(xy: Floats, sectors: Sectors, standing: Walls, mount_m: Floats | None) -> tuple[Floats, Ints]:
    """Rows for the kernel, and which of them are full turns (these are drawn without their dead zone)."""
    full = sectors.hfov_deg >= _FULL_DEG
    width = np.radians(np.where(full, 360.0, sectors.hfov_deg))
    base = np.radians(90.0 - sectors.azimuth_deg) - width / 2
    near = np.where(full, 0.0, sectors.near_m)
    far = np.where(sectors.far_m > sectors.near_m, sectors.far_m, 0.0)
    target = standing.target_m
    height = np.full(len(xy), target) if mount_m is None else np.where(mount_m > target, mount_m, target)
    roofs = np.zeros(len(xy))
    if mount_m is not None and (standing.heights < height.max(initial=target)).any():
        camera, building = standing.tree.query(points_at(xy), predicate="intersects")
        np.add.at(roofs, camera[standing.heights[building] < height[camera]], 1.0)
    row = sectors.camera
    level = np.full(len(row), target)
    return np.column_stack([xy[row], base, width, near, far, height[row], level, roofs[row]]), full


def _polygons(flat: Floats, offsets: Ints, owner: Ints) -> tuple[Geometries, Ints]:
    """Make polygons of rings, holes put into the outer ring around them, and give the owner of each."""
    if not len(owner):
        return np.empty(0, dtype=object), owner
    following = np.append(flat[1:], flat[:1], axis=0)
    base = np.repeat(flat[offsets[:-1]], np.diff(offsets), axis=0)
    (x1, y1), (x2, y2) = (flat - base).T, (following - base).T
    twice = x1 * y2 - x2 * y1
    twice[offsets[1:] - 1] = 0.0
    hole = np.add.reduceat(twice, offsets[:-1]) < 0
    if not hole.any():
        rings = shapely.from_ragged_array(shapely.GeometryType.POLYGON, flat, (offsets, np.arange(len(owner) + 1)))
        return _mended(rings), owner
    rings = np.asarray(shapely.linearrings(flat, indices=np.repeat(np.arange(len(owner)), np.diff(offsets))))
    shells, holes = np.flatnonzero(~hole), np.flatnonzero(hole)
    around = _around(rings, owner, shells, holes)
    answer = np.asarray(shapely.polygons(rings[shells]))
    holes = holes[np.argsort(around, kind="stable")]
    place, start, number = np.unique(np.sort(around), return_index=True, return_counts=True)
    for shell, first, count in zip(place, start, number, strict=True):
        if shell >= 0:
            answer[shell] = shapely.polygons(rings[shells[shell]], rings[holes[first : first + count]])
    return _mended(answer), owner[shells]


def _around(rings: Geometries, owner: Ints, shells: Ints, holes: Ints) -> Ints:
    """Find the outer ring (its place in `shells`) around each hole of the same owner; -1 where there is none."""
    first = np.searchsorted(owner[shells], owner[holes])
    last = np.searchsorted(owner[shells], owner[holes], side="right")
    answer = np.where(last > first, first, -1)
    for place in np.flatnonzero(last - first > 1):
        middle = shapely.point_on_surface(shapely.polygons(rings[holes[place]]))
        outer = shapely.polygons(rings[shells[first[place] : last[place]]])
        inside = np.flatnonzero(shapely.intersects(outer, middle))
        answer[place] = first[place] + inside[0] if len(inside) else -1
    return answer


def _mended(rings: Geometries) -> Geometries:
    """Repair the rare outline that rounding made touch itself."""
    bad = ~shapely.is_valid(rings)
    if bad.any():
        rings = rings.copy()
        rings[bad] = shapely.buffer(rings[bad], 0)
    return rings


def _collected(polygons: tuple[Geometries, Ints], count: int) -> Geometries:
    """Collect the polygons of each owner; one stays a polygon."""
    rings, owner = polygons
    answer = np.full(count, shapely.Polygon(), dtype=object)
    parts = rings
    if (shapely.get_type_id(rings) != shapely.GeometryType.POLYGON).any():
        parts, place = shapely.get_parts(rings, return_index=True)
        owner = owner[place]
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    answer[owner[single]] = parts[single]
    if not single.all():
        rest = np.flatnonzero(~single)
        groups, first = np.unique(owner[rest], return_inverse=True)
        answer[groups] = shapely.multipolygons(parts[rest], indices=first)
    return answer
