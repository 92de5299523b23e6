"""Assignment of people to cells: exact, complete, and honest about what is missing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from spatial.errors import CrsError, SchemaError
from spatial.people.assign import assign_members

CRS = "EPSG:4550"


def lattice(columns: int, rows: int, *, side: float = 100.0) -> gpd.GeoDataFrame:
    boxes = [shapely.box(x, y, x + side, y + side)
             for x in np.arange(columns) * side for y in np.arange(rows) * side]  # fmt: skip
    codes = [f"211122001001{i + 1:03d}" for i in range(len(boxes))]
    return gpd.GeoDataFrame({"cell_code": codes, "kind": "basic", "village_code": "211122001001"},
                            geometry=[shapely.MultiPolygon([b]) for b in boxes], crs=CRS)  # fmt: skip


def people(kinds: list[str], xy, capacity=None) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"member_id": [f"M{i:03d}" for i in range(len(kinds))], "kind": kinds},
                             geometry=shapely.points(np.asarray(xy, dtype=float)), crs=CRS)  # fmt: skip
    frame["capacity"] = capacity
    return frame


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), extra=st.integers(-3, 5))
def test_leads_walk_as_little_as_brute_force_finds(seed: int, extra: int) -> None:
    cells = lattice(3, 3)
    xy = np.random.default_rng(seed).uniform(0, 300, (9 + extra, 2))
    answer = assign_members(cells, people(["lead"] * len(xy), xy))
    centres = shapely.get_coordinates(cells.geometry.representative_point())
    cost = 1.4 * np.hypot(*(xy[:, None] - centres[None]).transpose(2, 0, 1))
    rows, columns = linear_sum_assignment(cost)
    assert len(answer.assignments) == min(9, len(xy))
    assert answer.assignments["walk_m"].sum() == pytest.approx(cost[rows, columns].sum(), abs=0.2)
    assert answer.assignments["member_id"].is_unique
    assert answer.figures["cells_without_lead"] == max(0, -extra)
    assert sum(row["problem"] == "cell-without-lead" for row in answer.problems.rows) == max(0, -extra)


def test_every_full_time_member_is_placed_and_no_cell_left_empty() -> None:
    rng = np.random.default_rng(1)
    answer = assign_members(lattice(4, 3), people(["full"] * 40, rng.uniform(0, 120, (40, 2))))
    per_cell = answer.assignments.groupby("cell_code").size()
    assert answer.assignments["member_id"].nunique() == 40
    assert len(per_cell) == 12
    assert per_cell.max() <= 4


def test_one_officer_serves_many_cells() -> None:
    answer = assign_members(lattice(4, 3), people(["police", "police"], [(0, 0), (400, 300)]))
    assert answer.assignments.groupby("member_id").size().tolist() == [6, 6]


def test_stated_capacity_bounds_the_cells_of_a_person() -> None:
    answer = assign_members(lattice(4, 1), people(["part", "part"], [(0, 0), (1, 0)], capacity=[1, 2]))
    assert answer.assignments.groupby("member_id").size().to_dict() == {"M000": 1, "M001": 2}
    assert [row["problem"] for row in answer.problems.rows if row["code"] == "part"] == ["cells-without-role"]


def test_people_without_a_point_come_last_and_without_a_walk() -> None:
    members = people(["lead"] * 4, [(50, 50), (50, 50), (350, 50), (250, 50)])
    members.loc[1, "geometry"] = None
    answer = assign_members(lattice(4, 1), members).assignments
    assert answer["cell_code"].is_unique
    assert answer.set_index("member_id")["walk_m"].isna().to_dict()["M001"]
    assert answer.set_index("member_id").loc["M001", "cell_code"].endswith("002")


def test_row_order_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    cells, members = lattice(4, 4), people(["lead"] * 20, rng.uniform(0, 400, (20, 2)))
    other = assign_members(cells.sample(frac=1, random_state=1), members.sample(frac=1, random_state=2))
    assert other.assignments.equals(assign_members(cells, members).assignments)


def test_homes_pull_the_centre_of_a_cell() -> None:
    homes = gpd.GeoDataFrame({"home_id": ["H1"], "households": [9]}, geometry=[shapely.Point(10, 10)], crs=CRS)
    answer = assign_members(lattice(1, 1), people(["lead"], [(10, 20)]), homes=homes)
    assert answer.assignments["walk_m"].tolist() == [pytest.approx(14)]


def test_roads_make_the_walk() -> None:
    way = shapely.MultiLineString([[(0, 50), (0, 200), (50, 200), (50, 50)]])
    roads = gpd.GeoDataFrame({"barrier_id": ["1"], "kind": ["road"]}, geometry=[way], crs=CRS)
    answer = assign_members(lattice(1, 1), people(["lead"], [(0, 50)]), barriers=roads)
    assert answer.assignments["walk_m"].tolist() == [pytest.approx(350)]
    assert answer.figures["walk_basis"] == "roads"


def test_bad_calls_are_refused() -> None:
    cells, members = lattice(1, 1), people(["lead"], [(0, 0)])
    with pytest.raises(SchemaError, match="no such role"):
        assign_members(cells, members, roles=["boss"])
    with pytest.raises(CrsError):
        assign_members(cells.to_crs(4490), members)
    with pytest.raises(SchemaError, match="repeats"):
        assign_members(cells.iloc[[0, 0]], members)


def test_no_members_leave_every_cell_with_a_problem() -> None:
    answer = assign_members(lattice(2, 1), people([], np.empty((0, 2))))
    assert len(answer.assignments) == 0
    assert len(answer.problems.rows) == 2
