"""What the options of every command are built from: the parser that refuses in two languages, and what all share."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from wangge.refusal import UsageError, instead

__all__ = ["Parser", "action", "command", "plan_option"]


class Parser(argparse.ArgumentParser):
    """A parser whose refusals are errors in two languages, not a usage page."""

    def error(self, message: str) -> NoReturn:
        """Refuse the call.

        Raises
        ------
        UsageError
            Always, with both lines.
        """
        raise UsageError(self.prog, message)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as ever; an option `--plan` where the plan is named by itself, or by --from, is told how to write."""
        found, extra = self.parse_known_args(args, namespace)
        if extra:
            self.error(f"unrecognized arguments: {' '.join(extra)}{instead(found, extra)}")
        return found


def command(commands: Any, name: str, words: str, *, project: bool = True) -> argparse.ArgumentParser:
    """Add one command with what all of them share: the project and --json."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
    if project:
        parser.add_argument("project", metavar="PROJECT", help="项目：county.gpkg 或 postgresql://… · file or database")
    parser.add_argument(
        "--json", action="store_true", help="只输出一个 JSON 对象 · print one JSON object, nothing else"
    )
    return parser


def action(actions: Any, name: str, words: str) -> argparse.ArgumentParser:
    """Add one action of a command that has several; --json may stand before it or behind."""
    inner: argparse.ArgumentParser = actions.add_parser(name, help=words, description=words, allow_abbrev=False)
    inner.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="只输出 JSON · JSON only")
    return inner


def plan_option(parser: argparse.ArgumentParser) -> None:
    """Add the plan that is meant."""
    parser.add_argument("--plan", metavar="NAME", help="方案名（默认最近一个） · plan (default: made last)")
