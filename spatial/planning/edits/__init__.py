"""Edits by hand of one village, with the guarantees of a plan: no gap, no overlap, no second piece unless told.

Every edit takes a `PlanState` and gives an `Edit`; the state stays as it was. What cannot be had is refused with
`InfeasibleError`, what a planner should look at comes with the edit as problems.
"""

from __future__ import annotations

from spatial.planning.edits.borders import move_border
from spatial.planning.edits.lines import split_by_line
from spatial.planning.edits.moves import merge, move_blocks
from spatial.planning.edits.names import lock, remark, rename, set_special, unlock
from spatial.planning.edits.rebalance import rebalance
from spatial.planning.edits.state import Edit, PlanState

__all__ = [
    "Edit",
    "PlanState",
    "lock",
    "merge",
    "move_blocks",
    "move_border",
    "rebalance",
    "remark",
    "rename",
    "set_special",
    "split_by_line",
    "unlock",
]
