"""Whoever is done with a project, or is stopped, leaves one file: no log and no draft beside it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

from api.store import open_project
from api.store.integrity import store_problems

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")


def wangge(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wangge", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


def test_a_service_that_is_asked_to_end_leaves_one_file(tiny_project: Path) -> None:
    serving = wangge("serve", tiny_project, "--port", 0)
    assert serving.stdout is not None
    link = re.search(r"http://\S+", serving.stdout.readline())
    assert link
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with visitor.open(link[0], timeout=60) as answer:
        assert answer.status == 200
    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=60)
    assert beside(tiny_project) == []


def test_a_job_that_is_interrupted_leaves_the_project_as_it_was(tiny_project: Path) -> None:
    with open_project(tiny_project) as project:
        before = project.layers()
    job = wangge("plan", tiny_project, "--households", 40, "--name", "another")
    deadline = time.monotonic() + 120
    while "wal" not in "".join(beside(tiny_project)) and job.poll() is None:  # it has the project open
        assert time.monotonic() < deadline
        time.sleep(0.005)
    job.send_signal(signal.SIGINT)
    job.communicate(timeout=120)
    assert job.returncode == 130
    assert beside(tiny_project) == []
    with open_project(tiny_project) as project:
        assert project.layers() == before
        assert store_problems(project).rows == []


def test_what_a_killed_job_left_goes_with_the_next_opening(tiny_project: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tiny_project)], stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.kill()
    holder.communicate()
    assert f"{tiny_project.name}-wal" in beside(tiny_project)
    with open_project(tiny_project) as project:
        assert "x" not in project.settings
    assert beside(tiny_project) == []


_HOLD = """
import sys, time
from api.store import open_project
with open_project(sys.argv[1]) as project:
    with project.reading():
        project.count("homes")
        with open_project(sys.argv[1]) as other, other.change(who="a", action="b") as change:
            change.set("x", 1)
            print("holding", flush=True)
            time.sleep(60)
"""
