"""Why a village is over tolerance: what forces it, by how much, and what would help; or how far the search came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatial.planning.bounds import coarse_bound, part_bound, pocket_bound, whole_bound

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Floats, Integers

__all__ = ["Case", "certificate"]

_FAR = 3
"""How many cells more or fewer are tried for a remedy."""


@dataclass(frozen=True)
class Case:
    """One village: the loads of its units, its cells, its parts (loads, cells), what was reached, and the search.

    `names` name the units, `pairs` are the borders between them that a cell may cross; without them nothing is said
    of single blocks or of pockets. `label` is the cell of each unit, and `proven` means that no
    plan with these parts is more even.
    """

    village_code: str
    units: Floats
    cells: int
    part_loads: Floats
    part_cells: Floats
    deviation_share: float
    starts: int
    steps: int
    tolerance: float = 0.05
    names: tuple[str, ...] = ()
    pairs: Integers | None = None
    proven: bool = False
    label: Integers | None = None


def certificate(case: Case) -> dict[str, Any]:
    """Explain a village over tolerance: `kind`, `bound_share`, and the remedy in both languages.

    A unit larger than a cell, parts that each take a whole number of cells, a pocket behind a unit that everything
    must pass, and whole households each bound the deviation from below; the largest bound is given where it explains
    the deviation. Without one, the figure is the best the search found: proven where all plans were gone through, else
    no bound.
    """
    mean = max(float(case.units.sum()) / case.cells, 1e-12)
    bounds = _bounds(case, case.cells)
    if case.pairs is not None and case.label is not None and len(case.pairs):
        bounds["indivisible"] = coarse_bound(case.units / mean, case.pairs, case.label, case.cells)
    kind = max(bounds, key=lambda name: bounds[name])
    bound = bounds[kind]
    if case.proven or (kind == "indivisible" and bound >= case.deviation_share - 1e-6):
        kind, bound = "proven-best", case.deviation_share
    elif bound <= 0 or (bound < 0.5 * case.deviation_share and kind != "block-larger-than-cell"):
        kind, bound = "best-found", case.deviation_share
    zh, en = _WORDS[kind](case, bound, mean)
    more_zh, more_en = _advice(case)
    zh, en = f"{zh}。{more_zh}", f"{en}; {more_en}"
    return {
        "village_code": case.village_code,
        "kind": kind,
        "bound_share": round(bound, 6),
        "remedy": f"{zh} · {en}",
        "remedy_zh": zh,
        "remedy_en": en,
    }


def _bounds(case: Case, cells: int) -> dict[str, float]:
    """Give every bound, for any number of cells."""
    mean = max(float(case.units.sum()) / cells, 1e-12)
    loads = case.units / mean
    pocket = 0.0 if case.pairs is None or cells < 2 else pocket_bound(loads, case.pairs)[0]
    return {
        "block-larger-than-cell": float(loads.max(initial=0)) - 1,
        "parts": part_bound(case.part_loads[case.part_cells > 0] / mean, cells),
        "pocket": pocket,
        "whole-households": whole_bound(loads, mean),
    }


def _advice(case: Case) -> tuple[str, str]:
    """Give the remedy with its effect: the nearest number of cells that nothing known forces over tolerance."""
    for step in range(1, _FAR + 1):
        for cells in (case.cells - step, case.cells + step):
            bound = max(_bounds(case, cells).values()) if cells > 1 else 0.0
            if cells < 1 or bound > case.tolerance:
                continue
            per, least = float(case.units.sum()) / cells, max(bound, 0.0)
            zh = f"改为 {cells} 个网格（每个约 {per:.0f} 户），下界降到 {least:.1%}；或放宽容差"
            en = f"with {cells} cells (about {per:.0f} each) the bound falls to {least:.1%}; or widen the tolerance"
            return zh, en
    return "请放宽容差", "widen the tolerance"


def _name(case: Case, unit: int) -> str:
    return case.names[unit] if unit < len(case.names) else "?"


def _say_block(case: Case, bound: float, mean: float) -> tuple[str, str]:
    unit = int(case.units.argmax())
    name, held = _name(case, unit), float(case.units[unit])
    half = held / 2 / mean
    zh = (
        f"地块（或不可分的楼、村民小组）{name} 有 {held:.0f}，比网格平均数 {mean:.0f} 多 {bound:.0%}。"
        f"拆成两半后各占平均数的 {half:.0%}"
    )
    en = (
        f"block, building or hamlet {name} holds {held:.0f}, {bound:.0%} more than a mean cell of {mean:.0f}; "
        f"cut in two, each half is {half:.0%} of a mean cell"
    )
    return zh, en


def _say_parts(case: Case, bound: float, _mean: float) -> tuple[str, str]:
    count, loads = len(case.part_loads), " + ".join(f"{load:.0f}" for load in case.part_loads)
    zh = (
        f"飞地或河流、铁路、高速公路把村分成 {count} 部分（{loads}），各部分只能取整数个网格，"
        f"至少偏差 {bound:.1%}。有桥请标 bridge"
    )
    en = (
        f"exclaves, rivers, railways or motorways leave {count} parts ({loads}), each with a whole number of cells: "
        f"at least {bound:.1%} off. Mark bridges where there are some"
    )
    return zh, en


def _say_pocket(case: Case, bound: float, mean: float) -> tuple[str, str]:
    unit = -1 if case.pairs is None else pocket_bound(case.units / mean, case.pairs)[1]
    zh = (
        f"地块 {_name(case, unit)} 后面的一片只能经它相连，凑不成整网格，至少偏差 {bound:.1%}。"
        "拆分该地块，或标出通到那一片的桥或路"
    )
    en = (
        f"what lies behind block {_name(case, unit)} is reached through it alone and makes no whole cells: "
        f"at least {bound:.1%} off. Split that block, or mark another way into the pocket"
    )
    return zh, en


def _say_whole(_case: Case, bound: float, mean: float) -> tuple[str, str]:
    zh = f"每个网格平均只有 {mean:.1f}，户数又不能拆，至少偏差 {bound:.1%}"
    en = f"a mean cell holds only {mean:.1f}, and households are whole: at least {bound:.1%} off"
    return zh, en


def _say_indivisible(case: Case, bound: float, mean: float) -> tuple[str, str]:
    count = int((case.units > 0).sum())
    zh = (
        f"{count} 个有人的地块（或不可分的小组、楼）怎样拼成 {case.cells} 个网格，至少偏差 {bound:.1%}"
        f"（{bound * mean:.0f}）。拆分大的地块或小组"
    )
    en = (
        f"the {count} blocks, hamlets or buildings with people make no {case.cells} cells nearer than {bound:.1%} "
        f"({bound * mean:.0f}). Split the large ones"
    )
    return zh, en


def _say_proven(_case: Case, bound: float, _mean: float) -> tuple[str, str]:
    zh = f"已逐一排除更均匀的分法：不拆地块，最好就是 {bound:.1%}"
    en = f"every more even plan was ruled out: without splitting blocks, {bound:.1%} is the best there is"
    return zh, en


def _say_found(case: Case, bound: float, mean: float) -> tuple[str, str]:
    least, off = max(0.0, *_bounds(case, case.cells).values()), bound * mean
    zh = (
        f"{case.starts} 次起步、每次 {case.steps} 步所得的最好结果是 {bound:.1%}（差 {off:.0f}），不是下界；"
        f"可证明的下界是 {least:.1%}"
    )
    en = (
        f"the best of {case.starts} starts of {case.steps} steps is {bound:.1%} ({off:.0f} off), not a bound; "
        f"the provable bound is {least:.1%}"
    )
    return zh, en


_WORDS = {
    "block-larger-than-cell": _say_block,
    "parts": _say_parts,
    "pocket": _say_pocket,
    "whole-households": _say_whole,
    "indivisible": _say_indivisible,
    "proven-best": _say_proven,
    "best-found": _say_found,
}
