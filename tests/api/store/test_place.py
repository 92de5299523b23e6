"""A project file in difficult places: read-only, under several names, exchanged while open, on a full disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.store import NotAProjectError, Project, StoreError, copy_project, open_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_READ_ONLY = """
import os, sys
from api.store import StoreError, open_project
import geopandas
with open_project(sys.argv[2]) as warm:
    warm.read("cameras")
if os.geteuid() == 0:
    os.setgroups([]), os.setegid(65534), os.seteuid(65534)
with open_project(sys.argv[1], busy_s=0.5) as project:
    one = project.count("homes", where={"home_id": "home_id-3"})
    print(len(project.read("cameras")), one, project.layers()["homes"])
    try:
        with project.change(who="a", action="load") as change:
            change.set("a", 1)
        print("written")
    except StoreError as refused:
        print(refused.zh)
print(sorted(os.listdir(os.path.dirname(sys.argv[1]))))
"""
_FULL_DISK = """
import os, resource, signal, sys
import pandas as pd
from api.store import StoreError, open_project
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_project(sys.argv[1]) as project:
    most = os.path.getsize(sys.argv[1]) + 300_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    for count in (50, 200_000):
        try:
            with project.change(who="a", action=f"write {count}") as change:
                change.append("micro_homes", pd.DataFrame({
                    "plan": "p", "micro_code": f"m{count}", "home_id": [f"{number:040d}" for number in range(count)],
                }))
            print("written", count, flush=True)
        except StoreError as refused:
            print(refused.en, flush=True)
    print(project.count("micro_homes"))
"""


@pytest.fixture
def filled(tmp_path: Path, rows_of: Callable[..., Any]) -> Path:
    """Path of a project with a few rows, open nowhere."""
    path = tmp_path / "county.gpkg"
    with open_project(path, create=True) as project, project.change(who="a", action="load") as change:
        change.append("cameras", rows_of("cameras", 5))
        change.append("homes", rows_of("homes", 7))
    return path


@pytest.fixture
def anywhere() -> Iterator[Path]:
    """Give a folder that every user of this machine can look into; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="wangge-place-"))
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of folders")
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o644, 0o555), (0o444, 0o555)])
def test_where_nothing_may_be_written_everything_can_be_read(
    filled: Path, anywhere: Path, file_mode: int, folder_mode: int
) -> None:
    held = anywhere / "held"
    held.mkdir()
    path = held / "county.gpkg"
    shutil.copyfile(filled, path)
    path.chmod(file_mode)
    held.chmod(folder_mode)
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", _READ_ONLY, path, filled], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    rows, refusal, _ = done.stdout.splitlines()
    assert rows == "5 1 7"
    assert "只读" in refusal
    assert path.read_bytes() == before
    for extra in held.glob("county.gpkg-*"):
        assert folder_mode == 0o777, extra


def test_a_link_is_the_file_that_it_points_to(filled: Path) -> None:
    link = filled.with_name("link.gpkg")
    link.symlink_to(filled)
    with open_project(link) as one, open_project(filled) as other:
        with one.change(who="a", action="x") as change:
            change.set("from", "link")
        assert other.settings == {"from": "link"}
        with other.change(who="b", action="x") as change:
            change.set("from", "file")
        assert one.settings == {"from": "file"}
    assert sorted(path.name for path in filled.parent.iterdir()) == ["county.gpkg", "link.gpkg"]


def test_a_file_with_two_names_is_refused(filled: Path) -> None:
    twin = filled.with_name("twin.gpkg")
    twin.hardlink_to(filled)
    for name in (twin, filled):
        with pytest.raises(NotAProjectError, match="2 names") as refused:
            open_project(name)
        assert "硬链接" in refused.value.zh
    twin.unlink()
    with open_project(filled) as project:
        assert project.count("homes") == 7


def exchange(filled: Path, rows_of: Callable[..., Any]) -> None:
    """Put another project in the place of this one, as a restored backup is."""
    other = filled.with_name("other.gpkg")
    with open_project(other, create=True) as project, project.change(who="b", action="load") as change:
        change.append("homes", rows_of("homes", 3))
    other.replace(filled)


def test_a_file_exchanged_while_open_is_neither_read_nor_written(filled: Path, rows_of: Callable[..., Any]) -> None:
    with open_project(filled) as project:
        exchange(filled, rows_of)
        for work in (lambda: project.count("homes"), lambda: set_one(project)):
            with pytest.raises(StoreError, match="exchanged") as refused:
                work()
            assert "换成了另一个文件" in refused.value.zh
    with open_project(filled) as again:
        assert (again.count("homes"), again.count("history")) == (3, 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps an open file in its place")
def test_a_file_exchanged_during_a_change_takes_no_commit(filled: Path, rows_of: Callable[..., Any]) -> None:
    other = filled.with_name("spare.gpkg")
    copy_project(filled, other)

    def write(project: Project) -> None:
        with project.change(who="a", action="x") as change:
            change.append("homes", rows_of("homes", 2, first=50))
            other.replace(filled)

    with open_project(filled) as project, pytest.raises(StoreError, match="exchanged"):
        write(project)
    with open_project(filled) as again:
        assert (again.count("homes"), again.count("history")) == (7, 1)


def set_one(project: Project) -> None:
    with project.change(who="a", action="x") as change:
        change.set("a", 1)


def test_a_file_that_went_away_is_said_to_be_gone(filled: Path) -> None:
    with open_project(filled) as project:
        filled.unlink()
        with pytest.raises(StoreError, match="does not exist"):
            project.count("homes")
        with pytest.raises(StoreError, match="does not exist"):
            set_one(project)
    assert not filled.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limits of a process")
def test_a_full_disk_costs_the_change_that_met_it_and_nothing_else(filled: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, filled], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    first, second, count = done.stdout.splitlines()
    assert first == "written 50"
    assert "disk" in second
    assert count == "50"
    with open_project(filled) as project:
        assert project.read("history")["action"].tolist() == ["load", "write 50"]
        assert (project.count("micro_homes"), project.count("homes")) == (50, 7)
        set_one(project)


def test_a_folder_with_the_name_of_a_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "county.gpkg").mkdir()
    for create in (False, True):
        with pytest.raises(NotAProjectError, match="it is a folder"):
            open_project(tmp_path / "county.gpkg", create=create)
