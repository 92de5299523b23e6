"""What `wangge plan` takes from a project besides homes: special areas, incidents, and the words of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from api.jobs.check import run_check
from api.jobs.compare import CompareOptions, run_compare
from api.jobs.desk import Desk
from api.jobs.edit import Move, run_edit
from api.jobs.plan import PlanJob, plan_profile, run_plan, verified
from api.store import open_project
from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.store import Project

PROFILE = """
[all]
target_households = 100
min_party_members = 40
[workload]
visits_per_incident = 3
"""


@pytest.fixture
def project(tiny_project: Path) -> Iterator[Project]:
    with open_project(tiny_project) as opened:
        yield opened


def test_overlays_of_the_system_of_special_cells_are_carved_out(project: Project) -> None:
    ground = project.read("villages").geometry.iloc[0]
    spot = ground.representative_point()
    area = shapely.intersection(shapely.buffer(spot, 0.0012, quad_segs=2), ground)
    row = gpd.GeoDataFrame(
        {"overlay_id": ["s1"], "system": ["专属网格"], "name": ["中心市场"]},
        geometry=[shapely.multipolygons(shapely.get_parts(area))], crs="EPSG:4490",
    )  # fmt: skip
    with project.change(who="test", action="load overlays") as change:
        change.append("overlays", row)
    answer = run_plan(project, PlanJob(cells=25))
    assert (answer["cells"], answer["special"]) == (25, 1)
    assert answer["exact_tiling"]
    cells = project.read("cells", where={"plan": answer["plan"], "kind": "special"})
    assert cells["cell"].tolist() == ["中心市场"]


def test_a_plan_keeps_the_words_of_its_profile_and_check_holds_cells_to_it(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "sizes.toml"
    file.write_text(PROFILE, encoding="utf-8")
    run_plan(project, PlanJob(profile=str(file), balance="workload", name="sized"))
    file.unlink()
    profile = plan_profile(project.read("plans", where={"plan": "sized"})["settings"].iloc[0])
    assert profile is not None
    assert (profile.sizes[0].min_party_members, profile.visits_per_incident) == (40, 3)
    blocks = project.read("blocks", columns=["households", "workload"])
    assert (blocks["workload"] > 12 * blocks["households"]).any()  # incidents count
    run_check(project)
    found = project.read("problems", where={"problem": "cell-party-members-few"})
    assert set(found["plan"]) == {"sized"}


def test_cells_of_a_second_plan_stay_a_coverage_after_an_edit(project: Project) -> None:
    plan = run_plan(project, PlanJob(cells=40))["plan"]
    done = 0
    for village in project.read("villages", columns=["village_code"])["village_code"]:
        links = project.read("plan_blocks", where={"plan": plan})
        mine = links[links["cell_code"].str.startswith(village)]
        codes = sorted(mine["cell_code"].unique())
        for block, code in zip(mine["block_id"], mine["cell_code"], strict=True):
            if len(codes) > 1 and code != codes[0]:
                try:
                    run_edit(project, Move((block,), codes[0]), who="test", plan=plan)
                except InfeasibleError:
                    continue
                done += 1
                break
    assert done > 3
    assert verified(Desk(project), plan)[0]["exact_tiling"]


def test_a_comparison_is_drawn_as_well_as_listed(project: Project, tmp_path: Path) -> None:
    first, second = str(project.current_plan()), run_plan(project, PlanJob(cells=30))["plan"]
    file = tmp_path / "changes.geojson"
    answer = run_compare(project, CompareOptions(first, second, str(file)))
    drawn = gpd.read_file(file)
    assert {"old_code", "new_code", "kind", "households"} <= set(drawn.columns)
    assert drawn.crs.to_epsg() == 4326
    assert drawn["households"].sum() == pytest.approx(answer["households"])
    ground = project.read("villages")
    assert drawn.to_crs(4550).area.sum() == pytest.approx(ground.to_crs(4550).area.sum(), rel=1e-5)
