"""Options of `wangge coverage`, and of `wangge sees` with the words of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wangge.speech import said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

__all__ = ["coverage_options", "sees_lines", "sees_options"]

Answer = dict[str, Any]

_WHY = {
    "sees": ("看得到", "sees it"), "offline": ("不在线", "does not work"), "indoors": ("在室内", "is indoors"),
    "turned_away": ("没有朝向这里", "looks elsewhere"), "too_near": ("在近处盲区内", "too near: in its dead zone"),
    "blocked": ("被建筑物遮挡", "a building is in the way"), "hill": ("被地形遮挡", "a hill is in the way"),
    "too_coarse": ("像素密度不够", "too few pixels"), "too_far": ("太远", "too far"),
}  # fmt: skip


def coverage_options(parser: argparse.ArgumentParser, *, metres: Callable[[str], Any]) -> None:
    """Add the options of `wangge coverage`, but for the plan and the scheduler; `metres` reads the resolution."""
    parser.add_argument(
        "--pixels", default="2014:observe", metavar="LEVEL",
        help="2014:observe（默认） | 2025:discern | 每米像素数 · pixel level or pixels per metre",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=metres, default=0.5, metavar="M", help="栅格边长，米（默认 0.5） · raster cell in metres"
    )
    parser.add_argument(
        "--without", nargs="+", metavar="CAMERA_ID", default=[], help="不计这些摄像机 · leave these out"
    )


def sees_options(parser: argparse.ArgumentParser) -> None:
    """Add the place."""
    parser.add_argument("lon", type=float, metavar="LON", help="经度（度） · longitude in degrees")
    parser.add_argument("lat", type=float, metavar="LAT", help="纬度（度） · latitude in degrees")


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
