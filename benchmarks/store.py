"""The project store on both backends beside pyogrio: 100,000 homes, 844 cells, 40,000 cameras.

The project file is measured through its own door (sqlite3); pyogrio reads a snapshot of it, the same bytes, and
writes a GeoPackage of its own. PostGIS is a throw-away cluster with its settings as they come (fsync on).
"""

from __future__ import annotations

import resource
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from api.store import Project, copy_project, open_project
from tests.soak.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["inventory", "section"]

HOMES, CELLS, CAMERAS, FEW = 100_000, 844, 40_000, 1_000
_WEST, _SOUTH, _WIDTH, _HEIGHT = 121.6, 41.0, 0.8, 0.5


@dataclass(frozen=True)
class Cost:
    """What a call cost: seconds of this process's CPU, and on the clock (the server's work is in it)."""

    cpu_s: float
    wall_s: float


def section() -> Iterator[str]:
    """Measure everything and write the section, line by line."""
    yield "## store\n"
    yield f"{HOMES:,} homes, {CELLS} cells of 300 vertices, {CAMERAS:,} cameras of 27 columns; CPU seconds of the"
    yield "client / seconds on the clock, least of five (loads and copies: one). The peer is pyogrio, which writes and"
    yield "reads single files: the same rows, and for reads a snapshot of the same file.\n"
    yield "| what | file | PostGIS | pyogrio | file ÷ pyogrio | bar |"
    yield "|---|---|---|---|---|---|"
    layers = inventory()
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        path, url = Path(folder) / "county.gpkg", server.clone("bench", "with_postgis")
        with open_project(path, create=True) as file, open_project(url, create=True) as database:
            yield from _loads(layers, file, database, Path(folder))
            peer = file.snapshot(Path(folder) / "snapshot.gpkg")
            yield from _reads(layers, file, database, peer)
            yield from _changes(layers, file, database)
        yield from _copies(path, url, Path(folder), server)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"\nPeak memory of the whole run, three layers and their copies in it: {peak:,.0f} MB."


def inventory() -> dict[str, gpd.GeoDataFrame]:
    """Make the three layers, the same on every call."""
    rng = np.random.default_rng(7)
    villages = np.array([f"2111220{number:05d}" for number in range(230)])
    homes = gpd.GeoDataFrame(
        {
            "home_id": [f"H{number:06d}" for number in range(HOMES)],
            "village_code": rng.choice(villages, HOMES), "households": rng.integers(1, 5, HOMES),
            "occupied_households": pd.array(rng.integers(0, 4, HOMES), dtype="Int64").astype("Int64"),
            "residents": pd.array(rng.integers(1, 12, HOMES), dtype="Int64"),
            "hamlet": rng.choice(["东屯", "西屯", "三队", "前街"], HOMES),
        },
        geometry=_points(rng, HOMES), crs="EPSG:4490",
    )  # fmt: skip
    return {"homes": homes, "cells": _cells(rng, villages), "cameras": _cameras(rng)}


def _points(rng: np.random.Generator, count: int) -> Any:
    return gpd.points_from_xy(_WEST + _WIDTH * rng.random(count), _SOUTH + _HEIGHT * rng.random(count))


def _cells(rng: np.random.Generator, villages: Any) -> gpd.GeoDataFrame:
    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    centre = np.column_stack([_WEST + _WIDTH * rng.random(CELLS), _SOUTH + _HEIGHT * rng.random(CELLS)])
    radius = 0.005 * (1 + 0.2 * rng.random((CELLS, 300)))
    rings = centre[:, None, :] + radius[..., None] * np.column_stack([np.cos(angle), np.sin(angle)])[None]
    village = rng.choice(villages, CELLS)
    codes = [f"{code}{number:03d}" for number, code in enumerate(village, start=1)]
    shapes = shapely.multipolygons(shapely.polygons(rings)[:, None])
    return gpd.GeoDataFrame(
        {
            "cell_id": [f"plan:{code}" for code in codes], "plan": "plan", "cell_code": codes, "cell": "网格",
            "kind": "basic", "village_code": village, "households": rng.integers(300, 500, CELLS),
            "residents": rng.random(CELLS) * 900, "deviation_share": rng.normal(0, 0.03, CELLS),
            "area_m2": rng.random(CELLS) * 1e6, "compactness": rng.random(CELLS), "locked": False,
            "start_date": "2026-01-01",
        },
        geometry=shapes, crs="EPSG:4490",
    )  # fmt: skip


def _cameras(rng: np.random.Generator) -> gpd.GeoDataFrame:
    def some(values: Any) -> Any:
        return pd.Series(values).where(rng.random(CAMERAS) < 0.8)

    return gpd.GeoDataFrame(
        {
            "camera_id": [f"C{number:05d}" for number in range(CAMERAS)],
            "gb_id": some([f"21112200001320{number:06d}" for number in range(CAMERAS)]),
            "camera": [f"胡家镇 {number} 号" for number in range(CAMERAS)],
            "kind": some(rng.choice(["bullet", "dome", "ptz"], CAMERAS)),
            "azimuth_deg": some(rng.random(CAMERAS) * 360), "hfov_deg": some(rng.random(CAMERAS) * 90 + 20),
            "focal_mm": some(rng.choice([4.0, 6.0, 8.0, 12.0], CAMERAS)),
            "width_px": pd.array([2560] * CAMERAS, "Int64"),
            "height_px": pd.array([1440] * CAMERAS, "Int64"), "mount_m": some(rng.random(CAMERAS) * 4 + 3),
            "tilt_deg": some(rng.random(CAMERAS) * 30), "range_m": some(rng.random(CAMERAS) * 100 + 30),
            "point_class": rng.choice(["1", "2", "3"], CAMERAS), "status": rng.choice(["working", "faulty"], CAMERAS),
            "networked": rng.random(CAMERAS) < 0.9, "shared": rng.random(CAMERAS) < 0.5,
            "owner": some(["镇综治中心"] * CAMERAS), "installed": "2021-06-01",
            "filed": pd.Timestamp("2022-03-01", tz="UTC"), "sign": False,
            "retention_days": pd.array([30] * CAMERAS, "Int64"),
        },
        geometry=_points(rng, CAMERAS), crs="EPSG:4490",
    )  # fmt: skip


