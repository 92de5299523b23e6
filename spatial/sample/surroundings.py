"""The other layers of a sample: barriers, hamlets, overlays, zones, poles, and the villages themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from spatial.sample.frames import codes, either, layer_frame
from spatial.sample.houses import APARTMENTS, PUBLIC
from spatial.sample.lines import along, points_at
from spatial.sample.roads import CLASSES

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from spatial.sample.cameras import Poles
    from spatial.sample.settlement import Settlement
    from spatial.sample.water import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = [
    "barriers_frame",
    "hamlet_names",
    "hamlets_frame",
    "overlays_frame",
    "poles_frame",
    "villages_frame",
    "without_spikes",
    "zones_frame",
]

_HAMLETS = (
    "前屯", "后屯", "东屯", "西屯", "南屯", "北屯", "新屯", "大院", "小洼", "桥头",
    "沟沿", "河湾", "岗上", "柳林", "坨子", "下坎",
)  # fmt: skip
_LAW = "公共安全视频图像信息系统管理条例第八条"


def barriers_frame(settlement: Settlement, ground: Ground, blocks: Geometries, *, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Gather roads and lanes, rivers, railway, motorway, and the walls of public compounds."""
    roads = settlement.roads
    public = shapely.STRtree(settlement.footprints[settlement.kind == PUBLIC])
    inside = np.unique(public.query(blocks, predicate="contains")[0])
    walls = shapely.boundary(shapely.buffer(blocks[inside], -5.0, quad_segs=1, join_style="mitre"))
    walls = walls[~shapely.is_empty(walls)]
    water = shapely.get_parts(ground.rivers)
    water = water[shapely.get_type_id(water) == 1]
    groups = (
        (roads.lines, "road", CLASSES[roads.rank], roads.bridge),
        (ground.motorway, "road", np.full(len(ground.motorway), "motorway", dtype=object), None),
        (water, "river", None, None),
        (ground.rail, "rail", None, None),
        (walls, "wall", None, None),
    )
    sizes = [len(lines) for lines, *_ in groups]
    nothing = [np.full(size, None, dtype=object) for size in sizes]
    columns = {
        "barrier_id": codes("R", sum(sizes)),
        "kind": np.repeat(np.array([kind for _, kind, *_ in groups], dtype=object), sizes),
        "road_class": np.concatenate([
            no if names is None else names for (_, _, names, _), no in zip(groups, nothing, strict=True)
        ]),
        "bridge": np.concatenate([
            np.zeros(size, dtype=bool) if over is None else over
            for (_, _, _, over), size in zip(groups, sizes, strict=True)
        ]),
    }  # fmt: skip
    return layer_frame("barriers", columns, np.concatenate([lines for lines, *_ in groups]), crs=crs)


def hamlet_names(settlement: Settlement, villages: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.object_]:
    """Name natural villages: the first of a village after it, the others by where they lie; number their hamlets."""
    stems = (
        villages["village"].str.replace("(社区|居委会|村委会|居民委员会|村)+$", "", regex=True).to_numpy(dtype=object)
    )
    names: list[str] = []
    for village, count in zip(*np.unique(settlement.cluster_village, return_counts=True), strict=True):
        words = rng.permutation(np.array(_HAMLETS, dtype=object))
        names += [f"{stems[village]}屯", *words[: count - 1].tolist()]
    order = np.argsort(settlement.cluster_village, kind="stable")
    cluster = np.empty(len(names), dtype=object)
    cluster[order] = names
    of = pd.Series(settlement.hamlet_cluster)
    place, several = of.groupby(of).cumcount(), of.groupby(of).transform("size") > 1
    numbered = [
        f"{name}{place + 1}组" if more else name
        for name, place, more in zip(cluster[settlement.hamlet_cluster], place, several, strict=True)
    ]
    return np.array(numbered, dtype=object)


