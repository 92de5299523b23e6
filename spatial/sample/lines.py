"""Curves of a made-up landscape: meanders, rounded corners, points and normals along lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]

__all__ = ["along", "as_lines", "bend", "chains", "cut", "lines_through", "meander", "points_at", "rounded", "segments"]


def meander(
    start: Floats,
    end: Floats,
    *,
    waves: Sequence[tuple[float, float]],
    step_m: float,
    rng: np.random.Generator,
) -> Floats:
    """Draw a winding line from `start` to `end`: one smooth random sway per (wavelength, amplitude) in metres."""
    length = float(np.hypot(*(end - start)))
    t = np.linspace(0.0, length, max(8, int(length / step_m)))
    ahead = (end - start) / length
    side = np.array([-ahead[1], ahead[0]])
    sway = np.zeros_like(t)
    for wavelength, amplitude in waves:
        knots = np.arange(-1, int(length / wavelength * 2) + 4)
        heights = rng.normal(0.0, amplitude, len(knots))
        sway += _cubic(t / wavelength * 2, heights)
    return start + np.outer(t, ahead) + np.outer(sway, side)


def _cubic(x: Floats, knots: Floats) -> Floats:
    """Interpolate knots at -1, 0, 1, 2 … with Catmull-Rom splines."""
    i = np.minimum(x.astype(np.int64), len(knots) - 4)
    f = x - i
    a, b, c, d = (knots[i + k] for k in range(4))
    result: Floats = b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))
    return result


def rounded(xy: Floats, *, rounds: int = 2) -> Floats:
    """Cut the corners of a line (Chaikin); its two ends stay."""
    for _ in range(rounds):
        if len(xy) < 3:
            return xy
        near, far = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        inner = np.stack([near, far], axis=1).reshape(-1, 2)[1:-1]
        xy = np.vstack([xy[:1], inner, xy[-1:]])
    return xy


def bend(xy: Floats, *, phase: Floats, reach_m: float, wavelength_m: float) -> Floats:
    """Shift points by a smooth field of eight sines; `phase` holds 8 x 3 random numbers of 0-1."""
    angle = 2 * np.pi * phase[:, 0]
    wave = (0.6 + 0.8 * phase[:, 1]) * 2 * np.pi / wavelength_m
    arguments = (xy[:, :1] * np.cos(angle) + xy[:, 1:] * np.sin(angle)) * wave + 2 * np.pi * phase[:, 2]
    waves = np.sin(arguments) * reach_m / 2
    shift: Floats = np.column_stack([waves[:, ::2].sum(axis=1), waves[:, 1::2].sum(axis=1)])
    moved: Floats = xy + shift
    return moved


def along(lines: Geometries, distance_m: Floats) -> tuple[Floats, Floats]:
    """Give the points at a distance along each line, and the unit tangents there."""
    points = shapely.get_coordinates(shapely.line_interpolate_point(lines, distance_m))
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(distance_m - 8.0, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, distance_m + 8.0))
    tangent = after - before
    length = np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)
    return points, tangent / length[:, None]


def points_at(xy: Floats) -> Geometries:
    """Make one Point per row of coordinates."""
    return np.asarray(shapely.points(xy), dtype=object)


def lines_through(xy: Floats) -> Geometries:
    """Make one LineString per row of n x vertices x 2 coordinates."""
    return np.asarray(shapely.linestrings(xy), dtype=object)


def as_lines(paths: Sequence[Floats]) -> Geometries:
    """Make one LineString per array of coordinates."""
    if not len(paths):
        return np.empty(0, dtype=object)
    sizes = [len(path) for path in paths]
    of = np.repeat(np.arange(len(paths)), sizes)
    return np.asarray(shapely.linestrings(np.vstack(paths), indices=of), dtype=object)


def cut(line: shapely.Geometry, distance_m: Floats) -> list[shapely.Geometry]:
    """Cut a line at distances along it; pieces share their ends to the last bit."""
    xy = shapely.get_coordinates(line)
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    inner = np.unique(distance_m)
    inner = inner[(inner > 0.05) & (inner < reach[-1] - 0.05)]
    inner = inner[np.concatenate([[True], np.diff(inner) > 0.05])] if len(inner) else inner
    marks = np.concatenate([[0.0], inner, reach[-1:]])
    at = np.column_stack([np.interp(marks, reach, xy[:, k]) for k in (0, 1)])
    pieces: list[shapely.Geometry] = []
    for k in range(len(marks) - 1):
        between = xy[(reach > marks[k]) & (reach < marks[k + 1])]
        pieces.append(shapely.LineString(np.vstack([at[k], between, at[k + 1]])))
    return pieces


def segments(lines: Geometries) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Take lines (or rings) apart: starts, ends and the index of the line of every segment."""
    xy, of = shapely.get_coordinates(lines, return_index=True)
    same = of[1:] == of[:-1]
    return xy[:-1][same], xy[1:][same], of[:-1][same].astype(np.int64)


def chains(
    edges: NDArray[np.int64], kind: NDArray[np.int64], *, stops: Sequence[int] = ()
) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Join edges (pairs of nodes) to chains that end where edges fork, stop or change their kind, and at `stops`.

    Returns the nodes along every chain and the kind of every chain.
    """
    around: dict[int, list[int]] = {}
    for number, (a, b) in enumerate(edges.tolist()):
        around.setdefault(a, []).append(number)
        around.setdefault(b, []).append(number)
    ends = {node for node, at in around.items() if len(at) != 2 or kind[at[0]] != kind[at[1]]}
    ends |= set(stops) & set(around)
    used = np.zeros(len(edges), dtype=bool)
    paths: list[NDArray[np.int64]] = []
    kinds: list[int] = []
    for node in sorted(ends) + sorted(set(around) - ends):
        for first in around[node]:
            if used[first] or (node not in ends and any(used[at] for at in around[node])):
                continue
            paths.append(_walk(node, first, edges, around, ends, used))
            kinds.append(int(kind[first]))
    return paths, np.array(kinds, dtype=np.int64)


def _walk(
    node: int,
    edge: int,
    edges: NDArray[np.int64],
    around: dict[int, list[int]],
    ends: set[int],
    used: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Follow edges from one node to the next end."""
    path = [node]
    while True:
        used[edge] = True
        a, b = edges[edge]
        node = int(b if a == node else a)
        path.append(node)
        onward = [at for at in around[node] if not used[at]]
        if node in ends or not onward:
            return np.array(path, dtype=np.int64)
        edge = onward[0]
