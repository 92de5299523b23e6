"""What each role gets of what is sensitive, through every door; and what could be worked out from the rest."""

from __future__ import annotations

import json
import re

import pytest

from api.app import create_app
from api.store import open_project
from tests.api.service.conftest import Served

OTHERS = ("viewer", "security")
DOORS = ("/", "/map", "/api/v1/state", "/api/v1/problems", "/api/v1/cells.geojson", "/api/v1/villages.geojson")


@pytest.fixture(scope="module")
def small_counts(tiny_demo, tmp_path_factory):
    """Serve a county one cell of which has three households."""
    import shutil

    path = tmp_path_factory.mktemp("small") / "county.gpkg"
    shutil.copyfile(tiny_demo / "county.gpkg", path)
    with open_project(path) as project:
        cells = project.read("cells", where={"kind": "basic"})
        several = cells[cells.groupby("village_code")["cell_code"].transform("size") >= 2]
        with project.change(who="test", action="test") as change:
            change.update("cells", several.head(1)[["cell_id"]].assign(households=3.0, residents=4.0))
        served = Served(project, create_app(project))
        served.cell, served.village = several[["cell_code", "village_code"]].iloc[0]
        yield served


def data_of(page: str) -> dict:
    return json.loads(re.search(r'id="wangge-data"[^>]*>(.*?)</script>', page, re.DOTALL).group(1))


@pytest.mark.parametrize("role", ["viewer", "planner"])
@pytest.mark.parametrize("path", DOORS)
def test_no_camera_is_named_to_who_may_not_see_cameras(standing, role, path) -> None:
    cameras = set(standing.project.read("cameras")["camera_id"])
    page = standing.user(role).get(path).text
    assert not cameras & set(re.findall(r"\w+", page))


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_the_edge_of_a_blind_area_gives_a_camera_away(standing, role) -> None:
    client = standing.user(role)
    assert client.get("/api/v1/gaps.geojson").status_code == 403
    data = data_of(client.get("/map").text)
    assert data["gaps"]["shapes"] == data["sectors"]["shapes"] == data["cameras"]["points"] == ""
    assert not any(data["cameras"]["columns"].values())
    assert data["cameras"]["assumed"] == []
    assert sum(data["cells"]["gaps"]) > 0


@pytest.mark.parametrize("role", OTHERS)
def test_people_are_for_those_who_draw(standing, role) -> None:
    client = standing.user(role)
    assert {"homes", "members"}.isdisjoint(each["layer"] for each in client.get("/api/v1/problems").json())
    assert data_of(client.get("/map").text)["members"]["points"] == ""
    village = standing.project.read("villages")["village_code"].iloc[0]
    assert client.get("/api/v1/blocks.geojson", params={"village": village}).status_code == 403


@pytest.mark.parametrize("role", OTHERS)
def test_a_small_count_cannot_be_read_or_worked_out(small_counts, role) -> None:
    client = small_counts.user(role)
    cells = {each["id"]: each["properties"] for each in client.get("/api/v1/cells.geojson").json()["features"]}
    mine = cells[small_counts.cell]
    assert mine["households"] is mine["residents"] is mine["deviation_share"] is None
    mates = [each for each in cells.values() if each["village_code"] == small_counts.village]
    assert all(each["deviation_share"] is None for each in mates)
    villages = {each["id"]: each["properties"] for each in client.get("/api/v1/villages.geojson").json()["features"]}
    assert villages[small_counts.village]["households"] is None
    assert any(each["households"] is not None for each in villages.values())
    assert {"households", "max_deviation_share"}.isdisjoint(client.get("/api/v1/figures").json())
    for path in ("/", "/map"):
        data = data_of(client.get(path).text)
        assert None in data["cells"]["households"]
        assert 3 not in data["cells"]["households"]
        assert "households" not in data["about"]["figures"]


_TELLING = (
    ("cell-walk-too-long", "网格 {} 的网格员 M-77 步行 17 分钟（1323 米），超过 15 分钟"),
    ("over-tolerance", "网格 {} 现有 3 户，偏差 -97.0%，超出容差 5%"),
    ("household-mismatch", "村 {}：住户资料合计 803 户，村表为 800 户；按住户资料计"),
)


@pytest.mark.parametrize("role", OTHERS)
def test_no_problem_tells_a_member_or_a_count_of_people_to_who_does_not_draw(small_counts, role) -> None:
    import geopandas as gpd

    rows = [
        {"problem": kind, "severity": "warning", "layer": "cells", "code": small_counts.cell,
         "message_zh": words.format(small_counts.cell), "message_en": kind, "geometry": None}
        for kind, words in _TELLING
    ]  # fmt: skip
    with small_counts.project.change(who="test", action="test") as change:
        change.append("problems", gpd.GeoDataFrame(rows, crs=4490))
    for path in ("/api/v1/problems", "/api/v1/state", "/"):
        text = small_counts.user(role).get(path).text
        assert not [words for _, words in _TELLING if words.format(small_counts.cell) in text]
        assert _TELLING[1][1].format(small_counts.cell) in small_counts.user("planner").get("/api/v1/problems").text


def test_a_planner_draws_with_real_counts(small_counts) -> None:
    features = small_counts.user("planner").get("/api/v1/cells.geojson").json()["features"]
    assert {each["id"]: each["properties"]["households"] for each in features}[small_counts.cell] == 3


def test_two_embeds_cannot_be_compared(small_counts) -> None:
    client = small_counts.user()
    shown = []
    for layers in (["villages"], ["villages", "cells"]):
        url = client.post("/api/v1/embeds", json={"view": "cells", "layers": layers}).json()["url"]
        shown.append(data_of(small_counts.stranger().get(url).text))
    for data in shown:
        place = data["villages"]["code"].index(small_counts.village)
        assert data["villages"]["households"][place] is None
        assert {"households", "max_deviation_share"}.isdisjoint(data["about"]["figures"])
    assert 3 not in shown[1]["cells"]["households"]


@pytest.mark.parametrize("layer", ["cameras", "views", "gaps", "sites", "places", "barriers", "buildings"])
def test_a_scope_holds_every_layer(standing, layer) -> None:
    import shapely

    village = standing.project.read("villages").iloc[0]
    whole = standing.user("admin").get(f"/api/v1/{layer}.geojson").json()["features"]
    mine = standing.user("admin", (village["village_code"],)).get(f"/api/v1/{layer}.geojson").json()["features"]
    assert len(mine) < len(whole)
    near = village.geometry.buffer(1e-6)
    assert all(shapely.from_geojson(json.dumps(each["geometry"])).intersects(near) for each in mine)


def test_a_scope_holds_the_pages_and_the_problems(standing) -> None:
    village = standing.project.read("villages").iloc[0]
    client = standing.user("admin", (village["village_code"],))
    data = data_of(client.get("/map").text)
    assert data["villages"]["code"] == [village["village_code"]]
    assert 0 < len(data["cameras"]["columns"]["id"]) < standing.project.count("cameras")
    assert len(data["members"]["columns"]["kind"]) < standing.project.count("members")
    everything = standing.user("admin").get("/api/v1/problems").json()
    assert 0 < len(client.get("/api/v1/problems").json()) < len(everything)


def test_an_embed_of_an_area_knows_how_much_of_its_cells_is_seen(standing) -> None:
    village = standing.project.read("villages")["village_code"].iloc[0]
    body = {"view": "coverage", "layers": ["villages", "cells"], "areas": [village]}
    url = standing.user().post("/api/v1/embeds", json=body).json()["url"]
    data = data_of(standing.stranger().get(url).text)
    assert any(share is not None for share in data["cells"]["covered"])
