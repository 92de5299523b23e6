"""Where a fixed camera would see most: every heading at once, from one look all round."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.coverage.sight.sights import best_sectors

if TYPE_CHECKING:
    from spatial.arrays import Flags
    from spatial.coverage.sight.visibility import Walls
    from spatial.coverage.views.cameras import Views

__all__ = ["best_headings", "with_turns"]

_ALL_ROUND_DEG = 359.0
_ROUNDING = 1e-9
_WORTH_LOOKING = 0.1
_COLUMNS = ("camera", "azimuth_deg", "area_m2", "best_azimuth_deg", "best_m2", "gain")


def with_turns(views: Views, standing: Walls, *, threads: int = 2) -> Views:
    """Add to each view `obstacle_m`, the first wall on its axis, and `best_azimuth_deg`, `best_m2`: where it sees most.

    The best heading is looked for where a fixed camera with one known heading is blocked by a tenth or more; elsewhere
    there is hardly anything to win, and the columns are missing.
    """
    frame = views.frame.copy()
    frame["obstacle_m"] = np.where(np.isfinite(views.axis_m), views.axis_m, np.nan)
    frame["best_azimuth_deg"], frame["best_m2"] = np.nan, np.nan
    among = (frame["blocked_share"].to_numpy() >= _WORTH_LOOKING) & ~views.optics.headless
    turns = best_headings(views, standing, among=among, threads=threads)
    rows = turns["camera"].to_numpy().astype(np.int64)
    frame.loc[rows, ["best_azimuth_deg", "best_m2"]] = turns[["best_azimuth_deg", "best_m2"]].to_numpy()
    return replace(views, frame=frame)


def best_headings(views: Views, standing: Walls, *, among: Flags | None = None, threads: int = 2) -> pd.DataFrame:
    """Find the heading, to a degree, at which each fixed camera with one heading sees most.

    Gives one row per such camera: `camera` (its row in the list), `azimuth_deg` and `area_m2` as it is,
    `best_azimuth_deg`, `best_m2` and `gain` (how many times as much; infinite where it sees nothing now). Hills are
    not looked at. A camera that turns, looks all round or has several headings has no row.
    """
    sectors = views.sectors
    number = np.bincount(sectors.camera, minlength=len(views.xy))
    fixed = (number[sectors.camera] == 1) & (sectors.hfov_deg < _ALL_ROUND_DEG) & (sectors.far_m > sectors.near_m)
    mine = sectors.take(fixed if among is None else fixed & among[sectors.camera])
    mount = views.optics.mount_m
    if not len(mine.camera):
        return pd.DataFrame({name: np.empty(0) for name in _COLUMNS})
    area, best, most = best_sectors(views.xy, mine, standing, mount_m=mount, threads=threads).T
    stays = most <= area * (1 + _ROUNDING)
    best, most = np.where(stays, mine.azimuth_deg, best), np.maximum(most, area)
    gain = np.divide(most, area, out=np.where(most > 0, np.inf, 1.0), where=area > 0)
    found = (mine.camera, mine.azimuth_deg, area, best, most, gain)
    return pd.DataFrame(dict(zip(_COLUMNS, found, strict=True)))
