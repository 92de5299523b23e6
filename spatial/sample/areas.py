"""Where towns and villages lie and how large they are: capacity-held power diagrams inside an outline.

Village areas follow the areas of real village polygons (233 villages of one county, as ratios to their median):
small communities in the streets, large and empty land at the rim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Layout", "is_community", "lay_out", "village_areas"]

_SHARES = (0.0, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 1.0)
_RATIOS = (0.02, 0.044, 0.071, 0.304, 1.0, 1.995, 6.0, 16.0, 34.0)
"""Quantiles of real village areas over their median; the last (142) is lowered: no plain is that empty."""


@dataclass(frozen=True)
class Layout:
    """Points that carry the number of their village (row of the code table), and the town of every village."""

    points: Floats
    village: Ints
    town: Ints
    community: NDArray[np.bool_]


def is_community(codes: pd.Series) -> NDArray[np.bool_]:
    """Tell communities (居委会) from villages by digits 10-12 of their codes: 001-199 and 400-499."""
    number = codes.str[9:12].astype(int).to_numpy()
    return (number < 200) | ((number >= 400) & (number < 500))


def village_areas(villages: pd.DataFrame, *, total_m2: float, rng: np.random.Generator) -> Floats:
    """Give every village its area: the quantiles of real ones, communities first, farms and rim towns last."""
    community = is_community(villages["village_code"])
    town = villages["town_code"].str[6:9].astype(int).to_numpy()
    size = villages.groupby("town_code")["village_code"].transform("size").to_numpy()
    urban = community & (town < 100)
    farm = (town >= 400) & ~community
    rim = _rim_towns(villages)
    rank = rng.random(len(villages)) * 1.2 + 2.0 * ~urban + 1.5 * ~community - 0.35 * (town < 100)
    rank += 3.0 * (rim & ~community) + 4.0 * farm - 0.01 * size
    order = np.argsort(np.argsort(rank, kind="stable"), kind="stable")
    share = (order + 0.5) / len(villages)
    area = np.exp(np.interp(share, _SHARES, np.log(_RATIOS)))
    area *= total_m2 / area.sum()
    most = np.where(town < 100, 170_000.0, 320_000.0) * rng.lognormal(0, 0.3, len(villages))
    area = np.where(community, np.minimum(area, most), area)
    area[~community] *= (total_m2 - area[community].sum()) / area[~community].sum()
    return area


def _rim_towns(villages: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the villages of the emptiest towns (about one village in sixteen): farms first, then the smallest towns."""
    community = is_community(villages["village_code"])
    sizes = villages.assign(c=community).groupby("town_code").agg(n=("c", "size"), c=("c", "sum")).reset_index()
    farm = sizes["town_code"].str[6].astype(int) >= 4
    sizes = sizes.assign(farm=~farm, urban=sizes["c"] / sizes["n"] > 0.5).sort_values(
        ["urban", "farm", "n", "town_code"]
    )
    picked = sizes.loc[sizes["n"].cumsum() <= max(1, round(len(villages) * 0.075)), "town_code"]
    return villages["town_code"].isin(picked).to_numpy()


def lay_out(ground: Ground, villages: pd.DataFrame, *, rng: np.random.Generator) -> Layout:
    """Lay towns out in the outline and villages in their towns; each village gets points of its own.

    The county seat's street lies at the seat, towns of communities near it, farms and rim towns far from it.
    """
    total = float(shapely.area(ground.outline))
    area = village_areas(villages, total_m2=total, rng=rng)
    community = is_community(villages["village_code"])
    _, town = np.unique(villages["town_code"].to_numpy(dtype=str), return_inverse=True)
    town_area = np.maximum(np.bincount(town, weights=area), 0.0012 * total)  # so that the pool can see it
    parts = shapely.get_parts(ground.outline)
    home_part = _town_parts(town_area, shapely.area(parts), town, community)
    points: list[Floats] = []
    labels: list[Ints] = []
    rim = np.bincount(town, weights=_rim_towns(villages)) > 0
    urban = np.bincount(town, weights=community) / np.bincount(town)
    for number, part in enumerate(parts):
        here = np.flatnonzero(home_part == number)
        if not len(here):
            continue
        sites = _town_sites(part, here, urban[here] - 2 * rim[here], ground, rng)
        pool = _inside(part, max(4_000, 700 * len(here)), rng)
        pin = int(np.argmin(np.hypot(*(sites - ground.seat).T)))
        sites, weights = _settle(pool, sites, town_area[here], rng=rng, pin=pin)
        label = _power(pool, sites, weights)
        for k, which in enumerate(here):
            mine = np.flatnonzero(town == which)
            near = pool[label == k] if (label == k).any() else sites[k][None]
            town_of = (part, k, sites, weights)
            xy, of = _villages_of(town_of, near, area[mine], community[mine], ground, rng)
            points.append(xy)
            labels.append(mine[of])
    return Layout(np.vstack(points), np.concatenate(labels), town.astype(np.int64), community)


