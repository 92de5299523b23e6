"""Micro cells: nested, conserved, of a good size, towers by stairwell."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import SchemaError
from spatial.people.micro import micro_cells
from spatial.people.micro_parts import Sizes

CRS = "EPSG:4550"


def _cells(count: int = 2, side: float = 500) -> gpd.GeoDataFrame:
    boxes = [shapely.MultiPolygon([shapely.box(i * side, 0, (i + 1) * side, side)]) for i in range(count)]
    return gpd.GeoDataFrame({"cell_code": [f"21112200100100{i + 1}" for i in range(count)]}, geometry=boxes, crs=CRS)


def _homes(xy, households) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"home_id": [f"H{i:03d}" for i in range(len(xy))], "households": households,
         "residents": np.asarray(households) * 3},
        geometry=shapely.points(np.asarray(xy, float)), crs=CRS,
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 9999), n=st.integers(2, 150))
def test_households_are_conserved_and_areas_never_overlap(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    cells, homes = _cells(), _homes(rng.uniform(1, 999, (n, 2)) * [1, 0.5], rng.choice([0, 1, 2, 6, 150], n))
    answer = micro_cells(cells, homes)
    frame = answer.micro_cells
    assert frame["households"].sum() == pytest.approx(homes["households"].sum())
    assert frame["micro_code"].is_unique
    assert set(answer.micro_homes["home_id"]) == set(homes["home_id"])
    assert set(answer.micro_homes["micro_code"]) <= set(frame["micro_code"])
    drawn = frame.geometry[frame.geometry.notna()]
    assert drawn.area.sum() <= cells.area.sum() + 1e-3
    assert shapely.union_all(drawn.to_numpy()).area == pytest.approx(drawn.area.sum(), abs=1e-2)


def test_three_hundred_homes_make_five_even_parts() -> None:
    rng = np.random.default_rng(2)
    frame = micro_cells(_cells(1), _homes(rng.uniform(1, 499, (300, 2)), np.ones(300))).micro_cells
    assert frame["households"].tolist() == [60.0] * 5
    assert frame["micro_code"].str[-2:].tolist() == ["01", "02", "03", "04", "05"]
    assert frame.area.sum() == pytest.approx(250_000)


def test_a_tower_has_a_code_for_each_stairwell() -> None:
    answer = micro_cells(_cells(1), _homes([(100, 100), (110, 100)], [240, 3]))
    frame = answer.micro_cells
    assert frame["households"].tolist() == [60, 60, 60, 63]
    assert frame.geometry.isna().all()
    assert answer.micro_homes.groupby("home_id").size().to_dict() == {"H000": 4, "H001": 1}


def test_homes_of_a_building_stay_together() -> None:
    xy = [(10 + 2 * i, 10) for i in range(5)] + [(10 + 2 * i, 40) for i in range(5)]
    prints = [shapely.MultiPolygon([shapely.box(0, y, 30, y + 10)]) for y in (5, 35)]
    rows = gpd.GeoDataFrame({"building_id": ["a", "b"]}, geometry=prints, crs=CRS)
    answer = micro_cells(_cells(1), _homes(xy, [12] * 10), rows)
    homes = answer.micro_homes.groupby("micro_code")["home_id"].apply(list).tolist()
    assert sorted(homes) == [[f"H{i:03d}" for i in range(5)], [f"H{i:03d}" for i in range(5, 10)]]


def test_party_members_lead_what_is_near() -> None:
    rng = np.random.default_rng(2)
    people = gpd.GeoDataFrame({"member_id": ["P1", "P2", "L1"], "kind": ["party", "volunteer", "lead"]},
                              geometry=shapely.points([[10, 250], [490, 250], [250, 250]]), crs=CRS)  # fmt: skip
    xy = np.vstack([rng.uniform(1, 200, (60, 2)), rng.uniform(300, 499, (60, 2))])
    frame = micro_cells(_cells(1), _homes(xy, np.ones(120)), members=people).micro_cells
    assert frame["lead_id"].tolist() == ["P1", "P2"]


def test_a_cell_without_homes_is_one_micro_cell() -> None:
    frame = micro_cells(_cells(1), _homes(np.empty((0, 2)), [])).micro_cells
    assert frame["micro_code"].tolist() == ["21112200100100101"]


def test_too_many_micro_cells_are_a_problem() -> None:
    answer = micro_cells(_cells(1), _homes([(5, 5)], [9000]))
    assert [row["problem"] for row in answer.problems.rows] == ["micro-cells-too-many"]
    with pytest.raises(SchemaError):
        micro_cells(_cells(1), _homes([(5, 5)], [9]), target=0)


def _fewest_missed(weights: list[int]) -> float:
    """Try every way to cut a row into runs; give by how many households the best misses 30 to 100."""
    run, best = np.concatenate([[0], np.cumsum(weights)]), np.inf
    for count in range(len(weights)):
        for cuts in combinations(range(1, len(weights)), count):
            best = min(best, Sizes(60).missed(np.diff(run[[0, *cuts, len(weights)]])).sum())
    return best


@settings(max_examples=60, deadline=None)
@given(weights=st.lists(st.integers(1, 100), min_size=2, max_size=9).filter(lambda held: sum(held) >= 30))
def test_sizes_are_missed_only_where_no_cut_of_the_row_hits_them(weights: list[int]) -> None:
    homes = _homes([(5 + 10 * place, 100) for place in range(len(weights))], weights)
    answer = micro_cells(_cells(1), homes, geometry=False)
    missed = Sizes(60).missed(answer.micro_cells["households"].to_numpy())
    assert missed.sum() == _fewest_missed(weights)
    assert sum(row["problem"] == "micro-cell-size" for row in answer.problems.rows) == np.count_nonzero(missed)
    assert answer.micro_homes["home_id"].is_unique


@settings(max_examples=30, deadline=None)
@given(households=st.integers(101, 3000), residents=st.integers(101, 9000))
def test_every_stairwell_of_a_tower_has_whole_households(households: int, residents: int) -> None:
    homes = _homes([(100, 100)], [households]).assign(residents=[residents])
    frame = micro_cells(_cells(1), homes).micro_cells
    assert frame["households"].sum() == households
    assert frame["residents"].sum() == residents
    assert frame["households"].between(30, 100).all()
    assert (frame["households"] % 1 == 0).all()
    assert frame["households"].max() - frame["households"].min() <= 1


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, n = _cells(), 80
    homes = _homes(rng.integers(1, 99, (n, 2)) * [10, 5], rng.integers(1, 40, n))
    footprints = [shapely.box(x - 40, y - 20, x + 40, y + 20) for x, y in rng.integers(1, 99, (8, 2)) * [10, 5]]
    buildings = gpd.GeoDataFrame({"building_id": [f"B{i}" for i in range(8)]}, geometry=footprints, crs=CRS)
    people = gpd.GeoDataFrame(
        {"member_id": list("abcdef"), "kind": ["party", "volunteer"] * 3},
        geometry=shapely.points(rng.uniform(1, 499, (6, 2))), crs=CRS,
    )  # fmt: skip
    one = micro_cells(cells, homes, buildings, members=people)
    other = micro_cells(*(frame.sample(frac=1, random_state=seed) for frame in (cells, homes, buildings)),
                        members=people.sample(frac=1, random_state=seed))  # fmt: skip
    pd.testing.assert_frame_equal(pd.DataFrame(one.micro_cells), pd.DataFrame(other.micro_cells))
    pd.testing.assert_frame_equal(one.micro_homes, other.micro_homes)
    owner = dict(zip(one.micro_cells["micro_code"], one.micro_cells["cell_code"], strict=True))
    assert all(code.startswith(cell) and len(code) == len(cell) + 2 for code, cell in owner.items())


def test_where_nobody_volunteers_the_staff_of_the_cell_leads_and_else_it_is_said() -> None:
    cells, homes = _cells(2), _homes([(100, 100), (900, 100)], [90, 90])
    listed = gpd.GeoDataFrame(
        {"member_id": ["a", "b"], "kind": ["full", "police"]}, geometry=shapely.points([(5, 5), (6, 6)]), crs=CRS
    )
    first = cells["cell_code"].iloc[0]
    serving = pd.DataFrame({"cell_code": [first] * 2, "member_id": ["a", "b"], "role": ["full", "police"]})
    answer = micro_cells(cells, homes, members=listed, assignments=serving)
    assert answer.micro_cells["lead_id"].fillna("-").tolist() == ["a", "-"]
    assert [row["code"] for row in answer.problems.rows if row["problem"] == "micro-cells-without-lead"] == [
        cells["cell_code"].iloc[1]
    ]
