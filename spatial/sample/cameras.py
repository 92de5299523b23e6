"""A camera inventory as counties keep it: several per pole, headings in eight directions, and many gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatial.sample.frames import codes, either, layer_frame
from spatial.sample.lines import along, points_at
from spatial.sample.places import junctions_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from spatial.sample.settlement import Settlement

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

__all__ = ["CAMERAS_PER_POLE", "Poles", "camera_poles", "cameras_frame"]

CAMERAS_PER_POLE = 1.26
"""796 cameras on 633 poles, as one district's list has it."""


@dataclass(frozen=True)
class Poles:
    """Camera poles: point, direction looked along in degrees, and what they are for."""

    xy: Floats
    azimuth_deg: Floats
    purpose: NDArray[np.object_]


def camera_poles(settlement: Settlement, places: gpd.GeoDataFrame, *, count: int, rng: np.random.Generator) -> Poles:
    """Choose camera poles: key places and junctions first, then runs along streets and village roads.

    Poles of a run stand 35-60 m apart, those of one junction 20-40 m: half of all have a neighbour within 60 m,
    as in the inventories of real towns, and the rest are alone on the land.
    """
    groups = [
        _at_places(places, rng),
        _at_junctions(settlement, rng),
        _along_roads(settlement, count, rng),
    ]
    quota = (int(0.3 * count), int(0.34 * count), count)
    xy: list[Floats] = []
    azimuth: list[Floats] = []
    purpose: list[NDArray[np.object_]] = []
    left = count
    for (points, directions, names), most in zip(groups, quota, strict=True):
        take = np.arange(min(len(points), most, left))
        xy.append(points[take])
        azimuth.append(directions[take])
        purpose.append(names[take])
        left -= len(take)
    blocked = np.unique(
        shapely.STRtree(settlement.footprints).query(points_at(np.vstack(xy)), predicate="intersects")[0]
    )
    free = np.setdiff1d(np.arange(count - left), blocked)
    return Poles(np.vstack(xy)[free], np.concatenate(azimuth)[free] % 360, np.concatenate(purpose)[free])


def _azimuth(vector: Floats) -> Floats:
    """Give directions clockwise from north, in degrees."""
    result: Floats = np.degrees(np.arctan2(vector[:, 0], vector[:, 1])) % 360
    return result


