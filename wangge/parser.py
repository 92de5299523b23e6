"""Every command of `wangge`; nothing heavy is imported here."""

from __future__ import annotations

import argparse

from wangge.options.cameras import coverage, sees, site
from wangge.options.command import Parser
from wangge.options.data import backups, check, copy, demo, load
from wangge.options.papers import export, map_
from wangge.options.planning import assign, carry, compare, crosswalk, plan
from wangge.options.plans import history, plans
from wangge.options.service import database, serve, user

__all__ = ["build_parser"]

COMMANDS = (
    demo, load, check, plan, assign, coverage, site, compare, crosswalk, plans, history, carry, export, map_,
    copy, backups, database, user, serve, sees,
)  # fmt: skip
"""What adds each command, in the order of `wangge --help`."""


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of every command; each sub-parser sets `command` to its name."""
    parser = Parser(
        prog="wangge",
        description="网格：划分县域基本网格，检查视频监控覆盖。 · Plan the grids of a county and check its cameras.",
        epilog="第一次用：wangge demo · first steps: wangge demo. 英文提示：WANGGE_LANG=en",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="版本号 · show the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="命令 · commands", parser_class=Parser)
    for add in COMMANDS:
        add(commands)
    return parser
