"""Runs the benchmarks that are named, or all of them, each in a process of its own.

Peers bring libraries that do not bear one another in one process. A benchmark with a section writes it into
docs/benchmarks.md, with the time it took; one that fails does not keep the others from running.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from importlib import import_module

from benchmarks.report import write_section

ALL = ("store", "views", "coverage", "terrain", "partition", "plan", "siting", "demo")
HEADER = "| what | ours (CPU s) | peer | peer (CPU s) | peer / ours |"


def main(names: list[str]) -> int:
    """Run one benchmark here, several in processes of their own; 1 where one failed, 2 for an unknown name."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.stderr.write(f"no benchmark named {', '.join(unknown)}; there are {', '.join(ALL)}\n")
        return 2
    if len(names) == 1:
        _run(names[0])
        return 0
    taken, failed = {}, []
    for name in names or ALL:
        start = time.perf_counter()
        if subprocess.run([sys.executable, "-m", "benchmarks", name], check=False).returncode:  # noqa: S603
            failed.append(name)
            sys.stderr.write(f"\n!!! the benchmark {name} failed; the others go on\n\n")
        taken[name] = time.perf_counter() - start
    lines = list(_told(taken, failed))
    print("\n".join(lines), flush=True)
    if not names:
        write_section("run", lines)
    return 1 if failed else 0


def _run(name: str) -> None:
    """Run one benchmark and write its section, or print its rows."""
    module, start = import_module(f"benchmarks.{name}"), time.perf_counter()
    if not hasattr(module, "section"):
        print(f"\n## {name}: {module.__doc__.splitlines()[0]}\n")
        print(f"{getattr(module, 'HEADER', HEADER)}\n|---|---|---|---|---|", flush=True)
        for row in module.rows():
            print(row, flush=True)
        return
    lines = []
    for line in module.section():
        print(line, flush=True)
        lines.append(line)
    write_section(name, [*lines, "", f"This section took {time.perf_counter() - start:,.0f} s."])


def _told(taken: dict[str, float], failed: list[str]) -> list[str]:
    """Say how long each benchmark took, and which failed."""
    rows = [f"| {name} | {seconds:,.0f} |{' failed' if name in failed else ''} |" for name, seconds in taken.items()]
    return [
        "## One run of all benchmarks",
        "",
        f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}; clock seconds.",
        "",
        "| benchmark | s | |",
        "|---|---|---|",
        *rows,
        f"| all | {sum(taken.values()):,.0f} | |",
    ]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
