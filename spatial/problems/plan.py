"""Problems of a plan: cells, borders, balance, people."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "households-differ", "warning", "villages",
        "村 {code}：住户资料合计 {counted:.0f} 户，村表为 {declared:.0f} 户；按住户资料计",
        "village {code}: {counted:.0f} households counted there, {declared:.0f} in its total; the count is used",
        "核对住户资料或村的户数 · check the homes or the village's total",
    ),
    ProblemKind(
        "households-spread", "warning", "villages",
        "村 {code}：没有住户和建筑资料，{households:.0f} 户按面积均摊",
        "village {code}: no homes or buildings; its {households:.0f} households are spread evenly over its land",
        "导入住户或建筑 · load homes or buildings",
    ),
    ProblemKind(
        "residents-spread", "warning", "villages",
        "村 {code}：没有户数，{residents:.0f} 人按面积均摊",
        "village {code}: no households are known; its {residents:.0f} residents are spread evenly over its land",
        "导入住户 · load homes",
    ),
    ProblemKind(
        "home-in-other-village", "warning", "homes",
        "住户点 {code} 登记在村 {declared}，位置在村 {found}；按位置计",
        "home {code} is declared in village {declared} but lies in {found}; it counts where it lies",
        "核对坐标或登记的村 · check its coordinates or its village",
    ),
    ProblemKind(
        "building-across-border", "warning", "buildings",
        "建筑 {code} 跨村界，方案只能沿村界分开它",
        "building {code} lies across a village border, and a plan cannot keep it whole",
        "核对村界或建筑轮廓 · check the border or the footprint",
    ),
    ProblemKind(
        "building-cut", "error", "cells",
        "建筑 {code} 被网格边界切开",
        "building {code} is cut by the border of a cell",
        "重新生成方案 · make the plan again",
    ),
    ProblemKind(
        "hamlet-cut", "warning", "hamlets",
        "村民小组 {code} 被分到 {cells} 个网格",
        "hamlet {code} is divided among {cells} cells",
        "减少该村网格数，或核对小组边界 · ask for fewer cells, or check the hamlet's outline",
    ),
    ProblemKind(
        "part-joined-across-barrier", "warning", "cells",
        "村 {code}：{parts} 处被河流、铁路或高速公路隔开的地块共 {households:.0f} 户，不足半个网格，并入对面网格",
        "village {code}: {parts} parts cut off by a river, railway or motorway hold {households:.0f} households, "
        "less than half a cell each, and join across it",
        "如有桥或通道请在道路上标 bridge · mark a bridge on its road if there is one",
    ),
    ProblemKind(
        "part-joined-as-piece", "warning", "cells",
        "村 {code}：{parts} 处飞地或岛共 {households:.0f} 户，不足半个网格，并入最近的网格作为第二块",
        "village {code}: {parts} exclaves or islands hold {households:.0f} households, less than half a cell each, "
        "and join the nearest cell as a second piece",
        "核对村界 · check the village border",
    ),
    ProblemKind(
        "cell-in-pieces", "error", "cells",
        "网格 {code} 由 {pieces} 块组成",
        "cell {code} has {pieces} pieces",
        "重新划分该村 · divide the village again",
    ),
    ProblemKind(
        "cell-with-hole", "warning", "cells",
        "网格 {code} 中间包着别的基本网格",
        "cell {code} encloses another basic cell",
        "在图上调整 · move blocks on the map",
    ),
    ProblemKind(
        "cell-without-households", "warning", "cells",
        "网格 {code} 没有住户",
        "cell {code} has no households",
        "减少该村网格数；只有一个网格的村，核对住户资料 · ask for fewer cells in the village; where it has but one, "
        "check its homes",
    ),
    ProblemKind(
        "households-unknown", "warning", "cells",
        "没有任何户数（村、住户、房屋都没有），{count} 个网格只按地块划分，没有均衡户数，偏差 0 不说明均衡",
        "no households are known (of villages, homes or buildings): the {count} cells share out land, not people",
        "导入住户，或在村界里填户数，再重新划分 · load homes, or villages with households, and plan again",
    ),
    ProblemKind(
        "cells-fewer-than-asked", "warning", "villages",
        "村 {code}：要 {asked} 个网格，只能分出 {made} 个",
        "village {code}: {asked} cells were asked for, only {made} can be made",
        "减少网格数，或改用 --unit block · ask for fewer cells, or plan with --unit block",
    ),
    ProblemKind(
        "village-all-special", "warning", "villages",
        "村 {code}：专属网格占了全村的地，没有基本网格（要 {asked} 个）",
        "village {code}: special cells take all of its land, so it has no basic cell ({asked} asked for)",
        "缩小专属网格（overlays）的范围 · make the special area in overlays smaller",
    ),
    ProblemKind(
        "hamlet-across-barrier", "warning", "hamlets",
        "村民小组 {code} 跨河流、铁路或高速公路，两边 {sides} 户；小组不拆，所在网格跨了过去",
        "hamlet {code} lies across a river, railway or motorway with {sides} households on its sides; it stays whole, "
        "and its cell crosses there",
        "核对小组边界，或按两边分成两个组 · check the hamlet's outline, or load it as one hamlet for each side",
    ),
    ProblemKind(
        "tiling-broken", "error", "cells",
        "村 {code}：网格与村界相差 {area_m2:.2f} 平方米",
        "village {code}: its cells and its border differ by {area_m2:.2f} m2",
        "重新生成方案 · make the plan again",
    ),
    ProblemKind(
        "borders-not-shared", "error", "cells",
        "{count} 条网格边界没有共用节点",
        "{count} borders of cells do not share their vertices",
        "重新生成方案 · make the plan again",
    ),
    ProblemKind(
        "over-tolerance", "warning", "cells",
        "村 {code}：最大户数偏差 {deviation:.1%}，超出容差 {tolerance:.0%}",
        "village {code}: the largest deviation is {deviation:.1%}, over the tolerance of {tolerance:.0%}",
        "见方案的说明（certificates）· see the plan's certificates",
    ),
    ProblemKind(
        "cell-over-tolerance", "warning", "cells",
        "网格 {code} 现有 {households:.0f} 户，偏差 {deviation:+.1%}，超出容差 {tolerance:.0%}",
        "cell {code} has {households:.0f} households now, a deviation of {deviation:+.1%}, over {tolerance:.0%}",
        "移动相邻地块，或对相邻网格做均衡 · move blocks of a neighbour, or even out neighbouring cells",
    ),
    ProblemKind(
        "keep-not-met", "warning", "cells",
        "村 {code}：要保留 {keep:.0%}，实际只保留 {kept:.0%}（最大偏差 {deviation:.1%}）：网格数或地块变了",
        "village {code}: {keep:.0%} was to stay, {kept:.0%} does (deviation {deviation:.1%}): the number of cells "
        "or the blocks have changed",
        "沿用原来的网格数，或降低 --keep · ask for the earlier number of cells, or a lower --keep",
    ),
    ProblemKind(
        "keep-holds-back", "warning", "cells",
        "村 {code}：保留 {kept:.0%} 时最大偏差 {deviation:.1%}；只保留 {kept_free:.0%} 可降到 {deviation_free:.1%}",
        "village {code}: {kept:.0%} stays at a deviation of {deviation:.1%}; keeping {kept_free:.0%} "
        "would reach {deviation_free:.1%}",
        "要更均衡就降低 --keep，要少变动就放宽容差 · lower --keep for balance, or widen the tolerance for stability",
    ),
    ProblemKind(
        "blocks-mended", "warning", "blocks",
        "村 {code}：导入的地块与村界相差 {area_m2:.1f} 平方米，已按村界补齐或裁去",
        "village {code}: the loaded blocks and its border differ by {area_m2:.1f} m2; they were filled up or trimmed",
        "核对地块与村界 · check the blocks and the border",
    ),
    ProblemKind(
        "balance-assumed", "warning", "blocks",
        "资料里没有{measure:zh}，改按户数均衡",
        "there is no {measure} in the data; households are balanced instead",
        "导入带该列的住户 · load homes that have it",
    ),
)  # fmt: skip
