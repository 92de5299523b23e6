"""A plan carried over to other villages: merged, split, renamed, with new codes, or with borders drawn anew.

Cells stay together wherever they can. A cell in a village that keeps its code keeps its own; one whose whole village
got a new code keeps its serial under it; any other gets a new serial by the numbering rule, above every code that the
village ever used. Where a new border cuts a cell, each side that holds at least a quarter of it goes on as a cell, and
less than that joins the neighbour in its village with the longest shared border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.layers import LAYERS
from spatial.planning.blocks.names import block_ids
from spatial.planning.carry.codes import carried_codes
from spatial.planning.carry.ground import Ground, on_new_ground
from spatial.planning.carry.labels import label_pieces
from spatial.planning.cells import cells_from
from spatial.planning.cells.numbering import FIRST_SPECIAL, cell_name
from spatial.planning.demand.scope import noded_villages
from spatial.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatial.planning.carry.changes import VillageChange
    from spatial.planning.demand.scope import Previous

__all__ = ["Carried", "carry_plan"]

_SAME_SHARE = 0.01
"""A cell whose ground differs by less than this share is the same to its people: borders are drawn anew by metres."""


@dataclass(frozen=True)
class Carried:
    """A carried plan in metres.

    `blocks` are all blocks of the plan; those that are not among the old ones are children of them. `villages`
    are the new villages with the nodes of the cells. `codes` gives, by old cell code, the code of the cell that goes on
    in its place (people go along); cells that nobody takes over are missing. `changed` are the new codes of
    cells whose ground or households are others than before.
    """

    blocks: gpd.GeoDataFrame
    plan_blocks: pd.DataFrame
    cells: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    codes: dict[str, str]
    changed: frozenset[str]
    problems: Problems


def carry_plan(
    previous: Previous,
    villages: gpd.GeoDataFrame,
    *,
    names_before: dict[str, str],
    changes: Sequence[VillageChange] = (),
    homes: gpd.GeoDataFrame | None = None,
    measure: str = "households",
    plan: str = "plan",
    start_date: str = "",
) -> Carried:
    """Carry the cells of a plan over to other villages.

    Parameters
    ----------
    previous
        The plan: its blocks (a valid coverage), plan_blocks, cells and every cell code ever used.
    villages
        The new villages, a valid coverage in metres. Villages without ground of the plan stay without cells.
    names_before
        Village names by code as they were, so that cells named after them are named anew.
    changes
        What is known of the villages, followed to its end (`settle_changes`), or inferred.
    homes, measure
        Points with `households` that count what is cut; the column of blocks that deviations are measured in.

    Gives the same for the same input in any order of rows; the cells tile the villages that have some.

    Raises
    ------
    CrsError, BoundaryError, InfeasibleError
        A frame is not in metres; villages and blocks are no coverage together; no block lies in any village,
        or a village runs out of serials.
    """
    require_metres(villages, "villages")
    villages = villages.sort_values("village_code", kind="stable", ignore_index=True)
    blocks = _linked(previous)
    cells = previous.cells.sort_values("cell_code", kind="stable", ignore_index=True)
    old = pd.Index(cells["cell_code"]).get_indexer(pd.Index(blocks["cell_code"]))
    special = cells["cell_code"].str[-3:].astype(int).to_numpy() >= FIRST_SPECIAL
    ground = on_new_ground(blocks, villages, special=special[old], homes=homes)
    problems = Problems()
    label, main = label_pieces(ground, old, cells, special=special, problems=problems)
    new_codes = villages["village_code"].to_numpy(object)
    of_special = (ground.source >= 0) & special[old][np.maximum(ground.source, 0)]
    codes = carried_codes(
        ground, label, main, cells, new_codes, used=previous.used_codes, changes=changes, special_pieces=of_special
    )
    frame = _blocks(ground, blocks, villages)
    links = pd.DataFrame({"plan": plan, "block_id": frame["block_id"], "cell_code": np.asarray(codes, object)[label]})
    follows = {str(cells["cell_code"].iloc[place]): codes[where] for place, where in main.items()}
    made = cells_from(
        links, frame, villages, measure=measure, plan=plan, start_date=start_date,
        previous=_history(cells, follows, villages, names_before, start_date),
    )  # fmt: skip
    _tell(ground, blocks, frame, cells, follows, problems)
    touched = _touched(cells, made, follows)
    noded = noded_villages(villages, frame, np.empty(0, np.int64), np.empty(0, object))
    frame, links = (each.sort_values("block_id", ignore_index=True) for each in (frame, links))
    return Carried(frame, links, made, noded, follows, touched, problems)


def _linked(previous: Previous) -> gpd.GeoDataFrame:
    """Give the blocks of the plan with the code of their cell, sorted."""
    blocks = previous.blocks.drop(columns="cell_code", errors="ignore")
    blocks = blocks.merge(previous.plan_blocks[["block_id", "cell_code"]], on="block_id")
    return blocks.sort_values("block_id", kind="stable", ignore_index=True)


def _blocks(ground: Ground, blocks: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the blocks of the new plan: old ones as they are, the others as children with names of their own."""
    codes = villages["village_code"].to_numpy(object)[ground.village]
    here = np.maximum(ground.source, 0)
    parents = np.where(ground.source >= 0, blocks["block_id"].to_numpy(object)[here], None)
    stays = ground.intact & (blocks["village_code"].to_numpy(object)[here] == codes)
    frame = ground.counts.copy()
    ids = block_ids([f"{code}" for code in codes], ground.geometry)
    fresh = [name if parent is None else f"{name}-{parent[-4:]}" for name, parent in zip(ids, parents, strict=True)]
    frame["block_id"] = np.where(stays, parents, np.asarray(fresh, object))
    frame["parent_id"] = np.where(stays, blocks["parent_id"].to_numpy(object)[here], parents)
    frame["village_code"] = codes
    geometry = ground.geometry.copy()
    geometry[stays] = blocks.geometry.to_numpy()[here[stays]]
    single = shapely.get_type_id(geometry) == 3
    geometry[single] = shapely.multipolygons(geometry[single], indices=np.arange(int(single.sum())))
    frame["area_m2"] = shapely.area(geometry)
    return gpd.GeoDataFrame(frame[LAYERS["blocks"].names], geometry=geometry, crs=villages.crs)


