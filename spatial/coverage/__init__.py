"""What cameras really see: optics, views cut by footprints, what they cover at every level, and what none sees."""

from __future__ import annotations

from spatial.coverage.cover import Coverage, CoverageOptions, CoverageState, cover
from spatial.coverage.whatif import WhatIf, what_if

__all__ = ["Coverage", "CoverageOptions", "CoverageState", "WhatIf", "cover", "what_if"]
