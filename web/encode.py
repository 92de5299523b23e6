"""Coordinates as short text: whole micro-degrees, each as its difference from the one before.

A number becomes one to seven characters of six bits (five of value, one that says more follow), its sign in the
lowest bit. The characters run from ``?`` to ``~``, so the text needs no care inside HTML and little inside JSON.
The same streams are read by static/decode.js.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SCALE", "micro_degrees", "points_text", "shapes_text", "text_of"]

SCALE = 1_000_000
"""Steps per degree: 0.11 m north to south, far below what a screen or a county map can show."""


def text_of(numbers: NDArray[np.int64] | Sequence[int]) -> str:
    """Write whole numbers as text.

    >>> text_of([0, 1, -1, 240])
    '?A@_N'
    """
    values = np.asarray(numbers, dtype=np.int64)
    if not len(values):
        return ""
    left = (values << 1) ^ (values >> 63)
    lengths = np.ones(len(left), dtype=np.int64)
    for bits in range(5, 60, 5):
        lengths += left >= (np.int64(1) << bits)
    ends = np.cumsum(lengths)
    text = np.empty(ends[-1], dtype=np.uint8)
    starts = ends - lengths
    for digit in range(int(lengths.max())):
        here = lengths > digit
        more = lengths[here] > digit + 1
        text[starts[here] + digit] = (((left[here] >> (5 * digit)) & 31) | (more << 5)) + 63
    return text.tobytes().decode("ascii")


def micro_degrees(coordinates: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round degrees to whole micro-degrees.

    >>> micro_degrees(np.array([[121.9999996, 41.0]])).tolist()
    [[122000000, 41000000]]
    """
    return np.rint(coordinates * SCALE).astype(np.int64)


def points_text(geometries: NDArray[np.object_]) -> str:
    """Write points as one stream of differences; the caller leaves empty geometries out."""
    xy = micro_degrees(shapely.get_coordinates(geometries))
    return text_of(np.diff(xy, axis=0, prepend=[[0, 0]]).ravel())


def shapes_text(geometries: NDArray[np.object_], *, tolerance_deg: float = 0.0) -> str:
    """Write lines or areas: for each its number of parts; for each part its number of vertices and the vertices.

    The rings of an area are parts without their closing vertex, to be filled by the even-odd rule. With a
    tolerance the shapes are simplified first, which is for things that need not fit their neighbours.
    """
    if tolerance_deg:
        geometries = shapely.simplify(geometries, tolerance_deg)
    areal = np.isin(shapely.get_type_id(geometries), (3, 6))
    singles, owner = shapely.get_parts(geometries, return_index=True)
    rings, single = shapely.get_rings(singles, return_index=True)
    lines = np.flatnonzero(~areal[owner])
    parts = np.concatenate([rings, singles[lines]])
    owners = np.concatenate([owner[single], owner[lines]])
    closed = np.repeat([True, False], [len(rings), len(lines)])
    order = np.argsort(owners, kind="stable")
    counts = np.bincount(owners, minlength=len(geometries))
    return text_of(_stream(parts[order], closed[order], counts))


def _stream(parts: NDArray[np.object_], closed: NDArray[np.bool_], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lay counts and differences of all parts in one row; `counts` says how many parts each shape has."""
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    last = np.append(np.diff(part) != 0, True) if len(part) else np.empty(0, bool)
    keep = ~(last & closed[part])
    xy, part = micro_degrees(coordinates[keep]), part[keep]
    sizes = np.bincount(part, minlength=len(parts))
    steps = np.diff(xy, axis=0, prepend=[[0, 0]])
    # every shape adds one number in front of its parts, every part one in front of its vertices
    shape_of_part = np.repeat(np.arange(len(counts)), counts)
    heads = np.arange(1, len(parts) + 1) + shape_of_part + 1
    row = np.empty(len(counts) + len(parts) + steps.size, dtype=np.int64)
    at = heads[part] + 2 * np.arange(len(xy))
    row[at], row[at + 1] = steps[:, 0], steps[:, 1]
    before = 2 * (np.cumsum(sizes) - sizes)
    row[heads - 1 + before] = sizes
    first = np.cumsum(counts) - counts
    size_before = np.concatenate([[0], 2 * np.cumsum(sizes)])[first]
    row[np.arange(len(counts)) + first + size_before] = counts
    return row
