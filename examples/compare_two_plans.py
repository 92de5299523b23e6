"""村里多了人，重新划分：哪些户换了网格 · People moved in: plan again, and see who changes cells.

    python examples/compare_two_plans.py OUT

写出 changes.csv · writes changes.csv
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from data.boundaries import county
from spatial import MetreDoor, PlanOptions, compare_plans, measuring_crs, plan_cells, sample_county
from spatial.planning import Previous


def main(folder: str) -> None:
    """Double the households of one village, plan from the earlier plan, and list what changed."""
    tiny = county("tiny")
    door = MetreDoor(measuring_crs(*tiny.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(tiny.outline), tiny.towns, tiny.villages, households=tiny.households, cells=25, cameras=40
    ).frames
    given = {name: layers[name] for name in ("buildings", "barriers", "hamlets")}
    old = plan_cells(layers["villages"], homes=layers["homes"], **given, options=PlanOptions(cells=25, name="p1"))

    grown = layers["homes"].copy()
    grown.loc[grown["village_code"] == grown["village_code"].iloc[0], "households"] *= 2
    before = Previous(old.blocks, old.plan_blocks, old.cells, used_codes=frozenset(old.cells["cell_code"]))
    options = PlanOptions(cells=26, keep=0.8, name="p2")
    new = plan_cells(old.villages, homes=grown, **given, previous=before, options=options)

    blocks = pd.concat([new.blocks, old.blocks]).drop_duplicates("block_id")  # with the households of today
    changes = compare_plans(old.cells, old.plan_blocks, new.cells, new.plan_blocks, blocks, homes=grown)
    print(changes.totals)
    print(changes.frame[changes.frame["kind"] != "unchanged"].to_string(index=False))
    changes.frame.to_csv(Path(folder) / "changes.csv", index=False, encoding="utf-8-sig")


if __name__ == "__main__":
    main(sys.argv[1])
