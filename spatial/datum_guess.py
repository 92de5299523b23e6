"""Which datum a batch of points was made in, found by laying it over what is already known to be right.

Each hypothesis (as the file says, GCJ-02, BD-09) is held against paired evidence, point by point: does it lie in
the village that its row names, in any village at all, near a road or building, and how many villages get a point.
A shift of 0.5 km (GCJ-02) or 1.2 km (BD-09) throws points over the county's border, off the roads and into the
next village, so the right hypothesis wins clearly, or the batch cannot tell and the caller has to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import shapely

from spatial.crs import STORAGE, MetreDoor, measuring_crs
from spatial.datum import in_china, wgs84_from_bd09, wgs84_from_gcj02

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["DatumGuess", "guess_datum"]

_INVERSES = {"gcj02": wgs84_from_gcj02, "bd09": wgs84_from_bd09}
_NEAR_M = 20.0
_MOST_INSIDE = 0.9  # of the points, where lying within the villages is to speak for a shift
_SAMPLE = 4000
"""Points that are looked at; more do not make the answer surer, only later."""

Verdict = Literal["fits", "shifted", "unsure", "alike", "nothing"]


@dataclass(frozen=True)
class DatumGuess:
    """What the batch says: `datum` is the best hypothesis, `verdict` how far to trust it.

    `fits`: as the file says. `shifted`: clearly `datum`. `unsure`: the evidence is thin or contradicts itself.
    `alike`: every hypothesis fits equally. `nothing`: there was nothing to compare with.
    `inside` counts, by hypothesis, the points within the villages, of `points` looked at.
    """

    datum: str
    verdict: Verdict
    points: int
    inside: dict[str, int]


@dataclass(frozen=True)
class _Evidence:
    """For one hypothesis: per point (or per village, for `hit`) whether it speaks for it; None where unknown."""

    declared: NDArray[np.bool_] | None
    inside: NDArray[np.bool_] | None
    near: NDArray[np.bool_] | None
    hit: NDArray[np.bool_] | None


def guess_datum(
    xy: NDArray[np.float64],
    *,
    villages: gpd.GeoDataFrame | None = None,
    declared: pd.Series | None = None,
    near: gpd.GeoDataFrame | None = None,
) -> DatumGuess:
    """Find the datum of points given as degrees, against villages and features in storage degrees.

    Parameters
    ----------
    xy
        Longitude and latitude, `(n, 2)`.
    villages
        Polygons known to be right, with `village_code`.
    declared
        Village code that each row names, aligned with `xy`; empty where it names none.
    near
        Features that most of the points should stand close to (roads for cameras, buildings for homes).
    """
    known = [frame for frame in (villages, near) if frame is not None and len(frame)]
    china = in_china(xy)
    if not len(xy) or not china.any():
        return DatumGuess("wgs84", "fits", 0, {})
    if not known:
        return DatumGuess("wgs84", "nothing", 0, {})
    keep = np.flatnonzero(china)
    keep = keep[:: max(1, len(keep) // _SAMPLE)]
    batch = xy[keep]
    codes = None if declared is None else declared.astype(object).to_numpy()[keep]
    witness = _Witness(villages, near, codes)
    stories = {"wgs84": witness.hear(batch)} | {name: witness.hear(undo(batch)) for name, undo in _INVERSES.items()}
    verdict, datum = _judge(stories)
    inside = {name: int(story.inside.sum()) for name, story in stories.items() if story.inside is not None}
    return DatumGuess(datum, verdict, len(batch), inside)


class _Witness:
    """What is known to be right, indexed once and asked once per hypothesis."""

    def __init__(
        self,
        villages: gpd.GeoDataFrame | None,
        near: gpd.GeoDataFrame | None,
        declared: NDArray[np.object_] | None,
    ) -> None:
        self._village_tree = None if villages is None or villages.empty else shapely.STRtree(villages.geometry.array)
        self._codes = np.array([]) if villages is None else villages["village_code"].to_numpy(dtype=object)
        self._declared = declared
        self._near: shapely.STRtree | None = None
        if near is not None and len(near):
            west, south, east, north = near.total_bounds
            self._door = MetreDoor(measuring_crs((west + east) / 2, (south + north) / 2))
            self._near = shapely.STRtree(self._door.forward(near[["geometry"]]).geometry.array)

    def hear(self, xy: NDArray[np.float64]) -> _Evidence:
        points = shapely.points(xy)
        inside = declared = hit = near = None
        if self._village_tree is not None:
            which, village = self._village_tree.query(points, predicate="intersects")
            inside, hit = np.zeros(len(xy), bool), np.zeros(len(self._codes), bool)
            inside[which], hit[village] = True, True
            if self._declared is not None and np.isin(self._declared.astype(str), self._codes.astype(str)).any():
                declared = np.zeros(len(xy), bool)
                declared[which[self._declared[which] == self._codes[village]]] = True
        if self._near is not None:
            metres = self._door.forward(gpd.GeoDataFrame(geometry=points, crs=STORAGE)).geometry.array
            near = np.zeros(len(xy), bool)
            near[self._near.query(metres, predicate="dwithin", distance=_NEAR_M)[0]] = True
        return _Evidence(declared, inside, near, hit)


def _judge(stories: dict[str, _Evidence]) -> tuple[Verdict, str]:
    """Choose the hypothesis that all the evidence prefers to the file's word."""
    said = stories["wgs84"]
    opinions = {name: _opinion(said, story) for name, story in stories.items() if name != "wgs84"}
    clear = [name for name, opinion in opinions.items() if opinion == "for"]
    if len(clear) > 1:  # GCJ-02 undoes part of BD-09's shift: let the two compete
        first, second = (_weight(stories[name]) for name in clear)
        clear = [] if first == second else [clear[0] if first > second else clear[1]]
        if not clear:
            return "unsure", "gcj02"
    if clear:
        return "shifted", clear[0]
    unsure = [name for name, opinion in opinions.items() if opinion == "unsure"]
    if unsure:
        return "unsure", unsure[0]
    return ("alike" if "alike" in opinions.values() else "fits"), "wgs84"


