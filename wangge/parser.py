"""Every command and option of `wangge`, Chinese first, English second; nothing heavy is imported here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from wangge.keeping import backup_option, carry_options, replace_options
from wangge.refusal import UsageError, instead
from wangge.sighting import coverage_options, sees_options
from wangge.siting import site_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["build_parser"]

DATUMS = ("auto", "wgs84", "cgcs2000", "gcj02", "bd09")
LAYERS = (
    "villages", "homes", "buildings", "barriers", "hamlets", "overlays", "members", "cameras", "places", "zones",
    "poles", "incidents", "terrain", "blocks",
)  # fmt: skip
FORMATS = ("xlsx", "pdf", "gpkg", "shp", "geojson", "kml", "csv", "html")
VIEWS = ("cells", "balance", "coverage", "gaps")
SAMPLES = ("panshan", "qibin", "nanjiang", "muye", "pingqiao", "tiny")
ROLES = ("viewer", "planner", "security", "admin")


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are errors in two languages, not a usage page."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(self.prog, message)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as ever; an option `--plan` where the plan is named by itself, or by --from, is told how to write."""
        found, extra = self.parse_known_args(args, namespace)
        if extra:
            self.error(f"unrecognized arguments: {' '.join(extra)}{instead(found, extra)}")
        return found


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of every command; each sub-parser sets `command` to its name."""
    parser = _Parser(
        prog="wangge",
        description="网格：划分县域基本网格，检查视频监控覆盖。 · Plan the grids of a county and check its cameras.",
        epilog="第一次用：wangge demo · first steps: wangge demo. 英文提示：WANGGE_LANG=en",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="版本号 · show the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="命令 · commands", parser_class=_Parser)
    for add in (
        _demo, _load, _check, _plan, _assign, _coverage, _site, _compare, _plans, _history, _carry, _export, _map,
        _copy, _backups, _database, _user, _serve,
    ):  # fmt: skip
        add(commands)
    sees_options(_command(commands, "sees", "谁看得到这里，别的为什么看不到 · who sees a place, and what hides it"))
    return parser


def _command(commands: Any, name: str, words: str, *, project: bool = True) -> argparse.ArgumentParser:
    """Add one command with what all of them share: the project and --json."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
    if project:
        parser.add_argument("project", metavar="PROJECT", help="项目：county.gpkg 或 postgresql://… · file or database")
    parser.add_argument(
        "--json", action="store_true", help="只输出一个 JSON 对象 · print one JSON object, nothing else"
    )
    return parser


def _demo(commands: Any) -> None:
    parser = _command(
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


def _load(commands: Any) -> None:
    parser = _command(commands, "load", "导入一个图层 · load one layer from a file")
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


def _check(commands: Any) -> None:
    _command(commands, "check", "检查全部数据与方案，有错误时退出码为 1 · check everything; exit 1 on errors")


def _plan(commands: Any) -> None:
    parser = _command(commands, "plan", "划分基本网格 · split villages into cells")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--households", type=_positive, metavar="N", help="每格户数（默认 400） · households per cell")
    size.add_argument("--cells", type=_positive, metavar="N", help="基本网格总数 · number of basic cells")
    size.add_argument("--cells-by", metavar="FILE.csv", help="各村格数，列 village_code, cells · cells per village")
    parser.add_argument(
        "--balance", choices=("households", "occupied", "residents", "workload"), default="households",
        help="按什么均衡（默认户数） · what to balance",
    )  # fmt: skip
    parser.add_argument("--tolerance", type=_share, default=0.05, metavar="SHARE", help="容差（默认 0.05） · tolerance")
    parser.add_argument("--unit", choices=("block", "hamlet"), default="block", help="最小单元 · smallest unit")
    parser.add_argument("--profile", metavar="FILE.toml", help="规模与权重的设定 · sizes and weights")
    parser.add_argument("--scope", nargs="+", metavar="CODE", help="只划这些县、乡镇或村 · only these codes")
    parser.add_argument("--from", dest="from_plan", metavar="PLAN", help="在已有方案上改 · start from this plan")
    parser.add_argument("--keep", type=_share, metavar="SHARE", help="至少保留的户数比例（配合 --from） · share kept")
    parser.add_argument("--name", metavar="NAME", help="方案名（默认 p001 起编号） · name of the plan")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="随机种子（默认 0） · same seed, same plan")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask 调度器地址 · address of a Dask scheduler")


