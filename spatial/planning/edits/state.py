"""What an edit starts from and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from spatial.problems import Problems

__all__ = ["CHANGED", "Edit", "PlanState"]


CHANGED = ["cell_code", "name", "old", "new"]
"""Columns of `Edit.changed`."""


@dataclass(frozen=True)
class PlanState:
    """One village of a plan, in metres: its blocks, their cells, and the column of blocks that is balanced.

    The other layers are optional and may hold more than the village: with `barriers` a line snaps and crossings
    are said, with `buildings` and `hamlets` none is cut, with `homes` the blocks that a line cuts are counted
    again. `used_codes` are all codes the village ever used; none of them is given to a new cell.
    """

    blocks: gpd.GeoDataFrame
    plan_blocks: pd.DataFrame
    cells: gpd.GeoDataFrame
    measure: str = "households"
    barriers: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    hamlets: gpd.GeoDataFrame | None = None
    homes: gpd.GeoDataFrame | None = None
    tolerance: float = 0.05
    used_codes: frozenset[str] = frozenset()

    @property
    def plan(self) -> str:
        """Name of the plan."""
        return str(self.plan_blocks["plan"].iloc[0])

    def every_code(self, more: Iterable[str] = ()) -> set[str]:
        """Give all codes that a new cell must not take."""
        return {*self.used_codes, *more, *self.cells["cell_code"]}


@dataclass(frozen=True)
class Edit:
    """What an edit changes: plan_blocks rows before and after, the village's cells now, codes, households.

    `cells` holds every cell of the village (deviations follow the village's mean); `households` gives, by
    code, the count before and after of the cells whose blocks changed (None: no such cell). `blocks` are new
    blocks, children of those that a line cut. `changed` lists attributes (cell_code, name, old, new).
    Taking an edit back means: remove the rows of `after`, put those of `before` and the `old` values back.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    cells: gpd.GeoDataFrame
    retired: tuple[str, ...]
    created: tuple[str, ...]
    households: dict[str, tuple[float | None, float | None]]
    problems: Problems
    blocks: gpd.GeoDataFrame
    changed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CHANGED, dtype=object))
