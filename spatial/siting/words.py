"""Says in words what a proposed camera would show, and why it would stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.ground.targets import FEWEST_TOLD, KIND_WORDS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatial.arrays import Geometries, Ints
    from spatial.siting.demand import Demand

__all__ = ["Said", "covers_text", "stands_text"]

Said = tuple[str, str]
"""The same in Chinese and in English."""

_NOTABLE = 0.1  # a target counts as shown when a tenth of its ground is
_STANDS = {
    "pole": ("挂现有杆 {pole}", "on pole {pole}"),
    "junction": ("立新杆于看不见的路口", "new pole at an unseen junction"),
    "place": ("立新杆于看不见的部位", "new pole at an unseen place"),
    "around": ("立新杆于看不见的部位旁", "new pole beside an unseen place"),
    "road": ("立新杆于看不见的路段", "new pole on an unseen road"),
}


def covers_text(demand: Demand, points: Ints, targets: pd.DataFrame, places: gpd.GeoDataFrame | None = None) -> Said:
    """Say what is newly seen: ``1 所学校、2 个路口、340 米道路``, ``1 school, 2 junctions, 340 m of road``.

    A target counts when at least a tenth of its ground is newly seen; incidents are told from five on. Places are
    named by their kind where it is in the list of `places` and one of the common ones.
    """
    kind, owner = demand.kind[points], demand.owner[points]
    shown = np.bincount(np.maximum(owner, 0), np.where(owner >= 0, demand.amount[points], 0.0), minlength=len(targets))
    names = _names(targets, np.flatnonzero(shown >= _NOTABLE), places)
    words = [
        (f"{count} {zh}", f"{count} {one if count == 1 else many}")
        for name, (zh, one, many) in KIND_WORDS.items()
        if (count := int((names == name).sum()))
    ]
    metres = float(demand.amount[points][kind == "road"].sum())
    homes = float(demand.amount[points][kind == "home"].sum())
    words += [(f"{metres:.0f} 米道路", f"{metres:.0f} m of road")] if metres >= 1 else []
    words += [(f"附近 {homes:.0f} 户", f"near {homes:.0f} households")] if homes >= 1 else []
    known = float(demand.amount[points][kind == "incident"].sum())
    words += [(f"{known:.0f} 起警情", f"{known:.0f} incidents")] if known >= FEWEST_TOLD else []
    return _both(words)


def stands_text(origin: str, *, pole: str | None, zone: str | None) -> Said:
    """Say why a camera stands where it does, and whose consent it needs."""
    zh, en = _STANDS[origin]
    words = [(zh.format(pole=pole), en.format(pole=pole))]
    words += [(f"须经同意（{zone}）", f"needs consent ({zone})")] if zone else []
    return _both(words)


def _names(targets: pd.DataFrame, rows: Ints, places: gpd.GeoDataFrame | None) -> Geometries:
    """Name the kind of some targets: that of the place where it has a word of its own."""
    names: Geometries = targets["kind"].to_numpy(dtype=object)[rows]
    if places is None or "kind" not in places.columns:
        return names
    known = places.set_index("place_id")["kind"].reindex(targets["code"].to_numpy()[rows]).to_numpy(dtype=object)
    own = (names == "place") & np.array([name in KIND_WORDS for name in known], dtype=bool)
    return np.where(own, known, names)


def _both(words: list[tuple[str, str]]) -> Said:
    return "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)
