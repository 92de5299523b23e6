"""What `wangge plans` and `wangge history` say: plans in a table, changes in words, times of this machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wangge.speech import english, said

__all__ = ["history_lines", "plans_lines"]

Answer = dict[str, Any]

_STATUS = {"draft": ("草稿", "draft"), "review": ("送审", "in review"), "final": ("定稿", "final")}
_KINDS = {
    "kept": ("范围有变", "other extent"), "moved": ("调入", "moved"), "split": ("拆分", "split"),
    "merged": ("并入", "merged"), "new": ("新设", "new"), "retired": ("撤销", "retired"),
}  # fmt: skip
_COLUMNS = {
    "cell": ("名称", "name"), "note": ("备注", "remark"), "locked": ("锁定", "locked"),
    "party_group": ("党小组", "party group"), "responsible": ("负责人", "responsible"),
}  # fmt: skip
_SHOWN = 12
"""Rows of one list that are printed; --json gives them all."""


def plans_lines(answer: Answer) -> list[str]:
    """Give the lines of one action on plans."""
    match answer["action"]:
        case "list":
            return [*_listed(answer["plans"]), *_notes(answer)]
        case "branch":
            return [_branched(answer)]
        case "restore":
            return _restored(answer)
        case "draft" | "review" | "final":
            return _status(answer)
        case "changes":
            return _changes(answer)
        case _:
            return [answer["message_en" if english() else "message_zh"]]


def history_lines(answer: Answer) -> list[str]:
    """Give one line per change, the newest first."""
    rows = answer["history"]
    if not rows:
        return [said("还没有记录", "nothing has happened yet")]
    key = "en" if english() else "zh"
    lines = [
        f"{_when(row['at'])}  {row['who']}  {row['plan'] or '–'}  {row[key]}  [{row['id']}]".replace("\n", " ")
        for row in rows
    ]
    return [*lines, *_notes(answer)]


def _notes(answer: Answer) -> list[str]:
    return [said(note["zh"], note["en"]) for note in answer["notes"]]


def _listed(plans: list[Answer]) -> list[str]:
    if not plans:
        return [said("还没有方案：先运行 wangge plan", "no plan yet: run wangge plan first")]
    lines = []
    for row in plans:
        status = said(*_STATUS[row["status"]]) + (said("（已被取代）", " (superseded)") if row["superseded"] else "")
        origin = said(f"，来自 {row['parent']}", f", from {row['parent']}") if row["parent"] else ""
        since = row["edits_since_final"]
        lines.append(
            ("* " if row["current"] else "  ")
            + said(
                f"{row['plan']}  {status}  {_when(row['made_at'])} {row['made_by']}{origin}  {row['cells']} 格、"
                f"最大偏差 {row['max_deviation_share']:.1%}，改过 {row['edits']} 步"
                + ("" if since is None else f"，定稿以来 {since} 步") + (f"  {row['note']}" if row["note"] else ""),
                f"{row['plan']}  {status}  {_when(row['made_at'])} {row['made_by']}{origin}  {row['cells']} cells, "
                f"largest deviation {row['max_deviation_share']:.1%}, {row['edits']} edits"
                + ("" if since is None else f", {since} since the final plan")
                + (f"  {row['note']}" if row["note"] else ""),
            )
        )  # fmt: skip
    return lines


def _branched(answer: Answer) -> str:
    plan, parent, cells = answer["plan"], answer["parent"], answer["cells"]
    return said(f"已从 {parent} 另开方案 {plan}（草稿），共 {cells} 格；现在是当前方案",
                f"plan {plan} (draft) is a copy of {parent}, {cells} cells; it is the current plan now")  # fmt: skip


def _restored(answer: Answer) -> list[str]:
    plan, parent, at, cells = answer["plan"], answer["parent"], answer["at"], answer["cells"]
    lines = [said(f"已把 {parent} 在 {at} 时的样子存为新方案 {plan}，共 {cells} 格",
                  f"plan {plan} is {parent} as it stood at {at}, {cells} cells")]  # fmt: skip
    if not answer["people"]:
        lines.append(said("此后重新分配过人员，新方案里没有人员：运行 wangge assign",
                          "people were assigned anew since; the plan has none: run wangge assign"))  # fmt: skip
    return lines


def _status(answer: Answer) -> list[str]:
    plan, over = answer["plan"], answer["supersedes"]
    before, after = _STATUS[answer["before"]], _STATUS[answer["status"]]
    more = said(f"，取代 {'、'.join(over)}", f", in place of {', '.join(over)}") if over else ""
    return [said(f"方案 {plan}：{before[0]} → {after[0]}", f"plan {plan}: {before[1]} → {after[1]}") + more]


def _changes(answer: Answer) -> list[str]:
    edits = "" if answer["edits"] is None else said(f"，改过 {answer['edits']} 步", f", {answer['edits']} edits")
    villages, cells = len(answer["villages"]), answer["cells_changed"]
    lines = [
        said(
            f"{answer['plan']} 与定稿 {answer['final']} 相比：{villages} 个村、{cells} 格有变，"
            f"图斑 {answer['blocks_moved']} 个、{answer['households_moved']:,.0f} 户换了网格{edits}",
            f"{answer['plan']} against the final plan {answer['final']}: {villages} villages and "
            f"{cells} cells differ, {answer['blocks_moved']} blocks and "
            f"{answer['households_moved']:,.0f} households changed their cell{edits}",
        )
    ]
    rows = [
        f"  {row['old_code'] or '–'} → {row['new_code'] or '–'}  {said(*_KINDS[row['kind']])}  "
        + said(f"{row['households']:,.0f} 户", f"{row['households']:,.0f} households")
        for row in answer["cells"]
    ]
    rows += [
        f"  {row['cell_code']}  {said(*_COLUMNS.get(row['column'], (row['column'],) * 2))}  "
        f"{_value(row['before'])} → {_value(row['after'])}"
        for row in answer["attributes"]
    ]
    rest = len(rows) - _SHOWN
    more = [said(f"  ……另有 {rest} 处，见 --json", f"  … {rest} more, see --json")] if rest > 0 else []
    return [*lines, *rows[:_SHOWN], *more]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return said("是", "yes") if value else said("否", "no")
    return "–" if value is None else str(value)


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
