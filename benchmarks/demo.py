"""The sample county from nothing to maps and papers: wall seconds of each step, after a warm start.

Every step runs on 2 cores at most; papers are written in a process of their own beside the map. There is no peer.
The county is `tiny` (two towns), or the one that BENCH_COUNTY names, such as ``panshan``.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from api.jobs.demo import DemoOptions, run_demo

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = "| step | seconds | | | |"


def rows() -> Iterator[str]:
    """Yield the rows of the table."""
    county = os.environ.get("BENCH_COUNTY", "tiny")
    with tempfile.TemporaryDirectory() as folder:
        run_demo(DemoOptions(str(Path(folder) / "warm"), "tiny"))  # compiles, or loads what was compiled before
        answer = run_demo(DemoOptions(str(Path(folder) / "measured"), county))
    for step, seconds in answer["steps"].items():
        yield f"| {county}: {step} | {seconds:.2f} | | | |"
    yield f"| {county}: everything | {answer['seconds']:.2f} | | | |"
