"""What plans and camera lists are held to, rule by rule, as problems.

The names are imported when they are first asked for: whoever holds a cell to a river needs no camera.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatial.rules.cameras import check_cameras
    from spatial.rules.plan import check_plan

__all__ = ["check_cameras", "check_plan"]

_HOMES = {
    "spatial.rules.cameras": ("check_cameras",),
    "spatial.rules.plan": ("check_plan",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'spatial.rules' has no attribute {name!r}")
