"""Views that sweep zones where the law wants none: how much of each, and the heading that avoids it.

State Council Order 799, article 8, forbids cameras where they film people's privacy; dwellings are zones `residential`.
A fixed camera is looked through all the way round, in directions of five degrees; of the headings whose sector keeps
clear of the zones, the one that sees most is named, else the one that sweeps least.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import met
from spatial.coverage.sights import sector_views

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.optics import Sectors
    from spatial.coverage.visibility import Walls
    from spatial.problems import Problems

__all__ = ["by_direction", "sweep_problems", "window"]

LEAST_SHARE = {"forbidden": 0.01, "residential": 0.10}
"""From which share of a view its sweep is listed."""

STEP_DEG = 5.0
_WIDE_DEG = 180.0
_CHUNK = 256


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
        swept = _swept(views, rows, land)
        area = shapely.area(views)
        share = np.divide(shapely.area(swept), area, out=np.zeros(len(codes)), where=area > 0)
        found = np.flatnonzero(share >= least)
        advice = _advice(found, share, sectors, xy, land, standing, mount_m)
        for row, (zh, en) in zip(found, advice, strict=True):
            problems.add(
                f"{what}-sweeps-{kind}", code=str(codes[row]), geometry=shapely.Point(xy[row]), share=float(share[row]),
                zh=zh, en=en,
            )  # fmt: skip


def by_direction(shapes: Geometries, xy: Floats) -> Floats:
    """Area of each shape in every direction from its point: a row of 72, the first from 0 to 5 degrees from north."""
    bins = round(360 / STEP_DEG)
    answer = np.zeros((len(shapes), bins))
    box = shapely.bounds(shapes)
    reach = 1.5 * np.hypot(*np.maximum(np.abs(box[:, :2] - xy), np.abs(box[:, 2:] - xy)).T)
    angle = np.radians(np.arange(bins + 1) * STEP_DEG)
    ray = np.column_stack([np.sin(angle), np.cos(angle)])
    for lo in range(0, len(shapes), _CHUNK):
        some = np.flatnonzero(np.isfinite(reach[lo : lo + _CHUNK])) + lo
        if len(some):
            eye = np.broadcast_to(xy[some, None, None], (len(some), bins, 1, 2))
            ends = xy[some, None] + reach[some, None, None] * ray[None]
            ring = np.concatenate([eye, ends[:, :-1, None], ends[:, 1:, None], eye], axis=2)
            answer[some] = shapely.area(shapely.intersection(shapely.polygons(ring), shapes[some, None]))
    return answer


def window(amount: Floats, width_deg: Floats) -> Floats:
    """Sum directions over sectors of each row's width: column k is for a sector that starts at 5 k degrees."""
    bins = amount.shape[1]
    wide = np.clip(np.ceil(width_deg / STEP_DEG - 1e-9).astype(int), 1, bins)
    sums = np.cumsum(np.concatenate([np.zeros((len(amount), 1)), amount, amount], axis=1), axis=1)
    start = np.arange(bins)[None]
    held: Floats = np.take_along_axis(sums, start + wide[:, None], axis=1) - sums[:, :bins]
    return held


def _swept(views: Geometries, rows: Ints, land: Geometries) -> Geometries:
    """Give what each view shares with the land, empty for most."""
    answer = np.full(len(views), shapely.Polygon(), dtype=object)
    for row, under in zip(rows, met(shapely.STRtree(land), views[rows]), strict=True):
        if len(under):
            answer[row] = shapely.intersection(views[row], shapely.union_all(land[under]))
    return answer


def _advice(
    found: Ints, share: Floats, sectors: Sectors, xy: Floats, land: Geometries, standing: Walls, mount_m: Floats
) -> list[tuple[str, str]]:
    """Say for each camera which heading to turn to, or that a mask is due."""
    single = np.bincount(sectors.camera, minlength=len(xy)) == 1
    fixed: Flags = single[sectors.camera] & (sectors.hfov_deg < _WIDE_DEG) & np.isin(sectors.camera, found)
    mine = sectors.take(fixed)
    around = replace(mine, hfov_deg=np.full(len(mine.camera), 360.0))
    views = sector_views(xy, around, standing, mount_m=mount_m)
    at = xy[mine.camera]
    every = window(by_direction(views, at), mine.hfov_deg)
    swept = window(by_direction(_swept(views, np.arange(len(views)), land), at), mine.hfov_deg)
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
