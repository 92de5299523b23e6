"""Loading a layer again: told before anything is replaced, backed up, and nothing stored by a preview."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import openpyxl
import pytest
import shapely

from api.jobs.assign import AssignOptions, run_assign
from api.jobs.backups import BackupOptions, run_backups
from api.jobs.load import LoadOptions, run_load
from api.jobs.plan import PlanJob, run_plan
from api.jobs.reload import _example
from api.store import RepeatedKeyError, StoreError, backup_file, copy_project, open_project
from spatial.errors import SchemaError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a project may be made."""
    monkeypatch.setenv(backup_file.FOLDER, str(tmp_path))
    if request.param == "postgis":
        return str(request.getfixturevalue("postgis_url"))
    return str(tmp_path / "county.gpkg")


def villages() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "village_code": ["211122100201", "211122100202"], "village": ["东村", "西村"],
            "town_code": "211122100", "town": "试验镇", "county_code": "211122", "county": "盘山县",
        },
        geometry=[shapely.box(122.0, 41.2, 122.02, 41.21), shapely.box(122.02, 41.2, 122.04, 41.21)],
        crs="EPSG:4490",
    )  # fmt: skip


def homes() -> gpd.GeoDataFrame:
    points = [shapely.Point(122.001 + 0.0019 * i, 41.2005 + 0.00095 * j) for i in range(20) for j in range(10)]
    return gpd.GeoDataFrame({"home_id": [f"H{n:03d}" for n in range(200)], "households": 4}, geometry=points, crs=4490)


def cameras() -> gpd.GeoDataFrame:
    points = [shapely.Point(122.002 + 0.003 * i, 41.205) for i in range(12)]
    data = {"camera_id": [f"C{n:02d}" for n in range(12)], "kind": "bullet", "azimuth_deg": 90.0, "owner": "公安局",
            "installed": "2020-01-02"}  # fmt: skip
    return gpd.GeoDataFrame(data, geometry=points, crs=4490)


@pytest.fixture
def load(tmp_path: Path, target: str) -> Callable[..., dict[str, Any]]:
    """Load a frame through a file, as a county would."""

    def run(layer: str, frame: gpd.GeoDataFrame, **options: Any) -> dict[str, Any]:
        file = tmp_path / f"{layer}.geojson"
        frame.to_file(file)
        return run_load(target, LoadOptions(layer, str(file), datum="cgcs2000", **options))

    return run


@pytest.fixture
def county(load: Callable[..., dict[str, Any]], target: str) -> str:
    load("villages", villages())
    load("homes", homes())
    load("cameras", cameras())
    return target


def newer() -> gpd.GeoDataFrame:
    """Give the cameras a year later: one turned, one moved, one with another id, one gone, one new."""
    frame = cameras()
    frame.loc[0, "azimuth_deg"] = 180.0
    frame.loc[1, "geometry"] = shapely.affinity.translate(frame.geometry[1], 0, 0.001)
    frame.loc[2, "camera_id"] = "N02"
    frame.loc[3, ["camera_id", "geometry"]] = ["N03", shapely.Point(122.03, 41.202)]
    return frame


EXPECTED = {"added": 1, "removed": 1, "renamed": 1, "moved": 1, "changed": 1, "same": 8}


def everything(target: str) -> dict[str, str]:
    with open_project(target) as project:
        return {name: project.read(name).astype(str).to_csv() for name in LAYERS} | {"set": str(project.settings)}


def test_a_replacement_says_what_it_changes_and_keeps_a_backup(county: str, load: Any) -> None:
    before = everything(county)
    answer = load("cameras", newer(), replace=True)
    assert answer["changes"] == EXPECTED
    assert answer["backup"]
    assert [each["kind"] for each in answer["examples"]] == ["added", "removed", "renamed", "moved", "changed"]
    assert everything(answer["backup"]) == before
    with open_project(county) as project:
        row = project.read("history").iloc[-1]
    assert row["after"]["changes"] == EXPECTED
    assert row["after"]["backup"]


