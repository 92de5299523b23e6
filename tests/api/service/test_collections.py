"""What is served: the plan as it stands, as valid GeoJSON."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from api.geojson import feature_collection


@pytest.fixture(scope="module")
def admin(standing):
    return standing.user()


@pytest.mark.parametrize(
    "layer", ["cells", "villages", "places", "barriers", "buildings", "gaps", "cameras", "views", "sites"]
)
def test_a_layer_holds_the_rows_of_the_store(standing, admin, layer) -> None:
    from api.jobs.current import current_where

    answer = admin.get(f"/api/v1/{layer}.geojson")
    assert answer.headers["content-type"].startswith("application/geo+json")
    where = current_where(standing.project, layer, plan=standing.project.current_plan())
    assert len(answer.json()["features"]) == standing.project.count(layer, where=where) > 0


def test_cells_still_share_their_borders(admin) -> None:
    features = admin.get("/api/v1/cells.geojson").json()["features"]
    shapes = shapely.from_geojson([json.dumps(each["geometry"]) for each in features])
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_blocks_name_the_cell_they_are_in(admin) -> None:
    cell = admin.get("/api/v1/cells.geojson").json()["features"][0]["properties"]
    blocks = admin.get("/api/v1/blocks.geojson", params={"village": cell["village_code"]}).json()["features"]
    assert cell["cell_code"] in {each["properties"]["cell_code"] for each in blocks}
    assert len({each["id"] for each in blocks}) == len(blocks)


def test_an_unknown_village_or_layer_is_404_in_both_languages(admin) -> None:
    for path in ("/api/v1/blocks.geojson?village=9", "/api/v1/nothing.geojson", "/api/v1/cells.geojson?plan=zz"):
        answer = admin.get(path)
        assert answer.status_code == 404
        assert set(answer.json()["error"]) == {"kind", "zh", "en"}


def test_the_state_counts_what_is_there(admin) -> None:
    state = admin.get("/api/v1/state").json()
    assert state["figures"]["cells"] == len(
        [
            each
            for each in admin.get("/api/v1/cells.geojson").json()["features"]
            if each["properties"]["kind"] == "basic"
        ]
    )
    assert state["sample"] is True
    assert state["can_edit"] is True
    assert (state["can_undo"], state["can_redo"]) == (False, False)


def test_big_answers_are_compressed(admin) -> None:
    assert admin.get("/api/v1/buildings.geojson").headers["content-encoding"] == "gzip"


def test_a_fault_is_an_id_and_nothing_else(standing, admin, monkeypatch, caplog) -> None:
    def broken(*_, **__):
        raise RuntimeError("secret path /home/li")

    monkeypatch.setattr("api.reading.headline", broken)
    answer = admin.get("/api/v1/figures?token=abc")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["id"] in caplog.text
    assert "token" not in caplog.text


def test_a_missing_value_and_a_missing_geometry_are_null() -> None:
    frame = gpd.GeoDataFrame({"code": ["a", "b"], "n": [1.0, None]}, geometry=[shapely.Point(1, 2), None], crs=4490)
    first, second = json.loads(feature_collection(frame, key="code", properties=["n"]))["features"]
    assert first["geometry"]["coordinates"] == [1, 2]
    assert (second["id"], second["properties"], second["geometry"]) == ("b", {"n": None}, None)


def test_an_empty_layer_is_an_empty_collection() -> None:
    frame = gpd.GeoDataFrame({"code": []}, geometry=[], crs=4490)
    assert json.loads(feature_collection(frame, key="code", properties=["code"]))["features"] == []


def test_a_browser_that_has_this_revision_is_told_so(served) -> None:
    client = served.user()
    first = client.get("/api/v1/cells.geojson")
    assert first.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/v1/cells.geojson", headers=tag).status_code == 304
    assert served.user("viewer").get("/api/v1/cells.geojson", headers=tag).status_code == 200
    with served.project.change(who="a", action="load") as change:
        change.set("x", 1)
    assert client.get("/api/v1/cells.geojson", headers=tag).status_code == 200


def test_cameras_stay_in_no_browser_cache(admin) -> None:
    answer = admin.get("/api/v1/cameras.geojson")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
