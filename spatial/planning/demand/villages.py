"""What the villages of a plan hold: people, what is balanced, and hamlets that stay whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.errors import InfeasibleError
from spatial.planning.blocks.counts import with_work
from spatial.planning.blocks.people import COUNTS, place_people, place_points
from spatial.planning.options import MEASURES
from spatial.problems import Problems
from spatial.sums import summed

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.planning.blocks.stock import Stock
    from spatial.planning.options import PlanOptions
    from spatial.planning.types import Flags, Floats, Geometries, Integers

__all__ = [
    "Hamlets",
    "balanced",
    "cap_cells",
    "hamlet_caps",
    "hamlets_whole",
    "measured",
    "people_in",
    "village_weights",
]


def people_in(
    villages: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
    *,
    blocks: gpd.GeoDataFrame | None,
    all_planned: bool,
    problems: Problems,
) -> gpd.GeoDataFrame:
    """Place people in the planned villages; blocks with counts of their own make their problems moot."""
    if homes is not None:
        homes = homes.sort_values("home_id", kind="stable", ignore_index=True) if "home_id" in homes else homes
        if not all_planned:
            tree = shapely.STRtree(villages.geometry.to_numpy())
            homes = homes.iloc[np.unique(tree.query(homes.geometry.to_numpy(), predicate="intersects")[0])]
    own = blocks is not None and "households" in blocks and blocks["households"].notna().any()
    return place_people(villages, homes=homes, buildings=buildings, problems=Problems() if own else problems)


def village_weights(
    villages: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame,
    blocks: gpd.GeoDataFrame | None,
    *,
    incidents: gpd.GeoDataFrame | None = None,
    options: PlanOptions,
) -> pd.DataFrame:
    """Add up households and the balanced measure by village_code, from the blocks' own counts where they have some."""
    codes = villages["village_code"]
    if blocks is not None and "households" in blocks and blocks["households"].notna().any():
        table = blocks[[name for name in (*COUNTS, "workload") if name in blocks]].apply(pd.to_numeric, errors="coerce")
        sums = table.groupby(blocks["village_code"]).sum().reindex(codes).fillna(0.0)
    else:
        table = people[list(COUNTS)].astype(float)
        sums = table.groupby(codes.to_numpy()[people["village"].to_numpy(np.int64)]).sum().reindex(codes).fillna(0.0)
    for name in COUNTS[1:]:
        if name not in sums or sums[name].sum() == 0:
            sums[name] = 0.0
            if name in villages:
                sums[name] = pd.to_numeric(villages[name], errors="coerce").fillna(0.0).to_numpy(float)
    if "workload" not in sums:
        sums["workload"] = _village_work(villages, sums, incidents, options)
    if sums[options.measure].sum() == 0:
        sums[options.measure] = sums["households"]
    return pd.DataFrame(sums)


def _village_work(
    villages: gpd.GeoDataFrame, sums: pd.DataFrame, incidents: gpd.GeoDataFrame | None, options: PlanOptions
) -> Floats:
    """Give the workload of whole villages; the walk between homes as if they were spread evenly."""
    shapes = villages.geometry.to_numpy()
    points = None if incidents is None else incidents.geometry.to_numpy()
    return with_work(sums.reset_index(drop=True), shapes, points, options.profile)["workload"].to_numpy(float)


def balanced(stock: Stock, *, options: PlanOptions, problems: Problems) -> Floats:
    """Give what is balanced, by block; households stand in where the measure is missing everywhere, and it is said."""
    if np.nansum(stock.counts[options.measure].to_numpy(float)) == 0 and options.balance != "households":
        problems.add("balance-assumed", code=options.balance, measure=MEASURES[options.balance])
    return measured(stock, options=options)


def measured(stock: Stock, *, options: PlanOptions) -> Floats:
    """Give what is balanced, by block; households where the measure is missing everywhere."""
    values = stock.counts[options.measure].to_numpy(float)
    if np.nansum(values) == 0:
        values = stock.counts["households"].to_numpy(float)
    return np.asarray(np.nan_to_num(values), np.float64)


def hamlet_caps(
    villages: gpd.GeoDataFrame, hamlets: gpd.GeoDataFrame | None, *, options: PlanOptions
) -> Integers | None:
    """Give the most cells each village can have when whole hamlets are planned; None where nothing limits it."""
    if options.unit != "hamlet" or hamlets is None or len(hamlets) == 0:
        return None
    count = hamlets["village_code"].value_counts().reindex(villages["village_code"]).fillna(0).to_numpy(np.int64)
    return np.where(count > 0, count, 10**6)


@dataclass(frozen=True)
class Hamlets:
    """The hamlets of the planned villages in order of their id: shapes, whether each must stay whole, names, ids."""

    shapes: Geometries
    whole: Flags
    names: tuple[str, ...]
    ids: tuple[str, ...]


def hamlets_whole(
    villages: gpd.GeoDataFrame,
    hamlets: gpd.GeoDataFrame | None,
    people: gpd.GeoDataFrame,
    cells: Integers,
    *,
    options: PlanOptions,
) -> Hamlets:
    """Give the hamlets of villages and whether each must stay whole.

    A hamlet may be cut only in a village with fewer peopled hamlets than cells, and only where it holds more
    than a mean cell does.
    """
    if hamlets is None or len(hamlets) == 0:
        return Hamlets(np.empty(0, object), np.zeros(0, bool), (), ())
    hamlets = hamlets.sort_values("hamlet_id", kind="stable", ignore_index=True)
    village = pd.Index(villages["village_code"]).get_indexer(pd.Index(hamlets["village_code"]))
    hamlets, village = hamlets[village >= 0], village[village >= 0]
    names = (
        hamlets["hamlet"].where(hamlets["hamlet"].notna(), hamlets["hamlet_id"])
        if "hamlet" in hamlets
        else hamlets["hamlet_id"]
    )
    shapes, names, ids = hamlets.geometry.to_numpy(), tuple(names.astype(str)), tuple(hamlets["hamlet_id"].astype(str))
    if options.unit == "hamlet" or len(shapes) == 0:
        return Hamlets(shapes, np.ones(len(shapes), bool), names, ids)
    place, away = place_points(people.geometry.to_numpy(), shapes)
    load = people["households"].to_numpy(float)
    held = summed(place[away == 0], load[away == 0], len(shapes))
    count = summed(village, held > 0, len(villages))
    total = summed(people["village"].to_numpy(np.int64), load, len(villages))
    return Hamlets(shapes, (count >= cells)[village] | (held <= (total / cells)[village]), names, ids)


def cap_cells(
    cells: pd.Series[int], most: Integers | None, *, options: PlanOptions, problems: Problems
) -> pd.Series[int]:
    """Hold the numbers of cells to what whole hamlets allow; refuse where exact numbers were asked by village."""
    if most is None:
        return cells
    for code in cells.index[cells.to_numpy() > most]:
        made = int(most[cells.index.get_loc(code)])
        if options.cells_by is not None:
            raise InfeasibleError(
                f"村 {code} 只有 {made} 个村民小组，按小组分不出 {cells[code]} 个网格。"
                "请减少网格数，或改用 --unit block",
                f"village {code} has {made} hamlets, too few for {cells[code]} cells of whole hamlets: "
                "ask for fewer, or plan with --unit block",
            )
        problems.add("cells-fewer-than-asked", code=str(code), asked=int(cells[code]), made=made)
    return cells.clip(upper=pd.Series(most, cells.index))
