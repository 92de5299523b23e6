"""Details of a run against plain geometry: every total by hand, sums over levels, corridors, and what gaps hide."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.coverage import cover
from spatial.coverage.figures.corridors import in_line
from spatial.coverage.ground.interest import roads

CRS = "EPSG:4550"
X0, Y0 = 500_000.0, 4_570_000.0


def points(rows, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*zip(*rows, strict=True)), crs=CRS)


def boxes(column, codes, shapes, **more):
    return gpd.GeoDataFrame({column: codes} | more, geometry=[shapely.MultiPolygon([one]) for one in shapes], crs=CRS)


def road(*paths, classes):
    frame = {"barrier_id": [f"R{k}" for k in range(len(paths))], "kind": "road", "road_class": classes}
    return gpd.GeoDataFrame(frame, geometry=[shapely.MultiLineString([path]) for path in paths], crs=CRS)


@pytest.fixture(scope="module")
def layers():
    """Three villages in a row, two towns; a county road through all, a village road, cameras looking all round."""
    codes = ["211122101201", "211122101202", "211122102201"]
    shapes = [shapely.box(X0 + 400 * k, Y0, X0 + 400 * k + 400, Y0 + 400) for k in range(3)]
    rng = np.random.default_rng(7)
    spots = [(X0 + 100, Y0 + 200), (X0 + 780, Y0 + 200), (X0 + 1150, Y0 + 205), (X0 + 220, Y0 + 100)]
    homes = np.column_stack([X0 + rng.uniform(5, 1195, 90), Y0 + rng.uniform(5, 395, 90)])
    known = [True, None, False, True]
    return {
        "cameras": points(spots, camera_id=list("ABCD"), kind="ptz", range_m=45.0, point_class=["1", "1", "2", "9"],
                          networked=known, width_px=[1920.0, 640.0, np.nan, 1920.0]),
        "villages": boxes("village_code", codes, shapes, town_code=[c[:9] for c in codes], county_code="211122"),
        "cells": boxes("cell_code", [f"{c}{n:03}" for c in codes for n in (1, 2)],
                       [half for one in shapes for half in (
                           shapely.box(one.bounds[0], Y0, one.bounds[0] + 200, Y0 + 400),
                           shapely.box(one.bounds[0] + 200, Y0, one.bounds[2], Y0 + 400))]),
        "barriers": road([(X0 - 50, Y0 + 200), (X0 + 1250, Y0 + 200)], [(X0 + 220, Y0), (X0 + 220, Y0 + 200)],
                         classes=["county", "village"]),
        "places": points([(X0 + 100, Y0 + 210), (X0 + 600, Y0 + 50), (X0 + 1150, Y0 + 215), (X0 + 220, Y0 + 100)],
                         place_id=list("1234"), place="p", kind=["school", "school", "bank", "service_station"],
                         priority=[1, 1, 2, 3], radius_m=20.0),
        "homes": points(homes, home_id=[f"H{k}" for k in range(90)], households=rng.integers(1, 9, 90)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def answer(layers):
    """Run once for all tests."""
    return cover(**layers, run="r")


def rows(answer, subject, level="county"):
    table = answer.details[(answer.details["subject"] == subject) & (answer.details["level"] == level)]
    return {item: (total, covered) for item, total, covered in table[["item", "total", "covered"]].to_numpy()}


def test_rows_add_up_over_levels(answer):
    table = answer.details[answer.details["subject"] != "cordon"]
    for name in ("total", "covered"):
        levels = table.pivot_table(name, ["subject", "item"], "level", aggfunc="sum")
        assert levels.notna().all(axis=None)
        np.testing.assert_allclose(levels[["town", "village", "cell"]], np.tile(levels[["county"]], 3))
    assert not answer.details.duplicated(["code", "level", "subject", "item"]).any()


def test_they_agree_with_the_table(answer):
    county, details = answer.table.iloc[0], answer.details[answer.details["level"] == "county"]
    for subject, total, covered in (("road", "road_m", "road_covered_m"), ("place", "places", "places_covered"),
                                    ("priority", "places", "places_covered")):  # fmt: skip
        mine = details[details["subject"] == subject]
        assert mine["total"].sum() == pytest.approx(county[total])
        assert mine["covered"].sum() == pytest.approx(county[covered])


def test_roads_by_class_are_as_long_as_views_and_lines_say(answer, layers):
    seen = shapely.union_all(answer.views.geometry.dropna().to_numpy())
    county = shapely.union_all(layers["villages"].geometry.to_numpy())
    for shape, kind in zip(layers["barriers"].geometry, ("county", "village"), strict=True):
        total, covered = rows(answer, "road")[kind]
        inside = shape.intersection(county)
        assert total == pytest.approx(inside.length, abs=4)
        assert covered == pytest.approx(inside.intersection(seen).length, abs=8)


def test_places_by_kind_and_priority(answer):
    assert rows(answer, "place") == {"school": (2, 1), "bank": (1, 1), "service_station": (1, 1)}
    assert rows(answer, "priority") == {"1": (2, 1), "2": (1, 1), "3": (1, 1)}


def test_a_crossing_belongs_to_both_sides_of_its_border(answer):
    assert rows(answer, "cordon") == {"county": (3, 0)}  # west, east, and the village road in the south
    towns = answer.details[(answer.details["subject"] == "cordon") & (answer.details["level"] == "town")]
    assert towns.groupby(["code", "item"])["total"].sum().to_dict() == {
        ("211122101", "county"): 2, ("211122101", "town"): 1, ("211122102", "county"): 1, ("211122102", "town"): 1,
    }  # fmt: skip
    villages = answer.details[(answer.details["subject"] == "cordon") & (answer.details["level"] == "village")]
    middle = villages[villages["code"] == "211122101202"].set_index("item")
    assert middle["total"].to_dict() == {"town": 1, "village": 1}
    assert middle["covered"].to_dict() == {"town": 1, "village": 0}  # camera B stands 20 m from it


def test_a_main_road_is_in_line_within_500_m_of_a_sighting(layers, answer):
    total, joined = rows(answer, "corridor")["county"]
    assert (total, joined) == (pytest.approx(1200, abs=3), pytest.approx(1200, abs=3))
    network = roads(layers["barriers"])
    seen = np.zeros(len(network.samples), bool)
    seen[np.argmin(np.hypot(*(network.samples[:, :2] - [X0 + 100, Y0 + 200]).T))] = True
    x = network.samples[in_line(network, seen), 0]
    assert (x.min(), x.max()) == (pytest.approx(X0 - 49, abs=2), pytest.approx(X0 + 600, abs=3))


def test_a_corridor_goes_on_where_one_road_ends_on_another():
    network = roads(road([(0, 0), (300, 0)], [(300, 0), (300, 400)], [(150, 0), (150, 400)], [(9, 10), (400, 10)],
                         classes=["county", "national", "provincial", "village"]))  # fmt: skip
    seen = np.zeros(len(network.samples), bool)
    seen[0] = True
    found = network.samples[in_line(network, seen)]
    tops = [found[found[:, 0] == x, 1].max() for x in (300, 150)]
    assert tops == [pytest.approx(200, abs=3), pytest.approx(350, abs=3)]
    assert not (found[:, 1] == 10).any()


def test_households_near_blind_land_and_in_reach_of_a_station(answer, layers):
    homes = layers["homes"]
    blind = shapely.union_all(answer.gaps.loc[answer.gaps["kind"] == "area"].geometry.to_numpy())
    far = shapely.distance(homes.geometry.to_numpy(), blind)
    total, away = rows(answer, "household")["away_from_blind_area"]
    assert total == homes["households"].sum()
    low, high = (homes.loc[far > metres, "households"].sum() for metres in (28, 12))  # gaps are drawn by blocks of 4 m
    assert low <= away <= high
    station = shapely.Point(X0 + 220, Y0 + 100)
    near = homes.loc[homes.geometry.distance(station) <= 1000, "households"].sum()
    assert rows(answer, "station") == {"within_1000_m": (total, near)}


def test_a_station_reaches_households_within_a_kilometre(layers):
    spots = [(X0 + 1190, Y0 + 100), (X0 + 1195, Y0 + 395)]  # 970 m and 1,019 m from the station
    homes = points(spots, home_id=["near", "far"], households=[5, 3])
    assert rows(cover(**layers | {"homes": homes}, run="r"), "station") == {"within_1000_m": (8, 5)}


def test_what_the_list_does_not_tell_is_known_to_be_unknown(answer):
    known = rows(answer, "known")
    assert known == {
        "networked": (4, 3), "networked_1": (2, 1), "networked_2": (1, 1), "networked_9": (1, 1),
        "hd": (4, 3), "hd_1": (2, 2), "hd_2": (1, 0), "hd_9": (1, 1),
    }  # fmt: skip
    assert answer.figures["networked_share"] == pytest.approx(2 / 3)
    assert answer.figures["unknown"] == {"networked": 1, "hd": 1, "filed": 4}


def test_gaps_are_ranked_by_all_that_they_hide_incidents_too(layers):
    far, near = (X0 + 1100, Y0 + 30), (X0 + 500, Y0 + 370)
    places = points([far, near], place_id=["1", "2"], place="p", kind=["bank", "school"], priority=3, radius_m=15.0)
    base = layers | {"places": places, "homes": None, "cells": None}
    calm = cover(**base).gaps
    busy = cover(**base, incidents=points([near] * 7, incident_id=[f"I{k}" for k in range(7)])).gaps
    first = [gaps[gaps["kind"] == "place"].iloc[0] for gaps in (calm, busy)]
    assert calm.loc[calm["kind"] == "place", "weight"].tolist() == [10, 10]
    assert first[1].geometry.contains(shapely.Point(near))
    assert first[1]["hides"] == "1 所学校、7 起警情 · 1 school, 7 incidents"
    few = cover(**base, incidents=points([near] * 3, incident_id=list("abc"))).gaps
    assert few.loc[few["kind"] == "place", "hides"].iloc[0] == "1 所学校 · 1 school"
    area = busy[busy["kind"] == "area"]
    around = area[area.geometry.distance(shapely.Point(near)) < 5].iloc[0]
    assert [word in around["hides"] for word in ("1 所学校", "7 起警情")] == [True, True]
    gates = busy[busy["kind"] == "road"]
    assert pd.Series(gates["hides"]).str.contains("米道路").all()


def test_a_metre_of_a_greater_road_weighs_more(layers):
    found = []
    for kind in ("village", "national"):
        barriers = layers["barriers"].assign(road_class=["county", kind])
        gaps = cover(**layers | {"barriers": barriers, "cameras": layers["cameras"].iloc[:3]}).gaps
        mine = gaps[(gaps["kind"] == "road") & (gaps.geometry.bounds["maxx"] < X0 + 230)
                    & (gaps.geometry.bounds["minx"] > X0 + 200)]  # fmt: skip
        found.append(mine["weight"].sum())
    assert found[1] == pytest.approx(2 * found[0])
