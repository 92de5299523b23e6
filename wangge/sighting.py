"""The words of `wangge sees`."""

from __future__ import annotations

from typing import Any

from wangge.speech import said

__all__ = ["sees_lines"]

Answer = dict[str, Any]

_WHY = {
    "sees": ("看得到", "sees it"), "offline": ("不在线", "does not work"), "indoors": ("在室内", "is indoors"),
    "turned_away": ("没有朝向这里", "looks elsewhere"), "too_near": ("在近处盲区内", "too near: in its dead zone"),
    "blocked": ("被建筑物遮挡", "a building is in the way"), "hill": ("被地形遮挡", "a hill is in the way"),
    "too_coarse": ("像素密度不够", "too few pixels"), "too_far": ("太远", "too far"),
}  # fmt: skip


def sees_lines(answer: Answer) -> list[str]:
    """Say who sees the place, and why the others around it do not."""
    level = answer["pixel_level"]
    count = answer["seen_by"]
    lines = [said(f"{count} 台摄像机看得到这里（{level}）", f"{count} cameras see this place ({level})")]
    for row in answer["cameras"]:
        density = "" if row["px_per_m"] is None else f", {row['px_per_m']:g} px/m"
        obstacle = "" if row["building_id"] is None else f" {row['building_id']} ({row['obstacle_m']:g} m)"
        lines.append(f"  {row['camera_id']}: {said(*_WHY[row['why']])}{obstacle} · {row['distance_m']:g} m{density}")
    return lines
