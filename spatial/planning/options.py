"""What a plan is asked for, in one frozen record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from spatial.errors import InfeasibleError
from spatial.planning.profiles import Profile, default_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEASURES", "Balance", "PlanOptions"]

Balance = Literal["households", "occupied", "residents", "workload"]
MEASURES: dict[str, str] = {
    "households": "households",
    "occupied": "occupied_households",
    "residents": "residents",
    "workload": "workload",
}
"""What may be balanced, and the column that holds it."""


@dataclass(frozen=True)
class PlanOptions:
    """How many cells, what they balance, and what steers the search.

    At most one of `households` (per cell), `cells` (in all) and `cells_by` (per village) may be given; with
    none the profile decides. `keep` is the share of households that stay in their earlier cell. `start_date`
    is written on new cells. `barriers` is what borders along barriers are worth against compact cells, in place of the
    profile's `barrier_weight`. `split_blocks` lets a village over tolerance have blocks split between homes: None means
    those made here, but none that the user loaded. `workers` never changes a result.
    """

    households: float | None = None
    cells: int | None = None
    cells_by: Mapping[str, int] | None = None
    balance: Balance = "households"
    tolerance: float = 0.05
    unit: Literal["block", "hamlet"] = "block"
    profile: Profile = field(default_factory=default_profile)
    scope: tuple[str, ...] = ()
    keep: float | None = None
    split_blocks: bool | None = None
    name: str = "plan"
    seed: int = 0
    start_date: str = ""
    workers: int | None = None
    barriers: float | None = None

    def __post_init__(self) -> None:
        asked = [name for name in ("households", "cells", "cells_by") if getattr(self, name) is not None]
        if len(asked) > 1:
            raise InfeasibleError(
                f"{'、'.join(asked)} 只能给一个：它们都在定网格数",
                f"give one of {', '.join(asked)}: each sets the number of cells",
            )
        if self.households is not None and not self.households > 0:
            raise InfeasibleError(
                f"每个网格的户数要大于 0，现在是 {self.households}",
                f"households per cell must be above 0, not {self.households}",
            )
        if not 0 <= self.tolerance < 1:
            raise InfeasibleError(
                f"容差要在 0 和 1 之间，现在是 {self.tolerance}",
                f"the tolerance must lie from 0 to 1, not {self.tolerance}",
            )
        if self.keep is not None and not 0 <= self.keep <= 1:
            raise InfeasibleError(
                f"保留比例要在 0 和 1 之间，现在是 {self.keep}",
                f"the share to keep must lie from 0 to 1, not {self.keep}",
            )
        if self.barriers is not None and not 0 <= self.barriers <= 100:
            raise InfeasibleError(
                f"沿路沿河的权重要在 0 和 100 之间，现在是 {self.barriers}",
                f"the weight of barriers must lie from 0 to 100, not {self.barriers}",
            )
        if self.balance not in MEASURES:
            raise InfeasibleError(
                f"不能按 {self.balance} 均衡，可选：{'、'.join(MEASURES)}",
                f"cannot balance {self.balance}; choose one of {', '.join(MEASURES)}",
            )

    @property
    def measure(self) -> str:
        """Column that is balanced."""
        return MEASURES[self.balance]

    @property
    def barrier_weight(self) -> float:
        """What borders along barriers are worth: as asked for, else as the profile says."""
        return self.profile.barrier_weight if self.barriers is None else self.barriers
