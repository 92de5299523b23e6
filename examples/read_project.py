"""用 geopandas 读项目文件：先取快照 · Read a project with geopandas: from a snapshot.

    wangge demo OUT --county tiny
    python examples/read_project.py OUT

读 county.gpkg，写出 snapshot.gpkg · reads county.gpkg, writes snapshot.gpkg
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd

from api.store import open_project


def main(folder: str) -> None:
    """Take a snapshot, as whoever wants the file itself must, and read its layers by GDAL; see docs/adr/0001."""
    copy = Path(folder) / "snapshot.gpkg"
    copy.unlink(missing_ok=True)
    with open_project(Path(folder) / "county.gpkg") as project:
        project.snapshot(copy)
        print("plan", project.current_plan(), "measured in", project.crs)
        print(project.read("history", columns=["at", "action"]).tail(3).to_string(index=False))

    cells = gpd.read_file(copy, layer="cells_current")
    villages = gpd.read_file(copy, layer="villages")
    print(gpd.list_layers(copy).to_string(index=False))
    named = cells.merge(villages[["village_code", "village", "town"]], on="village_code")
    print(named.groupby(["town", "village"])["households"].agg(["count", "sum"]))


if __name__ == "__main__":
    main(sys.argv[1])
