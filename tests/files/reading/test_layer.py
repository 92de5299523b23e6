"""Every file that a county sends ends as a clean frame or as one line that says what to do."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from files.reading import ReadError, read_layer, write_rejected
from files.writing import ExportOptions
from files.writing.layers import write_layers
from spatial.datum import bd09_from_wgs84, gcj02_from_wgs84
from spatial.errors import BoundaryError, CrsError, SchemaError, SpatialError
from spatial.layers import LAYERS
from spatial.schema import check_frame


def refusal(layer: str, path: Path, **options: object) -> SpatialError:
    """Give the one error that a refused file raises; it must fit two lines and speak both languages."""
    with pytest.raises(SpatialError) as caught:
        read_layer(layer, path, **options)
    error = caught.value
    assert error.zh.count("\n") == 0
    assert error.en.count("\n") == 0
    assert error.zh != error.en
    return error


def said(notes: list[tuple[str, str]]) -> str:
    return "\n".join(part for note in notes for part in note)


def kinds(incoming: object) -> list[str]:
    return [row["problem"] for row in incoming.problems.rows]


def shifted(frame: gpd.GeoDataFrame, shift: object) -> gpd.GeoDataFrame:
    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), shift), crs=frame.crs)


class TestFiles:
    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        assert "no such file" in refusal("homes", tmp_path / "none.csv").en

    def test_a_text_file_named_gpkg_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "villages.gpkg"
        path.write_text("this is only text", "utf-8")
        error = refusal("villages", path)
        assert "no GeoPackage" in error.en
        assert "villages.gpkg" in error.zh

    def test_an_empty_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(b"")
        assert "0 bytes" in refusal("homes", tmp_path / "a.csv").en

    def test_an_empty_layer_is_refused(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.iloc[:0].to_file(tmp_path / "empty.gpkg", layer="villages")
        assert "empty" in refusal("villages", tmp_path / "empty.gpkg").en
        (tmp_path / "empty.geojson").write_text('{"type":"FeatureCollection","features":[]}', "utf-8")
        assert "empty" in refusal("villages", tmp_path / "empty.geojson").en

    def test_broken_json_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":[{]}', "utf-8")
        assert isinstance(refusal("villages", tmp_path / "a.geojson"), ReadError)

    def test_an_unknown_ending_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.docx").write_bytes(b"PK\x03\x04....")
        assert "unknown format" in refusal("homes", tmp_path / "a.docx").en

    def test_an_unknown_layer_is_refused(self, tmp_path: Path) -> None:
        assert "can be loaded" in refusal("cells", tmp_path / "a.gpkg").en

    def test_of_several_layers_the_named_one_is_taken_or_all_are_listed(
        self, tmp_path: Path, villages: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame
    ) -> None:
        path = tmp_path / "county.gpkg"
        villages.to_file(path, layer="villages")
        cameras.to_file(path, layer="cameras")
        assert len(read_layer("villages", path).frame) == 9
        error = refusal("homes", path)
        assert "villages" in error.en
        assert "cameras" in error.en

    def test_the_only_layer_is_taken_whatever_its_name(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.to_file(tmp_path / "x.gpkg", layer="盘山村界")
        assert len(read_layer("villages", tmp_path / "x.gpkg").frame) == 9


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "kml", "gml", "shp", "zip"])
def test_villages_come_through_every_map_format_with_their_vertices(
    tmp_path: Path, villages: gpd.GeoDataFrame, ending: str
) -> None:
    path = tmp_path / f"villages.{ending}"
    short = villages.rename(columns=SHORT)
    if ending == "zip":
        short.to_file(tmp_path / "inner.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for item in tmp_path.glob("inner.*"):
                archive.write(item, f"数据/{item.name}")
    else:
        driver = {"kml": "LIBKML", "geojson": "GeoJSON"}.get(ending)
        pyogrio.write_dataframe(short.to_crs(4326) if ending == "kml" else short, path, driver=driver)
    frame = read_layer("villages", path).frame.sort_values("village_code", ignore_index=True)
    assert list(frame.columns) == [*LAYERS["villages"].names, "geometry"]
    assert frame["village"].tolist() == villages["village"].tolist()
    assert frame.crs == "EPSG:4490"
    same = frame.geometry.normalize().geom_equals_exact(villages.geometry.normalize(), WRITTEN.get(ending, 0))
    assert same.all()
    assert not check_frame("villages", frame).rows


class TestCrs:
    def test_a_layer_without_crs_is_refused_with_the_remedy(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.rename(columns=SHORT).to_file(tmp_path / "villages.shp", encoding="utf-8")
        (tmp_path / "villages.prj").unlink()
        error = refusal("villages", tmp_path / "villages.shp")
        assert isinstance(error, CrsError)
        assert "--crs" in error.zh
        assert len(read_layer("villages", tmp_path / "villages.shp", crs="4490").frame) == 9

    def test_metres_become_degrees(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.to_crs(4550).to_file(tmp_path / "v.gpkg")
        incoming = read_layer("villages", tmp_path / "v.gpkg")
        assert incoming.frame.geometry.geom_equals_exact(villages.geometry, 1e-8).all()
        assert "CGCS2000" in said(incoming.notes)

    @pytest.mark.parametrize("code", [4214, 4610, 2437])
    def test_old_systems_that_need_parameters_are_refused(
        self, tmp_path: Path, villages: gpd.GeoDataFrame, code: int
    ) -> None:
        villages.set_crs(code, allow_override=True).to_file(tmp_path / "v.gpkg")
        assert "CGCS2000" in refusal("villages", tmp_path / "v.gpkg").en

    @pytest.mark.parametrize(("crs", "add"), [("4550", 0), ("4529", 41_000_000), ("4550", 41_000_000), ("4529", 0)])
    @pytest.mark.parametrize("northing_first", [False, True])
    def test_survey_tables_in_metres_are_understood(
        self, tmp_path: Path, crs: str, add: int, northing_first: bool
    ) -> None:
        point = gpd.GeoSeries.from_xy([121.93], [41.23], crs=4490).to_crs(4550)
        east, north = point.x[0] + add, point.y[0]
        x, y = (north, east) if northing_first else (east, north)
        pd.DataFrame({"编号": ["H1"], "户数": [2], "X坐标": [x], "Y坐标": [y]}).to_csv(tmp_path / "h.csv", index=False)
        frame = read_layer("homes", tmp_path / "h.csv", crs=crs).frame
        assert frame.geometry[0].distance(shapely.Point(121.93, 41.23)) < 1e-8

    def test_metres_without_a_crs_are_refused_and_the_zone_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "h.csv").write_text("编号,户数,x,y\nH1,2,41500123.5,4567890.1\n", "utf-8")
        assert "--crs 4529" in refusal("homes", tmp_path / "h.csv").en

    def test_degrees_called_metres_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "h.csv").write_text("编号,户数,x,y\nH1,2,121.9,41.2\n", "utf-8")
        assert "degrees" in refusal("homes", tmp_path / "h.csv", crs="4550").en

    def test_heights_are_dropped_and_said(self, tmp_path: Path) -> None:
        shape = {"type": "Point", "coordinates": [121.9, 41.2, 7.5]}
        text = {"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"home_id": "H1", "households": 1}, "geometry": shape}]}  # fmt: skip
        (tmp_path / "h.geojson").write_text(json.dumps(text), "utf-8")
        incoming = read_layer("homes", tmp_path / "h.geojson")
        assert not incoming.frame.has_z.any()
        assert "高程" in said(incoming.notes)


WRITTEN = {"geojson": 1e-7, "kml": 1e-9, "gml": 1e-9}  # digits that the writer keeps
SHORT = {"village_code": "villcode", "county_code": "countycode"}


class TestDatum:
    @pytest.mark.parametrize(("datum", "shift"), [("gcj02", gcj02_from_wgs84), ("bd09", bd09_from_wgs84)])
    def test_shifted_cameras_are_found_and_converted(
        self, tmp_path: Path, villages: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, datum: str, shift: object
    ) -> None:
        shifted(cameras, shift).to_file(tmp_path / "c.gpkg")
        incoming = read_layer("cameras", tmp_path / "c.gpkg", villages=villages)
        assert incoming.datum == datum
        assert shapely.distance(incoming.frame.geometry.array, cameras.geometry.array).max() < 1e-9
        assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum] in said(incoming.notes)

    def test_right_cameras_are_left_to_the_last_bit(
        self, tmp_path: Path, villages: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame
    ) -> None:
        cameras.to_file(tmp_path / "c.gpkg")
        incoming = read_layer("cameras", tmp_path / "c.gpkg", villages=villages)
        assert incoming.datum == "wgs84"
        assert incoming.frame.geometry.geom_equals_exact(cameras.geometry, 0).all()

    def test_a_few_cameras_inside_are_told_by_the_roads(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        road = shapely.MultiLineString([[(121.91, 41.23), (121.95, 41.23)]])
        roads = gpd.GeoDataFrame({"barrier_id": ["r"]}, geometry=[road], crs=4490)
        along = shapely.points(np.column_stack([np.linspace(121.92, 121.94, 20), np.full(20, 41.23)]))
        frame = gpd.GeoDataFrame({"camera_id": [f"C{i}" for i in range(20)]}, geometry=along, crs=4490)
        shifted(frame, gcj02_from_wgs84).to_file(tmp_path / "c.gpkg")
        incoming = read_layer("cameras", tmp_path / "c.gpkg", villages=villages, roads=roads)
        assert incoming.datum == "gcj02"

    def test_homes_are_told_by_the_village_they_name(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        rng = np.random.default_rng(1)
        places = np.repeat(np.arange(9), 10)
        corner = shapely.get_coordinates(villages.geometry.apply(lambda shape: shapely.Point(shape.bounds[:2])).array)
        xy = corner[places] + rng.uniform(0, 0.02, (90, 2))
        frame = gpd.GeoDataFrame(
            {
                "home_id": [f"H{i}" for i in range(90)],
                "households": 1,
                "村代码": villages["village_code"].to_numpy()[places],
            },
            geometry=shapely.points(bd09_from_wgs84(xy)),
            crs=4490,
        )
        frame.to_file(tmp_path / "h.gpkg")
        assert read_layer("homes", tmp_path / "h.gpkg", villages=villages).datum == "bd09"

    def test_thin_evidence_is_asked_about(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        edge = gcj02_from_wgs84(np.array([[121.9599, 41.23], [121.93, 41.23], [121.92, 41.22]]))
        frame = gpd.GeoDataFrame({"camera_id": ["a", "b", "c"]}, geometry=shapely.points(edge), crs=4490)
        frame.to_file(tmp_path / "c.gpkg")
        assert "--datum" in refusal("cameras", tmp_path / "c.gpkg", villages=villages).en
        assert read_layer("cameras", tmp_path / "c.gpkg", villages=villages, datum="wgs84").datum == "wgs84"

    def test_with_nothing_to_compare_the_file_is_believed_with_a_warning(
        self, tmp_path: Path, cameras: gpd.GeoDataFrame
    ) -> None:
        cameras.to_file(tmp_path / "c.gpkg")
        assert kinds(read_layer("cameras", tmp_path / "c.gpkg")) == ["datum-unchecked"]

    def test_a_named_datum_is_converted(self, tmp_path: Path, cameras: gpd.GeoDataFrame) -> None:
        shifted(cameras, gcj02_from_wgs84).to_file(tmp_path / "c.gpkg")
        incoming = read_layer("cameras", tmp_path / "c.gpkg", datum="gcj02")
        assert shapely.distance(incoming.frame.geometry.array, cameras.geometry.array).max() < 1e-9

    def test_an_unknown_datum_is_refused(self, tmp_path: Path) -> None:
        assert "gcj02" in refusal("cameras", tmp_path / "c.gpkg", datum="mars").en


class TestPlace:
    def test_swapped_columns_are_turned_round(
        self, tmp_path: Path, home_rows: pd.DataFrame, villages: gpd.GeoDataFrame
    ) -> None:
        home_rows.rename(columns={"经度": "纬度", "纬度": "经度"}).to_csv(tmp_path / "h.csv", index=False)
        incoming = read_layer("homes", tmp_path / "h.csv", villages=villages)
        assert incoming.frame.geometry.x.tolist() == home_rows["经度"].tolist()
        assert "swapped" in said(incoming.notes)

    def test_swapped_polygons_are_turned_round(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        shifted(villages, lambda xy: xy[:, ::-1]).to_file(tmp_path / "v.gpkg")
        incoming = read_layer("villages", tmp_path / "v.gpkg")
        assert incoming.frame.geometry.normalize().geom_equals_exact(villages.geometry.normalize(), 0).all()
        assert "swapped" in said(incoming.notes)

    def test_swaps_outside_china_are_found_by_the_villages(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        finnish = shifted(villages, lambda xy: xy - [97.0, -18.9])  # near Helsinki
        frame = pd.DataFrame({"home_id": ["H1"], "households": [1], "lon": [60.13], "lat": [24.93]})
        frame.to_csv(tmp_path / "h.csv", index=False)
        incoming = read_layer("homes", tmp_path / "h.csv", villages=finnish)
        assert incoming.frame.geometry.x[0] == 24.93
        assert "swapped" in said(incoming.notes)

    def test_rows_far_from_all_villages_are_refused(
        self, tmp_path: Path, home_rows: pd.DataFrame, villages: gpd.GeoDataFrame
    ) -> None:
        home_rows.loc[1, "经度"] = 123.0
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        error = refusal("homes", tmp_path / "h.csv", villages=villages, datum="wgs84")
        assert "5 km" in error.en
        assert "row 3" in error.en
        good = read_layer("homes", tmp_path / "h.csv", villages=villages, datum="wgs84", accept_good=True)
        assert good.frame["home_id"].tolist() == ["H1", "H3"]
        assert good.rejected["row"].tolist() == [3]

    def test_rows_a_little_outside_are_taken(
        self, tmp_path: Path, home_rows: pd.DataFrame, villages: gpd.GeoDataFrame
    ) -> None:
        home_rows.loc[1, "经度"] = 121.89  # 0.8 km west of the county
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        assert len(read_layer("homes", tmp_path / "h.csv", villages=villages, datum="wgs84").frame) == 3

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.floats(73.6, 134.7), st.floats(3.5, 53.5)), min_size=1, max_size=8))
    def test_any_point_of_china_is_known_to_be_swapped(self, points: list[tuple[float, float]]) -> None:
        from spatial.datum import swapped

        xy = np.array(points)
        assert not swapped(xy).any()
        assert swapped(xy[:, ::-1]).all()


class TestShapes:
    def test_a_bow_tie_is_mended_and_named(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        bow = shapely.Polygon([(122.1, 41.2), (122.12, 41.22), (122.12, 41.2), (122.1, 41.22)])
        villages.geometry = [*villages.geometry[:8], bow]
        villages.to_file(tmp_path / "v.gpkg")
        incoming = read_layer("villages", tmp_path / "v.gpkg")
        assert incoming.frame.is_valid.all()
        assert "211122103208" in said(incoming.notes)
        assert "village-in-pieces" in kinds(incoming)

    def test_lines_for_polygons_are_refused(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.geometry = villages.boundary
        villages.to_file(tmp_path / "v.gpkg")
        assert "needs polygons" in refusal("villages", tmp_path / "v.gpkg").en

    def test_a_table_without_shapes_is_refused_where_areas_are_needed(self, tmp_path: Path) -> None:
        (tmp_path / "v.csv").write_text("村代码,村\n211122103200,甲\n", "utf-8")
        assert "without shapes" in refusal("villages", tmp_path / "v.csv").en

    def test_narrow_overlaps_and_gaps_are_mended_and_said(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        shapes = villages.geometry.to_numpy().copy()
        shapes[0] = shapely.MultiPolygon([shapely.box(121.90, 41.20, 121.92 + 1e-5, 41.22)])  # 0.8 m too wide
        shapes[4] = shapely.MultiPolygon([shapely.box(121.92, 41.22 + 1e-5, 121.94, 41.24)])  # 1.1 m too low
        villages.geometry = shapes
        villages.to_file(tmp_path / "v.gpkg")
        incoming = read_layer("villages", tmp_path / "v.gpkg")
        assert shapely.coverage_is_valid(incoming.frame.geometry.to_numpy())
        assert shapely.union_all(incoming.frame.geometry.to_numpy()).area == pytest.approx(0.0036, abs=1e-9)
        assert "村界已修补" in said(incoming.notes)
        untouched = incoming.frame.geometry.normalize().iloc[8].equals_exact(county_shape(villages, 8), 0)
        assert untouched

    def test_wide_overlaps_are_refused_with_both_names(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.geometry = [shapely.box(121.90, 41.20, 121.921, 41.22), *villages.geometry[1:]]
        villages.to_file(tmp_path / "v.gpkg")
        error = refusal("villages", tmp_path / "v.gpkg")
        assert isinstance(error, BoundaryError)
        assert "村0" in error.zh
        assert "村1" in error.zh

    def test_wide_gaps_stay_and_are_a_problem(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.drop(index=4).to_file(tmp_path / "v.gpkg")
        incoming = read_layer("villages", tmp_path / "v.gpkg")
        assert "village-gap" in kinds(incoming)
        row = next(row for row in incoming.problems.rows if row["problem"] == "village-gap")
        assert row["geometry"].within(villages.geometry[4])

    def test_villages_that_are_there_already_are_refused(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.to_file(tmp_path / "v.gpkg")
        assert "--replace" in refusal("villages", tmp_path / "v.gpkg", villages=villages).en

    def test_villages_over_others_of_the_project_are_refused(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        other = villages.iloc[:1].assign(village_code="211122103999", village="新村")
        other.to_file(tmp_path / "v.gpkg")
        error = refusal("villages", tmp_path / "v.gpkg", villages=villages)
        assert "新村" in error.zh
        assert "村0" in error.zh


def county_shape(villages: gpd.GeoDataFrame, place: int) -> object:
    return villages.geometry.normalize().iloc[place]


class TestKeys:
    def test_repeated_keys_are_refused_with_key_and_rows(self, tmp_path: Path, home_rows: pd.DataFrame) -> None:
        home_rows.loc[2, "住户编号"] = "H1"
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        error = refusal("homes", tmp_path / "h.csv")
        assert "'H1'" in error.en
        assert "rows 2, 4" in error.en
        assert read_layer("homes", tmp_path / "h.csv", accept_good=True).frame["home_id"].tolist() == ["H2"]

    def test_repeated_national_ids_are_refused(self, tmp_path: Path, cameras: gpd.GeoDataFrame) -> None:
        ids = [f"2111220000132000{place:04}" for place in range(200)]
        ids[7] = ids[3]
        cameras.assign(gb_id=ids).to_file(tmp_path / "c.gpkg")
        assert "gb_id" in refusal("cameras", tmp_path / "c.gpkg").en

    def test_keys_are_made_where_the_file_has_none_and_do_not_depend_on_order(
        self, tmp_path: Path, home_rows: pd.DataFrame
    ) -> None:
        bare = home_rows.drop(columns="住户编号")
        bare.to_csv(tmp_path / "a.csv", index=False)
        bare.iloc[::-1].to_csv(tmp_path / "b.csv", index=False)
        first, second = (read_layer("homes", tmp_path / f"{name}.csv") for name in "ab")
        assert first.frame["home_id"].tolist() == second.frame["home_id"].tolist()[::-1]
        assert first.frame["home_id"].is_unique
        assert "home_id" in said(first.notes)

    def test_villages_without_codes_are_refused(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.drop(columns="village_code").to_file(tmp_path / "v.gpkg")
        error = refusal("villages", tmp_path / "v.gpkg")
        assert isinstance(error, SchemaError)
        assert "village_code" in error.en
        assert "村代码" in error.zh

    def test_town_and_county_codes_come_from_mainland_codes(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.drop(columns=["town_code", "county_code"]).to_file(tmp_path / "v.gpkg")
        frame = read_layer("villages", tmp_path / "v.gpkg").frame
        assert set(frame["town_code"]) == {"211122103"}
        assert set(frame["county_code"]) == {"211122"}
        assert set(frame["kind"]) == {"village"}

    def test_padded_town_codes_are_cut_to_their_length(self, tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
        villages.assign(town_code="211122103000", county_code="211122000000").to_file(tmp_path / "v.gpkg")
        frame = read_layer("villages", tmp_path / "v.gpkg").frame
        assert set(frame["town_code"]) == {"211122103"}
        assert set(frame["county_code"]) == {"211122"}


class TestValues:
    @pytest.mark.parametrize("count", ["-2", "约300", "300户", "三百", "2.5", "1e", "3-5"])
    def test_negative_worded_and_broken_counts_are_refused(
        self, tmp_path: Path, home_rows: pd.DataFrame, count: str
    ) -> None:
        home_rows["户数"] = ["3", count, "12"]
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        error = refusal("homes", tmp_path / "h.csv")
        for part in ("h.csv", "row 3", "户数", count):
            assert part in error.en
        assert read_layer("homes", tmp_path / "h.csv", accept_good=True).frame["home_id"].tolist() == ["H1", "H3"]

    def test_missing_columns_are_named_with_what_else_they_may_be_called(
        self, tmp_path: Path, home_rows: pd.DataFrame
    ) -> None:
        home_rows.drop(columns="户数").to_csv(tmp_path / "h.csv", index=False)
        error = refusal("homes", tmp_path / "h.csv")
        assert "households" in error.en
        assert "户数" in error.zh
        assert "--columns" in error.zh

    def test_a_mapping_feeds_a_column_with_another(self, tmp_path: Path, home_rows: pd.DataFrame) -> None:
        home_rows.rename(columns={"户数": "多少家"}).to_csv(tmp_path / "h.csv", index=False)
        (tmp_path / "map.toml").write_text('[homes]\nhouseholds = "多少家"\n', "utf-8")
        frame = read_layer("homes", tmp_path / "h.csv", columns=tmp_path / "map.toml").frame
        assert frame["households"].tolist() == [3, 1, 12]

    def test_a_mapping_to_a_missing_column_is_refused(self, tmp_path: Path, home_rows: pd.DataFrame) -> None:
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        assert "多少家" in refusal("homes", tmp_path / "h.csv", columns={"households": "多少家"}).en

    def test_persons_stay_outside(self, tmp_path: Path, home_rows: pd.DataFrame) -> None:
        home_rows.assign(户主姓名="张三", 身份证号="1", 联系电话="138").to_csv(tmp_path / "h.csv", index=False)
        incoming = read_layer("homes", tmp_path / "h.csv")
        assert list(incoming.frame.columns) == [*LAYERS["homes"].names, "geometry"]
        assert "张三" not in incoming.frame.to_csv()
        assert "户主姓名、身份证号、联系电话" in said(incoming.notes)

    def test_a_members_phone_is_taken_only_if_asked(self, tmp_path: Path) -> None:
        (tmp_path / "m.csv").write_text("编号,姓名,角色,电话\nM1,李四,网格长,13800000000\n", "utf-8")
        assert read_layer("members", tmp_path / "m.csv").frame["phone"].isna().all()
        asked = read_layer("members", tmp_path / "m.csv", columns={"phone": "电话"}).frame
        assert asked.loc[0, ["member", "kind", "phone"]].tolist() == ["李四", "lead", "13800000000"]

    def test_the_list_of_rejected_rows_opens_in_excel(self, tmp_path: Path, home_rows: pd.DataFrame) -> None:
        home_rows["户数"] = ["3", "约300", "12"]
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        incoming = read_layer("homes", tmp_path / "h.csv", accept_good=True)
        first = write_rejected(tmp_path / "h.csv", incoming.rejected)
        second = write_rejected(tmp_path / "h.csv", incoming.rejected)
        assert (first.name, second.name) == ("h-rejected.csv", "h-rejected-2.csv")
        assert first.read_bytes().startswith(b"\xef\xbb\xbf")
        listed = pd.read_csv(first, dtype=str)
        assert listed.iloc[0].tolist()[:3] == ["3", "户数", "约300"]

    def test_a_file_without_a_good_row_is_refused_even_then(self, tmp_path: Path, home_rows: pd.DataFrame) -> None:
        home_rows["户数"] = "约300"
        home_rows.to_csv(tmp_path / "h.csv", index=False)
        assert "no row is good" in refusal("homes", tmp_path / "h.csv", accept_good=True).en


class TestRealFiles:
    def test_yilan_loads_as_it_is(self, shared_data: Path) -> None:
        path = shared_data / "tw" / "yilan_villages.geojson"
        incoming = read_layer("villages", path)
        frame = incoming.frame
        assert len(frame) == 233
        assert frame["town_code"].nunique() == 12
        assert frame["county"].unique().tolist() == ["宜蘭縣"]
        assert set(frame["kind"]) == {"village"}
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())
        assert "10002110007" in said(incoming.notes)
        raw = gpd.read_file(path)
        before = {tuple(xy) for xy in shapely.get_coordinates(raw.geometry.to_numpy())}
        after = {tuple(xy) for xy in shapely.get_coordinates(frame.geometry.to_numpy())}
        assert len(after - before) <= 2  # where the one crossing ring was cut

    @pytest.mark.parametrize(
        ("layer", "rows"), [("buildings", 446), ("barriers", 2818), ("cameras", 221), ("poles", 586), ("places", 144)]
    )
    def test_helsinki_gives_every_layer(self, shared_data: Path, layer: str, rows: int) -> None:
        incoming = read_layer(layer, shared_data / "osm" / "helsinki_centre.osm.pbf")
        assert len(incoming.frame) == rows
        assert not check_frame(layer, incoming.frame).rows
        if layer == "barriers":
            assert (incoming.frame["kind"] == "road").sum() > 2500

    def test_kansas_cameras_need_one_row_left_out(self, shared_data: Path) -> None:
        path = shared_data / "cameras" / "osm_alpr_kansas.geojson"
        assert "2765" in refusal("cameras", path).en
        frame = read_layer("cameras", path, accept_good=True).frame
        assert len(frame) == 481
        assert "310;85" in frame["headings_deg"].tolist()
        assert set(frame["kind"].dropna()) == {"bullet", "dome"}

    def test_suzhou_buildings_get_keys(self, shared_data: Path) -> None:
        frame = read_layer("buildings", shared_data / "osm" / "suzhou_buildings_floors.geojson").frame
        assert len(frame) == 3076
        assert frame["building_id"].is_unique
        assert frame["floors"].median() == 3

    def test_amap_outlines_come_within_a_survey_of_the_others(self, shared_data: Path, tmp_path: Path) -> None:
        amap = gpd.read_file(shared_data / "cn" / "counties_amap_gcj02.geojson").query("adcode == '211122'")
        fields = {"村代码": "211122103200", "村": "盘山", "乡镇": "镇", "县": "盘山县"}
        amap.assign(**fields)[[*fields, "geometry"]].to_file(tmp_path / "v.geojson")
        ours = read_layer("villages", tmp_path / "v.geojson", datum="gcj02").frame.geometry
        theirs = gpd.read_file(shared_data / "cn" / "counties_amap_wgs84.geojson").query("adcode == '211122'").geometry
        assert apart(ours, theirs) < 0.5 * apart(amap.geometry, theirs)


def apart(one: gpd.GeoSeries, other: gpd.GeoSeries) -> float:
    return shapely.symmetric_difference(shapely.union_all(one.to_numpy()), shapely.union_all(other.to_numpy())).area


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "shp", "kml", "csv"])
def test_what_the_exports_write_is_read_back_the_same(tmp_path: Path, kind: str) -> None:
    frame = gpd.GeoDataFrame(
        {
            "camera_id": ["C1", "C2"], "gb_id": ["21112200001320000001", None], "pole_id": ["P1", "P1"],
            "kind": ["bullet", "ptz"], "azimuth_deg": [5.0, np.nan], "azimuth_tolerance_deg": [22.5, np.nan],
            "point_class": ["1", "9"], "status": ["working", "offline"],
            "networked": pd.array([True, None], dtype="boolean"), "retention_days": pd.array([30, None], dtype="Int64"),
            "installed": pd.to_datetime(["2024-01-02", None], utc=True).as_unit("ms"),
        },
        geometry=[shapely.Point(121.9, 41.2), shapely.Point(121.9123456, 41.2)],
        crs=4490,
    )  # fmt: skip
    written = write_layers({"cameras": frame}, tmp_path, kind, options=ExportOptions())
    (path,) = [item for item in written if item.suffix == f".{kind}"]
    back = read_layer("cameras", path).frame
    plain = pd.DataFrame(frame.drop(columns="geometry"))
    pd.testing.assert_frame_equal(pd.DataFrame(back[plain.columns]), plain, check_dtype=False)
    assert shapely.equals_exact(back.geometry.array, frame.geometry.array, 1e-7).all()


def test_a_zip_of_two_shapefiles_is_refused(tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
    for name in ("a", "b"):
        villages.rename(columns=SHORT).to_file(tmp_path / f"{name}.shp", encoding="utf-8")
    shutil.make_archive(str(tmp_path / "both"), "zip", tmp_path)
    assert "should hold one layer" in refusal("villages", tmp_path / "both.zip").en


def test_terrain_is_recorded_by_path_checksum_and_crs(tmp_path: Path) -> None:
    profile = {"driver": "GTiff", "width": 4, "height": 3, "count": 1, "dtype": "float32"}
    place = rasterio.Affine(0.01, 0.0, 121.9, 0.0, -0.01, 41.3)
    with rasterio.open(tmp_path / "dem.tif", "w", crs="EPSG:4326", transform=place, **profile) as raster:
        raster.write(np.ones((1, 3, 4), dtype="float32"))
    row = read_layer("terrain", tmp_path / "dem.tif").frame.iloc[0]
    assert row["crs"] == "EPSG:4326"
    assert row["checksum"].startswith("sha256:")
    assert Path(row["path"]).name == "dem.tif"


def test_a_full_disk_is_no_fault_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "villages.zip", "w") as archive:
        archive.writestr("villages.geojson", "{}")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReadError, match=r"No space left on device; make room") as refused:
        read_layer("villages", tmp_path / "villages.zip")
    assert "damaged" not in refused.value.en


def test_a_json_without_places_is_refused_without_advice_for_programmers(tmp_path):
    path = tmp_path / "图.json"
    path.write_text('{"nodes": [], "adjacency": []}', encoding="utf-8")
    with pytest.raises(ReadError) as refused:
        read_layer("villages", path)
    assert "图.json" in refused.value.zh
    assert "prefixing" not in refused.value.en
    assert "driver" not in refused.value.en
