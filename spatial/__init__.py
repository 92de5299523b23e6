"""Geometry and arithmetic of grids and cameras: frames in, frames out, metres throughout.

No file, clock, database, web page or global random number is touched in here. The names below are the public
face; each is imported when it is first asked for, so that `spatial.errors` costs nothing.

>>> from spatial import PlanOptions, plan_cells
>>> PlanOptions(households=400).tolerance
0.05
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatial.coverage import CoverageOptions, cover
    from spatial.crs import MetreDoor, measuring_crs
    from spatial.people import assign_contacts, assign_members, micro_cells
    from spatial.planning import PlanOptions, plan_cells
    from spatial.planning.compare import compare_plans
    from spatial.planning.edits import merge, move_blocks, split_by_line
    from spatial.planning.verify import verify_plan
    from spatial.rules import check_cameras, check_plan
    from spatial.sample import sample_county
    from spatial.schema import check_frame
    from spatial.siting import SiteOptions, maximal_cover, minimal_cover, site_cameras

__all__ = [
    "CoverageOptions", "MetreDoor", "PlanOptions", "SiteOptions", "assign_contacts", "assign_members", "check_cameras",
    "check_frame", "check_plan", "compare_plans", "cover", "maximal_cover", "measuring_crs", "merge", "micro_cells",
    "minimal_cover", "move_blocks", "plan_cells", "sample_county", "site_cameras", "split_by_line", "verify_plan",
]  # fmt: skip

_HOMES = {
    "spatial.coverage": ("CoverageOptions", "cover"),
    "spatial.crs": ("MetreDoor", "measuring_crs"),
    "spatial.people": ("assign_contacts", "assign_members", "micro_cells"),
    "spatial.planning": ("PlanOptions", "plan_cells"),
    "spatial.planning.compare": ("compare_plans",),
    "spatial.planning.edits": ("merge", "move_blocks", "split_by_line"),
    "spatial.planning.verify": ("verify_plan",),
    "spatial.rules": ("check_cameras", "check_plan"),
    "spatial.sample": ("sample_county",),
    "spatial.schema": ("check_frame",),
    "spatial.siting": ("SiteOptions", "maximal_cover", "minimal_cover", "site_cameras"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'spatial' has no attribute {name!r}")
