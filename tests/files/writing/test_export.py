"""Exports: every format reads back, nothing half-written, nothing private in public."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from files.writing import FORMATS, ExportOptions, export_files
from files.writing.shapefile import short_names
from spatial.datum import wgs84_from_gcj02
from spatial.errors import SchemaError


def test_an_unknown_format_names_the_known_ones(frames, tmp_path) -> None:
    with pytest.raises(SchemaError, match="dwg; known: xlsx pdf gpkg"):
        export_files(frames, tmp_path / "out", ["dwg"])
    with pytest.raises(SchemaError, match="unknown datum"):
        export_files(frames, tmp_path / "out", ["gpkg"], options=ExportOptions(datum="bj54"))
    assert not (tmp_path / "out").exists()


def test_every_format_is_written_whole_and_listed(frames, options, tmp_path) -> None:
    calls = []
    paths = export_files(frames, tmp_path, FORMATS, options=options, progress=lambda *call: calls.append(call))
    assert {path.suffix[1:] for path in paths} >= set(FORMATS)
    assert sorted(tmp_path.iterdir()) == paths
    assert calls[-1][:2] == (len(FORMATS), len(FORMATS))


def test_a_geopackage_holds_all_layers_with_their_codes(frames, options, tmp_path) -> None:
    (path,) = export_files(frames, tmp_path, ["gpkg"], options=options)
    names = {name for name, _ in pyogrio.list_layers(path)}
    assert names == set(frames)
    cells = gpd.read_file(path, layer="cells")
    assert cells.crs.to_epsg() == 4490
    assert cells["cell_code"].tolist() == frames["cells"]["cell_code"].tolist()
    assert "phone" not in gpd.read_file(path, layer="members")


def test_geojson_is_rfc_7946(frames, options, tmp_path) -> None:
    paths = export_files(frames, tmp_path, ["geojson"], options=options)
    data = json.loads((tmp_path / "盘山县-cells.geojson").read_text(encoding="utf-8"))
    assert "crs" not in data
    assert data["features"][0]["properties"]["cell_code"] == "211122001001001"
    ring = np.array(data["features"][0]["geometry"]["coordinates"][0][0])
    area = (ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]).sum()
    assert area > 0
    assert len(paths) == sum(isinstance(frame, gpd.GeoDataFrame) for frame in frames.values())


def test_gcj02_goes_back_to_where_it_was(frames, options, tmp_path) -> None:
    export_files(frames, tmp_path, ["geojson"], options=replace(options, datum="gcj02"))
    moved = gpd.read_file(tmp_path / "盘山县-cameras-gcj02.geojson").get_coordinates().to_numpy()
    there = frames["cameras"].get_coordinates().to_numpy()
    assert np.abs(moved - there).max() > 0.002
    assert wgs84_from_gcj02(moved) == pytest.approx(there, abs=2e-7)


def test_a_shapefile_reads_back_in_chinese(frames, options, tmp_path) -> None:
    export_files(frames, tmp_path, ["shp"], options=options)
    assert (tmp_path / "盘山县-villages.cpg").read_text() == "GBK"
    villages = gpd.read_file(tmp_path / "盘山县-villages.shp")
    assert villages["village"].tolist() == frames["villages"]["village"].tolist()
    assert villages["vill_code"].tolist() == frames["villages"]["village_code"].tolist()


def test_texts_beyond_gbk_make_the_shapefile_utf8(frames, options, tmp_path) -> None:
    villages = frames["villages"].assign(village="𠀀村")
    export_files({"villages": villages}, tmp_path, ["shp"], options=options)
    assert gpd.read_file(tmp_path / "盘山县-villages.shp")["village"][0] == "𠀀村"


def test_short_names_are_short_and_all_different() -> None:
    names = short_names([f"所属社区名称{i}" for i in range(12)] + ["Code", "code", "occupied_households"])
    assert len({name.lower() for name in names.values()}) == 15
    assert max(len(name.encode("gbk")) for name in names.values()) <= 10


def test_csv_opens_in_excel_and_runs_nothing(frames, options, tmp_path) -> None:
    export_files(frames, tmp_path, ["csv"], options=options)
    raw = (tmp_path / "盘山县-cameras.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(tmp_path / "盘山县-cameras.csv", dtype=str)
    assert table["gb_id"][0] == "21112200001310000001"
    assert table["camera"][1] == "'@桥头"
    assert float(table["lon"][0]) == pytest.approx(frames["cameras"].geometry.x.iloc[0])


def test_the_public_gets_no_sensitive_layer_and_no_small_count(frames, options, tmp_path) -> None:
    paths = export_files(frames, tmp_path, ["gpkg", "csv", "html"], options=replace(options, public=True))
    names = {path.name for path in paths}
    assert "盘山县-cells.csv" in names
    for layer in ("cameras", "homes", "members", "sites", "assignments"):
        assert f"盘山县-{layer}.csv" not in names
    cells = pd.read_csv(tmp_path / "盘山县-cells.csv")
    assert cells["party_members"].isna().all()
    assert cells["households"].notna().all()
    assert "M000" not in (tmp_path / "盘山县-网格地图.html").read_text(encoding="utf-8")


def test_the_project_is_never_replaced(frames, options, tmp_path) -> None:
    project = tmp_path / "盘山县-图层.gpkg"
    project.write_bytes(b"project")
    with pytest.raises(SchemaError, match="is the project"):
        export_files(frames, tmp_path, ["gpkg"], options=replace(options, protected=(project,)))
    assert project.read_bytes() == b"project"
    assert list(tmp_path.iterdir()) == [project]


def test_a_failed_export_leaves_the_old_files(frames, options, tmp_path, monkeypatch) -> None:
    (path,) = export_files(frames, tmp_path, ["xlsx"], options=options)
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise SchemaError("坏", "bad")

    monkeypatch.setattr("files.writing.mapsheet.write_map_sheets", fail)
    with pytest.raises(SchemaError, match="bad"):
        export_files(frames, tmp_path, ["xlsx", "pdf"], options=options)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_file_names_come_from_the_county_where_no_name_is_given() -> None:
    assert ExportOptions(county="盘山县").stem == "盘山县"
    assert ExportOptions(name="../a:b").stem == ".._a_b"
    assert ExportOptions().stem == "wangge"
