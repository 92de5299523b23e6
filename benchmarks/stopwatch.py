"""One way to take the time of a call and to write a row."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cpu", "row"]

Answer = TypeVar("Answer")


def cpu(call: Callable[[], Answer], *, repeat: int = 3) -> tuple[float, Answer]:
    """Give the least CPU seconds (all threads) of `repeat` calls, and the last answer."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        answer = call()
        best = min(best, time.process_time() - start)
    return best, answer


def row(what: str, ours: float, peer: str = "", theirs: float | None = None) -> str:
    """Write one line of the table."""
    if theirs is None:
        return f"| {what} | {ours:.3f} | {peer} | | |"
    return f"| {what} | {ours:.3f} | {peer} | {theirs:.3f} | {theirs / ours:.2f} |"
