"""Siting: what is asked is kept, what is forbidden is not proposed, what is promised is seen."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import CoverageOptions, cover
from spatial.coverage.sight.terrain import Terrain
from spatial.errors import InfeasibleError, SchemaError
from spatial.layers import LAYERS
from spatial.siting import SiteOptions, site_cameras
from spatial.siting import candidates as sites
from spatial.siting.demand import site_demand
from spatial.siting.turns import turning
from spatial.weights import Prices, Weights

CRS = "EPSG:4550"
X0, Y0 = 500_000.0, 4_570_000.0


def points(rows, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*zip(*rows, strict=True)), crs=CRS)


@pytest.fixture(scope="module")
def layers():
    houses = [shapely.box(X0 + x, Y0 + y, X0 + x + 10, Y0 + y + 9) for x in range(10, 190, 14) for y in (20, 60, 120)]
    paths = [[(0, 45), (200, 45)], [(0, 105), (200, 105)], [(100, 0), (100, 150)]]
    return {
        "cameras": points([(X0 + 3, Y0 + 47)], camera_id=["C1"], azimuth_deg=[90.0]),
        "buildings": gpd.GeoDataFrame({"building_id": [str(k) for k in range(len(houses))]},
                                      geometry=[shapely.MultiPolygon([h]) for h in houses], crs=CRS),
        "barriers": gpd.GeoDataFrame(
            {"barrier_id": list("abc"), "kind": "road", "road_class": "village"}, crs=CRS,
            geometry=[shapely.MultiLineString([[(X0 + x, Y0 + y) for x, y in path]]) for path in paths]),
        "places": points([(X0 + 60, Y0 + 95)],
                         place_id=["P"], place=["p"], kind=["school"], priority=[1], radius_m=[12.0]),
        "homes": points([(h.centroid.x, h.centroid.y) for h in houses], home_id=[str(k) for k in range(len(houses))],
                        households=1),
    }  # fmt: skip


@pytest.fixture(scope="module")
def state(layers):
    return cover(**layers)


@pytest.fixture(scope="module")
def poles():
    return points([(X0 + 98, Y0 + 47), (X0 + 60, Y0 + 104)], pole_id=["L1", "L2"], kind=["light", "power"],
                  cost_yuan=[1000.0, None])  # fmt: skip


def test_sites_have_the_columns_of_the_contract_and_phases(state, poles):
    found = site_cameras(state, poles=poles, options=SiteOptions(cameras=6, phases=2), run="s1")
    assert list(found.sites.columns) == [*LAYERS["sites"].names, "geometry"]
    assert len(found.sites) == 6
    assert found.sites["phase"].tolist() == [1, 1, 1, 2, 2, 2]
    assert found.sites["gain"].is_monotonic_decreasing
    assert found.sites["covers"].str.contains("米道路|路口|村口|学校|户", regex=True).all()
    assert found.sites["covers"].str.contains("road|junction|entrance|school|households", regex=True).all()


def test_figures_agree_with_the_rows(state, poles):
    found = site_cameras(state, poles=poles, options=SiteOptions(cameras=5))
    figures = found.figures
    assert figures["gain_share"] == pytest.approx(found.sites["gain_share"].sum())
    assert figures["covered_share_after"] == pytest.approx(figures["covered_share_before"] + figures["gain_share"])
    assert figures["covered_share_after"] <= figures["bound"] + 1e-9
    assert figures["cost_yuan"] == found.sites["cost_yuan"].sum()


def test_proof_closes_the_gap(state, poles):
    quick, proven = (site_cameras(state, poles=poles, options=SiteOptions(cameras=3, prove=p)).figures for p in (0, 1))
    assert proven["optimality_gap"] == pytest.approx(0, abs=1e-6)
    assert quick["covered_share_after"] <= proven["covered_share_after"] + 1e-9 <= quick["bound"] + 1e-6


@pytest.mark.parametrize("count", [1, 3, 8])
def test_proposed_cameras_cover_what_was_said_once_they_are_built(layers, state, poles, count):
    found = site_cameras(state, poles=poles, options=SiteOptions(cameras=count))
    figures = found.figures
    assert _built(layers, found.sites) == pytest.approx(figures["covered_share_counted"], abs=0.004)
    assert figures["covered_share_after"] <= figures["covered_share_counted"]


def test_proposed_cameras_do_not_see_through_hills(layers, poles):
    ridge = np.zeros((60, 60))
    ridge[:, 28:32] = 40.0  # from x = 90 to x = 110
    hills = Terrain(ridge, (5.0, 0.0, X0 - 50, 0.0, -5.0, Y0 + 225), CRS)
    state = cover(**layers, terrain=hills)
    found = site_cameras(state, poles=poles, options=SiteOptions(cameras=2))
    built = _built(layers | {"terrain": hills}, found.sites)
    assert built == pytest.approx(found.figures["covered_share_counted"], abs=0.004)


def test_cameras_that_are_turned_do_not_see_through_hills_either(layers):
    ridge = np.zeros((60, 60))
    ridge[:, 28:32] = 40.0
    hills = Terrain(ridge, (5.0, 0.0, X0 - 50, 0.0, -5.0, Y0 + 225), CRS)
    cameras = points([(X0 + 80, Y0 + 102), (X0 + 3, Y0 + 47)], camera_id=["AWAY", "C1"], azimuth_deg=[0.0, 90.0])
    stake = turning(cover(**layers | {"cameras": cameras, "terrain": hills}).state, Weights(), 8)
    flat = turning(cover(**layers | {"cameras": cameras}).state, Weights(), 8)
    less = shapely.area(flat.views[~flat.today]).sum() - shapely.area(stake.views[~stake.today]).sum()
    assert less > 500
    turned = cover(**layers | {"cameras": cameras.assign(azimuth_deg=270.0), "terrain": hills}).state.views.frame
    for camera in (0, 1):
        (row,) = np.flatnonzero((stake.camera == camera) & (stake.sectors.azimuth_deg == 270.0))
        assert stake.views[row].symmetric_difference(turned.geometry.iloc[camera]).area == pytest.approx(0, abs=1e-6)


def test_what_rests_on_uncertain_headings_is_covered_and_said(layers, poles):
    cameras = points([(X0 + 80, Y0 + 102), (X0 + 3, Y0 + 47)], camera_id=["E", "C1"], azimuth_deg=[270.0, 90.0])
    sure = cover(**layers | {"cameras": cameras})
    eight = cover(**layers | {"cameras": cameras.assign(azimuth_tolerance_deg=[22.5, 0.0])})
    one, other = (site_cameras(each, poles=poles, options=SiteOptions(cameras=2)) for each in (sure, eight))
    assert "site-headings-doubtful" not in {row["problem"] for row in one.problems.rows}
    (row,) = [row for row in other.problems.rows if row["problem"] == "site-headings-doubtful"]
    assert one.sites.geometry.to_list() == other.sites.geometry.to_list()
    alone = site_demand(cover(**layers).state)
    share = one.figures["covered_share_before"] - alone.seen / alone.total
    assert f"{share:.1%}" in row["message_zh"]
    assert share > 0.01
    assert "1 台在用摄像机的朝向不确定" in row["message_zh"]
    assert row["message_en"].startswith("the headings of 1 working cameras")


def test_incidents_weigh_only_where_they_are_given_a_weight(layers, poles):
    where = [(X0 + 150 + k, Y0 + 104) for k in range(6)]
    known = cover(**layers, incidents=points(where, incident_id=[str(k) for k in range(6)]))
    plain = site_cameras(known, poles=poles, options=SiteOptions(cameras=1))
    assert "incident" not in plain.sites["covers"].iloc[0]
    assert plain.figures["covered_share_before"] == pytest.approx(
        site_cameras(cover(**layers), poles=poles, options=SiteOptions(cameras=1)).figures["covered_share_before"]
    )
    found = site_cameras(known, poles=poles, options=SiteOptions(cameras=1, weights=Weights(incident=50)))
    assert "6 起警情" in found.sites["covers"].iloc[0]
    assert "6 incidents" in found.sites["covers"].iloc[0]


def test_a_forbidden_zone_gets_no_site(layers, poles):
    zone = shapely.box(X0 + 40, Y0 - 50, X0 + 300, Y0 + 300)
    zones = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "kind": ["forbidden"]}, geometry=[shapely.MultiPolygon([zone])], crs=CRS
    )
    found = site_cameras(cover(**layers, zones=zones), poles=poles, options=SiteOptions(cameras=6)).sites
    assert len(found)
    assert not found.geometry.intersects(zone).any()


def test_nothing_stands_in_a_building(layers, state):
    found = site_cameras(state, options=SiteOptions(cameras=20)).sites
    assert not found.geometry.intersects(shapely.union_all(layers["buildings"].geometry.to_numpy())).any()


def test_a_budget_is_kept(state, poles):
    figures = site_cameras(state, poles=poles, options=SiteOptions(budget=50_000)).figures
    assert 0 < figures["cost_yuan"] <= 50_000
    with pytest.raises(InfeasibleError):
        site_cameras(state, poles=poles, options=SiteOptions(budget=100))


def test_reach_is_met_by_the_fewest_or_refused_with_the_share_that_can_be_had(state, poles):
    before = site_cameras(state, poles=poles, options=SiteOptions(cameras=1)).figures["covered_share_before"]
    found = site_cameras(state, poles=poles, options=SiteOptions(reach=before + 0.2, prove=True))
    assert found.figures["covered_share_after"] >= before + 0.2 - 1e-9
    assert found.figures["bound"] == len(found.sites)
    with pytest.raises(InfeasibleError, match="reach 0"):
        site_cameras(state, options=SiteOptions(reach=1.0))


def test_a_reach_beyond_the_first_candidates_looks_at_more_of_them(state, poles, monkeypatch):
    every = site_cameras(state, poles=poles, options=SiteOptions(reach=0.6, prove=True)).figures
    monkeypatch.setattr(sites, "MOST_POSITIONS", 2)
    few = site_cameras(state, poles=poles, options=SiteOptions(cameras=99)).figures
    assert few["covered_share_after"] < 0.6
    found = site_cameras(state, poles=poles, options=SiteOptions(reach=0.6, prove=True)).figures
    assert found["covered_share_after"] >= 0.6
    assert found["bound"] == found["sites"] >= every["sites"]


def test_a_reach_that_is_had_already_needs_no_site(state):
    assert site_cameras(state, options=SiteOptions(reach=0.001)).figures["sites"] == 0


@pytest.mark.parametrize(
    "asked", [{}, {"cameras": 1, "budget": 2.0}, {"cameras": 0}, {"reach": 1.5}, {"cameras": 1, "phases": 0}]
)
def test_an_unclear_question_is_refused(state, asked):
    with pytest.raises(SchemaError):
        site_cameras(state, options=SiteOptions(**asked))


def test_row_order_changes_no_site(layers, state, poles):
    mixed = {name: frame.sample(frac=1, random_state=2, ignore_index=True) for name, frame in layers.items()}
    one = site_cameras(state, poles=poles, options=SiteOptions(cameras=5)).sites
    two = site_cameras(cover(**mixed, options=CoverageOptions(threads=1)), poles=poles.iloc[::-1],
                       options=SiteOptions(cameras=5)).sites  # fmt: skip
    assert one.drop(columns="geometry").equals(two.drop(columns="geometry"))
    assert np.allclose(
        shapely.get_coordinates(one.geometry.to_numpy()), shapely.get_coordinates(two.geometry.to_numpy())
    )


@pytest.mark.parametrize("asked", [{"cameras": 8}, {"cameras": 8, "prove": True}, {"budget": 60_000}, {"reach": 0.6}])
@pytest.mark.parametrize("per_pole", [1, 2])
def test_no_pole_gets_more_cameras_than_it_holds(state, poles, asked, per_pole):
    found = site_cameras(state, poles=poles, options=SiteOptions(**asked, per_pole=per_pole)).sites
    assert len(found)
    assert found.geometry.to_wkb().value_counts().max() <= per_pole


def test_cameras_that_hang_there_take_room(layers, state, poles):
    here = points([(X0 + 98, Y0 + 47)] * 2, camera_id=["C2", "C3"], azimuth_deg=[10.0, 20.0])
    cameras = gpd.GeoDataFrame(pd.concat([layers["cameras"], here], ignore_index=True), crs=CRS)
    crowded = cover(**layers | {"cameras": cameras})
    for most, expected in ((2, 0), (3, 1)):
        found = site_cameras(crowded, poles=poles, options=SiteOptions(cameras=30, per_pole=most)).sites
        assert (found["pole_id"] == "L1").sum() <= expected


def test_more_headings_never_cover_less(state, poles):
    few, many = (
        site_cameras(state, poles=poles, options=SiteOptions(cameras=3, headings=n, prove=True)).figures
        for n in (8, 16)
    )
    assert many["covered_share_after"] >= few["covered_share_after"] - 1e-9


def test_the_curve_rises_ever_slower_and_holds_the_answer(state, poles):
    figures = site_cameras(state, poles=poles, options=SiteOptions(cameras=7)).figures
    curve = figures["curve"]
    counts, shares = zip(*curve, strict=True)
    assert curve[0] == [0, pytest.approx(figures["covered_share_before"])]
    assert dict(curve)[7] == pytest.approx(figures["covered_share_after"])
    assert list(counts) == sorted(set(counts))
    assert counts[-1] > 7
    assert (np.diff(shares) >= -1e-12).all()
    assert (np.diff(np.diff(shares) / np.diff(counts)) <= 1e-9).all()


def test_a_weight_moves_the_choice_and_a_price_the_cost(state, poles):
    junctions = SiteOptions(cameras=2, weights=Weights(place=(0, 0, 0), entrance=0, cordon=(0, 0, 0), road_m=0))
    found = site_cameras(state, poles=poles, options=junctions).sites
    assert found["covers"].str.contains("junction").all()
    assert not site_cameras(
        state, poles=poles, options=SiteOptions(cameras=1, weights=Weights(place=(9e5, 9e5, 9e5)))
    ).sites["covers"].str.startswith("1 个").any()  # fmt: skip
    cheap = SiteOptions(cameras=4, prices=Prices(camera_yuan=10, pole_yuan=100))
    assert site_cameras(state, options=cheap).sites["cost_yuan"].isin([10, 110]).all()


def test_each_site_says_why_it_stands_there(state, poles):
    found = site_cameras(state, poles=poles, options=SiteOptions(budget=60_000)).sites
    hung = found["pole_id"].notna()
    assert hung.any()
    for pole, words in zip(found.loc[hung, "pole_id"], found.loc[hung, "covers"], strict=True):
        assert f"挂现有杆 {pole}" in words
        assert f"on pole {pole}" in words
    assert found.loc[~hung, "covers"].str.contains("立新杆").all()
    assert not found["covers"].str.contains("consent|nan").any()


@pytest.mark.parametrize("asked", [{"cameras": 2}, {"budget": 40_000.0}, {"reach": 0.5}])
def test_turns_and_sites_are_chosen_together_and_what_is_lost_is_counted(layers, poles, asked):
    cameras = points([(X0 + 60, Y0 + 102), (X0 + 3, Y0 + 47)], camera_id=["AWAY", "C1"], azimuth_deg=[0.0, 90.0])
    today = cover(**layers | {"cameras": cameras})
    found = site_cameras(today, poles=poles, options=SiteOptions(**asked, turn=1, prove=True))
    (turn,) = found.figures["turns"]
    assert turn["camera_id"] == "AWAY"
    assert turn["from_deg"] == 0
    assert [row["code"] for row in found.problems.rows if row["problem"] == "camera-turn"] == ["AWAY"]
    plain = site_cameras(today, poles=poles, options=SiteOptions(**asked, prove=True)).figures
    assert found.figures["covered_share_before"] == plain["covered_share_before"]
    if "reach" in asked:
        assert found.figures["bound"] <= found.figures["sites"] <= plain["sites"]
    else:
        assert plain["covered_share_after"] < found.figures["covered_share_after"] == found.figures["bound"]
    assert found.figures["gain_share"] == pytest.approx(found.sites["gain_share"].sum() + turn["gain_share"])
    assert found.figures["cost_yuan"] == found.sites["cost_yuan"].sum() + 300 <= asked.get("budget", np.inf)
    cameras["azimuth_deg"] = [turn["to_deg"], 90.0]
    then = _built(layers | {"cameras": cameras}, found.sites)
    assert then == pytest.approx(found.figures["covered_share_counted"], abs=0.03)


def _built(layers, sites):
    """Give the share of demand that is covered once the sites hang."""
    new = gpd.GeoDataFrame({"camera_id": sites["site_id"], "azimuth_deg": sites["azimuth_deg"]},
                           geometry=sites.geometry, crs=CRS)  # fmt: skip
    both = gpd.GeoDataFrame(pd.concat([layers["cameras"], new], ignore_index=True), crs=CRS)
    demand = site_demand(cover(**layers | {"cameras": both}).state)
    return demand.seen / demand.total


def test_a_camera_that_looks_right_is_left_alone(layers, poles):
    best = site_cameras(cover(**layers), poles=poles, options=SiteOptions(cameras=2, turn=5, prove=True))
    again = layers["cameras"].assign(azimuth_deg=[t["to_deg"] for t in best.figures["turns"]] or [90.0])
    found = site_cameras(cover(**layers | {"cameras": again}), poles=poles, options=SiteOptions(cameras=2, turn=5))
    assert found.figures["turns"] == []


ZONE = shapely.Polygon(
    [(X0 - 50, Y0 - 50), (X0 + 250, Y0 - 50), (X0 + 250, Y0 + 200), (X0 - 50, Y0 + 200)],
    holes=[[(X0 + 60, Y0 + 95), (X0 + 98, Y0 + 104), (X0 + 98, Y0 + 47), (X0 + 40, Y0 + 40)]],
)


@settings(max_examples=6, deadline=None)
@given(st.integers(-3, 3), st.integers(-3, 3))
def test_no_site_lies_in_a_forbidden_place_or_on_its_border_only_in_its_holes(layers, dx, dy):
    zone = shapely.affinity.translate(ZONE, dx, dy)
    poles = points([*zone.interiors[0].coords[:4], *zone.exterior.coords[:4], (X0 + 70, Y0 + 60)],
                   pole_id=list("abcdefghi"), kind="light", cost_yuan=0.0)  # fmt: skip
    zones = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "kind": ["forbidden"]}, geometry=[shapely.MultiPolygon([zone])], crs=CRS
    )
    found = site_cameras(cover(**layers, zones=zones), poles=poles, options=SiteOptions(cameras=40, per_pole=9)).sites
    assert not found["pole_id"].isin(list("abcdefgh")).any()
    assert not found.geometry.intersects(zone).any()


def test_a_proposed_view_that_sweeps_a_forbidden_zone_is_listed_with_its_share_and_a_way_out(layers, poles):
    zone = shapely.box(X0 + 40, Y0 - 50, X0 + 300, Y0 + 300)
    zones = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "kind": ["forbidden"]}, geometry=[shapely.MultiPolygon([zone])], crs=CRS
    )
    found = site_cameras(cover(**layers, zones=zones), options=SiteOptions(cameras=6))
    rows = [row for row in found.problems.rows if row["problem"] == "site-sweeps-forbidden"]
    assert rows
    assert {row["code"] for row in rows} <= set(found.sites["site_id"])
    assert all("%" in row["message_zh"] and " · " in row["remedy"] for row in rows)


def test_sites_that_need_consent_name_the_zone(layers, poles):
    zone = shapely.box(X0 - 50, Y0 - 50, X0 + 300, Y0 + 300)
    zones = gpd.GeoDataFrame({"zone_id": ["Z7"], "kind": ["consent"]}, geometry=[shapely.MultiPolygon([zone])], crs=CRS)
    found = site_cameras(cover(**layers, zones=zones), poles=poles, options=SiteOptions(cameras=3)).sites
    assert found["covers"].str.contains("须经同意（Z7）", regex=False).all()
    assert found["covers"].str.contains("needs consent (Z7)", regex=False).all()
