"""Nobody sees half a file, and what a killed process left behind goes with the next who comes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from api.store import ProjectExistsError, open_project
from api.store.drafts import building, drafting, sweep

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event
    from pathlib import Path


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_draft_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    with building(path) as draft:
        draft.write_text("whole")
        assert draft.parent == tmp_path
        assert not path.exists()
    assert (path.read_text(), names(tmp_path)) == ("whole", ["county.gpkg"])


def test_a_draft_that_fails_goes_with_what_sqlite_left_beside_it(tmp_path: Path) -> None:
    def fail() -> None:
        with building(tmp_path / "county.gpkg") as draft:
            for ending in ("", "-wal", "-shm", "-journal"):
                draft.with_name(draft.name + ending).write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path) == []


def test_what_is_there_by_then_is_not_overwritten(tmp_path: Path) -> None:
    def late(path: Path) -> None:
        with building(path) as draft:
            draft.write_text("ours")
            path.write_text("theirs")

    with pytest.raises(ProjectExistsError):
        late(tmp_path / "county.gpkg")
    assert ((tmp_path / "county.gpkg").read_text(), names(tmp_path)) == ("theirs", ["county.gpkg"])


def _build_for_ever(path: Path, begun: Event) -> None:
    with drafting(path) as draft:
        draft.write_text("half")
        draft.with_name(draft.name + "-journal").write_text("half")
        begun.set()
        time.sleep(60)


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be asked there whether it is alive")
def test_only_drafts_of_the_dead_are_swept_away(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    builder = context.Process(target=_build_for_ever, args=(path, begun))
    builder.start()
    assert begun.wait(60)
    sweep(path)
    assert len(names(tmp_path)) == 2  # it is still at work
    assert builder.pid is not None
    os.kill(builder.pid, signal.SIGKILL)
    builder.join()
    sweep(tmp_path / "other.gpkg")
    assert len(names(tmp_path)) == 2  # not this file's
    with open_project(path, create=True) as project, project.change(who="a", action="make"):
        assert names(tmp_path)[0] == "county.gpkg"
    assert names(tmp_path) == ["county.gpkg"]


def test_a_draft_of_another_machine_is_left_for_a_day(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    theirs = tmp_path / ".county.gpkg.00000000-1-0123abcd.new.gpkg"
    older = tmp_path / ".county.gpkg.89abcdef.new"  # versions that did not say who
    for draft in (theirs, older):
        draft.write_text("half")
    (tmp_path / ".county.gpkg.new").write_text("no draft")
    sweep(path)
    assert len(names(tmp_path)) == 3
    for draft in (theirs, older):
        os.utime(draft, (time.time() - 90_000,) * 2)
    sweep(path)
    assert names(tmp_path) == [".county.gpkg.new"]
