"""Why a village is over tolerance: what forces it, by how much, and what would help; or how far the search came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spatial.planning.bounds import coarse_bound, part_bound, pocket_bound, whole_bound

if TYPE_CHECKING:
    from spatial.planning.blocks.types import Floats, Integers

__all__ = ["Case", "Trial", "certificate", "likely_cells"]

_FAR = 3
"""How many cells more or fewer are tried for a remedy."""
_TRIED = 2
"""Numbers of cells that are tried."""


@dataclass(frozen=True)
class Trial:
    """A remedy that was tried: its kind (blocks, hamlets, bridge, cells, keep), what it brings and what it touches.

    `named` are the blocks or hamlets that are cut, with what their pieces hold, and `more` so many others; or the
    number of cells.
    """

    kind: str
    deviation_share: float
    named: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Case:
    """One village: the loads of its units, its cells, its parts (loads, cells), what was reached, and the search.

    `names` name the units and `part_names` the heaviest block of each part; `pairs` are the borders between units that
    a cell may cross. Without them nothing is said of single blocks or of pockets. `label` is the cell of each unit,
    and `proven` means that no plan with these parts is more even. `trials` are remedies that were tried.
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
    part_names: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()


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


def likely_cells(case: Case) -> list[int]:
    """Give the nearest numbers of cells that nothing known forces over tolerance."""
    units = int((case.units > 0).sum())
    near = [case.cells + way * step for step in range(1, _FAR + 1) for way in (-1, 1)]
    found = [
        cells for cells in near
        if 1 <= cells <= units and (cells == 1 or max(_bounds(case, cells).values()) <= case.tolerance)
    ]  # fmt: skip
    return found[:_TRIED]


def _advice(case: Case) -> tuple[str, str]:
    """Give the remedies that were tried with their effect, and the tolerance that would do."""
    words = [_TRIED_WORDS[trial.kind](case, trial) for trial in case.trials]
    up = np.ceil(case.deviation_share * 1000) / 1000
    words.append((f"把容差放宽到 {up:.1%}", f"a tolerance of {up:.1%} would hold"))
    return "；".join(zh for zh, _ in words), "; ".join(en for _, en in words)


def _fall(case: Case, trial: Trial) -> tuple[str, str]:
    was, then = case.deviation_share, trial.deviation_share
    return f"{was:.1%} 降到 {then:.1%}", f"{was:.1%} down to {then:.1%}"


def _list(trial: Trial) -> tuple[str, str]:
    rest = (f" 等 {len(trial.named) + trial.more} 处", f" and {trial.more} more") if trial.more else ("", "")
    return "、".join(trial.named) + rest[0], ", ".join(trial.named) + rest[1]


def _try_blocks(case: Case, trial: Trial) -> tuple[str, str]:
    zh, en = _list(trial)
    return (
        f"用 --split-blocks 把地块 {zh} 在住户之间拆开，可从 {_fall(case, trial)[0]}",
        f"--split-blocks parts {en} between homes and brings {_fall(case, trial)[1]}",
    )


def _try_hamlets(case: Case, trial: Trial) -> tuple[str, str]:
    zh, en = _list(trial)
    return (
        f"在住户之间拆开 {zh}，可从 {_fall(case, trial)[0]}",
        f"cutting {en} between homes would bring {_fall(case, trial)[1]}",
    )


def _try_bridge(case: Case, trial: Trial) -> tuple[str, str]:
    return (
        f"各部分之间有桥可走并标上 bridge，可从 {_fall(case, trial)[0]}",
        f"bridges between the parts, marked as such, would bring {_fall(case, trial)[1]}",
    )


def _try_cells(case: Case, trial: Trial) -> tuple[str, str]:
    cells = int(trial.named[0])
    per = float(case.units.sum()) / cells
    return (
        f"改为 {cells} 个网格（每个约 {per:.0f}），可降到 {trial.deviation_share:.1%}",
        f"{cells} cells (about {per:.0f} each) would bring it down to {trial.deviation_share:.1%}",
    )


def _try_keep(case: Case, trial: Trial) -> tuple[str, str]:
    return f"不用 --keep，可从 {_fall(case, trial)[0]}", f"without --keep it would come from {_fall(case, trial)[1]}"


_TRIED_WORDS = {
    "keep": _try_keep,
    "blocks": _try_blocks,
    "hamlets": _try_hamlets,
    "bridge": _try_bridge,
    "cells": _try_cells,
}


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
