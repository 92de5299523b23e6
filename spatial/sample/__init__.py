"""A sample county from nothing but a seed, an outline and code tables; labelled as a sample wherever it is shown."""

from __future__ import annotations

from spatial.sample.county import SampleCounty, sample_county

__all__ = ["SampleCounty", "sample_county"]
