"""Real data that nobody prepared: the villages of Yilan, the streets of Helsinki."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from api.jobs.desk import Desk
from api.jobs.plan import verified
from api.store import open_project


def homes_within(villages: gpd.GeoDataFrame, *, each: int = 30, seed: int = 7) -> gpd.GeoDataFrame:
    """Scatter about `each` homes over every village."""
    rng = np.random.default_rng(seed)
    shapes = shapely.make_valid(villages.geometry.to_numpy())
    bounds = np.repeat(shapely.bounds(shapes), 4 * each, axis=0)
    xy = bounds[:, :2] + rng.random((len(bounds), 2)) * (bounds[:, 2:] - bounds[:, :2])
    points, owner = shapely.points(xy), np.repeat(np.arange(len(shapes)), 4 * each)
    inside = shapely.contains_xy(np.repeat(shapes, 4 * each), xy)
    kept = [np.flatnonzero(inside & (owner == i))[:each] for i in range(len(shapes))]
    pick = np.concatenate(kept)
    return gpd.GeoDataFrame(
        {"home_id": [f"H{i}" for i in range(len(pick))], "households": rng.integers(1, 40, len(pick))},
        geometry=points[pick], crs=4326,
    )  # fmt: skip


@pytest.fixture(scope="module")
def yilan(shared_data, tmp_path_factory):
    """Give the folder with the villages of Yilan, homes inside them, and two members for each."""
    folder = tmp_path_factory.mktemp("yilan")
    villages = gpd.read_file(shared_data / "tw" / "yilan_villages.geojson")
    homes = homes_within(villages)
    homes.to_file(folder / "homes.geojson")
    people = homes.iloc[::12].reset_index(drop=True)
    kinds = np.where(np.arange(len(people)) % 3 == 0, "party", "lead")
    people = people.assign(member_id=[f"M{i}" for i in range(len(people))], kind=kinds)
    people[["member_id", "kind", "geometry"]].to_file(folder / "members.geojson")
    return folder


def test_yilan_is_loaded_planned_staffed_and_exported(call, shared_data, yilan, tmp_path) -> None:
    project = tmp_path / "yilan.gpkg"
    loaded = call("load", project, "villages", shared_data / "tw" / "yilan_villages.geojson", "--json")
    assert loaded.code == 0, loaded
    assert loaded.json["rows"] == 233
    for layer in ("homes", "members"):
        assert call("load", project, layer, yilan / f"{layer}.geojson").code == 0
    plan = call("plan", project, "--json")
    assert plan.code == 0, plan
    figures = plan.json
    assert figures["villages"] == 233
    assert figures["cells"] >= 233
    assert figures["exact_tiling"] is True
    with open_project(project) as store:
        again, _ = verified(Desk(store), figures["plan"])
        assert again["exact_tiling"] is True
        cells = store.read("cells_current")
        homes = store.read("homes")["households"].sum()
    assert cells["households"].sum() == pytest.approx(homes, rel=0.2)
    assert call("assign", project, "--json").json["assignments"] > 0
    done = call("export", project, "--out", tmp_path / "out", "--format", "xlsx", "geojson", "gpkg", "--json")
    assert done.code == 0, done
    assert all(each["bytes"] > 0 for each in done.json["files"])
    ledger = next(each["file"] for each in done.json["files"] if each["file"].endswith(".xlsx"))
    assert openpyxl.load_workbook(ledger, read_only=True).sheetnames


def test_helsinki_is_loaded_covered_mapped_and_exported(call, shared_data, tmp_path) -> None:
    project, extract = tmp_path / "helsinki.gpkg", shared_data / "osm" / "helsinki_centre.osm.pbf"
    rows = {}
    for layer in ("cameras", "buildings", "barriers"):
        done = call("load", project, layer, extract, "--json")
        assert done.code == 0, done
        rows[layer] = done.json["rows"]
    assert rows["cameras"] == 221
    assert rows["buildings"] >= 400
    coverage = call("coverage", project, "--json")
    assert coverage.code == 0, coverage
    figures = coverage.json
    assert figures["cameras"] == 221
    assert 0 < figures["covered_share"] < 1
    assert figures["assumed_share"] > 0.9
    with open_project(project) as store:
        assert set(store.read("coverage")["level"]) == {"county"}
        assert store.count("views") == 221
        assert 0 < figures["views"] <= 221  # some see nothing at this pixel level
    assert call("map", project, "--out", tmp_path / "map.html", "--view", "coverage").code == 0
    assert "L.map" in (tmp_path / "map.html").read_text(encoding="utf-8")
    assert call("export", project, "--out", tmp_path / "out", "--format", "gpkg", "csv").code == 0
    assert "villages" in call("plan", project).refused()


def test_a_project_without_villages_is_named_by_its_file(call, shared_data, tmp_path) -> None:
    project = tmp_path / "helsinki.gpkg"
    assert call("load", project, "cameras", shared_data / "osm" / "helsinki_centre.osm.pbf").code == 0
    assert call("map", project, "--out", tmp_path / "map.html").code == 0
    assert "helsinki" in (tmp_path / "map.html").read_text(encoding="utf-8")
