"""Problems of cameras, views and sites."""

from __future__ import annotations

from spatial.problems.kind import ProblemKind

__all__ = ["KINDS"]

KINDS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "camera-indoors", "warning", "cameras",
        "摄像机 {code} 位于建筑物内 1 米以上，按看不到室外计",
        "camera {code} stands more than 1 m inside a building; it is taken to see nothing outside",
        "核对坐标；装在屋顶的填写 mount_m 与建筑高度 · check its position; on a roof, give mount_m and height_m",
    ),
    ProblemKind(
        "coverage-of-nothing", "warning", "cameras",
        "没有房屋、道路、重点部位，没有关注区域，面积覆盖率无从计（记为 0）",
        "there are no buildings, roads or places to look at: the share by area means nothing (it is given as 0)",
        "先导入 buildings、barriers 或 places，再重新计算 · load buildings, barriers or places, and run again",
    ),
    ProblemKind(
        "view-empty", "warning", "cameras",
        "摄像机 {code} 在 {level} 下没有可用范围（像素不足或全在盲区内）",
        "camera {code} has no view at {level}: too few pixels, or all within its dead zone",
        "换长焦、降低俯角，或选较低的像素等级 · use a longer lens, tilt it less, or ask for a lower level",
    ),
    ProblemKind(
        "view-blocked", "warning", "cameras",
        "摄像机 {code} 的视野被建筑物遮挡 {share:.0%}",
        "camera {code}: buildings block {share:.0%} of its view",
        "核对朝向与位置 · check its heading and position",
    ),
    ProblemKind(
        "view-turn", "warning", "cameras",
        "摄像机 {code} 的视野一半以上被遮挡；转到 {heading:.0f}° 可看到现在的 {gain:.1f} 倍",
        "camera {code}: more than half of its view is blocked; turned to {heading:.0f}° it sees {gain:.1f}× as much",
        "现场核对后调整朝向 · check on site, then turn it",
    ),
    ProblemKind(
        "view-assumed", "warning", "cameras",
        "{total} 台摄像机中 {count} 台缺少{code:zh}，按机型默认值计算",
        "{count} of {total} cameras lack {code}; the default of their kind was used",
        "补填该列后重新计算 · fill the column and run again",
    ),
    ProblemKind(
        "camera-id-form", "error", "cameras",
        "摄像机 {code} 的国标编号 {value} 不是 20 位数字",
        "camera {code}: device id {value} is not 20 digits (GB/T 28181)",
        "从平台重新导出，编号列按文本保存 · export it again with the id column as text",
    ),
    ProblemKind(
        "camera-id-repeated", "error", "cameras",
        "国标编号 {value} 被 {count} 台摄像机使用（如 {code}）",
        "device id {value} is used by {count} cameras ({code} among them)",
        "每台设备一个编号 · one id per device",
    ),
    ProblemKind(
        "camera-id-type", "error", "cameras",
        "摄像机 {code} 的国标编号第 11-13 位是 {value}，不是摄像机（131、132）",
        "camera {code}: digits 11-13 of its device id are {value}, not a camera (131, 132)",
        "核对编号 · check the id",
    ),
    ProblemKind(
        "camera-id-gate-type", "warning", "cameras",
        "摄像机 {code} 的国标编号第 11-13 位是 {value}（卡口、多目设备），一般应为 131、132",
        "camera {code}: digits 11-13 of its device id are {value} (checkpoint or multi-lens), usually 131 or 132",
        "核对编号 · check the id",
    ),
    ProblemKind(
        "camera-id-county", "warning", "cameras",
        "摄像机 {code} 的国标编号前六位 {value} 与所在县 {county} 不一致",
        "camera {code}: its device id begins with {value}, but it stands in county {county}",
        "核对编号或坐标 · check the id or the position",
    ),
    ProblemKind(
        "camera-outside-county", "error", "cameras",
        "摄像机 {code} 不在任何村（社区）内，离最近的村界 {metres:.0f} 米",
        "camera {code} lies outside the county, {metres:.0f} m from the nearest village",
        "核对坐标和坐标系 · check its coordinates and datum",
    ),
    ProblemKind(
        "camera-datum-other", "warning", "cameras",
        "摄像机 {code} 在县外，但坐标若是 {datum}，就落在村（社区）{village} 内",
        "camera {code} lies outside the county, yet with {datum} coordinates it stands in village {village}",
        "核对坐标系，用 --datum 重新导入 · check the datum, and load it again with --datum",
    ),
    ProblemKind(
        "camera-position-missing", "error", "cameras",
        "摄像机 {code} 没有坐标",
        "camera {code} has no position",
        "补填经纬度 · fill in longitude and latitude",
    ),
    ProblemKind(
        "cameras-crowded", "warning", "cameras",
        "同一坐标上有 {count} 台摄像机（如 {code}）",
        "{count} cameras share one position ({code} among them)",
        "核对是否用了单位地址坐标 · check whether an office address was used for all",
    ),
    ProblemKind(
        "camera-heading-missing", "warning", "cameras",
        "固定摄像机 {code} 没有朝向，按八个方向中最开阔的一个计算",
        "fixed camera {code} has no heading; the most open of eight directions is used",
        "补填 azimuth_deg · fill in azimuth_deg",
    ),
    ProblemKind(
        "camera-class1-offline", "warning", "cameras",
        "一类点 {code} 状态为{value:zh}",
        "class 1 camera {code} is {value}",
        "报修 · have it repaired",
    ),
    ProblemKind(
        "camera-retention-short", "warning", "cameras",
        "摄像机 {code} 录像保存 {value} 天，不足 30 天",
        "camera {code} keeps recordings {value} days, under 30",
        "扩容存储 · enlarge the storage",
    ),
    ProblemKind(
        "camera-unfiled", "warning", "cameras",
        "摄像机 {code} 没有备案日期（国务院令第 799 号第十四条）",
        "camera {code} has no filing date (State Council Order 799, article 14)",
        "向县级公安机关备案 · file it with the county police",
    ),
    ProblemKind(
        "camera-forbidden", "warning", "cameras",
        "摄像机 {code} 位于禁止安装区域 {value}（国务院令第 799 号第八条）",
        "camera {code} stands in forbidden zone {value} (State Council Order 799, article 8)",
        "拆除或迁出 · remove or move it",
    ),
    ProblemKind(
        "camera-consent", "warning", "cameras",
        "摄像机 {code} 位于须经同意的区域 {value}",
        "camera {code} stands in zone {value}, where consent is needed",
        "补办同意手续 · obtain consent",
    ),
    ProblemKind(
        "site-candidates-few", "warning", "sites",
        "只有 {count} 个可选点位能增加覆盖，少于要求的 {asked} 台",
        "only {count} candidate sites add coverage, fewer than the {asked} cameras asked for",
        "补充杆位资料 · load more poles",
    ),
    ProblemKind(
        "site-not-proven", "warning", "sites",
        "选点未能在计算上限内证明最优，与上界还差 {gap:.2%}",
        "the choice of sites was not proven optimal within the limit of work; {gap:.2%} are left to the bound",
        "结果可用，差距已注明；减少台数或分期可再试 · use it with its gap, or ask for fewer cameras",
    ),
    ProblemKind(
        "site-headings-doubtful", "warning", "sites",
        "{count} 台在用摄像机的朝向不确定（八方位或不详）：选点时名义朝向看到的算已覆盖，只是可能看到的算未覆盖；"
        "全部需求中有 {share:.1%} 今天只靠它们覆盖",
        "the headings of {count} working cameras are uncertain (one of eight, or unknown): for siting, what they see "
        "at the nominal heading is covered, what they may see at another is not; {share:.1%} of all demand is covered "
        "by them alone today",
        "先核实这些朝向再定点 · check these headings before sites are settled",
    ),
)  # fmt: skip
