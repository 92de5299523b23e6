"""What cameras really see: optics, views cut by footprints, what they cover at every level, and what none sees.

The names below are imported when they are first asked for: who only looks through cameras loads nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatial.coverage.blind import blind_areas
    from spatial.coverage.measure import Coverage, cover
    from spatial.coverage.state import CoverageOptions, CoverageState
    from spatial.coverage.whatif import WhatIf, what_if

__all__ = ["Coverage", "CoverageOptions", "CoverageState", "WhatIf", "blind_areas", "cover", "what_if"]

_HOMES = {
    "spatial.coverage.blind": ("blind_areas",),
    "spatial.coverage.measure": ("Coverage", "cover"),
    "spatial.coverage.state": ("CoverageOptions", "CoverageState"),
    "spatial.coverage.whatif": ("WhatIf", "what_if"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'spatial.coverage' has no attribute {name!r}")
