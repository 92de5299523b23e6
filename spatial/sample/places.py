"""Places that are watched: public buildings of towns, schools, stations, junctions, village entrances, bridges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from spatial.sample.frames import codes, layer_frame
from spatial.sample.houses import PUBLIC
from spatial.sample.lines import points_at
from spatial.sample.roads import Roads

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from spatial.sample.settlement import Settlement
    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["junctions_of", "places_frame"]

_SEAT = (
    ("government", "县政府", 1), ("government", "县公安局", 1),
    ("hospital", "县人民医院", 1), ("hospital", "县中医院", 1),
    ("school", "县第一中学", 1), ("school", "县实验小学", 1), ("square", "中心广场", 1), ("stadium", "县体育场", 2),
    ("mall", "百货商场", 1), ("mall", "商业步行街", 2), ("museum", "县博物馆", 2), ("park", "人民公园", 2),
    ("car_park", "公共停车场", 3), ("market", "中心农贸市场", 2), ("station", "县客运站", 1), ("bank", "县农商银行", 2),
    ("public_order", "夜市", 2), ("foreign", "涉外宾馆", 3),
)  # fmt: skip
_TOWN = (
    ("government", "政府", 1), ("school", "中心小学", 1), ("hospital", "卫生院", 1), ("market", "农贸市场", 2),
    ("bank", "信用社", 2), ("school", "初级中学", 1), ("car_park", "停车场", 3), ("park", "文化广场", 3),
)  # fmt: skip


def places_frame(
    settlement: Settlement,
    ground: Ground,
    polygons: Geometries,
    villages: pd.DataFrame,
    seat_village: Ints,
    *,
    crs: pyproj.CRS,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Make places of every kind, each in front of its building or on its road, with its priority."""
    roads = settlement.roads
    names = villages["village"].str.replace("(居委会|村委会|居民委员会)$", "", regex=True).to_numpy(dtype=object)
    rows: list[tuple[str, str, int, float]] = []
    xy: list[Floats] = []

    def add(kind: str, place: str, priority: int, point: Floats, radius: float = np.nan) -> None:
        rows.append((kind, place, priority, radius))
        xy.append(np.asarray(point, dtype=float))

    for point, (kind, name, priority) in zip(_fronts(settlement, ground.seat, len(_SEAT), rng), _SEAT, strict=False):
        add(kind, name, priority, point)
    for number in seat_village.tolist():
        town = str(villages["town"].iloc[number])
        middle = shapely.get_coordinates(shapely.centroid(polygons[number]))[0]
        for point, (kind, name, priority) in zip(_fronts(settlement, middle, len(_TOWN), rng), _TOWN, strict=False):
            add(kind, town + name, priority, point)
    first = np.unique(settlement.cluster_village, return_index=True)[1]
    for cluster in first.tolist():
        village = str(names[settlement.cluster_village[cluster]])
        centre = settlement.centres[cluster]
        add("government", village + "村委会", 2, centre + rng.normal(0, 8, 2))
        if rng.random() < 0.3:
            add("school", village + "小学", 1, centre + rng.normal(0, 25, 2))
        if rng.random() < 0.15:
            add("religious", village + "庙", 3, centre + rng.normal(0, 40, 2))
    for entrance, cluster in zip(*_entrances(settlement, rng), strict=True):
        add("village_entrance", f"{names[settlement.cluster_village[cluster]]}村口", 2, entrance)
    _add_roads(add, roads, ground, rng)
    points = np.array(xy)
    at, polygon = shapely.STRtree(polygons).query(points_at(points), predicate="intersects")
    village_code = np.full(len(points), None, dtype=object)
    village_code[at] = villages["village_code"].to_numpy(dtype=object)[polygon]
    table = pd.DataFrame(rows, columns=["kind", "place", "priority", "radius_m"])
    inside = village_code != None  # noqa: E711 (element by element)
    same = table["place"].groupby(table["place"]).cumcount()
    table["place"] = np.where(same > 0, table["place"] + "（" + (same + 1).astype(str) + "）", table["place"])
    table = table[inside].reset_index(drop=True)
    columns = {name: table[name].to_numpy() for name in table}
    columns |= {"place_id": codes("P", len(table), 5), "village_code": village_code[inside]}
    return layer_frame("places", columns, points_at(points[inside]), crs=crs)


