"""`wangge`: read the call, run one job, say what came of it, answer with the right exit code."""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any
from unicodedata import category

from wangge.parser import build_parser
from wangge.refusal import DONE, ERRORS_FOUND, INTERNAL, STOPPED, WRONG, both

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0, 1 (`check` found errors), 2 (wrong input or call), 70, 130."""
    try:
        parser = build_parser()
        args = parser.parse_args(argv)
        if args.version:
            return _version()
        if args.command is None:
            parser.print_help()
            return WRONG
        return _run(args)
    except KeyboardInterrupt:
        _complain("已停止，项目没有改动", "stopped; the project is as it was")
        return STOPPED
    except BrokenPipeError:  # the reader of our output went away; nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # noqa: BLE001  # the outermost door: refusals are said, faults are named
        return _refuse(error)


def _run(args: argparse.Namespace) -> int:
    """Run the command that was called and print its answer."""
    with warnings.catch_warnings():
        if not _debug():
            warnings.simplefilter("ignore")  # warnings for people are `problems`; a library's are for developers
            logging.getLogger().addHandler(logging.NullHandler())
        answer = {} if args.command == "serve" else _answer(args)
        if args.command == "serve" or (args.command == "demo" and args.serve):
            _serve(args, answer)
        else:
            _say(args, answer)
    return ERRORS_FOUND if args.command == "check" and answer["errors"] else DONE


def _answer(args: argparse.Namespace) -> dict[str, Any]:
    """Run the job behind a command, with a progress bar where somebody watches."""
    from wangge.commands import COMMANDS
    from wangge.progress import bar

    with bar(silent=args.json) as progress:
        return COMMANDS[args.command](args, progress)


def _say(args: argparse.Namespace, answer: dict[str, Any], *more: str) -> None:
    """Print an answer: one JSON object, or a few lines."""
    if args.json:
        _print(_json(answer))
        return
    from wangge.summary import lines

    for line in (*lines(args.command, answer), *more) if answer else more:
        _print(line)


def _serve(args: argparse.Namespace, answer: dict[str, Any]) -> None:
    """Serve until interrupted; the link is said once the service answers."""
    from wangge.serving import serve
    from wangge.summary import serving

    def say(link: str) -> None:
        if args.json:
            _print(_json({**answer, "url": link}))
        else:
            _say(args, answer, *serving(link))

    if args.command == "demo":
        serve(str(answer["project"]), say=say)
    else:
        serve(args.project, host=args.host, port=args.port, browser=args.open, say=say)


def _json(answer: dict[str, Any]) -> str:
    """Write an answer as JSON: what is not a number is null."""
    return json.dumps(_plain(answer), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Turn numpy scalars, paths and times into what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _refuse(error: Exception) -> int:
    said = both(error)
    if said is not None and not _debug():
        _complain(*said)
        return WRONG
    if _debug():
        import traceback

        traceback.print_exception(error)
        return INTERNAL if said is None else WRONG
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    _complain(
        f"程序内部错误，项目没有改动。请带上这一行反馈（WANGGE_DEBUG=1 可看详情）：{what}",
        f"internal error, the project is as it was; please report this line (WANGGE_DEBUG=1 shows more): {what}",
    )
    return INTERNAL


def _version() -> int:
    from importlib.metadata import version

    _print(f"wangge {version('wangge')}")
    return DONE


def _complain(zh: str, en: str) -> None:
    from wangge.speech import english

    sys.stderr.write(f"{en}\n" if english() else f"{zh}\n{en}\n")


def _print(line: str) -> None:
    """Write a line; names and remarks of others in it do not steer the terminal."""
    harmless = ("\ufffd" if category(sign) == "Cc" and sign not in "\n\t" else sign for sign in line)
    sys.stdout.write("".join(harmless) + "\n")
    sys.stdout.flush()


def _debug() -> bool:
    return os.environ.get("WANGGE_DEBUG", "") not in {"", "0"}
