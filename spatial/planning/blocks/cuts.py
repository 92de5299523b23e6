"""Straight cuts that break crowded or wide faces into blocks, laid through the widest gaps between homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.planning.types import Floats, Geometries, Integers

__all__ = ["cut_faces", "cut_segments"]

_REACH_M = 0.05
"""A cut runs on by this much, so that it surely meets the line it ends on; the loose end is dropped."""

_LEAST_GAP_M = 0.1
"""Points nearer than this along the axis are not parted."""

_EVEN_M, _EVEN_SHARE = 1e-5, 1e-6
"""Gaps and shares that differ by less are equal, and the first counts: rounding must not choose."""


def cut_faces(faces: Geometries, segments: Floats, owner: Integers) -> tuple[Geometries, Integers]:
    """Cut faces along segments (x0, y0, x1, y1) of their `owner`; give the pieces and the face each comes from.

    Pieces of one face tile it up to floating-point noise at the new nodes on its border.
    """
    if len(segments) == 0:
        return faces, np.arange(len(faces))
    lines = np.asarray(shapely.linestrings(segments.reshape(-1, 2, 2)))
    cut, group = np.unique(owner, return_inverse=True)
    order = np.argsort(np.append(np.arange(len(cut)), group), kind="stable")
    index = np.append(np.arange(len(cut)), group)[order]
    drawn = np.asarray(
        shapely.geometrycollections(np.append(shapely.boundary(faces[cut]), lines)[order], indices=index)
    )
    net = np.asarray(shapely.union_all(drawn[:, None], axis=1))
    parts, source = shapely.get_parts(np.asarray(shapely.polygonize(net[:, None])), return_index=True)
    shapely.prepare(faces[cut])
    inside = np.asarray(shapely.contains(faces[cut][source], shapely.point_on_surface(parts)))
    parts, source = parts[inside], source[inside]
    whole = np.setdiff1d(np.arange(len(faces)), cut[source])
    return np.concatenate([faces[whole], parts]), np.concatenate([whole, cut[source]])


@kernel
def cut_segments(
    xy: Floats, households: Floats, area: Floats, first: Integers, bounds: Floats, limits: Floats
) -> tuple[Floats, Integers]:
    """Bisect every face's points until each part holds at most `limits` (households, land).

    Points of face f are rows first[f]:first[f+1]; `bounds` (faces, 4) are its boxes, `limits` (faces, 2).
    Each cut stands across the long axis of its points and takes the widest gap near the middle of their mass.
    """
    faces = len(first) - 1
    segments = np.empty((len(xy) + 1, 4))
    owner = np.empty(len(xy) + 1, np.int64)
    count = 0
    stack = np.empty((160, 64, 2))
    corners = np.empty(160, np.int64)
    span = np.empty((160, 2), np.int64)
    for face in range(faces):
        left, low, right, high = bounds[face]
        stack[0, 0] = (left - 1, low - 1)
        stack[0, 1] = (right + 1, low - 1)
        stack[0, 2] = (right + 1, high + 1)
        stack[0, 3] = (left - 1, high + 1)
        corners[0] = 4
        span[0] = (first[face], first[face + 1])
        top = 1
        while top > 0:
            top -= 1
            begin, end = span[top]
            if corners[top] > 60 or top > 156:
                continue
            cut, normal, offset, middle = _best_cut(xy, households, area, begin, end, limits[face])
            if not cut:
                continue
            shape = stack[top, : corners[top]].copy()
            found, segment = _clip(shape, normal, offset, stack, corners, top)
            if not found:
                continue
            segments[count] = segment
            owner[count] = face
            count += 1
            span[top] = (begin, middle)
            span[top + 1] = (middle, end)
            top += 2
    return segments[:count], owner[:count]


@kernel
def _best_cut(
    xy: Floats, households: Floats, area: Floats, begin: int, end: int, limit: Floats
) -> tuple[bool, Floats, float, int]:
    """Choose where to cut rows begin:end and sort them along the axis; False where they need or allow no cut.

    Crowds are parted first; where all of them stand on one spot, or are few enough, the land is.
    """
    normal, offset = np.zeros(2), 0.0
    origin = xy[begin].copy() if begin < end else normal
    for loads, most in ((households[begin:end], limit[0]), (area[begin:end], limit[1])):
        if end - begin < 2 or loads.sum() <= most:
            continue
        mass = loads / loads.sum()
        place = xy[begin:end] - origin
        mx, my = np.sum(mass * place[:, 0]), np.sum(mass * place[:, 1])
        sxx = np.sum(mass * (place[:, 0] - mx) ** 2)
        syy = np.sum(mass * (place[:, 1] - my) ** 2)
        sxy = np.sum(mass * (place[:, 0] - mx) * (place[:, 1] - my))
        # Points as wide as they are long have no axis: rounding must not choose one.
        oblong = np.hypot(2 * sxy, sxx - syy) > _EVEN_SHARE * (sxx + syy)
        angle = 0.5 * np.arctan2(2 * sxy, sxx - syy) if oblong else 0.0
        normal[0], normal[1] = np.cos(angle), np.sin(angle)
        # An axis from south to north must not turn round with the last bits: of equal gaps the first counts.
        if normal[0] < -_EVEN_SHARE or (normal[0] < _EVEN_SHARE and normal[1] < 0):
            normal[0], normal[1] = -normal[0], -normal[1]
        along = place[:, 0] * normal[0] + place[:, 1] * normal[1]
        order = np.argsort(along, kind="mergesort")
        found, offset = _widest_gap(along[order], mass[order])
        if found:
            rows = order + begin
            middle = begin + np.sum(along <= offset)
            xy[begin:end] = xy[rows].copy()
            households[begin:end] = households[rows].copy()
            area[begin:end] = area[rows].copy()
            return True, normal, offset + origin[0] * normal[0] + origin[1] * normal[1], middle
    return False, normal, offset, begin


@kernel
def _widest_gap(along: Floats, mass: Floats) -> tuple[bool, float]:
    """Find the middle of the widest gap between points with mass, near the middle of the mass if there is one."""
    best, offset, central = _LEAST_GAP_M, 0.0, False
    before, last, seen = 0.0, 0.0, False
    for i in range(len(along)):
        if mass[i] <= 0:
            continue
        if seen:
            score = (along[i] - last) * (1 - 1.8 * abs(before - 0.5))
            inside = 0.2 - _EVEN_SHARE <= before <= 0.8 + _EVEN_SHARE
            if (score > best + _EVEN_M and inside >= central) or (score > _LEAST_GAP_M and inside > central):
                best, offset, central = score, (along[i] + last) / 2, inside
        before += mass[i]
        last, seen = along[i], True
    return best > _LEAST_GAP_M, offset


@kernel
def _clip(
    shape: Floats, normal: Floats, offset: float, stack: Floats, corners: Integers, top: int
) -> tuple[bool, Floats]:
    """Cut a convex shape by a line: lower side to `stack[top]`, upper side above it, and the chord."""
    segment = np.zeros(4)
    crossings, low, high = 0, 0, 0
    size = len(shape)
    for i in range(size):
        j = (i + 1) % size
        a = shape[i, 0] * normal[0] + shape[i, 1] * normal[1] - offset
        b = shape[j, 0] * normal[0] + shape[j, 1] * normal[1] - offset
        if a <= 0:
            stack[top, low] = shape[i]
            low += 1
        else:
            stack[top + 1, high] = shape[i]
            high += 1
        if (a <= 0) != (b <= 0) and crossings < 2:
            x = shape[i, 0] + (shape[j, 0] - shape[i, 0]) * a / (a - b)
            y = shape[i, 1] + (shape[j, 1] - shape[i, 1]) * a / (a - b)
            stack[top, low] = (x, y)
            stack[top + 1, high] = (x, y)
            low += 1
            high += 1
            segment[2 * crossings] = x
            segment[2 * crossings + 1] = y
            crossings += 1
    corners[top], corners[top + 1] = low, high
    dx, dy = segment[2] - segment[0], segment[3] - segment[1]
    length = np.hypot(dx, dy)
    if crossings < 2 or length <= 0:
        return False, segment
    reach = _REACH_M / length
    segment[0] -= dx * reach
    segment[1] -= dy * reach
    segment[2] += dx * reach
    segment[3] += dy * reach
    return True, segment
