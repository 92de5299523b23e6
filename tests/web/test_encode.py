"""Streams of coordinates say exactly what was rounded, in characters that need no care."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from web.encode import micro_degrees, points_text, shapes_text, text_of


def numbers_of(text: str) -> list[int]:
    """Read a stream back, as static/decode.js does."""
    numbers, value, place = [], 0, 0
    for character in text:
        digit = ord(character) - 63
        value |= (digit & 31) << place
        place += 5
        if not digit & 32:
            numbers.append(-((value + 1) // 2) if value & 1 else value // 2)
            value = place = 0
    return numbers


def paths_of(text: str) -> list[list[list[tuple[int, int]]]]:
    """Read shapes back as parts of vertices in micro-degrees."""
    row, shapes, x, y = iter(numbers_of(text)), [], 0, 0
    for parts in row:
        shape = []
        for _ in range(parts):
            part = []
            for _ in range(next(row)):
                x, y = x + next(row), y + next(row)
                part.append((x, y))
            shape.append(part)
        shapes.append(shape)
    return shapes


@given(st.lists(st.integers(-(2**40), 2**40)))
def test_numbers_come_back(numbers: list[int]) -> None:
    text = text_of(numbers)
    assert numbers_of(text) == numbers
    assert all("?" <= character <= "~" for character in text)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), min_size=1, max_size=20))
def test_points_come_back_within_half_a_step(places: list[tuple[float, float]]) -> None:
    steps = np.array(numbers_of(points_text(shapely.points(places)))).reshape(-1, 2)
    assert np.abs(np.cumsum(steps, axis=0) / 1e6 - np.array(places)).max() <= 0.51e-6


def test_shapes_keep_parts_holes_and_order() -> None:
    holed = shapely.difference(shapely.box(122, 41, 122.1, 41.1), shapely.box(122.04, 41.04, 122.06, 41.06))
    two = shapely.multipolygons([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
    lines = shapely.multilinestrings(
        [shapely.linestrings([[0, 0], [1, 1]]), shapely.linestrings([[5, 5], [6, 6], [7, 5]])]
    )
    shapes = paths_of(shapes_text(np.array([holed, lines, two], dtype=object)))
    assert [[len(part) for part in shape] for shape in shapes] == [[4, 4], [2, 3], [4, 4]]
    rings = [shapely.linearrings(np.array(part) / 1e6) for part in shapes[0]]
    assert shapely.area(shapely.polygons(rings[0], [rings[1]])) == pytest.approx(shapely.area(holed))
    assert shapes[1][1] == [(5_000_000, 5_000_000), (6_000_000, 6_000_000), (7_000_000, 5_000_000)]


def test_nothing_is_an_empty_text() -> None:
    nothing = np.empty(0, dtype=object)
    assert shapes_text(nothing) == points_text(nothing) == text_of([]) == ""


def test_rounding_is_to_the_nearest_step() -> None:
    assert micro_degrees(np.array([[1.0000004, -1.0000006]])).tolist() == [[1_000_000, -1_000_001]]
