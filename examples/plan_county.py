"""划一个县，看均衡情况 · Plan a county and look at the balance.

    python examples/plan_county.py OUT

写出 cells.geojson · writes cells.geojson
"""

from __future__ import annotations

import sys
from pathlib import Path

from data.boundaries import county
from spatial import MetreDoor, PlanOptions, measuring_crs, plan_cells, sample_county


def main(folder: str) -> None:
    """Split the eight villages of the tiny county into 25 cells and print what became of each village."""
    tiny = county("tiny")
    door = MetreDoor(measuring_crs(*tiny.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(tiny.outline), tiny.towns, tiny.villages, households=tiny.households, cells=25, cameras=40
    ).frames

    plan = plan_cells(
        layers["villages"],
        homes=layers["homes"],
        buildings=layers["buildings"],
        barriers=layers["barriers"],
        hamlets=layers["hamlets"],
        options=PlanOptions(cells=25),
    )

    print(plan.cells.groupby("village_code")["households"].agg(["count", "min", "mean", "max"]).round(1))
    print({name: plan.figures[name] for name in ("cells", "max_deviation_share", "exact_tiling", "buildings_cut")})
    for certificate in plan.certificates:
        print(certificate["village_code"], certificate["remedy_zh"], certificate["remedy_en"], sep="\n  ")
    door.back(plan.cells).to_file(Path(folder) / "cells.geojson", driver="GeoJSON")


if __name__ == "__main__":
    main(sys.argv[1])
