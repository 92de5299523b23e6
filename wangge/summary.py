"""The few lines each command says when it is done, in words a planner uses."""

from __future__ import annotations

from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from wangge.comparing import compare_lines, crosswalk_lines
from wangge.databases import database_lines
from wangge.keeping import backup_note, backups, carry, differences
from wangge.sighting import coverage_lines, sees_lines
from wangge.speech import english, said
from wangge.versions import history_lines, plans_lines

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lines", "serving"]

Answer = dict[str, Any]

_FEW = 4
"""So many files of one format are named; more are counted."""
_BESIDE_SHP = frozenset({"shp", "shx", "dbf", "prj", "cpg"})
_ROLES = {"viewer": "查看", "planner": "规划", "security": "安防", "admin": "管理"}


def lines(command: str, answer: Answer) -> list[str]:
    """Give the lines of one command's answer, problems counted at the end."""
    return [*_WORDS[command](answer), *_problems(command, answer)]


def serving(link: str) -> list[str]:
    """Give the lines of a service that answers."""
    return [said(f"用浏览器打开（只能用一次）：{link}", f"open in a browser (works once): {link}"),
            said("按 Ctrl-C 结束", "Ctrl-C ends it")]  # fmt: skip


def _problems(command: str, answer: Answer) -> list[str]:
    if not answer.get("problems") or command == "demo":
        return []
    hint = "" if command == "check" else said("，详见 wangge check", "; see wangge check")
    errors, warnings = answer.get("errors", 0), answer.get("warnings", answer["problems"])
    return [
        said(f"问题：错误 {errors}，提醒 {warnings}{hint}", f"problems: {errors} errors, {warnings} warnings{hint}")
    ]


def _demo(answer: Answer) -> list[str]:
    figures, project = answer["plan"], answer["project"]
    coverage, site, over = answer["coverage"], answer["site"], len(figures["certificates"])
    state = said({"cold": "首次编译", "warm": "已预热"}[answer["kernels"]], answer["kernels"])
    return [
        said(
            f"示意县 {answer['county']}：{figures['villages']} 个村（社区）、{figures['households']:,.0f} 户，"
            f"划分为 {figures['cells']} 个基本网格，最大偏差 {figures['max_deviation_share']:.1%}"
            + (f"（{over} 个村超出容差，逐村说明见 wangge check {project}）" if over else ""),
            f"sample county {answer['county']}: {figures['villages']} villages, "
            f"{figures['households']:,.0f} households, split into {figures['cells']} basic cells, "
            f"largest deviation {figures['max_deviation_share']:.1%}"
            + (f" ({over} villages over tolerance, each explained by wangge check {project})" if over else ""),
        ),
        said(
            f"摄像机 {coverage['cameras']} 台，看清 {coverage['covered_share']:.1%} 的公共区域；"
            f"建议新增 {site['sites']} 处，按需求计的覆盖从 "
            f"{site['covered_share_before']:.1%} 到 {site['covered_share_after']:.1%}",
            f"{coverage['cameras']} cameras see {coverage['covered_share']:.1%} of the public area; {site['sites']} "
            f"sites proposed raise demand covered from {site['covered_share_before']:.1%} to "
            f"{site['covered_share_after']:.1%}",
        ),
        said(f"项目 {project} · 地图 {answer['map']} · 台账与图册 {answer['papers']}/",
             f"project {project} · map {answer['map']} · papers {answer['papers']}/"),
        said(f"页面已自检。用时 {answer['seconds']:.0f} 秒（{state}）。打开：make serve 或 wangge serve {project}",
             f"page checked. {answer['seconds']:.0f} s ({state} kernels). Open: make serve or wangge serve {project}"),
    ]  # fmt: skip


def _load(answer: Answer) -> list[str]:
    notes = [*differences(answer), *(said(note["zh"], note["en"]) for note in answer["notes"])]
    verb_zh, verb_en = ("读到", "read") if answer["preview"] else ("已导入", "loaded")
    done = said(
        f"{verb_zh} {answer['layer']}：{answer['rows']} 行，现共 {answer['total']} 行，坐标基准 {answer['datum']}",
        f"{verb_en} {answer['layer']}: {answer['rows']} rows, {answer['total']} in all, datum {answer['datum']}",
    )
    notes += backup_note(answer)
    if answer["rejected"]:
        listed = answer["rejected_file"]  # a preview writes none
        notes.append(said(f"{answer['rejected']} 行未收" + (f"，见 {listed}" if listed else ""),
                          f"{answer['rejected']} rows not taken" + (f", see {listed}" if listed else "")))  # fmt: skip
    return [done, *notes]


