"""Certificates in words, in both languages: what holds a village over tolerance, and what each remedy would bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spatial.planning.certificates.cases import Case, Trial

__all__ = ["Figures", "told"]

_KINDS = {"hamlet": ("村民小组", "hamlet"), "building": ("楼", "building"), "block": ("地块", "block")}
_NAMED_PARTS = 6


@dataclass(frozen=True)
class Figures:
    """What is known of a case: the bound that is told, the mean cell, the largest provable bound, and its unit."""

    bound: float
    mean: float
    least: float
    unit: int


def told(case: Case, kind: str, figures: Figures) -> tuple[str, str]:
    """Say why a village is over tolerance, and what the remedies that were tried would bring."""
    zh, en = _WHY[kind](case, figures)
    words = [_TRIED[trial.kind](case, trial) for trial in case.trials]
    up = np.ceil(case.deviation_share * 1000) / 1000
    words.append((f"或把容差放宽到 {up:.1%}", f"or allow a tolerance of {up:.1%}"))
    return f"{zh}。{'；'.join(zh for zh, _ in words)}", f"{en}; {'; '.join(en for _, en in words)}"


def _unit(case: Case, unit: int) -> tuple[str, str]:
    """Name a unit with its kind and load."""
    zh, en = _KINDS[case.kinds[unit] if unit < len(case.kinds) else "block"]
    name = case.names[unit] if unit < len(case.names) else "?"
    held = f"{float(case.units[unit]):.0f}"
    return f"{zh} {name}（{held}）", f"{en} {name} ({held})"


def _largest(case: Case) -> tuple[str, str]:
    """Say which unit is the largest, and how many of the units nothing can part."""
    zh, en = _unit(case, int(case.units.argmax()))
    peopled = np.flatnonzero(case.units > 0)
    fixed = sum(case.kinds[unit] == "building" for unit in peopled) if case.kinds else 0
    if fixed:
        zh, en = f"{zh}，其中 {fixed} 处是不能拆的楼", f"{en}, and {fixed} are buildings that nothing may cut"
    return f"最大的是{zh}", f"the largest is {en}"


def _block(case: Case, known: Figures) -> tuple[str, str]:
    zh, en = _unit(case, known.unit)
    return (
        f"{zh}不可再分，比网格平均数 {known.mean:.0f} 多 {known.bound:.0%}",
        f"{en} stays whole and holds {known.bound:.0%} more than a mean cell of {known.mean:.0f}",
    )


def _parts(case: Case, known: Figures) -> tuple[str, str]:
    loads = [f"{load:.0f}" for load in case.part_loads]
    if case.part_names:
        loads = [f"{load} @ {name}" for load, name in zip(loads, case.part_names, strict=True)]
    rest = len(loads) - _NAMED_PARTS
    listed = " + ".join(loads[:_NAMED_PARTS]) + (f" + {rest}…" if rest > 0 else "")
    count = len(case.part_loads)
    return (
        (
            f"飞地或河流、铁路、高速公路把村分成 {count} 部分（{listed}），每部分取整数个网格，"
            f"至少偏差 {known.bound:.1%}"
        ),
        (
            f"exclaves, rivers, railways or motorways leave {count} parts ({listed}), with whole numbers of cells: "
            f"at least {known.bound:.1%} off"
        ),
    )


def _pocket(case: Case, known: Figures) -> tuple[str, str]:
    zh, en = _unit(case, known.unit)
    return (
        f"{zh}后面的一片只能经它相连，凑不成整网格，至少偏差 {known.bound:.1%}。可拆分它，或标出通到那一片的桥或路",
        (
            f"what lies behind {en} is reached through it alone, no whole cells: at least {known.bound:.1%} off. "
            "Split it, or mark another way into the pocket"
        ),
    )


def _whole(_case: Case, known: Figures) -> tuple[str, str]:
    return (
        f"每个网格平均只有 {known.mean:.1f}，户数又不能拆，至少偏差 {known.bound:.1%}",
        f"a mean cell holds only {known.mean:.1f}, and households are whole: at least {known.bound:.1%} off",
    )


def _indivisible(case: Case, known: Figures) -> tuple[str, str]:
    count, (zh, en) = int((case.units > 0).sum()), _largest(case)
    off = known.bound * known.mean
    return (
        f"{count} 个有人的地块、小组或楼怎样拼成 {case.cells} 个网格，至少偏差 {known.bound:.1%}（{off:.0f}）；{zh}",
        (
            f"the {count} blocks, hamlets or buildings with people make no {case.cells} cells nearer than "
            f"{known.bound:.1%} ({off:.0f}); {en}"
        ),
    )


def _proven(case: Case, known: Figures) -> tuple[str, str]:
    zh, en = _largest(case)
    return (
        f"已逐一排除更均匀的分法：不拆地块，最好就是 {known.bound:.1%}；{zh}",
        f"every more even plan was ruled out: without splitting blocks, {known.bound:.1%} is the best there is; {en}",
    )


def _found(case: Case, known: Figures) -> tuple[str, str]:
    off, (zh, en) = known.bound * known.mean, _largest(case)
    return (
        (
            f"{case.starts} 次起步、每次 {case.steps} 步所得的最好结果是 {known.bound:.1%}（差 {off:.0f}），不是下界；"
            f"可证明的下界是 {known.least:.1%}；{zh}"
        ),
        (
            f"the best of {case.starts} starts of {case.steps} steps is {known.bound:.1%} ({off:.0f} off), no bound; "
            f"the provable bound is {known.least:.1%}; {en}"
        ),
    )


def _fall(case: Case, trial: Trial) -> tuple[str, str]:
    was, then = case.deviation_share, trial.deviation_share
    return f"{was:.1%} 降到 {then:.1%}", f"{was:.1%} down to {then:.1%}"


def _cut(case: Case, trial: Trial) -> tuple[str, str]:
    rest = (f" 等 {len(trial.named) + trial.more} 处", f" and {trial.more} more") if trial.more else ("", "")
    zh, en = "、".join(trial.named) + rest[0], ", ".join(trial.named) + rest[1]
    if trial.kind == "blocks":
        return (
            f"用 --split-blocks 把地块 {zh} 在住户之间拆开，可从 {_fall(case, trial)[0]}",
            f"--split-blocks parts {en} between homes and brings {_fall(case, trial)[1]}",
        )
    return (
        f"在住户之间拆开 {zh}，可从 {_fall(case, trial)[0]}",
        f"cutting {en} between homes would bring {_fall(case, trial)[1]}",
    )


def _bridge(case: Case, trial: Trial) -> tuple[str, str]:
    return (
        f"各部分之间有桥可走并标上 bridge，可从 {_fall(case, trial)[0]}",
        f"bridges between the parts, marked as such, would bring {_fall(case, trial)[1]}",
    )


def _cells(case: Case, trial: Trial) -> tuple[str, str]:
    cells = int(trial.named[0])
    per = float(case.units.sum()) / cells
    en = f"{cells} cells (about {per:.0f} each)" if cells > 1 else f"1 cell ({per:.0f})"
    return (
        f"改为 {cells} 个网格（每个约 {per:.0f}），可降到 {trial.deviation_share:.1%}",
        f"{en} would bring it down to {trial.deviation_share:.1%}",
    )


def _keep(case: Case, trial: Trial) -> tuple[str, str]:
    return f"不用 --keep，可从 {_fall(case, trial)[0]}", f"without --keep it would come from {_fall(case, trial)[1]}"


_WHY = {
    "block-larger-than-cell": _block,
    "parts": _parts,
    "pocket": _pocket,
    "whole-households": _whole,
    "indivisible": _indivisible,
    "proven-best": _proven,
    "best-found": _found,
}
_TRIED = {"blocks": _cut, "hamlets": _cut, "bridge": _bridge, "cells": _cells, "keep": _keep}
