"""Micro cells: nested, conserved, of a good size, towers by stairwell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import SchemaError
from spatial.people.micro import micro_cells

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
