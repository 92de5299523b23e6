"""What cameras really see: optics, views cut by footprints, what they cover at every level, and what none sees."""

from __future__ import annotations

from spatial.coverage.cover import Coverage, CoverageOptions, CoverageState, cover

__all__ = ["Coverage", "CoverageOptions", "CoverageState", "cover"]
