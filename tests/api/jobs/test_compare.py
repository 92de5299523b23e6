"""`wangge compare` of two stored plans, in every form it is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pytest

from api.jobs.compare import CompareOptions, run_compare
from api.jobs.desk import opened
from api.jobs.edit import Merge, run_edit
from api.jobs.plan import PlanJob, run_plan
from api.jobs.versions import branch
from spatial.errors import SchemaError
from wangge.comparing import compare_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def merged(tiny_project: Path) -> tuple[Path, str, str]:
    """Give a project with a second plan, in which one cell took a neighbour over, and the codes of both."""
    with opened(tiny_project) as store:
        cells = store.read("cells", where={"plan": store.current_plan()})
        branch(store, who="李", name="b")
        for keep, gone in zip(cells["cell_code"], cells["cell_code"][1:], strict=False):
            touching = cells.set_index("cell_code").geometry
            if keep[:-3] == gone[:-3] and touching[keep].intersection(touching[gone]).length > 0:
                run_edit(store, Merge(keep, gone), who="李", plan="b")
                return tiny_project, keep, gone
    raise AssertionError


def test_a_merger_is_one_change_in_every_form(merged: tuple[Path, str, str], tmp_path: Path) -> None:
    project, keep, gone = merged
    for ending in ("xlsx", "geojson", "html"):
        file = tmp_path / f"changes.{ending}"
        answer = run_compare(project, CompareOptions("p001", "b", str(file)))
        assert (answer["changes"], answer["cells_retired"], answer["cells_new"]) == (2, 1, 0)
    sheet = openpyxl.load_workbook(tmp_path / "changes.xlsx").active
    listed = {row[:3] for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert listed == {(keep, keep, "沿用编码"), (gone, keep, "并入")}
    drawn = gpd.read_file(tmp_path / "changes.geojson")
    assert set(drawn.loc[drawn["kind"] == "merged", "old_code"]) == {gone}
    page = (tmp_path / "changes.html").read_text(encoding="utf-8")
    assert f'"old":"{gone}","new":"{keep}","kind":"merged"' in page


def test_a_plan_of_some_villages_is_compared_where_it_plans(tiny_project: Path, tmp_path: Path) -> None:
    with opened(tiny_project) as store:
        villages = store.read("villages", columns=["village_code", "village"])
        cells = store.read("cells", where={"plan": "p001", "end_date": None})
    code = villages["village_code"].iloc[0]
    run_plan(tiny_project, PlanJob(scope=(code,), name="one"))
    file = tmp_path / "changes.html"
    answer = run_compare(tiny_project, CompareOptions("p001", "one", str(file)))
    assert answer["cells_before"] == (cells["village_code"] == code).sum()
    assert answer["households"] == pytest.approx(cells.loc[cells["village_code"] == code, "households"].sum())
    others = set(villages["village_code"]) - {code}
    assert {each["village_code"] for each in answer["only_in_a"]} == others
    assert answer["only_in_b"] == []
    lines = " ".join(compare_lines(answer))
    assert f"方案 one 没有规划 {len(others)} 个村" in lines
    page = file.read_text(encoding="utf-8")
    assert str(answer["only_in_a"][0]["village"]) in page
    back = run_compare(tiny_project, CompareOptions("one", "p001"))
    assert (back["only_in_a"], back["only_in_b"]) == (answer["only_in_b"], answer["only_in_a"])
    assert back["cells_after"] == answer["cells_before"]


@pytest.mark.parametrize("place", ["changes.doc", "no/such/folder.xlsx", "."])
def test_a_file_that_cannot_be_written_is_refused_first(tiny_project: Path, place: str) -> None:
    with pytest.raises(SchemaError):
        run_compare(tiny_project, CompareOptions("p001", "p001", place))
