"""What plans and camera lists are held to, rule by rule, as problems."""

from __future__ import annotations

from spatial.rules.cameras import check_cameras
from spatial.rules.plan import check_plan

__all__ = ["check_cameras", "check_plan"]
