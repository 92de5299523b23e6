"""The ground of a county as a raster of squares: what is of interest there, and how many cameras see it."""

from spatial.coverage.ground.laid import (
    COVERED_SHARE,
    Ground,
    Lens,
    Tally,
    count,
    discs_covered,
    lay,
    look,
    seen_samples,
    tiles_under,
)

__all__ = [
    "COVERED_SHARE",
    "Ground",
    "Lens",
    "Tally",
    "count",
    "discs_covered",
    "lay",
    "look",
    "seen_samples",
    "tiles_under",
]
