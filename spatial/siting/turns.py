"""Which of the cameras that hang already should look another way, before new ones are built.

Every working camera with one known heading may be turned; turned, it no longer shows what only it showed. Each has a
row for its present view, which costs nothing, and one per heading, of which at most so many are taken: the maximal
cover with one row a camera. What is gained is then counted anew on the changed ground, not added up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, vstack

from spatial.coverage.ground import count, look, tiles_under
from spatial.coverage.sights import sector_views
from spatial.coverage.views import camera_views
from spatial.siting.candidates import seen_by
from spatial.siting.covering import maximal_cover
from spatial.siting.demand import every_point, seen_points, site_demand
from spatial.siting.words import covers_text

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage import CoverageState
    from spatial.problems import Problems
    from spatial.siting.demand import Demand
    from spatial.siting.site import SiteOptions

__all__ = ["Turned", "turn_cameras"]

_FIXED_DEG = 180.0  # what sees wider than this has no heading worth turning


@dataclass(frozen=True)
class Turned:
    """The ground after the turns, what each turn gains, and the weight that was seen before them."""

    state: CoverageState
    rows: list[dict[str, Any]] = field(default_factory=list)
    seen_before: float | None = None


def turn_cameras(state: CoverageState, options: SiteOptions, problems: Problems) -> Turned:
    """Turn at most ``options.turn`` cameras to where they show most weight; each turn is listed as a problem too."""
    before = site_demand(state, options.weights).seen
    sector = _turnable(state)
    demand, _ = every_point(state, options.weights)
    others = state.seeing.copy()
    others[state.views.sectors.camera[sector]] = False
    demand = demand.only(~(seen_points(state, demand.xy, others) | (demand.kind == "home")))
    rows, azimuth = _chosen(state, sector, demand, options)
    if not rows:
        return Turned(state, seen_before=before)
    camera = state.views.sectors.camera[sector]
    after = _after(state, camera[[at for at, _ in rows]], azimuth)
    seen = site_demand(after, options.weights).seen
    if seen <= before:
        return Turned(state, seen_before=before)
    names, points = state.cameras["camera_id"].to_numpy(), state.cameras.geometry.to_numpy()
    table = []
    for (at, words), degrees in zip(rows, azimuth, strict=True):
        row = camera[at]
        was = float(state.views.sectors.azimuth_deg[sector[at]])
        zh, en = words["covers"]
        table.append({
            "camera_id": str(names[row]), "from_deg": was, "to_deg": float(degrees), "gain": words["gain"],
            "gain_share": words["gain"] / (demand.total or 1.0), "covers": f"{zh} · {en}",
        })  # fmt: skip
        problems.add(
            "camera-turn", code=str(names[row]), geometry=points[row], was=was, to=float(degrees),
            share=words["gain"] / (demand.total or 1.0), zh=zh, en=en,
        )  # fmt: skip
    return Turned(after, table, before)


def _turnable(state: CoverageState) -> Ints:
    """Sectors of the working cameras that have one known heading."""
    sectors = state.views.sectors
    single = np.bincount(sectors.camera, minlength=len(state.seeing)) == 1
    fixed = single & state.seeing & ~state.views.optics.headless & ~state.views.indoors & ~state.views.optics.turning
    usable = (sectors.hfov_deg < _FIXED_DEG) & (sectors.far_m > sectors.near_m)
    return np.flatnonzero(fixed[sectors.camera] & usable)


def _chosen(
    state: CoverageState, sector: Ints, demand: Demand, options: SiteOptions
) -> tuple[list[tuple[int, dict[str, Any]]], Floats]:
    """Choose turns: the place in `sector` with its gain in words, and the new heading, the greatest gain first."""
    stay = state.views.frame.geometry.to_numpy()[state.views.sectors.camera[sector]]
    steps = np.arange(options.headings) * 360.0 / options.headings
    tried = state.views.sectors.take(np.repeat(sector, len(steps)))
    tried = replace(tried, azimuth_deg=np.tile(steps, len(sector)))
    views = sector_views(state.views.xy, tried, state.standing, mount_m=state.views.optics.mount_m)
    cover = csr_array(vstack([seen_by(stay, demand.xy), seen_by(views, demand.xy)]))
    group = np.concatenate([np.arange(len(sector)), np.repeat(np.arange(len(sector)), len(steps))])
    cost = (np.arange(len(group)) >= len(sector)).astype(float)
    found = maximal_cover(
        cover, demand.weight, None, cost=cost, budget=float(options.turn), group=group, most=1, prove=options.prove
    ).sites
    turned = sorted(row for row in found if row >= len(sector))
    shown = np.zeros(len(demand.weight), np.int64)
    kept = np.setdiff1d(np.arange(len(sector)), group[turned])
    for row in (*kept.tolist(), *turned):
        shown[_points(cover, row)] += 1
    rows = list[tuple[int, dict[str, Any], float]]()
    for row in turned:
        new, old = _points(cover, row), _points(cover, int(group[row]))
        fresh = np.setdiff1d(new[shown[new] == 1], old)
        lost = old[shown[old] == 0]
        gain = float(demand.weight[fresh].sum() - demand.weight[lost].sum())
        words = covers_text(demand, fresh, state.targets, state.places)
        if gain > 0:
            to = float(steps[(row - len(sector)) % len(steps)])
            rows.append((int(group[row]), {"gain": gain, "covers": words}, to))
    rows.sort(key=lambda one: (-one[1]["gain"], one[0]))
    return [(at, words) for at, words, _ in rows], np.array([degrees for *_, degrees in rows])


def _points(cover: csr_array, row: int) -> Ints:
    points: Ints = cover.indices[cover.indptr[row] : cover.indptr[row + 1]]
    return points


def _after(state: CoverageState, rows: Ints, azimuth: Floats) -> CoverageState:
    """Look again through the turned cameras, and count the ground under them anew."""
    from spatial.coverage.cover import discs_covered  # noqa: PLC0415 - coverage ranks blind areas by our weights

    cameras = state.cameras.copy()
    place = cameras.index[rows]
    cameras["azimuth_deg"] = pd.to_numeric(cameras["azimuth_deg"]).astype(float)
    cameras.loc[place, "azimuth_deg"] = azimuth
    for column in ("headings_deg", "azimuth_tolerance_deg"):
        if column in cameras:
            cameras.loc[place, column] = None
    fresh = camera_views(
        cameras.iloc[rows].reset_index(drop=True), standing=state.standing, terrain=state.terrain,
        pixels=state.options.pixels, target_m=state.options.target_m,
    )  # fmt: skip
    shapes = state.views.frame.geometry.to_numpy().copy()
    shapes[rows] = fresh.frame.geometry.to_numpy()
    headed = state.views.sectors.azimuth_deg.copy()
    headed[np.searchsorted(state.views.sectors.camera, rows)] = azimuth
    views = replace(
        state.views, frame=state.views.frame.set_geometry(shapes, crs=cameras.crs),
        sectors=replace(state.views.sectors, azimuth_deg=headed),
    )  # fmt: skip
    lens = look(shapes, state.ground.tiles)
    chosen = tiles_under(state.ground.tiles, state.lens.bounds[rows], lens.bounds[rows])
    tally = count(state.ground, lens, gone=~state.seeing, before=state.tally, chosen=chosen,
                  threads=state.options.threads)  # fmt: skip
    return replace(
        state, cameras=cameras, views=views, lens=lens, tally=tally, covered=discs_covered(tally),
        road_covered=tally.samples > 0,
    )  # fmt: skip
