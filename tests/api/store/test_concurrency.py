"""Long work and other people: readers and writers go on meanwhile, and no result of stale data is stored."""

from __future__ import annotations

import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.jobs.assign import AssignOptions, run_assign
from api.jobs.check import run_check
from api.jobs.coverage import CoverageJob, run_coverage
from api.jobs.plan import PlanJob, run_plan
from api.jobs.site import SiteJob, run_site
from api.store import Project, RowConflictError, StaleInputError, copy_project, open_project, row_versions
from spatial.layers import LAYERS
from tests.conftest import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WAIT_S = 120


@pytest.fixture
def county(target: str, tiny_project: Path) -> str:
    """Place of a project with the tiny county, planned and staffed, on each backend."""
    copy_project(tiny_project, target)
    return target


class Meanwhile:
    """Holds a function of a job up, at its first call or at every one, while others do something."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, where: str, others: Callable[[], None], *, always: bool
    ) -> None:
        module, _, name = where.rpartition(".")
        self._real = getattr(__import__(module, fromlist=[name]), name)
        self._others, self._always = others, always
        self.calls = 0
        monkeypatch.setattr(where, self)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.calls += 1
        done = self._real(*arguments, **options)
        if self.calls == 1 or self._always:
            with ThreadPoolExecutor(1) as beside:  # a thread of its own has a connection of its own
                beside.submit(self._others).result(_WAIT_S)
        return done


@contextmanager
def other_process(target: str) -> Iterator[Project]:
    """Open the project as somebody who will not wait."""
    with open_project(target, busy_s=1.0) as project:
        yield project


def write(target: str, layer: str, column: str, value: Any) -> None:
    """Change one row as somebody else."""
    with other_process(target) as project, project.change(who="other", action=f"edit {layer}") as change:
        key = LAYERS[layer].key[0]
        first = project.read(layer, columns=[key])[key].iloc[:1]
        change.update(layer, pd.DataFrame({key: first, column: value}))


def sign_in(target: str) -> None:
    """Change something that no job computes from."""
    with other_process(target) as project, project.change(who="other", action="sign in") as change:
        change.set("users", {"li": {"role": "viewer"}})


def on_both(cheap: list[tuple[Any, ...]], dear: list[tuple[Any, ...]]) -> list[Any]:
    """Give cheap cases on each backend, and dear ones, whose store is used in the same way, on files."""
    server = pytest.mark.postgis
    return [
        *(pytest.param("geopackage", *case, id=f"geopackage-{case[0]}-{number}")
          for number, case in enumerate([*cheap, *dear])),
        *(pytest.param("postgis", *case, id=f"postgis-{case[0]}-{number}", marks=server)
          for number, case in enumerate(cheap)),
    ]  # fmt: skip


class TestNobodyWaits:
    @pytest.mark.parametrize(
        ("target", "where", "work"),
        on_both(
            [
                ("api.jobs.plan.plan_cells", lambda project: run_plan(project, PlanJob())),
                ("api.jobs.assign.micro_cells", lambda project: run_assign(project, AssignOptions())),
                ("api.jobs.check.check_plan", run_check),
            ],
            [
                ("api.jobs.draft.verify_plan", lambda project: run_plan(project, PlanJob())),
                ("api.jobs.coverage.cover", lambda project: run_coverage(project, CoverageJob(resolution=2))),
                ("api.jobs.site.site_cameras", lambda project: run_site(project, SiteJob(cameras=1))),
            ],
        ),
        indirect=["target"],
    )
    def test_others_read_and_write_while_a_job_computes(
        self, county: str, monkeypatch: pytest.MonkeyPatch, where: str, work: Callable[[Project], Any]
    ) -> None:
        seen: list[int] = []

        def others() -> None:
            with other_process(county) as project:
                seen.append(len(project.read("cells_current")))
            sign_in(county)

        meanwhile = Meanwhile(monkeypatch, where, others, always=False)
        with open_project(county) as project:
            before = project.count("history")
            cells = len(project.read("cells_current"))
            work(project)
            assert seen == [cells]
            assert meanwhile.calls == 1  # what the others changed has nothing to do with the result
            assert project.count("history") == before + 2

    def test_readers_see_the_plan_before_until_the_new_one_is_whole(
        self, county: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[tuple[str | None, int]] = []

        def others() -> None:
            with other_process(county) as project, project.reading():
                seen.append((project.current_plan(), project.count("plans")))

        Meanwhile(monkeypatch, "api.jobs.draft.list_of_data", others, always=False)  # inside the write
        with open_project(county) as project:
            old = project.current_plan()
            made = run_plan(project, PlanJob())["plan"]
            assert seen == [(old, 1)]
            assert project.current_plan() == made != old


class TestStaleInputs:
    def test_a_plan_is_made_again_from_what_is_there_now(self, county: str, monkeypatch: pytest.MonkeyPatch) -> None:
        meanwhile = Meanwhile(
            monkeypatch, "api.jobs.plan.plan_cells", lambda: write(county, "homes", "households", 55), always=False
        )
        told: list[str] = []
        with open_project(county) as project:
            run_plan(project, PlanJob(name="fresh"), lambda *step: told.append(step[-1]))
            monkeypatch.undo()
            again = run_plan(project, PlanJob(name="again"))
            assert meanwhile.calls == 2
            assert any("homes" in words for words in told)
            fresh, same = (
                project.read("cells", where={"plan": plan}).set_index("cell_code")["households"]
                for plan in ("fresh", again["plan"])
            )
            assert fresh.to_dict() == same.to_dict()
            assert fresh.sum() != project.read("cells", where={"plan": "p001"})["households"].sum()

    @pytest.mark.parametrize(
        ("target", "where", "work", "others", "layer"),
        on_both(
            [
                ("api.jobs.plan.plan_cells", lambda p: run_plan(p, PlanJob()), ("homes", "households"), "plans"),
                ("api.jobs.assign.micro_cells", lambda p: run_assign(p, AssignOptions()), ("cells", "households"),
                 "assignments"),
            ],
            [
                ("api.jobs.plan.plan_cells", lambda p: run_plan(p, PlanJob()), ("villages", "residents"), "cells"),
                ("api.jobs.plan.plan_cells", lambda p: run_plan(p, PlanJob(from_plan=p.current_plan(), keep=0.9)),
                 ("cells", "households"), "plans"),
                ("api.jobs.assign.micro_cells", lambda p: run_assign(p, AssignOptions()), ("members", "capacity"),
                 "assignments"),
                ("api.jobs.coverage.cover", lambda p: run_coverage(p, CoverageJob(resolution=2)),
                 ("cameras", "range_m"), "runs"),
                ("api.jobs.site.site_cameras", lambda p: run_site(p, SiteJob(cameras=1)), ("poles", "cost_yuan"),
                 "sites"),
                ("api.jobs.check.check_plan", run_check, ("members", "capacity"), "problems"),
            ],
        ),
        indirect=["target"],
    )  # fmt: skip
    def test_data_that_keeps_changing_is_refused_and_nothing_is_stored(
        self, county: str, monkeypatch: pytest.MonkeyPatch, where: str, work: Any, others: tuple[str, str], layer: str
    ) -> None:
        values = iter(range(1, 100))
        touched, column = others
        meanwhile = Meanwhile(monkeypatch, where, lambda: write(county, touched, column, next(values)), always=True)
        with open_project(county) as project:
            before = None if layer == touched else row_versions(project.read(layer), layer)
            with pytest.raises(StaleInputError, match=touched) as refused:
                work(project)
            assert touched in refused.value.zh
            assert meanwhile.calls == 2
            assert set(project.read("history")["who"].iloc[-2:]) == {"other"}
            if before is not None:
                assert row_versions(project.read(layer), layer).equals(before)

    @pytest.mark.parametrize("target", ["geopackage"], indirect=True)
    def test_a_name_that_was_taken_meanwhile_becomes_the_next_one(
        self, county: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def others() -> None:
            with other_process(county) as project, project.change(who="other", action="plan", plan="p002") as change:
                plan = project.read("plans").iloc[:1]
                change.append("plans", plan.assign(plan="p002", made_at=pd.Timestamp.now("UTC")))
                change.append("runs", pd.DataFrame({
                    "run": ["c002", "s002"], "kind": ["coverage", "site"], "made_at": pd.Timestamp.now("UTC"),
                }))  # fmt: skip

        for where in ("api.jobs.plan.plan_cells", "api.jobs.coverage.cover", "api.jobs.site.site_cameras"):
            with monkeypatch.context() as patch, open_project(county) as project:
                with project.change(who="test", action="test") as change:
                    change.delete("plans", {"plan": "p002"})
                    change.delete("runs", {"run": ["c002", "s002"]})
                meanwhile = Meanwhile(patch, where, others, always=False)
                if "plan" in where:
                    name = run_plan(project, PlanJob())["plan"]
                    cells = project.read("cells", where={"plan": name})
                    assert (cells["cell_id"] == f"{name}:" + cells["cell_code"]).all()
                    assert project.count("plan_blocks", where={"plan": name})
                elif "cover" in where:
                    name = run_coverage(project, CoverageJob(resolution=2))["run"]
                    assert project.count("views", where={"run": name})
                    assert project.count("coverage", where={"run": name})
                else:
                    name = run_site(project, SiteJob(cameras=1))["run"]
                    assert project.count("sites", where={"run": name}) == 1
                assert name.endswith("003")
                assert meanwhile.calls == 1


class TestMarks:
    def test_a_mark_changes_with_its_layer_only(self, project: Project, rows_of: Callable[..., Any]) -> None:
        names = list(LAYERS)
        with project.change(who="a", action="load") as change:
            for name in names:
                if name != "history":
                    change.append(name, rows_of(name, 4))
        marks = project.marks(*names)
        assert project.marks(*names) == marks

        def changed(work: Callable[[Any], Any]) -> set[str]:
            nonlocal marks
            with project.change(who="a", action="edit") as change:
                work(change)
            before, marks = marks, project.marks(*names)
            return {name for name in names if marks[name] != before[name]} - {"history"}

        turned = pd.DataFrame({"camera_id": ["camera_id-1"], "azimuth_deg": [1.0]})
        assert changed(lambda change: change.update("cameras", turned)) == {"cameras"}
        assert changed(lambda change: change.append("homes", rows_of("homes", 1, first=9))) == {"homes"}
        assert changed(lambda change: change.delete("runs", {"run": "run-1"})) == {"runs"}
        assert changed(lambda change: change.replace("plan_blocks", rows_of("plan_blocks", 4))) == {"plan_blocks"}
        assert changed(lambda change: change.set("sample", value=True)) == set()

    @pytest.mark.gdal
    def test_an_edit_by_gdal_changes_the_mark(self, tmp_path: Path, rows_of: Callable[..., Any]) -> None:
        require("gdal", present=shutil.which("ogr2ogr") is not None, remedy="apt-get install gdal-bin")
        path = tmp_path / "county.gpkg"
        with open_project(path, create=True) as project:
            with project.change(who="a", action="load") as change:
                change.append("places", rows_of("places", 3))
                change.append("homes", rows_of("homes", 3))
            marks = project.marks("places", "homes")
            more = gpd.GeoDataFrame(
                {"place_id": ["gdal"], "place": ["x"], "kind": ["bank"], "priority": [1]},
                geometry=[shapely.Point(10, 10)], crs="EPSG:4490",
            )  # fmt: skip
            more.to_file(tmp_path / "more.geojson")
            command = ["ogr2ogr", "-append", "-nln", "places", path, tmp_path / "more.geojson"]
            subprocess.run(command, check=True, capture_output=True)
            now = project.marks("places", "homes")
            assert now["places"] != marks["places"]
            assert now["homes"] == marks["homes"]


class TestTwoWriters:
    def test_of_two_who_saw_the_same_row_one_wins(self, county: str) -> None:
        ready = threading.Barrier(2)

        def turn(azimuth: float) -> str:
            with open_project(county) as project:
                read = project.read("cameras").iloc[:1]
                ready.wait(_WAIT_S)
                try:
                    with project.change(who=str(azimuth), action="edit cameras") as change:
                        change.update("cameras", read.assign(azimuth_deg=azimuth), expect=read)
                except RowConflictError as lost:
                    return f"lost to {lost.theirs['azimuth_deg'].iloc[0]:g}"
                return f"won {azimuth:g}"

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(turn, (11.0, 22.0)))
        winner = answers[1].removeprefix("won ")
        assert answers == [f"lost to {winner}", f"won {winner}"]
        with open_project(county) as project:
            assert project.read("cameras")["azimuth_deg"].iloc[0] == float(winner)

    @pytest.mark.postgis
    def test_an_editor_that_takes_no_lock_of_ours_waits_for_the_rows(
        self, postgis_url: str, rows_of: Callable[..., Any]
    ) -> None:
        import psycopg

        with open_project(postgis_url, create=True) as project, psycopg.connect(postgis_url, autocommit=True) as qgis:
            with project.change(who="a", action="load") as change:
                change.append("cameras", rows_of("cameras", 4))
            read = project.read("cameras")
            qgis.execute("SET lock_timeout = '50ms'")
            outside = "UPDATE cameras SET azimuth_deg = 99 WHERE camera_id = 'camera_id-1'"
            with project.change(who="a", action="edit cameras") as change:
                change.delete("cameras", {"camera_id": "camera_id-3"}, expect=read.iloc[[3]])
                change.update("cameras", read.iloc[[1]][["camera_id"]].assign(owner="a"), expect=read)
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    qgis.execute(outside)
            qgis.execute(outside)
            with pytest.raises(RowConflictError) as lost, project.change(who="a", action="x") as change:
                change.update("cameras", read.iloc[[1]], expect=read)
            assert lost.value.theirs["azimuth_deg"].tolist() == [99]
