"""Threads of one process that want to write to the same file take turns, first come, first served.

Only the one whose turn it is asks SQLite for the lock. Without that, each would ask by itself, and in a busy process
hardly ever get to ask in the right moment, while other processes go on.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LateTurnError", "turn"]

_PAUSE_S = 0.005
"""Up to so long the next thread leaves the lock to other processes, which ask for it every 10 ms or so."""
_guard = threading.Lock()
_waiting: dict[str, deque[threading.Event]] = {}
"""Who is at work on a file, and who waits for it, by its path; the first is at work."""


class LateTurnError(Exception):
    """One's turn did not come in time."""


@contextmanager
def turn(path: str, *, seconds: float) -> Iterator[None]:
    """Wait for one's turn at a file, and hold it for the block.

    Raises
    ------
    LateTurnError
        Where it does not come in time.
    """
    mine = threading.Event()
    with _guard:
        queue = _waiting.setdefault(path, deque())
        queue.append(mine)
        alone = queue[0] is mine
    try:
        if not alone:
            if not mine.wait(seconds):
                raise LateTurnError(path)
            time.sleep(_PAUSE_S * random.random())  # noqa: S311 - no secret, only out of step
        yield
    finally:
        with _guard:
            first = queue[0] is mine
            queue.remove(mine)
            if first and queue:
                queue[0].set()
            elif not queue:
                _waiting.pop(path, None)