def _assign(commands: Any) -> None:
    parser = _command(commands, "assign", "分配网格长、网格员、微网格、党员联系户 · give every cell its people")
    _plan_option(parser)
    parser.add_argument(
        "--contacts", type=_positive, default=10, metavar="N",
        help="每名党员或志愿者联系的户数（默认 10） · households each",
    )  # fmt: skip
    parser.add_argument(
        "--micro", type=_positive, default=60, metavar="N", help="微网格户数（默认 60） · per micro-cell"
    )
    backup_option(parser)


def _coverage(commands: Any) -> None:
    parser = _command(commands, "coverage", "计算监控实际可视范围、盲区与四率 · what the cameras really see")
    _plan_option(parser)
    coverage_options(parser, metres=_metres)
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask 调度器地址 · address of a Dask scheduler")


def _site(commands: Any) -> None:
    parser = _command(commands, "site", "建议新增点位 · where the next cameras should go")
    site_options(parser, positive=_positive, money=_money, share=_share)


def _compare(commands: Any) -> None:
    parser = _command(commands, "compare", "对比两个方案 · compare two plans")
    parser.add_argument("plan_a", metavar="PLAN_A")
    parser.add_argument("plan_b", metavar="PLAN_B")
    parser.add_argument("--out", metavar="FILE.xlsx", help="变更清单 · write the change list")


def _plans(commands: Any) -> None:
    parser = _command(commands, "plans", "方案的版本：列出、另开、送审、定稿、恢复、备注 · plans as versions")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)

    def action(name: str, words: str) -> argparse.ArgumentParser:
        inner: argparse.ArgumentParser = actions.add_parser(name, help=words, description=words, allow_abbrev=False)
        inner.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="只输出 JSON · JSON only")
        return inner

    branch = action("branch", "从一个方案另开一个草稿 · copy a plan to a new draft")
    restore = action("restore", "把方案恢复到某条记录时的样子，存为新方案 · an earlier state as a new plan")
    restore.add_argument(
        "--at", required=True, metavar="ID", help="记录编号或时间 · row of `wangge history`, or a time"
    )
    for each in (branch, restore):
        each.add_argument("name", metavar="NAME", nargs="?", help="新方案名（默认编号） · name of the new plan")
        each.add_argument("--from", dest="plan", metavar="PLAN", help="从哪个方案（默认最近一个） · of which plan")
        each.add_argument("--note", metavar="TEXT", help="说明 · a note")
    for name, words in (
        ("review", "送审 · send to review"), ("final", "定稿，此后不能再改 · make final, for good"),
        ("draft", "退回草稿 · back to draft"), ("changes", "定稿以来的变化 · what changed since the final plan"),
        ("undo", "撤销自己在方案里的最后一步 · take back your last edit"), ("redo", "重做 · make it again"),
    ):  # fmt: skip
        action(name, words).add_argument("plan", metavar="PLAN", nargs="?", help="方案名（默认最近一个） · plan")
    for name, words in (
        ("remark", "给网格写备注 · write a remark on a cell"),
        ("rename", "给网格改名 · rename a cell"),
    ):
        inner = action(name, words)
        inner.add_argument("cell", metavar="CELL", help="网格编码 · code of the cell")
        inner.add_argument("text", metavar="TEXT", help="文字；备注为空即删除 · an empty remark is taken away")
        _plan_option(inner)
    for name, words in (("lock", "锁定网格的范围 · keep cells as they are"), ("unlock", "解锁 · unlock cells")):
        inner = action(name, words)
        inner.add_argument("cells", metavar="CELL", nargs="+", help="同一个村的网格编码 · cells of one village")
        _plan_option(inner)


def _history(commands: Any) -> None:
    parser = _command(commands, "history", "谁在什么时候改了什么，从什么改成什么 · who changed what, when")
    parser.add_argument("--plan", metavar="NAME", help="只看一个方案 · of one plan only")
    parser.add_argument("--limit", type=_positive, default=50, metavar="N", help="最近几条（默认 50） · newest rows")


