"""Options of what is handed in: folders of files, and maps."""

from __future__ import annotations

from typing import Any

from wangge.options.command import command, plan_option
from wangge.options.values import DATUMS

__all__ = ["export", "map_"]

FORMATS = ("xlsx", "pdf", "gpkg", "shp", "geojson", "kml", "csv", "html")
VIEWS = ("cells", "balance", "coverage", "gaps")


def export(commands: Any) -> None:
    """Add `wangge export`."""
    parser = command(commands, "export", "导出台账、图册与数据 · ledgers, map sheets and data")
    parser.add_argument("--out", required=True, metavar="DIR", help="输出文件夹 · folder to fill")
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=["xlsx", "gpkg"], metavar="NAME",
                        help="（默认 xlsx gpkg） " + " ".join(FORMATS))  # fmt: skip
    plan_option(parser)
    parser.add_argument("--datum", choices=DATUMS[1:], default="cgcs2000", help="输出坐标基准 · datum of the output")
    parser.add_argument("--public", action="store_true", help="公开版：不含敏感图层 · leave sensitive layers out")


def map_(commands: Any) -> None:
    """Add `wangge map`."""
    parser = command(commands, "map", "生成一个断网也能打开的地图文件 · one map file that opens with no network")
    parser.add_argument("--out", required=True, metavar="MAP.html")
    parser.add_argument("--view", choices=VIEWS, default="cells", help="（默认 cells）")