def _history(
    cells: gpd.GeoDataFrame, follows: dict[str, str], villages: gpd.GeoDataFrame, names_before: dict[str, str],
    start_date: str,
) -> pd.DataFrame:  # fmt: skip
    """Give what is said of the old cells under their new codes; names after the village follow the village."""
    earlier = pd.DataFrame(cells.drop(columns="geometry"))
    earlier = earlier[earlier["cell_code"].isin(list(follows))].reset_index(drop=True)
    names = villages.set_index("village_code")["village"].to_dict()
    new = earlier["cell_code"].map(follows)
    titles = []
    for code, then, village, title in zip(
        earlier["cell_code"], new, earlier["village_code"], earlier["cell"], strict=True
    ):
        usual = cell_name(str(names_before.get(village, village)), code)
        titles.append(cell_name(str(names.get(then[:-3], then[:-3])), then) if title == usual else title)
    start = earlier["start_date"].astype(object).where(earlier["cell_code"] == new, start_date)
    return earlier.assign(cell_code=new, cell=titles, start_date=start, end_date=None)


def _touched(cells: gpd.GeoDataFrame, made: gpd.GeoDataFrame, follows: dict[str, str]) -> frozenset[str]:
    """Name the new cells whose ground or households are others than those of the cell they go on for."""
    old, new = cells.set_index("cell_code"), made.set_index("cell_code")
    earlier, later = list(follows), list(follows.values())
    shapes, others = old.geometry.reindex(earlier).to_numpy(), new.geometry.reindex(later).to_numpy()
    apart = shapely.area(shapely.symmetric_difference(shapes, others)) > _SAME_SHARE * shapely.area(shapes)
    counts = [pd.to_numeric(frame["households"]).reindex(codes).to_numpy(float) for frame, codes in
              ((old, earlier), (new, later))]  # fmt: skip
    apart |= np.abs(counts[0] - counts[1]) > 1e-6
    fresh = set(new.index) - set(later)
    return frozenset(np.asarray(later, object)[apart]) | fresh


def _tell(
    ground: Ground, blocks: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, cells: gpd.GeoDataFrame,
    follows: dict[str, str], problems: Problems,
) -> None:  # fmt: skip
    """Say what could not be carried: people left outside all villages, ground that no plan held, cells that end."""
    had = float(pd.to_numeric(blocks["households"]).sum())
    lost = had - float(frame["households"].sum())
    if lost > 0.5:
        problems.add("carry-households-lost", households=lost, total=had)
    new = ground.source < 0
    for village in np.unique(ground.village[new]):
        rows = np.flatnonzero(new & (ground.village == village))
        code = str(frame["village_code"].iloc[rows[0]])
        point = shapely.point_on_surface(ground.geometry[rows[0]])
        area = float(shapely.area(ground.geometry[rows]).sum())
        problems.add("carry-new-ground", code=code, area_m2=area, geometry=point)
    for row in cells[~cells["cell_code"].isin(list(follows))].itertuples():
        held: Any = row.households
        problems.add("carry-cell-ended", code=row.cell_code, households=float(held), geometry=None)
