"""Says in words what a proposed camera would show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from spatial.arrays import Ints
    from spatial.siting.demand import Demand

__all__ = ["covers_text"]

_KINDS = {
    "place": ("处重点部位", "key place", "key places"),
    "junction": ("个路口", "junction", "junctions"),
    "entrance": ("个村口", "entrance", "entrances"),
    "cordon": ("个边界通道", "border crossing", "border crossings"),
}
_NOTABLE = 0.1  # a target counts as shown when a tenth of its ground is


def covers_text(demand: Demand, points: Ints, targets: pd.DataFrame, *, consent: bool = False) -> str:
    """Give a line such as ``2 个路口、340 米道路 · 2 junctions, 340 m of road``: what is newly seen.

    A target counts when at least a tenth of its ground is newly seen. `consent` adds that the spot needs consent.
    """
    kind, owner = demand.kind[points], demand.owner[points]
    shown = np.bincount(np.maximum(owner, 0), np.where(owner >= 0, demand.amount[points], 0.0), minlength=len(targets))
    names = targets["kind"].to_numpy()
    words = [
        (f"{count} {zh}", f"{count} {one if count == 1 else many}")
        for name, (zh, one, many) in _KINDS.items()
        if (count := int(((shown >= _NOTABLE) & (names == name)).sum()))
    ]
    metres = float(demand.amount[points][kind == "road"].sum())
    homes = float(demand.amount[points][kind == "home"].sum())
    words += [(f"{metres:.0f} 米道路", f"{metres:.0f} m of road")] if metres >= 1 else []
    words += [(f"附近 {homes:.0f} 户", f"near {homes:.0f} households")] if homes >= 1 else []
    words += [("须经同意", "needs consent")] if consent else []
    return " · ".join(("、".join(zh for zh, _ in words), ", ".join(en for _, en in words)))
