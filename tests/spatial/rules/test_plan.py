"""Rules of a plan: a sound one has no problem, and each fault is found by its own rule."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from spatial.cuts import check_barriers
from spatial.errors import CrsError
from spatial.planning.profiles import Rules, default_profile
from spatial.problems import Problems
from spatial.rules.plan import check_plan

CRS = "EPSG:4550"
V1, V2 = "211122001201", "211122001202"


def _multi(shape) -> shapely.MultiPolygon:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def _box(*bounds: float) -> shapely.MultiPolygon:
    return _multi(shapely.box(*bounds))


def _villages() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"village_code": [V1, V2], "village": ["甲", "乙"], "kind": "village", "class": "220"},
                            geometry=[_box(0, 0, 200, 100), _box(200, 0, 400, 100)], crs=CRS)  # fmt: skip


def _cells(**changes) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"cell_code": [f"{V1}001", f"{V1}002", f"{V2}001", f"{V2}002"], "village_code": [V1, V1, V2, V2],
         "kind": "basic", "households": 200.0, "residents": 600.0, "workload": 500.0},
        geometry=[_box(x, 0, x + 100, 100) for x in (0, 100, 200, 300)], crs=CRS,
    )  # fmt: skip
    for name, (row, value) in changes.items():
        frame.at[row, name] = value  # noqa: PD008  a geometry is a sequence for .loc
    return frame


def _found(cells: gpd.GeoDataFrame, **others) -> list[tuple[str, str]]:
    return sorted((row["problem"], row["code"]) for row in check_plan(cells, _villages(), **others).rows)


def test_a_sound_plan_has_no_problem() -> None:
    assert _found(_cells()) == []


@pytest.mark.parametrize(("changes", "expected"), [
    ({"geometry": (3, _box(300, 0, 420, 100))}, ("cell-outside-village", f"{V2}002")),
    ({"geometry": (1, _box(90, 0, 200, 100))}, ("cells-overlap", f"{V1}001")),
    ({"geometry": (1, _box(110, 0, 200, 100))}, ("village-has-gaps", V1)),
    ({"village_code": (3, "999")}, ("cell-village-unknown", f"{V2}002")),
    ({"cell_code": (1, f"{V1}001")}, ("cell-code-repeats", f"{V1}001")),
    ({"cell_code": (1, f"{V1}02")}, ("cell-code-form", f"{V1}02")),
    ({"cell_code": (0, f"{V1}003")}, ("cell-codes-out-of-order", V1)),
    ({"households": (2, 99.0)}, ("cell-households-outside-band", f"{V2}001")),
    ({"residents": (2, 1201.0)}, ("cell-over-residents", f"{V2}001")),
    ({"workload": (2, 1251.0)}, ("cell-overloaded", f"{V2}001")),
    ({"geometry": (0, shapely.MultiPolygon([shapely.box(0, 0, 100, 40), shapely.box(0, 60, 100, 100)]))},
     ("cell-in-pieces", f"{V1}001")),
    ({"geometry": (0, _multi(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])))},
     ("cell-invalid", f"{V1}001")),
])  # fmt: skip
def test_each_fault_is_found(changes, expected) -> None:
    assert expected in _found(_cells(**changes))


def test_a_village_without_cells_is_named() -> None:
    assert ("village-without-cells", V2) in _found(_cells().iloc[:2])


def test_a_village_in_pieces_is_a_reason_for_a_cell_in_pieces() -> None:
    island = shapely.union(_box(0, 0, 100, 100), _box(-300, 0, -250, 100))
    villages = _villages()
    villages.at[0, "geometry"] = shapely.union(villages.geometry[0], island)  # noqa: PD008  a geometry is a sequence
    found = {row["problem"]: row for row in check_plan(_cells(geometry=(0, island)), villages).rows}
    assert set(found) == {"cell-follows-village-pieces"}
    assert found["cell-follows-village-pieces"]["geometry"].x < 0


def test_less_than_a_square_metre_is_no_fault() -> None:
    assert _found(_cells(geometry=(1, _box(100.004, 0, 200, 100)))) == []


def test_cells_that_ended_are_left_out() -> None:
    cells = pd.concat([_cells(), _cells().iloc[[0]]], ignore_index=True)
    cells["end_date"] = [None] * 4 + ["2026-01-01T00:00:00Z"]
    assert _found(cells) == []


def test_cut_buildings_and_hamlets_are_found() -> None:
    shapes = [_box(95, 10, 105, 20), _box(100, 40, 110, 50), _box(195, 10, 205, 20)]
    buildings = gpd.GeoDataFrame({"building_id": ["cut", "whole", "border"]}, geometry=shapes, crs=CRS)
    hamlets = gpd.GeoDataFrame({"hamlet_id": ["cut", "whole"]}, geometry=shapes[:2], crs=CRS)
    assert _found(_cells(), buildings=buildings) == [
        ("building-across-border", "border"),
        ("building-cut", "cut"),
    ]
    assert _found(_cells(), hamlets=hamlets) == [("hamlet-cut", "cut")]
    across = gpd.GeoDataFrame({"hamlet_id": ["over the village border"]}, geometry=[_box(190, 10, 210, 20)], crs=CRS)
    assert _found(_cells(), hamlets=across) == []
    both = gpd.GeoDataFrame({"building_id": ["both"]}, geometry=[_box(90, 10, 210, 20)], crs=CRS)
    assert _found(_cells(), buildings=both) == [("building-across-border", "both"), ("building-cut", "both")]


def test_a_river_that_ends_at_a_slanting_border_parts_the_cell() -> None:
    turned = _cells().rotate(33.7, origin=(411_000.123, 4_560_000.77))
    ground = turned.iloc[0]
    middle, missed = ground.centroid, []
    for shift in range(1, 30):
        line = shapely.LineString([(middle.x - 99, middle.y - shift), (middle.x + 99, middle.y + shift / 3)])
        river = gpd.GeoDataFrame({"kind": ["river"]}, geometry=[shapely.intersection(line, ground)], crs=CRS)
        problems = Problems()
        check_barriers(problems, _cells().set_geometry(turned, crs=CRS).iloc[:1], river)
        missed += [shift] * (len(problems.rows) == 0)
    assert missed == []
    tip = shapely.get_point(shapely.get_exterior_ring(shapely.get_geometry(ground, 0)), 0)
    touches = shapely.MultiLineString([line, [(tip.x, tip.y), (2 * tip.x - middle.x, 2 * tip.y - middle.y)]])
    problems = Problems()
    check_barriers(problems, _cells().set_geometry(turned, crs=CRS).iloc[:1], river.set_geometry([touches], crs=CRS))
    assert [row["problem"] for row in problems.rows] == ["cell-spans-barrier"]


def test_a_river_parts_a_cell_unless_a_bridge_joins_it() -> None:
    river, bridge = [(50, -10), (50, 110)], [(40, 50), (60, 50)]
    shapes = [shapely.MultiLineString([line]) for line in (river, bridge)]
    lines = gpd.GeoDataFrame({"kind": ["river", "road"], "road_class": [None, "village"], "bridge": [None, True]},
                             geometry=shapes, crs=CRS)  # fmt: skip
    assert _found(_cells(), barriers=lines.iloc[:1]) == [("cell-spans-barrier", f"{V1}001")]
    assert _found(_cells(), barriers=lines) == []
    # So the project gives them: where a file says nothing of bridges, the mark is missing.
    stored = lines.astype({"bridge": "boolean", "road_class": "string"})
    assert _found(_cells(), barriers=stored) == []
    edge = lines.iloc[:1].set_geometry([shapely.MultiLineString([[(99, -10), (101, 110)]])], crs=CRS)
    assert _found(_cells(), barriers=edge) == []


def test_homes_outside_every_cell_are_counted() -> None:
    homes = gpd.GeoDataFrame({"home_id": ["b", "a", "c"]}, geometry=shapely.points([[-5, 5], [-6, 5], [5, 5]]), crs=CRS)
    (row,) = check_plan(_cells(), _villages(), homes=homes).rows
    assert row["problem"] == "home-outside-cells"
    assert "2 homes" in row["message_en"]


def test_people_are_held_to_their_rules() -> None:
    codes = _cells()["cell_code"]
    assignments = pd.DataFrame({
        "cell_code": [codes[0], codes[1], codes[1], codes[2], "ghost"], "member_id": ["a", "b", "c", "a", "b"],
        "role": ["lead", "lead", "lead", "lead", "part"], "walk_m": [100.0, 2500.0, None, 10.0, 1.0]})  # fmt: skip
    members = pd.DataFrame({"member_id": ["a", "b", "c", "d"], "kind": ["lead", "lead", "lead", "full"]})
    found = _found(_cells(), assignments=assignments, members=members)
    assert found == [("assignment-unknown", "ghost"), ("cell-several-leads", codes[1]),
                     ("cell-walk-too-long", codes[1]), ("cell-without-lead", codes[3]),
                     ("member-several-cells", "a"), ("member-without-cell", "d")]  # fmt: skip
    spots = gpd.GeoDataFrame(members, geometry=shapely.points([[5, 5]] * 4), crs=CRS)
    drawn = check_plan(_cells(), _villages(), assignments=assignments, members=spots)
    assert [row["problem"] for row in drawn.rows if row["geometry"] is None] == ["assignment-unknown"]
    free = _found(
        _cells(),
        assignments=assignments,
        profile=replace(default_profile(), rules=Rules(one_lead_per_cell=False, one_cell_per_member=False)),
    )
    assert free == [("assignment-unknown", "ghost"), ("cell-walk-too-long", codes[1])]


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        check_plan(_cells().to_crs(4490), _villages())
