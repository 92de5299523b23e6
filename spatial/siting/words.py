"""Says in words what a proposed camera would show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from spatial.arrays import Ints
    from spatial.siting.demand import Demand

__all__ = ["covers_text"]

_KINDS = {"place": "重点部位", "junction": "路口", "entrance": "村口", "cordon": "卡口"}
_NOTABLE = 0.1  # a target counts as shown when a tenth of its ground is


def covers_text(demand: Demand, points: Ints, targets: pd.DataFrame, *, consent: bool = False) -> str:
    """Give a line such as ``1 重点部位、2 路口、340 米道路、25 户附近``: what is newly seen.

    A target counts when at least a tenth of its ground is newly seen. `consent` adds that the spot needs consent.
    """
    kind, owner = demand.kind[points], demand.owner[points]
    shown = np.bincount(np.maximum(owner, 0), np.where(owner >= 0, demand.amount[points], 0.0), minlength=len(targets))
    names = targets["kind"].to_numpy()
    words = [
        f"{count} {word}"
        for name, word in _KINDS.items()
        if (count := int(((shown >= _NOTABLE) & (names == name)).sum()))
    ]
    metres = float(demand.amount[points][kind == "road"].sum())
    homes = float(demand.amount[points][kind == "home"].sum())
    words += [f"{metres:.0f} 米道路"] if metres >= 1 else []
    words += [f"{homes:.0f} 户附近"] if homes >= 1 else []
    words += ["须经同意"] if consent else []
    return "、".join(words)
