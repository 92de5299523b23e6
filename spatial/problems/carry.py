"""Problems of a plan that was carried over to other villages."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "carry-inferred", "warning", "villages",
        "村 {code}：没有变更表，按村界重叠推断为{kind:zh} → {target}",
        "village {code}: no table of changes; by the overlap of outlines it was {kind} → {target}",
        "用 --changes 给出变更表 · give the table of changes with --changes",
    ),
    ProblemKind(
        "carry-part-joined", "warning", "cells",
        "原网格 {code} 被新村界切开，占它 {share:.0%} 的一部分并入本村相邻网格",
        "the new border cuts old cell {code}; a part with {share:.0%} of it joined the next cell of its village",
        "在地图上核对这一处 · look at the place on the map",
    ),
    ProblemKind(
        "carry-cell-ended", "warning", "cells",
        "原网格 {code}（{households:.0f} 户）没有继任网格，其人员须重新分配",
        "old cell {code} ({households:.0f} households) has no successor; its people must be assigned anew",
        "运行 wangge assign · run wangge assign",
    ),
    ProblemKind(
        "carry-new-ground", "warning", "villages",
        "村 {code}：{area_m2:.0f} 平方米原来不属于任何网格，已并入相邻网格",
        "village {code}: {area_m2:.0f} m² belonged to no cell before and joined the next one",
        "核对新的村界 · check the new outline",
    ),
    ProblemKind(
        "carry-households-lost", "error", "cells",
        "原方案 {total:.0f} 户中有 {households:.0f} 户不在任何新的村里，未能结转",
        "{households:.0f} of the plan's {total:.0f} households lie in no new village and could not be carried",
        "核对新的村界是否完整 · check that the new outlines are complete",
    ),
    ProblemKind(
        "carry-people-dropped", "warning", "cells",
        "网格 {code} 的范围变了，原来的 {count} 个微网格没有结转",
        "cell {code} has other ground now; its {count} micro-cells were not carried",
        "运行 wangge assign · run wangge assign",
    ),
    ProblemKind(
        "carry-contacts-dropped", "warning", "contacts",
        "原来 {total} 项联系关系中有 {count} 项，住户和联系人已不在同一网格，没有结转",
        "{count} of {total} contacts were not carried: home and person are no longer in one cell",
        "运行 wangge assign · run wangge assign",
    ),
)  # fmt: skip
