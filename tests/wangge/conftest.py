"""What the tests of the command line share: calls within this process, and a small county to break things on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from shapely import Point, box

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Called:
    """What one call of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        answer: dict[str, Any] = json.loads(self.out)
        return answer

    def refused(self) -> str:
        """Hold the call to what a refusal looks like; gives its words."""
        assert self.code == 2, self
        assert self.out == "", self
        lines = self.err.splitlines()
        assert 1 <= len(lines) <= 2, self
        assert "Traceback" not in self.err
        return self.err


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Called]:
    """Call `wangge` within this process."""
    from wangge.cli import main

    monkeypatch.delenv("WANGGE_DEBUG", raising=False)
    monkeypatch.delenv("WANGGE_LANG", raising=False)

    def run(*argv: object) -> Called:
        capsys.readouterr()
        code = main([str(word) for word in argv])
        said = capsys.readouterr()
        return Called(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def shell() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call `wangge` as a process of its own."""

    def run(*argv: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "wangge", *(str(word) for word in argv)]
        return subprocess.run(
            command, cwd=cwd or ROOT, capture_output=True, text=True, check=False, timeout=240,
            env={**os.environ, **environment},
        )  # fmt: skip

    return run


@dataclass(frozen=True)
class Small:
    """A county of two villages with homes, and the files it came from."""

    folder: Path
    project: Path
    villages: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame


def small_villages() -> gpd.GeoDataFrame:
    """Two villages side by side, 1.1 km by 1.7 km each, near 122° E 41° N."""
    return gpd.GeoDataFrame(
        {
            "village_code": ["211122100201", "211122100202"], "village": ["东村", "西村"],
            "town_code": "211122100", "town": "试验镇", "county_code": "211122", "county": "盘山县",
        },
        geometry=[box(122.0, 41.2, 122.02, 41.21), box(122.02, 41.2, 122.04, 41.21)], crs="EPSG:4490",
    )  # fmt: skip


def small_homes() -> gpd.GeoDataFrame:
    """200 homes of four households on a lattice over both villages."""
    points = [Point(122.001 + 0.0019 * i, 41.2005 + 0.00095 * j) for i in range(20) for j in range(10)]
    ids = [f"H{number:03d}" for number in range(len(points))]
    return gpd.GeoDataFrame({"home_id": ids, "households": 4}, geometry=points, crs="EPSG:4490")


@pytest.fixture
def small(tmp_path: Path, call: Callable[..., Called]) -> Small:
    """Make a project with two villages and 200 homes, loaded through the command line."""
    villages, homes = small_villages(), small_homes()
    villages.to_file(tmp_path / "villages.geojson")
    homes.to_file(tmp_path / "homes.geojson")
    project = tmp_path / "county.gpkg"
    for layer in ("villages", "homes"):
        done = call("load", project, layer, tmp_path / f"{layer}.geojson")
        assert done.code == 0, done
    return Small(tmp_path, project, villages, homes)


@pytest.fixture(scope="session")
def stored() -> Callable[[Path], tuple[dict[str, int], list[str]]]:
    """Tell what a project holds: rows per layer, and every id of its history."""
    from api.store import open_project

    def look(project: Path) -> tuple[dict[str, int], list[str]]:
        with open_project(project) as opened:
            return opened.layers(), opened.read("history", columns=["id"])["id"].tolist()

    return look
