"""How long work says how far it is."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "part", "quiet"]


class Progress(Protocol):
    """Called with steps done, steps in all, and what is being done in Chinese and English."""

    def __call__(self, done: int, total: int, zh: str, en: str = "", /) -> None:
        """Take note of one more step."""


def quiet(done: int, total: int, zh: str, en: str = "") -> None:
    """Take no note: what a job reports to where nobody watches."""


def part(progress: Progress | None, zh: str, en: str) -> Progress:
    """Give a progress that puts a job's own words in front of the words of the function at work."""
    if progress is None:
        return quiet

    def tell(done: int, total: int, *_words: str) -> None:
        progress(done, total, zh, en)  # one line of words per job: the bar shows how far it is

    return tell
