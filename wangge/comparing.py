"""What `wangge compare` and `wangge crosswalk` say: cells against cells, of another plan or of another department."""

from __future__ import annotations

from typing import Any

from wangge.speech import said

__all__ = ["compare_lines", "crosswalk_lines"]

Answer = dict[str, Any]

_NAMED = 5
_FEW = 3
"""Split cells of a system that are named."""


def compare_lines(answer: Answer) -> list[str]:
    """Sum the changes from one plan to another up."""
    written = [] if answer["out"] is None else [said(f"变更清单 {answer['out']}", f"changes in {answer['out']}")]
    totals = said(
        f"变更 {answer['changes']} 处；网格 {answer['cells_before']} → {answer['cells_after']} 个，"
        f"不变 {answer['cells_unchanged']}、新增 {answer['cells_new']}、撤销 {answer['cells_retired']}；"
        f"{answer['households_moved']:,.0f} 户换了网格，占 {1 - answer['kept_share']:.1%}",
        f"{answer['changes']} changes; cells {answer['cells_before']} → {answer['cells_after']}: "
        f"{answer['cells_unchanged']} unchanged, {answer['cells_new']} new, {answer['cells_retired']} retired; "
        f"{answer['households_moved']:,.0f} households change their cell ({1 - answer['kept_share']:.1%})",
    )
    alone = [*_alone(answer["plan_b"], answer["only_in_a"]), *_alone(answer["plan_a"], answer["only_in_b"])]
    return [f"{answer['plan_a']} → {answer['plan_b']}{said('：', ': ')}{totals}", *alone, *written]


def _alone(plan: str, villages: list[Answer]) -> list[str]:
    """Say which villages a plan does not hold, so that nobody takes them for changed."""
    if not villages:
        return []
    names = [each["village"] for each in villages[:_NAMED]]
    more = "…" if len(villages) > _NAMED else ""
    return [said(
        f"  方案 {plan} 没有规划 {len(villages)} 个村（社区），不计入对比：{'、'.join(names)}{more}",
        f"  plan {plan} does not plan {len(villages)} villages, which count nowhere here: {', '.join(names)}{more}",
    )]  # fmt: skip


def crosswalk_lines(answer: Answer) -> list[str]:
    """Say for every system how many cells it shares, and name those that lose most households."""
    lines = [said(f"方案 {answer['plan']} 与其他部门网格对照", f"plan {answer['plan']} and other departments' grids")]
    for each in answer["systems"]:
        lines.append(
            said(
                f"{each['system']}（{each['areas']} 个）：{each['cells']} 个网格，整格在内 {each['nested']}、"
                f"被分割 {each['split']}、部分在内 {each['partly']}，不在其中 {each['outside']}；"
                f"{each['areas_nested']} 个对方网格由整格组成；{each['households_apart']:,.0f} 户与本网格多数不在一处",
                f"{each['system']} ({each['areas']} areas): of {each['cells']} cells {each['nested']} lie in one, "
                f"{each['split']} are split, {each['partly']} partly covered; {each['outside']} outside; "
                f"{each['areas_nested']} areas cut no cell; {each['households_apart']:,.0f} households "
                "away from most of their cell",
            )
        )
        lines += _split_most(each["system"], answer["pairs"])
    if answer["out"] is not None:
        lines.append(said(f"对照表 {answer['out']}", f"written to {answer['out']}"))
    return lines


def _split_most(system: str, pairs: list[Answer]) -> list[str]:
    """Name the cells with most households away from their main area, with the share of each area."""
    cells: dict[str, list[Answer]] = {}
    for pair in pairs:
        if pair["system"] == system and pair["split"]:
            cells.setdefault(pair["cell_code"], []).append(pair)
    apart = {code: sum(held := [each["households"] for each in rows]) - max(held) for code, rows in cells.items()}
    lines = []
    for code in sorted((code for code in apart if apart[code]), key=lambda code: (-apart[code], code))[:_FEW]:
        rows = sorted((each for each in cells[code] if each["households"]), key=lambda each: -each["households"])
        lines.append(f"  {code}: " + ", ".join(f"{each['name']} {each['cell_share']:.0%}" for each in rows))
    return lines