def _town_parts(town_area: Floats, part_area: Floats, town: Ints, community: NDArray[np.bool_]) -> Ints:
    """Give every separate part of the outline that is large enough a town of about its size."""
    home = np.full(len(town_area), int(np.argmax(part_area)))
    urban = np.bincount(town, weights=community) / np.bincount(town)
    for number in np.argsort(-part_area)[1:]:
        free = (home == np.argmax(part_area)) & (urban < 0.5)
        if part_area[number] > 0.35 * np.median(town_area) and free.sum() > 1:
            gap = np.where(free, np.abs(town_area - part_area[number]), np.inf)
            home[np.argmin(gap)] = number
    return home


def _town_sites(part: shapely.Geometry, here: Ints, rank: Floats, ground: Ground, rng: np.random.Generator) -> Floats:
    """Spread sites over a part; the most urban town takes the one at the seat, the emptiest those far off."""
    pool = _inside(part, 400 * len(here), rng)
    sites = pool[rng.choice(len(pool), len(here), replace=False)]
    anchored = shapely.contains_xy(part, *ground.seat)
    for _ in range(12):
        if anchored:
            sites[np.argmin(np.hypot(*(sites - ground.seat).T))] = ground.seat
        _, nearest = cKDTree(sites).query(pool)
        sites = np.array(
            [pool[nearest == k].mean(axis=0) if (nearest == k).any() else sites[k] for k in range(len(sites))]
        )
    if anchored:
        sites[np.argmin(np.hypot(*(sites - ground.seat).T))] = ground.seat
    near_first = np.argsort(np.hypot(*(sites - ground.seat).T), kind="stable")
    placed = np.empty_like(sites)
    placed[np.argsort(-rank, kind="stable")] = sites[near_first]
    return placed


def _villages_of(
    town_of: tuple[shapely.Geometry, int, Floats, Floats],
    near: Floats,
    area: Floats,
    community: NDArray[np.bool_],
    ground: Ground,
    rng: np.random.Generator,
) -> tuple[Floats, Ints]:
    """Divide town `k` of a part among its villages, the communities as one core first."""
    part, k, sites, weights = town_of

    def is_town(xy: Floats) -> NDArray[np.bool_]:
        mine: NDArray[np.bool_] = _power(xy, sites, weights) == k
        return mine

    pool = _inside(part, max(3_500, 300 * len(area)), rng, keep=is_town, around=near)
    middle = pool[np.argmin(np.hypot(*(pool - pool.mean(axis=0)).T))]
    seat = ground.seat if is_town(ground.seat[None])[0] else middle
    rural = np.flatnonzero(~community)
    core = np.flatnonzero(community)
    units = [core] * bool(len(core)) + [np.array([one]) for one in rural]
    unit_area = np.array([area[unit].sum() for unit in units])
    unit_area = np.maximum(unit_area, unit_area.sum() * 6 / len(pool))
    start = pool[rng.choice(len(pool), len(units), replace=len(pool) < len(units))]
    start[0] = seat
    start[1:] = start[1:][np.argsort(np.hypot(*(start[1:] - seat).T))][_small_first(unit_area[1:])]
    unit_sites, unit_weights = _settle(pool, start, unit_area, rng=rng, pin=0)
    points: list[Floats] = []
    labels: list[Ints] = []
    for number, unit in enumerate(units):

        def is_unit(xy: Floats, number: int = number) -> NDArray[np.bool_]:
            mine: NDArray[np.bool_] = _power(xy, unit_sites, unit_weights) == number
            return mine & is_town(xy)

        count = 44 if len(unit) == 1 else 40 * len(unit)
        hit = pool[_power(pool, unit_sites, unit_weights) == number]
        if not len(hit):  # squeezed out: it takes the nearest ground
            hit = pool[np.argsort(np.hypot(*(pool - unit_sites[number]).T))[:12]]
            xy = hit + rng.normal(0, 10.0, hit.shape)
        else:
            xy = _inside(part, count, rng, keep=is_unit, around=hit)
        if number == 0 and len(core):  # ground around the core, so that its border does not drift outwards
            reach = 60.0 + 0.6 * float(np.sqrt(area[core].sum()))
            ring = _inside(part, 40 + 40 * len(unit), rng, keep=is_town, around=np.vstack([xy - reach, xy + reach]))
            around = _power(ring, unit_sites, unit_weights)
            points.append(ring[around > 0])
            labels.append(np.array([one[0] for one in units])[around[around > 0]])
        label = np.zeros(len(xy), dtype=np.int64)
        if len(unit) > 1:
            first = xy[rng.choice(len(xy), len(unit), replace=len(xy) < len(unit))]
            label = _power(xy, *_settle(xy, first, area[unit], rng=rng))
        points.append(xy)
        labels.append(unit[label])
    return np.vstack(points), np.concatenate(labels)


