"""A county made for measuring: 314 villages of houses along lanes, 40,000 cameras on walls and lane corners.

Everything is in metres and the same on every machine. Houses stand on lots of 14 x 14 m, 4 m lanes run after every
second row and every sixth house, a quarter of the houses are L-shaped, one lot in twelve is empty. The villages
are squares of 2 km; a provincial and a national road join each with the next ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["CRS", "county_scene", "row_houses"]

CRS = "EPSG:4550"
_X0, _Y0 = 500_000.0, 4_500_000.0
_SPACING = 2000.0
_HOUSES, _CAMERAS = 640, 127


def county_scene(villages: int = 314, *, seed: int = 7) -> dict[str, gpd.GeoDataFrame]:
    """Give the layers of `villages` villages, ready for `spatial.cover`."""
    rng = np.random.default_rng(seed)
    columns = int(np.ceil(np.sqrt(villages)))
    corner = np.column_stack([np.arange(villages) % columns, np.arange(villages) // columns]) * _SPACING
    corner += np.array([_X0, _Y0])
    houses, spots = [], []
    for low in corner:
        middle = low + _SPACING / 2 + rng.uniform(-200, 200, 2)
        turn = rng.uniform(0, np.pi)
        turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        mine = [ring @ turned + middle for ring in _village(rng)]
        houses.extend(mine)
        spots.append(_spots(rng, mine, turned, middle))
    xy = np.concatenate(spots)
    return {
        "cameras": _cameras(rng, xy),
        "buildings": _frame("building_id", "B", [shapely.polygons(ring) for ring in houses]),
        "villages": _villages(corner),
        "barriers": _roads(corner),
        "places": gpd.GeoDataFrame(
            {"place_id": [f"P{k:04}" for k in range(len(corner))], "kind": "school", "priority": 1},
            geometry=gpd.points_from_xy(*(corner + _SPACING / 2).T), crs=CRS,
        ),
    }  # fmt: skip


def row_houses(rows: int = 120, houses: int = 100, *, seed: int = 3) -> gpd.GeoDataFrame:
    """Give attached houses 8-12 m wide in rows 20 m apart: most touch the next, one in eight overlaps it."""
    rng = np.random.default_rng(seed)
    shapes = []
    for row in range(rows):
        x = 0.0
        for _ in range(houses):
            if rng.random() < 0.2:
                x += rng.uniform(2, 8)
                continue
            wide, deep, over = float(rng.integers(8, 13)), float(rng.integers(8, 12)), 0.7 * (rng.random() < 0.125)
            shapes.append(shapely.box(_X0 + x - over, _Y0 + row * 20, _X0 + x + wide, _Y0 + row * 20 + deep))
            x += wide
    return _frame("building_id", "B", shapes)


def _frame(key: str, prefix: str, shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({key: [f"{prefix}{k:06}" for k in range(len(shapes))]}, geometry=shapes, crs=CRS)


def _village(rng: np.random.Generator) -> list[Floats]:
    """Rings of the houses of one village around the origin, anticlockwise."""
    across = int(np.sqrt(_HOUSES) * 1.1)
    down = int(np.ceil(_HOUSES / across))
    rings = []
    for lot in range(_HOUSES):
        row, column = divmod(lot, across)
        x, y = column * 14 + column // 6 * 4 - across * 7, row * 14 + row // 2 * 5 - down * 7
        if rng.random() < 0.08:
            continue
        w, h = rng.uniform(9, 12.5), rng.uniform(8, 12.5)
        shift = np.array([x + rng.uniform(0, 13.5 - w), y + rng.uniform(0, 13.5 - h)])
        ring = np.array([[0, 0], [w, 0], [w, h], [0, h]])
        if rng.random() < 0.25:
            u, t = w * rng.uniform(0.4, 0.7), h * rng.uniform(0.4, 0.7)
            ring = np.array([[0, 0], [w, 0], [w, t], [u, t], [u, h], [0, h]])
        a = rng.normal(0, 0.03)
        rings.append(ring @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) + shift)
    return rings


def _spots(rng: np.random.Generator, rings: list[Floats], turned: Floats, middle: Floats) -> Floats:
    """Six cameras in ten stand at lane corners, four hang 0.3 m in front of a wall."""
    across = int(np.sqrt(_HOUSES) * 1.1)
    down = int(np.ceil(_HOUSES / across))
    spots = []
    for _ in range(_CAMERAS):
        if rng.random() < 0.6:
            column, row = rng.integers(0, across // 6 + 1), rng.integers(0, down // 2 + 1)
            at = np.array([column * 88 - 2 - across * 7, row * 33 - 2.7 - down * 7]) + rng.normal(0, 0.5, 2)
            spots.append(at @ turned + middle)
            continue
        ring = rings[rng.integers(0, len(rings))]
        edge = rng.integers(0, len(ring))
        one, two = ring[edge], ring[(edge + 1) % len(ring)]
        out = np.array([two[1] - one[1], one[0] - two[0]]) / np.hypot(*(two - one))
        spots.append(one + (two - one) * rng.uniform(0.2, 0.8) + out * 0.3)
    return np.array(spots)


def _cameras(rng: np.random.Generator, xy: Floats) -> gpd.GeoDataFrame:
    """One camera in ten turns (a full circle), the others see 60-110 degrees, 30-120 m far."""
    count = len(xy)
    return gpd.GeoDataFrame(
        {
            "camera_id": [f"C{k:05}" for k in range(count)],
            "kind": np.where(rng.random(count) < 0.1, "ptz", "bullet"),
            "azimuth_deg": rng.uniform(0, 360, count),
            "hfov_deg": rng.uniform(60, 110, count),
            "range_m": rng.uniform(30, 120, count),
            "mount_m": rng.uniform(3, 6, count),
            "networked": rng.random(count) < 0.9,
        },
        geometry=gpd.points_from_xy(*xy.T), crs=CRS,
    )  # fmt: skip


def _villages(corner: Floats) -> gpd.GeoDataFrame:
    codes = [f"211122{k // 20 + 100:03}{k % 20 + 200:03}" for k in range(len(corner))]
    return gpd.GeoDataFrame(
        {"village_code": codes, "town_code": [code[:9] for code in codes], "county_code": "211122"},
        geometry=shapely.box(*corner.T, *(corner + _SPACING).T), crs=CRS,
    )  # fmt: skip


def _roads(corner: Floats) -> gpd.GeoDataFrame:
    """Join the middles of villages, and their south-western corners, with the next ones east and north."""
    lines, classes = [], []
    for low in corner:
        for name, start in (("provincial", low + _SPACING / 2), ("national", low + 60.0)):
            for step in ([_SPACING, 0.0], [0.0, _SPACING]):
                lines.append(shapely.linestrings([start, start + step]))
                classes.append(name)
    frame = _frame("barrier_id", "R", lines)
    return frame.assign(kind="road", road_class=classes)