def _export(commands: Any) -> None:
    parser = _command(commands, "export", "导出台账、图册与数据 · ledgers, map sheets and data")
    parser.add_argument("--out", required=True, metavar="DIR", help="输出文件夹 · folder to fill")
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=["xlsx", "gpkg"], metavar="NAME",
                        help="（默认 xlsx gpkg） " + " ".join(FORMATS))  # fmt: skip
    _plan_option(parser)
    parser.add_argument("--datum", choices=DATUMS[1:], default="cgcs2000", help="输出坐标基准 · datum of the output")
    parser.add_argument("--public", action="store_true", help="公开版：不含敏感图层 · leave sensitive layers out")


def _map(commands: Any) -> None:
    parser = _command(commands, "map", "生成一个断网也能打开的地图文件 · one map file that opens with no network")
    parser.add_argument("--out", required=True, metavar="MAP.html")
    parser.add_argument("--view", choices=VIEWS, default="cells", help="（默认 cells）")


def _copy(commands: Any) -> None:
    parser = _command(commands, "copy", "复制项目，使用中也可以 · copy a project, even while it is in use")
    parser.add_argument("target", metavar="PROJECT", help="新项目 · the new project; must not exist")


def _carry(commands: Any) -> None:
    parser = _command(commands, "carry", "村合并拆分换码后把方案转到新村上 · carry a plan to changed villages")
    _plan_option(parser)
    carry_options(parser)


def _backups(commands: Any) -> None:
    parser = _command(commands, "backups", "列出自动备份（用 wangge copy 恢复） · list the backups made")
    parser.add_argument("--keep", type=_positive, metavar="N", help="保留几份（默认 10） · how many are kept")


def _database(commands: Any) -> None:
    parser = _command(commands, "database", "查看数据库，给账号授权 · a database: what it holds, rights of roles")
    for option, words in (
        ("--grant-reader", "只读账号，不含敏感图层 · may read, but no sensitive layer"),
        ("--grant-writer", "读写账号，服务和规划用，不能改表 · may read and write, not change tables"),
        ("--revoke", "收回全部权限 · loses every right"),
    ):
        parser.add_argument(option, action="append", default=[], metavar="ROLE", help=words)
    parser.add_argument("--sensitive", action="store_true", help="只读账号可读敏感图层 · readers see sensitive layers")


def _user(commands: Any) -> None:
    parser = _command(commands, "user", "管理服务的用户 · users of the service")
    actions = parser.add_subparsers(dest="action", metavar="add", required=True, parser_class=_Parser)
    add = actions.add_parser("add", help="添加用户 · add a user", allow_abbrev=False)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", required=True, choices=ROLES, help="角色 · viewer | planner | security | admin")
    add.add_argument("--scope", nargs="+", metavar="CODE", default=[], help="只管这些县、乡镇或村 · only these codes")
    add.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="只输出一个 JSON 对象 · JSON only")


def _serve(commands: Any) -> None:
    parser = _command(commands, "serve", "打开网页服务 · serve the pages")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="监听地址（默认只限本机） · loopback only"
    )
    parser.add_argument(
        "--port", type=_port, default=8000, metavar="N", help="端口（默认 8000，0 为任意空闲） · 0: any"
    )
    parser.add_argument("--open", action="store_true", help="打开浏览器 · open a browser")


def _plan_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", metavar="NAME", help="方案名（默认最近一个） · plan (default: made last)")


def _checked(convert: Callable[[str], Any], holds: Callable[[Any], bool], words: str) -> Callable[[str], Any]:
    """Make an argparse type whose refusal says what is wanted."""

    def read(text: str) -> Any:
        try:
            value = convert(text)
        except ValueError:
            value = None
        if value is None or not holds(value):
            raise argparse.ArgumentTypeError(f"{text!r}: {words}")
        return value

    return read


_positive = _checked(int, lambda n: n > 0, "须为正整数 · a whole number above 0 is needed")
_port = _checked(int, lambda n: 0 <= n < 65536, "须为 0 到 65535 · 0 to 65535 is needed")
_share = _checked(float, lambda x: 0 <= x <= 1, "须在 0 到 1 之间 · a number from 0 to 1 is needed")
_metres = _checked(float, lambda x: 0.1 <= x <= 100, "须为 0.1 到 100 米 · 0.1 to 100 metres is needed")
_money = _checked(float, lambda x: 0 < x < 1e15, "须为正数 · a number above 0 is needed")


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse one call; `UsageError` where it is wrong."""
    return build_parser().parse_args(argv)