def _at_places(places: gpd.GeoDataFrame, rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Set one to three poles around every key place, looking at it."""
    key = places[places["priority"] <= 2]
    key = key[~key["kind"].isin(["junction", "waterway"])]
    weight = np.where(key["priority"] == 1, rng.integers(1, 4, len(key)), rng.random(len(key)) < 0.75).astype(int)
    of = np.repeat(np.arange(len(key)), weight)
    of = of[np.argsort(rng.random(len(of)) + 0.5 * (key["priority"].to_numpy()[of] == 2))]
    turn, reach = rng.uniform(0, 2 * np.pi, len(of)), rng.uniform(10, 24, len(of))
    offset = np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None]
    xy = shapely.get_coordinates(key.geometry.to_numpy())[of] + offset
    return xy, _azimuth(-offset) + rng.normal(0, 12, len(of)), key["place"].to_numpy(dtype=object)[of]


def _at_junctions(settlement: Settlement, rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Set poles at the corners of junctions, major ones first, looking over the junction."""
    nodes, rank = junctions_of(settlement.roads, least_rank=1)
    order = np.argsort(-rank + rng.uniform(0, 2.5, len(rank)), kind="stable")
    nodes, rank = nodes[order], rank[order]
    of = np.repeat(np.arange(len(nodes)), np.where(rank >= 3, 2, np.where(rng.random(len(nodes)) < 0.4, 2, 1)))
    second = np.concatenate([[False], of[1:] == of[:-1]]) if len(of) else np.empty(0, dtype=bool)
    turn = rng.uniform(0, 2 * np.pi, len(nodes))[of] + np.where(second, np.pi, 0.0)
    offset = np.column_stack([np.cos(turn), np.sin(turn)]) * (8 + 2.0 * rank[of])[:, None]
    names = np.array([f"路口{n + 1}" for n in of.tolist()], dtype=object)
    return nodes[of] + offset, _azimuth(-offset) + rng.normal(0, 15, len(of)), names


def _along_roads(
    settlement: Settlement, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Set runs of poles along roads in hamlets and along streets of towns."""
    roads = settlement.roads
    in_hamlet = np.zeros(len(roads.lines), dtype=bool)
    in_hamlet[shapely.STRtree(roads.lines).query(settlement.hamlets, predicate="intersects")[1]] = True
    length = shapely.length(roads.lines)
    wanted = np.where(roads.rank >= 4, 1.0, np.where(roads.rank >= 1, np.where(in_hamlet, 2.2, 0.25), 0.12))
    wanted = np.where(roads.bridge | (length < 45), 0.0, wanted * np.sqrt(length))
    total = int((wanted > 0).sum())
    runs = rng.choice(len(length), min(count, total), replace=False, p=wanted / wanted.sum())
    gap = rng.uniform(35, 60, len(runs))
    number = np.clip(length[runs] / gap, 1, rng.integers(1, 5, len(runs))).astype(int)
    of = np.repeat(np.arange(len(runs)), number)
    step = np.arange(len(of)) - np.repeat(np.cumsum(number) - number, number)
    at = (step + 0.5) * gap[of]
    xy, tangent = along(roads.lines[runs[of]], np.minimum(at, length[runs[of]] - 1.0))
    side = np.column_stack([-tangent[:, 1], tangent[:, 0]]) * rng.choice([-4.5, 4.5], len(of))[:, None]
    ahead = np.where(rng.random(len(of)) < 0.5, 1.0, -1.0)[:, None] * tangent
    names = np.array(
        [f"{'主街' if hamlet else '道路'}{n + 1}" for n, hamlet in zip(of.tolist(), in_hamlet[runs[of]], strict=True)],
        dtype=object,
    )
    return xy + side, _azimuth(ahead) + rng.normal(0, 8, len(of)), names


def cameras_frame(
    poles: Poles,
    pole_ids: NDArray[np.object_],
    polygons: Geometries,
    villages: pd.DataFrame,
    *,
    count: int,
    crs: pyproj.CRS,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Hang `count` cameras on poles and write their list: identity, optics, state and papers, with real gaps."""
    of = np.sort(np.concatenate([np.arange(len(poles.xy)), _extra(len(poles.xy), count, rng)])[:count])
    n = len(of)
    second = np.concatenate([[0], np.where(of[1:] == of[:-1], 1, 0)])
    azimuth = (poles.azimuth_deg[of] + second * rng.uniform(80, 200, n)) % 360
    kind = rng.choice(
        np.array(["bullet", "dome", "ptz", "panorama", "gate"], dtype=object), n, p=[0.62, 0.17, 0.13, 0.03, 0.05]
    )
    xy = _misplaced(poles.xy[of], polygons, rng)
    at, polygon = shapely.STRtree(polygons).query(points_at(poles.xy[of]), predicate="intersects")
    name = np.full(n, "", dtype=object)
    name[at] = (
        villages["village"].str.replace("(居委会|村委会|居民委员会)$", "", regex=True).to_numpy(dtype=object)[polygon]
    )
    serial = codes("", n, 4)
    columns = {
        "camera_id": codes("C", n, 5),
        "gb_id": _gb_ids(str(villages["village_code"].iloc[0])[:6], n, kind, rng),
        "pole_id": pole_ids[of],
        "camera": name + poles.purpose[of] + "-" + serial,
        "kind": kind,
        **_headings(azimuth, kind, rng),
        **_optics(kind, rng),
        **_state(n, rng),
    }
    return layer_frame("cameras", columns, points_at(xy), crs=crs)


def _extra(poles: int, count: int, rng: np.random.Generator) -> Ints:
    """Choose the poles that carry more than one camera: a third of the extra ones are thirds and fourths."""
    extra = max(0, count - poles)
    twice = rng.permutation(poles)[: int(np.ceil(extra * 0.7))]
    return np.concatenate([twice, rng.choice(twice, extra - len(twice))]) if extra else np.empty(0, dtype=np.int64)


def _misplaced(xy: Floats, polygons: Geometries, rng: np.random.Generator) -> Floats:
    """Move a few cameras to where a wrong datum (500 m east by north) or a slipped digit puts them."""
    wrong = xy.copy()
    count = max(2, len(xy) // 700)
    moved = rng.permutation(len(xy))[: count + 2]
    wrong[moved[:count]] += np.array([447.0, 212.0])
    outline = shapely.get_coordinates(polygons)
    west, north = outline[np.argmin(outline[:, 0])], outline[np.argmax(outline[:, 1])]
    wrong[moved[count]] = west - np.array([1_800.0, 0.0])  # outside, but near enough that the list may be loaded again
    wrong[moved[count + 1]] = north + np.array([0.0, 2_400.0])
    return wrong


def _gb_ids(county: str, n: int, kind: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Write 20-digit device numbers (GB/T 28181, rule A): centre 8, industry 2, type 3, network 1, serial 6."""
    unit = rng.integers(1, 20, n)
    industry = rng.choice(["00", "01", "02", "04", "08", "11"], n, p=[0.4, 0.3, 0.08, 0.12, 0.04, 0.06])
    device = np.where(kind == "gate", "131", "132")
    ids = [
        f"{county}{u:02d}{i}{d}0{s:06d}"
        for u, i, d, s in zip(unit.tolist(), industry.tolist(), device.tolist(), range(1, n + 1), strict=True)
    ]
    return either(rng.random(n) < 0.03, None, np.array(ids, dtype=object))


def _headings(azimuth: Floats, kind: NDArray[np.object_], rng: np.random.Generator) -> dict[str, object]:
    """Write headings as lists do: exact, in one of eight directions, two at once, or not at all."""
    n = len(azimuth)
    draw = rng.random(n)
    round_ = np.isin(kind, ["ptz", "panorama"])
    exact, eighth = (draw < 0.58) & ~round_, (draw >= 0.58) & (draw < 0.84) & ~round_
    both = (draw >= 0.84) & (draw < 0.88) & ~round_
    value = np.where(exact, np.round(azimuth) % 360, np.where(eighth, np.round(azimuth / 45) * 45 % 360, np.nan))
    pair = [f"{int(a)};{int(a + 180) % 360}" for a in np.round(azimuth / 5) * 5 % 360]
    return {
        "azimuth_deg": value,
        "azimuth_tolerance_deg": np.where(eighth, 22.5, np.nan),
        "headings_deg": either(both, np.array(pair, dtype=object), None),
    }


def _optics(kind: NDArray[np.object_], rng: np.random.Generator) -> dict[str, object]:
    """Write lenses, sensors and mounts; what a list leaves out stays empty."""
    n = len(kind)

    def known(share: float, values: NDArray[np.floating[Any]]) -> Floats:
        result: Floats = np.where(rng.random(n) < share, values, np.nan)
        return result

    gate, dome = kind == "gate", kind == "dome"
    focal = np.where(
        gate,
        rng.choice([12.0, 16.0, 25.0], n),
        np.where(dome, rng.choice([2.8, 4.0], n), rng.choice([4.0, 6.0, 8.0, 12.0], n)),
    )
    large = rng.random(n) < 0.35
    width = np.where(large, 7.18, 5.37)
    hfov = np.degrees(2 * np.arctan(width / 2 / focal))
    vfov = np.degrees(2 * np.arctan(width * 9 / 16 / 2 / focal))
    round_ = np.isin(kind, ["ptz", "panorama"])
    lens = rng.random(n) < 0.55
    pixels = rng.choice([1920, 2560, 3840, 1280], n, p=[0.6, 0.27, 0.09, 0.04]).astype(float)
    height = np.select([pixels == 1920, pixels == 2560, pixels == 3840], [1080.0, 1440.0, 2160.0], 720.0)
    sized = rng.random(n) < 0.82
    return {
        "hfov_deg": np.where(lens & ~round_, np.round(hfov, 1), np.nan),
        "vfov_deg": np.where(lens & ~round_ & (rng.random(n) < 0.6), np.round(vfov, 1), np.nan),
        "focal_mm": np.where(round_, np.nan, known(0.5, focal)),
        "sensor": either(rng.random(n) < 0.45, either(large, '1/1.8"', '1/2.8"'), None),
        "width_px": np.where(sized, pixels, np.nan),
        "height_px": np.where(sized, height, np.nan),
        "mount_m": known(0.56, np.round(np.where(gate, 6.0, np.where(dome, 3.2, rng.normal(5.0, 0.8, n))), 1)),
        "tilt_deg": known(0.36, np.where(round_, np.nan, np.round(rng.normal(11, 2.5, n).clip(4, 25)))),
        "range_m": known(0.4, rng.choice([30.0, 50.0, 80.0, 100.0, 150.0], n)),
        "night_m": known(0.33, rng.choice([20.0, 30.0, 50.0, 80.0], n)),
    }


def _state(n: int, rng: np.random.Generator) -> dict[str, object]:
    """Write who owns a camera, whether it works, is networked, filed and signed, and how long it keeps pictures."""
    owners = np.array(["县公安局", "乡镇综治中心", "村（居）委会", "学校", "交通运输局", "企业单位"], dtype=object)
    owner = rng.choice(len(owners), n, p=[0.3, 0.24, 0.26, 0.06, 0.06, 0.08])
    point_class = np.array(["1", "1", "2", "2", "1", "3"], dtype=object)[owner]
    point_class = np.where(rng.random(n) < 0.04, "9", point_class)
    days = pd.to_datetime("2016-03-01") + pd.to_timedelta(rng.integers(0, 3_400, n), unit="D")
    filed = days + pd.to_timedelta(rng.integers(5, 120, n), unit="D")
    known, papers = rng.random(n) < 0.9, rng.random(n) < 0.68
    return {
        "point_class": point_class,
        "status": rng.choice(np.array(["working", "faulty", "offline"], dtype=object), n, p=[0.948, 0.022, 0.03]),
        "networked": rng.random(n) < np.where(point_class == "1", 0.97, np.where(point_class == "2", 0.86, 0.4)),
        "shared": rng.random(n) < np.where(point_class == "3", 0.3, 0.9),
        "owner": either(rng.random(n) < 0.95, owners[owner], None),
        "installed": pd.Series(days.tz_localize("UTC")).where(known),
        "filed": pd.Series(filed.tz_localize("UTC")).where(papers),
        "sign": either(rng.random(n) < 0.85, rng.random(n) < 0.8, None),
        "retention_days": rng.choice([30.0, 15.0, 60.0, 90.0, np.nan], n, p=[0.66, 0.07, 0.08, 0.11, 0.08]),
    }
