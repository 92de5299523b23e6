"""Options of the commands that draw cells, give them people and lay two sets of cells over another."""

from __future__ import annotations

import argparse
from typing import Any

from wangge.keeping import backup_option, carry_options
from wangge.options.command import command, plan_option
from wangge.options.values import positive, share, weight

__all__ = ["assign", "carry", "compare", "crosswalk", "plan"]


def plan(commands: Any) -> None:
    """Add `wangge plan`."""
    parser = command(commands, "plan", "划分基本网格 · split villages into cells")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--households", type=positive, metavar="N", help="每格户数（默认 400） · households per cell")
    size.add_argument("--cells", type=positive, metavar="N", help="基本网格总数 · number of basic cells")
    size.add_argument(
        "--cells-by",
        metavar="FILE",
        help="各村格数，csv 或 xlsx，列 village_code, cells（村代码、网格数） · cells per village",
    )
    parser.add_argument(
        "--balance", choices=("households", "occupied", "residents", "workload"), default="households",
        help="按什么均衡（默认户数） · what to balance",
    )  # fmt: skip
    parser.add_argument("--tolerance", type=share, default=0.05, metavar="SHARE", help="容差（默认 0.05） · tolerance")
    parser.add_argument("--unit", choices=("block", "hamlet"), default="block", help="最小单元 · smallest unit")
    parser.add_argument("--profile", metavar="FILE.toml", help="规模与权重的设定 · sizes and weights")
    parser.add_argument("--scope", nargs="+", metavar="CODE", help="只划这些县、乡镇或村 · only these codes")
    parser.add_argument("--from", dest="from_plan", metavar="PLAN", help="在已有方案上改 · start from this plan")
    parser.add_argument("--keep", type=share, metavar="SHARE", help="至少保留的户数比例（配合 --from） · share kept")
    parser.add_argument(
        "--barriers", type=weight, metavar="WEIGHT",
        help="界线沿路沿河比网格方正要紧多少（默认 0.6，0 只求方正，2 多沿路） · borders along barriers against shape",
    )  # fmt: skip
    parser.add_argument(
        "--split-blocks", action=argparse.BooleanOptionalAction, default=None,
        help="超差的村可否在住户之间拆地块（默认：自己划的可以，导入的不动） · split blocks between homes "
        "where a village is over tolerance (default: blocks made here, none that were loaded)",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="方案名（默认 p001 起编号） · name of the plan")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="随机种子（默认 0） · same seed, same plan")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask 调度器地址 · address of a Dask scheduler")


def assign(commands: Any) -> None:
    """Add `wangge assign`."""
    parser = command(commands, "assign", "分配网格长、网格员、微网格、党员联系户 · give every cell its people")
    plan_option(parser)
    parser.add_argument(
        "--contacts", type=positive, default=10, metavar="N",
        help="每名党员或志愿者联系的户数（默认 10） · households each",
    )  # fmt: skip
    parser.add_argument(
        "--micro", type=positive, default=60, metavar="N", help="微网格户数（默认 60） · per micro-cell"
    )
    backup_option(parser)


def compare(commands: Any) -> None:
    """Add `wangge compare`."""
    parser = command(commands, "compare", "对比两个方案 · compare two plans")
    parser.add_argument("plan_a", metavar="PLAN_A", help="原方案 · the old plan")
    parser.add_argument("plan_b", metavar="PLAN_B", help="新方案 · the new plan")
    parser.add_argument(
        "--out", metavar="FILE",
        help="按文件名结尾：变更清单 .xlsx，断网可开的对比地图 .html，变更图层 .geojson"
        " · by its ending: list of changes, map that opens offline, or layer of the ground that changed",
    )  # fmt: skip


def crosswalk(commands: Any) -> None:
    """Add `wangge crosswalk`."""
    parser = command(
        commands, "crosswalk", "网格与其他部门网格对照：套合、被分割 · how cells nest in other departments' grids"
    )
    plan_option(parser)
    parser.add_argument(
        "--system", metavar="NAME", help="只看一个系统，如 警务区（默认全部） · one system only (default: all)"
    )
    parser.add_argument(
        "--out", metavar="FILE", help="对照表 .xlsx 或 .csv，对照图 .geojson · write the list, or the pieces as map"
    )


def carry(commands: Any) -> None:
    """Add `wangge carry`."""
    parser = command(commands, "carry", "村合并拆分换码后把方案转到新村上 · carry a plan to changed villages")
    plan_option(parser)
    carry_options(parser)
