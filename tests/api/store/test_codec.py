"""Geometry blobs: what goes in comes out, and other writers' headers are understood."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from api.store.codec import blob_bounds, blob_is_empty, decode, encode

_numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
_pairs = st.lists(st.tuples(_numbers, _numbers), min_size=2, max_size=6)
_shapes = st.one_of(
    st.none(),
    st.builds(shapely.Point, _numbers, _numbers),
    st.builds(shapely.LineString, _pairs),
    st.builds(shapely.MultiPoint, _pairs),
    st.builds(lambda pairs: shapely.MultiLineString([pairs, pairs]), _pairs),
    st.sampled_from([shapely.Point(), shapely.MultiPolygon(), shapely.Polygon(), shapely.GeometryCollection()]),
    st.builds(
        lambda x, y: shapely.MultiPolygon([shapely.box(x, y, x + 1, y + 1)]), st.floats(-180, 180), st.floats(-90, 90)
    ),
)


@given(st.lists(_shapes, max_size=12))
def test_every_coordinate_comes_back_to_the_bit(shapes: list[shapely.Geometry | None]) -> None:
    back = decode(encode(shapes, 4490))
    assert shapely.to_wkb(back).tolist() == shapely.to_wkb(np.array(shapes, dtype=object)).tolist()


@given(_shapes.filter(lambda shape: shape is not None))
def test_bounds_and_emptiness_are_read_from_the_blob(shape: shapely.Geometry) -> None:
    (blob,) = encode([shape], 4490)
    assert blob is not None
    assert struct.unpack_from("<i", blob, 4) == (4490,)
    assert blob_is_empty(blob) == shape.is_empty
    if not shape.is_empty:
        west, south, east, north = shape.bounds
        assert blob_bounds(blob) == (west, east, south, north)


@pytest.mark.parametrize(("flags", "envelope"), [(1, b""), (3, 32), (5, 48), (7, 48), (9, 64)])
def test_headers_of_other_writers_are_understood(flags: int, envelope: int | bytes) -> None:
    line = shapely.LineString([(1, 2), (3, 5)])
    bounds = struct.pack("<4d", 1, 3, 2, 5).ljust(envelope, b"\0") if isinstance(envelope, int) else b""
    blob = b"GP\0" + bytes([flags]) + struct.pack("<i", 4490) + bounds + shapely.to_wkb(line)
    assert decode([blob])[0] == line
    assert blob_bounds(blob) == (1, 3, 2, 5)
    assert not blob_is_empty(blob)


def test_a_big_endian_point_is_understood() -> None:
    wkb = shapely.to_wkb(shapely.Point(7, 8), byte_order=0)
    blob = b"GP\0\0" + struct.pack(">i", 4490) + wkb
    assert decode([blob])[0] == shapely.Point(7, 8)
    assert blob_bounds(blob) == (7, 7, 8, 8)
