"""Options of the commands that make, fill, check and copy a project."""

from __future__ import annotations

from typing import Any

from wangge.keeping import replace_options
from wangge.options.command import command
from wangge.options.values import DATUMS, positive

__all__ = ["backups", "check", "copy", "demo", "load"]

LAYERS = (
    "villages", "homes", "buildings", "barriers", "hamlets", "overlays", "members", "cameras", "places", "zones",
    "poles", "incidents", "terrain", "blocks",
)  # fmt: skip
SAMPLES = ("panshan", "qibin", "nanjiang", "muye", "pingqiao", "tiny")


def demo(commands: Any) -> None:
    """Add `wangge demo`."""
    parser = command(
        commands,
        "demo",
        "从零生成示意县：数据、网格、人员、覆盖、选点、图册 · a sample county from nothing",
        project=False,
    )
    parser.add_argument(
        "dir", metavar="DIR", nargs="?", default="demo", help="输出文件夹（默认 demo） · folder to fill"
    )
    parser.add_argument("--county", choices=SAMPLES, default="panshan", metavar="NAME", help=" | ".join(SAMPLES))
    parser.add_argument("--serve", action="store_true", help="做完后打开服务 · keep serving the page afterwards")


def load(commands: Any) -> None:
    """Add `wangge load`."""
    parser = command(commands, "load", "导入一个图层 · load one layer from a file")
    parser.add_argument("layer", metavar="LAYER", choices=LAYERS, help="图层 · one of: " + ", ".join(LAYERS))
    parser.add_argument("file", metavar="FILE", help="shp, gpkg, geojson, kml, csv, xlsx, osm.pbf, tif …")
    parser.add_argument("--datum", choices=DATUMS, default="auto", help="坐标基准（默认自动识别） · datum of the file")
    parser.add_argument("--crs", metavar="EPSG", help="文件没有坐标系时指定，如 4490 · CRS where the file has none")
    parser.add_argument("--encoding", default="auto", metavar="NAME", help="文字编码（默认自动识别） · text encoding")
    parser.add_argument("--columns", metavar="MAP.toml", help="列名对照表 · which column of the file means what")
    parser.add_argument(
        "--accept-good", action="store_true", help="只收好的行，其余写到文件旁边 · store good rows, list the others"
    )
    replace_options(parser)


def check(commands: Any) -> None:
    """Add `wangge check`."""
    parser = command(commands, "check", "检查全部数据与方案，有错误时退出码为 1 · check everything; exit 1 on errors")
    parser.add_argument(
        "--profile", metavar="FILE.toml",
        help="规模与规则，如关闭一格一员（默认用各方案自己的） · sizes and rules (default: those of each plan)",
    )  # fmt: skip


def copy(commands: Any) -> None:
    """Add `wangge copy`."""
    parser = command(commands, "copy", "复制项目，使用中也可以 · copy a project, even while it is in use")
    parser.add_argument("target", metavar="PROJECT", help="新项目 · the new project; must not exist")


def backups(commands: Any) -> None:
    """Add `wangge backups`."""
    parser = command(commands, "backups", "列出自动备份（用 wangge copy 恢复） · list the backups made")
    parser.add_argument("--keep", type=positive, metavar="N", help="保留几份（默认 10） · how many are kept")
