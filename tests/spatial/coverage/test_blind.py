"""Exact blind land: it fills the area of interest together with the views, and agrees with the raster."""

from __future__ import annotations

import pytest
import shapely

from spatial.coverage.blind import blind_areas
from tests.spatial.coverage.test_cover import answer, exact, scene

__all__ = ["answer", "scene"]  # fixtures


def test_covered_and_blind_land_fill_the_area_of_interest(scene, answer):
    aoi, views = exact(scene, answer)
    found = blind_areas(answer.state)
    blind = shapely.union_all(found.geometry.to_numpy())
    assert found["aoi_m2"].sum() == pytest.approx(aoi.area, rel=1e-4)
    assert shapely.intersection(blind, shapely.union_all(views)).area < 1e-6
    assert blind.area + aoi.intersection(shapely.union_all(views)).area == pytest.approx(aoi.area, rel=1e-4)


def test_every_village_agrees_with_the_raster(answer):
    found = blind_areas(answer.state).set_index("village_code")
    table = answer.table[answer.table["level"] == "village"].set_index("code")
    covered = found["aoi_m2"] - found["blind_m2"]
    assert (abs(table["aoi_m2"] - found["aoi_m2"]) <= 2e-3 * found["aoi_m2"]).all()  # walls that run along the squares
    assert (abs(table["covered_m2"] - covered) <= 3e-3 * covered).all()  # of a view of 6,000 m2 on 0.5 m squares


def test_one_village_can_be_asked_for(answer):
    code = answer.state.units.village_codes[1]
    one = blind_areas(answer.state, [code])
    assert one["village_code"].tolist() == [code]
    assert one.geometry[0].equals(blind_areas(answer.state).geometry[1])
