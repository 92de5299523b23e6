"""Where eyes would see most: what they see in every direction, from one look all round instead of one per heading."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spatial.coverage.sight.bands import band_area, radius_at
from spatial.coverage.sight.envelope import envelope_of, spans_of
from spatial.coverage.sight.eye import over_bands, span_area
from spatial.coverage.sight.gather import gather
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.sight.gather import Lattice

__all__ = ["most_open"]

_TURN = 2 * math.pi


@kernel
def _share_out(
    eye: Floats, walls: Floats, curve: float, start: float, stop: float, sign: float, rays: Floats, row: Floats
) -> None:
    """Add the area under a piece of a curve to the bins of direction that it crosses; `rays` begin the bins."""
    bins = len(row)
    wide = _TURN / bins
    across = math.sin(wide)
    flat = curve < 0.0
    reach = 0.5 * sign * (eye[5] if curve == -1.0 else eye[4]) ** 2
    first, last = int(start / wide), min(bins - 1, int(stop / wide))
    for b in range(first, last + 1):
        one, two = max(start, b * wide), min(stop, (b + 1) * wide)
        if two <= one:
            continue
        if flat:
            row[b] += reach * (two - one)
        elif first < b < last:
            w = int(curve)
            u = walls[w, 0] * rays[b, 0] + walls[w, 1] * rays[b, 1]
            v = walls[w, 0] * rays[b + 1, 0] + walls[w, 1] * rays[b + 1, 1]
            near, far = 1.0 / eye[5], 1.0 / eye[4] if eye[4] > 0.0 else math.inf
            row[b] += 0.5 * sign * across / (min(far, max(near, u)) * min(far, max(near, v)))
        else:
            area = radius_at(eye, walls, curve, one) * radius_at(eye, walls, curve, two) * math.sin(two - one)
            row[b] += 0.5 * sign * area


@kernel
def _rays(bins: int) -> Floats:
    """Give unit vectors to the first direction of each bin, from east anticlockwise."""
    rays = np.empty((bins + 1, 2))
    for b in range(bins + 1):
        rays[b] = (math.cos(b * _TURN / bins), math.sin(b * _TURN / bins))
    return rays


@kernel
def _share_spans(eye: Floats, walls: Floats, spans: Floats, count: int, rays: Floats, row: Floats) -> None:
    """Share the spans of an eye that looks over nothing out to the bins of direction."""
    for k in range(count):
        if spans[k, 2] != -2.0:
            _share_out(eye, walls, spans[k, 2], spans[k, 0], spans[k, 1], 1.0, rays, row)
            _share_out(eye, walls, -2.0, spans[k, 0], spans[k, 1], -1.0, rays, row)


@kernel
def _share_bands(eye: Floats, both: Floats, cuts: Floats, starts: Ints, curves: Floats, rays: Floats,
                  row: Floats) -> None:  # fmt: skip
    """Share the bands of an eye that looks over low walls out to the bins of direction."""
    for s in range(len(cuts) - 1):
        for c in range(starts[s], starts[s + 1]):
            sign = 1.0 if (c - starts[s]) % 2 == 1 else -1.0
            _share_out(eye, both, curves[c], cuts[s], cuts[s + 1], sign, rays, row)


@kernel
def _best_heading(row: Floats, width_deg: float, total: Floats) -> int:
    """Give the heading, to a degree, whose sector holds most of a fan; the first of equals (to 0.1 m2)."""
    bins = len(row)
    for k in range(2 * bins + 1):
        total[k + 1] = total[k] + row[(bins // 4 - 1 - k) % bins]  # clockwise from north
    most, best = -1.0, 0
    low = (bins - width_deg / 2) % bins
    for heading in range(bins):
        start = (heading + low) % bins
        stop = start + width_deg
        first, last = int(start), int(stop)
        seen = total[last] + (total[last + 1] - total[last]) * (stop - last)
        seen -= total[first] + (total[first + 1] - total[first]) * (start - first)
        if round(seen, 1) > most:
            most, best = round(seen, 1), heading
    return best


@kernel
def _window(eye: Floats, walls: Floats, spans: Floats, count: int, heading: float, width_deg: float,
            cut: Floats) -> float:  # fmt: skip
    """Area of the part of some spans of a full turn that lies in a sector, exactly."""
    width = math.radians(width_deg)
    low = (math.radians(90.0 - heading) - width / 2) % _TURN
    n = 0
    for k in range(count):
        for turn in (0.0, _TURN):
            start, stop = max(spans[k, 0] + turn, low), min(spans[k, 1] + turn, low + width)
            if start < stop:
                cut[n] = (start, stop, spans[k, 2])
                n += 1
    return span_area(eye, walls, cut, n)


@kernel
def _band_sector(eye: Floats, heading: float, width_deg: float, turn: int, standing: Lattice, marks: Ints) -> float:
    """Area that an eye sees over low walls through a sector, exactly."""
    one = eye.copy()
    one[3] = math.radians(width_deg)
    one[2] = math.radians(90.0 - heading) - one[3] / 2
    walls, n, low, steps, m = gather(one, turn, standing, marks)
    envelope = envelope_of(walls, n)
    if m > 0 or one[8] > 0:
        both, cuts, starts, curves = over_bands(one, walls, envelope, low, steps, m)
        return band_area(one, both, cuts, starts, curves)
    spans, count = spans_of(one, walls, envelope)
    return span_area(one, walls, spans, count)


@kernel
def most_open(eyes: Floats, standing: Lattice, headings: Floats, widths: Floats, bins: int) -> Floats:
    """Find where each eye, all round, would see most through a sector: rows ``(area now, best heading, its area)``.

    `headings` (now) and `widths` are in degrees clockwise from north, `bins` are 360; other parameters are those of
    `sight`. Both areas are exact.
    """
    answer = np.zeros((len(eyes), 3))
    marks, rays = np.full(len(standing.points), -1, np.int32), _rays(bins)
    row, total = np.empty(bins), np.zeros(2 * bins + 2)
    for e in range(len(eyes)):
        eye, width = eyes[e], widths[e]
        if eye[5] <= eye[4]:
            continue
        walls, n, low, steps, m = gather(eye, 3 * e, standing, marks)
        envelope = envelope_of(walls, n)
        row[:] = 0.0
        if m > 0 or eye[8] > 0:
            both, cuts, starts, curves = over_bands(eye, walls, envelope, low, steps, m)
            _share_bands(eye, both, cuts, starts, curves, rays, row)
            best = float(_best_heading(row, width, total))
            for turn, heading in ((1, headings[e]), (2, best)):
                answer[e, 2 * turn - 2] = _band_sector(eye, heading, width, 3 * e + turn, standing, marks)
        else:
            spans, count = spans_of(eye, walls, envelope)
            _share_spans(eye, walls, spans, count, rays, row)
            best = float(_best_heading(row, width, total))
            cut = np.empty((2 * count, 3))
            answer[e, 0] = _window(eye, walls, spans, count, headings[e], width, cut)
            answer[e, 2] = _window(eye, walls, spans, count, best, width, cut)
        answer[e, 1] = best
    return answer
