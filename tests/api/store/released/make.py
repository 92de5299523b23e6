"""Writes a small project of the newest revision, as a file and as SQL: `python -m tests.api.store.released.make`.

To be run once, just before a revision is released, and its two files kept for ever: they are what people have.
Needs a PostgreSQL server with PostGIS on this machine, which is thrown away again.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import tempfile
from pathlib import Path

import pandas as pd

from api.store import copy_project, open_project
from api.store.migrate import REVISION
from spatial.layers import LAYERS
from tests.api.conftest import _rows
from tests.cluster import Cluster, execute, server_programs

FOLDER = Path(__file__).parent
ROWS = 6


def main() -> None:
    """Write `REVISION.gpkg.gz` and `REVISION.sql` beside this module."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "county.gpkg"
        with open_project(source, create=True) as project:
            with project.change(who="张三", action="load") as change:
                for name in LAYERS:
                    if name != "history":
                        change.append(name, _rows(name, ROWS))
                change.set("measuring_crs", "EPSG:4550")
                change.set("users", {"李四": {"role": "viewer", "scope": []}})
            with project.change(who="张三", action="move", plan="plan-1") as change:
                change.delete("homes", {"home_id": "home_id-2"})  # a hole in the row ids
                change.record(before={"户数": [1, None]}, after={"at": pd.Timestamp("2026-01-01", tz="UTC")})
            plain = project.snapshot(Path(folder) / "plain.gpkg").read_bytes()
        (FOLDER / f"{REVISION}.gpkg.gz").write_bytes(gzip.compress(plain, mtime=0))
        (FOLDER / f"{REVISION}.sql").write_text(_dumped(source), encoding="utf-8")


def _dumped(source: Path) -> str:
    """Copy the file to a database and give its schema as statements that any client can run."""
    cluster = Cluster(server_programs())
    try:
        cluster.start()
        url = cluster.url.format(name="postgres")
        execute(url, "CREATE EXTENSION postgis")
        schema = f"released_{REVISION}"
        copy_project(source, f"{url}&schema={schema}")
        command = ["pg_dump", "--no-owner", "--no-acl", "--inserts", "-n", schema, url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    finally:
        cluster.remove()
    kept = (line for line in text.splitlines() if line and not line.startswith(("--", "\\", "SET transaction_timeout")))
    return re.sub(r"\n{2,}", "\n", "\n".join(kept)) + "\n"


if __name__ == "__main__":
    main()
