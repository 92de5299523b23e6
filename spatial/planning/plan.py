"""Plans: every village of a county into its cells, with the figures that prove them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.crs import require_metres
from spatial.planning.allocation import allocate
from spatial.planning.blocks.borders import read_barriers
from spatial.planning.blocks.nodes import without_idle_nodes
from spatial.planning.blocks.people import reconcile
from spatial.planning.blocks.stock import Stock, block_frame, loaded_stock, made_stock
from spatial.planning.blocks.sums import summed
from spatial.planning.cells import cells_from
from spatial.planning.coding import code_blocks
from spatial.planning.demand import balanced, cap_cells, hamlet_caps, hamlets_whole, people_in, village_weights
from spatial.planning.options import PlanOptions
from spatial.planning.scope import Beside, Previous, beside, noded_villages, planned_rows
from spatial.planning.sizing import cells_needed
from spatial.planning.verify import verify_plan
from spatial.problems import Problems

if TYPE_CHECKING:
    from spatial.planning.blocks.borders import Barriers
    from spatial.planning.blocks.types import Floats, Geometries, Integers

__all__ = ["Plan", "Previous", "Progress", "plan_cells"]


class Progress(Protocol):
    """Told how far the work is: steps done of all, and what is being done, in both languages."""

    def __call__(self, done: int, total: int, zh: str, en: str, /) -> None:
        """Hear of one step."""


@dataclass(frozen=True)
class Plan:
    """A plan in metres: blocks, their cells, the villages with new border nodes, and what is to be said of it."""

    blocks: gpd.GeoDataFrame
    plan_blocks: pd.DataFrame
    cells: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    certificates: list[dict[str, Any]]
    problems: Problems
    figures: dict[str, Any]


def plan_cells(
    villages: gpd.GeoDataFrame,
    *,
    homes: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    hamlets: gpd.GeoDataFrame | None = None,
    blocks: gpd.GeoDataFrame | None = None,
    specials: gpd.GeoDataFrame | None = None,
    incidents: gpd.GeoDataFrame | None = None,
    previous: Previous | None = None,
    options: PlanOptions | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Split villages into contiguous, compact, balanced cells that tile them and cut no building.

    All frames are in one metric CRS, with the columns of their layers; the villages are a valid coverage.

    Parameters
    ----------
    blocks
        Blocks that the user loaded; villages that have some are planned from them as they are.
    specials
        Areas with a `name` that become special cells (codes from 901) and are not counted in the asked number.
    incidents
        Points that a profile may weigh as work.
    previous
        An earlier plan: planning starts from its cells and kept cells keep their codes. With a scope, the
        other villages' cells are copied unchanged.

    Returns
    -------
    Plan
        The same for the same input and seed, in any order of rows and on any number of workers.

    Raises
    ------
    InfeasibleError
        Fewer cells than villages, an unknown scope, or a village that cannot be cut into so many cells.
    CrsError
        A frame is not in metres.
    """
    options = options or PlanOptions()
    require_metres(villages, "villages")
    inputs = _Inputs(homes, buildings, barriers, hamlets, blocks, specials, incidents)
    return _plan(villages, inputs, previous, options, progress or _silent)