_EXAMPLES = 3
"""Problems of one kind that `check` prints."""


def _check(answer: Answer) -> list[str]:
    if not answer["problems"]:
        return [said("全部检查通过", "everything checked, nothing found")]
    key = "message_en" if english() else "message_zh"
    lines: list[str] = []
    for kind, rows in groupby(answer["list"], key=itemgetter("problem")):
        shown = list(islice(rows, _EXAMPLES))
        lines += [f"· {row[key]}" + _remedy(row["remedy"]) for row in shown]
        rest = answer["kinds"][kind] - len(shown)
        if rest:
            lines.append(
                said(f"  ……同类另有 {rest} 条，见图层 problems", f"  … {rest} more like these in the layer problems")
            )
    return lines


def _remedy(remedy: str | None) -> str:
    """Give what to do about a problem, which is kept as Chinese and English with a dot between."""
    if not remedy:
        return ""
    zh, _, en = remedy.partition("·")
    return said(f"（{zh.strip()}）", f" ({(en or zh).strip()})")


def _plan(answer: Answer) -> list[str]:
    figures = [
        said(
            f"方案 {answer['plan']}：{answer['villages']} 个村（社区）划分为 {answer['cells']} 个基本网格"
            + (f"、{answer['special']} 个专属网格" if answer["special"] else ""),
            f"plan {answer['plan']}: {answer['villages']} villages split into {answer['cells']} basic cells"
            + (f", {answer['special']} special" if answer["special"] else ""),
        ),
        said(
            f"最大偏差 {answer['max_deviation_share']:.1%}，平均紧凑度 {answer['mean_compactness']:.2f}，"
            f"沿道路河流的界线 {answer['barrier_share']:.0%}",
            f"largest deviation {answer['max_deviation_share']:.1%}, mean compactness "
            f"{answer['mean_compactness']:.2f}, borders along barriers {answer['barrier_share']:.0%}",
        ),
        said(
            f"精确铺满：{_yes(answer['exact_tiling'])}，各格连片：{_yes(answer['contiguous'])}，"
            f"切断房屋 {answer['buildings_cut']}、小组 {answer['hamlets_cut']}",
            f"tiles exactly: {_yes(answer['exact_tiling'])}, each in one piece: {_yes(answer['contiguous'])}, "
            f"buildings cut {answer['buildings_cut']}, hamlets cut {answer['hamlets_cut']}",
        ),
    ]
    if "since" in answer:
        since = answer["since"]
        figures.append(
            said(
                f"与 {since['plan']} 相比：{since['households_moved']:,.0f} 户换了网格，"
                f"占 {1 - since['kept_share']:.1%}；最大偏差 {since['max_deviation_share']:.1%} → "
                f"{answer['max_deviation_share']:.1%}",
                f"against {since['plan']}: {since['households_moved']:,.0f} households change their cell "
                f"({1 - since['kept_share']:.1%}); largest deviation {since['max_deviation_share']:.1%} → "
                f"{answer['max_deviation_share']:.1%}",
            )
        )
    if answer["certificates"]:
        count = len(answer["certificates"])
        figures.append(said(f"{count} 个村超出容差，原因见 --json 的 certificates",
                            f"villages over tolerance: {count}; --json certificates say why"))  # fmt: skip
    return figures


def _assign(answer: Answer) -> list[str]:
    return [
        said(
            f"方案 {answer['plan']}：{answer['members_placed']} 人到岗（{answer['assignments']} 人次），"
            f"缺网格长 {answer['cells_without_lead']} 格；"
            f"微网格 {answer['micro_cells']} 个，党员联系 {answer['contacts']} 户",
            f"plan {answer['plan']}: {answer['members_placed']} people placed ({answer['assignments']} posts), "
            f"{answer['cells_without_lead']} cells without a lead; {answer['micro_cells']} micro-cells, "
            f"{answer['contacts']} homes in contact",
        ),
        *_walks(answer),
        *backup_note(answer),
    ]