def test_a_preview_changes_nothing_at_all(county: str, load: Any, tmp_path: Path) -> None:
    path = Path(county)
    print_of = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    before = everything(county)
    answer = load("cameras", newer(), replace=True, preview=True)
    assert answer["changes"] == EXPECTED
    assert (answer["backup"], answer["preview"], answer["total"]) == (None, True, 12)
    assert everything(county) == before
    if path.is_file():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == print_of
    assert run_backups(county, BackupOptions())["backups"] == []
    assert not (tmp_path / "county.backups").exists()


def test_the_list_of_changes_is_written_as_workbook_or_csv(county: str, load: Any, tmp_path: Path) -> None:
    frame = newer()
    frame.loc[4, "owner"] = '=HYPERLINK("x")'
    book, text = tmp_path / "changes.xlsx", tmp_path / "changes.csv"
    load("cameras", frame, replace=True, preview=True, changes=str(text))
    load("cameras", frame, replace=True, changes=str(book))
    rows = list(openpyxl.load_workbook(book).active.iter_rows(values_only=True))
    assert len(rows) == 1 + 6
    cell = next(cell for row in openpyxl.load_workbook(book).active for cell in row if str(cell.value).startswith("=H"))
    assert cell.data_type == "s"
    lines = list(csv.reader(text.read_text("utf-8-sig").splitlines()))
    assert [line[0] for line in lines[1:]] == [row[0] for row in rows[1:]]
    assert any(value.startswith("'=H") for line in lines for value in line)


@pytest.mark.parametrize("name", ["changes.docx", "nowhere/changes.csv", "."])
def test_a_list_that_can_go_nowhere_is_refused_before_anything(
    county: str, load: Any, tmp_path: Path, name: str
) -> None:
    before = everything(county)
    with pytest.raises(SchemaError):
        load("cameras", newer(), replace=True, changes=str(tmp_path / name))
    assert everything(county) == before
    assert run_backups(county, BackupOptions())["backups"] == []


@pytest.mark.parametrize("preview", [False, True])
def test_a_load_of_stored_keys_says_how_many_are_the_same(county: str, load: Any, preview: bool) -> None:
    frame = cameras()
    frame.loc[[0, 1], "owner"] = "交警队"
    before = everything(county)
    with pytest.raises(RepeatedKeyError, match=r"10 of them are the same as stored, 2 differ.*--replace --preview"):
        load("cameras", frame, preview=preview)
    assert everything(county) == before


def test_all_cameras_shifted_alike_are_called_another_datum(county: str, load: Any) -> None:
    moved = cameras()
    moved = moved.set_geometry(moved.translate(0.004, 0.003))
    answer = load("cameras", moved, replace=True, preview=True)
    assert answer["shift"]["count"] == 12
    assert any("another datum" in note["en"] for note in answer["notes"])


def test_a_plan_is_told_what_other_homes_mean_to_it(county: str, load: Any, tmp_path: Path) -> None:
    run_plan(county, PlanJob(households=200))
    with open_project(county) as project:
        cells = project.read("cells").to_crs(4490).set_geometry("geometry")
    frame = homes()
    frame.loc[0, "households"] = 9
    frame.loc[10, "geometry"] = frame.geometry[190]  # from the far west to the far east
    inside = [cells.index[cells.covers(frame.geometry[n])].tolist() for n in (0, 10)]
    assert all(inside)
    book = tmp_path / "homes.xlsx"
    answer = load("homes", frame, replace=True, preview=True, changes=str(book))
    assert answer["effects"]["villages"] == 2
    assert answer["effects"]["homes_moved"] == 1
    assert any("homes in another cell" in note["en"] for note in answer["notes"])
    rows = list(openpyxl.load_workbook(book)["各村 villages"].iter_rows(values_only=True))
    assert sum(row[1] for row in rows[1:]) == 1


def test_contacts_and_posts_that_lose_their_people_are_counted(county: str, load: Any) -> None:
    people = gpd.GeoDataFrame(
        {"member_id": [f"M{n}" for n in range(8)], "kind": ["lead"] * 4 + ["party"] * 4},
        geometry=homes().geometry[:8], crs=4490,
    )  # fmt: skip
    load("members", people)
    run_plan(county, PlanJob(households=200))
    run_assign(county, AssignOptions())
    answer = load("members", people.iloc[4:], replace=True, preview=True)
    assert any("posts are held by people the new list lacks" in note["en"] for note in answer["notes"])
    answer = load("homes", homes().iloc[100:], replace=True, preview=True)
    assert any("contacts are of homes the new list lacks" in note["en"] for note in answer["notes"])


