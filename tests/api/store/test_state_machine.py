"""Any order of loading, planning, editing, undoing, branching, restoring and copying ends in the same plan everywhere.

A project in a file, the same project in PostGIS, and a model in memory are led through the same steps; after every
step the two projects are equal to the bit (apart from times and ids), and what the model says of them holds.
Longer runs: `WANGGE_SOAK=1 pytest tests/api/store/test_state_machine.py`.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from api.jobs.edit import Lock, Merge, Move, Remark, Rename, Split, run_edit, run_redo, run_undo
from api.jobs.load import LoadOptions, run_load
from api.jobs.plan import PlanJob, run_plan
from api.jobs.versions import branch, restore, set_status
from api.store import Project, StoreError, copy_project, open_project, row_versions
from spatial.errors import SpatialError
from spatial.layers import LAYERS
from tests.api.store.grid_model import BLOCKS, Model, county, line_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SOAK = bool(os.environ.get("WANGGE_SOAK"))
_PICK = st.integers(0, 10**6)
_WHO = st.sampled_from(["li", "wang"])
_TIMES = ("made_at", "start_date", "end_date", "at")
_LAYERS = [name for name in LAYERS if name != "history"]


def run(machine: Callable[[], RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """Lead a machine through some runs, or many more in a soak."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples * 25 if _SOAK else examples, stateful_step_count=steps * 3 if _SOAK else steps,
            deadline=None, derandomize=not _SOAK, database=None, suppress_health_check=list(HealthCheck),
            print_blob=True, phases=[Phase.generate],  # shrinking takes minutes: the steps are printed as they were
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the project that every run begins with: two villages of loaded blocks."""
    path = tmp_path_factory.mktemp("base") / "base.gpkg"
    with open_project(path, create=True) as project, project.change(who="base", action="demo") as change:
        for layer, frame in county().items():
            change.append(layer, frame)
        change.set("loaded_blocks", list(BLOCKS))
        change.set("measuring_crs", "EPSG:4550")
    return path


def test_a_file_and_the_model_agree(base: Path, tmp_path: Path) -> None:
    run(lambda: Machine(base, tmp_path, None), examples=2, steps=20)


@pytest.mark.postgis
def test_file_database_and_model_agree(base: Path, tmp_path: Path, postgis_url: str) -> None:
    run(lambda: Machine(base, tmp_path, postgis_url), examples=3, steps=20)


class Machine(RuleBasedStateMachine):
    """One run."""

    def __init__(self, base: Path, folder: Path, url: str | None) -> None:
        super().__init__()
        self.folder, self.url = folder, url
        first = folder / f"{secrets.token_hex(6)}.gpkg"
        shutil.copyfile(base, first)  # nobody has it open
        self.targets = [str(first)]
        if url is not None:
            self.targets.append(self.schema())
            copy_project(first, self.targets[1])
        self.projects = [open_project(target) for target in self.targets]
        self.model = Model()
        self.kept: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []

    def schema(self) -> str:
        from api.store.urls import with_schema

        return with_schema(str(self.url), f"run_{secrets.token_hex(6)}")

    def teardown(self) -> None:
        for project in self.projects:
            project.close()

    def do(self, work: Callable[[Project], Any], *, may: bool | None = None) -> Any:
        """Do the same to every project: all do it, or all refuse it in the same words. None where it was refused.

        `may` is what the model knows: True must be done, False must be refused.
        """
        answers = []
        for project in self.projects:
            try:
                answers.append((work(project), ""))
            except (SpatialError, StoreError) as refused:
                answers.append((None, f"{type(refused).__name__}: {refused}"))
        refusals = {words for _, words in answers}
        assert len(refusals) == 1, refusals
        if (words := refusals.pop()) or may is False:
            assert words, "done, though the model refuses it"
            assert may is not True, words
            assert [state(project) for project in self.projects] == self.states, "a refusal changed something"
            return None
        self.model.acknowledged += 1
        return answers[0][0]

    @rule(count=st.integers(2, 5), replace=st.booleans())
    def load(self, count: int, replace: bool) -> None:
        name = f"{secrets.token_hex(4)}.csv"
        first = 0 if replace else len(self.model.places)
        ids = [f"place-{number}" for number in range(first, first + count)]
        rows = [f"{one},{one},bank,1,{122.001 + at / 1000},41.001" for at, one in enumerate(ids)]
        (self.folder / name).write_text("place_id,place,kind,priority,lon,lat\n" + "\n".join(rows), encoding="utf-8")
        options = LoadOptions("places", str(self.folder / name), datum="cgcs2000", replace=replace)
        fits = replace or not set(ids) & set(self.model.places)
        if self.do(lambda project: run_load(project, options), may=fits) is not None:
            self.model.places = ids if replace else [*self.model.places, *ids]

    @precondition(lambda self: len(self.model.plans) < 4)
    @rule(cells=st.integers(2, 8), follow=st.booleans())
    def plan(self, cells: int, follow: bool) -> None:
        source = self.model.current if follow else None
        job = PlanJob(cells=cells, from_plan=source, keep=None if source is None else 0.5)
        done = self.do(lambda project: run_plan(project, job))
        if done is not None:
            assert (done["cells"], done["exact_tiling"], done["contiguous"]) == (cells, True, True)
            self.model.made(done["plan"], self.projects[0], parent=source)
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(pick=_PICK, who=_WHO)
    def move(self, pick: int, who: str) -> None:
        block, to = self.model.pick_move(pick)
        wish = Move((block,), to)
        if self.do(lambda project: run_edit(project, wish, who=who), may=self.model.may_move(block, to)) is not None:
            self.model.edit(who, {block: to})
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(pick=_PICK, who=_WHO)
    def merge(self, pick: int, who: str) -> None:
        keep, other = self.model.pick_pair(pick)
        wish, may = Merge(keep, other), self.model.may_merge(keep, other)
        if self.do(lambda project: run_edit(project, wish, who=who), may=may) is not None:
            self.model.edit(who, dict.fromkeys(self.model.blocks_in(other), keep))
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(pick=_PICK, who=_WHO, at=st.integers(1, 3), upright=st.booleans())
    def split(self, pick: int, who: str, at: int, upright: bool) -> None:
        cell = self.model.pick_cell(pick)
        sides = self.model.sides(cell, at=at, upright=upright)
        wish = Split(cell, line_of(cell, at=at, upright=upright))
        done = self.do(
            lambda project: run_edit(project, wish, who=who), may=None if self.model.may_split(cell, sides) else False
        )
        if done is not None:
            now = self.model.members_of(self.projects[0])
            moved = {block: code for block, code in now.items() if self.model.members[block] != code}
            assert set(moved) in sides
            (code,) = set(moved.values())
            assert code not in self.model.used_codes()
            self.model.edit(who, moved)
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(pick=_PICK, who=_WHO, locked=st.booleans())
    def lock(self, pick: int, who: str, locked: bool) -> None:
        cell = self.model.pick_cell(pick)
        may = self.model.attributes[cell]["locked"] is not locked and self.model.is_open
        if self.do(lambda project: run_edit(project, Lock((cell,), locked), who=who), may=may) is not None:
            self.model.attribute(who, cell, "locked", locked)
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(pick=_PICK, who=_WHO, text=st.sampled_from(["甲", "乙 b", ""]), name=st.booleans())
    def say(self, pick: int, who: str, text: str, name: bool) -> None:
        cell, column = self.model.pick_cell(pick), "cell" if name else "note"
        wish = Rename(cell, text) if name else Remark(cell, text)
        may = self.model.is_open and self.model.attributes[cell][column] != (text or None) and not (name and not text)
        if self.do(lambda project: run_edit(project, wish, who=who), may=may) is not None:
            self.model.attribute(who, cell, column, text or None)
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(who=_WHO)
    def undo(self, who: str) -> None:
        if self.do(lambda project: run_undo(project, who=who), may=self.model.may_replay("undo", who)) is not None:
            self.model.replay("undo", who)
            self.remember()

    @precondition(lambda self: self.model.current)
    @rule(who=_WHO)
    def redo(self, who: str) -> None:
        if self.do(lambda project: run_redo(project, who=who), may=self.model.may_replay("redo", who)) is not None:
            self.model.replay("redo", who)
            self.remember()

    @precondition(lambda self: self.model.current and len(self.model.plans) < 4)
    @rule(pick=_PICK)
    def branch(self, pick: int) -> None:
        source = self.model.pick_plan(pick)
        done = self.do(lambda project: branch(project, who="li", plan=source), may=True)
        self.model.branched(done["plan"], source)
        self.remember()

    @precondition(lambda self: self.kept and len(self.model.plans) < 5)
    @rule(pick=_PICK)
    def restore(self, pick: int) -> None:
        past = self.kept[pick % len(self.kept)]
        ids = iter(past["ids"])
        done = self.do(lambda project: restore(project, at=next(ids), plan=past["plan"], who="wang"), may=True)
        self.model.restored(done["plan"], past)
        self.remember()

    @precondition(lambda self: self.model.current)
    @rule(status=st.sampled_from(["draft", "review", "final"]))
    def status(self, status: str) -> None:
        may = (self.model.status, status) in {("draft", "review"), ("review", "draft"), ("review", "final")}
        if self.do(lambda project: set_status(project, status, who="li"), may=may) is not None:
            self.model.status = status

    @precondition(lambda self: self.model.copies < 1)
    @rule()
    def copy(self) -> None:
        """Copy every project, the file into the database and the database into a file, and go on with the copies."""
        fresh = [str(self.folder / f"{secrets.token_hex(6)}.gpkg"), *([] if self.url is None else [self.schema()])]
        for source, target in zip(reversed(self.targets), fresh, strict=True):
            copy_project(source, target)
        for project in self.projects:
            project.close()
        self.targets, self.projects = fresh, [open_project(target) for target in fresh]
        self.kept = [past for past in self.kept if past["ids"].reverse() is None]
        self.model.copies += 1

    def remember(self) -> None:
        """Keep how the current plan stands now, by the row of history that made it so."""
        ids = [project.read("history", columns=["id"])["id"].iloc[-1] for project in self.projects]
        self.kept.append({"plan": self.model.current, "ids": ids, **self.model.snapshot()})

    @invariant()
    def backends_and_model_agree(self) -> None:
        self.states = [state(project) for project in self.projects]
        for one, other in itertools.pairwise(self.states):
            for layer in one:
                assert one[layer] == other[layer], layer
        first = self.projects[0]
        assert first.count("history") == 1 + self.model.acknowledged
        assert sorted(first.read("places")["place_id"]) == sorted(self.model.places)
        plans = first.read("plans")
        assert set(plans["plan"]) == set(self.model.plans)
        assert first.current_plan() == self.model.current
        if self.model.current:
            self.holds(first)

    def holds(self, project: Project) -> None:
        """Hold the current plan to the model, and its cells to what every plan must be."""
        model = self.model
        assert model.members_of(project) == model.members
        cells = project.read("cells", where={"plan": model.current, "end_date": None}).set_index("cell_code")
        assert set(cells.index) == set(model.members.values())
        for code, row in cells[["locked", "note", "cell"]].astype(object).iterrows():
            stored = {name: None if pd.isna(row[name]) else row[name] for name in ("locked", "note", "cell")}
            assert stored == {name: model.attributes[code][name] for name in stored}, code
        households = pd.Series({block: BLOCKS[block].households for block in model.members})
        wanted = households.groupby(model.members).sum()
        assert cells["households"].to_dict() == wanted.to_dict()
        assert shapely.coverage_is_valid(cells.geometry.to_numpy())
        land = shapely.union_all(project.read("villages").geometry.to_numpy())
        assert shapely.union_all(cells.geometry.to_numpy()).symmetric_difference(land).area < 1e-13


def state(project: Project) -> dict[str, Any]:
    """Give all that a project holds, without times and ids."""
    with project.reading():
        layers = {name: row_versions(timeless(project.read(name)), name) for name in _LAYERS}
        log = project.read("history", columns=["who", "plan", "action"]).astype(object)
        found: dict[str, Any] = {
            name: sorted(zip(map(str, versions.index), versions, strict=True)) if LAYERS[name].key else sorted(versions)
            for name, versions in layers.items()
        }
        return {
            **found, "history": log.where(log.notna(), None).to_numpy().tolist(), "settings": project.settings,
        }  # fmt: skip


def timeless(frame: pd.DataFrame) -> pd.DataFrame:
    """Put one moment in the place of all."""
    for name in _TIMES:
        if name in frame:
            frame[name] = frame[name].where(frame[name].isna(), pd.Timestamp("2026-01-01", tz="UTC"))
    return frame