def _walks(answer: Answer) -> list[str]:
    """Say the longest walk, how many cells have one over their limit, and what walks are measured along."""
    known = [row for row in answer["longest_walks"] if row["walk_m"] == row["walk_m"]]
    if not known:
        return []
    first, over = known[0], sum(row["minutes"] > row["limit"] for row in known)
    basis = answer["walk_basis"]
    along = said("沿道路量" if basis == "roads" else f"没有道路，按直线 × {basis.split()[-1]}",
                 "along roads" if basis == "roads" else f"no roads: {basis}")  # fmt: skip
    return [
        said(
            f"最远步行 {first['walk_m']:,.0f} 米（{first['minutes']:.0f} 分钟，网格 {first['cell_code']}；{along}），"
            f"{over} 个网格超过限度",
            f"longest walk {first['walk_m']:,.0f} m ({first['minutes']:.0f} minutes, cell {first['cell_code']}; "
            f"{along}), {over} cells over their limit",
        )
    ]


def _site(answer: Answer) -> list[str]:
    return [
        said(
            f"{answer['run']}：建议新增 {answer['sites']} 处，需求覆盖 {answer['covered_share_before']:.1%} → "
            f"{answer['covered_share_after']:.1%}，约 {answer['cost_yuan']:,.0f} 元，"
            f"离最优至多 {answer['optimality_gap']:.1%}",
            f"{answer['run']}: {answer['sites']} sites raise demand covered from "
            f"{answer['covered_share_before']:.1%} to {answer['covered_share_after']:.1%}, about "
            f"{answer['cost_yuan']:,.0f} yuan, at most {answer['optimality_gap']:.1%} from the best",
        ),
        *_turns(answer["turns"]),
        said(
            "新增 n 台后的需求覆盖：" + "，".join(f"{n} 台 {share:.1%}" for n, share in answer["curve"]),
            "demand covered with n more cameras: " + ", ".join(f"{n}: {share:.1%}" for n, share in answer["curve"]),
        ),
    ]


def _turns(turns: list[Answer]) -> list[str]:
    """Name the cameras to turn, the first three of them."""
    if not turns:
        return []
    first = "，".join(f"{turn['camera_id']} → {turn['to_deg']:.0f}°" for turn in turns[:3])
    more = len(turns) - 3
    return [
        said(
            f"先转动 {len(turns)} 台现有摄像机：{first}" + (f" 等，另 {more} 台见问题清单" if more > 0 else ""),
            f"first turn {len(turns)} cameras: {first}" + (f" and {more} more, in the problems" if more > 0 else ""),
        )
    ]


def _export(answer: Answer) -> list[str]:
    """List papers one by one, and the many files of one format in one line."""
    kinds: dict[str, list[Answer]] = {}
    for each in answer["files"]:
        suffix = each["file"].rpartition(".")[2]
        kinds.setdefault("shp" if suffix in _BESIDE_SHP else suffix, []).append(each)
    lines = []
    for kind, files in kinds.items():
        size = f"{sum(each['bytes'] for each in files) / 1000:,.0f} kB"
        if len(files) <= _FEW:
            lines += [f"{each['file']}  {each['bytes'] / 1000:,.0f} kB" for each in files]
        else:
            lines.append(said(f"{answer['out']}/*.{kind}：{len(files)} 个文件，{size}",
                              f"{answer['out']}/*.{kind}: {len(files)} files, {size}"))  # fmt: skip
    return lines


def _map(answer: Answer) -> list[str]:
    size = answer["bytes"] / 1e6
    return [
        said(
            f"地图 {answer['out']}（{size:.1f} MB），断网也能打开",
            f"map {answer['out']} ({size:.1f} MB), opens offline",
        )
    ]


def _copy(answer: Answer) -> list[str]:
    rows = sum(answer["layers"].values())
    return [said(f"已复制到 {answer['target']}：{rows} 行", f"copied to {answer['target']}: {rows} rows")]


def _user(answer: Answer) -> list[str]:
    return [
        said(f"用户 {answer['user']}（{_ROLES[answer['role']]}）。在服务地址后加上这一段登录，只能用一次：",
             f"user {answer['user']} ({answer['role']}). Append this to the address of the service; it works once:"),
        answer["path"],
    ]  # fmt: skip


def _yes(value: object) -> str:
    return said("是", "yes") if value else said("否", "no")


_WORDS: dict[str, Callable[[Answer], list[str]]] = {
    "demo": _demo, "load": _load, "check": _check, "plan": _plan, "assign": _assign, "coverage": coverage_lines,
    "site": _site, "compare": compare_lines, "crosswalk": crosswalk_lines, "export": _export,
    "map": _map, "copy": _copy, "backups": backups, "carry": carry, "user": _user, "database": database_lines,
    "plans": plans_lines, "history": history_lines, "sees": sees_lines,
}  # fmt: skip
