"""Problems of what a county sent: layers, columns, codes, coordinates."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "home-outside-villages", "warning", "homes",
        "住户点 {code} 不在任何村（社区）内，离最近的村界 {metres:.0f} 米",
        "home {code} lies in no village ({metres:.0f} m from the nearest)",
        "核对坐标或村界 · check its coordinates or the village borders",
    ),
    ProblemKind(
        "value-wrong", "error", "",
        "{layer} {code}：{column} 为“{value}”，{reason_zh}",
        "{layer} {code}: {column} is '{value}': {reason_en}",
        "在来源文件中改正后用 --replace 重新导入 · correct it at the source and load again with --replace",
    ),
    ProblemKind(
        "geometry-wrong", "error", "",
        "{layer} {code}：图形{reason_zh}",
        "{layer} {code}: geometry {reason_en}",
        "在来源文件中改正后用 --replace 重新导入 · correct it at the source and load again with --replace",
    ),
    ProblemKind(
        "column-missing", "error", "",
        "{layer} 缺少必需的列 {code}",
        "{layer} lacks the required column {code}",
        "补上该列后重新导入 · add the column and load again",
    ),
    ProblemKind(
        "datum-unchecked", "warning", "",
        "{layer}：文件中没有可供核对的参照，{points} 个点按“{datum}”收下，未能核对坐标基准",
        "{layer}: nothing to compare {points} points with; taken as '{datum}', datum unchecked",
        "先导入村界再导入本层，或用 --datum 写明 · load the villages first, or name it with --datum",
    ),
    ProblemKind(
        "datum-alike", "warning", "",
        "{layer}：{points} 个点按 WGS 84 与按 GCJ-02、BD-09 解释同样说得通，按文件所说收下",
        "{layer}: {points} points fit as WGS 84 and as GCJ-02 or BD-09 alike; taken as the file says",
        "用 --datum 写明坐标基准，或先导入道路 · name it with --datum, or load the roads first",
    ),
    ProblemKind(
        "village-gap", "warning", "villages",
        "村界有 {area_m2:.0f} 平方米的空隙（宽 {width_m:.1f} 米），周围是{names}",
        "a gap of {area_m2:.0f} m², {width_m:.1f} m wide, is enclosed by {names}",
        "把空隙划给其中一个村，或确认它不属本县 · give it to a village, or make sure it is no part of the county",
    ),
    ProblemKind(
        "village-code-unknown", "warning", "villages",
        "村（社区）代码 {code} {name} 不在附带的区划代码表中",
        "village code {code} {name} is not in the shipped code table",
        "核对代码；新设或合并的村可以忽略 · check the code; new or merged villages may be left",
    ),
    ProblemKind(
        "village-name-differs", "warning", "villages",
        "村（社区）{code} 文件中叫“{name}”，代码表中叫“{known}”",
        "village {code} is called '{name}' here and '{known}' in the shipped code table",
        "核对名称或代码 · check the name or the code",
    ),
    ProblemKind(
        "town-name-differs", "warning", "villages",
        "乡镇（街道）{code} 文件中叫“{name}”，代码表中叫“{known}”",
        "town {code} is called '{name}' here and '{known}' in the shipped code table",
        "核对名称或代码 · check the name or the code",
    ),
    ProblemKind(
        "village-in-pieces", "warning", "villages",
        "村（社区）{code} {name} 由 {pieces} 块组成，最大一块占 {share:.0%}",
        "village {code} {name} has {pieces} pieces, the largest holds {share:.0%} of its area",
        "飞地、岛屿属正常，否则请改边界 · exclaves and islands are fine, else correct the border",
    ),
    ProblemKind(
        "code-scheme-mixed", "warning", "villages",
        "{mainland} 个村代码是 12 位区划代码，{other} 个不是，代码规则检查不适用",
        "{mainland} village codes follow the 12-digit scheme and {other} do not; its checks are off",
        "统一代码 · use one scheme",
    ),
)  # fmt: skip
