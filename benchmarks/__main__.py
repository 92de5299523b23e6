"""Runs the benchmarks that are named, or all of them; those with a section write it into docs/benchmarks.md."""

from __future__ import annotations

import sys
from importlib import import_module

from benchmarks.report import write_section

ALL = ("store", "views", "coverage", "terrain", "partition", "plan", "siting", "demo")
HEADER = "| what | ours (CPU s) | peer | peer (CPU s) | peer / ours |"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.stderr.write(f"no benchmark named {', '.join(unknown)}; there are {', '.join(ALL)}\n")
        return 2
    for name in names or ALL:
        module = import_module(f"benchmarks.{name}")
        if hasattr(module, "section"):
            lines = []
            for line in module.section():
                print(line, flush=True)
                lines.append(line)
            write_section(name, lines)
            continue
        print(f"\n## {name}: {module.__doc__.splitlines()[0]}\n")
        print(f"{getattr(module, 'HEADER', HEADER)}\n|---|---|---|---|---|", flush=True)
        for row in module.rows():
            print(row, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
