"""Walking: along roads where there are roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.people.walking import DETOUR, longest_walks, road_network, walk_m, walk_table

CRS = "EPSG:4550"


def _roads(*lines, classes=None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"barrier_id": [str(i) for i in range(len(lines))], "kind": "road", "road_class": classes or "village"},
        geometry=[shapely.MultiLineString([line]) for line in lines], crs=CRS,
    )  # fmt: skip


def test_a_walk_goes_round_the_corner() -> None:
    network = road_network(_roads([(0, 0), (100, 0)], [(100, -50), (100, 100)]))
    metres, on_roads = walk_m(np.array([[0.0, 0.0]]), np.array([[100.0, 100.0]]), network=network)
    assert metres[0] == pytest.approx(200)
    assert on_roads[0]


def test_a_walk_within_one_piece_does_not_visit_its_ends() -> None:
    network = road_network(_roads([(0, 0), (1000, 0)]))
    metres, _ = walk_m(np.array([[400.0, 10.0]]), np.array([[500.0, 5.0]]), network=network)
    assert metres[0] == pytest.approx(115)


def test_without_roads_the_straight_line_is_stretched() -> None:
    metres, on_roads = walk_m(np.array([[0.0, 0.0]]), np.array([[30.0, 40.0]]))
    assert metres[0] == pytest.approx(50 * DETOUR)
    assert not on_roads[0]


def test_islands_of_road_fall_back_to_the_stretched_line() -> None:
    network = road_network(_roads([(0, 0), (10, 0)], [(0, 500), (10, 500)]))
    metres, on_roads = walk_m(np.array([[0.0, 0.0]]), np.array([[0.0, 500.0]]), network=network)
    assert metres[0] == pytest.approx(500 * DETOUR)
    assert not on_roads[0]


def test_nobody_walks_on_a_motorway() -> None:
    assert road_network(_roads([(0, 0), (10, 0)], classes=["motorway"])) is None


def test_many_walks_are_never_shorter_than_the_straight_line() -> None:
    rng = np.random.default_rng(5)
    lines = [[(x, 0), (x, 900)] for x in range(0, 1000, 100)] + [[(0, y), (900, y)] for y in range(0, 1000, 100)]
    network = road_network(_roads(*lines))
    a, b = rng.uniform(0, 900, (2, 300, 2))
    metres, on_roads = walk_m(a, b, network=network)
    straight = np.hypot(*(a - b).T)
    assert on_roads.all()
    assert (metres >= straight - 1e-6).all()
    assert metres.mean() < 1.7 * straight.mean()


def test_the_table_says_what_pairs_say() -> None:
    rng = np.random.default_rng(6)
    lines = [[(x, 0), (x, 500)] for x in range(0, 600, 100)] + [[(0, 250), (500, 250)], [(900, 0), (900, 90)]]
    network = road_network(_roads(*lines))
    start, end = rng.uniform(0, 950, (9, 2)), rng.uniform(0, 950, (7, 2))
    table, by_road = walk_table(start, end, network=network)
    row, column = np.repeat(np.arange(9), 7), np.tile(np.arange(7), 9)
    pairs, on_roads = walk_m(start[row], end[column], network=network)
    assert table.ravel() == pytest.approx(pairs, rel=1e-6)
    assert (by_road.ravel() == on_roads).all()


def test_the_longest_walk_of_each_cell() -> None:
    rows = pd.DataFrame({"cell_code": ["a", "a", "b", "c"], "walk_m": [300.0, 900.0, 20.0, None]})
    walks = longest_walks(rows)
    assert walks[["a", "b"]].tolist() == [900, 20]
    assert pd.isna(walks["c"])
