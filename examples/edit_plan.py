"""用 Python 改方案：沿一条线拆分，再合并 · Edit a plan in Python: split a cell along a line, then merge.

    python examples/edit_plan.py OUT

写出 split.geojson · writes split.geojson
"""

from __future__ import annotations

import sys
from pathlib import Path

from shapely import LineString

from data.boundaries import county
from spatial import MetreDoor, PlanOptions, measuring_crs, merge, plan_cells, sample_county, split_by_line
from spatial.planning.edits import PlanState


def main(folder: str) -> None:
    """Cut the largest cell of the county from north to south; the two halves are merged again."""
    tiny = county("tiny")
    door = MetreDoor(measuring_crs(*tiny.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(tiny.outline), tiny.towns, tiny.villages, households=tiny.households, cells=25, cameras=40
    ).frames
    plan = plan_cells(layers["villages"], homes=layers["homes"], options=PlanOptions(cells=25))

    cell = plan.cells.loc[plan.cells["households"].idxmax()]
    blocks = plan.blocks[plan.blocks["village_code"] == cell["village_code"]]
    links = plan.plan_blocks[plan.plan_blocks["block_id"].isin(blocks["block_id"])]
    state = PlanState(blocks, links, plan.cells[plan.cells["village_code"] == cell["village_code"]])

    middle, (_, south, _, north) = cell.geometry.representative_point().x, cell.geometry.bounds
    split = split_by_line(state, cell["cell_code"], line=LineString([(middle, south - 10), (middle, north + 10)]))
    print("split", split.households, "retired", split.retired)

    links = links.set_index("block_id")
    links.update(split.after.set_index("block_id"))
    again = merge(PlanState(blocks, links.reset_index(), split.cells), cell["cell_code"], split.created[0])
    print("merge", again.households, "retired", again.retired)
    door.back(split.cells).to_file(Path(folder) / "split.geojson", driver="GeoJSON")


if __name__ == "__main__":
    main(sys.argv[1])
