"""What ends a blind area: the camera that is named does show it once the remedy is carried out."""

from __future__ import annotations

import re

import geopandas as gpd
import shapely

from spatial.coverage import cover

CRS = "EPSG:4550"
X, Y = 500_000.0, 4_570_000.0


def scene(status="working", azimuth=0.0, walls=(), away=20.0, **columns):
    cameras = gpd.GeoDataFrame(
        {"camera_id": ["C1"], "azimuth_deg": [azimuth], "status": [status]} | columns,
        geometry=[shapely.Point(X, Y)], crs=CRS,
    )  # fmt: skip
    school = {"place_id": ["P"], "place": ["p"], "kind": ["school"], "priority": [1], "radius_m": [6.0]}
    place = gpd.GeoDataFrame(school, geometry=[shapely.Point(X, Y + away)], crs=CRS)
    houses = gpd.GeoDataFrame(
        {"building_id": [str(k) for k in range(len(walls))]},
        geometry=[shapely.MultiPolygon([w]) for w in walls],
        crs=CRS,
    )
    return {"cameras": cameras, "places": place, "buildings": houses if walls else None}


def remedies(found):
    return [(row["problem"], row["message_en"]) for row in found.problems.rows if row["problem"].startswith("gap-")]


def place_gap(found):
    return found.gaps[found.gaps["kind"] == "place"]["gap_id"].tolist()


def test_a_camera_that_is_off_is_to_be_repaired():
    found = cover(**scene("offline"))
    assert {kind for kind, _ in remedies(found)} == {"gap-repair"}
    assert all("C1" in words for _, words in remedies(found))
    assert place_gap(found)
    assert not place_gap(cover(**scene("working")))


def test_a_camera_that_faces_away_is_to_be_turned_and_then_shows_it():
    found = cover(**scene(azimuth=180.0))
    turns = [words for kind, words in remedies(found) if kind == "gap-turn" and place_gap(found)[0] in words]
    heading = float(re.search(r"turned to (\d+)°", turns[0])[1])
    assert not place_gap(cover(**scene(azimuth=heading)))


def test_a_wall_is_no_remedy():
    wall = shapely.box(X - 40, Y + 10, X + 40, Y + 11)
    found = cover(**scene(azimuth=180.0, walls=(wall,)))
    assert place_gap(found)
    assert not [words for _, words in remedies(found) if place_gap(found)[0] in words]


def test_too_few_pixels_ask_for_a_lens():
    found = cover(**scene(away=45.0))
    assert [kind for kind, words in remedies(found) if place_gap(found)[0] in words] == ["gap-lens"]
