"""Lays incoming shapes over what the project already knows: which datum they are in, and which lie outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from spatial.crs import STORAGE, MetreDoor, measuring_crs
from spatial.datum import to_wgs84
from spatial.datum_guess import guess_datum
from spatial.errors import CrsError
from spatial.problems import Problems

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from files.reading.raw import Note

__all__ = ["FAR_M", "Known", "far_away", "settle_datum"]

FAR_M = 5000.0
"""Rows farther than this from every village are somebody else's, or wrong."""

_STANDS_NEAR = {
    "cameras": ("roads", "buildings", "homes"), "poles": ("roads", "buildings"), "homes": ("buildings", "roads"),
    "places": ("roads", "buildings"), "incidents": ("roads", "buildings"), "members": ("buildings",),
    "buildings": ("homes", "roads"),
}  # fmt: skip
_ZH = {"gcj02": "GCJ-02（火星坐标）", "bd09": "BD-09（百度坐标）", "wgs84": "WGS 84", "cgcs2000": "CGCS2000"}
_EN = {"gcj02": "GCJ-02", "bd09": "BD-09", "wgs84": "WGS 84", "cgcs2000": "CGCS2000"}


@dataclass(frozen=True)
class Known:
    """What the project holds already, in storage degrees; any may be missing."""

    villages: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    homes: gpd.GeoDataFrame | None = None

    def beside(self, layer: str) -> gpd.GeoDataFrame | None:
        """Give the features that most rows of a layer should stand close to."""
        for name in _STANDS_NEAR.get(layer, ()):
            frame: gpd.GeoDataFrame | None = getattr(self, name)
            if name == "roads" and frame is not None and "kind" in frame:
                frame = frame[frame["kind"] == "road"]
            if frame is not None and len(frame):
                return frame
        return None


def settle_datum(
    shapes: NDArray[np.object_],
    *,
    layer: str,
    datum: str,
    known: Known,
    declared: pd.Series | None,
    name: str,
) -> tuple[NDArray[np.object_], str, list[Note], Problems]:
    """Bring degrees of any datum to WGS 84; with `auto`, find the datum by what is known.

    Raises
    ------
    CrsError
        `auto` finds evidence for a shifted datum that is too thin to act on.
    """
    problems = Problems()
    if datum != "auto":
        moved = to_wgs84(shapes, datum)
        if datum in {"wgs84", "cgcs2000"}:
            return moved, datum, [], problems
        return moved, datum, [(f"已由 {_ZH[datum]} 转换为 WGS 84", f"converted from {_EN[datum]} to WGS 84")], problems
    present = ~shapely.is_missing(shapes)
    xy = shapely.get_coordinates(shapely.centroid(shapes[present]))
    codes = None if declared is None else declared[present].reset_index(drop=True)
    villages = None if layer == "villages" else known.villages
    guess = guess_datum(xy, villages=villages, declared=codes, near=known.beside(layer))
    counts = guess.inside
    if guess.verdict == "shifted":
        tally = f"，村界内 {counts['wgs84']} → {counts[guess.datum]} / {guess.points}" if counts else ""
        tally_en = (
            f", inside the villages {counts['wgs84']} → {counts[guess.datum]} of {guess.points}" if counts else ""
        )
        note = (
            f"坐标实为 {_ZH[guess.datum]}{tally}，已转换为 WGS 84",
            f"the coordinates are in {_EN[guess.datum]}{tally_en}; converted to WGS 84",
        )
        return to_wgs84(shapes, guess.datum), guess.datum, [note], problems
    if guess.verdict == "unsure":
        _ask(name, counts, guess.points, guess.datum)
    if guess.verdict == "nothing":
        problems.add("datum-unchecked", layer=layer, points=len(xy), datum="WGS 84 / CGCS2000")
    elif guess.verdict == "alike":
        problems.add("datum-alike", layer=layer, points=guess.points)
    return shapes, "wgs84", [], problems


def _ask(name: str, counts: dict[str, int], points: int, datum: str) -> None:
    said = "，".join(f"按 {_EN[key]} 有 {value} 个" for key, value in counts.items())
    said_en = ", ".join(f"{value} as {_EN[key]}" for key, value in counts.items())
    raise CrsError(
        f"{name} 的坐标基准说不准：{points} 个点中落在村界内的，{said}；请写明 --datum wgs84 或 --datum {datum}",
        f"the datum of {name} is unclear: of {points} points the villages hold {said_en}; "
        f"say --datum wgs84 or --datum {datum}",
    )


def far_away(shapes: NDArray[np.object_], villages: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    """Say which shapes lie more than 5 km from every village; none where there are no villages."""
    far = np.zeros(len(shapes), bool)
    if villages is None or villages.empty:
        return far
    present = ~shapely.is_missing(shapes)
    west, south, east, north = villages.total_bounds
    room = 0.06 / max(0.1, np.cos(np.radians(max(abs(south), abs(north)))))  # a little over 5 km, in degrees
    box = shapely.box(west - room, south - 0.06, east + room, north + 0.06)
    close = present & shapely.intersects(shapes, box)
    far[present & ~close] = True
    candidates = np.flatnonzero(close)
    tree = shapely.STRtree(villages.geometry.array)
    inside = np.unique(tree.query(shapes[candidates], predicate="intersects")[0])
    left = np.delete(candidates, inside)
    if len(left):
        door = MetreDoor(measuring_crs((west + east) / 2, (south + north) / 2))
        metres = door.forward(villages[["geometry"]]).geometry.array
        moved = door.forward(gpd.GeoDataFrame(geometry=shapes[left], crs=STORAGE)).geometry.array
        reached = np.unique(shapely.STRtree(metres).query(moved, predicate="dwithin", distance=FAR_M)[0])
        far[np.delete(left, reached)] = True
    return far
