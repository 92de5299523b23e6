"""Eight writers and eight readers on one project at once: half of them threads of one process, half processes.

Writers add one to a camera's `retention_days`, read by version and written only if nobody changed it meanwhile, and
swap two blocks of the ledger; readers hold every state they see to what each transaction keeps. At the end the sum of
all counters is the number of acknowledged additions: none was lost.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from api.store import RowConflictError, StoreError, open_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store import Project

__all__ = ["Report", "crowd"]

_CAMERAS, _HOT, _ACCOUNTS, _TOTAL = 2_000, 12, 40, 40_000
_WRITERS = _READERS = 8


@dataclass
class Work:
    """What one writer or reader did: seconds of each call, conflicts, and faults."""

    seconds: list[float] = field(default_factory=list)
    added: int = 0
    conflicts: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What all of them did."""

    seconds: float
    writers: list[Work]
    readers: list[Work]
    log_mb: float
    faults: list[str]

    def lines(self, name: str) -> Iterator[str]:
        """Write the section of the page."""
        yield f"## 8 + 8：{name}\n"
        added = sum(one.added for one in self.writers)
        yield f"{time.strftime('%Y-%m-%d')}, {self.seconds:.0f} s, {len(self.faults)} faults; {added:,} additions were"
        yield "acknowledged, and all of them are there. A conflict is the documented answer to who writes over a row"
        yield "that somebody else changed since it was read."
        if self.log_mb:
            yield f"The log beside the file grew to {self.log_mb:.1f} MB at most, readers never being absent."
        yield ""
        yield "| | done | per second | conflicts | p50 ms | p95 ms | p99 ms | longest ms |"
        yield "|---|---|---|---|---|---|---|---|"
        for kind, group in (("writers", self.writers), ("readers", self.readers)):
            spent = np.concatenate([one.seconds for one in group]) * 1000
            p50, p95, p99 = np.percentile(spent, [50, 95, 99])
            conflicts = sum(one.conflicts for one in group)
            yield (
                f"| {len(group)} {kind} | {len(spent):,} | {len(spent) / self.seconds:.1f} | {conflicts:,} | "
                f"{p50:.0f} | {p95:.0f} | {p99:.0f} | {spent.max():.0f} |"
            )
        least = min(len(one.seconds) for one in self.writers)
        most = max(len(one.seconds) for one in self.writers)
        yield f"\nThe writer that got least made {least:,} attempts, the one that got most {most:,}."
        yield from (f"- {fault}" for fault in self.faults)


def crowd(target: str, *, seconds: float = 60, each: int = _WRITERS) -> Report:
    """Let `each` writers and readers at a new project for so long, and hold the end to what they acknowledged."""
    _fill(target)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.soak.crowd"])
    answers: Any = context.SimpleQueue()
    jobs = [(kind, number) for kind in ("write", "read") for number in range(each)]
    until = time.time() + seconds + 3  # the processes need a while to begin
    others = [context.Process(target=_apart, args=(answers, target, *job, until)) for job in jobs[::2]]
    for other in others:
        other.start()
    with open_project(target) as project:
        mine: dict[tuple[str, int], Work] = {}
        threads = [threading.Thread(target=_beside, args=(mine, project, *job, until)) for job in jobs[1::2]]
        for thread in threads:
            thread.start()
        log = 0
        while any(thread.is_alive() for thread in threads):
            log = max(log, _log_bytes(project))
            time.sleep(0.2)
        mine |= dict(answers.get() for _ in others)
        for other in others:
            other.join()
        works = [[mine[job] for job in jobs if job[0] == kind] for kind in ("write", "read")]
        faults = [fault for group in works for one in group for fault in one.faults] + [*_lost(project, works[0])]
    return Report(seconds, *works, log / 1e6, faults)


