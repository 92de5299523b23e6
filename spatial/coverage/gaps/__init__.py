"""Blind areas: what they hide, how they are drawn, why nothing sees them and what would end them."""

from spatial.coverage.gaps.ranked import land_gaps, ranked_gaps, target_gaps

__all__ = ["land_gaps", "ranked_gaps", "target_gaps"]
