"""Why a village is over tolerance: what forces it, or how far the search came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

    A unit larger than a cell bounds the deviation from below by (unit - mean) / mean; a part that holds
    another load per cell than the village bounds it by that difference. Without either, the figure is the
    best the search found and no bound.
    """
    mean = max(float(case.units.sum()) / case.cells, 1e-12)
    unit_bound = float(case.units.max(initial=0)) / mean - 1
    loads = zip(case.part_loads, case.part_cells, strict=True)
    part_bound = max((abs(load / cells / mean - 1) for load, cells in loads if cells), default=0.0)
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