def _plan(
    villages: gpd.GeoDataFrame, inputs: _Inputs, previous: Previous | None, options: PlanOptions, tell: Progress
) -> Plan:
    problems = Problems()
    corners = shapely.get_coordinates(villages.geometry.to_numpy())
    villages, nodes = _plain(villages.sort_values("village_code", kind="stable", ignore_index=True))
    rows = planned_rows(villages, options.scope)
    planned = villages.iloc[rows].reset_index(drop=True)
    tell(0, 100, "统计住户", "counting households")
    everywhere = len(rows) == len(villages)
    people = people_in(
        planned, inputs.homes, inputs.buildings, blocks=inputs.blocks, all_planned=everywhere, problems=problems
    )
    cells = _cells(planned, people, inputs, options, problems)
    tell(5, 100, "划分地块", "cutting blocks")
    around = beside(villages, rows, previous)
    lines = read_barriers(inputs.barriers)
    stock = _stock(planned, cells, people, lines, inputs, around.geometry, options, problems)
    stock = stock.noded(nodes, corners)
    counted = summed(stock.faces.village, stock.counts["households"], len(planned))
    reconcile(planned, counted, problems=problems)
    weight = balanced(stock, options=options, problems=problems)
    label, certificates = allocate(
        stock,
        planned,
        cells,
        weight=weight,
        barriers=lines,
        earlier=None if previous is None else previous.cells,
        options=options,
        problems=problems,
        done=lambda done: tell(30 + 55 * done // max(len(planned), 1), 100, "均衡网格", "balancing cells"),
    )
    tell(85, 100, "编号与核对", "numbering and checking")
    codes = code_blocks(stock, planned, label, weight=weight, previous=previous)
    made = _Made(stock, codes, weight, around, inputs.specials)
    blocks, links, shapes, noded = _assembled(made, villages, planned, previous, options)
    figures, found = verify_plan(
        noded,
        shapes,
        homes=inputs.homes,
        buildings=inputs.buildings,
        barriers=inputs.barriers,
        hamlets=inputs.hamlets,
    )
    problems.extend(found)
    tell(100, 100, "完成", "done")
    return Plan(blocks, links, shapes, noded, certificates, problems, figures)


def _silent(done: int, total: int, zh: str, en: str, /) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class _Inputs:
    """What was loaded besides the villages."""

    homes: gpd.GeoDataFrame | None
    buildings: gpd.GeoDataFrame | None
    barriers: gpd.GeoDataFrame | None
    hamlets: gpd.GeoDataFrame | None
    blocks: gpd.GeoDataFrame | None
    specials: gpd.GeoDataFrame | None
    incidents: gpd.GeoDataFrame | None


@dataclass(frozen=True)
class _Made:
    """Blocks with their codes and what lies beside them."""

    stock: Stock
    codes: list[str]
    weight: Floats
    around: Beside
    specials: gpd.GeoDataFrame | None


def _plain(villages: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Floats]:
    """Leave out what bends no border, so that the same ground gives the same blocks; gives those nodes too."""
    shapes, nodes = without_idle_nodes(villages.geometry.to_numpy())
    return villages.set_geometry(gpd.GeoSeries(shapely.normalize(shapes), crs=villages.crs)), nodes


def _cells(
    planned: gpd.GeoDataFrame, people: gpd.GeoDataFrame, inputs: _Inputs, options: PlanOptions, problems: Problems
) -> Integers:
    """Give the number of basic cells of each planned village."""
    most = hamlet_caps(planned, inputs.hamlets, options=options)
    weights = village_weights(planned, people, inputs.blocks, incidents=inputs.incidents, options=options)
    needed = cells_needed(planned, weights, options=options, most=most)
    return cap_cells(needed, most, options=options, problems=problems).to_numpy().astype(np.int64)


def _stock(
    planned: gpd.GeoDataFrame,
    cells: Integers,
    people: gpd.GeoDataFrame,
    lines: Barriers,
    inputs: _Inputs,
    others: Geometries,
    options: PlanOptions,
    problems: Problems,
) -> Stock:
    hamlets, whole = hamlets_whole(planned, inputs.hamlets, people, cells, options=options)
    specials = np.empty(0, object) if inputs.specials is None else inputs.specials.geometry.to_numpy()
    incidents = None if inputs.incidents is None else inputs.incidents.geometry.to_numpy()
    if inputs.blocks is not None and len(inputs.blocks):
        return loaded_stock(
            planned,
            inputs.blocks,
            people=people,
            hamlets=hamlets,
            specials=specials,
            others=others,
            incidents=incidents,
            profile=options.profile,
            problems=problems,
        )
    return made_stock(
        planned,
        cells,
        people=people,
        barriers=lines,
        buildings=_sorted_shapes(inputs.buildings),
        hamlets=hamlets,
        whole=whole,
        specials=specials,
        others=others,
        incidents=incidents,
        profile=options.profile,
        workers=options.workers,
    )


def _sorted_shapes(frame: gpd.GeoDataFrame | None) -> Geometries:
    """Give footprints in an order that depends on nothing but themselves."""
    if frame is None or len(frame) == 0:
        return np.empty(0, object)
    shapes = frame.geometry.to_numpy()
    return np.asarray(shapes[np.argsort(shapely.to_wkb(shapes).astype(bytes), kind="stable")])


def _assembled(
    made: _Made, villages: gpd.GeoDataFrame, planned: gpd.GeoDataFrame, previous: Previous | None, options: PlanOptions
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Put blocks, plan_blocks, cells and noded villages together, with what is copied from the earlier plan."""
    stock, around = made.stock, made.around
    blocks = block_frame(stock, planned)
    links = pd.DataFrame({"plan": options.name, "block_id": stock.block_id, "cell_code": made.codes})
    # The balanced load travels as a column of its own: not every measure is a column of the layer.
    loaded = blocks.assign(_load=made.weight)
    noded = stock.others[len(around.rows) :]
    if around.blocks is not None and previous is not None and len(around.blocks):
        kept = around.blocks.set_geometry(gpd.GeoSeries(noded, crs=blocks.crs))
        kept = kept.reindex(columns=blocks.columns)
        old = previous.plan_blocks[previous.plan_blocks["block_id"].isin(kept["block_id"])]
        links = pd.concat([links, old.assign(plan=options.name)[links.columns]], ignore_index=True)
        loaded = pd.concat([loaded, kept.assign(_load=pd.to_numeric(kept["households"]))], ignore_index=True)
        blocks = loaded.drop(columns="_load")
    cells = cells_from(
        links,
        loaded,
        villages,
        measure="_load",
        plan=options.name,
        start_date=options.start_date,
        previous=None if previous is None else previous.cells,
    )
    cells = _named(cells, made, previous, set(planned["village_code"]))
    links = links.sort_values("block_id", kind="stable", ignore_index=True)
    blocks = blocks.sort_values("block_id", kind="stable", ignore_index=True)
    return blocks, links, cells, noded_villages(villages, blocks, around.rows, stock.others)


def _named(cells: gpd.GeoDataFrame, made: _Made, previous: Previous | None, planned: set[str]) -> gpd.GeoDataFrame:
    """Name special cells after their areas, and copy what an earlier plan says of villages out of scope."""
    cells = cells.copy()
    if made.specials is not None and len(made.specials) and "name" in made.specials:
        names = made.specials["name"].to_numpy(dtype=object)
        own = dict(zip(made.codes, made.stock.faces.special, strict=True))
        cells["cell"] = [
            names[own[code]] if own.get(code, -1) >= 0 else name
            for code, name in zip(cells["cell_code"], cells["cell"], strict=True)
        ]
    if previous is not None:
        earlier = previous.cells.set_index("cell_code")["deviation_share"]
        copied = ~cells["village_code"].isin(planned) & cells["cell_code"].isin(earlier.index)
        cells.loc[copied, "deviation_share"] = earlier.reindex(cells.loc[copied, "cell_code"]).to_numpy()
    return cells
