"""Problems of people: leads and members of cells, walks, contacts, micro cells."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "cell-without-lead", "error", "cells",
        "网格 {code} 没有网格长（网格 {cells} 个，网格长 {leads} 人）",
        "cell {code} has no lead ({cells} cells, {leads} leads)",
        "补充网格长，或关闭“一格一长”（wangge check --profile） · add leads, or switch the rule off "
        "(wangge check --profile)",
    ),
    ProblemKind(
        "cell-several-leads", "error", "cells",
        "网格 {code} 有 {count} 名网格长，应为 1 名",
        "cell {code} has {count} leads; it must have one",
        "只留一名网格长，其余改为网格员 · keep one lead, make the others members",
    ),
    ProblemKind(
        "member-several-cells", "error", "members",
        "成员 {code} 同时负责 {count} 个网格，“一格一员”规则只许 1 个",
        "member {code} has {count} cells; the rule of one member per cell allows one",
        "调整指派，或关闭“一格一员”（wangge check --profile） · reassign, or switch the rule off "
        "(wangge check --profile)",
    ),
    ProblemKind(
        "member-without-cell", "error", "members",
        "专职网格员 {code} 没有负责的网格，“一格一员”规则要求 1 个",
        "full-time member {code} has no cell; the rule of one member per cell asks for one",
        "指派到网格、从名册移出，或关闭“一格一员”（wangge check --profile） · assign the member, take the row off the "
        "list, or switch the rule off (wangge check --profile)",
    ),
    ProblemKind(
        "members-unplaced", "warning", "members",
        "{code:zh}：{members} 人中有 {count} 人没有分到网格（网格已满或可带网格数为 0）",
        "role {code}: {count} of {members} people got no cell (all cells are served, or their capacity is 0)",
        "核对人数与可带网格数（capacity） · check the number of people and their capacity",
    ),
    ProblemKind(
        "cells-without-role", "warning", "cells",
        "{code:zh}：{cells} 个网格中有 {count} 个没有分到人（共 {members} 人）",
        "role {code}: {count} of {cells} cells got nobody ({members} people)",
        "补充人员或调高可带网格数 · add people or raise their capacity",
    ),
    ProblemKind(
        "assignment-unknown", "error", "assignments",
        "人员指派提到 {code}，但方案或名册中没有它",
        "an assignment names {code}, which neither the plan nor the member list has",
        "重新指派（wangge assign） · assign again",
    ),
    ProblemKind(
        "contact-households-short", "warning", "homes",
        "网格 {code}：{households} 户中有 {count} 户没有联系人（党员、志愿者共可联系 {capacity} 户）",
        "cell {code}: {count} of {households} households have no contact (its people can keep {capacity})",
        "增加党员或志愿者，或调高每人户数 · add people, or raise the households each may keep",
    ),
    ProblemKind(
        "contacts-without-people", "warning", "members",
        "名册中没有党员和志愿者，{households} 户都没有联系人",
        "no party members or volunteers are listed: {households} households have no contact",
        "加载 kind 为 party 或 volunteer 的成员 · load members of kind party or volunteer",
    ),
    ProblemKind(
        "contact-outside-cells", "warning", "members",
        "党员（志愿者）{code} 不在任何网格内，未安排联系户",
        "party member or volunteer {code} lies in no cell and got no households",
        "核对坐标 · check the coordinates",
    ),
    ProblemKind(
        "micro-cell-size", "warning", "micro_cells",
        "微网格 {code} 有 {households:.0f} 户，不在 {low}-{high} 户之间",
        "micro cell {code} has {households:.0f} households, outside {low}-{high}",
        "调整微网格目标户数 · change the target of households",
    ),
    ProblemKind(
        "micro-cells-too-many", "error", "cells",
        "网格 {code} 需要 {count} 个微网格，两位编码最多 99 个",
        "cell {code} would need {count} micro cells; two digits hold 99",
        "调高目标户数，或先拆分网格 · raise the target, or split the cell first",
    ),
    ProblemKind(
        "micro-cells-without-lead", "warning", "micro_cells",
        "网格 {code} 的 {count} 个微网格没有微网格长：没有党员、志愿者住在里面，也没有网格员",
        "the {count} micro cells of cell {code} have no lead: no party member or volunteer lives there, and the cell "
        "has no staff",
        "加载住在这里的党员、志愿者，或给网格配人 · load party members or volunteers who live there, or staff the cell",
    ),
    ProblemKind(
        "home-outside-cells", "error", "homes",
        "{count} 个住户点不在方案的任何网格内，首个为 {code}",
        "{count} homes lie in no cell of the plan, the first is {code}",
        "核对坐标，或重新规划 · check the coordinates, or plan again",
    ),
)  # fmt: skip
