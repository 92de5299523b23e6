"""Streets of town cores: a slightly bent lattice of streets with lanes between the rows of houses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.sample.lines import as_lines, bend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]

__all__ = ["ROW_M", "Lattice", "lay_lattice", "lay_streets"]

ROW_M = 34.0
"""From one row of houses to the next; streets run every fourth row, a lane serves the two rows between."""


@dataclass(frozen=True)
class Lattice:
    """The frame of a town core: where its streets run before they are turned, bent and clipped.

    `across_m` are the places of the streets that run along v, `along_m` those of the streets that run along u.
    """

    core: shapely.Geometry
    middle: Floats
    turn: float
    phase: Floats
    across_m: Floats
    along_m: Floats
    half_m: float

    def place(self, uv: Floats) -> Floats:
        """Carry points from the frame to the map: turn, shift, bend."""
        c, s = np.cos(self.turn), np.sin(self.turn)
        xy = uv @ np.array([[c, s], [-s, c]]) + self.middle
        return bend(xy, phase=self.phase, reach_m=14.0, wavelength_m=1_100.0)

    def line(self, *, u: float | None = None, v: float | None = None) -> Floats:
        """Draw the street at a constant u or a constant v, with a vertex every 25 m."""
        t = np.arange(-self.half_m, self.half_m + 25, 25.0)
        same = np.full_like(t, u if u is not None else v if v is not None else 0.0)
        return self.place(np.column_stack([same, t] if u is not None else [t, same]))


def lay_lattice(core: shapely.Geometry, *, communities: int, rng: np.random.Generator) -> Lattice:
    """Choose the frame of a core: nearly north, blocks of 100-180 m by four or six rows.

    Blocks are smaller where the core is so small that its communities would get less than three each.
    """
    fine = float(np.clip(np.sqrt(float(shapely.area(core)) / communities / 3.0 / 22_000.0), 0.3, 1.0))
    low_x, low_y, high_x, high_y = shapely.bounds(core)
    half = 0.5 * float(np.hypot(high_x - low_x, high_y - low_y)) + 60
    count = int(half / 15) + 6
    across = np.cumsum(rng.uniform(100, 180, count) * fine)
    along = np.cumsum(rng.choice([4, 4, 6] if fine > 0.75 else [2, 2, 2], count)) * ROW_M
    across = across - across[np.argmin(np.abs(across - across.max() / 2))]
    along = along - along[np.argmin(np.abs(along - along.max() / 2))]
    return Lattice(
        core=core,
        middle=shapely.get_coordinates(shapely.centroid(core))[0],
        turn=float(rng.normal(0, 0.12)),
        phase=rng.random((8, 3)),
        across_m=across[np.abs(across) < half],
        along_m=along[np.abs(along) < half],
        half_m=half,
    )


def lay_streets(lattice: Lattice) -> tuple[Geometries, NDArray[np.bool_]]:
    """Draw the streets of a core, clipped to it; the second array marks the main streets (every third)."""
    paths = [lattice.line(u=u) for u in lattice.across_m] + [lattice.line(v=v) for v in lattice.along_m]
    middle_u, middle_v = np.argmin(np.abs(lattice.across_m)), np.argmin(np.abs(lattice.along_m))
    main = np.concatenate([
        (np.arange(len(lattice.across_m)) - middle_u) % 3 == 0,
        (np.arange(len(lattice.along_m)) - middle_v) % 3 == 0,
    ])  # fmt: skip
    clipped = shapely.intersection(as_lines(paths), lattice.core)
    parts, of = shapely.get_parts(clipped, return_index=True)
    long = (shapely.length(parts) > 45) & (shapely.get_type_id(parts) == 1)
    return parts[long].astype(object), main[of[long]]
