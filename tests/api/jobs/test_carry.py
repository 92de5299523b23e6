"""A stored plan carried to villages that merged, split, got other codes: on both backends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from api.jobs.assign import AssignOptions, run_assign
from api.jobs.carry import CarryOptions, run_carry
from api.jobs.check import run_check
from api.jobs.load import LoadOptions, run_load
from api.jobs.plan import PlanJob, run_plan
from api.jobs.status import set_status
from api.store import StaleInputError, backup_file, copy_project, open_project
from api.store.backups import list_backups
from files.reading.errors import ReadError
from files.reading.village_changes import read_village_changes
from spatial.errors import InfeasibleError, SchemaError
from spatial.layers import LAYERS
from spatial.planning.carry import carry_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EAST, WEST, NEW, OTHER = "211122100201", "211122100202", "211122100299", "211122100298"


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a project may be made."""
    monkeypatch.setenv(backup_file.FOLDER, str(tmp_path))
    if request.param == "postgis":
        return str(request.getfixturevalue("postgis_url"))
    return str(tmp_path / "county.gpkg")


def outlines(**spans: tuple[float, float]) -> gpd.GeoDataFrame:
    """Villages side by side, from one longitude to another."""
    return gpd.GeoDataFrame(
        {"village_code": list(spans), "village": [f"村{code[-3:]}" for code in spans], "town_code": "211122100",
         "town": "试验镇", "county_code": "211122", "county": "盘山县"},
        geometry=[shapely.box(low, 41.2, high, 41.21) for low, high in spans.values()], crs="EPSG:4490",
    )  # fmt: skip


def homes() -> gpd.GeoDataFrame:
    points = [shapely.Point(122.0012 + 0.0019 * i, 41.2005 + 0.00095 * j) for i in range(21) for j in range(10)]
    return gpd.GeoDataFrame({"home_id": [f"H{n:03d}" for n in range(210)], "households": 4}, geometry=points, crs=4490)


BEFORE = {EAST: (122.0, 122.02), WEST: (122.02, 122.042)}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Write outlines, or a table of changes, to a file."""

    def write(what: Any, name: str = "villages.geojson") -> str:
        path = tmp_path / name
        if isinstance(what, gpd.GeoDataFrame):
            what.to_file(path)
        elif path.suffix == ".xlsx":
            pd.DataFrame(what[1:], columns=what[0]).to_excel(path, index=False)
        else:
            path.write_text("\n".join(",".join(map(str, row)) for row in what), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with two villages, a plan with people, and a note on a cell; once for all tests."""
    folder = tmp_path_factory.mktemp("carry")
    target = folder / "county.gpkg"
    leads = gpd.GeoDataFrame({"member_id": [f"M{n}" for n in range(6)], "kind": ["lead"] * 4 + ["party"] * 2},
                             geometry=homes().geometry[::40].to_list(), crs=4490)  # fmt: skip
    for layer, frame in (("villages", outlines(**BEFORE)), ("homes", homes()), ("members", leads)):
        frame.to_file(folder / f"{layer}.geojson")
        run_load(target, LoadOptions(layer, str(folder / f"{layer}.geojson"), datum="cgcs2000"))
    run_plan(target, PlanJob(households=200))
    run_assign(target, AssignOptions())
    with open_project(target) as project, project.change(who="t", action="edit", plan="p001") as change:
        change.update("cells", pd.DataFrame({"cell_id": [f"p001:{EAST}001"], "note": ["桥头"]}))
    return target


@pytest.fixture
def county(target: str, planned: Path) -> str:
    """Give a copy of the planned project."""
    copy_project(str(planned), target)
    return target


def holds(answer: dict[str, Any]) -> None:
    assert answer["exact_tiling"], answer
    assert answer["contiguous"], answer
    assert answer["homes_once"], answer
    assert answer["households"] == pytest.approx(840)


def read(target: str, layer: str, plan: str) -> pd.DataFrame:
    with open_project(target) as project:
        return project.read(layer, where={"plan": plan})


