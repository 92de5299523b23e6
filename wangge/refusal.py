"""How the command line says no: exit codes, and one or two lines, Chinese then English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["DONE", "ERRORS_FOUND", "INTERNAL", "STOPPED", "WRONG", "UsageError", "both", "instead"]

DONE = 0
ERRORS_FOUND = 1  # `check` only
WRONG = 2
INTERNAL = 70  # sysexits.h EX_SOFTWARE
STOPPED = 130  # 128 + SIGINT

_PATTERNS = (
    (r"the following arguments are required: (.+)", "缺少参数 {0}"),
    (r"unrecognized arguments: (.+)", "不认识的参数 {0}"),
    (r"argument (\S+): invalid choice: (\S+) \(choose from (.+)\)", "{0} 不能是 {1}，可选：{2}"),
    (r"argument (\S+): expected (?:one|at least one) argument", "{0} 后面缺少内容"),
    (r"argument (\S+): not allowed with argument (\S+)", "{0} 不能与 {1} 同时使用"),
    (r"one of the arguments (.+) is required", "须给出其中之一：{0}"),
    (r"argument (\S+): invalid (?:int|float) value: (.+)", "{0} 不能是 {1}，须为数字"),
    (r"argument (\S+): (.+)", "{0}：{1}"),
)


class UsageError(Exception):
    """The call is wrong; carries the two lines."""

    def __init__(self, prog: str, message: str) -> None:
        super().__init__(message)
        zh, _, en = message.partition(" · ")  # our own words for a value come in both languages
        head, quote, _ = zh.rpartition(": ")
        self.zh = f"{_chinese(zh)}（用法：{prog} --help）"
        self.en = f"{head}{quote}{en} (see {prog} --help)" if en else f"{message} (see {prog} --help)"


def both(error: BaseException) -> tuple[str, str] | None:
    """Give the Chinese and English line of a refusal, None for an error that is no refusal.

    Refusals of every room carry `zh` and `en`; a file that cannot be opened is a refusal too.
    """
    zh, en = getattr(error, "zh", None), getattr(error, "en", None)
    if isinstance(zh, str) and isinstance(en, str):
        return _line(zh), _line(en)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}：无法读写（{error.strerror}）", f"{error.filename}: {error.strerror}"
    return None


def _chinese(message: str) -> str:
    for pattern, words in _PATTERNS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return words.format(*found.groups())
    return f"命令写法不对：{message}"


def _line(text: str) -> str:
    """Keep a message on one line, whatever a library put into it."""
    return " ".join(text.split())


def instead(found: argparse.Namespace, extra: Sequence[str]) -> str:
    """Say what to type for `wangge plans PROJECT ACTION --plan NAME`, where the action takes no such option."""
    option, _, name = extra[0].partition("=")
    if found.command != "plans" or option != "--plan" or getattr(found, "action", None) is None:
        return ""
    made = found.action in {"branch", "restore"}
    plan = name or getattr(found, "name" if made else "plan", None) or "PLAN"
    typed = f"wangge plans {found.project} {found.action} {'--from ' if made else ''}{plan}"
    return f": 请写 {typed} · write {typed}"
