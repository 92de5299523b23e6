"""从县里的表格到台账、图册和地图 · From a county's files to ledger, map sheets and a map, by the commands.

    python examples/papers_from_files.py OUT

写出 county.gpkg、papers/、map.html · writes county.gpkg, papers/ and map.html
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from data.boundaries import county
from spatial import MetreDoor, measuring_crs, sample_county
from wangge.cli import main as wangge


def main(folder: str) -> None:
    """Write villages as GeoJSON and homes as a GBK table, as counties send them, and run the commands on them."""
    tiny, out = county("tiny"), Path(folder)
    door = MetreDoor(measuring_crs(*tiny.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(tiny.outline), tiny.towns, tiny.villages, households=tiny.households, cells=25, cameras=40
    ).frames
    villages = door.back(layers["villages"]).assign(county="盘山县（示意）")  # generated, so it must say so
    villages.to_file(out / "villages.geojson", driver="GeoJSON")
    homes = door.back(layers["homes"])
    table = {
        "门牌编号": homes["home_id"],
        "经度": homes.geometry.x,
        "纬度": homes.geometry.y,
        "户数": homes["households"],
    }
    pd.DataFrame(table).to_csv(out / "homes.csv", index=False, encoding="gbk")

    project = str(out / "county.gpkg")
    for call in (
        ["load", project, "villages", str(out / "villages.geojson")],
        ["load", project, "homes", str(out / "homes.csv")],
        ["plan", project, "--cells", "25"],
        ["export", project, "--out", str(out / "papers"), "--format", "xlsx", "pdf", "gpkg"],
        ["map", project, "--out", str(out / "map.html")],
    ):
        if code := wangge(call):
            sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
