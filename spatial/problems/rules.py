"""Problems that the checks of a finished plan find: borders, codes, size, barriers."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "cell-outside-village", "error", "cells",
        "网格 {code} 有 {area:.1f} 平方米在所属村（社区）{village} 之外",
        "cell {code} has {area:.1f} m² outside its village {village}",
        "按村界裁切，或改正所属村 · clip it to the village, or correct its village_code",
    ),
    ProblemKind(
        "cell-village-unknown", "error", "cells",
        "网格 {code} 所属村（社区）{village} 未加载",
        "cell {code} names the village {village}, which is not loaded",
        "加载村界，或改正编码 · load the village, or correct the code",
    ),
    ProblemKind(
        "cells-overlap", "error", "cells",
        "网格 {code} 与 {other} 重叠 {area:.1f} 平方米",
        "cells {code} and {other} overlap by {area:.1f} m²",
        "把重叠部分划给其中一个 · give the overlap to one of them",
    ),
    ProblemKind(
        "village-has-gaps", "error", "villages",
        "村（社区）{code} 有 {area:.1f} 平方米不属于任何网格",
        "village {code} has {area:.1f} m² in no cell",
        "把空白并入相邻网格 · join the gap to a neighbour",
    ),
    ProblemKind(
        "cell-follows-village-pieces", "warning", "cells",
        "网格 {code} 有 {count} 块，因为所属村本身就分成几块",
        "cell {code} has {count} pieces because its village has several",
        "核对村界，确认飞地归属 · check the village border and whom the exclave belongs to",
    ),
    ProblemKind(
        "cell-invalid", "error", "cells",
        "网格 {code} 的边界无效：{reason}",
        "the border of cell {code} is not valid: {reason}",
        "修正边界 · repair the border",
    ),
    ProblemKind(
        "cell-code-repeats", "error", "cells",
        "网格编码 {code} 出现 {count} 次",
        "cell code {code} occurs {count} times",
        "每个网格一个编码 · give each cell its own code",
    ),
    ProblemKind(
        "cell-code-form", "error", "cells",
        "网格编码 {code} 不是“村编码 {village} + 3 位序号”",
        "cell code {code} is not village code {village} + 3 digits",
        "重新编码 · number it again",
    ),
    ProblemKind(
        "cell-codes-out-of-order", "warning", "villages",
        "村（社区）{code} 的网格序号未按自西向东、自北向南排列",
        "cells of village {code} are not numbered west to east, then north to south",
        "沿用旧编码时可保留 · may stay where codes were kept",
    ),
    ProblemKind(
        "village-without-cells", "error", "villages",
        "村（社区）{code} 没有基本网格",
        "village {code} has no basic cell",
        "对该村重新规划 · plan this village",
    ),
    ProblemKind(
        "cell-households-outside-band", "warning", "cells",
        "网格 {code} 有 {households:.0f} 户，不在 {low}-{high} 户之间",
        "cell {code} has {households:.0f} households, outside {low}-{high}",
        "合并、拆分，或换一份规模标准 · merge, split, or use another profile",
    ),
    ProblemKind(
        "cell-over-residents", "warning", "cells",
        "网格 {code} 有 {residents:.0f} 人，超过 {limit} 人",
        "cell {code} has {residents:.0f} residents, over {limit}",
        "拆分该网格 · split it",
    ),
    ProblemKind(
        "cell-party-members-few", "warning", "cells",
        "网格 {code} 有 {members:.0f} 名党员，少于 {least} 名，难以单独成立党小组",
        "cell {code} has {members:.0f} party members, fewer than {least}: too few for a party group of its own",
        "与相邻网格合建党小组，或调整边界 · share a party group with a neighbour, or move the border",
    ),
    ProblemKind(
        "cell-overloaded", "warning", "cells",
        "网格 {code} 每个工作日需走访 {visits:.1f} 户，超过 {limit} 户",
        "cell {code} needs {visits:.1f} visits a working day, over {limit}",
        "拆分该网格或增配网格员 · split it, or add members",
    ),
    ProblemKind(
        "cell-walk-too-long", "warning", "cells",
        "网格 {code} 的网格员 {member} 步行 {minutes:.0f} 分钟（{metres:.0f} 米），超过 {limit} 分钟",
        "member {member} of cell {code} walks {minutes:.0f} minutes ({metres:.0f} m), over {limit}",
        "换就近的成员 · choose somebody who lives nearer",
    ),
    ProblemKind(
        "cell-spans-barrier", "warning", "cells",
        "网格 {code} 被没有桥的河流、铁路或高速公路分成 {count} 片",
        "cell {code} is parted in {count} by a river, railway or motorway without a bridge",
        "沿障碍分开，或补录桥梁 · part it there, or record the bridge",
    ),
)  # fmt: skip
