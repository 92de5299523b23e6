"""The page of plans and their history: who changed what and when; plain HTML that needs a script only to act."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from web import assets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["history_page"]

_BEIJING = timezone(timedelta(hours=8))
_WORDS: dict[str, tuple[str, str]] = {
    "title": ("方案与记录", "Plans and history"), "back": ("← 返回规划台", "← Back to drawing"),
    "plans": ("方案", "Plans"), "history": ("记录", "History"), "all": ("全部", "all"), "sample": ("示意", "sample"),
    "draft": ("草稿", "draft"), "review": ("送审", "in review"), "final": ("定稿", "final"),
    "superseded": ("已被取代", "superseded"), "current": ("当前", "current"), "from": ("来自", "from"),
    "cells": ("格", "cells"), "edits": ("步修改", "edits"), "since": ("定稿以来 {n} 步", "{n} since the final plan"),
    "deviation": ("最大偏差", "largest deviation"), "to_review": ("送审", "Send to review"),
    "to_final": ("定稿", "Make final"), "to_draft": ("退回草稿", "Back to draft"), "branch": ("另开方案", "Branch"),
    "sure": ("定稿后这个方案不能再改，只能另开方案。确定吗？", "A final plan never changes again. Make it final?"),
    "restore": ("恢复为新方案", "Restore as a new plan"), "no_plans": ("还没有方案。", "There is no plan yet."),
    "empty": ("还没有记录。", "Nothing has happened yet."), "other": ("English", "中文"),
    "more": ("只列最近 {n} 条；全部见 wangge history", "The newest {n} only; wangge history lists all"),
    "who": ("谁", "Who"), "when": ("时间", "When"), "what": ("改了什么", "What"),
}  # fmt: skip
_GIVES_A_STATE = frozenset({
    "plan", "branch", "restore", "split", "merge", "move", "rename", "remark", "lock", "unlock", "border", "rebalance",
    "special", "undo", "redo",
})  # fmt: skip


def history_page(
    plans: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], *, title: str, plan: str | None = None,
    limit: int = 200, can_edit: bool = False, sample: bool = False, language: str = "zh", nonce: str | None = None,
) -> str:  # fmt: skip
    """Build the page.

    Parameters
    ----------
    plans, rows : sequences
        The service's answers to ``GET /api/v1/plans`` and ``/api/v1/history``.
    plan : str, optional
        The plan whose history is listed; all without it.
    can_edit : bool
        Whether the page offers to branch, restore and change the status.
    """
    at = 1 if language == "en" else 0
    said = {name: words[at] for name, words in _WORDS.items()}
    page = Template(files("web").joinpath("templates/history.html").read_text(encoding="utf-8"))
    filters = [_filter(None, said["all"], plan, language), *(
        _filter(each["plan"], each["plan"], plan, language) for each in reversed(plans)
    )]  # fmt: skip
    made = page.substitute(
        {f"word_{name}": escape(words) for name, words in said.items()},
        language="en" if at else "zh-CN", lang="en" if at else "zh", other_lang="zh" if at else "en",
        county=escape(title), sample="" if sample else "hidden", static=assets.PREFIX,
        plans="".join(_plan(each, said, can_edit=can_edit) for each in reversed(plans)) or f"<p>{said['no_plans']}</p>",
        filters="".join(filters), rows=_days(rows, said, language, can_edit=can_edit) or f"<p>{said['empty']}</p>",
        more=escape(said["more"].format(n=limit)) if len(rows) >= limit else "",
    )  # fmt: skip
    return assets.with_nonce(made, nonce)


def _plan(row: Mapping[str, Any], said: Mapping[str, str], *, can_edit: bool) -> str:
    name, status = escape(row["plan"]), row["status"]
    marks = [f'<span class="wg-chip" data-status="{status}">{said[status]}</span>']
    marks += [f'<span class="wg-chip" data-status="off">{said["superseded"]}</span>'] if row["superseded"] else []
    marks += [f'<span class="wg-chip">{said["current"]}</span>'] if row["current"] else []
    facts = [f"{row['cells']} {said['cells']}"]
    if row.get("max_deviation_share") is not None:
        facts.append(f"{said['deviation']} {row['max_deviation_share']:.1%}")
    facts.append(f"{row['edits']} {said['edits']}")
    if row["edits_since_final"] is not None and status != "final":
        facts.append(said["since"].format(n=row["edits_since_final"]))
    if row["parent"]:
        facts.append(f"{said['from']} {escape(row['parent'])}")
    note = f"<p>{escape(row['note'])}</p>" if row.get("note") else ""
    return (
        f"<li><h3>{name} {''.join(marks)}</h3>"
        f'<p class="wg-grey">{_time(row["made_at"])} · {escape(str(row["made_by"]))}</p>'
        f"<p>{' · '.join(facts)}</p>{note}{_plan_buttons(row, said) if can_edit else ''}</li>"
    )


def _plan_buttons(row: Mapping[str, Any], said: Mapping[str, str]) -> str:
    steps = {"draft": [("review", "to_review")], "review": [("final", "to_final"), ("draft", "to_draft")], "final": []}
    buttons = [
        _button("plans/status", {"plan": row["plan"], "status": status}, said[word],
                sure=said["sure"] if status == "final" else "")
        for status, word in steps[row["status"]]
    ]  # fmt: skip
    buttons.append(_button("plans/branch", {"plan": row["plan"]}, said["branch"]))
    return f'<p class="wg-acts">{"".join(buttons)}</p>'


def _days(rows: Sequence[Mapping[str, Any]], said: Mapping[str, str], language: str, *, can_edit: bool) -> str:
    """Write the rows, grouped by day."""
    parts, day = [], None
    for row in rows:
        moment = _time(row["at"])
        if moment[:10] != day:
            parts.append("</tbody>" if day else "")
            day = moment[:10]
            parts.append(f'<tbody><tr><th colspan="4" scope="rowgroup">{day}</th></tr>')
        act = ""
        if can_edit and row["plan"] and row["action"] in _GIVES_A_STATE:
            act = _button("plans/restore", {"plan": row["plan"], "at": row["id"]}, said["restore"])
        words = escape(row["en" if language == "en" else "zh"])
        plan = f'<span class="wg-grey">{escape(row["plan"])}</span> ' if row["plan"] else ""
        who = escape(row["who"])
        parts.append(f"<tr><td>{moment[11:]}</td><td>{who}</td><td>{plan}{words}</td><td>{act}</td></tr>")
    if not parts:
        return ""
    head = "".join(f'<th scope="col">{said[name]}</th>' for name in ("when", "who", "what"))
    return f"<table><thead><tr>{head}<td></td></tr></thead>{''.join(parts)}</tbody></table>"


def _filter(plan: str | None, words: str, chosen: str | None, language: str) -> str:
    mark = ' aria-current="page"' if plan == chosen else ""
    query = f"lang={'en' if language == 'en' else 'zh'}" + (f"&amp;plan={quote(plan, safe='')}" if plan else "")
    return f'<a href="?{query}"{mark}>{escape(words)}</a>'


def _button(path: str, body: Mapping[str, str], words: str, *, sure: str = "") -> str:
    asked = f' data-sure="{escape(sure)}"' if sure else ""
    sent = escape(json.dumps(body, ensure_ascii=False))
    return f'<button type="button" data-post="{path}" data-body="{sent}"{asked}>{escape(words)}</button>'


def _time(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(_BEIJING):%Y-%m-%d %H:%M}"
