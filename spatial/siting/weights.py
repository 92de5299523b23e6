"""What it is worth to see something: one table of weights for ranking blind areas and for siting cameras.

The weights are a convention of this program, in points: a school gate is worth three junctions, a
junction as much as 500 m of road or the open land of 100 households. They follow the working
order 围、连、补 of police planning: mouths and key places first, then roads, then the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from spatial.arrays import Floats

__all__ = ["Weights", "target_weights"]


@dataclass(frozen=True)
class Weights:
    """Points for each thing that is seen."""

    place: tuple[float, float, float] = (30.0, 20.0, 10.0)  # by priority 1, 2, 3
    junction: float = 10.0
    entrance: float = 10.0
    cordon: tuple[float, float, float] = (20.0, 15.0, 10.0)  # county, town, village border
    road_m: float = 0.02
    household: float = 0.1
    open_m2: float = 0.0005


_LEVELS = {"county": 0, "town": 1, "village": 2}


def target_weights(targets: pd.DataFrame, weights: Weights) -> Floats:
    """Give the points of every disc of `spatial.coverage.targets.targets`."""
    kind = targets["kind"].to_numpy()
    priority = np.clip(targets["priority"].to_numpy(dtype=int), 1, 3) - 1
    level = np.array([_LEVELS.get(name, 2) for name in targets["level"]], dtype=int)
    answer: Floats = np.array(weights.place)[priority]
    answer[kind == "junction"] = weights.junction
    answer[kind == "entrance"] = weights.entrance
    gates = kind == "cordon"
    answer[gates] = np.array(weights.cordon)[level[gates]]
    return answer