def _small_first(area: Floats) -> Ints:
    """Rank areas so that the smallest takes the first place."""
    return np.argsort(np.argsort(area, kind="stable"), kind="stable")


def _inside(
    part: shapely.Geometry,
    count: int,
    rng: np.random.Generator,
    *,
    keep: Callable[[Floats], NDArray[np.bool_]] | None = None,
    around: Floats | None = None,
) -> Floats:
    """Draw points evenly inside an area (and where `keep` says so), by rejection."""
    shapely.prepare(part)
    low, high = np.array(shapely.bounds(part)).reshape(2, 2)
    if around is not None:
        margin = np.maximum(0.25 * np.ptp(around, axis=0), 150.0)
        low, high = np.maximum(low, around.min(axis=0) - margin), np.minimum(high, around.max(axis=0) + margin)
    found = np.empty((0, 2))
    for _ in range(60):
        xy = rng.uniform(low, high, (max(4 * count, 256), 2))
        xy = xy[shapely.contains_xy(part, xy[:, 0], xy[:, 1])]
        found = np.vstack([found, xy if keep is None else xy[keep(xy)]])
        if len(found) >= count:
            return found[:count]
    return found if len(found) else shapely.get_coordinates(shapely.point_on_surface(part))


def _power(xy: Floats, sites: Floats, weights: Floats) -> Ints:
    """Label points by the site of least |x - s|² - w: nearest in space with one more axis."""
    lift = np.sqrt(np.maximum(weights.max() - weights, 0.0))
    _, nearest = cKDTree(np.column_stack([sites, lift])).query(np.column_stack([xy, np.zeros(len(xy))]))
    return np.asarray(nearest, dtype=np.int64)


def _settle(
    pool: Floats, sites: Floats, area: Floats, *, rng: np.random.Generator, pin: int = -1, rounds: int = 80
) -> tuple[Floats, Floats]:
    """Move sites and weights until each site's share of the pool is its share of `area`; give the best state seen.

    Lloyd steps round the cells off for two thirds of the rounds, weights move area all the while; a site that
    lost its cell is sown anew where a neighbour has most too much. Site `pin` stays where it is.
    """
    n = len(sites)
    sites = sites + rng.normal(0, 1.0, sites.shape)
    share = area / area.sum()
    region = float(np.ptp(pool, axis=0).prod()) * 0.65 + 1.0
    weights = share * region / 6
    best = (np.inf, sites, weights)
    for step in range(rounds if n > 1 else 1):
        label = _power(pool, sites, weights)
        count = np.bincount(label, minlength=n)
        have = count / len(pool)
        miss = float(np.abs(have / share - 1).mean() + (count == 0).sum())
        if miss < best[0]:
            best = (miss, sites.copy(), weights.copy())
        full = count > 0
        if step < rounds * 2 // 3:
            mean = np.column_stack([np.bincount(label, weights=pool[:, k], minlength=n) for k in (0, 1)])
            free = full & (np.arange(n) != pin)
            sites[free] += 0.5 * (mean[free] / count[free, None] - sites[free])
        most = np.maximum(share, have)
        gain = 0.5 - 0.4 * step / rounds
        weights = weights + np.clip(share - have, -0.5 * most, 0.5 * share) * region * gain
        lost = np.flatnonzero(~full)
        if pin in lost:
            weights[pin] = weights[_power(sites[[pin]], sites, weights)[0]] + share[pin] * region
            lost = lost[lost != pin]
        if len(lost):
            surplus = (have - share)[label] + 0.02 * rng.random(len(pool))
            sown = np.argsort(-surplus)[np.arange(len(lost)) % len(pool)]
            sites[lost], weights[lost] = pool[sown], weights[label[sown]]
    return best[1], best[2]
