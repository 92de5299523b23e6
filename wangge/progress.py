"""The progress bar on stderr: drawn on a terminal only, silent when piped and with --json."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wangge.speech import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tqdm import tqdm

    from api.jobs.progress import Progress

__all__ = ["bar"]


@contextmanager
def bar(*, silent: bool = False) -> Iterator[Progress | None]:
    """Give the callable that jobs report to, or None where nobody watches."""
    if silent or not sys.stderr.isatty():
        yield None
        return
    shown = _Bar()
    try:
        yield shown
    finally:
        shown.close()


class _Bar:
    """One line that follows the step at work."""

    def __init__(self) -> None:
        self._tqdm: tqdm[Any] | None = None
        self._words = ""

    def __call__(self, done: int, total: int, zh: str, en: str = "") -> None:
        words = said(zh, en or zh)
        if self._tqdm is None or words != self._words or self._tqdm.total != total:
            self.close()
            self._tqdm = _new(total, words)
            self._words = words
        self._tqdm.update(done - self._tqdm.n)

    def close(self) -> None:
        """End the line at work."""
        if self._tqdm is not None:
            self._tqdm.close()
            self._tqdm = None


def _new(total: int, words: str) -> tqdm[Any]:
    from tqdm import tqdm

    shown: tqdm[Any] = tqdm(total=total, desc=words, file=sys.stderr, leave=False, dynamic_ncols=True)
    return shown