def test_other_villages_point_to_carry(county: str, load: Any) -> None:
    run_plan(county, PlanJob(households=200))
    other = villages()
    other.loc[0, "village_code"] = "211122100299"
    answer = load("villages", other, replace=True, preview=True)
    assert answer["changes"]["renamed"] == 1
    assert any("wangge carry" in note["en"] for note in answer["notes"])
    assert not any("wangge carry" in note["en"] for note in load("villages", villages(), replace=True)["notes"])


def test_without_backup_is_said(county: str, load: Any) -> None:
    answer = load("cameras", newer(), replace=True, backup=False)
    assert answer["backup"] is None
    assert any("no backup" in note["en"] for note in answer["notes"])
    assert run_backups(county, BackupOptions())["backups"] == []


def test_a_first_load_makes_no_backup(county: str, load: Any) -> None:
    """An empty layer has nothing to lose, replaced or not."""
    poles = gpd.GeoDataFrame({"pole_id": ["P1"], "kind": "light"}, geometry=[shapely.Point(122.01, 41.205)], crs=4490)
    answer = load("poles", poles, replace=True)
    assert (answer["backup"], answer["changes"]["added"]) == (None, 1)
    assert run_backups(county, BackupOptions())["backups"] == []


def test_a_refused_replacement_leaves_no_backup(county: str, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise StoreError("满", "full")

    monkeypatch.setattr("api.jobs.load.store_layer", fail)
    before = everything(county)
    with pytest.raises(StoreError):
        load("cameras", newer(), replace=True)
    monkeypatch.undo()
    assert everything(county) == before


def test_a_backup_restored_by_copy_is_the_county_before(county: str, load: Any, tmp_path: Path) -> None:
    before = everything(county)
    answer = load("cameras", newer(), replace=True)
    new = tmp_path / "again.gpkg"
    copy_project(answer["backup"], new)
    assert everything(str(new)) == before


def test_a_value_that_goes_is_a_dash() -> None:
    row = {"kind": "changed", "code": "C1", "old_code": None, "column": "owner", "before": "甲", "after": float("nan")}
    assert _example(row) == {
        "kind": "changed", "code": "C1", "zh": "改值 C1 owner：甲 → –", "en": "changed C1 owner: 甲 → –",
    }  # fmt: skip


def test_how_many_are_kept_is_set_by_the_command(county: str, load: Any) -> None:
    for _ in range(3):
        load("cameras", newer(), replace=True)
        load("cameras", cameras(), replace=True)
    listed = run_backups(county, BackupOptions())
    assert (len(listed["backups"]), listed["keep"]) == (6, 10)
    assert {each["reason"] for each in listed["backups"]} == {"load-cameras"}
    kept = run_backups(county, BackupOptions(keep=2))
    assert (len(kept["backups"]), len(kept["removed"]), kept["keep"]) == (2, 4, 2)
    load("cameras", newer(), replace=True)
    assert len(run_backups(county, BackupOptions())["backups"]) == 2


def test_killed_at_the_replacement_nothing_is_lost(county: str, tmp_path: Path) -> None:
    """The process dies after its backup and after the old rows went, before the commit."""
    file = tmp_path / "cameras.geojson"
    newer().to_file(file)
    before = everything(county)
    script = textwrap.dedent("""
        import os, signal, sys
        from api.jobs import load
        real = load.store_layer
        def die(*args, **options):
            real(*args, **options)
            os.kill(os.getpid(), signal.SIGKILL)
        load.store_layer = die
        load.run_load(sys.argv[1], load.LoadOptions("cameras", sys.argv[2], datum="cgcs2000", replace=True))
    """)
    done = subprocess.run([sys.executable, "-c", script, county, str(file)], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -9
    assert everything(county) == before
    for backup in run_backups(county, BackupOptions())["backups"]:
        assert everything(backup["target"]) == before
