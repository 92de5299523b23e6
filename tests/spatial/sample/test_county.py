"""The sample county is held to facts: about land, homes, people and what a list must contain."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.boundaries import county
from spatial.errors import BoundaryError, CrsError, SchemaError
from spatial.layers import LAYERS, PLACE_KINDS
from spatial.sample import sample_county

from .conftest import make

INPUTS = [
    "villages", "homes", "buildings", "barriers", "hamlets", "overlays", "members", "cameras", "places", "zones",
    "poles", "incidents",
]  # fmt: skip


def test_villages_tile_the_outline(made):
    villages = made["villages"].geometry.to_numpy()
    assert shapely.coverage_is_valid(villages)
    assert shapely.is_valid(villages).all()
    outline = made.outline.geometry.union_all()
    assert shapely.area(villages).sum() == pytest.approx(outline.area, abs=0.01)
    assert shapely.symmetric_difference(shapely.union_all(villages), outline).area < 0.01


def test_codes_and_names_are_those_of_the_table(made):
    table = made.county.villages.sort_values("village_code").reset_index(drop=True)
    columns = ["village_code", "village", "town_code", "town"]
    assert made["villages"][columns].to_numpy().tolist() == table[columns].to_numpy().tolist()
    assert set(made["villages"]["county_code"]) == {"211122"}


def test_villages_of_a_town_lie_together(made):
    for _, rows in made["villages"].groupby("town_code"):
        town = shapely.coverage_union_all(rows.geometry.to_numpy())
        largest = shapely.area(shapely.get_parts(town)).max()
        assert largest > 0.97 * town.area


def test_village_areas_spread_as_real_ones_do(panshan, shared_data):
    real = gpd.read_file(shared_data / "tw" / "yilan_villages.geojson").to_crs(3826)
    areas = shapely.area(shapely.make_valid(real.geometry.to_numpy()))
    made = panshan["villages"].area.to_numpy()
    at = [0.1, 0.25, 0.75, 0.9]
    expected, got = np.quantile(areas, at) / np.median(areas), np.quantile(made, at) / np.median(made)
    # within a factor of 1.6 (0.2 in log10): two real counties differ by more
    assert np.abs(np.log10(got / expected)).max() < 0.2


def test_villages_are_as_round_as_real_ones(panshan, shared_data):
    real = gpd.read_file(shared_data / "tw" / "yilan_villages.geojson").to_crs(3826)

    def roundness(shapes):
        return float(np.mean(4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2))

    expected = roundness(shapely.make_valid(real.geometry.to_numpy()))
    assert roundness(panshan["villages"].geometry.to_numpy()) == pytest.approx(expected, abs=0.06)


def test_every_column_of_every_layer_is_there(made):
    assert set(made.sample.frames) == set(INPUTS)
    for name in INPUTS:
        frame, layer = made[name], LAYERS[name]
        assert [*layer.names, "geometry"] == list(frame.columns), name
        assert isinstance(frame.index, pd.RangeIndex)
        assert len(frame), name
        assert frame[layer.required].notna().all().all(), name
        assert not frame[list(layer.key)].duplicated().any(), name
        assert shapely.is_valid(frame.geometry.to_numpy()).all(), name
        assert set(frame.geom_type) == {layer.geometry}, name
        for column in layer.columns:
            values = frame[column.name].dropna()
            if column.choices:
                assert set(values) <= set(column.choices), column.name
            if column.low is not None:
                assert (values >= column.low).all(), column.name
            if column.high is not None:
                assert (values <= column.high).all(), column.name


def test_homes_stand_within_30_m_of_a_lane_and_never_in_water(made):
    barriers = made["barriers"]
    roads = barriers[(barriers["kind"] == "road") & (barriers["road_class"] != "motorway")]
    tree = shapely.STRtree(roads.geometry.to_numpy())
    homes = made["homes"].geometry.to_numpy()
    _, distance = tree.query_nearest(homes, return_distance=True, all_matches=False)
    assert distance.max() <= 30.0
    assert not shapely.intersects(made["buildings"].geometry.to_numpy(), made.sample.water).any()
    assert not shapely.intersects(homes, made.sample.water).any()


def test_buildings_stand_apart_each_in_one_village(made):
    buildings = made["buildings"].geometry.to_numpy()
    tree = shapely.STRtree(buildings)
    one, two = tree.query(buildings, predicate="intersects")
    assert (one == two).all()
    inside, _ = tree.query(made["villages"].geometry.to_numpy(), predicate="contains_properly")
    assert len(inside) == len(buildings)


def test_homes_lie_in_the_village_and_hamlet_they_name(made):
    homes, villages = made["homes"], made["villages"]
    village, home = shapely.STRtree(homes.geometry.to_numpy()).query(villages.geometry.to_numpy(), predicate="contains")
    assert (homes["village_code"].to_numpy()[home] == villages["village_code"].to_numpy()[village]).all()
    assert len(home) == len(homes)
    named = homes[homes["hamlet"].notna()]
    hamlets = made["hamlets"]
    hamlet, row = shapely.STRtree(named.geometry.to_numpy()).query(hamlets.geometry.to_numpy(), predicate="contains")
    assert len(row) == len(named)
    assert (named["hamlet"].to_numpy()[row] == hamlets["hamlet"].to_numpy()[hamlet]).all()
    assert not hamlets[["village_code", "hamlet"]].duplicated().any()


def test_hamlets_do_not_overlap_nor_cut_a_building(made):
    hamlets = made["hamlets"].geometry.to_numpy()
    one, two = shapely.STRtree(hamlets).query(hamlets, predicate="intersects")
    shared = shapely.area(shapely.intersection(hamlets[one], hamlets[two]))[one != two]
    assert shared.sum() < 0.01
    buildings = made["buildings"].geometry.to_numpy()
    _, cut = shapely.STRtree(buildings).query(hamlets, predicate="crosses")
    _, overlapped = shapely.STRtree(buildings).query(hamlets, predicate="overlaps")
    assert len(cut) == 0
    assert len(overlapped) == 0


def test_households_are_what_was_asked_and_add_up(made):
    homes, villages = made["homes"], made["villages"]
    assert homes["households"].sum() == pytest.approx(made.county.households, rel=0.03)
    sums = homes.groupby("village_code")["households"].sum().reindex(villages["village_code"]).to_numpy()
    assert (sums == villages["households"].to_numpy()).all()
    assert (sums > 0).all()
    assert (homes["occupied_households"] <= homes["households"]).all()
    assert (homes["special"] <= homes["households"]).all()
    assert (homes["residents"] >= homes["occupied_households"]).all()


def test_villages_are_hollowed_out_and_towns_are_not(panshan):
    villages = panshan["villages"]
    share = villages["occupied_households"] / villages["households"]
    assert share[villages["kind"] == "village"].mean() == pytest.approx(0.7, abs=0.06)
    assert share[villages["kind"] == "community"].mean() > 0.82


def test_every_village_is_on_the_road_network(made):
    barriers = made["barriers"]
    roads = barriers[(barriers["kind"] == "road") & (barriers["road_class"] != "motorway")].geometry.to_numpy()
    parts = shapely.get_parts(roads)
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(parts, at)) for at in (0, -1)])
    _, number = np.unique(np.round(ends, 2), axis=0, return_inverse=True)
    a, b = number.ravel()[: len(parts)], number.ravel()[len(parts) :]
    size = number.max() + 1
    _, group = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(size, size)), directed=False)
    main = group[a] == np.bincount(group[a], weights=shapely.length(parts)).argmax()
    homes = made["homes"]
    near = shapely.STRtree(parts[main]).query(homes.geometry.to_numpy(), predicate="dwithin", distance=30.0)[0]
    assert set(homes["village_code"].to_numpy()[np.unique(near)]) == set(made["villages"]["village_code"])
    assert len(np.unique(near)) > 0.99 * len(homes)


def test_roads_cross_rivers_on_bridges_only(made):
    barriers = made["barriers"]
    rivers = barriers.loc[barriers["kind"] == "river", "geometry"].to_numpy()
    roads = barriers[(barriers["kind"] == "road") & (barriers["road_class"] != "motorway")]
    over = np.unique(shapely.STRtree(roads.geometry.to_numpy()).query(rivers, predicate="crosses")[1])
    assert len(over)
    assert roads["bridge"].to_numpy()[over].all()
    assert not roads.loc[roads["bridge"], "road_class"].isin(["street"]).any()


def test_the_road_hierarchy_has_every_class(panshan):
    barriers = panshan["barriers"]
    length = barriers.length.groupby(barriers["road_class"]).sum()
    assert set(length.index) == set(LAYERS["barriers"].column("road_class").choices)
    assert length["national"] < length["town"] + length["village"]
    assert set(barriers["kind"]) == {"road", "river", "rail", "wall"}


def test_every_cell_can_have_a_lead(made):
    members, villages = made["members"], made["villages"]
    assert (members["kind"] == "lead").sum() >= made.county.cells
    assert members["phone"].isna().all()
    assert members["member"].str.fullmatch(r"\D+\d{4}\(示意\)").all()
    leads = members[members["kind"] == "lead"]
    village, _ = shapely.STRtree(leads.geometry.to_numpy()).query(villages.geometry.to_numpy(), predicate="contains")
    count = np.bincount(village, minlength=len(villages))
    share = villages["households"] / villages["households"].sum() * made.county.cells
    assert (count >= np.maximum(1, np.floor(share))).all()


def test_members_and_places_of_every_kind_are_there(panshan):
    assert set(panshan["members"]["kind"]) == set(LAYERS["members"].column("kind").choices)
    assert set(panshan["places"]["kind"]) <= set(PLACE_KINDS)
    # there is no state border and no crossing of one in a county of the plain
    assert set(PLACE_KINDS) - set(panshan["places"]["kind"]) <= {"border"}


def test_incidents_are_24_per_cell_and_clustered(made):
    incidents = made["incidents"]
    assert len(incidents) == 24 * made.county.cells
    assert incidents["month"].str.fullmatch(r"2025-(0[1-9]|1[0-2])").all()
    outline = made.outline.geometry.union_all()
    assert shapely.contains(outline.buffer(100), incidents.geometry.to_numpy()).all()


def test_the_same_seed_gives_the_same_county_and_another_gives_another():
    first, second, other = make("tiny"), make("tiny"), make("tiny", seed=1)
    for name in INPUTS:
        assert first[name].geometry.to_wkb().equals(second[name].geometry.to_wkb()), name
        pd.testing.assert_frame_equal(
            pd.DataFrame(first[name].drop(columns="geometry")), pd.DataFrame(second[name].drop(columns="geometry"))
        )
    assert not first["homes"].geometry.to_wkb().equals(other["homes"].geometry.to_wkb())


def test_the_order_of_the_tables_does_not_matter(tiny):
    shuffled = tiny.county.villages.iloc[::-1]
    again = sample_county(
        tiny.outline, tiny.county.towns, shuffled, households=tiny.county.households, cells=tiny.county.cells,
        cameras=tiny.county.cameras,
    )  # fmt: skip
    assert again.frames["homes"].geometry.to_wkb().equals(tiny["homes"].geometry.to_wkb())


def test_progress_counts_up_to_the_end(tiny):
    told = []
    sample_county(
        tiny.outline, tiny.county.towns, tiny.county.villages, households=2_000, cells=17, cameras=60,
        progress=lambda done, total, zh, en: told.append((done, total, zh, en)),
    )  # fmt: skip
    assert [done for done, *_ in told] == list(range(7))
    assert told[-1][1:] == (6, "完成", "done")


def test_faulty_input_is_refused_by_name(tiny):
    shipped = county("tiny")
    with pytest.raises(CrsError, match="outline"):
        sample_county(shipped.outline, shipped.towns, shipped.villages)
    with pytest.raises(SchemaError, match="211122112"):
        sample_county(tiny.outline, shipped.towns.iloc[:1], shipped.villages)
    twice = pd.concat([shipped.villages, shipped.villages.iloc[:1]])
    with pytest.raises(SchemaError, match="211122001001"):
        sample_county(tiny.outline, shipped.towns, twice)
    with pytest.raises(BoundaryError, match="no area"):
        sample_county(tiny.outline.iloc[:0], shipped.towns, shipped.villages)


def test_hamlets_hold_a_few_dozen_households(panshan):
    homes, hamlets, villages = panshan["homes"], panshan["hamlets"], panshan["villages"]
    held = homes.dropna(subset="hamlet").groupby(["village_code", "hamlet"])["households"].sum()
    assert len(held) == len(hamlets)
    assert 1_500 <= len(hamlets) <= 2_500
    assert held.median() == pytest.approx(43, abs=8)
    assert held.between(18, 80).mean() > 0.98
    rural = villages[villages["kind"] == "village"].set_index("village_code")["households"]
    named = homes.dropna(subset="hamlet").groupby("village_code")["households"].sum().reindex(rural.index).fillna(0)
    assert (named / rural).median() == 1.0
    streets = villages.loc[(villages["kind"] == "community") & (villages["class"] == "111"), "village_code"]
    assert not hamlets["village_code"].isin(streets).any()


def test_hamlets_lie_beside_one_another_in_their_natural_village(panshan):
    hamlets = panshan["hamlets"].geometry.to_numpy()
    assert (shapely.get_num_geometries(hamlets) == 1).all()
    one, two = shapely.STRtree(hamlets).query(hamlets, predicate="dwithin", distance=0.01)
    beside = np.unique(one[one != two])
    assert len(beside) > 0.8 * len(hamlets)
