"""Villages into basic cells: blocks, how many cells, partition, numbering, proof, and edits by hand."""

from __future__ import annotations

from spatial.planning.options import PlanOptions
from spatial.planning.plan import Plan, Previous, plan_cells

__all__ = ["Plan", "PlanOptions", "Previous", "plan_cells"]
