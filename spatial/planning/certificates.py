"""Why a village is over tolerance: what forces it, or how far the search came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Floats

__all__ = ["Case", "certificate"]


@dataclass(frozen=True)
class Case:
    """One village's figures: the loads of its units, its cells, its parts (their loads and cells), the search."""

    village_code: str
    units: Floats
    cells: int
    part_loads: Floats
    part_cells: Floats
    deviation_share: float
    starts: int
    steps: int


def certificate(case: Case) -> dict[str, Any]:
    """Explain a village over tolerance: `kind`, `bound_share`, and the remedy in both languages.

    A unit larger than a cell bounds the deviation from below by (unit - mean) / mean; parts that each take a
    whole number of cells bound it by the best way of sharing the cells out among them. Without either, the
    figure is the best the search found and no bound.
    """
    mean = max(float(case.units.sum()) / case.cells, 1e-12)
    unit_bound = float(case.units.max(initial=0)) / mean - 1
    part_bound = _part_bound(case.part_loads[case.part_cells > 0] / mean, case.cells)
    if unit_bound > 0 and unit_bound >= part_bound:
        kind, bound = "block-larger-than-cell", unit_bound
        zh = (
            f"有一个地块（或不可分的楼、村民小组）超过一个网格的平均数 {unit_bound:.0%}。请减少该村网格数，或拆分该地块"
        )
        en = (
            f"one block, building or hamlet holds {unit_bound:.0%} more than a mean cell: "
            "ask for fewer cells, or split it"
        )
    elif part_bound > 0.5 * case.deviation_share:
        kind, bound = "parts", part_bound
        zh = (
            f"飞地或河流、铁路、高速公路把村分成 {len(case.part_loads)} 部分，各部分只能取整数个网格。"
            "有桥请标 bridge，或改网格数"
        )
        en = (
            f"exclaves, rivers, railways or motorways leave {len(case.part_loads)} parts, each with a whole number of "
            "cells: mark bridges, or ask for another number"
        )
    else:
        kind, bound = "best-found", case.deviation_share
        zh = f"{case.starts} 次起步、每次 {case.steps} 步所得的最好结果，不是下界。可放宽容差或改网格数"
        en = (
            f"the best of {case.starts} starts of {case.steps} steps, not a bound: "
            "widen the tolerance, or change the number"
        )
    remedy = f"{zh} · {en}"
    return {
        "village_code": case.village_code,
        "kind": kind,
        "bound_share": round(bound, 6),
        "remedy": remedy,
        "remedy_zh": zh,
        "remedy_en": en,
    }


def _part_bound(loads: Floats, cells: int) -> float:
    """Bound the largest deviation from below, for parts whose loads are given in mean cells.

    A part of load L in k cells holds a cell at least abs(L / k - 1) off. The bound is the least t for which every
    part finds a whole k within t and the counts can add up to `cells`, whichever way they are shared out.
    """
    if len(loads) < 2:
        return 0.0
    tries = np.unique(np.abs(loads[:, None] / np.arange(1, cells + 1) - 1))
    for share in tries:
        fewest = np.maximum(np.ceil(loads / (1 + share) - 1e-9), 1)
        most = np.full(len(loads), float(cells)) if share >= 1 else np.floor(loads / (1 - share) + 1e-9)
        if (fewest <= most).all() and fewest.sum() <= cells <= most.sum():
            return float(share)
    return float(tries[-1])
