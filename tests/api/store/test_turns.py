"""Writers of one process take turns, first come, first served."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from api.store import BusyProjectError, open_project
from api.store.turns import LateTurnError, turn

if TYPE_CHECKING:
    from pathlib import Path


def test_turns_come_in_the_order_of_asking() -> None:
    order: list[int] = []

    def ask(number: int) -> None:
        with turn("a", seconds=60):
            order.append(number)

    with turn("a", seconds=1):
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
            time.sleep(0.02)  # so that they ask one after the other
        assert order == []
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_one_that_gives_up_leaves_the_queue() -> None:
    with turn("a", seconds=1), turn("b", seconds=0), pytest.raises(LateTurnError), turn("a", seconds=0.01):
        pass
    with turn("a", seconds=0):
        pass


def test_a_thread_that_waits_too_long_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    told: list[str] = []

    def hurry() -> None:
        try:
            with open_project(path, busy_s=0.05) as project, project.change(who="b", action="x"):
                pass
        except BusyProjectError as error:
            told.append(error.en)

    with open_project(path, create=True) as project, project.change(who="a", action="x"):
        thread = threading.Thread(target=hurry)
        thread.start()
        thread.join()
    assert len(told) == 1
    with open_project(path, busy_s=0.05) as project, project.change(who="b", action="x"):
        pass
