"""Kills at random moments: what was acknowledged is there, what was not is there whole or not at all.

A child process does one step of the script on a copy of the project as it was before that step. It tells when it
begins and when the job has returned (the acknowledgement). The parent kills it, or the server that holds the
project, at a moment drawn from a seed; then it opens the project, and holds it to what an undisturbed run left
before and after the step:

- acknowledged: exactly the state after;
- not acknowledged: the state before, or the state after (committed, and killed before it could say so);
- the storage is sound (`store_problems`), takes a change, and leaves one file behind when it is closed.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from api.store import Change, StoreError, copy_project, open_project
from api.store.integrity import store_problems
from tests.soak.script import STEPS, TARGETS, write_inputs
from tests.soak.state import NOTHING, rows_of_history, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tests.soak.server import Server

__all__ = ["KILLED", "Bench", "Moment", "Outcome", "draw"]

KILLED = ("client", "backend", "server")
"""Who is killed: the process that does the job, the server's process that serves it, or the whole server."""
_AROUND_COMMIT_S = 0.08
_LATE = 1.1
_RIGHT = {"county.gpkg", "copy.gpkg", "county.backups"}
"""What may lie in the folder of a project."""


@dataclass(frozen=True)
class Moment:
    """When to kill whom: at a share of the step's usual time, or so long after it set out to commit."""

    number: int
    step: int
    killed: str
    after_commit: bool
    share: float

    @property
    def when(self) -> str:
        """Say whom and when, as it stands in the list."""
        if self.after_commit:
            return f"{self.killed}, {self.share * _AROUND_COMMIT_S * 1000:.0f} ms after COMMIT began"
        return f"{self.killed}, at {self.share:.0%} of its time"


@dataclass
class Outcome:
    """What was found after one kill; `faults` is empty where all is well."""

    moment: Moment
    acknowledged: bool = False
    found: str = ""
    left_behind: list[str] = field(default_factory=list)
    said: str = ""
    faults: list[str] = field(default_factory=list)


