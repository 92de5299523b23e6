"""All figures of coverage at every level, exact blind areas and what-ifs, on a made county and on the sample one."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.coverage_scene import county_scene
from benchmarks.stopwatch import cpu
from data.boundaries import county
from spatial import MetreDoor, measuring_crs, sample_county
from spatial.coverage import CoverageOptions, cover, what_if
from spatial.coverage.blind import blind_areas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import geopandas as gpd

    from spatial.coverage import Coverage

_WARM = 6  # villages of the run that loads the kernels


def section() -> Iterator[str]:
    """Yield the lines of the section."""
    yield "## 覆盖 · Coverage"
    yield ""
    yield f"Raster of 0.5 m, all levels, blind areas found and ranked; {os.cpu_count()} processors, two threads."
    yield ""
    yield "| what | wall s | CPU s | aim (wall s) |"
    yield "|---|---|---|---|"
    scene = county_scene()
    cover(**county_scene(_WARM))
    wall, spent, found = _timed(lambda: cover(**scene))
    figures = found.figures
    name = (
        f"{len(scene['cameras']):,} cameras, {len(scene['buildings']):,} footprints, {figures['aoi_m2'] / 1e6:.1f} km2"
    )
    yield f"| every figure: {name} of interest | {wall:.1f} | {spent:.1f} | 10 |"
    yield from _changes(found, len(scene["cameras"]))
    wall, spent, blind = _timed(lambda: blind_areas(found.state))
    yield f"| exact blind areas of {len(blind)} villages | {wall:.1f} | {spent:.1f} | 20 |"
    yield ""
    yield from _agreement(found, blind)
    yield from _sample_county()


def _size(scene: dict[str, gpd.GeoDataFrame], figures: dict[str, Any]) -> str:
    count, footprints = len(scene["cameras"]), len(scene["buildings"])
    return f"{count:,} cameras, {footprints:,} footprints, {figures['aoi_m2'] / 1e6:.1f} km2"


def _timed(call: Callable[[], Any]) -> tuple[float, float, Any]:
    start, spent = time.perf_counter(), time.process_time()
    answer = call()
    return time.perf_counter() - start, time.process_time() - spent, answer


def _changes(found: Coverage, count: int) -> Iterator[str]:
    """What-ifs of a village (five cameras) and of the county (every tenth, half of all)."""
    ids = found.state.cameras["camera_id"].tolist()
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("what if 5 cameras of a village stop", {"offline": ids[:5]}, "0.05"),
        ("what if 5 cameras of a village turn", {"turned": dict.fromkeys(ids[:5], 140.0)}, "0.05"),
        (f"what if every tenth of {count:,} stops", {"offline": ids[::10]}, "1"),
        (f"what if half of {count:,} go", {"removed": ids[::2]}, "1"),
        (f"what if every tenth of {count:,} turns", {"turned": dict.fromkeys(ids[::10], 140.0)}, "1"),
    ]
    for name, change, aim in cases:
        what_if(found.state, **change)
        walls_s, spent = [], []
        for _ in range(3):
            wall, used, _ = _timed(lambda change=change: what_if(found.state, **change))
            walls_s.append(wall)
            spent.append(used)
        yield f"| {name} | {min(walls_s):.3f} | {min(spent):.3f} | {aim} |"


def _agreement(found: Coverage, blind: gpd.GeoDataFrame) -> Iterator[str]:
    """How far the raster is from the exact polygons, village by village."""
    table = found.table[found.table["level"] == "village"].set_index("code")
    exact = blind.set_index("village_code")
    table = table.loc[exact.index]
    aoi, covered = exact["aoi_m2"], exact["aoi_m2"] - exact["blind_m2"]
    share = (table["covered_share"] - covered / aoi).abs()
    seen = (table["covered_m2"] - covered).abs() / covered.clip(lower=1.0)
    yield "| raster beside exact polygons, worst village | difference |"
    yield "|---|---|"
    yield f"| area of interest | {((table['aoi_m2'] - aoi).abs() / aoi).max():.4%} |"
    yield f"| covered area, of the area of interest | {share.max():.4%} |"
    yield f"| covered area, of itself (mean of all villages: {seen.mean():.4%}) | {seen.max():.4%} |"
    yield f"| covered area, all villages together | {abs(table['covered_m2'].sum() / covered.sum() - 1):.4%} |"
    yield ""


def _sample_county() -> Iterator[str]:
    panshan = county("panshan")
    door = MetreDoor(measuring_crs(*panshan.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(panshan.outline), panshan.towns, panshan.villages, households=panshan.households
    ).frames
    names = ("cameras", "villages", "buildings", "barriers", "hamlets", "places", "homes")
    scene = {name: layers[name] for name in names}
    spent, found = cpu(lambda: cover(**scene), repeat=1)
    ids = found.state.cameras["camera_id"].tolist()
    change, _ = cpu(lambda: what_if(found.state, offline=ids[::10]))
    exact, blind = cpu(lambda: blind_areas(found.state), repeat=1)
    coarse, _ = cpu(lambda: cover(**scene, options=replace(CoverageOptions(), resolution=1.0)), repeat=1)
    yield f"| sample county Panshan: {_size(scene, found.figures)} | CPU s |"
    yield "|---|---|"
    yield f"| every figure at 0.5 m | {spent:.1f} |"
    yield f"| every figure at 1 m | {coarse:.1f} |"
    yield f"| what if every tenth camera stops | {change:.3f} |"
    yield f"| exact blind areas of {len(blind)} villages | {exact:.1f} |"
