"""The options of `wangge site`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

__all__ = ["site_options"]


def site_options(
    parser: argparse.ArgumentParser, *, positive: Callable[[str], int], money: Callable[[str], float],
    share: Callable[[str], float],
) -> None:  # fmt: skip
    """Say what is asked for, of which candidates, and at which weights."""
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
