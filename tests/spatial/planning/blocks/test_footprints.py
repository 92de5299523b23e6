"""Footprints that a village border divides into several pieces: nothing else divides them, and nothing is torn off."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.planning.blocks.faces import Faces
from spatial.planning.blocks.footprints import keep_footprints_whole
from spatial.planning.verify import verify_plan
from spatial.rules.plan import check_plan
from tests import strategies as make

_PRONG = make.box(140, 50, 150, 100)
_BELOW = shapely.difference(make.box(0, 0, 300, 100), _PRONG)
_ABOVE = shapely.union(make.box(0, 100, 300, 200), _PRONG)
_VILLAGES = make.villages_of([_BELOW, _ABOVE])
_ASTRIDE = make.box(125, 60, 160, 70)
"""The prong of the village above leaves 15 m of it to the west, 10 m to the east."""


def _cells(parting: float) -> gpd.GeoDataFrame:
    """Cells of the village below to the west and the east of a line, and one of the village above."""
    west, east = (
        shapely.intersection(_BELOW, make.box(*sides)) for sides in ((0, 0, parting, 100), (parting, 0, 300, 100))
    )
    below, above = _VILLAGES["village_code"]
    return gpd.GeoDataFrame(
        {
            "cell_code": [f"{below}001", f"{below}002", f"{above}001"], "kind": "basic",
            "village_code": [below, below, above], "deviation_share": 0.0, "households": 5.0,
        },
        geometry=[west, east, _ABOVE], crs=make.CRS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parting", "gap", "cut"),
    [(145, 0, []), (155, 0, ["cut"]), (130, 0, ["cut"]), (155, 0.01, ["cut"])],
)
def test_pieces_that_a_village_border_parts_may_lie_in_two_cells(parting: float, gap: float, cut: list[str]) -> None:
    cells = _cells(parting)
    west = shapely.difference(cells.geometry[0], make.box(parting - gap, 0, parting, 100))  # drawn by hand: a crack
    cells = cells.set_geometry([west, *cells.geometry[1:]], crs=make.CRS)
    things = gpd.GeoDataFrame({"building_id": ["x"], "hamlet_id": ["x"]}, geometry=[_ASTRIDE], crs=make.CRS)
    figures, problems = verify_plan(_VILLAGES, cells, buildings=things, hamlets=things)
    assert (figures["buildings_cut"], figures["hamlets_cut"]) == (len(cut), len(cut))
    told = [row["problem"] for row in problems.rows if row["code"] == "x"]
    assert told == ["building-across-border", *["building-cut", "hamlet-cut"][: 2 * len(cut)]]
    checked = check_plan(cells, _VILLAGES, buildings=things, hamlets=things)
    assert [row["problem"] for row in checked.rows if row["code"] == "x"] == told


def test_an_outline_divides_a_footprint_at_the_edge_of_the_county_too() -> None:
    cells = _cells(145).iloc[:2]
    things = gpd.GeoDataFrame({"building_id": ["x"]}, geometry=[_ASTRIDE], crs=make.CRS)
    assert verify_plan(_VILLAGES.iloc[:1], cells, buildings=things)[0]["buildings_cut"] == 0
    astride = _cells(155).iloc[:2]
    assert verify_plan(_VILLAGES.iloc[:1], astride, buildings=things)[0]["buildings_cut"] == 1


def _whole(parting: float) -> tuple[Faces, Faces]:
    cells = _cells(parting)
    none = np.full(3, -1, np.int64)
    special = np.array([0, -1, -1])
    faces = Faces(cells.geometry.to_numpy(), np.array([0, 0, 1]), none, none, special)
    return faces, keep_footprints_whole(faces, np.array([_ASTRIDE]), _VILLAGES.geometry.to_numpy())


def test_a_piece_beyond_the_border_is_not_torn_off_its_face() -> None:
    faces, kept = _whole(145)
    assert len(kept.geometry) == 3
    assert shapely.equals(kept.geometry, faces.geometry).all()


def test_each_piece_goes_whole_to_one_face() -> None:
    _, kept = _whole(155)
    assert kept.special.tolist() == [0, -1, -1]
    for piece in shapely.get_parts(shapely.intersection(_ASTRIDE, _BELOW)):
        held = shapely.area(shapely.intersection(kept.geometry, piece))
        assert held.max() == pytest.approx(piece.area)
        assert held.sum() == pytest.approx(piece.area)
