"""The work that households make: visits a year, with optional terms for land, party members, incidents and walking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from spatial.planning.profiles import Profile
    from spatial.planning.types import Floats

__all__ = ["walked_m", "workload"]

_TOUR = 0.7124
"""Length of the shortest tour through n points spread over an area A: about 0.7124 sqrt(n A) (Beardwood, Halton and
Hammersley 1959, doi:10.1017/S0305004100034095; the constant as measured by Johnson, McGeoch and Rothberg 1996)."""


def workload(counts: pd.DataFrame, area_m2: Floats, profile: Profile) -> pd.Series[float]:
    """Give visits a year by row: ordinary and special households, and what else the profile weighs.

    `counts` has households, special and, where known, party_members and incidents; what is missing counts as 0.
    """
    households = _numbers(counts, "households")
    special = _numbers(counts, "special").clip(upper=households)
    load = profile.ordinary_visits * (households - special) + profile.special_visits * special
    load = load + profile.visits_per_km2 * area_m2 / 1e6
    load = load + profile.visits_per_party_member * _numbers(counts, "party_members")
    load = load + profile.visits_per_incident * _numbers(counts, "incidents")
    walks = profile.ordinary_visits * walked_m(np.asarray(households, np.float64), area_m2) / 1000
    answer: pd.Series[float] = load + profile.visits_per_walked_km * walks
    return answer


def walked_m(households: Floats, area_m2: Floats) -> Floats:
    """Estimate the metres walked to call on every household of an area once.

    >>> walked_m(np.array([100.0]), np.array([1e6])).round().tolist()
    [7124.0]
    """
    return _TOUR * np.sqrt(np.maximum(households, 0) * area_m2)


def _numbers(counts: pd.DataFrame, name: str) -> pd.Series[float]:
    if name not in counts:
        return pd.Series(0.0, index=counts.index)
    values: pd.Series[float] = pd.to_numeric(counts[name], errors="coerce").astype(float).fillna(0.0)
    return values
