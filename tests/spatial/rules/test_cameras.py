"""Rules of camera lists: each fault is found by name, and a clean list has none."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from spatial.datum import from_wgs84
from spatial.rules.cameras import check_cameras

CRS = "EPSG:4550"
GOOD = {"gb_id": "21112200001310000001", "azimuth_deg": 90.0, "point_class": "1", "status": "working",
        "retention_days": 30, "filed": "2025-06-01T00:00:00Z", "kind": "bullet"}  # fmt: skip


def listed(*rows, at=(50.0, 50.0)):
    frame = gpd.GeoDataFrame([{"camera_id": f"C{k}", **GOOD, **row} for k, row in enumerate(rows)])
    return frame.set_geometry(gpd.GeoSeries([shapely.Point(at)] * len(rows), crs=CRS))


def villages():
    return gpd.GeoDataFrame({"village_code": ["211122101201"], "county_code": ["211122"]},
                            geometry=[shapely.MultiPolygon([shapely.box(0, 0, 100, 100)])], crs=CRS)  # fmt: skip


def found(frame, **options):
    return {(row["problem"], row["code"]) for row in check_cameras(frame, **options).rows}


def test_a_clean_list_has_no_problem():
    assert found(listed({}), villages=villages()) == set()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"gb_id": "2111220000131000001"}, "camera-id-form"),
        ({"gb_id": "2.11122E+19"}, "camera-id-form"),
        ({"gb_id": "21112200001210000001"}, "camera-id-gate-type"),
        ({"gb_id": "21112200000270000001"}, "camera-id-type"),
        ({"gb_id": "41061100001310000001"}, "camera-id-county"),
        ({"azimuth_deg": None}, "camera-heading-missing"),
        ({"status": "offline"}, "camera-class1-offline"),
        ({"retention_days": 29}, "camera-retention-short"),
    ],
)
def test_each_fault_is_found(change, problem):
    second = {"gb_id": "21112200001310000002"}
    assert found(listed(change, second), villages=villages()) == {(problem, "C0")}


def test_an_id_that_two_cameras_share_is_an_error_once():
    assert found(listed({}, {})) == {("camera-id-repeated", "C0")}


def test_a_missing_filing_date_is_found_where_others_have_one():
    rows = {"filed": None}, {"gb_id": "21112200001310000002"}
    assert found(listed(*rows)) == {("camera-unfiled", "C0")}


def test_a_ptz_without_heading_is_no_fault():
    assert found(listed({"kind": "ptz", "azimuth_deg": None})) == set()


def test_more_than_six_cameras_at_one_place_are_a_warning_once():
    rows = [{"gb_id": f"2111220000131{k:07}"} for k in range(7)]
    assert found(listed(*rows)) == {("cameras-crowded", "C0")}
    assert found(listed(*rows[:6])) == set()


def test_a_camera_outside_the_county_is_an_error_with_its_distance():
    rows = check_cameras(listed({}, at=(160.0, 50.0)), villages=villages()).rows
    assert [(row["problem"], row["severity"]) for row in rows] == [("camera-outside-county", "error")]
    assert "60 m" in rows[0]["message_en"]


def test_forbidden_and_consent_zones_are_named():
    zone = shapely.MultiPolygon([shapely.box(0, 0, 60, 60)])
    zones = gpd.GeoDataFrame(
        {"zone_id": ["Z1", "Z2"], "kind": ["forbidden", "consent"]}, geometry=[zone, zone], crs=CRS
    )
    rows = check_cameras(listed({}), zones=zones).rows
    assert {row["problem"]: "Z1" in row["message_zh"] for row in rows} == {
        "camera-forbidden": True,
        "camera-consent": False,
    }


def test_a_level_that_the_lens_cannot_give_is_found():
    lens = {"width_px": 1920, "focal_mm": 6.0, "sensor": "1/2.8", "mount_m": 6.0, "tilt_deg": 15.0}
    assert found(listed(lens), pixels="2014:identify") == {("view-empty", "C0")}
    assert found(listed(lens), pixels="2014:recognise") == set()


def test_a_camera_without_position_is_an_error():
    frame = listed({})
    assert found(frame.set_geometry(gpd.GeoSeries([None], crs=CRS)), villages=villages()) == {
        ("camera-position-missing", "C0")
    }


@pytest.mark.parametrize(
    ("installed", "filed", "late"),
    [
        ("2025-08-01T00:00:00Z", "2025-08-31T00:00:00Z", False),
        ("2025-08-01T00:00:00Z", "2025-09-01T00:00:00Z", True),
        ("2019-08-01T00:00:00Z", "2025-07-01T09:30:00Z", False),
        ("2019-08-01T00:00:00Z", "2025-07-02T00:00:00Z", True),
        (None, "2025-07-02T00:00:00Z", False),
    ],
)
def test_a_filing_later_than_the_order_allows_is_found(installed, filed, late):
    first = {"gb_id": "21112200001310000002", "installed": installed, "filed": filed}
    assert found(listed(first)) == ({("camera-filed-late", "C0")} if late else set())


def test_a_missing_sign_is_found_where_the_list_tells_of_signs():
    ids = [{"gb_id": f"2111220000131000000{k}"} for k in range(3)]
    assert found(listed(*(one | {"sign": sign} for one, sign in zip(ids, (True, False, None), strict=True)))) == {
        ("camera-unsigned", "C1"), ("camera-unsigned", "C2")
    }  # fmt: skip
    assert found(listed(*ids)) == set()


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_camera_outside_that_another_datum_brings_home_is_told_its_datum(datum):
    home = gpd.GeoSeries([shapely.Point(121.99, 41.24)], crs=4490).to_crs(CRS)
    there = villages().set_geometry(home.buffer(150).apply(lambda shape: shapely.MultiPolygon([shape])))
    moved = gpd.GeoSeries(from_wgs84(home.to_crs(4326).to_numpy(), datum), crs=4326).to_crs(CRS)
    other = next(name for name in ("gcj02", "bd09") if name != datum)
    answer = check_cameras(listed({}, at=(moved.x.iloc[0], moved.y.iloc[0])), villages=there).rows
    assert {row["problem"] for row in answer} == {"camera-outside-county", "camera-datum-other"}
    (told,) = (row["message_en"] for row in answer if row["problem"] == "camera-datum-other")
    names = {"gcj02": "GCJ-02", "bd09": "BD-09"}
    assert names[datum] in told
    assert names[other] not in told


@pytest.mark.parametrize(
    ("installed", "today", "unfiled"),
    [
        ("2026-11-01T00:00:00Z", "2026-11-22", False),
        ("2026-10-01T00:00:00Z", "2026-11-22", True),
        ("2019-10-01T00:00:00Z", "2025-06-30", False),
        ("2019-10-01T00:00:00Z", "2025-07-02", True),
        (None, "2026-11-22", True),
    ],
)
def test_a_camera_that_need_not_be_filed_yet_is_no_fault(installed, today, unfiled):
    rows = [{"filed": None, "installed": installed}, {"gb_id": "21112200001310000002"}]
    answer = found(listed(*rows), today=pd.Timestamp(today, tz="UTC"))
    assert answer == ({("camera-unfiled", "C0")} if unfiled else set())
