"""Plans: every village of a county into its cells, with the figures that prove them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial.crs import require_metres
from spatial.errors import InfeasibleError
from spatial.planning.allocation import allocate
from spatial.planning.blocks.borders import read_barriers
from spatial.planning.blocks.nodes import plain, with_nodes
from spatial.planning.blocks.order import order_of_shapes
from spatial.planning.blocks.people import reconcile
from spatial.planning.blocks.stock import Stock, block_frame, loaded_stock, made_stock
from spatial.planning.cells.assemble import Made, assembled
from spatial.planning.cells.coding import code_blocks
from spatial.planning.demand import (
    Hamlets,
    balanced,
    hamlets_whole,
    measured,
    people_in,
)
from spatial.planning.demand.hamlets_across import tell_hamlets_across
from spatial.planning.demand.loads import with_load
from spatial.planning.demand.locked import Locked, around_locked, locked_cells
from spatial.planning.demand.numbers import cells_asked, for_planned
from spatial.planning.demand.scope import Beside, Previous, beside, planned_rows
from spatial.planning.options import PlanOptions
from spatial.planning.splitting import Houses
from spatial.planning.tasks import Asked
from spatial.planning.verify import verify_plan
from spatial.problems import Problems
from spatial.sums import summed

if TYPE_CHECKING:
    from spatial.planning.blocks.borders import Barriers
    from spatial.planning.types import Floats, Geometries, Integers

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
    earlier: gpd.GeoDataFrame | None = None,
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
    earlier
        Blocks of all plans there are: nodes that they left in the villages stay there, but are put into no block that
        does not need them. So the same ground gives the same blocks, whatever was planned since.

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
    options = for_planned(options or PlanOptions(), villages)
    require_metres(villages, "villages")
    inputs = _Inputs(homes, buildings, barriers, hamlets, blocks, specials, incidents, earlier)
    return _plan(villages, inputs, previous, options, progress or _silent)


def _plan(
    villages: gpd.GeoDataFrame, inputs: _Inputs, previous: Previous | None, options: PlanOptions, tell: Progress
) -> Plan:
    problems = Problems()
    villages = villages.sort_values("village_code", kind="stable", ignore_index=True)
    shapes, idle = plain(
        villages.geometry.to_numpy(), None if inputs.earlier is None else inputs.earlier.geometry.to_numpy()
    )
    villages = _reshaped(villages, shapes)
    rows = planned_rows(villages, options.scope)
    planned = villages.iloc[rows].reset_index(drop=True)
    tell(0, 100, "统计住户", "counting households")
    everywhere = len(rows) == len(villages)
    people = people_in(
        planned, inputs.homes, inputs.buildings, blocks=inputs.blocks, all_planned=everywhere, problems=problems
    )
    locked = locked_cells(planned, previous)
    cells = _cells(planned, people, inputs, previous, options, problems, locked)
    tell(5, 100, "划分地块", "cutting blocks")
    if locked is not None:
        rows, cells = rows[~locked.whole], (cells - locked.basic)[~locked.whole]
        planned, people = around_locked(planned, people, locked)
        if planned.empty:
            raise InfeasibleError(
                "要规划的网格都已锁定，没有可划分的地。请先解锁",
                "all cells to be planned are locked: unlock some first",
            )
        inputs = inputs.beside(locked)
    around = beside(villages, rows, previous, locked=None if locked is None else locked.blocks)
    lines = read_barriers(inputs.barriers)
    hamlets = hamlets_whole(planned, inputs.hamlets, people, cells, options=options)
    stock = _stock(planned, cells, people, lines, inputs, hamlets, around.geometry, options, problems)
    stock = stock.noded(idle)
    counted = summed(stock.faces.village, stock.counts["households"], len(planned))
    reconcile(planned, counted, problems=problems)
    shared = allocate(
        stock,
        Asked(planned, cells, lines, None if previous is None else previous.cells, options),
        weight=balanced(stock, options=options, problems=problems),
        houses=_houses(people, hamlets, inputs, options),
        problems=problems,
        done=lambda done: tell(30 + 55 * done // max(len(planned), 1), 100, "均衡网格", "balancing cells"),
    )
    tell(85, 100, "编号与核对", "numbering and checking")
    stock, weight = shared.stock, measured(shared.stock, options=options)
    codes = code_blocks(stock, planned, shared.label, weight=weight, previous=previous)
    made = Made(stock, codes, weight, around, _beside_load(around, villages, inputs, options), inputs.specials)
    blocks, links, cells_made, noded = assembled(made, villages, planned, previous, options)
    noded = _reshaped(noded, with_nodes(noded.geometry.to_numpy(), idle.left))
    around_it = {name: getattr(inputs, name) for name in ("homes", "buildings", "barriers", "hamlets")}
    figures, found = verify_plan(noded, cells_made, **around_it)
    problems.extend(found)
    tell(100, 100, "完成", "done")
    return Plan(_with_parents(blocks, stock, planned), links, cells_made, noded, shared.certificates, problems, figures)


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
    earlier: gpd.GeoDataFrame | None

    def beside(self, locked: Locked) -> _Inputs:
        """Leave out the loaded blocks of locked cells."""
        if self.blocks is None:
            return self
        return replace(self, blocks=self.blocks[~self.blocks["block_id"].isin(locked.blocks["block_id"])])


def _beside_load(around: Beside, villages: gpd.GeoDataFrame, inputs: _Inputs, options: PlanOptions) -> Floats:
    """Give the balanced load of the blocks that are copied."""
    if around.blocks is None:
        return np.empty(0)
    here = villages[villages["village_code"].isin(around.blocks["village_code"])]
    loaded, _ = with_load(
        around.blocks, measure=options.balance, villages=here, homes=inputs.homes, buildings=inputs.buildings
    )
    return np.asarray(loaded["load"], np.float64)


def _reshaped(villages: gpd.GeoDataFrame, shapes: Geometries) -> gpd.GeoDataFrame:
    return villages.set_geometry(gpd.GeoSeries(shapes, index=villages.index, crs=villages.crs))


def _cells(
    planned: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame,
    inputs: _Inputs,
    previous: Previous | None,
    options: PlanOptions,
    problems: Problems,
    locked: Locked | None,
) -> Integers:
    return cells_asked(
        planned, people, inputs.hamlets, inputs.blocks, inputs.incidents, inputs.specials, previous=previous,
        locked=locked, options=options, problems=problems,
    )  # fmt: skip


def _stock(
    planned: gpd.GeoDataFrame,
    cells: Integers,
    people: gpd.GeoDataFrame,
    lines: Barriers,
    inputs: _Inputs,
    hamlets: Hamlets,
    others: Geometries,
    options: PlanOptions,
    problems: Problems,
) -> Stock:
    tell_hamlets_across(hamlets, lines, people, problems)
    specials = np.empty(0, object) if inputs.specials is None else inputs.specials.geometry.to_numpy()
    incidents = None if inputs.incidents is None else inputs.incidents.geometry.to_numpy()
    if inputs.blocks is not None and len(inputs.blocks):
        return loaded_stock(
            planned,
            inputs.blocks,
            people=people,
            hamlets=hamlets.shapes,
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
        hamlets=hamlets.shapes,
        whole=hamlets.whole,
        specials=specials,
        others=others,
        incidents=incidents,
        profile=options.profile,
        workers=options.workers,
    )


def _houses(people: gpd.GeoDataFrame, hamlets: Hamlets, inputs: _Inputs, options: PlanOptions) -> Houses:
    """Give the homes that blocks may be split between."""
    incidents = None if inputs.incidents is None else inputs.incidents.geometry.to_numpy()
    footprints = _sorted_shapes(inputs.buildings)
    return Houses(
        people, footprints, hamlets.shapes[hamlets.whole], hamlets.names, incidents, options.profile, options.measure
    )


def _with_parents(blocks: gpd.GeoDataFrame, stock: Stock, planned: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the blocks that were split, as they were: no row of plan_blocks names them, their children do."""
    if stock.parents is None:
        return blocks
    whole: gpd.GeoDataFrame = pd.concat([blocks, block_frame(stock.parents, planned)], ignore_index=True)
    return whole.sort_values("block_id", kind="stable", ignore_index=True)


def _sorted_shapes(frame: gpd.GeoDataFrame | None) -> Geometries:
    """Give footprints in an order that depends on nothing but themselves."""
    if frame is None or len(frame) == 0:
        return np.empty(0, object)
    shapes = frame.geometry.to_numpy()
    return np.asarray(shapes[order_of_shapes(shapes)])
