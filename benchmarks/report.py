"""Writes what was measured into the page of figures, each benchmark between markers of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PAGE", "write_section"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_HEAD = """# 基准测试的结果 · Figures of the benchmarks

`make bench` 写出本页；不手改标记之间的内容。怎么量的、没有量什么，见 [benchmarks/README.md](../benchmarks/README.md)。
Written by `make bench`: what stands between the markers is replaced on each run, losses like wins.
"""


def write_section(name: str, lines: Iterable[str], *, page: Path = PAGE) -> None:
    """Replace what stands between the markers of `name` on the page; at its end where there are none yet.

    Nothing outside the markers is touched; a page that is missing is made.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else _HEAD
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = "\n".join([begin, *(line.rstrip() for line in lines), end])
    if begin in text and end in text:
        before, _, rest = text.partition(begin)
        text = before + section + rest.partition(end)[2]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    page.write_text(text, encoding="utf-8")
