"""The tiny demo from end to end: what it leaves, what it says, and what it will not touch."""

from __future__ import annotations

import json
import re

import pytest

from api.jobs.desk import Desk
from api.jobs.plan import verified
from api.store import open_project


@pytest.fixture(scope="module")
def answer(tiny_demo):
    return json.loads(tiny_demo.with_suffix(".done").read_text(encoding="utf-8"))


def test_it_leaves_project_map_and_papers(tiny_demo, answer) -> None:
    assert answer["project"] == str(tiny_demo / "county.gpkg")
    assert sorted(path.name for path in tiny_demo.iterdir()) == ["county.gpkg", "map.html", "papers"]
    kinds = {path.suffix for path in (tiny_demo / "papers").rglob("*") if path.is_file()}
    assert {".xlsx", ".pdf", ".gpkg", ".geojson"} <= kinds


def test_its_page_was_read_over_http(answer) -> None:
    assert answer["page"]["healthz"] is True
    assert answer["page"]["status"] == 200
    assert answer["page"]["bytes"] > 10_000


def test_the_plan_holds_what_every_plan_must(answer, tiny_project) -> None:
    plan = answer["plan"]
    assert plan["cells"] == 25
    assert plan["exact_tiling"] is True
    assert plan["buildings_cut"] == 0
    with open_project(tiny_project) as project:
        figures, _ = verified(Desk(project), project.current_plan())
    assert figures["exact_tiling"] is True
    assert figures["cells"] == 25


def test_every_basic_cell_has_a_lead(answer, tiny_project) -> None:
    with open_project(tiny_project) as project:
        leads = project.read("assignments", where={"role": "lead"})
        basic = project.read("cells", where={"kind": "basic", "end_date": None})
    assert set(leads["cell_code"]) == set(basic["cell_code"])
    assert answer["assign"]["cells_without_lead"] == 0


def test_cameras_see_and_leave_gaps_and_sites_help(answer) -> None:
    coverage, site = answer["coverage"], answer["site"]
    assert 0 < coverage["covered_share"] < 1
    assert coverage["gaps"] > 0
    assert site["sites"] > 0
    assert site["covered_share_after"] > site["covered_share_before"]


def test_the_map_needs_no_other_host_and_says_it_is_a_sample(tiny_demo) -> None:
    page = (tiny_demo / "map.html").read_text(encoding="utf-8")
    assert "示意" in page
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", page)


def test_again_in_the_same_folder_replaces_the_sample_and_gives_the_same_plan(call, tmp_path, tiny_project) -> None:
    folder = tmp_path / "again"
    folder.mkdir()
    tiny_project.rename(folder / "county.gpkg")
    with open_project(folder / "county.gpkg") as project:
        before = project.read("cells", columns=["cell_code", "households", "geometry"])
    done = call("demo", folder, "--county", "tiny")
    assert done.code == 0, done
    assert 3 <= len(done.out.splitlines()) <= 8
    assert "make serve" in done.out
    with open_project(folder / "county.gpkg") as project:
        after = project.read("cells", columns=["cell_code", "households", "geometry"])
    assert before.equals(after)


def test_a_project_of_somebody_else_is_not_touched(call, small, stored) -> None:
    before = stored(small.project)
    assert "county.gpkg" in call("demo", small.folder, "--county", "tiny").refused()
    assert stored(small.project) == before
