"""A sample county from a seed: real outline, codes and names; everything inside is made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely

from spatial.crs import require_metres
from spatial.errors import BoundaryError, InfeasibleError, SchemaError
from spatial.sample.areas import is_community, lay_out
from spatial.sample.cameras import CAMERAS_PER_POLE, camera_poles, cameras_frame
from spatial.sample.frames import codes, layer_frame
from spatial.sample.houses import APARTMENTS
from spatial.sample.people import homes_frame, incidents_frame, members_frame
from spatial.sample.places import places_frame
from spatial.sample.roads import Roads, build_roads
from spatial.sample.settlement import Settlement, settle, wanted_households
from spatial.sample.streets import Lattice, lay_lattice, lay_streets
from spatial.sample.surroundings import (
    barriers_frame,
    hamlet_names,
    hamlets_frame,
    overlays_frame,
    poles_frame,
    villages_frame,
    zones_frame,
)
from spatial.sample.tiling import tile, tile_cores
from spatial.sample.water import Ground, lay_ground

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

    from spatial.sample.areas import Layout

    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["Progress", "SampleCounty", "sample_county"]

_TRIES = 8
_STEPS = (
    ("河流、铁路", "rivers and railway"),
    ("乡镇和村界", "towns and villages"),
    ("道路", "roads"),
    ("房屋和村屯", "houses and hamlets"),
    ("户、人员和事件", "homes, members and incidents"),
    ("部位、杆件和摄像机", "places, poles and cameras"),
)


class Progress(Protocol):
    """What is told of progress: steps done, steps in all, and the name of the next one."""

    def __call__(self, done: int, total: int, zh: str, en: str, /) -> None:
        """Take note."""


@dataclass(frozen=True)
class SampleCounty:
    """The frames of all input layers, in the metres of the outline, and the water areas for drawing."""

    frames: dict[str, gpd.GeoDataFrame]
    water: shapely.Geometry


@dataclass(frozen=True)
class _Land:
    """Villages and the blocks of town cores, with the streets between."""

    polygons: Geometries
    layout: Layout
    blocks: Geometries
    cores: list[tuple[Lattice, Geometries, Ints]]
    streets: Geometries
    main: NDArray[np.bool_]


def sample_county(
    outline: gpd.GeoDataFrame,
    towns: pd.DataFrame,
    villages: pd.DataFrame,
    *,
    households: int = 100_000,
    cells: int = 844,
    cameras: int = 4_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> SampleCounty:
    """Make a county that looks like one, the same for the same seed.

    Parameters
    ----------
    outline
        One row with county_code and county, in metres; the villages tile it.
    towns, villages
        Code tables: town_code, town; village_code, village, town_code, town.
    households, cells, cameras
        How many homes, leads (at least one per cell), incidents (24 per cell) and cameras to make.

    Returns
    -------
    SampleCounty
        Frames of villages, homes, buildings, barriers, hamlets, overlays, members, cameras, places, zones, poles
        and incidents with all columns of `spatial.layers`, in the outline's CRS.

    Raises
    ------
    CrsError
        Where the outline is not in metres.
    SchemaError
        Where a village names a town that `towns` lacks, or a code occurs twice.
    BoundaryError
        Where the outline holds no area.
    """
    _check(outline, towns, villages)
    villages = villages.sort_values("village_code").reset_index(drop=True)
    rng = np.random.default_rng(seed)
    tell = _Teller(progress)
    community = is_community(villages["village_code"])

    tell(0)
    ground = lay_ground(shapely.union_all(outline.geometry.to_numpy()), rng=rng)
    tell(1)
    land = _lay_land(ground, villages, rng)
    area = shapely.area(land.polygons)
    wanted = wanted_households(area, community, villages["village_code"], total=households, rng=rng)
    tell(2)
    seats = _seat_villages(land, wanted)
    roads = _roads(ground, land, seats, rng)
    tell(3)
    settlement = settle(ground, roads, villages=land.polygons, wanted=wanted, cores=land.cores, rng=rng)
    tell(4)
    frames = _settled_frames(settlement, land, ground, villages, outline, cells, rng)
    tell(5)
    frames |= _watched_frames(settlement, land, ground, villages, seats, cameras, outline.crs, rng)
    tell(6)
    return SampleCounty(frames, ground.water)


def _roads(ground: Ground, land: _Land, seats: Ints, rng: np.random.Generator) -> Roads:
    """Join villages to their seats, and the streets of the cores to the roads."""
    return build_roads(
        ground, villages=land.polygons, town=land.layout.town, seat_village=seats,
        cores=np.array([core.core for core, *_ in land.cores], dtype=object),
        streets=land.streets, main=land.main, rng=rng,
    )  # fmt: skip


def _settled_frames(
    settlement: Settlement,
    land: _Land,
    ground: Ground,
    villages: pd.DataFrame,
    outline: gpd.GeoDataFrame,
    cells: int,
    rng: np.random.Generator,
) -> dict[str, gpd.GeoDataFrame]:
    """Make the frames of land, houses and people."""
    crs, community = outline.crs, land.layout.community
    county = (str(outline["county_code"].iloc[0]), str(outline["county"].iloc[0]))
    names = hamlet_names(settlement, villages, rng)
    homes = homes_frame(settlement, villages, community, names, crs=crs, rng=rng)
    return {
        "villages": villages_frame(land.polygons, villages, community, homes, county, crs=crs),
        "homes": homes,
        "buildings": _buildings_frame(settlement, crs, rng),
        "barriers": barriers_frame(settlement, ground, land.blocks, crs=crs),
        "hamlets": hamlets_frame(settlement, villages, names, crs=crs),
        "overlays": overlays_frame(land.polygons, villages, crs=crs),
        "members": members_frame(homes, villages, cells=cells, crs=crs, rng=rng),
        "incidents": incidents_frame(homes, count=24 * cells, crs=crs, rng=rng),
        "zones": zones_frame(settlement, land.blocks, crs=crs, rng=rng),
    }


def _watched_frames(
    settlement: Settlement,
    land: _Land,
    ground: Ground,
    villages: pd.DataFrame,
    seats: Ints,
    cameras: int,
    crs: pyproj.CRS,
    rng: np.random.Generator,
) -> dict[str, gpd.GeoDataFrame]:
    """Make the frames of places, poles and cameras."""
    places = places_frame(settlement, ground, land.polygons, villages, seats, crs=crs, rng=rng)
    poles = camera_poles(settlement, places, count=round(cameras / CAMERAS_PER_POLE), rng=rng)
    ids = codes("L", len(poles.xy))
    return {
        "places": places,
        "poles": poles_frame(settlement, poles, crs=crs, rng=rng),
        "cameras": cameras_frame(poles, ids, land.polygons, villages, count=cameras, crs=crs, rng=rng),
    }


def _check(outline: gpd.GeoDataFrame, towns: pd.DataFrame, villages: pd.DataFrame) -> None:
    """Refuse what no county can be made from."""
    require_metres(outline, "outline")
    if not len(outline) or not float(outline.area.sum()) > 0:
        raise BoundaryError("县界里没有面积", "the outline holds no area")
    unknown = sorted(set(villages["town_code"]) - set(towns["town_code"]))
    if unknown:
        raise SchemaError(
            f"村表里的乡镇 {unknown[0]} 不在乡镇表里", f"town {unknown[0]} of the villages is not in the towns"
        )
    twice = villages.loc[villages["village_code"].duplicated(), "village_code"]
    if len(twice):
        raise SchemaError(f"村代码 {twice.iloc[0]} 重复", f"village code {twice.iloc[0]} occurs twice")


class _Teller:
    """Tells progress by the number of the step, if anybody listens."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def __call__(self, done: int) -> None:
        if self.progress is not None:
            self.progress(done, len(_STEPS), *(_STEPS[done] if done < len(_STEPS) else ("完成", "done")))


