"""Where a fixed camera would see most: every heading at once, from one look all round."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.coverage.sights import fans, sector_areas
from spatial.kernels import kernel

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats
    from spatial.coverage.views import Views
    from spatial.coverage.visibility import Walls

__all__ = ["best_headings", "with_turns"]

_BINS, _CHUNK = 360, 4096
_WORTH_LOOKING = 0.1
_COLUMNS = ("camera", "azimuth_deg", "area_m2", "best_azimuth_deg", "best_m2", "gain")


def with_turns(views: Views, standing: Walls) -> Views:
    """Add to each view `obstacle_m`, the first wall on its axis, and `best_azimuth_deg`, `best_m2`: where it sees most.

    The best heading is looked for where a fixed camera with one known heading is blocked by a tenth or more; elsewhere
    there is hardly anything to win, and the columns are missing.
    """
    frame = views.frame.copy()
    frame["obstacle_m"] = np.where(np.isfinite(views.axis_m), views.axis_m, np.nan)
    frame["best_azimuth_deg"], frame["best_m2"] = np.nan, np.nan
    among = (frame["blocked_share"].to_numpy() >= _WORTH_LOOKING) & ~views.optics.headless
    turns = best_headings(views, standing, among=among)
    rows = turns["camera"].to_numpy().astype(np.int64)
    frame.loc[rows, ["best_azimuth_deg", "best_m2"]] = turns[["best_azimuth_deg", "best_m2"]].to_numpy()
    return replace(views, frame=frame)


def best_headings(views: Views, standing: Walls, *, among: Flags | None = None) -> pd.DataFrame:
    """Find the heading, to a degree, at which each fixed camera with one heading sees most.

    Gives one row per such camera: `camera` (its row in the list), `azimuth_deg` and `area_m2` as it is,
    `best_azimuth_deg`, `best_m2` and `gain` (how many times as much; infinite where it sees nothing now). Hills are
    not looked at. A camera that turns, looks all round or has several headings has no row.
    """
    sectors = views.sectors
    number = np.bincount(sectors.camera, minlength=len(views.xy))
    fixed = (number[sectors.camera] == 1) & (sectors.hfov_deg < _BINS - 1) & (sectors.far_m > sectors.near_m)
    mine = sectors.take(fixed if among is None else fixed & among[sectors.camera])
    mount = views.optics.mount_m
    if not len(mine.camera):
        return pd.DataFrame({name: np.empty(0) for name in _COLUMNS})
    area = sector_areas(views.xy, mine, standing, mount_m=mount)
    best = np.concatenate([
        _most_open(fans(views.xy, part, standing, mount_m=mount, bins=_BINS), part.hfov_deg)
        for part in (mine.take(np.arange(lo, min(lo + _CHUNK, len(area)))) for lo in range(0, len(area), _CHUNK))
    ])  # fmt: skip
    most = sector_areas(views.xy, replace(mine, azimuth_deg=best), standing, mount_m=mount)
    stays = most <= area
    best, most = np.where(stays, mine.azimuth_deg, best), np.maximum(most, area)
    gain = np.divide(most, area, out=np.where(most > 0, np.inf, 1.0), where=area > 0)
    found = (mine.camera, mine.azimuth_deg, area, best, most, gain)
    return pd.DataFrame(dict(zip(_COLUMNS, found, strict=True)))


@kernel
def _most_open(fan: Floats, width_deg: Floats) -> Floats:
    """Give the heading, to a degree, whose sector of each row's width holds most of its fan; the first of equals."""
    bins = fan.shape[1]
    best, total = np.zeros(len(fan)), np.zeros(2 * bins + 2)
    for row in range(len(fan)):
        for k in range(2 * bins + 1):
            total[k + 1] = total[k] + fan[row, k % bins]
        most = -1.0
        low = (bins - width_deg[row] / 2) % bins
        for heading in range(bins):
            start = (heading + low) % bins
            stop = start + width_deg[row]
            first, last = int(start), int(stop)
            seen = total[last] + (total[last + 1] - total[last]) * (stop - last)
            seen -= total[first] + (total[first + 1] - total[first]) * (start - first)
            if round(seen, 1) > most:
                most, best[row] = round(seen, 1), heading
    return best
