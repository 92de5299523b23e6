"""What is wrong with the input is mended and said, or refused with exit 2 in two lines and an unchanged project."""

from __future__ import annotations

import functools
import os
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon, box

from api.store import open_project
from spatial.datum import from_wgs84


def cameras(points=None, **columns) -> gpd.GeoDataFrame:
    """Twelve cameras over both small villages, or at `points`."""
    points = points or [Point(122.003 + 0.003 * n, 41.203 + 0.0004 * n) for n in range(12)]
    frame = gpd.GeoDataFrame({"camera_id": [f"C{n:02d}" for n in range(len(points))]}, geometry=points, crs=4326)
    return frame.assign(**columns)


def refused_untouched(call, stored, small, *argv) -> str:
    """Hold a refusal to its promise: two lines, exit 2, nothing stored; gives the words."""
    before = stored(small.project)
    words = call(*argv).refused()
    assert stored(small.project) == before
    return words


def test_a_missing_file(call, stored, small) -> None:
    assert "nothing.shp" in refused_untouched(call, stored, small, "load", small.project, "homes", "nothing.shp")


def test_a_missing_file_leaves_no_new_project(call, tmp_path) -> None:
    call("load", tmp_path / "new.gpkg", "homes", "nothing.shp").refused()
    assert list(tmp_path.iterdir()) == []


def test_a_text_file_named_gpkg(call, stored, small) -> None:
    path = small.folder / "text.gpkg"
    path.write_text("这不是数据库\n", encoding="utf-8")
    assert "text.gpkg" in refused_untouched(call, stored, small, "load", small.project, "cameras", path)
    assert "text.gpkg" in call("plan", path).refused()
    assert path.read_text(encoding="utf-8") == "这不是数据库\n"


def test_an_empty_layer(call, stored, small) -> None:
    path = small.folder / "empty.geojson"
    path.write_text('{"type":"FeatureCollection","features":[]}')
    assert "empty.geojson" in refused_untouched(call, stored, small, "load", small.project, "cameras", path)


def test_a_layer_without_crs(call, stored, small) -> None:
    path = small.folder / "bare.shp"
    small.homes.to_crs(4550).to_file(path)
    path.with_suffix(".prj").unlink()
    words = refused_untouched(call, stored, small, "load", small.project, "homes", path, "--replace")
    assert "--crs" in words
    done = call("load", small.project, "homes", path, "--replace", "--crs", "4550", "--json")
    assert done.json["rows"] == 200


def test_swapped_coordinates_are_mended_and_said(call, small) -> None:
    path = small.folder / "swapped.csv"
    frame = cameras()
    rows = [f"{code},{point.y},{point.x}" for code, point in zip(frame.camera_id, frame.geometry, strict=True)]
    path.write_text("camera_id,lon,lat\n" + "\n".join(rows))
    answer = call("load", small.project, "cameras", path, "--json").json
    assert answer["notes"]
    assert _stored_points(small.project)[0] == pytest.approx((122.003, 41.203), abs=1e-9)


def test_cameras_in_gcj02_over_villages_in_wgs84_are_converted_and_named(call, small) -> None:
    path = small.folder / "gcj.geojson"
    right = cameras([Point(122.0352 + 0.0004 * n, 41.202 + 0.0006 * n) for n in range(12)])  # the shift leads out
    shifted = from_wgs84(right.geometry, "gcj02")
    right.set_geometry(gpd.GeoSeries(shifted, crs=4326)).to_file(path)
    answer = call("load", small.project, "cameras", path, "--json").json
    assert answer["datum"] == "gcj02"
    off = np.array(_stored_points(small.project)) - shapely.get_coordinates(right.geometry.to_numpy())
    assert np.abs(off).max() < 1e-7


def test_a_bow_tie_is_mended_and_said(call, tmp_path, small) -> None:
    bow = Polygon([(122.04, 41.2), (122.06, 41.21), (122.06, 41.2), (122.04, 41.21)])
    frame = small.villages.iloc[[0]].assign(village_code="211122100203", village="新村").set_geometry([bow], crs=4490)
    frame.to_file(tmp_path / "bow.geojson")
    done = call("load", small.project, "villages", tmp_path / "bow.geojson", "--json")
    if done.code == 2:
        assert "211122100203" in done.refused()
        return
    assert done.json["problems"] or done.json["notes"]
    with open_project(small.project) as project:
        assert project.read("villages").geometry.is_valid.all()


