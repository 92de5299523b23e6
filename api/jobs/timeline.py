"""The history of a project for people: who, when, what, before → after; the newest first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from api.jobs.edit_log import EDITS
from api.jobs.revisions import CREATIONS, SERVICE_ACTIONS
from api.jobs.status import STATUSES

if TYPE_CHECKING:
    import pandas as pd

    from api.store import Project

__all__ = ["in_words", "timeline"]

_WORDS: dict[str, tuple[str, str]] = {
    **EDITS, "undo": ("撤销", "undo"), "redo": ("重做", "redo"), "status": ("状态", "status"),
    "plan": ("划分方案", "plan"), "branch": ("另开方案", "branch"), "restore": ("恢复为新方案", "restore"),
    "carry": ("随村调整", "carry over"), "adopt": ("收回外部修改", "adopt outside edits"),
    "assign": ("分配人员", "assign people"), "coverage": ("计算覆盖", "coverage"), "site": ("选点", "siting"),
    "check": ("检查", "check"), "demo": ("示意数据", "sample data"), "load": ("导入", "load"),
    "edit": ("修改", "edit"), "keep backups": ("备份份数", "backups kept"),
    "sign in": ("登录", "sign in"), "embed": ("嵌入", "embed"), "user": ("用户", "user"),
}  # fmt: skip
_COLUMNS: dict[str, tuple[str, str]] = {
    "cell": ("名称", "name"), "note": ("备注", "remark"), "locked": ("锁定", "locked"),
    "party_group": ("党小组", "party group"), "responsible": ("负责人", "responsible"), "end_date": ("停用", "ended"),
    "start_date": ("启用", "started"),
}  # fmt: skip
_COUNTED: dict[str, tuple[str, str]] = {
    "run": ("运行", "run"), "views": ("可视范围", "views"), "gaps": ("盲区", "blind areas"), "sites": ("点位", "sites"),
    "assignments": ("岗位", "posts"), "contacts": ("联系户", "contacts"), "micro_cells": ("微网格", "micro-cells"),
    "micro_homes": ("微网格住户", "homes in micro-cells"), "file": ("文件", "file"), "rows": ("行数", "rows"),
    "datum": ("坐标基准", "datum"), "replaced": ("整层替换", "replaced"), "backup": ("备份", "backup"),
    "problems": ("问题", "problems"), "errors": ("错误", "errors"), "warnings": ("提醒", "warnings"),
    "user": ("用户", "user"), "role": ("角色", "role"), "keep": ("保留", "kept"),
}  # fmt: skip
_LAYERS = {
    "villages": "村界", "homes": "住户", "buildings": "房屋", "barriers": "道路河流", "hamlets": "村民小组",
    "overlays": "其他网格", "members": "人员", "cameras": "摄像机", "places": "重点部位", "zones": "管控区",
    "poles": "杆", "incidents": "事件", "terrain": "地形", "blocks": "图斑",
}  # fmt: skip
_SEEN_BY_ALL = ["id", "at", "who", "plan", "action"]
_SAID = 6
"""So many parts of one change are written out; the row-level log holds them all."""


def timeline(
    project: Project, *, plan: str | None = None, limit: int = 50, villages: frozenset[str] | None = None,
    service: bool = True,
) -> list[dict[str, Any]]:  # fmt: skip
    """List the last changes of a project, or of one plan, the newest first.

    Parameters
    ----------
    plan
        Only what changed this plan.
    limit
        How many rows at most.
    villages
        Villages in reach: edits of other villages are left out. None: all.
    service
        Whether signing in, users and embeds are listed, too.

    Returns
    -------
    list
        `id`, `at`, `who`, `plan`, `action`, `village_code`, what was done in words (`zh`, `en`), and what the row
        holds `before` and `after`: both None, and the words shorter, for a database role that may not read them.
    """
    with project.reading():
        where = None if plan is None else {"plan": plan}
        index = project.read("history", where=where, columns=["id", "action"])
        ids = index["id"] if service else index.loc[~index["action"].isin(SERVICE_ACTIONS), "id"]
        columns = None if project.tells_all else _SEEN_BY_ALL
        found: list[dict[str, Any]] = []
        step = max(limit, 50)
        for end in range(len(ids), 0, -step):
            some = {"id": ids.iloc[max(0, end - step) : end].tolist()}
            rows = project.read("history", where=some, columns=columns).iloc[::-1]
            rows = rows if columns is None else rows.assign(before=None, after=None)
            if villages is not None:
                rows = rows[[_village(row) in {None, *villages} for row in rows["after"]]]
            found += in_words(project, rows.head(limit - len(found)))
            if len(found) >= limit:
                break
        return found


def in_words(project: Project, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Put rows of history into words."""
    logs = [row for column in ("before", "after") for row in rows[column] if _village(row) is not None]
    ids = sorted({block for log in logs for block, _ in log["blocks"]})
    blocks = project.read("blocks", where={"block_id": ids}, columns=["block_id", "households"])
    households = blocks.set_index("block_id")["households"].fillna(0).to_dict()
    codes = sorted({log["village"] for log in logs})
    names = project.read("villages", where={"village_code": codes}, columns=["village_code", "village"])
    village = names.set_index("village_code")["village"].to_dict()
    listed = []
    for row in rows.to_dict("records"):
        zh, en = _said(row["action"], row["before"], row["after"], households)
        if code := _village(row["after"]):
            zh, en = (f"{village.get(code, code)} {words}" for words in (zh, en))
        listed.append({
            "id": row["id"], "at": row["at"].isoformat().replace("+00:00", "Z"), "who": row["who"],
            "plan": row["plan"] if isinstance(row["plan"], str) else None, "action": row["action"],
            "village_code": _village(row["after"]), "zh": zh, "en": en, "before": row["before"],
            "after": row["after"],
        })  # fmt: skip
    return listed


