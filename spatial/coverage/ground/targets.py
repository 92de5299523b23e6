"""What must be seen besides land: places, junctions, entrances and the cordon, each as a disc.

Junctions are those of `spatial.coverage.ground.junctions`. An entrance is where a road of class village or above enters
built-up land or a hamlet (one per 50 m); the cordon is where one crosses a county, town or village border (one per
30 m, the width of its disc), or leaves one that it ran along on the other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from spatial.arrays import points_at
from spatial.coverage.ground.interest import MINOR, Roads, place_circles
from spatial.coverage.ground.junctions import junctions

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.arrays import Floats, Geometries


__all__ = ["FEWEST_TOLD", "KIND_WORDS", "cordon", "entrances", "targets"]

KIND_WORDS = {
    "school": ("所学校", "school", "schools"),
    "hospital": ("家医院", "hospital", "hospitals"),
    "market": ("处集市", "market", "markets"),
    "government": ("处党政机关", "government office", "government offices"),
    "station": ("处车站码头", "station", "stations"),
    "bank": ("处金融机构", "bank", "banks"),
    "bridge": ("座桥梁", "bridge", "bridges"),
    "square": ("处广场", "square", "squares"),
    "religious": ("处宗教场所", "religious place", "religious places"),
    "car_park": ("处停车场", "car park", "car parks"),
    "hazardous": ("处危险物品场所", "hazardous site", "hazardous sites"),
    "place": ("处重点部位", "key place", "key places"),
    "junction": ("个路口", "junction", "junctions"),
    "entrance": ("个村口", "entrance", "entrances"),
    "cordon": ("个边界通道", "border crossing", "border crossings"),
}

FEWEST_TOLD = 5
"""Fewer incidents than this weigh, but are not told."""

TARGET_RADIUS_M = 15.0
ENTRANCE_APART_M = 50.0
_NODE_M = 1.0


def targets(
    roads: Roads,
    *,
    built_up: Geometries,
    places: gpd.GeoDataFrame | None = None,
    villages: gpd.GeoDataFrame | None = None,
    hamlets: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """List every disc that must be seen: `kind`, `code`, `priority`, `level`, `x`, `y`, `radius_m`; places first.

    `level` is the highest border that a cordon point lies on (county, town, village), empty for other kinds.
    """
    tables = [_place_table(places)]
    gates, levels = cordon(roads, villages)
    crossings, ways_in = (_inside(found, villages) for found in (junctions(roads), entrances(roads, built_up, hamlets)))
    found = (("junction", crossings), ("entrance", ways_in), ("cordon", gates))
    for kind, points in found:
        tables.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "code": [f"{kind}-{number + 1:05}" for number in range(len(points))],
                    "priority": 2,
                    "level": levels if kind == "cordon" else "",
                    "x": points[:, 0],
                    "y": points[:, 1],
                    "radius_m": TARGET_RADIUS_M,
                }
            )
        )
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def entrances(roads: Roads, built_up: Geometries, hamlets: gpd.GeoDataFrame | None = None) -> Floats:
    """Find where roads of class village or above enter built-up land or a hamlet, one per 50 m."""
    outlines = [shapely.boundary(built_up)]
    if hamlets is not None and len(hamlets):
        # Hamlets that touch are entered once: only their common outline counts.
        known = shapely.union_all(shapely.make_valid(hamlets.geometry.to_numpy()))
        outlines.append(shapely.boundary(shapely.get_parts(known)))
    return _thinned(_crossings(roads, np.concatenate(outlines)), ENTRANCE_APART_M)


def cordon(roads: Roads, villages: gpd.GeoDataFrame | None) -> tuple[Floats, list[str]]:
    """Find where roads of class village or above cross a border, and the highest level of each border."""
    if villages is None or not len(villages):
        return np.empty((0, 2)), []
    shapes = villages.geometry.to_numpy()
    found = np.concatenate([_crossings(roads, shapely.boundary(shapes)), _changes_of_side(roads, shapes)])
    points = _thinned(found, 2 * TARGET_RADIUS_M)
    point, village = shapely.STRtree(shapes).query(points_at(points), predicate="dwithin", distance=_NODE_M)
    levels = np.full(len(points), "county", dtype=object)
    for level, column in (("town", "county_code"), ("village", "town_code")):
        pairs = pd.DataFrame({"point": point, "code": villages[column].to_numpy()[village], "village": village})
        group = pairs.groupby("point").agg(codes=("code", "nunique"), villages=("village", "nunique"))
        same = group.index[(group["codes"] == 1) & (group["villages"] > 1)]
        levels[same] = level
    return points, levels.tolist()


def _inside(points: Floats, villages: gpd.GeoDataFrame | None) -> Floats:
    """Keep the points whose disc lies in some village at least in part; road files go on beyond the county."""
    if villages is None or not len(villages):
        return points
    tree = shapely.STRtree(villages.geometry.to_numpy())
    near = tree.query(points_at(points), predicate="dwithin", distance=TARGET_RADIUS_M)[0]
    kept: Floats = points[np.unique(near)]
    return kept


def _place_table(places: gpd.GeoDataFrame | None) -> pd.DataFrame:
    circles = place_circles(places)
    count = len(circles)
    return pd.DataFrame(
        {
            "kind": ["place"] * count,
            "code": [] if places is None else places["place_id"].to_numpy(),
            "priority": 2 if places is None or "priority" not in places else places["priority"].fillna(3).astype(int),
            "level": [""] * count,
            "x": circles[:, 0],
            "y": circles[:, 1],
            "radius_m": circles[:, 2],
        }
    )


def _crossings(roads: Roads, outlines: Geometries) -> Floats:
    """Points where roads of class village or above cross some outlines; a road along an outline crosses nothing."""
    lines = roads.lines[roads.classes != MINOR]
    if not len(lines) or not len(outlines):
        return np.empty((0, 2))
    outline, line = shapely.STRtree(lines).query(outlines, predicate="intersects")
    met = shapely.get_parts(shapely.intersection(lines[line], outlines[outline]))
    return shapely.get_coordinates(met[shapely.get_type_id(met) == shapely.GeometryType.POINT])


def _changes_of_side(roads: Roads, shapes: Geometries) -> Floats:
    """Points where roads of class village or above leave a border that they ran along, on the other side of it."""
    lines = roads.lines[roads.classes != MINOR]
    shape, line = shapely.STRtree(lines).query(shapes, predicate="intersects")
    runs = shapely.line_merge(shapely.intersection(lines[line], shapely.boundary(shapes[shape])))
    runs, pair = shapely.get_parts(runs, return_index=True)
    along = shapely.get_type_id(runs) == shapely.GeometryType.LINESTRING
    runs, shape, line = runs[along], shape[pair[along]], lines[line[pair[along]]]
    ends = [shapely.get_point(runs, place) for place in (0, -1)]
    place = np.sort([shapely.line_locate_point(line, end) for end in ends], axis=0)
    beyond = np.array([[-_NODE_M], [_NODE_M]]) + place
    going_on = (beyond[0] >= 0) & (beyond[1] <= shapely.length(line))
    inside = shapely.intersects(shapes[shape], shapely.line_interpolate_point(line, beyond))
    changes = going_on & (inside[0] != inside[1])
    return shapely.get_coordinates(shapely.line_interpolate_point(line[changes], place[0][changes]))


def _thinned(points: Floats, apart_m: float) -> Floats:
    """Keep, by x and then y, every point that no kept one has within `apart_m`."""
    points = np.unique(np.round(points, 3), axis=0)
    if not len(points):
        return points
    near = KDTree(points).query_ball_point(points, apart_m)
    gone = np.zeros(len(points), bool)
    kept = []
    for number, others in enumerate(near):
        if not gone[number]:
            kept.append(number)
            gone[others] = True
    return points[kept]
