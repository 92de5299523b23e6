"""Exact views of a county's cameras, and of cameras among attached and overlapping houses, beside other engines."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.coverage_scene import CRS, county_scene, row_houses
from benchmarks.stopwatch import cpu
from benchmarks.views_peers import PEERS, js_views, shadows, timed
from spatial.coverage.optics import optics
from spatial.coverage.sight.sights import sights
from spatial.coverage.sight.visibility import mount, walls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from spatial.coverage.optics import Sectors

SAMPLE, SLOW, ROWS = 200, 100, 10_000  # cameras that peers compute, that the slowest do, among row houses
_TURN_DEG = 359.9
_JS = "visibility-polygon-js (npm)"


def _ready(scene: dict[str, gpd.GeoDataFrame]) -> tuple[NDArray[np.float64], Sectors]:
    """Positions and sectors; the part of the work that is not geometry."""
    sectors = optics(scene["cameras"]).sectors
    return mount(scene["cameras"].geometry.to_numpy(), walls(scene["buildings"]))[0], sectors


def memory(path: str) -> None:
    """Print what a process of its own takes, with the scene alone and at most (MB); for a child of the benchmark."""
    with Path(path).open("rb") as file:
        scene = pickle.load(file)  # noqa: S301 (written by the parent a moment ago)
    before = _most()
    standing = walls(scene["buildings"])
    xy, sectors = mount(scene["cameras"].geometry.to_numpy(), standing)[0], optics(scene["cameras"]).sectors
    found = sights(xy, sectors, standing)
    sys.stdout.write(f"{before} {_most()} {len(found.shapes)}\n")


def _most() -> int:
    """Give the most memory this process has held, in MB (Linux: getrusage would count the parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 // 1_000_000


def section() -> Iterator[str]:
    """Yield the lines of the section."""
    yield "## 可视范围 · Views"
    yield ""
    yield from _county()
    yield from _clean()
    yield from _attached()


def _county() -> Iterator[str]:
    scene = county_scene()
    buildings = scene["buildings"]
    xy, sectors = _ready(scene)
    standing = walls(buildings)
    sights(xy, sectors.take(np.arange(10)), standing)  # compiles, or loads what was compiled before
    spent, found = cpu(lambda: sights(xy, sectors, standing))
    indexed, _ = cpu(lambda: walls(buildings), repeat=1)
    before, most = _memory(scene)
    known = buildings.assign(height_m=np.random.default_rng(5).choice([3.0, 3.8, 6.0], len(buildings)))
    low, mounts = walls(known), scene["cameras"]["mount_m"].to_numpy(dtype=float)
    over, _ = cpu(lambda: sights(xy, sectors, low, mount_m=mounts), repeat=1)
    yield f"{len(xy):,} cameras, {len(buildings):,} footprints, ranges of 30-120 m, warm; CPU seconds of all threads."
    yield ""
    yield "| what | CPU s per 40,000 | aim |"
    yield "|---|---|---|"
    yield f"| exact views, polygons made | {spent / len(xy) * 40_000:.2f} | 2 |"
    yield f"| footprints sorted, once | {indexed:.2f} | |"
    yield f"| all heights known: over low houses (3, 3.8, 6 m), cameras at 3-6 m | {over / len(xy) * 40_000:.2f} | |"
    yield f"| whole process at most, MB (with the scene alone: {before}) | {most} | 500 |"
    yield f"| mean area, m2 | {found.area_m2.mean():.1f} | |"
    yield ""


def _sample(
    scene: dict[str, gpd.GeoDataFrame], outlines: NDArray[np.object_], count: int
) -> tuple[NDArray[np.int64], list[NDArray[np.object_]]]:
    """Cameras outside all footprints, and the footprints near each."""
    tree = shapely.STRtree(outlines)
    points = scene["cameras"].geometry.to_numpy()
    inside = np.unique(tree.query(points, predicate="dwithin", distance=0.2)[0])
    rows = np.setdiff1d(np.arange(len(points)), inside)
    rows = np.sort(np.random.default_rng(3).choice(rows, count, replace=False))
    reach = scene["cameras"]["range_m"].to_numpy()[rows]
    boxes = shapely.buffer(points[rows], reach, cap_style="square")
    return rows, [outlines[tree.query(box)] for box in boxes]


def _memory(scene: dict[str, gpd.GeoDataFrame]) -> tuple[str, str]:
    """Run the views in a process of their own and give its memory, before and at most."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scene")
        path.write_bytes(pickle.dumps({name: scene[name] for name in ("cameras", "buildings")}))
        command = [sys.executable, "-c", f"from benchmarks.views import memory; memory({str(path)!r})"]
        child = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    before, most, _ = child.stdout.split()
    return before, most


def _clean() -> Iterator[str]:
    """Disjoint outlines without courtyards, that every peer accepts."""
    scene = county_scene(20)
    scene["cameras"] = scene["cameras"].assign(mount_m=1.0)  # no dead zone: peers have none
    merged = shapely.get_parts(shapely.disjoint_subset_union_all(scene["buildings"].geometry.to_numpy()))
    merged = shapely.polygons(shapely.get_exterior_ring(merged))
    standing = walls(gpd.GeoDataFrame({"building_id": range(len(merged))}, geometry=merged, crs=CRS))
    rows, near = _sample(scene, merged, SAMPLE)
    cameras = scene["cameras"].iloc[rows].reset_index(drop=True)
    xy, reach = shapely.get_coordinates(cameras.geometry.to_numpy()), cameras["range_m"].to_numpy()
    sectors = optics(cameras).sectors
    whole = sights(xy, sectors, walls(None), step_deg=0.2).shapes
    exact = sights(xy, sectors, standing, step_deg=0.2)
    many = sectors.take(np.tile(np.arange(SAMPLE), 20))  # as in a county: the call itself is not what is compared
    spent, _ = cpu(lambda: sights(xy, many, standing))
    own = spent / len(many.camera) * 1000
    yield f"{SAMPLE} of them (CGAL: {SLOW}) on merged outlines, CPU ms per camera, peers without cutting to the sector:"
    yield ""
    yield "| engine | ms per camera | times ours | aim | largest difference of area (from ours) | failed |"
    yield "|---|---|---|---|---|---|"
    yield f"| wangge | {own:.4f} | 1 | | | 0 |"
    aims = {"shapely shadows": 500, "CGAL (pyvispoly)": 100, "VisiLibity1": 100, _JS: 10}
    for name, aim in aims.items():
        count = SLOW if name.startswith("CGAL") else SAMPLE
        part = (xy[:count], near[:count], reach[:count], whole[:count])
        try:
            ms, areas = js_views(*part) if name == _JS else timed(PEERS[name], *part)
        except ImportError:
            yield f"| {name} | not installed | | {aim} | | |"
            continue
        ours = shapely.area(exact.shapes[:count])
        off = np.abs(areas - ours) / np.maximum(ours, 1.0)
        yield f"| {name} | {ms:.3f} | {ms / own:.0f} | {aim} | {np.nanmax(off):.1e} | {int(np.isnan(areas).sum())} |"
    yield ""


def _attached() -> Iterator[str]:
    """Houses that touch and overlap as they come; the truth is cut on their union."""
    houses = row_houses()
    shapes = houses.geometry.to_numpy()
    merged = shapely.get_parts(shapely.union_all(shapes))
    rng = np.random.default_rng(2)
    low, high = shapely.total_bounds(shapes).reshape(2, 2)
    spots = rng.uniform(low, high, (4 * ROWS, 2))
    free = np.ones(len(spots), bool)
    free[shapely.STRtree(merged).query(shapely.points(spots), predicate="dwithin", distance=0.2)[0]] = False
    xy = spots[free][:ROWS]
    cameras = gpd.GeoDataFrame(
        {
            "camera_id": [f"C{k}" for k in range(ROWS)], "azimuth_deg": rng.uniform(0, 360, ROWS),
            "hfov_deg": 90.0, "range_m": 40.0, "mount_m": 1.0,
        }, geometry=shapely.points(xy), crs=CRS,
    )  # fmt: skip
    sectors = optics(cameras).sectors
    whole = sights(xy, sectors, walls(None), step_deg=0.5).shapes
    spent, found = cpu(lambda: sights(xy, sectors, walls(houses), step_deg=0.5), repeat=1)
    reach = np.full(ROWS, 40.0)
    boxes = shapely.buffer(shapely.points(xy), reach, cap_style="square")
    united = [merged[rows] for rows in _near(merged, boxes)]
    _, truth = timed(shadows, xy, united, reach, whole)
    yield f"{ROWS:,} cameras among {len(shapes):,} houses that touch and overlap; truth: shadows on their union."
    yield ""
    yield "| engine, on the footprints as they come | cameras | off by > 0.1 % | off by > 5 % | largest | failed |"
    yield "|---|---|---|---|---|---|"
    yield _errors("wangge", shapely.area(found.shapes), truth)
    few = slice(0, SAMPLE)
    raw = [shapes[rows] for rows in _near(shapes, boxes[few])]
    part = (xy[few], raw, reach[few], whole[few])
    for name in ("CGAL (pyvispoly)", "VisiLibity1", _JS, f"{_JS}, walls broken first"):
        try:
            areas = (js_views(*part, broken="broken" in name) if name.startswith(_JS) else timed(PEERS[name], *part))[1]
        except ImportError:
            yield f"| {name} | not installed | | | | |"
            continue
        yield _errors(name, areas, truth[few])
    yield ""
    yield f"Our {ROWS:,} views took {spent:.2f} CPU s with their footprints sorted."


def _near(shapes: NDArray[np.object_], boxes: NDArray[np.object_]) -> list[NDArray[np.int64]]:
    box, shape = shapely.STRtree(shapes).query(boxes)
    return np.split(shape[np.argsort(box, kind="stable")], np.cumsum(np.bincount(box, minlength=len(boxes)))[:-1])


def _errors(name: str, areas: NDArray[np.float64], truth: NDArray[np.float64]) -> str:
    off = np.abs(areas - truth) / np.maximum(truth, 1.0)
    failed = int(np.isnan(off).sum())
    worst = np.nanmax(off) if failed < len(off) else np.nan
    return f"| {name} | {len(off):,} | {(off > 1e-3).sum()} | {(off > 0.05).sum()} | {worst:.1e} | {failed} |"
