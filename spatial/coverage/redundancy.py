"""More cameras is not the goal: those that add next to nothing, and ground that four or more see.

A camera is weighed by the part of its view that no other working camera sees, exactly. Those that add least go first;
each further one is weighed against what is left, so all that are listed can go together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatial.arrays import met, points_at
from spatial.coverage.ground import count, tiles_under
from spatial.coverage.sights import sector_views
from spatial.coverage.sweeps import STEP_DEG, by_direction, window

if TYPE_CHECKING:
    from spatial.arrays import Flags, Floats, Geometries, Ints
    from spatial.coverage.cover import CoverageState
    from spatial.problems import Problems

__all__ = ["Spare", "redundancy_problems", "spare_cameras"]

LITTLE = 0.01
"""A camera adds little when less than this share of its view is its own."""
OFTEN_SHARE, OFTEN_M2 = 0.05, 1000.0
_TRIED = 64
_WORTH_M2 = 100.0
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
_OWN = 3  # with more own points of 64 than this, a view is not within 1 % of having none


@dataclass(frozen=True)
class Spare:
    """Cameras that can go together: row in the list, own share of the view, and how many others see the rest."""

    rows: Ints
    share: Floats
    others: Ints


def redundancy_problems(state: CoverageState, problems: Problems) -> None:
    """List cameras that add little, what turning would make of them, and ground that is watched often."""
    spare = spare_cameras(state)
    codes, points = state.cameras["camera_id"].to_numpy(), state.cameras.geometry.to_numpy()
    for row, share, others, (zh, en) in zip(spare.rows, spare.share, spare.others, _advice(state, spare), strict=True):
        problems.add(
            "camera-adds-little", code=str(codes[row]), geometry=points[row], share=float(share), others=int(others),
            zh=zh, en=en,
        )  # fmt: skip
    if len(spare.rows):
        before, after = _without(state, spare.rows)
        problems.add("cameras-add-little", count=len(spare.rows), before=before, after=after)
    square = state.options.resolution**2
    table = state.tally.villages
    for number in range(1, len(table)):
        interest, often = table[number, 0] * square, table[number, 3] * square
        if often >= max(OFTEN_M2, OFTEN_SHARE * interest):
            code = str(state.units.village_codes[number - 1])
            problems.add("area-watched-often", code=code, area=float(often), share=float(often / interest))


def spare_cameras(state: CoverageState) -> Spare:
    """Find the working cameras of whose view others see all but a hundredth, in the order in which they can go."""
    shapes = state.views.frame.geometry.to_numpy()
    alive = np.flatnonzero(state.seeing & ~shapely.is_missing(shapes))
    views = shapes[alive]
    if not len(views):
        return Spare(alive, np.empty(0), alive)
    area = shapely.area(views)
    tree = shapely.STRtree(views)
    some = _mostly_shared(views, tree)
    near = [np.setdiff1d(others, row) for row, others in zip(some, met(tree, views[some]), strict=True)]
    gone = np.zeros(len(views), bool)
    share = np.array([_own(views, row, others, gone) for row, others in zip(some, near, strict=True)]) / area[some]
    rows, left, seen = [], [], []
    for place in np.lexsort((some, share)):
        if share[place] >= LITTLE:
            break
        row, others = some[place], near[place]
        own = _own(views, row, others, gone) / area[row] if gone[others].any() else share[place]
        if own < LITTLE:
            gone[row] = True
            rows.append(alive[row])
            left.append(own)
            seen.append(int((~gone[others]).sum()))
    return Spare(np.array(rows, dtype=np.int64), np.array(left, dtype=float), np.array(seen, dtype=np.int64))


def _mostly_shared(views: Geometries, tree: shapely.STRtree) -> Ints:
    """Rule out, by points spread evenly over each view, the cameras that clearly see something of their own."""
    box = shapely.bounds(views)
    turn = np.arange(_TRIED)
    spread = np.column_stack([(turn + 0.5) / _TRIED, turn * _GOLDEN / (2 * np.pi) % 1.0])
    xy = (box[:, None, :2] + spread[None] * (box[:, None, 2:] - box[:, None, :2])).reshape(-1, 2)
    points = points_at(xy)
    owner = np.repeat(np.arange(len(views)), _TRIED)
    point, view = tree.query(points, predicate="intersects")
    inside = np.zeros(len(points), bool)
    inside[point[view == owner[point]]] = True
    seen = np.bincount(point, minlength=len(points))
    own = np.bincount(owner[inside & (seen == 1)], minlength=len(views))
    return np.flatnonzero(own <= _OWN)


def _own(views: Geometries, row: int, others: Ints, gone: Flags) -> float:
    """Area of a view that none of the others sees."""
    rest = others[~gone[others]]
    if not len(rest):
        return float(shapely.area(views[row]))
    return float(shapely.area(shapely.difference(views[row], shapely.union_all(views[rest]))))


def _without(state: CoverageState, rows: Ints) -> tuple[float, float]:
    """Share of the area that is seen, with and without some cameras: counted, not added up."""
    gone = ~state.seeing
    gone[rows] = True
    chosen = tiles_under(state.ground.tiles, state.lens.bounds[rows])
    after = count(state.ground, state.lens, gone=gone, before=state.tally, chosen=chosen,
                  threads=state.options.threads)  # fmt: skip
    inside = slice(1, None) if len(state.tally.villages) > 1 else slice(None)
    shares = [float(one.villages[inside, 1].sum() / max(one.villages[inside, 0].sum(), 1))
              for one in (state.tally, after)]  # fmt: skip
    return shares[0], shares[1]


def _advice(state: CoverageState, spare: Spare) -> list[tuple[str, str]]:
    """Say what each camera would see that no other does if it were turned, else that it can go."""
    sectors, xy = state.views.sectors, state.views.xy
    single = np.bincount(sectors.camera, minlength=len(xy)) == 1
    fixed = single[sectors.camera] & (sectors.hfov_deg < 180) & np.isin(sectors.camera, spare.rows)
    mine = sectors.take(fixed)
    around = sector_views(
        xy, replace(mine, hfov_deg=np.full(len(mine.camera), 360.0)), state.standing,
        mount_m=state.views.optics.mount_m,
    )  # fmt: skip
    shapes = state.views.frame.geometry.to_numpy()
    left = shapes[state.seeing & ~shapely.is_missing(shapes) & ~np.isin(np.arange(len(shapes)), spare.rows)]
    fresh = around.copy()
    for row, others in enumerate(met(shapely.STRtree(left), around)):
        if len(others):
            fresh[row] = shapely.difference(around[row], shapely.union_all(left[others]))
    gain = window(by_direction(fresh, xy[mine.camera]), mine.hfov_deg)
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