def _lay_land(ground: Ground, villages: pd.DataFrame, rng: np.random.Generator) -> _Land:
    """Lay out villages, then divide the town cores along their streets; try again where a village was crowded out."""
    for _ in range(_TRIES):
        layout = lay_out(ground, villages, rng=rng)
        outer, names = tile(ground, layout)
        cores = names < 0
        communities = np.bincount(layout.town, weights=layout.community)[-1 - names[cores]]
        lattices = [
            lay_lattice(polygon, communities=int(count), rng=rng)
            for polygon, count in zip(outer[cores], communities, strict=True)
        ]
        drawn = [lay_streets(lattice) for lattice in lattices]
        streets = np.concatenate([lines for lines, _ in drawn])
        polygons, blocks, of = tile_cores(layout, outer, names, streets)
        if len(polygons) == len(villages):
            town = layout.town[of]
            built = [
                (lattice, blocks[town == -1 - name], of[town == -1 - name])
                for lattice, name in zip(lattices, names[cores].tolist(), strict=True)
            ]
            return _Land(polygons, layout, blocks, built, streets, np.concatenate([main for _, main in drawn]))
    raise InfeasibleError(
        f"县界里放不下 {len(villages)} 个村；请减少村数或换一个 seed",
        f"{len(villages)} villages find no room in the outline; take fewer, or another seed",
    )


def _seat_villages(land: _Land, wanted: NDArray[np.float64]) -> Ints:
    """Choose the village in which a town has its seat: its largest community, else the village in its middle."""
    middles = shapely.get_coordinates(shapely.centroid(land.polygons))
    town = land.layout.town
    seats = np.empty(int(town.max()) + 1, dtype=np.int64)
    for number in range(len(seats)):
        rows = np.flatnonzero(town == number)
        urban = rows[land.layout.community[rows]]
        far = np.hypot(*(middles[rows] - middles[rows].mean(axis=0)).T)
        seats[number] = urban[np.argmax(wanted[urban])] if len(urban) else rows[np.argmin(far)]
    return seats


def _buildings_frame(settlement: Settlement, crs: pyproj.CRS, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Give the footprints with floors and heights; some heights are not known."""
    n = len(settlement.footprints)
    height = settlement.floors * np.where(settlement.kind == APARTMENTS, 2.9, 3.2) + rng.choice([0.6, 1.2, 1.8], n)
    columns = {
        "building_id": codes("B", n),
        "floors": settlement.floors,
        "height_m": np.where(rng.random(n) < 0.88, np.round(height, 1), np.nan),
        "households": settlement.households,
    }
    return layer_frame("buildings", columns, settlement.footprints, crs=crs)
