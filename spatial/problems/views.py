"""Problems of what cameras see: what the law does not want seen, what is seen too often, what should turn."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "camera-sweeps-forbidden", "warning", "cameras",
        "摄像机 {code} 的视野有 {share:.0%} 扫过禁止安装区域（国务院令第 799 号第八条）",
        "camera {code}: {share:.0%} of its view sweeps a forbidden zone (State Council Order 799, article 8)",
        "{zh} · {en}",
    ),
    ProblemKind(
        "camera-sweeps-residential", "warning", "cameras",
        "摄像机 {code} 的视野有 {share:.0%} 扫过居住区域",
        "camera {code}: {share:.0%} of its view sweeps a residential zone",
        "{zh} · {en}",
    ),
    ProblemKind(
        "site-sweeps-forbidden", "warning", "sites",
        "建议点位 {code} 的视野有 {share:.0%} 扫过禁止安装区域（国务院令第 799 号第八条）",
        "proposed site {code}: {share:.0%} of its view sweeps a forbidden zone (State Council Order 799, article 8)",
        "{zh} · {en}",
    ),
    ProblemKind(
        "site-sweeps-residential", "warning", "sites",
        "建议点位 {code} 的视野有 {share:.0%} 扫过居住区域",
        "proposed site {code}: {share:.0%} of its view sweeps a residential zone",
        "{zh} · {en}",
    ),
    ProblemKind(
        "camera-adds-little", "warning", "cameras",
        "摄像机 {code} 的视野只有 {share:.1%} 是别的在用摄像机看不到的（其余由 {others} 台看到）",
        "camera {code}: only {share:.1%} of its view is seen by no other working camera ({others} others see the rest)",
        "{zh} · {en}",
    ),
    ProblemKind(
        "cameras-add-little", "warning", "cameras",
        "{count} 台在用摄像机几乎不增加覆盖；全部停用后面积覆盖率由 {before:.2%} 变为 {after:.2%}",
        "{count} working cameras add next to nothing; without all of them {before:.2%} of the area becomes {after:.2%}",
        "维修和更新前先看是否可拆除或转向 · before repairing or replacing them, see whether to remove or turn them",
    ),
    ProblemKind(
        "area-watched-often", "warning", "cameras",
        "{code} 有 {area:.0f} 平方米（关注区域的 {share:.0%}）被 4 台以上摄像机同时看到",
        "{code}: {area:.0f} m² ({share:.0%} of its area of interest) are seen by four or more cameras",
        "新增点位前先调整这里的朝向 · turn cameras here before adding new ones",
    ),
    ProblemKind(
        "camera-turn", "warning", "cameras",
        "把摄像机 {code} 由 {was:.0f}° 转到 {to:.0f}°，需求覆盖增加 {share:.3%}：{zh}",
        "turn camera {code} from {was:.0f}° to {to:.0f}°: it covers {share:.3%} more of the demand: {en}",
        "现场核对后转向，并更新 azimuth_deg · check on site, turn it, and update azimuth_deg",
    ),
    ProblemKind(
        "gap-repair", "warning", "cameras",
        "盲区 {gap}（第 {rank} 位）：修复 {metres:.0f} 米外的摄像机 {code} 即可看到",
        "blind area {gap} (rank {rank}): camera {code}, {metres:.0f} m away, would show it if it worked",
        "修复 {code} · repair {code}",
    ),
    ProblemKind(
        "gap-turn", "warning", "cameras",
        "盲区 {gap}（第 {rank} 位）：{metres:.0f} 米外的摄像机 {code} 转到 {to:.0f}° 即可看到",
        "blind area {gap} (rank {rank}): camera {code}, {metres:.0f} m away, would show it if turned to {to:.0f}°",
        "权衡转走后少看到的，再转到 {to:.0f}° · weigh what it no longer shows, then turn it to {to:.0f}°",
    ),
    ProblemKind(
        "gap-lens", "warning", "cameras",
        "盲区 {gap}（第 {rank} 位）：{metres:.0f} 米外的摄像机 {code} 朝着这里，但像素不够",
        "blind area {gap} (rank {rank}): camera {code}, {metres:.0f} m away, looks there with too few pixels",
        "给 {code} 换长焦或高清 · give {code} a longer lens or more pixels",
    ),
    ProblemKind(
        "camera-unsigned", "warning", "cameras",
        "摄像机 {code} 没有提示标识（国务院令第 799 号）",
        "camera {code} has no sign (State Council Order 799)",
        "设置显著的提示标识 · put up a conspicuous sign",
    ),
    ProblemKind(
        "camera-filed-late", "warning", "cameras",
        "摄像机 {code} 启用后 {days} 天才备案，超过 30 天（国务院令第 799 号第十四条）",
        "camera {code} was filed {days} days after it was put to use, more than 30 (Order 799, article 14)",
        "核对日期；变更后重新备案 · check the dates; file changes again",
    ),
)  # fmt: skip