def test_a_gbk_shapefile_without_cpg_is_read_right(call, tmp_path, small) -> None:
    frame = small.villages.assign(
        village_code=["211122100301", "211122100302"], geometry=small.villages.translate(0.04)
    )
    short = {"village_code": "code", "village": "村名", "county_code": "county_cd"}
    frame.rename(columns=short).to_file(tmp_path / "gbk.shp", encoding="gbk")
    (tmp_path / "gbk.cpg").unlink(missing_ok=True)
    words = [f'{name} = "{seen}"' for name, seen in short.items()]
    (tmp_path / "map.toml").write_text("\n".join(words), encoding="utf-8")
    done = call("load", small.project, "villages", tmp_path / "gbk.shp", "--json", "--columns", tmp_path / "map.toml")
    assert done.code == 0, done
    with open_project(small.project) as project:
        assert set(project.read("villages")["village"]) == {"东村", "西村"}


def test_a_20_digit_id_that_went_through_excel(call, stored, small) -> None:
    path = small.folder / "cameras.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["camera_id", "gb_id", "lon", "lat"])
    book.active.append(["C1", 34020000001320000123, 122.01, 41.205])
    book.save(path)
    words = refused_untouched(call, stored, small, "load", small.project, "cameras", path)
    assert "cameras.xlsx" in words
    assert "gb_id" in words


@pytest.mark.parametrize("worth", ["-4", "many", "四户"])
def test_a_negative_or_worded_count(call, stored, small, worth) -> None:
    path = small.folder / "homes.csv"
    path.write_text(f"home_id,households,lon,lat\nN1,3,122.01,41.205\nN2,{worth},122.01,41.206\n", encoding="utf-8")
    words = refused_untouched(call, stored, small, "load", small.project, "homes", path)
    assert "households" in words
    assert worth in words
    assert "3" in words  # the row of the file


def test_a_repeated_id_within_the_file(call, stored, small) -> None:
    path = small.folder / "twice.geojson"
    cameras().assign(camera_id="C01").to_file(path)
    assert "C01" in refused_untouched(call, stored, small, "load", small.project, "cameras", path)


def test_a_stored_key_is_refused_without_replace(call, stored, small) -> None:
    path = small.folder / "homes.geojson"
    assert "H0" in refused_untouched(call, stored, small, "load", small.project, "homes", path)
    assert call("load", small.project, "homes", path, "--replace", "--json").json["total"] == 200


def test_good_rows_are_taken_and_the_others_written_beside_the_input(call, small) -> None:
    path = small.folder / "mixed.csv"
    path.write_text("home_id,households,lon,lat\nN1,3,122.01,41.205\nN2,-1,122.01,41.206\n")
    answer = call("load", small.project, "homes", path, "--accept-good", "--json").json
    assert (answer["rows"], answer["rejected"], answer["total"]) == (1, 1, 201)
    assert "-1" in Path(answer["rejected_file"]).read_text(encoding="utf-8-sig")
    assert Path(answer["rejected_file"]).parent == small.folder


def test_fewer_cells_than_villages_names_both_figures(call, stored, small) -> None:
    words = refused_untouched(call, stored, small, "plan", small.project, "--cells", "1")
    assert "1" in words
    assert "2" in words


def test_an_unknown_code_in_scope(call, stored, small) -> None:
    assert "999999" in refused_untouched(call, stored, small, "plan", small.project, "--scope", "999999")


@pytest.mark.parametrize(
    ("row", "named"), [("211122100999,3", "211122100999"), ("211122100201,none", "none"), ("211122100201,0", "'0'")]
)
def test_a_wrong_row_of_cells_by(call, stored, small, row, named) -> None:
    path = small.folder / "by.csv"
    path.write_text(f"village_code,cells\n211122100202,2\n{row}\n")
    words = refused_untouched(call, stored, small, "plan", small.project, "--cells-by", path)
    assert named in words
    assert "by.csv" in words