def _fill(target: str) -> None:
    rng = np.random.default_rng(5)
    points = gpd.points_from_xy(121.6 + rng.random(_CAMERAS), 41 + rng.random(_CAMERAS))
    cameras = gpd.GeoDataFrame(
        {"camera_id": [f"c{number:04d}" for number in range(_CAMERAS)], "retention_days": 0}, geometry=points,
        crs="EPSG:4490",
    )  # fmt: skip
    members = pd.DataFrame({
        "plan": "p", "home_id": [f"h{number}" for number in range(_ACCOUNTS)], "member_id": "m",
        "distance_m": float(_TOTAL / _ACCOUNTS),
    })  # fmt: skip
    with open_project(target, create=True) as project, project.change(who="crowd", action="fill") as change:
        change.append("cameras", cameras)
        change.append("contacts", members)


def _apart(answers: Any, target: str, kind: str, number: int, until: float) -> None:
    with open_project(target) as project:
        answers.put(((kind, number), _work(project, kind, number, until)))


def _beside(mine: dict[tuple[str, int], Work], project: Project, kind: str, number: int, until: float) -> None:
    mine[kind, number] = _work(project, kind, number, until)


def _work(project: Project, kind: str, number: int, until: float) -> Work:
    work, rng = Work(), np.random.default_rng([number, len(kind)])
    while time.time() < until:
        started = time.perf_counter()
        try:
            _write(project, work, rng, f"w{number}") if kind == "write" else _read(project, work, rng)
        except RowConflictError:
            work.conflicts += 1
        except StoreError as error:
            work.faults.append(f"{kind}r {number}: {type(error).__name__}: {error.en}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
            work.faults.append(f"{kind}r {number}: {type(error).__name__}: {error}")
        work.seconds.append(time.perf_counter() - started)
        if len(work.faults) > 5:
            break
    return work


def _write(project: Project, work: Work, rng: np.random.Generator, who: str) -> None:
    """Add one to a camera that others want too, or carry an amount from one home to another."""
    if rng.random() < 0.7:
        seen = project.read("cameras", where={"camera_id": f"c{rng.integers(_HOT):04d}"})
        more = seen[["camera_id"]].assign(retention_days=seen["retention_days"] + 1)
        with project.change(who=who, action="add") as change:
            change.update("cameras", more, expect=seen)
        work.added += 1
        return
    with project.change(who=who, action="carry") as change:
        pair = [f"h{one}" for one in rng.choice(_ACCOUNTS, 2, replace=False)]
        held = project.read("contacts", where={"plan": "p", "home_id": pair})
        held["distance_m"] += np.array([-1.0, 1.0])
        change.update("contacts", held[["plan", "home_id", "member_id", "distance_m"]])


def _read(project: Project, work: Work, rng: np.random.Generator) -> None:
    """Read one state and hold it to what every transaction keeps."""
    with project.reading():
        contacts = project.read("contacts", columns=["distance_m"])
        if contacts["distance_m"].sum() != _TOTAL:
            work.faults.append(f"a reader saw half a change: {contacts['distance_m'].sum()}")
        cameras = project.read("cameras", columns=["camera_id", "retention_days"])
        added = (project.read("history", columns=["action"])["action"] == "add").sum()
        if cameras["retention_days"].sum() != added or len(cameras) != _CAMERAS:
            work.faults.append(f"{added} additions in the history, {cameras['retention_days'].sum()} in the rows")
        west = 121.6 + rng.random() * 0.9
        project.read("cameras", bbox=(west, 41.2, west + 0.1, 41.4))


def _lost(project: Project, writers: list[Work]) -> Iterator[str]:
    """Compare the end with what was acknowledged."""
    said = sum(one.added for one in writers)
    there = int(project.read("cameras", columns=["retention_days"])["retention_days"].sum())
    if said != there:
        yield f"{said} additions were acknowledged, {there} are there"


def _log_bytes(project: Project) -> int:
    if project.path is None:
        return 0
    try:
        return project.path.with_name(f"{project.path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0
