"""A list loaded again, against the one that is there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.layers import LAYERS
from spatial.reload import KINDS, PERSONAL, Reload, compare_inventory

CRS = "EPSG:4550"


def cameras(count: int = 12, **columns: object) -> gpd.GeoDataFrame:
    """Cameras on a lattice of 100 m."""
    points = [shapely.Point(500_000 + 100 * (i % 40), 4_560_000 + 100 * (i // 40)) for i in range(count)]
    data = {"camera_id": [f"C{i:05d}" for i in range(count)], "kind": "bullet", "azimuth_deg": 90.0, **columns}
    return gpd.GeoDataFrame(data, geometry=points, crs=CRS)


def areas(count: int = 4) -> gpd.GeoDataFrame:
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(count)]
    codes = [f"21112210020{i}" for i in range(count)]
    return gpd.GeoDataFrame({"village_code": codes, "village": list("东西南北")[:count]}, geometry=shapes, crs=CRS)


def listed(found: Reload, kind: str) -> list[str]:
    return found.frame.loc[found.frame["kind"] == kind, "code"].tolist()


def test_the_same_list_in_another_order_changes_nothing() -> None:
    found = compare_inventory("cameras", cameras(), cameras().iloc[::-1])
    assert found.counts == {**dict.fromkeys(KINDS, 0), "same": 12}
    assert found.frame.empty
    assert found.shift is None


def test_every_kind_of_difference_is_listed_once() -> None:
    before = cameras(12)
    after = before.copy()
    after.loc[0, "azimuth_deg"] = 180.0
    after.loc[1, "geometry"] = shapely.affinity.translate(after.geometry[1], 30, 40)
    after.loc[2, "camera_id"] = "N2"  # same place: renamed
    after.loc[3, ["camera_id", "geometry"]] = ["N3", shapely.Point(0, 0)]  # elsewhere: one went, one came
    found = compare_inventory("cameras", before, after)
    assert found.counts == {"added": 1, "removed": 1, "renamed": 1, "moved": 1, "changed": 1, "same": 8}
    assert (listed(found, "added"), listed(found, "removed")) == (["N3"], ["C00003"])
    renamed = found.frame[found.frame["kind"] == "renamed"].iloc[0]
    assert (renamed["old_code"], renamed["code"]) == ("C00002", "N2")
    moved = found.frame[found.frame["kind"] == "moved"].iloc[0]
    assert moved["distance_m"] == pytest.approx(50)
    assert moved["direction_deg"] == pytest.approx(36.87, abs=0.01)
    changed = found.frame[found.frame["kind"] == "changed"].iloc[0]
    assert tuple(changed[["code", "column", "before", "after"]]) == ("C00000", "azimuth_deg", "90", "180")


def test_a_shift_of_all_is_called_out() -> None:
    before = cameras(400)
    after = before.set_geometry(before.translate(345, 335))
    found = compare_inventory("cameras", before, after)
    assert found.shift is not None
    assert found.shift.count == 400
    assert found.shift.metres == pytest.approx(480.9, abs=0.1)
    assert found.shift.direction_deg == pytest.approx(45.8, abs=0.1)


def test_cameras_that_go_different_ways_are_no_shift() -> None:
    before = cameras(400)
    ways = np.random.default_rng(0).uniform(-500, 500, (400, 2))
    after = before.set_geometry(
        gpd.points_from_xy(*(np.column_stack([before.geometry.x, before.geometry.y]) + ways).T), crs=CRS
    )
    found = compare_inventory("cameras", before, after)
    assert found.counts["moved"] > 390
    assert found.shift is None


def test_rounding_of_numbers_and_places_is_no_change() -> None:
    before = cameras(6, range_m=50.1, headings_deg="90;270")
    after = cameras(6, range_m=50.1 + 1e-9, headings_deg=" 90;270 ", azimuth_deg=90.0)
    after = after.set_geometry(after.translate(0.1, 0.1))
    assert compare_inventory("cameras", before, after).counts["same"] == 6


def test_north_is_north_whether_0_or_360() -> None:
    found = compare_inventory("cameras", cameras(2, azimuth_deg=0.0), cameras(2, azimuth_deg=360.0))
    assert found.counts["same"] == 2


@pytest.mark.parametrize(("was", "now"), [(None, ""), (np.nan, None), (pd.NA, " ")])
def test_nothing_is_nothing_however_it_is_written(was: object, now: object) -> None:
    found = compare_inventory("cameras", cameras(2, owner=was), cameras(2, owner=now))
    assert found.counts["same"] == 2


def test_a_column_that_the_new_list_lacks_is_said() -> None:
    before = cameras(5)
    found = compare_inventory("cameras", before, before.drop(columns="azimuth_deg"))
    assert found.emptied == ("azimuth_deg",)
    assert found.counts["changed"] == 5
    assert set(found.frame["after"]) == {None}


def test_cameras_of_one_pole_are_told_apart_by_what_they_are() -> None:
    """Two new ids at one place: matched by azimuth where that is unique, not guessed where it is not."""
    place = shapely.Point(500_000, 4_560_000)
    before = cameras(2, azimuth_deg=[90.0, 270.0]).set_geometry([place, place], crs=CRS)
    after = before.assign(camera_id=["N-west", "N-east"], azimuth_deg=[270.0, 90.0])
    found = compare_inventory("cameras", before, after)
    pairs = found.frame.set_index("old_code")["code"].to_dict()
    assert pairs == {"C00000": "N-east", "C00001": "N-west"}
    alike = compare_inventory("cameras", before.assign(azimuth_deg=90.0), after.assign(azimuth_deg=90.0))
    assert (alike.counts["renamed"], alike.counts["added"], alike.counts["removed"]) == (0, 2, 2)


def test_names_and_phones_of_people_are_never_written_out() -> None:
    before = gpd.GeoDataFrame(
        {"member_id": ["M1", "M2"], "member": ["甲", "乙"], "kind": "lead", "phone": ["1", "2"]},
        geometry=[None, None], crs=CRS,
    )  # fmt: skip
    found = compare_inventory("members", before, before.assign(member=["丙", "乙"], phone=["3", "2"]))
    assert (found.counts["changed"], found.counts["same"]) == (1, 1)
    assert not {"甲", "乙", "丙", "1", "2", "3", *PERSONAL} & set(found.frame.astype(str).to_numpy().ravel())


def test_areas_are_compared_by_ground_not_by_nodes() -> None:
    before = areas()
    noded = before.set_geometry(before.segmentize(100))
    assert compare_inventory("villages", before, noded).counts["same"] == 4
    after = before.copy()
    after.loc[0, "geometry"] = shapely.box(0, 0, 900, 1000)
    found = compare_inventory("villages", before, after)
    assert found.counts["moved"] == 1
    assert found.frame["area_m2"].iloc[0] == pytest.approx(100_000)


def test_a_village_with_a_new_code_is_renamed() -> None:
    before = areas()
    after = before.assign(village_code=[*before["village_code"][:3], "211122100299"])
    found = compare_inventory("villages", before, after)
    assert found.counts == {"added": 0, "removed": 0, "renamed": 1, "moved": 0, "changed": 0, "same": 3}


def test_lines_move_by_their_farthest_point() -> None:
    lines = gpd.GeoDataFrame(
        {"barrier_id": ["a", "b"], "kind": "road", "bridge": [True, None]},
        geometry=[shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 9), (100, 9)])], crs=CRS,
    )  # fmt: skip
    bent = lines.copy()
    bent.loc[1, "geometry"] = shapely.LineString([(0, 9), (50, 29), (100, 9)])
    assert listed(compare_inventory("barriers", lines, bent), "moved") == ["b"]
    assert compare_inventory("barriers", lines, lines.assign(bridge=[1, np.nan])).counts["same"] == 2


def test_a_broken_area_and_a_lost_place_are_compared_all_the_same() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    after = areas(2)
    after.loc[0, "geometry"] = bow_tie
    assert compare_inventory("villages", areas(2), after).counts["moved"] == 1
    people = gpd.GeoDataFrame({"member_id": ["M1"], "kind": "lead"}, geometry=[shapely.Point(0, 0)], crs=CRS)
    assert compare_inventory("members", people, people.set_geometry([None], crs=CRS)).counts["moved"] == 1


@pytest.mark.parametrize("layer", [name for name, form in LAYERS.items() if form.input])
def test_every_input_layer_can_be_empty_on_either_side(layer: str) -> None:
    form = LAYERS[layer]
    one = {column.name: ["x" if column.kind == "text" else None] for column in form.columns}
    shape = {"Point": shapely.Point(1, 1), "MultiLineString": shapely.LineString([(0, 0), (1, 1)]),
             "MultiPolygon": shapely.box(0, 0, 9, 9), None: None}[form.geometry]  # fmt: skip
    full = pd.DataFrame(one) if form.geometry is None else gpd.GeoDataFrame(one, geometry=[shape], crs=CRS)
    assert compare_inventory(layer, full, full).counts["same"] == 1
    assert compare_inventory(layer, full.iloc[:0], full).counts["added"] == 1
    assert compare_inventory(layer, full, full.iloc[:0]).counts["removed"] == 1
    assert compare_inventory(layer, full.iloc[:0], full.iloc[:0]).frame.empty


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["same", "added", "removed", "moved", "changed", "renamed"]), min_size=1, max_size=40))
def test_counts_are_those_of_what_was_done(fates: list[str]) -> None:
    before = cameras(len(fates))
    after = before.copy()
    for row, fate in enumerate(fates):
        if fate == "moved":
            after.loc[row, "geometry"] = shapely.affinity.translate(after.geometry[row], 7 * (-1) ** row, 5)
        elif fate == "changed":
            after.loc[row, "kind"] = "dome"
        elif fate == "renamed":
            after.loc[row, "camera_id"] = f"new-{row}"
    fate = np.array(fates)
    found = compare_inventory("cameras", before[fate != "added"], after[fate != "removed"])
    assert found.counts == {kind: fates.count(kind) for kind in (*KINDS, "same")}
    back = compare_inventory("cameras", after[fate != "removed"], before[fate != "added"])
    assert (back.counts["added"], back.counts["removed"]) == (found.counts["removed"], found.counts["added"])
    assert back.counts["same"] == found.counts["same"]
