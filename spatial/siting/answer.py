"""What a choice of sites is answered with: the rows of the layer `sites`, the figures, and the curve of gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from spatial.layers import LAYERS
from spatial.siting.covering import maximal_cover
from spatial.siting.words import covers_text, stands_text

if TYPE_CHECKING:
    import pandas as pd

    from spatial.coverage import CoverageState
    from spatial.siting.candidates import Candidates
    from spatial.siting.covering import Cover
    from spatial.siting.demand import Demand

__all__ = ["curve", "figures_of", "site_rows"]

_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_AHEAD = 200


def site_rows(
    possible: Candidates, demand: Demand, sites: tuple[int, ...], state: CoverageState, *, phases: int, run: str
) -> dict[str, Any]:
    """Build the columns of the layer `sites`, in the order of gain."""
    rows = np.array(sites, dtype=np.int64)
    place = possible.table.iloc[possible.position[rows]]
    gain, words, left = [], [], demand.weight.copy()
    for row, origin, pole, zone in zip(rows, place["origin"], *_known(place), strict=True):
        points = possible.cover.indices[possible.cover.indptr[row] : possible.cover.indptr[row + 1]]
        fresh = points[left[points] > 0]
        gain.append(float(left[fresh].sum()))
        shown = covers_text(demand, fresh, state.targets, state.places)
        stands = stands_text(origin, pole=pole, zone=zone)
        words.append(f"{shown[0]}；{stands[0]} · {shown[1]}; {stands[1]}")
        left[fresh] = 0.0
    first_here = ~place[["x", "y"]].duplicated().to_numpy()
    sectors = possible.sectors.take(rows)
    columns = {
        "run": [run] * len(rows),
        "site_id": [f"S{number + 1:04}" for number in range(len(rows))],
        "pole_id": place["pole_id"].to_numpy(dtype=object),
        "azimuth_deg": sectors.azimuth_deg,
        "hfov_deg": sectors.hfov_deg,
        "range_m": sectors.far_m,
        "gain": np.array(gain, dtype=float),
        "gain_share": np.array(gain, dtype=float) / (demand.total or 1.0),
        "cost_yuan": possible.camera_yuan + np.where(first_here, place["pole_yuan"].to_numpy(dtype=float), 0.0),
        "phase": np.arange(len(rows)) * phases // max(1, len(rows)) + 1,
        "covers": words,
    }
    names = [name for name in LAYERS["sites"].names if name in columns]
    return {name: columns[name] for name in names} | {"geometry": gpd.points_from_xy(place["x"], place["y"])}


def _known(place: pd.DataFrame) -> list[list[str | None]]:
    """Give the pole and the zone of each place, None where there is none."""
    columns = (place[name].astype(object) for name in ("pole_id", "zone_id"))
    return [column.where(column.notna(), None).tolist() for column in columns]


def figures_of(
    sites: gpd.GeoDataFrame, demand: Demand, chosen: Cover, *, reach: bool, before: float | None
) -> dict[str, Any]:
    """Sum an answer up; `before` is the weight seen before cameras were turned, where some were.

    `gain_share` is what the turns and the new cameras add together.
    """
    total = demand.total or 1.0
    seen = demand.seen if before is None else before
    covered = demand.seen + chosen.covered
    if reach:
        bound = chosen.bound
        gap = (len(sites) - bound) / len(sites) if len(sites) else 0.0
    else:
        bound = (demand.seen + chosen.bound) / total
        gap = (chosen.bound - chosen.covered) / chosen.bound if chosen.bound else 0.0
    return {
        "sites": len(sites),
        "gain_share": (covered - seen) / total,
        "covered_share_before": seen / total,
        "covered_share_after": covered / total,
        "bound": float(bound),
        "optimality_gap": float(max(gap, 0.0)),
        "cost_yuan": float(sites["cost_yuan"].sum()),
    }


def curve(possible: Candidates, demand: Demand, sites: tuple[int, ...]) -> list[list[float]]:
    """Say what the first n cameras cover: pairs of n and the share, at 0, 1, 2, 5, 10 ... and at the number chosen.

    The chosen ones come in their order; those beyond them, up to 200 (or to the number chosen), are the best that
    can be added to them one by one.
    """
    room = possible.table["room"].to_numpy(dtype=np.int64)
    found = maximal_cover(
        possible.cover, demand.weight, max(_AHEAD, len(sites)), fixed=sites, group=possible.position, most=room
    )
    left, covered = demand.weight.copy(), [demand.seen]
    for row in found.sites:
        points = possible.cover.indices[possible.cover.indptr[row] : possible.cover.indptr[row + 1]]
        covered.append(covered[-1] + float(left[points].sum()))
        left[points] = 0.0
    steps = sorted({n for n in (*_STEPS, len(sites), len(covered) - 1) if n < len(covered)})
    return [[n, covered[n] / (demand.total or 1.0)] for n in steps]
