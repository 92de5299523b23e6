"""Several processes on one project: every acknowledged commit stays, and nobody sees half a change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest

from api.store import BusyProjectError, Project, open_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_WRITER = """
import sys
import pandas as pd
from api.store import open_project
target, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_project(target, create=True) as project:
    for number in range(count):
        with project.change(who=name, action="write") as change:
            change.append("micro_homes", pd.DataFrame({
                "plan": "p", "micro_code": name, "home_id": [f"{number}-{part}" for part in range(250)],
            }))
        print(number + 1, flush=True)
"""

_HOLDER = """
import sys, time
import pandas as pd
from api.store import open_project
with open_project(sys.argv[1]) as project, project.change(who="holder", action="hold") as change:
    change.delete("micro_homes")
    change.append("micro_homes", pd.DataFrame({
        "plan": "p", "micro_code": "held", "home_id": [str(number) for number in range(5000)],
    }))
    print("holding", flush=True)
    time.sleep(60)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def acknowledged(writer: subprocess.Popen[str]) -> int:
    out, _ = writer.communicate(timeout=120)
    assert writer.returncode == 0
    return int(out.split()[-1])


def test_concurrent_writers_lose_nothing(project: Project, target: str) -> None:
    writers = [start(_WRITER, target, name, "6") for name in ("a", "b")]
    with project.change(who="c", action="write") as change:
        change.set("c", 1)
    counts = [acknowledged(writer) for writer in writers]
    assert counts == [6, 6]
    assert project.count("micro_homes") == 2 * 6 * 250
    assert project.read("history")["who"].value_counts().to_dict() == {"a": 6, "b": 6, "c": 1}


def test_two_may_make_the_same_project_at_once(target: str) -> None:
    writers = [start(_WRITER, target, name, "1") for name in ("a", "b")]
    assert [acknowledged(writer) for writer in writers] == [1, 1]
    with open_project(target) as project:
        assert sorted(project.read("history")["who"]) == ["a", "b"]


def test_who_waits_too_long_is_told_that_another_process_writes(target: str, project: Project) -> None:
    with project.change(who="a", action="make") as change:
        change.set("county", "x")
    holder = start(_HOLDER, target)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    try:
        with open_project(target, busy_s=0.2) as impatient:
            assert impatient.settings == {"county": "x"}  # reading goes on meanwhile
            with (
                pytest.raises(BusyProjectError, match="another process is writing to project") as refused,
                impatient.change(who="b", action="load"),
            ):
                pass
            assert "另一个进程正在写入" in refused.value.zh
    finally:
        holder.kill()
        holder.communicate()
    with project.change(who="b", action="load") as change:  # and the next one is served
        change.set("county", "y")


def test_a_killed_writer_leaves_the_project_as_it_was(target: str, project: Project) -> None:
    kept = pd.DataFrame({"plan": "p", "micro_code": "kept", "home_id": [str(number) for number in range(1000)]})
    with project.change(who="a", action="load") as change:
        change.append("micro_homes", kept)
    holder = start(_HOLDER, target)
    assert holder.stdout is not None
    holder.stdout.readline()
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    with open_project(target) as again:
        assert again.read("micro_homes")["micro_code"].unique().tolist() == ["kept"]
        assert again.layers()["micro_homes"] == 1000
        assert again.count("history") == 1
        with again.change(who="a", action="load") as change:
            change.delete("micro_homes", {"home_id": [str(number) for number in range(400)]})
        assert again.count("micro_homes") == 600


def test_exports_and_downloads_never_cost_a_commit_of_another_process(
    tmp_path: Path, rows_of: Callable[..., Any]
) -> None:
    """Two SQLite libraries in one process drop each other's locks; snapshots keep them on different files."""
    path = tmp_path / "county.gpkg"
    with open_project(path, create=True) as project:
        with project.change(who="main", action="load") as change:
            change.append("cells", rows_of("cells", 50))
        writer = start(_WRITER, str(path), "other", "12")
        mine = 0
        while writer.poll() is None or mine < 3:
            copy = project.snapshot(tmp_path / f"export-{mine}.gpkg")
            assert len(gpd.read_file(copy, layer="cells")) == 50  # GDAL's own SQLite, in this process
            assert copy.read_bytes()[:15] == b"SQLite format 3"  # a download
            with project.change(who="main", action="edit") as change:
                change.set("mine", mine)
            mine += 1
            time.sleep(0.01)
        theirs = acknowledged(writer)
        assert project.count("micro_homes") == theirs * 250
        assert project.read("history")["who"].value_counts().to_dict() == {"other": theirs, "main": mine + 1}
    assert sorted(one.name for one in tmp_path.glob("county*")) == ["county.gpkg"]