def everything(target: str, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    with open_project(target) as project:
        return {name: project.read(name).astype(str).to_csv() for name in LAYERS if name not in but}


def test_a_merger_by_table_and_outlines_is_one_change(county: str, file: Any, tmp_path: Path) -> None:
    table = [
        ("原代码", "新代码", "变更情况", "变更日期"),
        (EAST, NEW, "合并", "2026年6月30日"),
        (WEST, NEW, "合并", "2026-06-30"),
    ]
    new = outlines(**{NEW: (122.0, 122.042)})
    before = everything(county)
    with open_project(county) as project:
        rows = project.count("history")
    answer = run_carry(county, CarryOptions(
        changes=file(table, "changes.xlsx"), villages=file(new, "new.geojson"), out=str(tmp_path / "list.xlsx")
    ))  # fmt: skip
    holds(answer)
    assert (answer["plan"], answer["parent"], answer["inferred"]) == ("p002", "p001", 0)
    assert answer["kinds_of_change"] == {"merged": 2}
    assert answer["cells_recoded"] == answer["changes"]["cells_before"] == answer["changes"]["cells_after"]
    cells = read(county, "cells", "p002")
    assert cells["cell_code"].tolist() == [f"{NEW}{n:03d}" for n in range(1, len(cells) + 1)]
    assert cells["note"].dropna().tolist() == ["桥头"]
    assert len(read(county, "assignments", "p002")) == len(read(county, "assignments", "p001"))
    assert set(read(county, "assignments", "p002")["cell_code"]) <= set(cells["cell_code"])
    assert answer["assignments_dropped"] == 0
    assert len(read(county, "micro_cells", "p002")) == len(read(county, "micro_cells", "p001"))
    assert everything(answer["backup"]) == before
    with open_project(county) as project:
        assert project.count("history") == rows + 1
        assert project.read("history")["action"].iloc[-1] == "carry"
        assert project.current_plan() == "p002"
        assert project.read("plans", where={"plan": "p002"})["parent"].tolist() == ["p001"]
    listed = list(openpyxl.load_workbook(tmp_path / "list.xlsx").active.iter_rows(min_row=4, values_only=True))
    assert len(listed) == answer["changes"]["rows"]


def test_outlines_loaded_before_are_inferred_and_said(county: str, file: Any) -> None:
    load = run_load(
        county,
        LoadOptions(
            "villages", file(outlines(**{NEW: BEFORE[EAST], WEST: BEFORE[WEST]})), datum="cgcs2000", replace=True
        ),
    )
    assert any("wangge carry" in note["en"] for note in load["notes"])
    answer = run_carry(county, CarryOptions())
    holds(answer)
    assert answer["village_changes"] == [
        {"old_code": EAST, "new_code": NEW, "kind": "recoded", "date": None, "inferred": True}
    ]
    assert answer["kinds"]["carry-inferred"] == 1
    old, new = read(county, "cells", "p001"), read(county, "cells", "p002")
    assert [code[-3:] for code in old["cell_code"]] == [code[-3:] for code in new["cell_code"]]
    assert read(county, "cells", "p002").set_index("cell_code").loc[f"{NEW}001", "note"] == "桥头"


def test_a_border_through_the_homes_splits_a_village(county: str, file: Any) -> None:
    new = outlines(**{EAST: (122.0, 122.0133), NEW: (122.0133, 122.02), WEST: BEFORE[WEST]})
    answer = run_carry(county, CarryOptions(villages=file(new, "new.geojson"), name="后"))
    holds(answer)
    cells = read(county, "cells", "后")
    x = homes().geometry.x.to_numpy()
    inside = [
        4 * int(((x > low) & (x <= high)).sum())
        for low, high in ((122, 122.0133), (122.0133, 122.02), (122.02, 122.05))
    ]
    assert cells.groupby("village_code")["households"].sum().loc[new["village_code"]].tolist() == pytest.approx(inside)
    assert "carry-households-lost" not in answer["kinds"]
    run_check(county)
    found = set(read(county, "problems", "后")["problem"])
    assert not {"tiling-broken", "borders-not-shared", "cell-in-pieces", "cell-code-wrong"} & found


def test_carried_twice_uses_no_code_again(county: str, file: Any) -> None:
    merged, split = outlines(**{EAST: (122.0, 122.042)}), outlines(**BEFORE)
    run_carry(county, CarryOptions(villages=file(merged, "one.geojson")))
    answer = run_carry(county, CarryOptions(villages=file(split, "two.geojson")))
    holds(answer)
    back = read(county, "cells", "p003")
    west = set(back.loc[back["village_code"] == WEST, "cell_code"])
    assert not west & set(read(county, "cells", "p001")["cell_code"])


TABLES = [
    (
        [("old_code", "new_code", "kind"), (EAST, "999999999999", "merged")],
        "row 2 new_code.*no village of the project",
    ),
    ([("old_code", "new_code", "kind"), (EAST, NEW, "merged"), (EAST, WEST, "merged")], "write split"),
    ([("old_code", "new_code", "kind"), (EAST, WEST, "merged"), (WEST, EAST, "merged")], "circle"),
    ([("old_code", "new_code", "kind", "date"), (EAST, NEW, "merged", "去年夏天")], "row 2 date.*is no date"),
    ([("old_code", "new_code", "kind"), (EAST, NEW, "exploded")], "row 2 kind: 'exploded' must be one of"),
    ([("old_code", "new_code", "kind"), ("2.11122E+11", NEW, "merged")], "row 2 old_code.*as text"),
    ([("old_code", "new_code", "kind"), (EAST, "", "merged")], "row 2 new_code: '' has no code"),
    ([("old_code", "new_code", "kind"), ("", NEW, "merged")], "row 2 old_code: '' has no code"),
    ([("甲", "乙"), ("1", "2")], "has no column old_code"),
    ([("old_code", "new_code", "kind"), (EAST, WEST, "merged")], "still among"),
]
"""Tables that cannot be followed, and what is said of each."""


def test_a_table_that_cannot_be_followed_changes_nothing(county: str, file: Any) -> None:
    before = everything(county)
    for table, words in TABLES:
        with pytest.raises((SchemaError, ReadError), match=words):
            run_carry(county, CarryOptions(changes=file(table, "changes.csv")))
    assert everything(county) == before


def test_outlines_far_away_are_refused_and_nothing_changes(county: str, file: Any) -> None:
    before = everything(county)
    far = outlines(**{NEW: (122.5, 122.52)})
    with pytest.raises((InfeasibleError, SchemaError)):
        run_carry(county, CarryOptions(villages=file(far, "far.geojson")))
    assert everything(county) == before


def declare(target: str) -> None:
    """Let homes, places and hamlets say which village they belong to; one home says the other one."""
    with open_project(target) as project, project.change(who="t", action="edit") as change:
        points = project.read("homes")
        east = points.geometry.x < BEFORE[WEST][0]
        change.update("homes", pd.DataFrame({
            "home_id": points["home_id"], "village_code": east.map({True: EAST, False: WEST}).where(
                points["home_id"] != "H000", WEST)}))  # fmt: skip
        places = gpd.GeoDataFrame(
            {"place_id": ["A", "B", "C"], "place": "校", "kind": "school", "priority": 1,
             "village_code": [EAST, WEST, None]},
            geometry=[shapely.Point(122.005, 41.205), shapely.Point(122.03, 41.205), shapely.Point(122.03, 41.205)],
            crs=4490,
        )  # fmt: skip
        change.append("places", places)
        hamlet = {"hamlet_id": ["h"], "hamlet": ["屯"], "village_code": [EAST]}
        change.append("hamlets", gpd.GeoDataFrame(hamlet, geometry=[shapely.MultiPolygon([shapely.box(
            122.0135, 41.201, 122.0145, 41.203)])], crs=4490))  # fmt: skip


def said(target: str, layer: str) -> list[Any]:
    with open_project(target) as project:
        codes = project.read(layer)["village_code"]
        return codes.astype(object).where(codes.notna(), None).tolist()


def test_homes_hamlets_and_places_say_the_village_that_they_came_to(county: str, file: Any) -> None:
    declare(county)
    table = [("old_code", "new_code", "kind"), (EAST, NEW, "merged"), (WEST, NEW, "merged")]
    merged = outlines(**{NEW: (122.0, 122.042)})
    answer = run_carry(county, CarryOptions(changes=file(table, "c.csv"), villages=file(merged, "new.geojson")))
    holds(answer)
    assert said(county, "homes") == [NEW] * 210
    assert said(county, "places") == [NEW, NEW, None]
    assert said(county, "hamlets") == [NEW]
    assert answer["declared"] == 213
    with open_project(answer["backup"]) as before:
        assert set(before.read("homes")["village_code"]) == {EAST, WEST}
    run_check(county)
    with open_project(county) as project:
        assert not {"home-in-other-village", "unknown-village"} & set(project.read("problems")["problem"])


def test_where_a_village_splits_its_homes_go_by_where_they_lie(county: str, file: Any) -> None:
    declare(county)
    new = outlines(**{EAST: (122.0, 122.0133), NEW: (122.0133, 122.02), WEST: BEFORE[WEST]})
    answer = run_carry(county, CarryOptions(villages=file(new, "new.geojson")))
    x = homes().geometry.x.to_numpy()
    lies = [EAST if one < 122.0133 else NEW if one < 122.02 else WEST for one in x]
    assert said(county, "homes") == [WEST, *lies[1:]]  # H000 says a village that stayed as it was
    assert said(county, "places") == [EAST, WEST, None]
    assert said(county, "hamlets") == [NEW]
    with open_project(county) as project:
        contacts = project.read("contacts", where={"plan": answer["plan"]})
        cells = project.read("cells", where={"plan": answer["plan"]}).set_index("cell_code").geometry
        ends = [project.read(layer).set_index(key).geometry for layer, key in (("homes", "home_id"),
                                                                              ("members", "member_id"))]  # fmt: skip
    assert len(contacts) == answer["contacts"] > 0
    for row in contacts.itertuples():
        home, person = ends[0][row.home_id], ends[1][row.member_id]
        assert any(shape.intersects(home) and shape.intersects(person) for shape in cells)
    assert answer["contacts_dropped"] == len(read(county, "contacts", "p001")) - len(contacts)


def test_a_final_plan_is_carried_into_a_new_draft(county: str, file: Any) -> None:
    for status in ("review", "final"):
        with open_project(county) as project:
            set_status(project, status, who="t")
    cells = read(county, "cells", "p001").to_csv()
    answer = run_carry(county, CarryOptions(villages=file(outlines(**{EAST: (122.0, 122.042)}), "new.geojson")))
    holds(answer)
    assert read(county, "cells", "p001").to_csv() == cells
    with open_project(county) as project:
        assert project.read("plans").set_index("plan")["status"].to_dict() == {"p001": "final", "p002": "draft"}


def test_others_write_while_a_carry_computes_and_stale_data_is_refused(
    county: str, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def meanwhile(*given: Any, **options: Any) -> Any:
        calls.append(len(calls))
        with ThreadPoolExecutor(1) as beside:
            beside.submit(touch).result(60)
        return carry_plan(*given, **options)

    def touch() -> None:
        with open_project(county, busy_s=1.0) as other, other.change(who="other", action="edit homes") as change:
            change.update("homes", pd.DataFrame({"home_id": ["H000"], "residents": [len(calls)]}))

    monkeypatch.setattr("api.jobs.carry.carry_plan", meanwhile)
    with pytest.raises(StaleInputError, match="homes"):
        run_carry(county, CarryOptions(villages=file(outlines(**{EAST: (122.0, 122.042)}), "new.geojson")))
    assert len(calls) == 2
    with open_project(county) as project:
        assert project.read("plans")["plan"].tolist() == ["p001"]
        assert project.count("villages") == 2
        assert list_backups(project.backend) == []


def test_rows_of_other_counties_are_passed_over(county: str, file: Any) -> None:
    table = [("old_code", "new_code", "kind"), ("330000000001", "330000000002", "merged")]
    answer = run_carry(county, CarryOptions(changes=file(table, "changes.csv")))
    assert (answer["unused_rows"], answer["cells_kept"]) == (1, answer["changes"]["cells_before"])
    assert answer["changes"]["households_moved"] == 0


def test_a_table_is_read_from_excel_as_people_write_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["盘山县村级区划变更表"])
    sheet.append(["序号", "原代码", "原名称", "新代码", "新名称", "变更情况", "变更日期"])
    sheet.append([1, int(EAST), "东村", int(NEW), "新村", "并入", 45292])
    sheet.append([2, WEST, "西村", None, None, "已撤销", "2024/1/1"])
    sheet.append([3, OTHER, "老村", OTHER, "新名", None, None])
    book.save(tmp_path / "表.xlsx")
    changes, _ = read_village_changes(tmp_path / "表.xlsx")
    assert [(each.old_code, each.new_code, each.kind, each.date) for each in changes] == [
        (EAST, NEW, "merged", "2024-01-01"), (WEST, "", "abolished", "2024-01-01"), (OTHER, OTHER, "renamed", ""),
    ]  # fmt: skip
    assert (changes[0].old_name, changes[0].new_name, changes[0].row) == ("东村", "新村", 3)
