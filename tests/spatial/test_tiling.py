"""Villages become a coverage: what is narrow is mended, what is wide is named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import BoundaryError, CrsError
from spatial.tiling import mend_coverage, overlapping, width


def county(*boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    names = [f"v{place}" for place in range(len(boxes))]
    shapes = [shapely.MultiPolygon([shapely.box(*box)]) for box in boxes]
    return gpd.GeoDataFrame({"village_code": names, "village": names}, geometry=shapes, crs=4550)


def area(frame: gpd.GeoDataFrame) -> float:
    return float(shapely.union_all(frame.geometry.to_numpy()).area)


def test_a_coverage_comes_back_as_it_was() -> None:
    frame = county((0, 0, 100, 100), (100, 0, 200, 100))
    mended = mend_coverage(frame)
    assert mended.frame.geometry.geom_equals_exact(frame.geometry, 0).all()
    assert (mended.overlap_m2, mended.gap_m2, mended.problems.rows) == (0, 0, [])


def test_an_overlap_of_a_metre_is_given_to_one_of_the_two() -> None:
    mended = mend_coverage(county((0, 0, 101, 100), (100, 0, 200, 100)))
    assert mended.overlap_m2 == pytest.approx(100)
    assert mended.frame.area.sum() == pytest.approx(20_000)
    assert shapely.coverage_is_valid(mended.frame.geometry.to_numpy())
    assert set(mended.frame.geom_type) == {"MultiPolygon"}


def test_an_enclosed_gap_of_a_metre_is_filled() -> None:
    mended = mend_coverage(county((0, 0, 100, 100), (101, 0, 200, 100), (0, 100, 200, 200), (0, -100, 200, 0)))
    assert mended.gap_m2 == pytest.approx(100)
    assert area(mended.frame) == pytest.approx(60_000)


def test_a_wide_overlap_is_refused_with_both_names() -> None:
    with pytest.raises(BoundaryError, match=r"v0 v0 and v1 v1 share 500 m², 5\.0 m"):
        mend_coverage(county((0, 0, 105, 100), (100, 0, 200, 100)))


def test_a_village_inside_another_is_refused() -> None:
    with pytest.raises(BoundaryError, match="share"):
        mend_coverage(county((0, 0, 100, 100), (40, 40, 60, 60)))


def test_a_wide_gap_stays_and_is_drawn() -> None:
    frame = county((0, 0, 300, 100), (0, 200, 300, 300), (0, 100, 100, 200), (200, 100, 300, 200))
    mended = mend_coverage(frame)
    (row,) = mended.problems.rows
    assert row["problem"] == "village-gap"
    assert row["geometry"].within(shapely.box(100, 100, 200, 200))
    assert mended.frame.area.tolist() == frame.area.tolist()


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        mend_coverage(county((0, 0, 1, 1)).set_crs(4490, allow_override=True))


def test_rows_and_other_columns_stay() -> None:
    frame = county((0, 0, 101, 100), (100, 0, 200, 100)).assign(households=[3, 4])
    before = frame.copy(deep=True)
    mended = mend_coverage(frame).frame
    assert mended["households"].tolist() == [3, 4]
    assert frame.geometry.geom_equals_exact(before.geometry, 0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-0.9, 0.9), min_size=12, max_size=12))
def test_villages_drawn_a_little_apart_always_close(moves: list[float]) -> None:
    moved = np.array(moves).reshape(3, 4)
    boxes = [(0, 0, 100, 100), (100, 0, 200, 100), (0, 100, 200, 200)]
    frame = county(*(tuple(np.add(box, move)) for box, move in zip(boxes, moved, strict=True)))
    mended = mend_coverage(frame)
    assert shapely.coverage_is_valid(mended.frame.geometry.to_numpy())
    assert area(mended.frame) >= area(frame) - 1e-6


def test_borders_apart_by_less_than_numbers_can_hold_close_too() -> None:
    frame = county((0, 0, 100, 100), (100, 0, 200, 100), (5e-324, 100, 200, 200))
    assert shapely.coverage_is_valid(mend_coverage(frame).frame.geometry.to_numpy())


def test_touching_areas_do_not_overlap() -> None:
    boxes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(1.5, 0, 3, 1)])
    pairs, shared = overlapping(boxes)
    assert pairs.T.tolist() == [[1, 2]]
    assert shared[0].area == pytest.approx(0.5)


def test_the_width_of_a_cross_is_that_of_its_widest_arm() -> None:
    assert width(shapely.union(shapely.box(0, 0, 100, 2), shapely.box(40, -2, 44, 4))) == pytest.approx(4.5, abs=1)
    assert width(shapely.LineString([(0, 0), (1, 1)])) == 0