def _village(log: Any) -> str | None:
    return log.get("village") if isinstance(log, dict) and "blocks" in log else None


def _said(action: str, before: Any, after: Any, households: dict[str, float]) -> tuple[str, str]:
    head, _, layer = action.partition(" ")
    zh, en = _WORDS.get(action) or _WORDS.get(head, (head, head))
    if layer and action not in _WORDS:
        zh, en = f"{zh}{_LAYERS.get(layer, f' {layer}')}", f"{en} {layer}"
    more = _more(action, before, after, households)
    return (zh + (f"：{more[0]}" if more[0] else ""), en + (f": {more[1]}" if more[1] else ""))


def _more(action: str, before: Any, after: Any, households: dict[str, float]) -> tuple[str, str]:
    """Say before → after."""
    if _village(after) is not None and isinstance(before, dict):
        parts = [*_moved(before, after, households), *_written(before, after)]
        rest = len(parts) - _SAID
        zh, en = (sep.join(part[at] for part in parts[:_SAID]) for at, sep in ((0, "；"), (1, "; ")))
        return (zh + f"……等 {len(parts)} 处", en + f" … {rest} more") if rest > 0 else (zh, en)
    if action == "status" and isinstance(before, dict):
        pairs = [(STATUSES[before["status"]][at], STATUSES[after["status"]][at]) for at in (0, 1)]
        return f"{pairs[0][0]} → {pairs[0][1]}", f"{pairs[1][0]} → {pairs[1][1]}"
    if not isinstance(after, dict) or action.startswith("edit "):
        return "", ""
    if action in CREATIONS:
        origin = f"（{after['parent']}{'@' + after['at'] if after.get('at') else ''}）" if after.get("parent") else ""
        return f"{after.get('plan', '')}{origin}", f"{after.get('plan', '')}{origin}"
    told = [
        (_COUNTED.get(key, (key, key)), _shown(value) if isinstance(value, bool) else (f"{value}", f"{value}"))
        for key, value in after.items()
        if isinstance(value, str | int | float)
    ]
    zh, en = (sep.join(f"{name[at]} {value[at]}" for name, value in told) for at, sep in ((0, "，"), (1, ", ")))
    return zh, en


def _moved(before: dict[str, Any], after: dict[str, Any], households: dict[str, float]) -> list[tuple[str, str]]:
    """Say which blocks went from which cell to which."""
    was, now = dict(map(tuple, before["blocks"])), dict(map(tuple, after["blocks"]))
    count: Counter[tuple[str, str]] = Counter()
    homes: Counter[tuple[str, str]] = Counter()
    for block in {*was, *now}:
        pair = (was.get(block, "–"), now.get(block, "–"))
        count[pair] += 1
        homes[pair] += round(households.get(block, 0))
    return [
        (f"{old[-3:]} 格 → {new[-3:]} 格，{count[old, new]} 个图斑 {homes[old, new]} 户",
         f"{old[-3:]} → {new[-3:]}, {count[old, new]} blocks, {homes[old, new]} households")
        for old, new in sorted(count)
    ]  # fmt: skip


def _written(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    """Say which columns of which cells changed; dates follow from the blocks and are not said."""
    parts = []
    for code, values in after["cells"].items():
        old = before["cells"].get(code)
        if values is None or old is None:
            continue
        for name, value in values.items():
            if not name.endswith("_date"):
                zh, en = _COLUMNS[name]
                parts.append((f"{code[-3:]} 格{zh} {_shown(old[name])[0]} → {_shown(value)[0]}",
                              f"{code[-3:]} {en} {_shown(old[name])[1]} → {_shown(value)[1]}"))  # fmt: skip
    return parts


def _shown(value: Any) -> tuple[str, str]:
    if value is None:
        return "–", "–"
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    return f"“{value}”", f"“{value}”"