def _loads(layers: dict[str, gpd.GeoDataFrame], file: Project, database: Project, folder: Path) -> Iterator[str]:
    for name, frame in layers.items():
        own = _cost(lambda f=frame, n=name: _load(file, n, f), repeat=1)
        server = _cost(lambda f=frame, n=name: _load(database, n, f), repeat=1)
        peer = _cost(lambda f=frame, n=name: pyogrio.write_dataframe(f, folder / f"{n}.gpkg", layer=n), repeat=1)
        yield _row(f"load {len(frame):,} {name}", own, server, peer, "≤ 10 s")


def _load(project: Project, layer: str, frame: gpd.GeoDataFrame) -> None:
    with project.change(who="bench", action="load") as change:
        change.append(layer, frame)


def _reads(layers: dict[str, gpd.GeoDataFrame], file: Project, database: Project, peer: Path) -> Iterator[str]:
    for name, frame in layers.items():
        own = _cost(lambda n=name: file.read(n))
        server = _cost(lambda n=name: database.read(n))
        theirs = _cost(lambda n=name: pyogrio.read_dataframe(peer, layer=n))
        yield _row(f"read all {len(frame):,} {name}", own, server, theirs, "≤ 2 ×")
    for name in ("homes", "cameras"):
        box = _window(layers[name])
        own = _cost(lambda n=name, b=box: file.read(n, bbox=b))
        server = _cost(lambda n=name, b=box: database.read(n, bbox=b))
        theirs = _cost(lambda n=name, b=box: pyogrio.read_dataframe(peer, layer=n, bbox=b))
        found = len(file.read(name, bbox=box))
        assert found == len(database.read(name, bbox=box)) == len(pyogrio.read_dataframe(peer, layer=name, bbox=box))
        yield _row(f"read a window of {found:,} {name}", own, server, theirs, "≤ 30 ms")


def _window(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Give a box in the middle that holds about a thousand rows."""
    side = (FEW / len(frame)) ** 0.5 / 2
    x, y = _WEST + _WIDTH / 2, _SOUTH + _HEIGHT / 2
    return x - side * _WIDTH, y - side * _HEIGHT, x + side * _WIDTH, y + side * _HEIGHT


def _changes(layers: dict[str, gpd.GeoDataFrame], file: Project, database: Project) -> Iterator[str]:
    some = layers["cameras"].iloc[:: CAMERAS // FEW]
    moved = some[["camera_id"]].assign(geometry=some.geometry.translate(0.001)).set_geometry("geometry", crs=some.crs)
    for what, frame in (("status", some[["camera_id", "status"]]), ("place", moved)):

        def change(project: Project, rows: Any = frame) -> None:
            with project.change(who="bench", action="edit") as change:
                change.update("cameras", rows)

        own, server = _cost(lambda c=change: c(file)), _cost(lambda c=change: c(database))
        yield _row(f"change the {what} of {len(frame):,} cameras", own, server, None, "")


def _copies(path: Path, url: str, folder: Path, server: Server) -> Iterator[str]:
    goals = [server.clone(f"goal{number}", "with_postgis") for number in range(2)]
    own = _cost(lambda: copy_project(path, folder / "copy.gpkg"), repeat=1)
    other = _cost(lambda: copy_project(url, goals[0]), repeat=1)
    yield _row("copy the project to one of its kind", own, other, None, "")
    own = _cost(lambda: copy_project(path, goals[1]), repeat=1)
    other = _cost(lambda: copy_project(url, folder / "other.gpkg"), repeat=1)
    yield _row("copy the project to the other kind", own, other, None, "")


def _cost(call: Callable[[], object], *, repeat: int = 5) -> Cost:
    """Give the least CPU and the least clock time of some calls."""
    spent = []
    for _ in range(repeat):
        with _timed() as taken:
            call()
        spent.append(taken)
    return Cost(min(one["cpu"] for one in spent), min(one["wall"] for one in spent))


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    taken: dict[str, float] = {}
    cpu, wall = time.process_time(), time.perf_counter()
    yield taken
    taken.update(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


def _row(what: str, file: Cost, database: Cost, peer: Cost | None, bar: str) -> str:
    def shown(cost: Cost) -> str:
        return f"{cost.cpu_s:.3f} / {cost.wall_s:.3f}"

    beside = (shown(peer), f"{file.cpu_s / peer.cpu_s:.2f}") if peer else ("", "")
    return f"| {what} | {shown(file)} | {shown(database)} | {beside[0]} | {beside[1]} | {bar} |"