def _opinion(said: _Evidence, other: _Evidence) -> Literal["for", "against", "unsure", "alike"]:
    """Weigh the paired evidence for `other` over what the file said."""
    votes: list[int | None] = []
    for name in ("declared", "inside"):
        gained, lost = _paired(getattr(said, name), getattr(other, name))
        # A layer that reaches beyond the county gains points by any shift: the right one leaves few outside.
        held = name == "declared" or other.inside is None or other.inside.mean() >= _MOST_INSIDE
        if gained >= 3 and gained >= 4 * lost:
            votes.append(1 if held else None)
        elif lost > gained:
            votes.append(-1)
        elif gained:
            votes.append(None)
    for name in ("near", "hit"):  # McNemar: three standard deviations of the pairs that differ
        gained, lost = _paired(getattr(said, name), getattr(other, name))
        if abs(gained - lost) >= 3 * max(gained + lost, 9) ** 0.5:
            votes.append(1 if gained > lost else -1)
    if 1 in votes:
        return "unsure" if -1 in votes else "for"
    if -1 in votes:
        return "against"
    return "unsure" if None in votes else "alike"


def _paired(said: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> tuple[int, int]:
    """Count what `other` gains and loses against `said`."""
    if said is None or other is None:
        return 0, 0
    return int((other & ~said).sum()), int((said & ~other).sum())


def _weight(story: _Evidence) -> tuple[int, ...]:
    """Order hypotheses: rows in their own village, then inside, then near, then villages hit."""
    return tuple(
        0 if part is None else int(part.sum()) for part in (story.declared, story.inside, story.near, story.hit)
    )