def _fronts(settlement: Settlement, middle: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Give points in front of the public buildings nearest to a middle, on the way to the nearest road."""
    public = np.flatnonzero(settlement.kind == PUBLIC)
    middles = (
        shapely.get_coordinates(shapely.centroid(settlement.footprints[public])) if len(public) else np.empty((0, 2))
    )
    gap = np.hypot(*(middles - middle).T)
    near = public[np.argsort(gap, kind="stable")[:count]]
    near = near[np.sort(gap)[: len(near)] < 1_500]
    if len(near) < count:  # a town without public buildings: houses in its middle serve
        houses = np.flatnonzero(settlement.hamlet >= 0) if not len(near) else np.arange(len(settlement.kind))
        spot = shapely.get_coordinates(shapely.centroid(settlement.footprints[houses]))
        order = houses[np.argsort(np.hypot(*(spot - middle).T), kind="stable")]
        near = np.concatenate([near, order[::7][: count - len(near)]])
    near = rng.permutation(near)
    points = shapely.centroid(settlement.footprints[near])
    road = settlement.roads.lines[shapely.STRtree(settlement.roads.lines).nearest(points)]
    way = shapely.shortest_line(points, road)
    return shapely.get_coordinates(shapely.line_interpolate_point(way, 0.8, normalized=True))


def _entrances(settlement: Settlement, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Give where roads of village class and above enter clusters, 50 m apart, the main three of every village."""
    roads = settlement.roads.lines[settlement.roads.rank >= 1]
    rings = shapely.boundary(settlement.clusters)
    road, ring = shapely.STRtree(rings).query(roads, predicate="intersects")
    points, of = shapely.get_parts(shapely.intersection(roads[road], rings[ring]), return_index=True)
    point = shapely.get_type_id(points) == 0
    xy, cluster = shapely.get_coordinates(points[point]), ring[of[point]]
    one, two = shapely.STRtree(points_at(xy)).query(points_at(xy), predicate="dwithin", distance=50.0)
    first = np.ones(len(xy), dtype=bool)
    first[two[one < two]] = False
    village = settlement.cluster_village[cluster]
    order = rng.permutation(np.flatnonzero(first))
    order = order[pd.Series(village[order]).groupby(village[order]).cumcount().to_numpy() < 3]
    order = np.sort(order)
    return xy[order], cluster[order]


def junctions_of(roads: Roads, *, least_rank: int, arms_rank: int = 0) -> tuple[Floats, Ints]:
    """Give the nodes with three arms or more, two of them of `least_rank` or above, and their highest rank.

    Roads below `arms_rank` do not count as arms.
    """
    counted = roads.rank >= arms_rank
    roads = Roads(roads.lines[counted], roads.rank[counted], roads.bridge[counted])
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(roads.lines, at)) for at in (0, -1)])
    rank = np.tile(roads.rank, 2)
    nodes, number = np.unique(np.round(ends, 2), axis=0, return_inverse=True)
    number = number.ravel()
    arms = np.bincount(number)
    major = np.bincount(number, weights=rank >= least_rank)
    highest = np.zeros(len(nodes), dtype=np.int64)
    np.maximum.at(highest, number, rank)
    chosen = (arms >= 3) & (major >= 2)
    return nodes[chosen], highest[chosen]


def _add_roads(add: object, roads: Roads, ground: Ground, rng: np.random.Generator) -> None:
    """Add what lies on roads: junctions, bridges, checkpoints at the border, filling stations, the railway station."""
    put = add if callable(add) else _nothing
    nodes, rank = junctions_of(roads, least_rank=2, arms_rank=1)
    for number, point in enumerate(nodes[rank >= 3], start=1):
        put("junction", f"{number}号路口", 1 if rank[rank >= 3][number - 1] >= 4 else 2, point)
    for number, line in enumerate(roads.lines[roads.bridge], start=1):
        put(
            "bridge",
            f"{number}号桥",
            1,
            shapely.get_coordinates(shapely.line_interpolate_point(line, 0.5, normalized=True))[0],
        )
    trunks = roads.lines[roads.rank >= 4]
    border = shapely.boundary(ground.outline)
    crossing = shapely.get_coordinates(shapely.intersection(trunks[shapely.intersects(trunks, border)], border))
    for number, point in enumerate(crossing, start=1):
        put(
            "checkpoint",
            f"{number}号县界卡口",
            1,
            point + (ground.seat - point) / np.hypot(*(ground.seat - point)) * 25,
        )
    spots = np.flatnonzero(shapely.length(trunks) > 250)
    for number, spot in enumerate(
        rng.choice(spots, min(len(spots), max(2, int(ground.scale_m / 3_000))), replace=False)
    ):
        middle = shapely.get_coordinates(shapely.line_interpolate_point(trunks[spot], 0.5, normalized=True))[0]
        kind, name = (("service_station", "加油站"), ("main_road", "干道路段"), ("hazardous", "燃气站"))[number % 3]
        put(kind, f"{number + 1}号{name}", 2, middle + np.array([14.0, 9.0]))
    if len(ground.rail):
        rail = ground.rail[np.argmin(shapely.distance(ground.rail, shapely.Point(ground.seat)))]
        stop = shapely.get_coordinates(shapely.shortest_line(rail, shapely.Point(ground.seat)))
        put("station", "火车站", 1, stop[0] + (stop[1] - stop[0]) / np.hypot(*(stop[1] - stop[0])) * 45, 60.0)
    for name, river in zip(("东河", "西河"), ground.rivers, strict=False):
        middle = shapely.get_coordinates(shapely.line_interpolate_point(river, 0.5, normalized=True))[0]
        put("waterway", name + "水域", 3, middle)
        put("scenic", name + "湿地", 3, middle + np.array([160.0, 40.0]))


def _nothing(*_: object) -> None:
    """Take no notice."""
