"""The view of every camera: what it sees at a pixel level, how sure that is, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from spatial.arrays import column
from spatial.coverage.optics import Optics, Sectors, optics
from spatial.coverage.optics.pixels import pixel_density
from spatial.coverage.sight.sights import Sights, sector_views, sights
from spatial.coverage.sight.terrain import Terrain, hidden_ground
from spatial.coverage.sight.visibility import Walls, mount, walls
from spatial.crs import require_metres

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints


__all__ = ["Views", "camera_views"]

_EIGHT = np.arange(0.0, 360.0, 45.0)


@dataclass(frozen=True)
class Views:
    """Views in the order of the camera list, with what led to them.

    `frame` has the columns of the layer `views`; `indoors` marks cameras deep inside a building; `xy` is where they
    were taken to hang; `axis_m` the distance of the first wall on a camera's (first) axis, infinite where it is free.
    """

    frame: gpd.GeoDataFrame
    sectors: Sectors
    optics: Optics
    xy: Floats
    indoors: Flags
    axis_m: Floats


def camera_views(
    cameras: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    standing: Walls | None = None,
    pixels: str | float = "2014:observe",
    target_m: float = 1.5,
    terrain: Terrain | None = None,
    step_deg: float = 2.0,
    run: str = "",
    threads: int = 2,
) -> Views:
    """Compute what each camera sees, in metres.

    The nominal view is a plane sector without its dead zone, cut by footprints; several headings are united.
    A fixed camera whose heading nobody knows is taken to face the most open of eight directions (named in
    `assumed`); its sure view is empty and its possible view the full circle. A heading known to a tolerance
    (22.5 degrees for eight-direction codes) gives a sure view, seen at every heading within it, and a possible
    one, seen at some. An indoor camera and one without position see nothing. With `terrain`, the cells of the height
    model that hills hide are taken off every view. `threads` changes the time only.

    Raises
    ------
    CrsError
        If a frame is not in metres.
    SchemaError
        For an unknown pixel level.
    """
    require_metres(cameras, "cameras")
    standing = walls(buildings, target_m=target_m) if standing is None else standing
    lens = optics(cameras, density=pixel_density(pixels), target_m=target_m)
    points = cameras.geometry.to_numpy()
    placed = ~(shapely.is_missing(points) | shapely.is_empty(points))
    xy, indoors = mount(points, standing, mount_m=column(cameras, "mount_m"))
    sighted = placed & ~indoors
    sectors = lens.sectors.take(sighted[lens.sectors.camera])
    hidden = _behind_hills(terrain, cameras, xy, sectors, lens, target_m)
    look = _Look(xy, lens.mount_m, standing, step_deg, hidden, threads)
    sectors = _faced(sectors, lens, look)
    count, found = len(cameras), look(sectors)
    seen = _united(found.shapes, sectors.camera, count)
    area, whole = _areas(found, seen, sectors, step_deg)
    sure, possible = _doubted(sectors, lens, look, area)
    axis = np.full(count, np.inf)
    axis[sectors.camera[::-1]] = found.axis_m[::-1]
    frame = gpd.GeoDataFrame(
        {
            "run": [run] * count,
            "camera_id": cameras["camera_id"].to_numpy(),
            "area_m2": area,
            "sure_m2": sure,
            "possible_m2": possible,
            "not_at_once": lens.turning,
            "blocked_share": np.clip(1 - np.divide(area, whole, out=np.ones(count), where=whole > 0), 0, 1),
            "assumed": _assumed_text(lens.assumed),
        },
        geometry=_multi(seen),
        crs=cameras.crs,
    )
    return Views(frame, sectors, lens, xy, indoors, axis)


@dataclass(frozen=True)
class _Look:
    """Looking from fixed positions past fixed obstacles; `hidden` is the ground behind hills by camera, or None."""

    xy: Floats
    mount_m: Floats
    standing: Walls
    step_deg: float
    hidden: Geometries | None
    threads: int

    def __call__(self, sectors: Sectors) -> Sights:
        """See through some sectors."""
        found = sights(
            self.xy, sectors, self.standing, mount_m=self.mount_m, step_deg=self.step_deg, threads=self.threads
        )
        if self.hidden is None:
            return found
        hidden = self.hidden[sectors.camera]
        rows = np.flatnonzero(~shapely.is_missing(hidden))
        shapes, area = found.shapes.copy(), found.area_m2.copy()
        shapes[rows] = shapely.difference(shapes[rows], hidden[rows])
        less = shapely.area(found.shapes[rows]) - shapely.area(shapes[rows])
        area[rows] = np.where(shapely.area(shapes[rows]) > 0, np.maximum(area[rows] - less, 0.0), 0.0)
        return replace(found, shapes=shapes, area_m2=area)


def _behind_hills(
    terrain: Terrain | None, cameras: gpd.GeoDataFrame, xy: Floats, sectors: Sectors, lens: Optics, target_m: float
) -> Geometries | None:
    """Ground that hills hide within the reach of each camera."""
    if terrain is None:
        return None
    reach = np.zeros(len(cameras))
    np.maximum.at(reach, sectors.camera, sectors.far_m)
    return hidden_ground(terrain, xy, crs=cameras.crs, above_m=lens.mount_m, reach_m=reach, target_m=target_m)


def _faced(sectors: Sectors, lens: Optics, look: _Look) -> Sectors:
    """Turn every sector without a heading to the most open of eight directions, the first of equals."""
    rows = np.flatnonzero(lens.headless[sectors.camera])
    if not len(rows):
        return sectors
    tried = sectors.take(np.repeat(rows, len(_EIGHT)))
    tried = replace(tried, azimuth_deg=np.tile(_EIGHT, len(rows)))
    areas = look(tried).area_m2.reshape(-1, len(_EIGHT))
    azimuth = sectors.azimuth_deg.copy()
    azimuth[rows] = _EIGHT[np.argmax(np.round(areas, 1), axis=1)]
    return replace(sectors, azimuth_deg=azimuth)


def _doubted(sectors: Sectors, lens: Optics, look: _Look, seen_m2: Floats) -> tuple[Floats, Floats]:
    """Areas seen at every, and at some, heading within the tolerance of each camera."""
    sure, possible = seen_m2.copy(), seen_m2.copy()
    doubt = np.where(lens.headless, 180.0, lens.tolerance_deg)
    part = sectors.take(doubt[sectors.camera] > 0)
    if len(part.camera):
        cameras = np.unique(part.camera)
        for area, sign in ((sure, -1.0), (possible, 1.0)):
            wide = part.widened(sign * doubt[part.camera])
            found = look(wide)
            shapes = _united(found.shapes, wide.camera, len(area))
            area[cameras] = _areas(found, shapes, wide, look.step_deg)[0][cameras]
    return sure, possible


def _areas(found: Sights, seen: Geometries, sectors: Sectors, step_deg: float) -> tuple[Floats, Floats]:
    """Area that each camera sees, and that it would see with nothing in the way."""
    count = len(seen)
    area = np.bincount(sectors.camera, found.area_m2, minlength=count)
    reach = np.maximum(sectors.far_m, sectors.near_m) ** 2 - sectors.near_m**2
    whole = np.bincount(sectors.camera, np.radians(np.minimum(sectors.hfov_deg, 360.0)) / 2 * reach, minlength=count)
    several = np.flatnonzero(np.bincount(sectors.camera, minlength=count) > 1)
    if len(several):
        part = sectors.take(np.isin(sectors.camera, several))
        free = sector_views(np.zeros((count, 2)), part, walls(None), step_deg=step_deg)
        area[several] = shapely.area(seen[several])
        whole[several] = shapely.area(_united(free, part.camera, count)[several])
    return area, whole


def _united(parts: Geometries, camera: Ints, count: int) -> Geometries:
    """Unite the sectors of each camera; a camera without any gets an empty polygon."""
    answer = np.full(count, shapely.Polygon(), dtype=object)
    number = np.bincount(camera, minlength=count)
    single = number[camera] == 1
    answer[camera[single]] = parts[single]
    for several in np.flatnonzero(number > 1):
        answer[several] = shapely.union_all(parts[camera == several])
    return answer


def _multi(shapes: Geometries) -> Geometries:
    """Make every view a MultiPolygon, and None where nothing is seen."""
    parts, place = shapely.get_parts(shapes, return_index=True)
    area = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    answer = np.full(len(shapes), None, dtype=object)
    used, place = np.unique(place[area], return_inverse=True)
    if len(used):
        answer[used] = shapely.multipolygons(parts[area], indices=place)
    return answer


def _assumed_text(assumed: dict[str, Flags]) -> list[str]:
    """Name, per camera, the columns that were taken from defaults."""
    names = np.array(list(assumed), dtype=object)
    table = np.column_stack([assumed[name] for name in names])
    return [" ".join(names[row]) for row in table]
