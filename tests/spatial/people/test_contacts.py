"""Contacts: as many households as people can keep, at the least distance, within the cell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from spatial.errors import SchemaError
from spatial.people.contacts import assign_contacts

CRS = "EPSG:4550"


def _cells(count: int = 2) -> gpd.GeoDataFrame:
    boxes = [shapely.MultiPolygon([shapely.box(i * 100, 0, i * 100 + 100, 100)]) for i in range(count)]
    return gpd.GeoDataFrame({"cell_code": [f"C{i}" for i in range(count)]}, geometry=boxes, crs=CRS)


def _homes(xy, households) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"home_id": [f"H{i:02d}" for i in range(len(xy))], "households": households},
                            geometry=shapely.points(np.asarray(xy, float)), crs=CRS)  # fmt: skip


def _people(xy, kind="party") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"member_id": [f"P{i:02d}" for i in range(len(xy))], "kind": kind},
                            geometry=shapely.points(np.asarray(xy, float)), crs=CRS)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), n=st.integers(1, 6), m=st.integers(1, 4), limit=st.integers(1, 6))
def test_the_total_equals_the_linear_program(seed: int, n: int, m: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    home, person = rng.uniform(1, 99, (n, 2)), rng.uniform(1, 99, (m, 2))
    households = rng.integers(1, 5, n)
    answer = assign_contacts(_homes(home, households), _people(person), _cells(1), limit=limit)
    cost = np.hypot(*(home[:, None] - person[None]).transpose(2, 0, 1))
    rows, columns = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    program = linprog(cost.ravel() - 1e4, A_ub=np.vstack([rows, columns]), b_ub=[*households, *[limit] * m])
    reached = min(households.sum(), m * limit)
    assert answer.figures["households_reached"] == reached
    units = _units(answer, households, limit, m)
    assert units == pytest.approx(program.fun + 1e4 * reached, abs=0.05 * reached)


def _units(answer, households, limit: int, m: int) -> float:
    """Cheapest way to send the units over the arcs that were chosen."""
    arcs = answer.contacts
    home = arcs["home_id"].str[1:].astype(int).to_numpy()
    person = arcs["member_id"].str[1:].astype(int).to_numpy()
    rows = np.zeros((len(households) + m, len(arcs)))
    rows[home, np.arange(len(arcs))] = 1
    rows[len(households) + person, np.arange(len(arcs))] = 1
    program = linprog(arcs["distance_m"] - 1e4, A_ub=rows, b_ub=[*households, *[limit] * m])
    return program.fun + 1e4 * min(sum(households), m * limit)


def test_nobody_crosses_a_border_of_cells() -> None:
    answer = assign_contacts(_homes([(99, 50), (101, 50)], [3, 3]), _people([(98, 50)]), _cells())
    assert answer.contacts["home_id"].tolist() == ["H00"]
    assert [(row["problem"], row["code"]) for row in answer.problems.rows] == [("contact-households-short", "C1")]


def test_a_tower_is_shared_among_people() -> None:
    answer = assign_contacts(_homes([(50, 50)], [25]), _people([(10, 10), (20, 20), (30, 30)]), _cells(1))
    assert answer.figures["households_reached"] == 25
    assert len(answer.contacts) == 3


def test_leads_are_not_asked_and_people_outside_are_named() -> None:
    homes = _homes([(50, 50)], [2])
    nobody = assign_contacts(homes, _people([(50, 50)], kind="lead"), _cells(1))
    assert len(nobody.contacts) == 0
    assert [row["problem"] for row in nobody.problems.rows] == ["contacts-without-people"]
    outside = assign_contacts(homes, _people([(500, 50)]), _cells(1))
    assert "contact-outside-cells" in {row["problem"] for row in outside.problems.rows}


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(SchemaError, match="at least 1"):
        assign_contacts(_homes([(1, 1)], [1]), _people([(1, 1)]), _cells(1), limit=0)


def test_a_county_takes_seconds() -> None:
    import time

    rng = np.random.default_rng(0)
    side = 20
    boxes = [shapely.MultiPolygon([shapely.box(x, y, x + 500, y + 500)])
             for x in range(0, side * 500, 500) for y in range(0, side * 500, 500)]  # fmt: skip
    cells = gpd.GeoDataFrame({"cell_code": [f"{i:04d}" for i in range(len(boxes))]}, geometry=boxes, crs=CRS)
    homes = _homes(rng.uniform(0, side * 500, (16_000, 2)), rng.integers(1, 6, 16_000))
    people = _people(rng.uniform(0, side * 500, (3_000, 2)))
    start = time.perf_counter()
    answer = assign_contacts(homes, people, cells)
    assert time.perf_counter() - start < 8
    assert answer.figures["households_reached"] > 25_000