def hamlets_frame(
    settlement: Settlement, villages: pd.DataFrame, names: NDArray[np.object_], *, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Give the hamlets with their village."""
    code = villages["village_code"].to_numpy(dtype=object)[settlement.hamlet_village]
    columns = {"hamlet_id": codes("G", len(names), 5), "hamlet": names, "village_code": code}
    return layer_frame("hamlets", columns, without_spikes(settlement.hamlets), crs=crs)


def without_spikes(shapes: Geometries) -> Geometries:
    """Take spikes thinner than a millimetre off polygons: carried into degrees, they would cross themselves."""
    rounded = shapely.set_precision(shapes, 0.001, mode="pointwise")
    thin = ~shapely.is_valid(rounded)
    answer = shapes.copy()
    for row in np.flatnonzero(thin):
        whole = shapely.make_valid(shapes[row])
        opened = shapely.buffer(shapely.buffer(whole, -0.001, join_style="mitre"), 0.001, join_style="mitre")
        parts = shapely.get_parts(shapely.intersection(opened, whole))
        answer[row] = parts[np.argmax(shapely.area(parts))]
    return answer


def villages_frame(
    polygons: Geometries,
    villages: pd.DataFrame,
    community: NDArray[np.bool_],
    homes: gpd.GeoDataFrame,
    county: tuple[str, str],
    *,
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame:
    """Give the villages with the sums of their homes and the class of the statistics code."""
    town = villages["town_code"].str[6:9].astype(int).to_numpy()
    urban = np.select([town < 100, town < 200], ["111", "121"], "210")
    counts = ["households", "residents", "occupied_households", "party_members"]
    sums = homes.groupby("village_code")[counts].sum().reindex(villages["village_code"]).fillna(0)
    columns: dict[str, Any] = {str(name): villages[name].to_numpy(dtype=object) for name in villages}
    columns |= {
        "county_code": np.full(len(villages), county[0], dtype=object),
        "county": np.full(len(villages), county[1], dtype=object),
        "kind": np.where(community, "community", "village").astype(object),
        "class": np.where(community, urban, "220").astype(object),
    }
    columns |= {name: sums[name].to_numpy().astype(np.int64) for name in counts}
    return layer_frame("villages", columns, polygons, crs=crs)


def overlays_frame(polygons: Geometries, villages: pd.DataFrame, *, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Draw police beats (警务区): the villages of a town in groups of about eight."""
    middles = shapely.get_coordinates(shapely.centroid(polygons))
    names: list[str] = []
    shapes: list[shapely.Geometry] = []
    for town, rows in villages.groupby("town", sort=True).indices.items():
        count = max(1, round(len(rows) / 8))
        order = rows[np.argsort(middles[rows] @ np.array([1.0, 0.35]), kind="stable")]
        for number, part in enumerate(np.array_split(order, count), start=1):
            names.append(f"{town}第{number}警务区")
            shapes.append(shapely.coverage_union_all(polygons[part]))
    columns = {
        "overlay_id": codes("O", len(names), 4),
        "system": np.full(len(names), "警务区", dtype=object),
        "name": np.array(names, dtype=object),
    }
    return layer_frame("overlays", columns, np.array(shapes, dtype=object), crs=crs)


def zones_frame(
    settlement: Settlement, blocks: Geometries, *, crs: pyproj.CRS, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Mark where cameras may not stand (baths, dormitories), need consent, or look on dwellings."""
    public = np.flatnonzero(settlement.kind == PUBLIC)
    chosen = rng.permutation(public)[: max(3, len(public) // 6)]
    forbidden = shapely.buffer(settlement.footprints[chosen], 1.0, join_style="mitre")
    flats = shapely.STRtree(settlement.footprints[settlement.kind == APARTMENTS])
    dense = np.unique(flats.query(blocks, predicate="contains")[0])
    residential = blocks[np.sort(rng.permutation(dense)[: max(3, len(dense) // 4)])]
    lonely = rng.integers(0, len(settlement.centres), max(1, len(settlement.centres) // 150))
    consent = shapely.buffer(points_at(settlement.centres[lonely] + 420.0), 90.0, quad_segs=3)
    groups = (
        (forbidden, "forbidden", _LAW),
        (consent, "consent", "同条例第十条：须经同意"),
        (residential, "residential", "个人信息保护法第二十六条"),
    )
    sizes = [len(shapes) for shapes, *_ in groups]
    columns = {
        "zone_id": codes("Z", sum(sizes), 4),
        "kind": np.repeat(np.array([kind for _, kind, _ in groups], dtype=object), sizes),
        "law": np.repeat(np.array([law for *_, law in groups], dtype=object), sizes),
    }
    return layer_frame("zones", columns, np.concatenate([shapes for shapes, *_ in groups]), crs=crs)


def poles_frame(
    settlement: Settlement, cameras: Poles, *, crs: pyproj.CRS, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Set light poles along streets and through hamlets, power poles along lanes, and the camera poles.

    The camera poles come first, in their own order. A pole that would stand in a building is left out.
    """
    roads = settlement.roads
    hamlet = np.unique(shapely.STRtree(roads.lines).query(settlement.hamlets, predicate="intersects")[1])
    town = settlement.footprints[(settlement.kind == APARTMENTS) | (settlement.kind == PUBLIC)]
    near_flats = (
        np.unique(shapely.STRtree(roads.lines).query(town, predicate="dwithin", distance=30.0)[1])
        if len(town)
        else hamlet[:0]
    )
    village_roads = hamlet[roads.rank[hamlet] >= 1]
    lanes = np.setdiff1d(hamlet, village_roads)
    lights = np.vstack([
        _posts(roads.lines[near_flats], 36.0, rng),
        _posts(roads.lines[np.setdiff1d(village_roads, near_flats)], 55.0, rng),
    ])  # fmt: skip
    power = _posts(roads.lines[np.setdiff1d(lanes, near_flats)], 85.0, rng)
    lights, power = _apart(lights, cameras.xy), _apart(power, cameras.xy)
    xy = np.vstack([cameras.xy, lights, power])
    kind = np.repeat(np.array(["camera", "light", "power"], dtype=object), [len(cameras.xy), len(lights), len(power)])
    points = points_at(xy)
    inside = shapely.STRtree(settlement.footprints).query(points, predicate="dwithin", distance=0.3)[0]
    keep = np.ones(len(xy), dtype=bool)
    keep[inside] = False
    keep[: len(cameras.xy)] = True
    kind = kind[keep]
    columns = {
        "pole_id": codes("L", len(kind)),
        "kind": kind,
        "cost_yuan": np.select([kind == "camera", kind == "light"], [6_000.0, 12_000.0], 15_000.0),
        "power": either(rng.random(len(kind)) < 0.93, True, None),
        "network": either(
            kind == "camera", True, either(rng.random(len(kind)) < 0.4, rng.random(len(kind)) < 0.5, None)
        ),
    }
    return layer_frame("poles", columns, points[keep], crs=crs)


def _posts(lines: Geometries, gap_m: float, rng: np.random.Generator) -> Floats:
    """Set posts beside lines, one every `gap_m`."""
    length = shapely.length(lines)
    count = (length / gap_m + 0.4).astype(np.int64)
    of = np.repeat(np.arange(len(lines)), count)
    step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    gap: Floats = np.minimum(gap_m, length / np.maximum(count, 1)).astype(np.float64)
    xy, tangent = along(lines[of], (step + 0.5) * gap[of])
    side = np.where((step % 2 == 0) & (gap_m < 40), -1.0, 1.0)[:, None]
    return xy + np.column_stack([-tangent[:, 1], tangent[:, 0]]) * side * 2.6 + rng.normal(0, 0.15, xy.shape)


def _apart(xy: Floats, others: Floats) -> Floats:
    """Leave out points within 3 m of others, or of one before them."""
    xy = xy[cKDTree(others).query(xy)[0] > 3.0]
    close = cKDTree(xy).query_pairs(6.0, output_type="ndarray")
    keep = np.ones(len(xy), dtype=bool)
    keep[close.max(axis=1)] = False
    return xy[keep]
