"""Runs the long trials and writes docs/soak.md: `python -m tests.soak [kills|crowd] [--moments 50] [--seed 1] …`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import write_section
from tests.soak.crash import KILLED, Bench, draw
from tests.soak.crowd import crowd
from tests.soak.script import STEPS
from tests.soak.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.crash import Outcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "soak.md"
_HEAD = """# 长跑试验 · Soak trials

`make soak` 写出本页：在随机时刻 `kill -9`，以及八个写者、八个读者同时工作一分钟。
`make soak` writes this page: `kill -9` at random moments, and eight writers with eight readers for a minute.

被杀的是：做事的进程（client）、数据库服务的一个进程（backend）、整个数据库服务（server，重启后由日志恢复）。
杀进程不是断电：写给操作系统的都还在；断电由 fsync 保证，这里没有试，试验用的数据库也关着它。
Killed are the process that does the job, the server's process that serves it, or the whole server, which recovers
from its log. That is no power failure: what the operating system was given stays. Against that stands fsync, which a
database has on and a project file uses at each checkpoint; it is not tried here, and off in the database on trial.
"""


def main(arguments: list[str]) -> int:
    """Run the trials; 1 where one found a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("trials", nargs="*", default=["kills", "crowd"], help="kills, crowd or both")
    parser.add_argument("--moments", type=int, default=50, help="kills of each sort")
    parser.add_argument("--seconds", type=float, default=60, help="how long the crowd works")
    parser.add_argument("--seed", type=int, default=1, help="draws the moments")
    parser.add_argument("--only", type=int, help="this moment of the list alone")
    parser.add_argument("--backend", choices=["file", "database"], nargs="*", default=["file", "database"])
    parser.add_argument("--killed", choices=["client", "server"], nargs="*", default=["client", "server"])
    parser.add_argument("--dry", action="store_true", help="do not write the page")
    asked = parser.parse_args(arguments)
    if not PAGE.exists() and not asked.dry:
        PAGE.write_text(_HEAD, encoding="utf-8")
    faults = 0
    with Server() as server:
        for trial in asked.trials:
            for backend in asked.backend:
                for section, lines, wrong in (_kills if trial == "kills" else _crowd)(asked, server, backend):
                    faults += wrong
                    if not asked.dry:
                        write_section(section, lines, page=PAGE)
    return int(faults > 0)


def _kills(asked: argparse.Namespace, server: Server, backend: str) -> Iterator[tuple[str, list[str], int]]:
    sorts = {"client": KILLED[:1], "server": KILLED[1:]}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), server, database=backend == "database")
        bench.rehearse()
        _say(f"{backend}: {len(STEPS)} steps rehearsed")
        for number, sort in enumerate(asked.killed if backend == "database" else ["client"]):
            outcomes = []
            moments = draw(asked.moments, sorts[sort], seed=asked.seed + number)
            for moment in moments if asked.only is None else moments[asked.only : asked.only + 1]:
                outcomes.append(bench.kill(moment))
                _say(_line(outcomes[-1]))
            wrong = sum(bool(one.faults) for one in outcomes)
            yield f"kills-{backend}-{sort}", list(_kill_report(asked, backend, outcomes)), wrong
        bench.close()


def _kill_report(asked: argparse.Namespace, backend: str, outcomes: list[Outcome]) -> Iterator[str]:
    name = "项目文件 · project file" if backend == "file" else "PostGIS"
    wrong = sum(bool(one.faults) for one in outcomes)
    kept = Counter((one.acknowledged, one.found) for one in outcomes)
    yield f"## kill -9：{name}, {', '.join(sorted({one.moment.killed for one in outcomes}))}\n"
    yield f"{time.strftime('%Y-%m-%d')}, seed {asked.seed}: {len(outcomes)} kills, {wrong} with a fault."
    yield f"Acknowledged and there: {kept[True, 'after']}; not acknowledged and not there: {kept[False, 'before']};"
    yield f"complete, killed before it could be acknowledged: {kept[False, 'after']}."
    if backend == "file":
        beside = sum(bool(one.left_behind) for one in outcomes)
        yield f"A log or a draft lay beside the file after {beside} of the kills,"
        yield "and after none of them when the project had been opened and closed again."
    refused = Counter(one.said.partition(":")[0] for one in outcomes if one.said)
    if refused:
        yield f"What the killed server's client was told: {', '.join(f'{n} x {name}' for name, n in refused.items())}."
    yield ""
    yield "| # | step | killed | acknowledged | found | faults |"
    yield "|---|---|---|---|---|---|"
    yield from map(_line, outcomes)


def _line(outcome: Outcome) -> str:
    moment = outcome.moment
    told = "yes" if outcome.acknowledged else "no"
    faults = "; ".join(outcome.faults).replace("|", "/") or "–"
    return f"| {moment.number} | {STEPS[moment.step][1]} | {moment.when} | {told} | {outcome.found} | {faults} |"


def _crowd(asked: argparse.Namespace, server: Server, backend: str) -> Iterator[tuple[str, list[str], int]]:
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "county.gpkg")
        if backend == "database":
            server.drop("crowd")
            target = server.clone("crowd", "with_postgis")
        report = crowd(target, seconds=asked.seconds)
        lines = list(report.lines("项目文件 · project file" if backend == "file" else "PostGIS"))
        _say("\n".join(lines))
        if backend == "database":
            server.drop("crowd")
    yield f"crowd-{backend}", lines, len(report.faults)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
