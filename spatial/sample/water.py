"""The lines that a county grows around: rivers, a railway and a motorway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.sample.lines import as_lines, meander, points_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]

__all__ = ["Ground", "lay_ground"]


@dataclass(frozen=True)
class Ground:
    """What is there before any village: the outline, where the county seat lies, and the hard lines.

    `rivers` are centre lines; `water` is the area that nothing is built on.
    """

    outline: shapely.MultiPolygon
    seat: Floats
    scale_m: float
    rivers: Geometries
    rail: Geometries
    motorway: Geometries
    water: shapely.Geometry

    @property
    def hard(self) -> Geometries:
        """Rivers, railway and motorway: lines that villages and hamlets keep to one side of."""
        return np.concatenate([self.rivers, self.rail, self.motorway])


def lay_ground(outline: shapely.Geometry, *, rng: np.random.Generator) -> Ground:
    """Lay rivers across the short axis of an outline, a railway and a motorway along its long axis."""
    parts = shapely.get_parts(outline)
    main = parts[np.argmax(shapely.area(parts))]
    scale = float(np.sqrt(main.area))
    long, short = _axes(main)
    seat = _seat(main, rng)
    size = max(scale, 9_000.0)
    shape = [(0.22 * size, 0.035 * scale), (0.085 * size, 0.016 * scale), (0.03 * size, 0.005 * scale)]
    offsets = (-0.3, 0.24) if scale > 8_000 else (0.22,)
    rivers: list[Floats] = []
    for offset in offsets:
        centre = seat + long * (offset + rng.normal(0, 0.02)) * scale
        lean = short + long * rng.normal(0, 0.12)
        rivers.append(
            meander(centre + lean * 1.6 * scale, centre - lean * 1.6 * scale, waves=shape, step_m=40, rng=rng)
        )
    if scale > 8_000:
        rivers += [
            _tributary(river, seat, sign * long, scale, rng) for river, sign in zip(rivers, (-1, 1), strict=True)
        ]
    half_widths_m = np.array([45.0, 38.0, 14.0, 12.0])[: len(rivers)] if scale > 8_000 else np.array([22.0])
    lines = shapely.intersection(as_lines(rivers), outline)
    rail = _across(seat + short * 0.1 * scale, long, short, scale, outline, rng)
    motorway = _across(seat - short * 0.17 * scale, long, short, scale, outline, rng)
    if scale <= 8_000:
        motorway = motorway[:0]
    water = shapely.union_all(shapely.buffer(lines, half_widths_m, quad_segs=4))
    return Ground(shapely.MultiPolygon(list(parts)), seat, scale, lines, rail, motorway, water)


def _seat(part: shapely.Geometry, rng: np.random.Generator) -> Floats:
    """Choose where the county seat lies: well inside, and of such places the one nearest to the centroid."""
    low, high = np.array(shapely.bounds(part)).reshape(2, 2)
    xy = rng.uniform(low, high, (4_000, 2))
    xy = xy[shapely.contains_xy(part, xy[:, 0], xy[:, 1])]
    depth = shapely.distance(points_at(xy), shapely.boundary(part))
    xy = xy[depth >= 0.55 * depth.max()]
    middle = shapely.get_coordinates(shapely.centroid(part))[0]
    chosen: Floats = xy[np.argmin(np.hypot(*(xy - middle).T))]
    return chosen


def _axes(part: shapely.Geometry) -> tuple[Floats, Floats]:
    """Give the unit vectors of the long and the short axis of an area."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(part))
    sides = np.diff(box[:3], axis=0)
    length = np.hypot(sides[:, 0], sides[:, 1])
    long = sides[np.argmax(length)] / length.max()
    long = long if long[0] >= 0 else -long
    return long, np.array([-long[1], long[0]])


def _tributary(river: Floats, seat: Floats, away: Floats, scale: float, rng: np.random.Generator) -> Floats:
    """Draw a brook that joins a river, coming from the side that the seat is not on."""
    near = int(np.argmin(np.hypot(*(river - seat).T)))
    mouth = river[np.clip(near + int(rng.integers(-40, 40)), 0, len(river) - 1)]
    up = np.array([-away[1], away[0]]) * rng.choice([-0.5, 0.5])
    spring = mouth + (away + up) * scale * 0.22
    waves = [(0.08 * scale, 0.006 * scale), (0.03 * scale, 0.0035 * scale)]
    brook = meander(spring, mouth, waves=waves, step_m=60, rng=rng)
    fade = np.minimum(1.0, np.linspace(12, 0, len(brook)))[:, None]  # the last stretch runs straight into the mouth
    straight = np.linspace(brook[0], mouth, len(brook))
    joined: Floats = brook * fade + straight * (1 - fade)
    return joined


def _across(
    middle: Floats, long: Floats, short: Floats, scale: float, outline: shapely.Geometry, rng: np.random.Generator
) -> Geometries:
    """Draw a smooth line through the county along its long axis."""
    tilt = long + short * rng.normal(0, 0.08)
    waves = [(0.6 * scale, 0.02 * scale), (0.25 * scale, 0.006 * scale)]
    line = meander(middle - tilt * 1.6 * scale, middle + tilt * 1.6 * scale, waves=waves, step_m=150, rng=rng)
    return shapely.get_parts(shapely.intersection(as_lines([line]), outline)).astype(object)
