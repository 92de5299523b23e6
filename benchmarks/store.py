"""The project file beside pyogrio on the same rows: bulk load, whole-layer read, reading a window.

Every project file is measured through its own door (sqlite3); pyogrio gets a GeoPackage of its own, or a snapshot.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio

from api.store import open_project
from benchmarks.stopwatch import cpu, row

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 100_000


def _homes() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(7)
    points = gpd.points_from_xy(121.6 + 0.8 * rng.random(ROWS), 41.0 + 0.5 * rng.random(ROWS))
    ids = [f"H{number:06d}" for number in range(ROWS)]
    return gpd.GeoDataFrame({"home_id": ids, "households": rng.integers(1, 5, ROWS)}, geometry=points, crs="EPSG:4490")


def rows() -> Iterator[str]:
    """Yield the rows of the table."""
    homes = _homes()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "county.gpkg", Path(folder) / "peer.gpkg"
        peer_load, _ = cpu(lambda: pyogrio.write_dataframe(homes, theirs, layer="homes", driver="GPKG"), repeat=1)
        with open_project(ours, create=True) as project:

            def load() -> None:
                with project.change(who="bench", action="load") as change:
                    change.append("homes", homes)

            own_load, _ = cpu(load, repeat=1)
            yield row(f"load {ROWS:,} homes", own_load, "pyogrio write", peer_load)
            snapshot = Path(folder) / "snapshot.gpkg"
            project.snapshot(snapshot)
            own, frame = cpu(lambda: project.read("homes"))
            peer, same = cpu(lambda: pyogrio.read_dataframe(snapshot, layer="homes"))
            assert len(frame) == len(same) == ROWS
            yield row(f"read {ROWS:,} homes", own, "pyogrio read", peer)
            window = (121.9, 41.2, 121.98, 41.25)
            own, frame = cpu(lambda: project.read("homes", bbox=window))
            peer, same = cpu(lambda: pyogrio.read_dataframe(snapshot, layer="homes", bbox=window))
            assert len(frame) == len(same)
            yield row(f"read a window of {len(frame):,} homes", own, "pyogrio bbox", peer)
