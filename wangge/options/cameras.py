"""Options of the commands about cameras."""

from __future__ import annotations

from typing import Any

from wangge.options.command import command, plan_option
from wangge.options.values import metres, money, positive, share

__all__ = ["coverage", "sees", "site"]


def coverage(commands: Any) -> None:
    """Add `wangge coverage`."""
    parser = command(commands, "coverage", "计算监控实际可视范围、盲区与四率 · what the cameras really see")
    plan_option(parser)
    parser.add_argument(
        "--pixels", default="2014:observe", metavar="LEVEL",
        help="2014:observe（默认） | 2025:discern | 每米像素数 · pixel level or pixels per metre",
    )  # fmt: skip
    parser.add_argument(
        "--resolution",
        type=metres,
        default=0.5,
        metavar="M",
        help="栅格边长，0.1 到 4 米（默认 0.5） · raster cell in metres",
    )
    parser.add_argument(
        "--without",
        nargs="+",
        metavar="CAMERA_ID",
        default=[],
        help="假定这些摄像机停用 · as if these were switched off",
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask 调度器地址 · address of a Dask scheduler")


def site(commands: Any) -> None:
    """Add `wangge site`: what is asked for, of which candidates, and at which weights."""
    parser = command(commands, "site", "建议新增点位 · where the next cameras should go")
    goal = parser.add_mutually_exclusive_group(required=True)
    goal.add_argument("--cameras", type=positive, metavar="N", help="新增台数 · how many cameras")
    goal.add_argument("--budget", type=money, metavar="YUAN", help="预算，元 · what may be spent")
    goal.add_argument("--reach", type=share, metavar="SHARE", help="要达到的需求覆盖比例 · share of demand to reach")
    parser.add_argument("--phases", type=positive, default=2, metavar="N", help="分几期（默认 2） · phases")
    parser.add_argument("--prove", action="store_true", help="求证最优 · prove how good it is")
    parser.add_argument(
        "--headings", type=positive, default=8, metavar="N", help="每处试几个朝向（默认 8） · headings tried at a pole"
    )
    parser.add_argument(
        "--per-pole", type=positive, default=3, metavar="N", help="每杆至多几台（默认 3） · cameras a pole may hold"
    )
    parser.add_argument(
        "--turn", type=positive, default=0, metavar="N", help="先转动至多几台现有摄像机 · first turn so many"
    )
    parser.add_argument("--weights", metavar="FILE.toml", help="需求权重与单价 · weights of demand and prices")


def sees(commands: Any) -> None:
    """Add `wangge sees`."""
    parser = command(commands, "sees", "谁看得到这里，别的为什么看不到 · who sees a place, and what hides it")
    parser.add_argument("lon", type=float, metavar="LON", help="经度（度） · longitude in degrees")
    parser.add_argument("lat", type=float, metavar="LAT", help="纬度（度） · latitude in degrees")
