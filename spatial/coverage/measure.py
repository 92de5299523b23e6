"""How much of a county its working cameras see: land, roads, places, junctions, entrances and the cordon.

Land is counted on a raster of squares over the area of interest (`spatial.coverage.ground.tiles`), at the centres of
the squares; a disc is covered when at least half of its ground outside footprints is seen; a road is sampled every
2 m. Only working cameras count; a PTZ's reach counts, and its share is named. The figures of an area
(面积计) and of counted points (点位计) are never mixed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely

from spatial.coverage.advice.remarks import state_problems
from spatial.coverage.edges import Shapes, edge_shapes
from spatial.coverage.figures.details import coverage_details
from spatial.coverage.figures.table import coverage_figures, coverage_table
from spatial.coverage.gaps import land_gaps, ranked_gaps, target_gaps
from spatial.coverage.gaps.remedies import remedy_problems
from spatial.coverage.ground import Ground, count, discs_covered, lay, look
from spatial.coverage.ground.interest import Roads, built_up, roads
from spatial.coverage.ground.targets import targets
from spatial.coverage.ground.tiles import Scene, tiles_of
from spatial.coverage.ground.unseen import blind_land
from spatial.coverage.optics.pixels import pixel_density
from spatial.coverage.sight.visibility import Walls, walls
from spatial.coverage.state import CoverageOptions, CoverageState
from spatial.coverage.views import Views, camera_views
from spatial.coverage.views.inventory import listed, working
from spatial.coverage.views.turning import with_turns
from spatial.crs import require_metres
from spatial.errors import SchemaError
from spatial.layers import LAYERS
from spatial.units import Units, units

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd

    from spatial.arrays import Geometries
    from spatial.coverage.sight.terrain import Terrain
    from spatial.problems import Problems

    Progress = Callable[[int, int, str, str], None]

One = TypeVar("One")
Two = TypeVar("Two")

__all__ = ["Coverage", "cover"]


@dataclass(frozen=True)
class Coverage:
    """Answer of a run: frames of the layers `views`, `coverage` (`table`), `coverage_details` (`details`) and `gaps`.

    `figures` sum it up; `assumptions` counts defaults by column.
    """

    views: gpd.GeoDataFrame
    table: pd.DataFrame
    details: pd.DataFrame
    gaps: gpd.GeoDataFrame
    problems: Problems
    figures: dict[str, Any]
    assumptions: dict[str, int]
    state: CoverageState


def cover(
    cameras: gpd.GeoDataFrame,
    *,
    villages: gpd.GeoDataFrame | None = None,
    cells: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    hamlets: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    homes: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    incidents: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
    options: CoverageOptions | None = None,
    run: str = "",
    progress: Progress | None = None,
) -> Coverage:
    """Measure what the cameras of a county cover.

    Frames are in metres, with the columns of `spatial.layers`; a layer that is None is not there, and `cells`
    are those of one plan. Without villages only the level county is reported, with the code ``county``. An
    empty camera list, or an empty area of interest, gives shares of 0.

    Raises
    ------
    CrsError
        If a frame is not in metres.
    SchemaError
        For an unknown pixel level, a resolution outside 0.1-4 m, or a camera in `without` that is not listed.
    """
    options = options or CoverageOptions()
    tell = progress or (lambda *_: None)
    cameras = _checked(cameras, options)
    buildings, barriers, places = _by_key(buildings), _by_key(barriers), _by_key(places)
    tell(0, 4, "可视范围与关注区域", "views and area of interest")
    area = units(villages, cells)

    (standing, views, shapes), (network, aims, scene, ground) = _both(
        lambda: _seen(options, cameras, buildings, terrain, run),
        lambda: _measured(options, buildings, barriers, places, villages, hamlets, area), options.threads,
    )  # fmt: skip
    seeing = working(cameras) & ~cameras["camera_id"].isin(options.without).to_numpy()
    tell(2, 4, "覆盖计数", "counting coverage")
    lens = look(views.frame.geometry.to_numpy(), ground.tiles, shapes=shapes)
    found = count(ground, lens, gone=~seeing, threads=options.threads)
    state = CoverageState(
        options, cameras, seeing, views, standing, network, aims, discs_covered(found),
        found.samples > 0, area, ground, lens, found, listed(cameras, views, seeing, area, aims),
        scene.areas, scene.footprints, places, homes, zones, incidents, terrain,
    )  # fmt: skip
    tell(3, 4, "盲区", "blind areas")
    answer = _told(state, run)
    tell(4, 4, "完成", "done")
    return answer


def _seen(
    options: CoverageOptions, cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, terrain: Terrain | None,
    run: str,
) -> tuple[Walls, Views, Shapes]:  # fmt: skip
    """Look through the cameras past what stands there, and find where each would see most; views also as edges."""
    standing, threads = walls(buildings, target_m=options.target_m), _half(options)
    seen = camera_views(
        cameras, standing=standing, terrain=terrain, pixels=options.pixels, target_m=options.target_m, run=run,
        threads=threads,
    )  # fmt: skip
    return standing, with_turns(seen, standing, threads=threads), edge_shapes(seen.frame.geometry.to_numpy())


def _measured(
    options: CoverageOptions, buildings: gpd.GeoDataFrame | None, barriers: gpd.GeoDataFrame | None,
    places: gpd.GeoDataFrame | None, villages: gpd.GeoDataFrame | None, hamlets: gpd.GeoDataFrame | None, area: Units,
) -> tuple[Roads, pd.DataFrame, Scene, Ground]:  # fmt: skip
    """Lay the ground out: roads, targets, and what is counted."""
    network, land = roads(barriers), built_up(buildings)
    aims = targets(network, built_up=land, places=places, villages=villages, hamlets=hamlets)
    scene = _scene(buildings, land, network, aims, area)
    return network, aims, scene, lay(scene, tiles_of(scene, resolution=options.resolution), threads=options.threads)


def _told(state: CoverageState, run: str) -> Coverage:
    """Tell what a state amounts to: tables, blind areas, problems and figures."""
    with ThreadPoolExecutor(
        max(1, min(2, state.options.threads))
    ) as pool:  # begun in this order: none waits for a later one
        land = pool.submit(blind_land, state.ground, state.tally)
        faults = pool.submit(state_problems, state, threads=_half(state.options))
        drawn = pool.submit(lambda: land_gaps(state, land.result()))
        others, told = pool.submit(target_gaps, state), pool.submit(coverage_table, state, run)
        details = pool.submit(lambda: coverage_details(state, land.result(), run)).result()
        gaps = ranked_gaps(state, land.result(), [drawn.result(), *others.result()], run=run)
        problems, table = faults.result(), told.result()
    remedy_problems(state, gaps, problems)
    figures = coverage_figures(state, table) | {"gaps": len(gaps), "problems": len(problems.rows)}
    views = state.views.frame[_columns("views")]
    return Coverage(
        views, table, details, gaps, problems, figures, _assumed(state.cameras, state.views, state.roads), state
    )


def _both(one: Callable[[], One], two: Callable[[], Two], threads: int) -> tuple[One, Two]:
    """Do two things that do not touch each other, side by side where there are threads for it."""
    if threads < 2:
        return one(), two()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(two)
        return one(), other.result()


def _half(options: CoverageOptions) -> int:
    """Give the threads for one of two things done side by side: more would only take turns."""
    return max(1, options.threads // 2)


def _assumed(cameras: gpd.GeoDataFrame, views: Views, network: Roads) -> dict[str, int]:
    """Count what had to be assumed, by column."""
    assumed = {name: int(rows.sum()) for name, rows in views.optics.assumed.items() if rows.any()}
    silent = {"road_class": int((~network.known).sum()), "status": int(cameras["status"].isna().sum())
              if "status" in cameras else len(cameras)}  # fmt: skip
    return assumed | {name: count for name, count in silent.items() if count}


def _checked(cameras: gpd.GeoDataFrame, options: CoverageOptions) -> gpd.GeoDataFrame:
    """Sort cameras by id, so that row order does not matter; refuse options that mean nothing."""
    require_metres(cameras, "cameras")
    pixel_density(options.pixels)
    if not 0.1 <= options.resolution <= 4:
        raise SchemaError(
            f"分辨率 {options.resolution} 米不可用，应在 0.1 到 4 米之间",
            f"resolution {options.resolution} m cannot be used; choose 0.1 to 4 m",
        )
    unknown = sorted(set(options.without) - set(cameras["camera_id"]))
    if unknown:
        raise SchemaError(
            f"摄像机 {unknown[0]} 不在清单中（共 {len(unknown)} 个编号找不到）；请核对 --without",
            f"camera {unknown[0]} is not in the list ({len(unknown)} ids not found); check --without",
        )
    return cameras.sort_values("camera_id", kind="stable", ignore_index=True)


def _by_key(frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Sort a layer by its first column, its key."""
    return None if frame is None else frame.sort_values(frame.columns[0], kind="stable", ignore_index=True)


def _scene(
    buildings: gpd.GeoDataFrame | None, land: Geometries, network: Roads, aims: pd.DataFrame, area: Units
) -> Scene:
    """Lay out what the raster counts."""
    circles = aims[["x", "y", "radius_m"]].to_numpy(dtype=float)
    return Scene(
        land, _shapes(buildings), network.strips, network.samples, circles, int((aims["kind"] == "place").sum()),
        area.villages, area.cells,
    )  # fmt: skip


def _shapes(frame: gpd.GeoDataFrame | None) -> Geometries:
    if frame is None:
        return np.empty(0, dtype=object)
    shapes: Geometries = frame.geometry.to_numpy()
    return shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]


def _columns(layer: str) -> list[str]:
    extra = ["geometry"] if LAYERS[layer].geometry else []
    return [*LAYERS[layer].names, *extra]