@pytest.mark.parametrize("name", ["by.xlsx", "by.csv"])
def test_cells_by_workbook_and_in_chinese(call, stored, small, name) -> None:
    path = small.folder / name
    codes = ["211122100201", "211122100202"]
    table = pd.DataFrame({"村代码": codes, "村名": ["甲", "乙"], "网格数": ["２", "3"]})
    if name == "by.xlsx":
        table = table.assign(村代码=[int(code) for code in codes], 网格数=[2.0, 3.0])
        table.to_excel(path, index=False, startrow=2)
    else:
        table.to_csv(path, index=False, encoding="gb18030")
    answer = call("plan", small.project, "--cells-by", path, "--json").json
    assert answer["cells"] == 5
    repeated = pd.concat([table, table.iloc[:1]])
    repeated.to_excel(small.folder / "twice.xlsx", index=False)
    words = refused_untouched(call, stored, small, "plan", small.project, "--cells-by", small.folder / "twice.xlsx")
    assert "211122100201" in words
    assert "4" in words
    broken = small.folder / "broken.xlsx"
    broken.write_text("village_code,cells\n")
    assert "broken.xlsx" in refused_untouched(call, stored, small, "plan", small.project, "--cells-by", broken)


def test_a_project_without_villages_cannot_be_planned(call, tmp_path) -> None:
    cameras().to_file(tmp_path / "cameras.geojson")
    project = tmp_path / "only.gpkg"
    assert call("load", project, "cameras", tmp_path / "cameras.geojson").code == 0
    assert "villages" in call("plan", project).refused()


def test_a_project_that_another_process_is_writing(call, stored, small, monkeypatch) -> None:
    monkeypatch.setattr("api.jobs.desk.open_project", functools.partial(open_project, busy_s=0.5))
    before = stored(small.project)
    held = sqlite3.connect(small.project, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        words = call("load", small.project, "homes", small.folder / "homes.geojson", "--replace").refused()
    finally:
        held.execute("ROLLBACK")
        held.close()
    assert "county.gpkg" in words
    assert stored(small.project) == before


@pytest.mark.parametrize("way", ["same", "symlink", "hardlink"])
def test_the_project_is_no_input_of_its_own(call, stored, small, way) -> None:
    before, path = stored(small.project), small.project
    if way != "same":
        path = small.folder / "other.gpkg"
        (os.symlink if way == "symlink" else os.link)(small.project, path)
    call("load", small.project, "homes", path).refused()
    if way == "hardlink":  # a project of two names is not opened at all
        path.unlink()
    assert stored(small.project) == before


def test_a_file_with_several_layers_lists_them(call, stored, small) -> None:
    path = small.folder / "several.gpkg"
    for name in ("点", "others"):
        small.homes.to_file(path, layer=name)
    words = refused_untouched(call, stored, small, "load", small.project, "homes", path, "--replace")
    assert "点" in words
    assert "others" in words


def test_a_home_far_outside_all_villages(call, stored, small) -> None:
    path = small.folder / "far.csv"
    path.write_text("home_id,households,lon,lat\nN1,3,122.01,41.205\nN2,3,123.9,41.2\n")
    words = refused_untouched(call, stored, small, "load", small.project, "homes", path)
    assert "far.csv" in words
    assert "123.9" in words


def test_villages_that_overlap_widely_are_refused_by_name(call, stored, small) -> None:
    path = small.folder / "overlap.geojson"
    frame = small.villages.set_geometry([box(122.0, 41.2, 122.03, 41.21), box(122.02, 41.2, 122.04, 41.21)], crs=4490)
    frame.to_file(path)
    words = refused_untouched(call, stored, small, "load", small.project, "villages", path, "--replace")
    assert "东村" in words
    assert "西村" in words


def test_a_scheduler_that_does_not_answer_is_named(call, stored, small) -> None:
    said = refused_untouched(call, stored, small, "plan", small.project, "--scheduler", "tcp://127.0.0.1:1")
    assert "tcp://127.0.0.1:1" in said


def _stored_points(path):
    with open_project(path) as project:
        return [tuple(xy) for xy in shapely.get_coordinates(project.read("cameras").geometry.to_numpy())]
