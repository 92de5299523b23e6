"""Values of options that several commands read: numbers within limits, and names of datums."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DATUMS", "metres", "money", "port", "positive", "share", "weight"]

DATUMS = ("auto", "wgs84", "cgcs2000", "gcj02", "bd09")


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


positive = _checked(int, lambda n: n > 0, "须为正整数 · a whole number above 0 is needed")
port = _checked(int, lambda n: 0 <= n < 65536, "须为 0 到 65535 · 0 to 65535 is needed")
share = _checked(float, lambda x: 0 <= x <= 1, "须在 0 到 1 之间 · a number from 0 to 1 is needed")
metres = _checked(float, lambda x: 0.1 <= x <= 4, "须为 0.1 到 4 米 · 0.1 to 4 metres is needed")
money = _checked(float, lambda x: 0 < x < 1e15, "须为正数 · a number above 0 is needed")
weight = _checked(float, lambda x: 0 <= x <= 100, "须在 0 到 100 之间 · a number from 0 to 100 is needed")
