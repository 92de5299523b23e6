"""More cameras is not the goal: those that add next to nothing, and ground that four or more see.

A camera is weighed by the part of its view that no other working camera sees, along 128 lines across it. Those that
add least go first; each further one is weighed against what is left, so all that are listed can go together.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.coverage.advice.around import STEP_DEG, Others, all_round, window
from spatial.coverage.advice.lines import own_areas, spare_order
from spatial.coverage.ground import count, tiles_under

if TYPE_CHECKING:
    from spatial.arrays import Floats, Ints
    from spatial.coverage.state import CoverageState
    from spatial.problems import Problems

__all__ = ["Spare", "redundancy_problems", "spare_cameras"]

LITTLE = 0.01
"""A camera adds little when less than this share of its view is its own."""
OFTEN_SHARE, OFTEN_M2 = 0.05, 1000.0
_WORTH_M2 = 100.0
_CHUNK = 512


@dataclass(frozen=True)
class Spare:
    """Cameras that can go together: row in the list, own share of the view, and how many that stay meet it."""

    rows: Ints
    share: Floats
    others: Ints


def redundancy_problems(state: CoverageState, problems: Problems, *, threads: int = 2) -> None:
    """List cameras that add little, what turning would make of them, and ground that is watched often."""
    spare = spare_cameras(state, threads=threads)
    advice = _advice(state, spare, threads)
    codes, points = state.cameras["camera_id"].to_numpy(), state.cameras.geometry.to_numpy()
    for row, share, others, (zh, en) in zip(spare.rows, spare.share, spare.others, advice, strict=True):
        problems.add(
            "camera-adds-little", code=str(codes[row]), geometry=points[row], share=float(share), others=int(others),
            zh=zh, en=en,
        )  # fmt: skip
    if len(spare.rows) and state.tally.villages[:, 0].any():
        before, after = _without(state, spare.rows, threads)
        problems.add("cameras-add-little", count=len(spare.rows), before=before, after=after)
    square = state.options.resolution**2
    table = state.tally.villages
    for number in range(1, len(table)):
        interest, often = table[number, 0] * square, table[number, 3] * square
        if often >= max(OFTEN_M2, OFTEN_SHARE * interest):
            code = str(state.units.village_codes[number - 1])
            problems.add("area-watched-often", code=code, area=float(often), share=float(often / interest))


def spare_cameras(state: CoverageState, *, threads: int = 2) -> Spare:
    """Find the working cameras of whose view others see all but a hundredth, in the order in which they can go."""
    shapes = state.views.frame.geometry.to_numpy()
    alive = np.flatnonzero(state.seeing & ~shapely.is_missing(shapes))
    views, bounds = state.lens.shapes, state.lens.bounds
    gone = np.ones(len(shapes), bool)
    gone[alive] = False
    enough = LITTLE * shapely.area(shapes)
    working = Others(views, shapes[alive], alive)

    def weigh(rows: Ints) -> Floats:
        own: Floats = own_areas(views, bounds, rows, working.near(shapes[rows]), gone, enough)
        return own

    spans = [alive[lo : lo + _CHUNK] for lo in range(0, len(alive), _CHUNK)]
    with ThreadPoolExecutor(threads) as pool:
        own = np.concatenate([np.empty(0), *pool.map(weigh, spans)])
    few = np.flatnonzero(own < enough[alive])
    few = few[np.lexsort((few, own[few] / enough[alive[few]]))]
    rows = alive[few]
    left = spare_order(views, bounds, rows, working.near(shapes[rows]), gone, own[few], enough)
    rows, left = rows[left >= 0], left[left >= 0]
    met = shapely.STRtree(shapes[~gone]).query(shapes[rows], predicate="intersects")[0]
    return Spare(rows, LITTLE * left / enough[rows], np.bincount(met, minlength=len(rows)))


def _without(state: CoverageState, rows: Ints, threads: int) -> tuple[float, float]:
    """Share of the area that is seen, with and without some cameras: counted, not added up."""
    gone = ~state.seeing
    gone[rows] = True
    chosen = tiles_under(state.ground.tiles, state.lens.bounds[rows])
    after = count(state.ground, state.lens, gone=gone, before=state.tally, chosen=chosen, threads=threads)
    inside = slice(1, None) if len(state.tally.villages) > 1 else slice(None)
    shares = [float(one.villages[inside, 1].sum() / max(one.villages[inside, 0].sum(), 1))
              for one in (state.tally, after)]  # fmt: skip
    return shares[0], shares[1]


def _advice(state: CoverageState, spare: Spare, threads: int) -> list[tuple[str, str]]:
    """Say what each camera would see that no other does if it were turned, else that it can go."""
    sectors, xy = state.views.sectors, state.views.xy
    single = np.bincount(sectors.camera, minlength=len(xy)) == 1
    fixed = single[sectors.camera] & (sectors.hfov_deg < 180) & np.isin(sectors.camera, spare.rows)
    mine = sectors.take(fixed)
    shapes = state.views.frame.geometry.to_numpy()
    left = np.flatnonzero(state.seeing & ~shapely.is_missing(shapes) & ~np.isin(np.arange(len(shapes)), spare.rows))
    fresh = all_round(
        xy, mine, state.standing, Others(state.lens.shapes, shapes[left], left),
        mount_m=state.views.optics.mount_m, threads=threads,
    )[1]  # fmt: skip
    gain = window(fresh, mine.hfov_deg)
    best = np.argmax(gain, axis=1) if len(gain) else np.empty(0, np.int64)
    heading = (best * STEP_DEG + np.ceil(mine.hfov_deg / STEP_DEG - 1e-9) * STEP_DEG / 2) % 360
    words = dict.fromkeys(spare.rows.tolist(), ("可拆除或移作他用", "it can be removed or used elsewhere"))
    for camera, to, metres in zip(mine.camera.tolist(), heading, gain[np.arange(len(best)), best], strict=True):
        if metres >= _WORTH_M2:
            words[camera] = (
                f"可拆除；或转向 {to:.0f}°，新看到 {metres:.0f} 平方米",
                f"it can be removed; or turned to {to:.0f}° it shows {metres:.0f} m² that nothing else does",
            )
    return [words[row] for row in spare.rows.tolist()]