def draw(count: int, killed: tuple[str, ...], *, seed: int, steps: tuple[int, ...] | None = None) -> list[Moment]:
    """Draw moments, as many of each kind of step as can be; the same for the same seed."""
    rng = np.random.default_rng(seed)
    allowed = range(len(STEPS)) if steps is None else steps
    kinds = list(dict.fromkeys(STEPS[step][0] for step in allowed))
    moments = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        step = int(rng.choice([one for one in allowed if STEPS[one][0] == kind]))
        around = kind != "copy" and bool(rng.random() < 0.4)
        share = float(rng.random() * (1 if around else _LATE))
        moments.append(Moment(number, step, killed[number // len(kinds) % len(killed)], around, share))
    return moments


class Bench:
    """A place to kill in: the project before each step, kept from one undisturbed run."""

    def __init__(self, folder: Path, server: Server | None, *, database: bool) -> None:
        self.folder = folder
        self.server = server
        self.database = database
        self.before: list[str] = []
        self.after: list[str] = []
        self.seconds: list[float] = []
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.soak.script", "tests.soak.state"])
        write_inputs(folder)

    def rehearse(self, steps: int | None = None) -> None:
        """Do the steps once undisturbed, keeping the project before each, the states and the seconds."""
        for number, (kind, name, _) in enumerate(STEPS[:steps]):
            if TARGETS.get(name) and self.server is None:
                break  # the copy to the other kind is the last
            self._keep(number)
            self.before.append(state_of(self._target("stage")))
            self._aim(name)
            started = time.perf_counter()
            told = self._run(number, "stage")
            if told[-1:] != ["done"]:
                raise RuntimeError(f"step {name!r} failed undisturbed: {told}")
            self.seconds.append(time.perf_counter() - started)
            self.after.append(state_of(self._target("stage")))
            if kind == "copy" and not self.after[-1] == self.before[-1] == state_of((self.folder / "copy").read_text()):
                raise RuntimeError(f"{name!r} is no copy")

    def close(self) -> None:
        """Remove the databases; the folder is its owner's."""
        if self.database and self.server is not None:
            for name in ("stage", "trial", "copy", *(f"before_{step}" for step in range(len(STEPS)))):
                self.server.drop(name)

    def kill(self, moment: Moment) -> Outcome:
        """Do one step, kill at the moment, and look at what is left."""
        self._restore(moment.step)
        self._aim(STEPS[moment.step][1])
        outcome = Outcome(moment)
        here, there = self._context.Pipe()
        child = self._context.Process(target=_work, args=(there, moment.step, self._target("trial"), self.folder))
        child.start()
        there.close()
        told = _watch(here, moment, self.seconds[moment.step])
        self._strike(moment, child.pid)
        if moment.killed != "client":
            child.join(60)
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        told += _rest(here)
        outcome.acknowledged = "done" in told
        outcome.said = next((one.removeprefix("refused ") for one in told if one.startswith("refused ")), "")
        outcome.faults += [one for one in told if one.startswith("failed ")]
        self._inspect(outcome)
        return outcome

    def _strike(self, moment: Moment, child: int) -> None:
        if moment.killed == "client" or self.server is None:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        elif moment.killed == "backend":
            for pid in self.server.serving("trial"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.server.wait()
        else:
            self.server.kill()
            self.server.start()
            self.server.wait()

    def _inspect(self, outcome: Outcome) -> None:
        target, step = self._target("trial"), outcome.moment.step
        outcome.left_behind = sorted({one.name for one in (self.folder / "trial").iterdir()} - _RIGHT)
        found = state_of(target)
        outcome.found = "after" if found == self.after[step] else "before" if found == self.before[step] else found
        if outcome.found not in ("before", "after"):
            outcome.faults.append(f"the state is neither that before nor that after; history {rows_of_history(target)}")
        if outcome.acknowledged and found != self.after[step]:
            outcome.faults.append("an acknowledged transaction is lost")
        if STEPS[step][0] == "copy":
            self._inspect_copy(outcome)
        outcome.faults += self._unsound(target)
        beside = {one.name for one in (self.folder / "trial").iterdir()} - {
            "county.gpkg",
            "copy.gpkg",
            "county.backups",
        }
        if beside:
            outcome.faults.append(f"left beside the project after closing it: {sorted(beside)}")

    def _inspect_copy(self, outcome: Outcome) -> None:
        """Hold a copy to be whole or absent, and one that is absent to be made at the second try."""
        target, goal, whole = self._target("trial"), (self.folder / "copy").read_text(), self.after[outcome.moment.step]
        copied = state_of(goal)
        outcome.found = "before" if copied == NOTHING else "after"
        if copied == whole:
            return
        if copied != NOTHING or outcome.acknowledged:
            outcome.faults.append("the copy is neither whole nor absent")
            return
        try:
            copy_project(target, goal)
        except StoreError as error:
            outcome.faults.append(f"the copy cannot be made again: {error.en}")
        else:
            if state_of(goal) != whole:
                outcome.faults.append("the second copy is another")

    def _unsound(self, target: str) -> Iterator[str]:
        """Open, check the storage and make a change, as the next user would."""
        try:
            with open_project(target, create=True, busy_s=5) as project:
                for row in store_problems(project).rows:
                    yield row["message_en"]
                with project.change(who="soak", action="next") as change:
                    change.set("next", 1)
        except StoreError as error:
            yield f"the next change is refused: {error.en}"

    def _run(self, step: int, name: str) -> list[str]:
        here, there = self._context.Pipe()
        child = self._context.Process(target=_work, args=(there, step, self._target(name), self.folder))
        child.start()
        there.close()
        here.recv()
        here.send("go")
        child.join(300)
        return _rest(here)

    def _target(self, name: str) -> str:
        if self.database and self.server is not None:
            return self.server.url(name)
        (self.folder / name).mkdir(exist_ok=True)
        return str(self.folder / name / "county.gpkg")

    def _aim(self, name: str) -> None:
        """Make the goal of a copy empty, and write where it is."""
        if name not in TARGETS:
            return
        path = self.folder / "trial" / "copy.gpkg"
        path.parent.mkdir(exist_ok=True)
        for one in path.parent.glob("copy.gpkg*"):
            one.unlink()
        to_database = self.database != TARGETS[name]
        if to_database and self.server is not None:
            self.server.drop("copy")
            self.server.clone("copy", "with_postgis")
        (self.folder / "copy").write_text(self.server.url("copy") if to_database and self.server else str(path))

    def _keep(self, step: int) -> None:
        if self.database and self.server is not None:
            if step == 0:
                self.server.clone("stage", "with_postgis")
            self.server.clone(f"before_{step}", "stage")
        else:
            path = self.folder / f"before_{step}.gpkg"
            stage = self.folder / "stage" / "county.gpkg"
            if stage.exists():
                shutil.copyfile(stage, path)

    def _restore(self, step: int) -> None:
        shutil.rmtree(self.folder / "trial", ignore_errors=True)
        (self.folder / "trial").mkdir()
        if self.database and self.server is not None:
            self.server.drop("trial")
            self.server.clone("trial", f"before_{step}")
        elif (self.folder / f"before_{step}.gpkg").exists():
            shutil.copyfile(self.folder / f"before_{step}.gpkg", self.folder / "trial" / "county.gpkg")


def _watch(here: Connection, moment: Moment, usual_s: float) -> list[str]:
    """Let the child begin and wait until the moment comes; gives what it told so far."""
    told = [here.recv()]
    here.send("go")
    until = time.monotonic() + (3 * usual_s + 5 if moment.after_commit else moment.share * usual_s)
    while (left := until - time.monotonic()) > 0:
        if not here.poll(left):
            break
        try:
            told.append(here.recv())
        except EOFError:
            break
        if moment.after_commit and told[-1] in ("commit", "done"):
            moment_s = moment.share * _AROUND_COMMIT_S
            time.sleep(moment_s)
            break
    return told


def _rest(here: Connection) -> list[str]:
    told: list[str] = []
    with suppress(EOFError, ConnectionResetError):
        while here.poll(0.2):
            told.append(here.recv())
    return told


def _work(there: Connection, step: int, target: str, folder: Path) -> None:
    """Do one step in the child, telling the parent what happens; lives on until it is killed."""
    close = Change.close

    def telling(change: Change) -> None:
        close(change)
        there.send("commit")

    Change.close = telling  # type: ignore[method-assign]
    there.send("ready")
    there.recv()
    try:
        STEPS[step][2](target, folder)
    except StoreError as error:
        there.send(f"refused {type(error).__name__}: {error.en}")
    except BaseException as error:  # noqa: BLE001 - it is the parent that judges
        there.send(f"failed {type(error).__name__}: {str(error)[:300]}")
    else:
        there.send("done")
