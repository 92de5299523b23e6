"""Problems of a project's own tables: what programs outside changed, and what no longer fits together."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "store-damaged", "error", "",
        "项目文件已损坏：{reason}",
        "the project file is damaged: {reason}",
        "从备份（wangge backups）恢复，或用 wangge copy 抢救还能读的内容 · "
        "go back to a backup (wangge backups), or save what can be read with wangge copy",
    ),
    ProblemKind(
        "store-mended", "warning", "",
        "{layer}：{what_zh}与它的行不符（项目之外的程序改过），已重建",
        "{layer}: {what_en} did not fit its rows (changed by a program outside) and was made anew",
        "无需处理 · nothing to do",
    ),
    ProblemKind(
        "store-layer-missing", "error", "",
        "图层 {layer} 缺少 {code}（在项目之外被删除或改名）",
        "layer {layer} lacks {code}: it was deleted or renamed outside",
        "改回原名，或从备份恢复 · give it its name back, or go back to a backup",
    ),
    ProblemKind(
        "store-value", "error", "",
        "{layer} {code}：{column} 的值“{value}”不是 {kind}，读不出来",
        "{layer} {code}: {column} holds '{value}', which is no {kind} and cannot be read",
        "在 QGIS 中改正该值，或用 --replace 重新导入 · correct it in QGIS, or load the layer again with --replace",
    ),
    ProblemKind(
        "store-geometry", "error", "",
        "{layer} {code}：图形{reason_zh}，该图层只存 {kind}",
        "{layer} {code}: its geometry {reason_en}; the layer holds {kind}",
        "在 QGIS 中改为该类型，或删除该行 · change it to that type in QGIS, or delete the row",
    ),
    ProblemKind(
        "cell-not-its-blocks", "error", "cells",
        "网格 {code} 与它的单元不符：{reason_zh}",
        "cell {code} is not what its blocks make: {reason_en}",
        "边界请在本程序的规划台里改；用 wangge plans 恢复较早的方案，或重新规划该村 · "
        "change borders at the planning desk; restore an earlier state of the plan, or plan the village again",
    ),
)  # fmt: skip
