"""After every kind of change the file is a sound GeoPackage: layers, systems, extents, indexes, counts and styles."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from api.store import open_project
from api.store.integrity import store_problems
from files.qml import STYLED
from spatial.layers import LAYERS
from tests.soak.script import STEPS, TARGETS, write_inputs

if TYPE_CHECKING:
    from pathlib import Path

_READ = """
import json, sys, warnings
import geopandas, pyogrio
warnings.simplefilter("ignore")
found = {}
for name, kind in pyogrio.list_layers(sys.argv[1]).tolist():
    info = pyogrio.read_info(sys.argv[1], layer=name)
    frame = geopandas.read_file(sys.argv[1], layer=name)
    box = frame.total_bounds.round(4).tolist() if kind and len(frame) else None
    told = [round(one, 4) for one in info["total_bounds"]] if box else None
    found[name] = [kind, info["crs"], info["features"], len(frame), told, box]
print(json.dumps(found))
"""


def as_others_see(path: Path) -> dict[str, list[object]]:
    """Read every layer by GDAL in another process: type, system, count told and read, extent told and read."""
    done = subprocess.run([sys.executable, "-c", _READ, path], capture_output=True, text=True, check=True)
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(600)
def test_the_file_is_sound_after_every_kind_of_change(tmp_path: Path) -> None:
    write_inputs(tmp_path)
    path = tmp_path / "project" / "county.gpkg"
    path.parent.mkdir()
    (tmp_path / "copy").write_text(str(path.with_name("copy.gpkg")))
    for _kind, name, step in STEPS:
        if TARGETS.get(name):
            continue  # to a database
        step(str(path), tmp_path)
        with open_project(path) as project:
            assert [row["message_en"] for row in store_problems(project).rows] == [], name
            extents_fit(path, name)
        assert {one.name for one in path.parent.iterdir()} <= {"county.gpkg", "copy.gpkg", "county.backups"}, name
    for one in (path, path.with_name("copy.gpkg")):
        seen_by_gdal(one)


def extents_fit(path: Path, step: str) -> None:
    """Hold the extents that GDAL trusts to the indexes, in which every row is (`store_problems`)."""
    with closing(sqlite3.connect(path)) as connection:
        for name in (form.name for form in LAYERS.values() if form.geometry):
            stored = f"SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = '{name}'"  # noqa: S608
            index = f"SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_{name}_geom"  # noqa: S608
            assert connection.execute(stored).fetchone() == connection.execute(index).fetchone(), (step, name)


def seen_by_gdal(path: Path) -> None:
    with open_project(path) as project:
        counts = project.layers()
    seen = as_others_see(path)
    assert set(seen) == {*LAYERS, "cells_current", "project", "layer_styles"}
    assert seen["layer_styles"][2] == len(STYLED)
    for name, form in LAYERS.items():
        kind, crs, told, read, extent, box = seen[name]
        assert told == read == counts[name]
        assert (crs == "EPSG:4490") == (kind is not None) == (form.geometry is not None)
        if box is not None:
            assert pd.Series(extent).sub(pd.Series(box)).abs().max() <= 1e-4
