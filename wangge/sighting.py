"""The words of `wangge coverage` and `wangge sees`."""

from __future__ import annotations

from typing import Any

from wangge.speech import said

__all__ = ["coverage_lines", "sees_lines"]

Answer = dict[str, Any]

_WHY = {
    "sees": ("看得到", "sees it"), "offline": ("不在线", "does not work"), "indoors": ("在室内", "is indoors"),
    "turned_away": ("没有朝向这里", "looks elsewhere"), "too_near": ("在近处盲区内", "too near: in its dead zone"),
    "blocked": ("被建筑物遮挡", "a building is in the way"), "hill": ("被地形遮挡", "a hill is in the way"),
    "too_coarse": ("像素密度不够", "too few pixels"), "too_far": ("太远", "too far"),
}  # fmt: skip

_INPUTS = {
    "kind": ("类型", "kind"), "azimuth_deg": ("朝向", "heading"), "hfov_deg": ("水平角", "width of view"),
    "vfov_deg": ("竖直角", "height of view"), "focal_mm": ("焦距", "focal length"), "sensor": ("靶面", "sensor"),
    "width_px": ("像素", "pixels"), "mount_m": ("挂高", "mounting height"), "tilt_deg": ("俯角", "tilt"),
}  # fmt: skip

_RATIOS = {
    "places": ("覆盖率（点位计）", "places covered"), "networked": ("联网率", "networked"),
    "working": ("完好率", "working"), "filed": ("建档率", "filed"), "hd": ("高清率", "high-definition"),
}  # fmt: skip


def coverage_lines(answer: Answer) -> list[str]:
    """Say what is covered by area, the ratios with their targets and how they moved, and what rests on assumptions."""
    rows = {row["ratio"]: row for row in answer["ratios"] if not row["point_class"]}
    since = answer["since"]
    head = said(
        f"{answer['run']}：摄像机 {answer['cameras']} 台，按面积覆盖 {_of_interest(answer)}"
        f"{_moved(rows['area'], since)}，盲区 {answer['gaps']} 处（像素级别 {answer['pixel_level']}）",
        f"{answer['run']}: {answer['cameras']} cameras cover {_of_interest(answer)} of the area of interest"
        f"{_moved(rows['area'], since)}, {answer['gaps']} blind areas (pixel level {answer['pixel_level']})",
    )
    lines = [head, *(_ratio(said(*words), rows[name], since) for name, words in _RATIOS.items())]
    if silent := answer["assumed"].get("status", 0):
        lines.append(said(f"  完好率中 {silent} 台没有填状态，按在用计",
                          f"  working: {silent} cameras have no status and are taken to work"))  # fmt: skip
    shares = answer["assumed_share"], answer["not_at_once_share"]
    if max(shares) > 0:
        lines.append(said(f"视野中 {shares[0]:.0%} 靠缺省参数算出，{shares[1]:.0%} 是球机转动才能看到的",
                          f"of all views {shares[0]:.0%} rest on defaults, {shares[1]:.0%} are PTZ reach, not seen "
                          "at once"))  # fmt: skip
    return lines


def _ratio(name: str, row: Answer, since: str | None) -> str:
    """Give one ratio: numerator, denominator, share, target, change, and of how many cameras the list is silent."""
    if row["share"] is None:
        return f"  {name} –" + (said("（清单未填，无从计）", " (the list does not say)") if row["unknown"] else "")
    target = "" if row["target"] is None else said(f"，目标 {row['target']:.0%}", f", target {row['target']:.0%}")
    silent = said(f"，{row['unknown']:.0f} 台未填", f", {row['unknown']:.0f} not told") if row["unknown"] else ""
    return f"  {name} {row['part']:.0f}/{row['whole']:.0f} = {row['share']:.1%}{target}{_moved(row, since)}{silent}"


def _moved(row: Answer, since: str | None) -> str:
    """Say by how much a share moved since an earlier run, in percentage points."""
    if since is None or row["change"] is None:
        return ""
    points = row["change"] * 100
    return said(f"（比 {since} {points:+.1f} 个百分点）", f" ({points:+.1f} points since {since})")


def _of_interest(answer: Answer) -> str:
    """Give the share of the area of interest, or say that nothing loaded makes one."""
    if answer["aoi_m2"] > 0:
        return f"{answer['covered_share']:.1%}"
    return said("–（没有房屋、道路、重点部位，无从计）", "– (no buildings, roads or places to measure it over)")


def sees_lines(answer: Answer) -> list[str]:
    """Say who sees the place, and why the others around it do not."""
    level = answer["pixel_level"]
    count = answer["seen_by"]
    lines = [said(f"{count} 台摄像机看得到这里（{level}）", f"{count} cameras see this place ({level})")]
    for row in answer["cameras"]:
        density = "" if row["px_per_m"] is None else f", {row['px_per_m']:g} px/m"
        obstacle = "" if row["building_id"] is None else f" {row['building_id']} ({row['obstacle_m']:g} m)"
        lines.append(f"  {row['camera_id']}: {said(*_WHY[row['why']])}{obstacle} · {row['distance_m']:g} m{density}")
        lines += _as_it_hangs(row)
    return lines


def _as_it_hangs(row: Answer) -> list[str]:
    """Say what of a camera's view is hidden, whether turning it would help, and what its figures rest on."""
    told = []
    if row["blocked_share"]:
        ahead = row["axis_obstacle_m"]
        told.append(
            said(f"视野 {row['blocked_share']:.0%} 被遮挡", f"{row['blocked_share']:.0%} of its view is hidden")
        )
        told += [] if ahead is None else [said(f"正前方 {ahead:.0f} 米有遮挡", f"a building {ahead:.0f} m ahead")]
    if row["turn_gain"] is not None:
        times = f"{row['turn_gain']:.1f}" if row["turn_gain"] < 100 else "100+"
        told.append(
            said(f"转到 {row['turn_deg']:.0f}° 可看到 {times} 倍", f"turned to {row['turn_deg']:.0f}° it sees {times}×")
        )
    if row["assumed"]:
        inputs = [said(*_INPUTS[name]) for name in row["assumed"].split()]
        told.append(said(f"按缺省值：{'、'.join(inputs)}", f"taken as usual: {', '.join(inputs)}"))
    return ["    " + said("；", "; ").join(told)] if told else []
