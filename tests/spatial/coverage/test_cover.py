"""Coverage: the raster against exact polygons, the definitions of covered, and what must never change a figure."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import CoverageOptions, cover
from spatial.coverage.ground.interest import built_up, roads
from spatial.coverage.ground.junctions import junctions
from spatial.coverage.ground.targets import cordon, entrances
from spatial.errors import SchemaError
from spatial.layers import LAYERS

CRS = "EPSG:4550"
X0, Y0 = 500_000.0, 4_570_000.0


def points(rows, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*zip(*rows, strict=True)), crs=CRS)


def lines(*paths, classes=None, bridges=None):
    count = len(paths)
    return gpd.GeoDataFrame(
        {"barrier_id": [f"R{k}" for k in range(count)], "kind": ["road"] * count,
         "road_class": classes or ["village"] * count, "bridge": bridges or [False] * count},
        geometry=[shapely.MultiLineString([path]) for path in paths], crs=CRS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def scene():
    """Two villages of row houses, a road grid, four cells, cameras of all kinds."""
    rng = np.random.default_rng(4)
    houses = [
        shapely.box(x, y, x + 10, y + 9)
        for x in X0 + np.arange(40, 360, 13.0)
        for y in Y0 + np.arange(40, 160, 22.0)
        if rng.random() < 0.8
    ]
    villages = [shapely.box(X0, Y0, X0 + 200, Y0 + 200), shapely.box(X0 + 200, Y0, X0 + 400, Y0 + 200)]
    cells = [shapely.box(X0 + k * 100, Y0, X0 + k * 100 + 100, Y0 + 200) for k in range(4)]
    spots = np.column_stack([X0 + rng.uniform(30, 370, 40), Y0 + rng.uniform(30, 170, 40)])
    spots = spots[shapely.distance(shapely.union_all(houses), shapely.points(spots)) > 0.5]
    count = len(spots)
    codes = ["211122101201", "211122102201"]
    return {
        "cameras": points(
            spots, camera_id=[f"C{k:02}" for k in range(count)], azimuth_deg=rng.uniform(0, 360, count),
            kind=["bullet", "dome", "ptz"] * (count // 3) + ["bullet"] * (count % 3),
            status=["working", None, "offline", "working"] * (count // 4) + ["working"] * (count % 4),
            networked=[True, False] * (count // 2) + [True] * (count % 2), point_class=["1"] * count,
        ),
        "villages": gpd.GeoDataFrame(
            {"village_code": codes, "town_code": [c[:9] for c in codes], "county_code": ["211122"] * 2},
            geometry=[shapely.MultiPolygon([v]) for v in villages], crs=CRS,
        ),
        "cells": gpd.GeoDataFrame(
            {"cell_code": [codes[k // 2] + f"{k % 2 + 1:03}" for k in range(4)]},
            geometry=[shapely.MultiPolygon([c]) for c in cells], crs=CRS,
        ),
        "buildings": gpd.GeoDataFrame(
            {"building_id": [f"B{k}" for k in range(len(houses))]},
            geometry=[shapely.MultiPolygon([h]) for h in houses], crs=CRS,
        ),
        "barriers": lines(
            [(X0, Y0 + 100), (X0 + 400, Y0 + 100)], [(X0 + 120, Y0), (X0 + 120, Y0 + 200)],
            [(X0 + 280, Y0), (X0 + 280, Y0 + 200)],
        ),
        "places": points(
            [(X0 + 100, Y0 + 60), (X0 + 300, Y0 + 140)], place_id=["P1", "P2"], place=["a", "b"],
            kind=["school", "bank"], priority=[1, 3], radius_m=[None, 20.0],
        ),
        "homes": points([(h.centroid.x, h.centroid.y) for h in houses], home_id=[str(k) for k in range(len(houses))],
                        households=[2] * len(houses)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def answer(scene):
    return cover(**scene, run="r1")


def exact(scene, answer):
    """Area of interest and views as polygons."""
    land = list(built_up(scene["buildings"]))
    land += [g.buffer(5, quad_segs=64) for g in scene["barriers"].geometry]
    land += [g.buffer(r, quad_segs=64) for g, r in zip(scene["places"].geometry, (30, 20), strict=True)]
    aoi = shapely.union_all(land).difference(shapely.union_all(scene["buildings"].geometry.to_numpy()))
    aoi = aoi.intersection(shapely.union_all(scene["villages"].geometry.to_numpy()))
    views = answer.state.views.frame.geometry.to_numpy()[answer.state.seeing]
    return aoi, views[~shapely.is_missing(views)]


def test_the_raster_agrees_with_exact_polygons(scene, answer):
    aoi, views = exact(scene, answer)
    covered = aoi.intersection(shapely.union_all(views)).area
    assert answer.figures["aoi_m2"] == pytest.approx(aoi.area, rel=2e-3)  # walls that run along the squares
    assert answer.figures["covered_share"] == pytest.approx(covered / aoi.area, rel=2e-3)


def test_double_coverage_agrees_with_exact_polygons(scene, answer):
    aoi, views = exact(scene, answer)
    rest, twice = list(views), []
    while rest:
        view = rest.pop()
        twice.append(view.intersection(shapely.union_all(rest)))
    share = aoi.intersection(shapely.union_all(twice)).area / aoi.area
    assert answer.figures["k2_share"] == pytest.approx(share, abs=1e-3)


def test_layers_have_exactly_the_columns_of_the_contract(answer):
    assert list(answer.views.columns) == [*LAYERS["views"].names, "geometry"]
    assert list(answer.table.columns) == LAYERS["coverage"].names
    assert list(answer.gaps.columns) == [*LAYERS["gaps"].names, "geometry"]
    assert answer.gaps.geometry.is_valid.all()
    assert set(answer.gaps.geometry.geom_type) == {"MultiPolygon"}
    assert (answer.table["run"] == "r1").all()


def test_cells_sum_to_villages_villages_to_towns_towns_to_the_county(answer):
    sums = answer.table.groupby("level")[["aoi_m2", "covered_m2", "road_m", "places", "junctions", "cameras"]].sum()
    for level in ("cell", "village", "town"):
        assert sums.loc[level].tolist() == pytest.approx(sums.loc["county"].tolist())


def test_only_working_cameras_cover_and_without_takes_one_away(scene, answer):
    everyone = cover(**scene | {"cameras": scene["cameras"].assign(status="working")})
    assert everyone.figures["covered_share"] > answer.figures["covered_share"]
    assert len(answer.views) == len(scene["cameras"])
    one = answer.state.cameras["camera_id"][answer.state.seeing].iloc[0]
    fewer = cover(**scene, options=CoverageOptions(without=(one,)))
    kept = scene["cameras"][scene["cameras"]["camera_id"] != one]
    assert fewer.figures["covered_share"] == cover(**scene | {"cameras": kept}).figures["covered_share"]
    assert fewer.figures["covered_share"] < answer.figures["covered_share"]


def test_a_camera_that_is_not_listed_is_refused_by_name(scene):
    with pytest.raises(SchemaError, match="NO-SUCH"):
        cover(**scene, options=CoverageOptions(without=("NO-SUCH",)))


def test_row_order_and_threads_change_nothing(scene, answer):
    mixed = {name: frame.sample(frac=1, random_state=1, ignore_index=True) for name, frame in scene.items()}
    again = cover(**mixed, run="r1", options=CoverageOptions(threads=1))
    pd.testing.assert_frame_equal(again.table, answer.table)
    assert again.figures == answer.figures
    assert again.gaps.drop(columns="geometry").equals(answer.gaps.drop(columns="geometry"))


def test_without_villages_only_the_county_is_reported(scene):
    rest = {name: frame for name, frame in scene.items() if name not in ("villages", "cells")}
    table = cover(**rest).table
    assert table[["code", "level"]].to_numpy().tolist() == [["county", "county"]]
    assert table.loc[0, "aoi_m2"] > 0


def test_cameras_alone_give_shares_of_zero(scene):
    found = cover(scene["cameras"])
    figures, kinds = found.figures, [row["problem"] for row in found.problems.rows]
    assert (figures["aoi_m2"], figures["covered_share"], figures["gaps"]) == (0, 0, 0)
    assert kinds.count("coverage-of-nothing") == 1
    assert "cameras-add-little" not in kinds


def test_an_empty_camera_list_covers_nothing(scene):
    figures = cover(**scene | {"cameras": scene["cameras"].iloc[:0]}).figures
    assert (figures["cameras"], figures["covered_share"], figures["working_share"]) == (0, 0, 0)
    assert figures["gaps"] > 0


def test_official_ratios_are_counts_of_cameras(scene, answer):
    cameras = scene["cameras"]
    assert answer.figures["networked_share"] == cameras["networked"].mean()
    assert answer.figures["working_share"] == (cameras["status"].fillna("working") == "working").mean()
    county = answer.table.iloc[0]
    assert county["cameras_1"] == county["cameras"] == len(cameras)


def test_a_place_is_covered_at_half_of_its_free_ground():
    place = points([(X0, Y0)], place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[20.0])
    lens = {"hfov_deg": [178.0], "range_m": [60.0], "mount_m": [1.0], "azimuth_deg": [90.0]}
    for offset, covered in ((-1.5, 1), (1.5, 0)):  # the edge of the view just behind, or before, the middle
        camera = points([(X0 + offset, Y0)], camera_id=["C"], **lens)
        assert cover(camera, places=place).figures["places_covered"] == covered


def test_ground_under_a_building_is_not_asked_of_a_place():
    place = points([(X0, Y0)], place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[20.0])
    house = gpd.GeoDataFrame({"building_id": ["B"]}, crs=CRS,
                             geometry=[shapely.MultiPolygon([shapely.box(X0 - 30, Y0 - 30, X0, Y0 + 30)])])  # fmt: skip
    camera = points(
        [(X0 + 6, Y0)], camera_id=["C"], hfov_deg=[178.0], range_m=[60.0], mount_m=[1.0], azimuth_deg=[90.0]
    )
    assert cover(camera, places=place).figures["places_covered"] == 0
    assert cover(camera, places=place, buildings=house).figures["places_covered"] == 1


@settings(max_examples=8, deadline=None)
@given(st.floats(0, 400), st.floats(0, 200), st.floats(0, 360))
def test_one_more_camera_never_lowers_coverage(scene, answer, x, y, azimuth):
    more = pd.concat([scene["cameras"], points([(X0 + x, Y0 + y)], camera_id=["NEW"], azimuth_deg=[azimuth])])
    figures = cover(**scene | {"cameras": gpd.GeoDataFrame(more, crs=CRS)}).figures
    for name in ("covered_share", "k2_share", "places_covered", "junctions_covered", "road_covered_m"):
        assert figures[name] >= answer.figures[name]


def test_coverage_hardly_moves_with_the_scene(scene, answer):
    moved = {name: frame.set_geometry(frame.translate(1234.567, -765.432)) for name, frame in scene.items()}
    there = cover(**moved).figures
    assert there["aoi_m2"] == pytest.approx(answer.figures["aoi_m2"], rel=1e-3)
    assert there["covered_share"] == pytest.approx(answer.figures["covered_share"], rel=5e-3)
    assert [there[n] for n in ("places", "junctions", "entrances", "cordon")] == [
        answer.figures[n] for n in ("places", "junctions", "entrances", "cordon")
    ]


def test_a_coarser_level_is_covered_more(scene, answer):
    coarse = cover(**scene, options=replace(answer.state.options, pixels="2014:detect"))
    assert coarse.figures["covered_share"] > answer.figures["covered_share"]


def test_gaps_are_ranked_by_weight_and_give_a_reason(answer):
    gaps = answer.gaps
    assert gaps["rank"].tolist() == list(range(1, len(gaps) + 1))
    assert gaps["weight"].is_monotonic_decreasing
    assert set(gaps["reason"]) <= {"none", "blocked", "offline", "too_far", "too_coarse"}
    uncovered = answer.figures["aoi_m2"] * (1 - answer.figures["covered_share"])
    land = gaps.loc[gaps["kind"] == "area", "area_m2"].sum()
    assert 0.8 * uncovered < land <= uncovered


@pytest.mark.parametrize(
    ("camera", "house", "reason"),
    [
        ({"azimuth_deg": [0.0]}, None, "none"),
        ({"azimuth_deg": [90.0], "status": ["offline"]}, None, "offline"),
        ({"azimuth_deg": [90.0]}, shapely.box(X0 - 22, Y0 - 30, X0 - 20, Y0 + 30), "blocked"),
        ({"azimuth_deg": [90.0], "range_m": [10.0]}, None, "too_far"),
        ({"azimuth_deg": [90.0], "width_px": [640], "hfov_deg": [60.0], "range_m": [50.0]}, None, "too_coarse"),
    ],
)
def test_the_reason_of_a_gap_is_found(camera, house, reason):
    place = points([(X0, Y0)], place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[4.0])
    frame = points([(X0 - 27, Y0)], camera_id=["C"], mount_m=[1.0], **{"hfov_deg": [60.0], "range_m": [50.0]} | camera)
    houses = None
    if house is not None:
        houses = gpd.GeoDataFrame({"building_id": ["B"]}, geometry=[shapely.MultiPolygon([house])], crs=CRS)
    gaps = cover(frame, places=place, buildings=houses).gaps
    if reason == "too_coarse":
        gaps = cover(frame, places=place, options=CoverageOptions(pixels="30")).gaps
    assert gaps.loc[gaps["kind"] == "place", "reason"].tolist() == [reason]


@pytest.mark.parametrize(("away", "reason"), [(145, "too_far"), (155, "none")])
def test_a_camera_farther_than_150_m_is_no_reason(away, reason):
    place = points([(X0, Y0)], place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[4.0])
    lens = {"azimuth_deg": [90.0], "hfov_deg": [60.0], "range_m": [40.0]}
    gaps = cover(points([(X0 - away, Y0)], camera_id=["C"], mount_m=[1.0], **lens), places=place).gaps
    assert gaps.loc[gaps["kind"] == "place", "reason"].tolist() == [reason]


def test_a_place_without_open_ground_is_not_covered():
    place = points([(X0, Y0)], place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[4.0])
    frame = points([(X0 - 20, Y0)], camera_id=["C"], mount_m=[1.0], azimuth_deg=[90.0], hfov_deg=[60.0], range_m=[40.0])
    house = shapely.MultiPolygon([shapely.box(X0 - 8, Y0 - 8, X0 + 8, Y0 + 8)])
    houses = gpd.GeoDataFrame({"building_id": ["B"]}, geometry=[house], crs=CRS)
    assert cover(frame, places=place).figures["places_covered"] == 1
    assert cover(frame, places=place, buildings=houses).figures["places_covered"] == 0


def test_unseen_roads_are_cut_at_500_m_and_listed_from_50_m_on():
    """Streets are not listed by themselves: unseen land beside them is."""
    there = lines([(0, 0), (1300, 0)], [(0, 200), (45, 200)], [(0, 400), (1300, 400)],
                  classes=["village", "village", "street"])  # fmt: skip
    frame = points([(X0 + 90_000, Y0)], camera_id=["C"], azimuth_deg=[0.0])
    gaps = cover(frame, barriers=there, villages=None).gaps
    found = gaps[gaps["kind"] == "road"]
    length = found.geometry.area.to_numpy() / 10
    assert np.sort(length.round(-1)).tolist() == [300, 500, 500]


def test_junctions_need_three_arms_two_of_them_of_village_class():
    cross = lines([(0, 0), (100, 0)], [(50, -50), (50, 50)])
    assert junctions(roads(cross)).tolist() == [[50, 0]]
    tee = lines([(0, 0), (100, 0)], [(50, 0), (50, 50)], classes=["village", "street"])
    assert junctions(roads(tee)).tolist() == [[50, 0]]
    lanes = lines([(0, 0), (100, 0)], [(50, 0), (50, 50)], classes=["street", "village"])
    assert junctions(roads(lanes)).tolist() == []
    joined = lines([(0, 0), (50, 0)], [(50, 0), (100, 0)])
    assert junctions(roads(joined)).tolist() == []
    bridge = lines([(0, 0), (100, 0)], [(50, -50), (50, 50)], bridges=[False, True])
    assert junctions(roads(bridge)).tolist() == []


@pytest.mark.parametrize(("apart", "found"), [(20, [[60, 0]]), (60, [[50, 0], [110, 0]])])
def test_a_crossing_of_two_carriageways_is_one_junction(apart, found):
    """A street that bends in the middle between them is still one piece of road."""
    ways = [[(50, -90), (50, 90)], [(50 + apart, 90), (50 + apart, -90)]]
    assert junctions(roads(lines([(0, 0), (200, 0)], *ways))).tolist() == found
    halves = [[(0, 0), (50, 0)], [(50, 0), (50 + apart / 2, 0)], [(50 + apart / 2, 0), (200, 0)]]
    assert junctions(roads(lines(*halves, *ways))).tolist() == found


def test_two_dual_carriageways_cross_once_and_blocks_of_streets_many_times():
    def grid(step, count):
        ways = [step * k for k in range(count)]
        return lines(*([(x, -90), (x, 300)] for x in ways), *([(-90, y), (300, y)] for y in ways))

    assert junctions(roads(grid(20, 2))).tolist() == [[10, 10]]
    assert len(junctions(roads(grid(50, 4)))) == 16
    assert 4 <= len(junctions(roads(grid(28, 5)))) < 16  # dense: none is farther than 45 m from one that stands for it


@pytest.mark.parametrize("moved", [0.0, 0.3])
def test_a_road_drawn_twice_makes_no_junctions(moved):
    road = [(0, 0), (40, 5), (80, 0), (120, 5)]
    twice = [(x, y + moved) for x, y in road]
    assert not len(junctions(roads(lines(road, twice))))
    assert not len(junctions(roads(lines(road, twice[::-1]))))
    assert not len(junctions(roads(lines(road, twice[1:3]))))  # a part of it, under another number
    tee = [(80, 0), (80, -60)]
    assert np.round(junctions(roads(lines(road, twice, tee)))).tolist() == [[80, 0]]
    lanes = lines([(80, 0), (80, -60)], [(0, 0), (80, 0)], twice[:3], classes=["village", "street", "street"])
    assert not len(junctions(roads(lanes)))


def test_a_sharp_fork_and_a_ring_are_junctions_still():
    assert junctions(roads(lines([(0, 0), (50, 0)], [(50, 0), (100, 15)], [(50, 0), (100, -15)]))).tolist() == [[50, 0]]
    ring = [(50, 0), (70, 20), (90, 0), (70, -20), (50, 0)]
    assert junctions(roads(lines([(0, 0), (50, 0)], ring))).tolist() == [[50, 0]]


def test_entrances_are_thinned_to_one_per_fifty_metres():
    land = np.array([shapely.box(0, 0, 300, 300)])
    ways = lines([(-50, 100), (150, 100)], [(-50, 120), (150, 120)], [(150, 350), (150, 150)])
    assert len(entrances(roads(ways), land)) == 2
    lane = lines([(-50, 100), (150, 100)], classes=["street"])
    assert len(entrances(roads(lane), land)) == 0


def test_the_cordon_knows_the_highest_border():
    boxes = [shapely.box(100 * k, 0, 100 * k + 100, 100) for k in range(3)]
    codes = {"village_code": ["a", "b", "c"], "town_code": ["t", "t", "u"], "county_code": ["x"] * 3}
    villages = gpd.GeoDataFrame(codes,
                                geometry=[shapely.MultiPolygon([b]) for b in boxes], crs=CRS)  # fmt: skip
    found, levels = cordon(roads(lines([(50, 50), (350, 50)])), villages)
    assert found[:, 0].tolist() == [100, 200, 300]
    assert levels == ["village", "town", "county"]


def test_a_road_along_a_border_crosses_nothing():
    villages = gpd.GeoDataFrame({"village_code": ["a"], "town_code": ["t"], "county_code": ["x"]},
                                geometry=[shapely.MultiPolygon([shapely.box(0, 0, 100, 100)])], crs=CRS)  # fmt: skip
    assert len(cordon(roads(lines([(10, 0), (90, 0)])), villages)[0]) == 0


def test_villages_and_cells_sum_to_the_county_also_with_cameras_and_places_outside(scene):
    away = points([(X0 - 700, Y0 + 50), (X0 + 500, Y0 + 900)], camera_id=["FAR1", "FAR2"], azimuth_deg=[0.0, 90.0])
    cameras = gpd.GeoDataFrame(pd.concat([scene["cameras"], away], ignore_index=True), crs=CRS)
    outside = points([(X0 - 60, Y0 + 50)], place_id=["P3"], place=["c"], kind=["school"], priority=[1])
    places = gpd.GeoDataFrame(pd.concat([scene["places"], outside], ignore_index=True), crs=CRS)
    found = cover(**scene | {"cameras": cameras, "places": places})
    sums = found.table.groupby("level")[[n for n in found.table if n.startswith(("cameras", "places"))]].sum()
    assert (sums == sums.loc["county"]).all(axis=None)
    assert sums.loc["cell", "cameras"] == len(cameras) == found.figures["cameras"]
    assert sums.loc["cell", "places"] == len(places)
    assert found.gaps[["village_code", "cell_code"]].notna().all(axis=None)


def test_roads_beyond_the_county_have_no_junctions_or_entrances(scene):
    beyond = lines([(X0 + 900, Y0), (X0 + 1100, Y0)], [(X0 + 1000, Y0 - 90), (X0 + 1000, Y0 + 90)])
    barriers = gpd.GeoDataFrame(pd.concat([scene["barriers"], beyond], ignore_index=True), crs=CRS)
    barriers["barrier_id"] = [f"R{k}" for k in range(len(barriers))]
    one, two = cover(**scene).figures, cover(**scene | {"barriers": barriers}).figures
    assert all(one[name] == two[name] for name in ("junctions", "entrances", "road_m", "aoi_m2"))


def test_views_has_a_row_per_camera_and_says_how_many_are_empty(scene):
    blind = scene["cameras"].assign(range_m=[0.1] + [np.nan] * (len(scene["cameras"]) - 1))
    found = cover(**scene | {"cameras": blind})
    assert found.figures["views"] == len(found.views) == len(blind)
    assert found.figures["views_empty"] == found.views.geometry.isna().sum() >= 1


def test_a_camera_taken_as_absent_does_not_work(scene, answer):
    gone = scene["cameras"]["camera_id"].iloc[3]
    found = cover(**scene, options=CoverageOptions(without=(gone,)))
    assert found.table.iloc[0]["cameras_working"] == answer.table.iloc[0]["cameras_working"] - 1


def test_blind_areas_are_light_and_keep_their_counted_area(scene, answer):
    land = answer.gaps[answer.gaps["kind"] == "area"]
    assert land.geometry.is_valid.all()
    corners = shapely.get_num_coordinates(land.geometry.to_numpy()).sum()
    assert corners < 60 * len(land) + 6 * len(scene["buildings"])
    discs = answer.gaps[answer.gaps["kind"].isin(["junction", "entrance", "cordon"])]
    assert np.allclose(discs["area_m2"], np.pi * 15**2)


def test_blind_land_behind_a_wall_is_called_blocked():
    wall = [shapely.box(X0 - 22, Y0 - 60, X0 - 20, Y0 + 60)]
    house = gpd.GeoDataFrame({"building_id": ["B"]}, geometry=[shapely.MultiPolygon(wall)], crs=CRS)
    camera = points([(X0 - 27, Y0)], camera_id=["C"], mount_m=[1.0], hfov_deg=[170.0], range_m=[60.0],
                    azimuth_deg=[90.0])  # fmt: skip
    place = points([(X0, Y0)], place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[15.0])
    gaps = cover(camera, places=place, buildings=house).gaps
    assert "blocked" in set(gaps.loc[gaps["kind"] == "area", "reason"])


def test_what_no_column_tells_is_unknown_and_not_zero(scene):
    bare = scene["cameras"].drop(columns="networked").assign(filed=None)
    found = cover(**scene | {"cameras": bare})
    assert [found.figures[name] for name in ("networked_share", "filed_share", "hd_share")] == [None] * 3
    assert found.figures["working_share"] > 0.5
    assert found.assumptions["status"] == scene["cameras"]["status"].isna().sum() > 0
    assert found.table[["cameras_networked", "cameras_filed_1", "cameras_hd"]].isna().all().all()
    assert (found.table["cameras"] > 0).any()
    some = cover(**scene | {"cameras": bare.assign(networked=[True, True, False] + [None] * (len(bare) - 3))})
    assert some.figures["networked_share"] == pytest.approx(2 / 3)
    assert some.figures["unknown"]["networked"] == len(bare) - 3


def test_blind_areas_are_drawn_as_large_as_they_are_counted_and_without_houses(scene, answer):
    land = answer.gaps[answer.gaps["kind"] == "area"]
    assert land.geometry.area.to_numpy() == pytest.approx(land["area_m2"].to_numpy(), rel=1e-3)
    houses = shapely.union_all(scene["buildings"].geometry.to_numpy())
    assert land.geometry.intersection(houses).area.sum() < 0.02 * land["area_m2"].sum()


@pytest.mark.parametrize("path", [
    [(0, 0), (50, 0), (80, 30), (80, -30), (50, 0)],  # ends at a vertex of its own
    [(0, 0), (60, 0), (80, 30), (20, 30), (20, 0)],  # ends within a piece of its own
    [(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)],  # crosses itself
])  # fmt: skip
def test_a_road_that_meets_itself_makes_a_junction(path):
    assert len(junctions(roads(lines(path)))) == 1
    assert not len(junctions(roads(lines(path, bridges=[True]))))


@pytest.mark.parametrize(("turn", "count"), [((150, 90), 1), ((50, 90), 0)])
def test_a_road_that_runs_along_a_border_crosses_it_where_it_leaves_on_the_other_side(turn, count):
    sides = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    villages = gpd.GeoDataFrame({"county_code": ["1", "1"], "town_code": ["11", "11"]}, geometry=sides, crs=CRS)
    for path in ([(50, 50), (100, 50), (100, 90), turn], [turn, (100, 90), (100, 50), (50, 50)]):
        levels = cordon(roads(lines(path)), villages)[1]
        assert levels == ["village"] * count


def test_unseen_land_is_drawn_around_a_small_seen_pocket():
    middle = (X0 + 500, Y0 + 500)
    place = points([middle], place_id=["P"], kind=["school"], priority=[1], radius_m=[60.0])
    camera = points([middle], camera_id=["C1"], azimuth_deg=[0.0], hfov_deg=[360.0], range_m=[9.0], mount_m=[1.0])
    found = cover(camera, places=place)
    view, land = found.views.geometry[0], found.gaps[found.gaps["kind"] == "area"].geometry.union_all()
    assert 200 < view.area < 300
    assert shapely.intersection(land, view).area < 0.2 * view.area
