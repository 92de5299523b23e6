"""`wangge sees` on the tiny county: the answer agrees with the views that a coverage run stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from api.jobs.coverage import CoverageJob, run_coverage
from api.jobs.load import LoadOptions, run_load
from api.jobs.sees import SeesOptions, run_sees
from api.store import open_project
from spatial.errors import InfeasibleError, SchemaError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path):
    """Store two cameras, one of which a house hides from the place; the list tells nothing of networks."""
    path = str(tmp_path / "county.gpkg")
    cameras = {"camera_id": ["C1", "C2"], "kind": ["ptz", "ptz"], "range_m": [60.0, 60.0], "mount_m": [5.0, 5.0]}
    spots = [shapely.Point(122.0, 41.0), shapely.Point(122.0006, 41.0)]
    house = shapely.MultiPolygon([shapely.box(122.0004, 40.9999, 122.00045, 41.0001)])
    layers = {
        "cameras": gpd.GeoDataFrame(cameras, geometry=spots, crs=4490),
        "buildings": gpd.GeoDataFrame({"building_id": ["B1"]}, geometry=[house], crs=4490),
    }
    for layer, frame in layers.items():
        frame.to_file(tmp_path / f"{layer}.geojson")
        run_load(path, LoadOptions(layer=layer, file=str(tmp_path / f"{layer}.geojson"), datum="cgcs2000"))
    return path


def test_the_camera_that_sees_and_the_house_that_hides(project):
    answer = run_sees(project, SeesOptions(122.0002, 41.0))
    assert answer["seen_by"] == 1
    first, second = answer["cameras"]
    assert (first["camera_id"], first["sees"]) == ("C1", True)
    assert (second["camera_id"], second["why"], second["building_id"]) == ("C2", "blocked", "B1")
    assert second["obstacle_m"] == pytest.approx(12.6, abs=0.3)
    assert json.loads(json.dumps(answer))["pixel_level"].startswith("IEC/EN 62676-4:2014 observe")


def test_it_says_what_a_camera_sees_as_it_hangs(project, tmp_path):
    fixed = {"camera_id": ["C3"], "kind": ["bullet"], "azimuth_deg": [270.0], "range_m": [60.0], "mount_m": [5.0]}
    frame = gpd.GeoDataFrame(fixed, geometry=[shapely.Point(122.0006, 41.0)], crs=4490)
    frame.to_file(tmp_path / "more.geojson")
    run_load(project, LoadOptions(layer="cameras", file=str(tmp_path / "more.geojson"), datum="cgcs2000"))
    run = run_coverage(project, CoverageJob())["run"]
    with open_project(project) as store:
        stored = store.read("views", where={"run": run}).set_index("camera_id")
    rows = {row["camera_id"]: row for row in run_sees(project, SeesOptions(122.0005, 41.0))["cameras"]}
    assert set(rows) == {"C1", "C2", "C3"}
    for code, row in rows.items():
        mine = stored.loc[code]
        assert row["view_m2"] == pytest.approx(mine["area_m2"], abs=0.1)
        assert row["blocked_share"] == pytest.approx(mine["blocked_share"], abs=1e-4)
        assert row["assumed"] == mine["assumed"]
    assert rows["C3"]["axis_obstacle_m"] == pytest.approx(12.6, abs=0.3)
    assert rows["C3"]["turn_gain"] == pytest.approx(stored.at["C3", "best_m2"] / stored.at["C3", "area_m2"], abs=0.01)
    assert rows["C3"]["turn_deg"] == stored.at["C3", "best_azimuth_deg"]
    assert (rows["C1"]["turn_gain"], rows["C1"]["turn_deg"]) == (None, None)


def test_it_agrees_with_the_stored_views_and_keeps_the_level_of_the_run(project):
    figures = run_coverage(project, CoverageJob(pixels="2014:detect"))
    assert figures["networked_share"] is None
    with open_project(project) as store:
        views = store.read("views", where={"run": figures["run"]})
    for lon in np.linspace(121.9998, 122.0009, 7):
        answer = run_sees(project, SeesOptions(float(lon), 41.00005))
        assert answer["pixels"] == "2014:detect"
        assert answer["seen_by"] == views.geometry.intersects(shapely.Point(lon, 41.00005)).sum()


def test_a_place_without_cameras_around_is_seen_by_none(project):
    assert run_sees(project, SeesOptions(123.0, 41.0))["cameras"] == []


def test_a_project_without_cameras_is_refused(project):
    with open_project(project) as store, store.change(who="test", action="empty") as change:
        change.delete("cameras", where={"camera_id": ["C1", "C2"]})
    with pytest.raises(InfeasibleError, match="no cameras"):
        run_sees(project, SeesOptions(122.0, 41.0))


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [(41.0, 122.0, "经度在前"), (float("nan"), 41.0, "不是经纬度"), (122.0, float("inf"), "不是经纬度")],
)
def test_a_place_that_is_not_on_earth_is_refused(project, lon, lat, words):
    with pytest.raises(SchemaError) as refused:
        run_sees(project, SeesOptions(lon, lat))
    assert words in refused.value.zh
