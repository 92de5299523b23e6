"""Views that sweep zones where the law wants none: how much of each, and the heading that avoids it.

State Council Order 799, article 8, forbids cameras where they film people's privacy; dwellings are zones `residential`.
A fixed camera is looked through all the way round, in directions of five degrees; of the headings whose sector keeps
clear of the zones, the one that sees most is named, else the one that sweeps least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.advice.around import STEP_DEG, Others, all_round, window
from spatial.coverage.advice.lines import own_areas
from spatial.coverage.edges import edge_shapes

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.optics import Sectors
    from spatial.coverage.sight.visibility import Walls
    from spatial.problems import Problems

__all__ = ["sweep_problems"]

LEAST_SHARE = {"forbidden": 0.01, "residential": 0.10}
"""From which share of a view its sweep is listed."""

_WIDE_DEG = 180.0


def sweep_problems(
    problems: Problems, what: str, codes: Geometries, views: Geometries, sectors: Sectors, *, xy: Floats,
    zones: gpd.GeoDataFrame | None, standing: Walls, mount_m: Floats, rows: Ints | None = None,
) -> None:  # fmt: skip
    """List every view that sweeps a zone: kinds ``camera-sweeps-…`` or ``site-sweeps-…`` by `what`.

    `codes`, `views`, `xy` and `mount_m` are by camera (the numbers in `sectors.camera`); `rows` limits which are asked.
    """
    if zones is None or not len(zones) or not len(codes):
        return
    rows = np.arange(len(codes)) if rows is None else rows
    for kind, least in LEAST_SHARE.items():
        land = shapely.get_parts(shapely.union_all(zones.geometry.to_numpy()[(zones["kind"] == kind).to_numpy(bool)]))
        share = _swept(views, rows, land)
        found = np.flatnonzero(share >= least)
        advice = _advice(found, share, sectors, xy, land, standing, mount_m)
        for row, (zh, en) in zip(found, advice, strict=True):
            problems.add(
                f"{what}-sweeps-{kind}", code=str(codes[row]), geometry=shapely.Point(xy[row]), share=float(share[row]),
                zh=zh, en=en,
            )  # fmt: skip


def _swept(views: Geometries, rows: Ints, land: Geometries) -> Floats:
    """Give the share of each view of `rows` that lies on the land, along lines across it; 0 for the others."""
    answer = np.zeros(len(views))
    prepared = land.copy()
    shapely.prepare(prepared)
    met = np.unique(shapely.STRtree(views[rows]).query(prepared, predicate="intersects")[1])
    rows = rows[met]
    area = shapely.area(views[rows])
    rows, area = rows[area > 0], area[area > 0]
    both = np.concatenate([views[rows], land])
    near = Others(edge_shapes(land), land, len(rows) + np.arange(len(land))).near(views[rows])
    own = own_areas(edge_shapes(both), shapely.bounds(both), np.arange(len(rows)), near, np.zeros(len(both), bool),
                    np.full(len(both), np.inf))  # fmt: skip
    answer[rows] = np.clip(1.0 - own / area, 0.0, 1.0)
    return answer


def _advice(
    found: Ints, share: Floats, sectors: Sectors, xy: Floats, land: Geometries, standing: Walls, mount_m: Floats
) -> list[tuple[str, str]]:
    """Say for each camera which heading to turn to, or that a mask is due."""
    single = np.bincount(sectors.camera, minlength=len(xy)) == 1
    fixed: Flags = single[sectors.camera] & (sectors.hfov_deg < _WIDE_DEG) & np.isin(sectors.camera, found)
    mine = sectors.take(fixed)
    every, clean = all_round(xy, mine, standing, Others(edge_shapes(land), land), mount_m=mount_m)
    every, clean = window(every, mine.hfov_deg), window(clean, mine.hfov_deg)
    swept = every - clean
    clear = swept <= 1e-6 * np.maximum(every, 1.0)
    best = np.where(clear.any(axis=1), np.argmax(np.where(clear, every, -1.0), axis=1),
                    np.argmin(swept / np.maximum(every, 1e-9) - 1e-6 * every, axis=1))  # fmt: skip
    row = np.arange(len(best))
    left = np.where(every[row, best] > 0, swept[row, best] / np.maximum(every[row, best], 1e-9), 0.0)
    wide = np.ceil(mine.hfov_deg / STEP_DEG - 1e-9) * STEP_DEG
    heading = (best * STEP_DEG + wide / 2) % 360
    answer = dict.fromkeys(found.tolist(), _MASK)
    for camera, to, rest, seen in zip(mine.camera.tolist(), heading, left, every[row, best], strict=True):
        if seen > 0 and rest < share[camera] / 2:
            answer[camera] = _turn(float(to), float(rest))
    return [answer[row] for row in found.tolist()]


_MASK = (
    "没有能避开的朝向：设隐私遮挡区，或迁移、拆除",
    "no heading avoids it: mask that part of the image, move or remove it",
)


def _turn(to: float, rest: float) -> tuple[str, str]:
    if rest < 0.001:
        return f"转向 {to:.0f}° 即可避开", f"turn it to {to:.0f}°, which avoids it"
    return (
        f"转向 {to:.0f}° 降到 {rest:.0%}，其余设隐私遮挡区",
        f"turn it to {to:.0f}°, which leaves {rest:.0%}, and mask the rest",
    )
