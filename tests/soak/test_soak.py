"""The long trials, short: a few kills on each step's way to disk, and a small crowd for a second."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.soak.crash import Bench, Moment, draw
from tests.soak.crowd import crowd
from tests.soak.script import STEPS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills and forks processes as POSIX does")
_LOADS = 5
"""The first steps: creating the project and loading its layers."""


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    bench = Bench(tmp_path, None, database=False)
    bench.rehearse(_LOADS)
    moments = [
        Moment(0, 0, "client", after_commit=False, share=0.6),
        Moment(1, 0, "client", after_commit=True, share=0.05),
        Moment(2, 1, "client", after_commit=True, share=0.0),
        Moment(3, 4, "client", after_commit=False, share=0.9),
        Moment(4, 2, "client", after_commit=True, share=0.9),
    ]
    for outcome in map(bench.kill, moments):
        assert outcome.faults == [], outcome.moment


def test_a_bench_would_find_a_lost_transaction(tmp_path: Path) -> None:
    bench = Bench(tmp_path, None, database=False)
    bench.rehearse(1)
    bench.after[0] = "another state"
    assert bench.kill(Moment(0, 0, "client", after_commit=False, share=5)).faults[-1] == (
        "an acknowledged transaction is lost"
    )


def test_moments_are_drawn_alike_for_every_kind_of_step() -> None:
    moments = draw(50, ("backend", "server"), seed=1)
    assert moments == draw(50, ("backend", "server"), seed=1) != draw(50, ("backend", "server"), seed=2)
    kinds = [STEPS[moment.step][0] for moment in moments]
    assert {kinds.count(kind) for kind in ("load", "plan", "edit", "undo", "copy")} == {10}
    assert {moment.killed for moment in moments} == {"backend", "server"}


def test_a_crowd_loses_nothing(target: str) -> None:
    report = crowd(target, seconds=1, each=2)
    assert report.faults == []
    assert sum(one.added for one in report.writers) > 0
    assert all(len(one.seconds) > 0 for one in (*report.writers, *report.readers))
